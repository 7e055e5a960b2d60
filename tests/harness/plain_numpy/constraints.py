"""`keras.constraints` of Keras 3 on NumPy arrays, as far as the tests of the harness need it."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np

EPSILON = 1e-7


class Constraint:
    def __call__(self, w: Any) -> Any:
        return w

    def get_config(self) -> dict[str, Any]:
        return {}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Constraint:
        return cls(**config)


def _floats(w: Any) -> Any:
    array = np.asarray(w)
    if array.dtype.kind in "iub" or (isinstance(w, list) and array.dtype == np.float64):
        array = array.astype(np.float32)
    return array


def _norms(w: Any, axis: Any) -> Any:
    axes = tuple(axis) if isinstance(axis, list) else axis
    return np.sqrt(np.sum(np.square(w), axis=axes, keepdims=True))


class MaxNorm(Constraint):
    def __init__(self, max_value: Any = 2, axis: Any = 0) -> None:
        self.max_value = max_value
        self.axis = axis

    def __call__(self, w: Any) -> Any:
        w = _floats(w)
        norms = _norms(w, self.axis)
        desired = np.clip(norms, 0, self.max_value)
        return w * (desired / (w.dtype.type(EPSILON) + norms))

    def get_config(self) -> dict[str, Any]:
        return {"max_value": self.max_value, "axis": self.axis}


class NonNeg(Constraint):
    def __call__(self, w: Any) -> Any:
        array = np.asarray(w)
        return np.maximum(array, array.dtype.type(0))


class UnitNorm(Constraint):
    def __init__(self, axis: Any = 0) -> None:
        self.axis = axis

    def __call__(self, w: Any) -> Any:
        w = _floats(w)
        return w / (w.dtype.type(EPSILON) + _norms(w, self.axis))

    def get_config(self) -> dict[str, Any]:
        return {"axis": self.axis}


class MinMaxNorm(Constraint):
    def __init__(
        self, min_value: Any = 0.0, max_value: Any = 1.0, rate: Any = 1.0, axis: Any = 0
    ) -> None:
        self.min_value = min_value
        self.max_value = max_value
        self.rate = rate
        self.axis = axis

    def __call__(self, w: Any) -> Any:
        w = _floats(w)
        norms = _norms(w, self.axis)
        clipped = np.clip(norms, self.min_value, self.max_value)
        desired = self.rate * clipped + (1 - self.rate) * norms
        return w * (desired / (w.dtype.type(EPSILON) + norms))

    def get_config(self) -> dict[str, Any]:
        return {
            "min_value": self.min_value,
            "max_value": self.max_value,
            "rate": self.rate,
            "axis": self.axis,
        }


max_norm = MaxNorm
min_max_norm = MinMaxNorm
non_neg = NonNeg
unit_norm = UnitNorm

_NAMES: dict[str, type[Constraint]] = {
    "Constraint": Constraint,
    "constraint": Constraint,
    "MaxNorm": MaxNorm,
    "max_norm": MaxNorm,
    "MinMaxNorm": MinMaxNorm,
    "min_max_norm": MinMaxNorm,
    "NonNeg": NonNeg,
    "non_neg": NonNeg,
    "UnitNorm": UnitNorm,
    "unit_norm": UnitNorm,
}


def serialize(constraint: Any) -> Any:
    if constraint is None:
        return None
    if inspect.isfunction(constraint):
        name = constraint.__name__
        return {
            "module": "builtins",
            "class_name": "function",
            "config": name,
            "registered_name": name,
        }
    cls = type(constraint)
    ours = cls.__module__ == __name__
    return {
        "module": "keras.constraints" if ours else None,
        "class_name": cls.__name__,
        "config": constraint.get_config(),
        "registered_name": None if ours else cls.__name__,
    }


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    if config is None:
        return None
    if isinstance(config, str):
        return _named(config)
    if not isinstance(config, Mapping):
        raise TypeError(f"Could not parse config: {config}")
    name = config["class_name"]
    found = {**_NAMES, **(custom_objects or {})}.get(name)
    if found is None:
        raise TypeError(f"Could not locate class {name!r}")
    return found.from_config(config.get("config", {}))


def _named(name: str) -> Constraint:
    if name not in _NAMES:
        raise ValueError(f"Could not interpret constraint identifier: {name}")
    return _NAMES[name]()


def get(identifier: Any) -> Any:
    if identifier is None:
        return None
    if isinstance(identifier, dict):
        found = deserialize(identifier)
    elif isinstance(identifier, str):
        found = _named(identifier)
    else:
        found = identifier
    if not callable(found):
        raise ValueError(f"Could not interpret constraint identifier: {identifier}")
    return found() if isinstance(found, type) else found
