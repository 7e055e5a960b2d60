"""A tolerance as numbers: how far each element may lie from the expected one."""

from __future__ import annotations

from typing import Final

import numpy as np

from conformance.model.tolerances import Kind, Tolerance
from conformance.model.values import EPSILON, LEAST_NORMAL, Array

# The parts of complex numbers, which are compared one by one.
PARTS: Final = {"complex64": "float32", "complex128": "float64"}


def spacing(values: Array, dtype: str) -> Array:
    """The unit in the last place of each number (float64), in a float dtype; that of 0 for none."""
    eps, least = EPSILON[dtype], LEAST_NORMAL[dtype]
    with np.errstate(all="ignore"):
        magnitude = np.abs(np.asarray(values, np.float64))
        magnitude = np.where(np.isfinite(magnitude), magnitude, 0.0)
        exponent = np.frexp(np.maximum(magnitude, least))[1] - 1
        return np.asarray(np.ldexp(eps, exponent))


def allowed(tolerance: Tolerance, values: Array, dtype: str) -> Array:
    """Per expected number (float64), how far an answer may be from it; of kinds `exact`, `ulp` and `bound`.

    `dtype`: that of the tensor. Numbers of other dtypes than floats are exact, whatever the tolerance.
    """
    dtype = PARTS.get(dtype, dtype)
    values = np.asarray(values, np.float64)
    if dtype not in EPSILON or tolerance.kind is Kind.EXACT:
        return np.zeros(values.shape)
    if tolerance.kind is Kind.ULP:
        return tolerance.ulp * spacing(values, dtype)
    if tolerance.kind is Kind.BOUND:
        magnitude = np.where(np.isfinite(values), np.abs(values), 0.0)
        return np.asarray(tolerance.eps * EPSILON[dtype] * np.maximum(magnitude, tolerance.scale))
    raise ValueError(f"a tolerance must be of one tensor to be a number; received {tolerance.kind}")
