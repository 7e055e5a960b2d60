"""What the files of this family share: defaults, ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from conformance.cases import rows
from conformance.cases.inputs import INF, NAN, listed
from conformance.model import Given

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


class Rows(rows.Rows):
    """Rows of a regularizer."""

    family = "regularizers"
