"""The weights of a layer and of the layers within it: in which order, which are trainable."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

# Attributes that are the layer's own business: what they hold is neither its layer nor its weight.
_INTERNAL = {"_arguments", "_build_config", "_losses", "_own_weights", "_trained_layers"}

# Most attributes; to look into each of them takes longer than to compute a penalty.
_PLAIN = {type(None), bool, int, float, str}


class Weighted(tf.Module):  # type: ignore[misc]
    """What has weights of its own, and layers in its attributes."""

    built: bool
    weights: Any  # a list of all, a property of the dialects
    _name: str
    _trainable: Any
    _own_weights: list[tf.Variable]

    @property
    def layers_within(self) -> list[Any]:
        """The layers in attributes, in the order of assignment; not those within them."""
        return [x for x in self._state() if isinstance(x, Weighted)]

    def _layers_below(self) -> list[Any]:
        """The layer itself and all layers within, and within those."""
        below = [x for layer in self.layers_within for x in layer._layers_below()]
        return unique([self, *below])

    def _state(self) -> list[Any]:
        found: list[Any] = []
        for key, value in vars(self).items():
            if key not in _INTERNAL:
                _gather(value, found)
        return unique(found)

    def _own(self, *kinds: bool) -> list[tf.Variable]:
        """The layer's own weights: those made to be trained for True, the others for False."""
        found = [x for x in self._state() if isinstance(x, tf.Variable)]
        own = unique([*self._own_weights, *found])
        return [v for kind in kinds for v in own if bool(v._trainable) == kind]

    def _within(self, attribute: str) -> list[Any]:
        """What the layers within have in an attribute that is a list, as one list."""
        return [x for layer in self.layers_within for x in getattr(layer, attribute)]

    @property
    def trainable_weights(self) -> list[tf.Variable]:
        """The weights that training updates: none where the layer is not `trainable`."""
        if not self._trainable:
            return []
        return unique([*self._own(True), *self._within("trainable_weights")])

    @property
    def non_trainable_weights(self) -> list[tf.Variable]:
        """The other weights."""
        every = unique([*self._own(True, False), *self._within("weights")])
        return without(every, self.trainable_weights)

    @property
    def variables(self) -> list[tf.Variable]:
        """`weights`, and the states of random generators where the dialect has them."""
        return list(self.weights)

    @property
    def trainable_variables(self) -> list[tf.Variable]:
        """`trainable_weights`."""
        return self.trainable_weights

    @property
    def non_trainable_variables(self) -> list[tf.Variable]:
        """The `variables` that are not in `trainable_weights`."""
        return without(self.variables, self.trainable_weights)

    @property
    def trainable(self) -> bool:
        """Whether training updates the trainable weights. Setting it sets it in nested layers."""
        return self._trainable  # type: ignore[no-any-return]

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self.__dict__["_trainable"] = value
        for layer in self.layers_within:
            layer.trainable = value

    def get_weights(self) -> list[np.ndarray]:
        """The values of `weights` as arrays."""
        return [v.numpy() for v in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Sets the values of `weights`. Raises ValueError unless number and shapes agree."""
        variables, values = self.weights, list(weights)
        if len(values) != len(variables):
            raise ValueError(
                f"weights must be {len(variables)} arrays for layer {self._name!r}, "
                f"got {len(values)}"
            )
        for variable, value in zip(variables, values, strict=True):
            if not variable.shape.is_compatible_with(np.shape(value)):
                raise ValueError(
                    f"weights of layer {self._name!r} must have shape {variable.shape} for "
                    f"{variable.name}, got {np.shape(value)}"
                )
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)

    def count_params(self) -> int:
        """The number of elements in `weights`. Raises ValueError where it is not built."""
        if not self.built:
            raise ValueError(f"layer {self._name!r} must be built before its weights are counted")
        return sum(math.prod(v.shape) for v in self.weights)


def unique(items: Iterable[Any]) -> list[Any]:
    """The items, each at its first place only, told apart by identity."""
    return list({id(x): x for x in items}.values())


def without(items: Iterable[Any], others: Iterable[Any]) -> list[Any]:
    """The items that are none of the others, told apart by identity."""
    excluded = {id(x) for x in others}
    return [x for x in items if id(x) not in excluded]


def read_sizes(shape: Any, wrong: type[Exception]) -> tuple[int, ...]:
    """The sizes of a weight, () for None. Raises ValueError for a negative one.

    Raises `wrong` for what is no sequence of integers.
    """
    try:
        sizes = tuple(size.__index__() for size in (() if shape is None else shape))
    except (AttributeError, TypeError):
        raise wrong(f"shape must be a tuple of sizes, got {shape!r}") from None
    if min(sizes, default=0) < 0:
        raise ValueError(f"shape must hold no negative size, got {shape!r}")
    return sizes


def _gather(value: Any, found: list[Any]) -> None:
    """Appends `value`, or what is in it if it is a list, a tuple or a dict; nothing of plain data."""
    if type(value) in _PLAIN:
        return
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for x in value:
            _gather(x, found)
    else:
        found.append(value)
