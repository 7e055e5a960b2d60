"""Examples small enough to do by hand, for the statements of the documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from conformance.cases.constraints.common import Rows
from conformance.cases.constraints.others import NON_NEGATIVE, RADIAL
from conformance.cases.inputs import INF, count, listed, thirds, wave
from conformance.cases.references import constraint
from conformance.cases.rows import EXACT, KERAS2, cell
from conformance.cases.steps import CALL, CONFIG, from_config, serialize
from conformance.model import Case, Step

# Columns of lengths 5 and 0.5.
_COLUMNS: Final = listed([[3.0, 0.3], [4.0, 0.4]])
_ROWS: Final = cell({"axis": 1}, inputs=listed([[3.0, 4.0], [0.3, 0.4]]))
_BOUNDS: Final = {"min_value": 1.0, "max_value": 2.0}
_NORMS: Final[Mapping[str, Mapping[str, Any]]] = {
    "MaxNorm": {
        "columns": {},
        "columns-max_value=1.0": {"max_value": 1.0},
        "rows": _ROWS,
        "whole-matrix": {"axis": [0, 1]},
    },
    "MinMaxNorm": {
        "columns": _BOUNDS,
        "columns-defaults": {},
        "columns-min_value": {"min_value": 1.0},
        "columns-rate=0.5": {**_BOUNDS, "rate": 0.5},
        "columns-rate=0.25": {**_BOUNDS, "rate": 0.25},
        "columns-rate=0.0": {**_BOUNDS, "rate": 0.0},
        "rows": cell({**_BOUNDS, "axis": 1}, **_ROWS.keywords),
    },
    "UnitNorm": {"columns": {}, "rows": _ROWS, "whole-matrix": {"axis": [0, 1]}},
}
_SECOND: Final = Step("call", 1)


def documented() -> Iterator[Case]:
    """Vectors of lengths 5 and 0.5, kernels that are radial already, a function without state."""
    thrice = {"inputs": (thirds((3, 4)), wave((3, 4))), "flags": "by-hand"}
    for name, variants in _NORMS.items():
        row = Rows(name)
        yield from row.table("by-hand", variants, CALL, inputs=_COLUMNS, flags="by-hand")
        yield row("by-hand", "called-thrice", CALL, _SECOND, CALL, **thrice)
        flags = ("config", "documented-default")
        yield row("by-hand", "without-entries", from_config({}), flags=flags)
    yield NON_NEGATIVE("by-hand", "called-thrice", CALL, _SECOND, CALL, **thrice)
    signs = {"signs": listed([-2.0, -0.5, 0.0, 0.5, 2.0]), "minus-infinity": listed([-INF, 1.0])}
    yield from NON_NEGATIVE.table("by-hand", signs, CALL)
    yield from _radial()
    yield from _custom()


def _radial() -> Iterator[Case]:
    for size in (3, 4, 5, 6):
        # The number of an element's ring, counted from the edge.
        ring = [
            [[[1.0 + min(i, j, size - 1 - i, size - 1 - j)]] for j in range(size)]
            for i in range(size)
        ]
        yield RADIAL("by-hand", f"radial-{size}x{size}", CALL, inputs=listed(ring))
    two = {"inputs": (thirds((3, 3, 2, 1)), wave((5, 5, 1, 1)))}
    yield RADIAL("by-hand", "called-thrice", CALL, _SECOND, CALL, **two)
    yield RADIAL("by-hand", "channels", CALL, inputs=count((3, 3, 2, 1)))


def _custom() -> Iterator[Case]:
    row = Rows("Constraint", flags=("documented-example", "config"))
    around = row.given(custom="CenterAround", arguments={"ref_value": 0.0}, tolerance=EXACT)
    entries = from_config({"ref_value": 2.5})
    yield around("documented", "CenterAround-from-entries", entries, CALL, inputs=wave((2, 4)))
    yield row("documented", "constructed", CONFIG, flags="documented-example")
    shortcuts: dict[str, dict[str, Any]] = {
        "max_norm": {"max_value": 3.5, "axis": [0, 1]},
        "min_max_norm": {"rate": 0.5},
        "non_neg": {},
        "unit_norm": {"axis": (0, 1)},
        "radial_constraint": {},
    }
    row = Rows("serialize", flags=("config", "documented-example"))
    for shortcut, arguments in shortcuts.items():
        asked = row if shortcut == "max_norm" else row.given(dialects=KERAS2)
        yield asked("object", shortcut, serialize(constraint(shortcut, **arguments)))
