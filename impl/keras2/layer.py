"""`tf.keras.layers.Layer` of Keras 2."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from impl.core.convert import as_tensor
from impl.keras2 import activations, constraints, initializers, regularizers
from impl.keras2.backend import NAMES, SETTINGS
from impl.keras2.saving import REGISTRY
from impl.shared import constructor
from impl.shared import layer as shared
from impl.shared.kit import Kit
from impl.shared.scope import CALL
from impl.shared.state import Weighted, read_sizes, unique

KIT = Kit(
    initializers,
    regularizers,
    constraints,
    activations,
    SETTINGS,
    NAMES,
    private="private",
    shape=tf.TensorShape,
    dtype=tf.as_dtype,
    naming=tf.name_scope,
    casts_to_integers=False,
    default_training=True,
    takes_any_rank=True,
    inner_losses=1,
)
_KEYWORDS = {"activity_regularizer", "autocast", "implementation", "weights"}
# Of the inputs that a first layer expects.
_KEYWORDS |= {"batch_input_shape", "batch_size", "input_dim", "input_shape"}


class Layer(shared.Layer):
    """See `impl.shared.layer.Layer`.

    Args:
        trainable: whether training updates the weights.
        name: None for the class name in snake case, numbered.
        dtype: a dtype, its name, or a `Policy`; None for `mixed_precision.global_policy()`.
        dynamic: kept for `get_config`; every layer here runs eagerly as well.
        kwargs: `activity_regularizer`, a penalty on outputs, divided by the batch size; `autocast`,
            whether inputs are cast to `compute_dtype`, as weights of a mixed policy always are;
            `weights`, the values to begin with; `input_shape`, `batch_input_shape`, `input_dim`
            and `batch_size`, of the inputs that a first layer expects.

    Raises TypeError for arguments that are none of these.

    """

    kit = KIT

    def __init__(
        self,
        trainable: Any = True,
        name: Any = None,
        dtype: Any = None,
        dynamic: bool = False,
        **kwargs: Any,
    ) -> None:
        unknown = [key for key in kwargs if key not in _KEYWORDS]
        if unknown:
            raise TypeError(f"{type(self).__name__} must not be given {', '.join(unknown)}")
        if name is not None and not isinstance(name, str):
            raise TypeError(f"name must be a string, got {name!r}")
        if not isinstance(trainable, (bool, tf.Tensor, tf.Variable)):
            raise TypeError(f"trainable must be True or False, got {trainable!r}")
        try:
            SETTINGS.policy(dtype)
        except ValueError as error:
            raise TypeError(str(error)) from None
        penalty, autocast = kwargs.get("activity_regularizer"), kwargs.get("autocast", True)
        super().__init__(penalty, trainable, dtype, autocast, name)
        self.dynamic = dynamic
        self._initial_weights = kwargs.get("weights")
        self._input_shape_argument = _batch_input_shape(kwargs)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "trainable":  # tf.Module sets nothing that is set already; nested layers differ
            vars(Weighted)["trainable"].__set__(self, value)
            return
        if isinstance(value, Layer) and name in vars(self):
            delattr(self, name)  # a new layer comes last, also under an old name
        super().__setattr__(name, value)

    def _convert(self, args: Any, kwargs: Any) -> tuple[Any, Any]:
        if not args:
            raise ValueError(f"layer {self._name!r} must be given its inputs as first argument")
        inputs = args[0]
        if not isinstance(inputs, tf.Tensor):
            return (tf.nest.map_structure(self._as_input, inputs), *args[1:]), kwargs
        if inputs.dtype is self._compute:
            return args, kwargs
        return (self._cast(inputs), *args[1:]), kwargs

    def _as_input(self, x: Any) -> Any:
        return None if x is None else self._cast(as_tensor(x))

    def _build_for(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        super()._build_for(args, kwargs)
        if self._initial_weights is not None:
            with tf.init_scope():  # once, not whenever a traced call runs
                self.set_weights(self._initial_weights)

    def add_weight(
        self, name: str | None = None, shape: Any = None, dtype: Any = None,
        initializer: Any = None, regularizer: Any = None, trainable: bool | None = None,
        constraint: Any = None, use_resource: bool | None = None,
        synchronization: Any = tf.VariableSynchronization.AUTO,
        aggregation: Any = tf.VariableAggregation.NONE, *,
        experimental_autocast: bool = True, caching_device: Any = None,
    ) -> tf.Variable:  # fmt: skip  # else a line for each of twelve
        """A new weight of the layer.

        Args:
            name: its name, after the scope of a first call.
            shape: its sizes; None for a scalar.
            dtype: None for the layer's `variable_dtype`.
            initializer: None for "glorot_uniform", and for integers and booleans "zeros".
            regularizer: a penalty on it, which is added to `losses`.
            trainable: whether training updates it; None is True unless it is synchronized on read.
            constraint: a projection of it, after each update.
            use_resource: not read: every variable is a resource.
            synchronization: when replicas make their values one.
            aggregation: how the values that replicas assign become one.
            experimental_autocast: under a mixed policy it is read in `compute_dtype`.
            caching_device: the device that reads of it are kept on.

        Raises ValueError or TypeError for a bad argument.

        """
        on_read = synchronization == tf.VariableSynchronization.ON_READ
        if on_read and trainable:
            raise ValueError(
                "trainable must be False or None for a weight that is synchronized on read, "
                f"got {trainable!r}"
            )
        if name is not None and not isinstance(name, str):
            raise TypeError(f"name must be a string, got {name!r}")
        found = tf.as_dtype(dtype or self.variable_dtype)
        known = found.is_floating or found.is_integer or found.is_bool
        if initializer is None and not known:
            raise ValueError(
                f"initializer must be given for a weight of dtype {found.name}, got None"
            )
        return self._make_weight(
            "Variable" if name is None else name,
            read_sizes(shape, TypeError),
            found,
            (initializer, regularizer, constraint),
            experimental_autocast,
            trainable=not on_read if trainable is None else trainable,
            synchronization=synchronization,
            aggregation=aggregation,
            caching_device=caching_device,
        )

    @property
    def weights(self) -> list[tf.Variable]:
        """All weights: `trainable_weights`, then `non_trainable_weights`."""
        return unique([*self.trainable_weights, *self.non_trainable_weights])

    def add_loss(self, losses: Any) -> None:
        """Adds a loss, or a list of them: tensors and numbers of this call, or callables.

        A callable without arguments is called whenever `losses` is read, for as long as the layer
        lives. Raises ValueError for a tensor outside a call.
        """
        for x in tf.nest.flatten(losses):
            if callable(x):
                self._losses.of_layer.append((lambda _, loss=x: as_tensor(loss()), None))
            elif x is not None:
                if not CALL.depth:
                    raise ValueError(f"losses must be callable outside a call, got {x!r}")
                self._losses.of_call.append(as_tensor(x))

    @property
    def losses(self) -> list[Any]:
        """Losses of the last call and penalties on weights, of this layer, then of nested ones."""
        found = []
        for layer, of_call in self._losses_of_calls():
            found += [*of_call, *(penalty(v) for penalty, v in layer._losses.of_layer)]
        return found

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the outputs, which is found by a trace unless the class tells."""
        return self._infer_output_shape(tf.TensorShape(input_shape), training=False)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The mask. Raises TypeError where there is one, and masking is not supported."""
        if not self.supports_masking and any(m is not None for m in tf.nest.flatten(mask)):
            raise TypeError(
                f"layer {self._name!r} must have no mask, since it does not support masking, "
                f"got {mask!r}"
            )
        return mask

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name; also of a subclass whose own are plain."""
        config: dict[str, Any] = {
            "name": self.name,
            "trainable": self.trainable,
            "dtype": _serialized(self.dtype_policy),
        }
        if self._input_shape_argument is not None:
            config["batch_input_shape"] = self._input_shape_argument
        return {**config, **(constructor.given(self, Layer, defaults=False) or {})}


def _batch_input_shape(kwargs: dict[str, Any]) -> tuple[Any, ...] | None:
    shape = kwargs.get("input_shape")
    if "input_dim" in kwargs and shape is None:
        shape = (kwargs["input_dim"],)
    if "batch_input_shape" in kwargs:
        return tuple(kwargs["batch_input_shape"])
    return None if shape is None else (kwargs.get("batch_size"), *shape)


def _serialized(policy: Any) -> Any:
    """A policy that is one dtype by its name, another as a record."""
    if policy.compute_dtype == policy.variable_dtype:
        return policy.name
    return REGISTRY.serialize_keras_object(policy)
