"""`keras.layers.Layer` of Keras 3."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from contextlib import nullcontext
from functools import cache, partial
from typing import Any

import numpy as np
import tensorflow as tf

from impl.core.convert import as_tensor
from impl.keras3 import activations, constraints, initializers, regularizers
from impl.keras3.config import SETTINGS, DTypePolicy
from impl.keras3.random import SeedGenerator
from impl.keras3.saving import REGISTRY
from impl.keras3.utils import NAMES
from impl.shared import constructor
from impl.shared import layer as shared
from impl.shared.kit import Kit
from impl.shared.state import read_sizes, unique, without
from impl.shared.symbolic import SymbolicTensor, masks_of
from impl.shared.variables import make_settable

KIT = Kit(
    initializers,
    regularizers,
    constraints,
    activations,
    SETTINGS,
    NAMES,
    private="",
    shape=tuple,
    dtype=lambda dtype: dtype.name,
    naming=nullcontext,
    casts_to_integers=True,
    default_training=False,
    takes_any_rank=False,
    inner_losses=-1,
)
_ARRAYS = (tf.Tensor, tf.Variable, np.ndarray, np.generic)

REGISTRY.add_built_in("keras", DTypePolicy)
_AGGREGATIONS = {x.name.lower(): x for x in tf.VariableAggregation}


class Layer(shared.Layer):
    """See `impl.shared.layer.Layer`.

    Args:
        activity_regularizer: a penalty on outputs, divided by the batch size.
        trainable: whether training updates the weights.
        dtype: a dtype, its name, or a `DTypePolicy`; None for `config.dtype_policy()`.
        autocast: inputs are cast to `compute_dtype`. Weights of a mixed policy always are.
        name: without "/"; None for the class name in snake case, numbered.
        kwargs: `input_shape` or `input_dim`, of the inputs that a first layer expects.

    Raises ValueError for arguments that are none of these.

    """

    kit = KIT

    def __init__(
        self,
        activity_regularizer: Any = None,
        trainable: Any = True,
        dtype: Any = None,
        autocast: Any = True,
        name: Any = None,
        **kwargs: Any,
    ) -> None:
        _require_name(name)
        if not isinstance(trainable, bool):
            raise ValueError(f"trainable must be True or False, got {trainable!r}")
        if "input_dim" in kwargs:
            kwargs["input_shape"] = (kwargs.pop("input_dim"),)
        self._input_shape_argument = kwargs.pop("input_shape", None)
        if kwargs:
            raise ValueError(f"{type(self).__name__} must not be given {', '.join(kwargs)}")
        super().__init__(activity_regularizer, trainable, dtype, autocast, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if self.built and not self._building and isinstance(value, (tf.Variable, Layer)):
            raise ValueError(
                f"{name} of layer {self._name!r} must be made in __init__() or build(): "
                f"the layer is built, and gets no new weights or layers, got {value!r}"
            )
        if isinstance(value, Layer) and vars(self).get(name, value) is not value:
            delattr(self, name)  # a new layer comes last, also under an old name
        super().__setattr__(name, value)

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """The outputs. Raises NotImplementedError unless the class defines it."""
        raise NotImplementedError(f"{type(self).__name__} must define call()")

    def _convert(self, args: Any, kwargs: Any) -> tuple[Any, Any]:
        if len(args) == 1 and not kwargs and isinstance(args[0], tf.Tensor):
            return args if args[0].dtype is self._compute else (self._cast(args[0]),), kwargs
        for x in tf.nest.flatten(args):
            if x is not None and not isinstance(x, _ARRAYS):
                raise ValueError(
                    f"the positional arguments of layer {self._name!r} must be tensors, got {x!r}"
                )
        convert = partial(tf.nest.map_structure, self._as_input)
        return convert(args), {key: convert(value) for key, value in kwargs.items()}

    def _build_for(self, args: Any, kwargs: Any) -> None:
        """Where `build` has several arguments, each is the shape of the input which it is named after."""
        wanted = _parameters(type(self).build)
        if len(wanted) < 2:
            super()._build_for(args, kwargs)
            return
        given = dict(zip(self._signature.names, args, strict=False)) | kwargs
        shapes = {f"{name}_shape": self._shapes(value) for name, value in given.items()}
        self.build(**{name: shapes[name] for name in wanted if name in shapes})
        self.built = True

    def _symbolic_outputs(self, inputs: Any, args: Any, kwargs: Any) -> Any:
        """As `compute_output_shape` says, in the compute dtype; without it, or with masks, as a trace shows."""
        masked = self._makes_mask or any(x is not None for x in masks_of(inputs))
        if masked or not isinstance(inputs, SymbolicTensor):
            return super()._symbolic_outputs(inputs, args, kwargs)
        try:
            shapes = self.compute_output_shape(inputs.shape)
        except NotImplementedError:
            return super()._symbolic_outputs(inputs, args, kwargs)
        if shapes and all(isinstance(shape, (list, tuple)) for shape in shapes):
            return [self._symbolic(shape, self._compute) for shape in shapes]
        return self._symbolic(shapes, self._compute)

    def _as_input(self, x: Any) -> Any:
        return self._cast(as_tensor(x)) if isinstance(x, _ARRAYS) else x

    def _lose_mask(self) -> None:
        warnings.warn(
            f"layer {self._name!r} of class {type(self).__name__} does not support masking: "
            "the mask of its inputs ends here",
            stacklevel=4,
        )

    def add_weight(
        self, shape: Any = None, initializer: Any = None, dtype: Any = None,
        trainable: bool = True, autocast: bool = True, regularizer: Any = None,
        constraint: Any = None, aggregation: Any = "none", overwrite_with_gradient: bool = False,
        name: str | None = None,
    ) -> tf.Variable:  # fmt: skip  # else a line for each of ten
        """A new weight of the layer.

        Args:
            shape: its sizes; None for a scalar.
            initializer: None for "glorot_uniform", and for dtypes other than floats "zeros".
            dtype: None for the layer's `variable_dtype`.
            trainable: whether training updates it.
            autocast: under a mixed policy it is read in `compute_dtype`.
            regularizer: a penalty on it, which is added to `losses`.
            constraint: a projection of it, after each update.
            aggregation: how the values that replicas assign become one: "none", "mean", "sum",
                "only_first_replica".
            overwrite_with_gradient: an update replaces it by its gradient.
            name: without "/".

        Raises ValueError for a bad argument, or where the layer is built already.

        """
        if self.built and not self._building:
            raise ValueError(
                f"a weight of layer {self._name!r} must be added in __init__() or build(): "
                f"the layer is built, got {name!r}"
            )
        _require_name(name)
        name = name or NAMES.next("variable")
        aggregation = "none" if aggregation is None else aggregation
        if aggregation not in _AGGREGATIONS:
            allowed = ", ".join(map(repr, _AGGREGATIONS))
            raise ValueError(f"aggregation must be one of {allowed}, got {aggregation!r}")
        try:
            found = tf.as_dtype(dtype or self.variable_dtype)
        except TypeError:
            raise ValueError(f"dtype must be a dtype or the name of one, got {dtype!r}") from None
        sizes, penalty = read_sizes(shape, ValueError), regularizers.get(regularizer)
        roles, how = (initializer, penalty, constraint), _AGGREGATIONS[aggregation]
        variable = self._make_weight(
            name, sizes, found, roles, autocast, trainable=trainable, aggregation=how
        )
        make_settable(getattr(variable, "variable", variable))
        if not self.trainable:
            variable.trainable = False
        variable.path = f"{self._path if self._building else self._name}/{name}"
        variable.regularizer = penalty
        variable.overwrite_with_gradient = overwrite_with_gradient
        return variable

    @property
    def dtype_policy(self) -> Any:
        """The dtypes that it computes in and keeps weights in. Setting it leaves weights as they are.

        Where it is set after the build, layers of this package read their weights in the new dtype.
        """
        return self._policy

    @dtype_policy.setter
    def dtype_policy(self, value: Any) -> None:
        self._follow(self.kit.settings.policy(value))

    @property
    def name(self) -> str:
        """Its name. A new one counts from then on: in configurations, in paths that are yet to be made."""
        return self._name

    @name.setter
    def name(self, value: str) -> None:
        self._name = value

    @property
    def path(self) -> str | None:
        """The names of the layers that this one was built in, and its own, joined by "/"; None before."""
        return self._path

    @property
    def weights(self) -> list[tf.Variable]:
        """All weights: the layer's own, trainable ones first, then those of each nested layer."""
        return unique([*self._own(True, False), *self._within("weights")])

    @property
    def trainable_weights(self) -> list[tf.Variable]:
        """The weights that training updates: their own `trainable` counts, unless the layer has none."""
        return [v for v in self.weights if v.trainable] if self.trainable else []

    @property
    def non_trainable_weights(self) -> list[tf.Variable]:
        """The other weights."""
        return without(self.weights, self.trainable_weights)

    @property
    def trainable(self) -> bool:
        """Whether training updates the weights. Setting it sets it in weights and nested layers."""
        return bool(self._trainable)

    @trainable.setter
    def trainable(self, value: Any) -> None:
        self.__dict__["_trainable"] = bool(value)
        for variable in self._own_weights:
            if variable._trainable:
                variable.trainable = value
        for layer in self.layers_within:
            layer.trainable = value

    @property
    def variables(self) -> list[tf.Variable]:
        """`weights`, and the states of random generators."""
        states = [x.state for x in self._state() if isinstance(x, SeedGenerator)]
        return unique([*self._own(True, False), *states, *self._within("variables")])

    def add_loss(self, loss: Any) -> None:
        """Adds a scalar tensor, or a nest of them. Raises ValueError for what is no tensor."""
        for x in tf.nest.flatten(loss):
            if not isinstance(x, (tf.Tensor, tf.Variable)):
                raise ValueError(f"loss must be a tensor, got {x!r}")
            self._losses.of_call.append(x)

    @property
    def losses(self) -> list[Any]:
        """Losses of the last call, nested layers included, then penalties on trainable weights."""
        of_calls = [x for _, of_call in self._losses_of_calls() for x in of_call]
        return [*of_calls, *(self._penalties if self.trainable else [])]

    @property
    def _penalties(self) -> list[Any]:
        own = [penalty(v) for penalty, v in self._losses.of_layer if v.trainable]
        return [*own, *self._within("_penalties")]

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name; those of a subclass with plain ones included."""
        config = {
            "name": self.name,
            "trainable": self.trainable,
            "dtype": REGISTRY.serialize_keras_object(self.dtype_policy),
        }
        given = constructor.given(self, Layer, defaults=True)
        if self.activity_regularizer is not None:
            config["activity_regularizer"] = regularizers.serialize(self.activity_regularizer)
        return {**(given or {}), **config}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


@cache
def _parameters(method: Callable[..., None]) -> list[str]:
    return list(inspect.signature(method).parameters)[1:]


def _require_name(name: Any) -> None:
    if name is not None and (not isinstance(name, str) or "/" in name):
        raise ValueError(f"name must be a string without '/', got {name!r}")
