"""What the files of this family share: defaults, the tolerances of penalties, ids."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from conformance.cases import rows
from conformance.cases.inputs import listed
from conformance.model import Given, Input, Kind, Step, Tolerance

INF: Final = math.inf
NAN: Final = math.nan
KERAS2: Final = ("keras2",)
KERAS3: Final = ("keras3",)
CALL: Final = Step("call", 0)
CONFIG: Final = Step("config")
EXACT: Final = Tolerance()

ORTHOGONAL: Final = "OrthogonalRegularizer"

# Arguments that each class is given in cases about something else; none is a default.
SUMS: Final[Mapping[str, Mapping[str, float]]] = {
    "L1": {"l1": 0.3},
    "L2": {"l2": 0.3},
    "L1L2": {"l1": 0.3, "l2": 0.7},
}

# What no constructor takes for a factor, in either dialect.
NO_FACTORS: Final[Mapping[str, Any]] = {
    "nan": NAN,
    "infinity": INF,
    "minus-infinity": -INF,
    "text": "0.1",
    "word": "abc",
    "list": [0.1],
    "tuple": (0.1,),
    "dict": {},
    "numpy-float32": listed(0.5, "float32", Given.SCALAR),
    "numpy-float16": listed(0.5, "float16", Given.SCALAR),
    "numpy-int64": listed(2, "int64", Given.SCALAR),
    "numpy-nan": listed(NAN, "float64", Given.SCALAR),
    "array": listed(0.5, "float64", Given.ARRAY),
    "array-of-two": listed([0.5, 0.25], "float32", Given.ARRAY),
    "tensor": listed(0.5),
    "variable": listed(0.5, given=Given.VARIABLE),
}


def penalty_tolerance(terms: int, both: bool = False, condition: float = 1.0) -> Tolerance:
    """What rounding can do to `factor * sum(|x| or x ** 2)`, or to the sum of `both`.

    Each operation is allowed a relative error of 2 u, twice that of correct rounding (u, half a
    unit in the last place of 1). `terms` squares or magnitudes, all of one sign, are added in any
    order: with the squaring, 2 u `terms`. The product with the factor adds 2 u, and so does the
    sum of two penalties of one sign. Where the two have opposite signs, all that came before it
    counts `condition` times, the sum of their magnitudes over the magnitude of their sum. A
    relative error of u is at most one ULP.
    """
    ulp = math.ceil((2 * max(terms, 1) + 2) * condition) + (2 if both else 0)
    added = ", sum of two penalties" if both else ""
    if condition != 1.0:
        added += f" of condition {condition:.2f}"
    why = f"sum of {terms} terms of one sign in any order, product{added}, each within 1 ULP"
    return Tolerance(Kind.ULP, ulp, why)


def orthogonal_tolerance(given: Input, mode: Any = "rows") -> Tolerance:
    """What rounding can do to the sum of |cosines|, whose own terms may cancel.

    With n elements in a row and m rows, and each operation within 2 u: a root of a sum of squares,
    the division and the two products that normalise come to (n + 6) u an element, so a product of
    two elements is off by (2 n + 14) u, and their sum, in any order, by 2 n u more: (4 n + 14) u of
    the sum of the *magnitudes* of the products. That, over the sum of the magnitudes of the cosines,
    is the condition number, computed here in float64. The m ** 2 magnitudes, all of one sign, add
    2 m ** 2 u, factor and mean 4 u. A matrix without pairs, or whose cosines are all zero, is exact.
    """
    x = given.tensor.values().astype(np.float64)
    if x.ndim != 2 or not np.isfinite(x).all() or 0 in x.shape:
        return EXACT
    x = x if mode == "rows" else x.T
    lengths = np.sqrt(np.square(x).sum(1, keepdims=True))
    unit = np.divide(x, lengths, out=np.zeros_like(x), where=lengths > 0)
    off = ~np.eye(len(x), dtype=bool)
    cosines = np.abs(unit @ unit.T)[off].sum()
    if len(x) < 2 or cosines < 1e-12:
        return EXACT
    condition = (np.abs(unit) @ np.abs(unit).T)[off].sum() / cosines
    m, n = x.shape
    ulp = math.ceil((4 * n + 14) * condition + 2 * m**2 + 4)
    why = (
        f"{m} x {m} cosines of {n} products each, of condition {condition:.2f}, "
        "their sum, factor and mean, each within 1 ULP"
    )
    return Tolerance(Kind.ULP, ulp, why)


def element_count(shape: Sequence[int]) -> int:
    """How many elements a tensor of this shape has."""
    return math.prod(shape)


class Rows(rows.Rows):
    """Rows of a regularizer."""

    family = "regularizers"
