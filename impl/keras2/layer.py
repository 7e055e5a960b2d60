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
from impl.shared.state import Weighted, unique

KIT = Kit(
    initializers=initializers,
    regularizers=regularizers,
    constraints=constraints,
    activations=activations,
    settings=SETTINGS,
    names=NAMES,
    registry=REGISTRY,
    private="private",
)
_KEYWORDS = (
    "activity_regularizer",
    "autocast",
    "batch_input_shape",
    "batch_size",
    "implementation",
    "input_dim",
    "input_shape",
    "weights",
)


class Layer(shared.Layer):
    """See `impl.shared.layer.Layer`.

    Args:
        trainable: whether training updates the weights.
        name: None for the class name in snake case, numbered.
        dtype: a dtype, its name, or a `Policy`; None for `mixed_precision.global_policy()`.
        dynamic: kept for `get_config`; every layer here runs eagerly as well.
        kwargs: `activity_regularizer`, a penalty on outputs, divided by the batch size; `autocast`,
            whether inputs, and weights under a mixed policy, are cast to `compute_dtype`;
            `weights`, the values to begin with; `input_shape`, `batch_input_shape`, `input_dim`
            and `batch_size`, of the inputs that a first layer expects.

    Raises TypeError for arguments that are none of these.

    """

    kit = KIT
    _none_is_default_training = True

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
        super().__init__(
            activity_regularizer=kwargs.get("activity_regularizer"),
            trainable=trainable,
            dtype=dtype,
            autocast=kwargs.get("autocast", True),
            name=name,
        )
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

    def _convert(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        if not args:
            raise ValueError(f"layer {self._name!r} must be given its inputs as first argument")
        if isinstance(args[0], tf.Tensor):
            dtype = args[0].dtype
            if dtype is self._compute or not self.autocast or not dtype.is_floating:
                return args, kwargs
            if self._compute.is_floating and not hasattr(args[0], "_keras_mask"):
                return (tf.raw_ops.Cast(x=args[0], DstT=self._compute), *args[1:]), kwargs
        inputs = args[0]
        return (tf.nest.map_structure(self._as_input, inputs), *args[1:]), kwargs

    def _as_input(self, x: Any) -> Any:
        if x is None:
            return x
        tensor = as_tensor(x)
        floats = tensor.dtype.is_floating and self._compute.is_floating
        if not self.autocast or not floats or tensor.dtype is self._compute:
            return tensor
        cast = tf.cast(tensor, self._compute)
        mask = getattr(x, "_keras_mask", None)
        if mask is not None:
            cast._keras_mask = mask
        return cast

    def _naming(self) -> Any:
        return tf.name_scope(self._name)

    def _shapes(self, inputs: Any) -> Any:
        return tf.nest.map_structure(lambda x: x.shape, inputs)

    def _build_for(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        super()._build_for(args, kwargs)
        if self._initial_weights is not None:
            self.set_weights(self._initial_weights)
            self._initial_weights = None

    def add_weight(
        self,
        name: str | None = None,
        shape: Any = None,
        dtype: Any = None,
        initializer: Any = None,
        regularizer: Any = None,
        trainable: bool | None = None,
        constraint: Any = None,
        use_resource: bool | None = None,
        synchronization: Any = tf.VariableSynchronization.AUTO,
        aggregation: Any = tf.VariableAggregation.NONE,
        *,
        experimental_autocast: bool = True,
        caching_device: Any = None,
    ) -> tf.Variable:
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
        sizes = _sizes(shape)
        if initializer is None:
            if not (found.is_floating or found.is_integer or found.is_bool):
                raise ValueError(
                    f"initializer must be given for a weight of dtype {found.name}, got None"
                )
            initializer = "glorot_uniform" if found.is_floating else "zeros"
        fill = initializers.get(initializer)
        return self._make_weight(
            "Variable" if name is None else name,
            found,
            lambda: fill(sizes, dtype=found),
            experimental_autocast,
            regularizers.get(regularizer),
            trainable=not on_read if trainable is None else trainable,
            constraint=constraints.get(constraint),
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
                self._losses.of_call.append(as_tensor(x))

    @property
    def losses(self) -> list[Any]:
        """Losses of the last call and penalties on weights, of this layer, then of nested ones."""
        return self._all_losses(0)

    def _all_losses(self, epoch: int) -> list[Any]:
        # What a nested layer added before the last call of this one is gone.
        epoch = max(epoch, self._losses.epoch)
        own = self._losses.of_call if self._losses.epoch == epoch else []
        lasting = [penalty(v) for penalty, v in self._losses.of_layer]
        nested = [x for layer in self.layers_within for x in layer._all_losses(epoch)]
        return [*own, *lasting, *nested]

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the outputs, which is found by a trace unless the class tells."""
        return self._infer_output_shape(tf.TensorShape(input_shape))

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
        if self.dynamic:
            config["dynamic"] = True
        given = constructor.given(self, Layer, defaults=False) or {}
        if not isinstance(given.get("dtype"), str):
            given.pop("dtype", None)
        return {**config, **given}


def _sizes(shape: Any) -> tuple[int, ...]:
    sizes = (None,) if isinstance(shape, int) else tuple(() if shape is None else shape)
    for size in sizes:
        if not hasattr(size, "__index__"):
            raise TypeError(f"shape must be a tuple of sizes, got {shape!r}")
        if size < 0:
            raise ValueError(f"shape must hold no negative size, got {shape!r}")
    return tuple(int(size) for size in sizes)


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
