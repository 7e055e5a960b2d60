"""`keras.constraints` of Keras 3 on NumPy arrays, as far as the tests of the harness need it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from plain_numpy.saving import Family

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

_FAMILY = Family(
    "constraint",
    {
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
    },
)
serialize, deserialize, get = _FAMILY.serialize, _FAMILY.deserialize, _FAMILY.get
