"""The weights of a layer and of the layers within it: in which order, which are trainable."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

# Attributes that are the layer's own business: what they hold is neither its layer nor its weight.
_INTERNAL = {"_arguments", "_build_config", "_losses", "_name_scope", "_own_weights"}


class Weighted(tf.Module):  # type: ignore[misc]
    """What has weights of its own, and layers in its attributes."""

    built: bool
    _name: str
    _trainable: Any
    _own_weights: list[tf.Variable]

    @property
    def layers_within(self) -> list[Any]:
        """The layers in attributes, in the order of assignment; not those within them."""
        return [x for x in self._state() if isinstance(x, Weighted)]

    def _state(self) -> Iterator[Any]:
        seen = set()
        for key, value in vars(self).items():
            if key not in _INTERNAL:
                for x in _leaves(value):
                    if id(x) not in seen:
                        seen.add(id(x))
                        yield x

    def _own(self, trainable: bool) -> list[tf.Variable]:
        known = {id(v) for v in self._own_weights}
        loose = [x for x in self._state() if isinstance(x, tf.Variable) and id(x) not in known]
        return [v for v in (*self._own_weights, *loose) if bool(v.trainable) == trainable]

    @property
    def weights(self) -> list[tf.Variable]:
        """All weights."""
        raise NotImplementedError

    @property
    def trainable_weights(self) -> list[tf.Variable]:
        """The weights that training updates: none where the layer is not `trainable`."""
        if not self._trainable:
            return []
        nested = [v for layer in self.layers_within for v in layer.trainable_weights]
        return unique([*self._own(True), *nested])

    @property
    def non_trainable_weights(self) -> list[tf.Variable]:
        """The other weights."""
        trainable = {id(v) for v in self.trainable_weights}
        own = [*self._own(True), *self._own(False)]
        nested = [v for layer in self.layers_within for v in self._kept(layer)]
        return [v for v in unique([*own, *nested]) if id(v) not in trainable]

    def _kept(self, layer: Any) -> Iterable[tf.Variable]:
        kept: Iterable[tf.Variable] = (
            layer.non_trainable_weights if self._trainable else layer.weights
        )
        return kept

    @property
    def variables(self) -> list[tf.Variable]:
        """`weights`, and the states of random generators where the dialect has them."""
        return self.weights

    @property
    def trainable_variables(self) -> list[tf.Variable]:
        """`trainable_weights`."""
        return self.trainable_weights

    @property
    def non_trainable_variables(self) -> list[tf.Variable]:
        """The `variables` that are not in `trainable_weights`."""
        trainable = {id(v) for v in self.trainable_weights}
        return [v for v in self.variables if id(v) not in trainable]

    @property
    def trainable(self) -> bool:
        """Whether training updates the trainable weights. Setting it sets it in nested layers."""
        return bool(self._trainable)

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
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


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        value = value.values()
    elif not isinstance(value, (list, tuple)):
        yield value
        return
    for x in value:
        yield from _leaves(x)
