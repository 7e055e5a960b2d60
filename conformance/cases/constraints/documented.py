"""Examples small enough to do by hand, for the statements of the documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from conformance.cases.constraints.common import (
    CALL,
    CONFIG,
    INF,
    KERAS2,
    Rows,
)
from conformance.cases.inputs import count, listed, thirds, wave
from conformance.model import COMPUTED, DIALECTS, Case, Reference, Step

# Columns of lengths 5 and 0.5.
_COLUMNS: Final = listed([[3.0, 0.3], [4.0, 0.4]])
_ROWS: Final = listed([[3.0, 4.0], [0.3, 0.4]])
_NORMS: Final[Mapping[str, tuple[tuple[str, Mapping[str, Any]], ...]]] = {
    "MaxNorm": (
        ("columns", {}),
        ("columns-max_value=1.0", {"max_value": 1.0}),
        ("rows", {"axis": 1}),
        ("whole-matrix", {"axis": [0, 1]}),
    ),
    "MinMaxNorm": (
        ("columns", {"min_value": 1.0, "max_value": 2.0}),
        ("columns-defaults", {}),
        ("columns-min_value", {"min_value": 1.0}),
        ("columns-rate=0.5", {"min_value": 1.0, "max_value": 2.0, "rate": 0.5}),
        ("columns-rate=0.25", {"min_value": 1.0, "max_value": 2.0, "rate": 0.25}),
        ("columns-rate=0.0", {"min_value": 1.0, "max_value": 2.0, "rate": 0.0}),
        ("rows", {"min_value": 1.0, "max_value": 2.0, "axis": 1}),
    ),
    "UnitNorm": (("columns", {}), ("rows", {"axis": 1}), ("whole-matrix", {"axis": [0, 1]})),
}


def documented() -> Iterator[Case]:
    """Vectors of lengths 5 and 0.5, kernels that are radial already, a function without state."""
    for name, variants in _NORMS.items():
        row = Rows(name)
        for detail, arguments in variants:
            yield row(
                "by-hand",
                detail,
                CALL,
                arguments=arguments,
                inputs=(_ROWS if detail == "rows" else _COLUMNS,),
                tolerance=COMPUTED,
                flags=("by-hand",),
            )
        yield row(
            "by-hand",
            "called-thrice",
            CALL,
            Step("call", 1),
            CALL,
            inputs=(thirds((3, 4)), wave((3, 4))),
            tolerance=COMPUTED,
            flags=("by-hand",),
        )
        yield row(
            "by-hand",
            "without-entries",
            Step("from_config", options={"config": {}}),
            flags=("config", "documented-default"),
        )
    yield Rows("NonNeg")(
        "by-hand",
        "called-thrice",
        CALL,
        Step("call", 1),
        CALL,
        inputs=(thirds((3, 4)), wave((3, 4))),
        flags=("by-hand",),
    )
    yield from _nothing_negative()
    yield from _radial()
    yield from _custom()


def _nothing_negative() -> Iterator[Case]:
    row = Rows("NonNeg")
    yield row("by-hand", "signs", CALL, inputs=(listed([-2.0, -0.5, 0.0, 0.5, 2.0]),))
    yield row("by-hand", "minus-infinity", CALL, inputs=(listed([-INF, 1.0]),))


def _radial() -> Iterator[Case]:
    row = Rows("RadialConstraint", KERAS2)
    for size in (3, 4, 5, 6):
        # The number of an element's ring, counted from the edge.
        ring = [
            [[[1.0 + min(i, j, size - 1 - i, size - 1 - j)]] for j in range(size)]
            for i in range(size)
        ]
        yield row("by-hand", f"radial-{size}x{size}", CALL, inputs=(listed(ring),))
    yield row("by-hand", "channels", CALL, inputs=(count((3, 3, 2, 1)),))


def _custom() -> Iterator[Case]:
    row = Rows("Constraint")
    yield row(
        "documented",
        "CenterAround-from-entries",
        Step("from_config", options={"config": {"ref_value": 2.5}}),
        CALL,
        custom="CenterAround",
        arguments={"ref_value": 0.0},
        inputs=(wave((2, 4)),),
        flags=("documented-example", "config"),
    )
    yield row("documented", "constructed", CONFIG, flags=("documented-example",))
    shortcuts: dict[str, dict[str, Any]] = {
        "max_norm": {"max_value": 3.5, "axis": [0, 1]},
        "min_max_norm": {"rate": 0.5},
        "non_neg": {},
        "unit_norm": {"axis": (0, 1)},
        "radial_constraint": {},
    }
    for shortcut, arguments in shortcuts.items():
        made = Reference("instance", f"constraints.{shortcut}", arguments)
        yield Rows("serialize", DIALECTS if shortcut == "max_norm" else KERAS2)(
            "object",
            shortcut,
            Step("serialize", options={"object": made}),
            flags=("config", "documented-example"),
        )
