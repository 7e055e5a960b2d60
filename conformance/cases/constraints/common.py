"""What the files of this family share: defaults, ids, configs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from conformance.cases import rows
from conformance.cases.inputs import listed, thirds
from conformance.cases.rows import ALL_WAYS, WAYS, Cell
from conformance.cases.steps import CALL, CONFIG, from_config, method, roundtrip, setting
from conformance.model import Case, Given, Input

# Arguments that each norm constraint is given by default in cases about something else. They are
# chosen so that a bound bites on most columns, and none is a default of the class.
NORMS: Final[Mapping[str, Mapping[str, Any]]] = {
    "MaxNorm": {"max_value": 1.5},
    "MinMaxNorm": {"min_value": 0.75, "max_value": 1.25, "rate": 0.5},
    "UnitNorm": {},
}

_NO_TENSORS: Final[Mapping[str, Any]] = {
    "rows-of-two-lengths": [[1.0], [2.0, 3.0]],
    "text": "abc",
    "texts": ["a", "b"],
    "none": None,
    "dict": {},
}


class Rows(rows.Rows):
    """Rows of a constraint."""

    family = "constraints"

    def text(self, value: Any) -> str:
        if isinstance(value, Input):
            # The ids of this family are older than those that tell the shape.
            flat = value.tensor.values().reshape(-1).tolist()
            return f"{value.given}:{value.tensor.dtype}:{rows.text(flat)}"
        return (
            f"[{','.join(map(self.text, value))}]" if isinstance(value, list) else rows.text(value)
        )


def bad_construction(row: Rows) -> Iterator[Case]:
    """What no constructor takes."""
    bad = {"unknown-keyword": {"foo": 1}, "too-many-positional": {"*": (1, 2, 3, 4, 5)}}
    yield from row.table("rejected", bad, CONFIG, flags="bad-argument")
    called = partial(method, "__call__")
    if row.name != "Constraint":  # which gives back whatever it is given
        yield from row.table("rejected", _NO_TENSORS, lambda w: called(w=w), prefix="w-")
    yield row("rejected", "unknown-config-key", from_config({"foo": 1}), flags="bad-config")


def description(row: Rows, arguments: Mapping[str, Any]) -> Iterator[Case]:
    """Configs, rebuilding from them, attributes."""
    yield row("config", "defaults", CONFIG, flags=("config", "documented-default"))
    weights = thirds((3, 3, 1, 2)) if row.name == "RadialConstraint" else thirds((3, 4))
    row = row.given(inputs=weights, flags="config")
    variants: list[Mapping[str, Any]] = [{}]
    if row.name in NORMS:
        scalar, array = listed(1, "int64", Given.SCALAR), listed([0, 1], "int64", Given.ARRAY)
        axes = (1, [0, 1], (0, 1), None, scalar, array)
        variants += [{**arguments, "axis": axis} for axis in axes]
    four = [0.5, 1.0, 1.5, 2.0]
    number, array = listed(0.5, "float32", Given.SCALAR), listed(four, "float32", Given.ARRAY)
    for argument in arguments:
        variants += [{argument: value} for value in (0.1, 3, number, four, array)]
    ways: tuple[str | Cell, ...] = ALL_WAYS if "keras2" in row.common["dialects"] else WAYS
    for variant in variants:
        suffix = f"-{row.arguments_text(variant)}"
        asked = row.given(arguments=variant)
        yield from asked.table("roundtrip", ways, roundtrip, CONFIG, CALL, suffix=suffix)
    for argument, value in {**arguments, **({"axis": 1} if row.name in NORMS else {})}.items():
        detail = f"{argument}={row.text(value)}"
        yield row("attribute", detail, setting(**{argument: value}), CONFIG, CALL)
