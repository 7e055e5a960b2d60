"""Examples small enough to do by hand, for the statements of the document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.inputs import listed
from conformance.cases.regularizers.common import ORTHOGONAL, SUMS, Rows
from conformance.cases.rows import EXACT
from conformance.cases.steps import CALL, CONFIG, from_config
from conformance.model import Case, Input, Step

_ONES: Final = listed([[1.0] * 5] * 5)
# Magnitudes add up to 10, squares to 30.
_FOUR: Final = listed([[1.0, -2.0], [3.0, -4.0]])
# The cosine of the rows is 3/5, that of the columns 3 / sqrt(10).
_OBLIQUE: Final = listed([[1.0, 0.0], [3.0, 4.0]])
_OPPOSITE: Final = listed([[1.0, 2.0], [-1.0, -2.0]])
_THREE: Final = listed([[1.0, 0.0], [3.0, 4.0], [0.0, 2.0]])
_TALL: Final = listed([[1.0, 0], [0, 1], [1, 0]])
_BY_HAND: Final[tuple[tuple[str, str, dict[str, Any], Input], ...]] = (
    ("L2", "2.0-of-ones", {"*": (2.0,)}, _ONES),
    ("L1", "0.3", {"*": (0.3,)}, _FOUR),
    ("L2", "0.1", {"*": (0.1,)}, _FOUR),
    ("L1L2", "0.01-0.01", {"l1": 0.01, "l2": 0.01}, _FOUR),
    ("L1", "defaults", {}, _FOUR),
    ("L2", "defaults", {}, _FOUR),
    ("L1L2", "defaults", {}, _FOUR),
    ("L1L2", "l1", {"l1": 0.5}, _FOUR),
    ("L1L2", "l2", {"l2": 0.5}, _FOUR),
    ("L1", "0.5", {"l1": 0.5}, _FOUR),
    ("L2", "0.5", {"l2": 0.5}, _FOUR),
    (ORTHOGONAL, "rows", {"factor": 0.5}, _OBLIQUE),
    (ORTHOGONAL, "columns", {"factor": 0.5, "mode": "columns"}, _OBLIQUE),
    (ORTHOGONAL, "factor", {"factor": 1.0}, _OBLIQUE),
    (ORTHOGONAL, "three-rows", {"factor": 3.0}, _THREE),
    (ORTHOGONAL, "opposite-rows", {"factor": 0.5}, _OPPOSITE),
    (ORTHOGONAL, "orthogonal-columns", {"factor": 0.5, "mode": "columns"}, _TALL),
    (ORTHOGONAL, "defaults", {}, _OBLIQUE),
)


def documented() -> Iterator[Case]:
    """The calls that the document shows, and sums of four numbers."""
    for name, detail, arguments, given in _BY_HAND:
        row = Rows(name, arguments=arguments, inputs=given, flags="by-hand")
        yield row("by-hand", detail, CALL, CONFIG)
    for name, factors in {**SUMS, ORTHOGONAL: {"factor": 0.3}}.items():
        row = Rows(name, arguments=factors, inputs=(_FOUR, _OBLIQUE), flags="by-hand")
        yield row("by-hand", "called-thrice", CALL, Step("call", 1), CALL)
    row = Rows("Regularizer", custom="MyRegularizer", arguments={"strength": 0.0}, inputs=_FOUR)
    row = row.given(flags=("documented-example", "config"), tolerance=EXACT)
    yield row("documented", "MyRegularizer-from-entries", from_config({"strength": 2.0}), CALL)
