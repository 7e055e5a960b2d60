"""What the files of this family share: defaults, ids, configs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

from conformance.cases import rows
from conformance.cases.inputs import listed, thirds
from conformance.model import (
    COMPUTED,
    DIALECTS,
    Case,
    Given,
    Input,
    Step,
    Tolerance,
)

INF: Final = math.inf
NAN: Final = math.nan
KERAS2: Final = ("keras2",)
KERAS3: Final = ("keras3",)

CALL: Final = Step("call", 0)
CONFIG: Final = Step("config")

# Arguments that each norm constraint is given by default in cases about something else. They are
# chosen so that a bound bites on most columns, and none is a default of the class.
NORMS: Final[Mapping[str, Mapping[str, Any]]] = {
    "MaxNorm": {"max_value": 1.5},
    "MinMaxNorm": {"min_value": 0.75, "max_value": 1.25, "rate": 0.5},
    "UnitNorm": {},
}
AXES: Final[tuple[Any, ...]] = (0, 1, -1, [0], [0, 1], (1, 0), [], None)
EXACT: Final = Tolerance()


def text(value: Any) -> str:
    """A value in an id: no spaces, no slashes."""
    if isinstance(value, Input):
        flat = value.tensor.values().reshape(-1).tolist()
        # The ids of this family are older than those that tell the shape.
        return f"{value.given}:{value.tensor.dtype}:{rows.text(flat)}"
    if isinstance(value, list):
        return f"[{','.join(map(text, value))}]"
    return rows.text(value)


def arguments_text(arguments: Mapping[str, Any]) -> str:
    """Arguments in an id."""
    return ",".join(f"{name}={text(value)}" for name, value in arguments.items()) or "defaults"


class Rows(rows.Rows):
    """Rows of a constraint."""

    family = "constraints"


def bad_construction(row: Rows) -> Iterator[Case]:
    """What no constructor takes."""
    yield row("rejected", "unknown-keyword", CONFIG, arguments={"foo": 1}, flags=("bad-argument",))
    yield row(
        "rejected",
        "too-many-positional",
        CONFIG,
        arguments={"*": (1, 2, 3, 4, 5)},
        flags=("bad-argument",),
    )
    yield row(
        "rejected",
        "unknown-config-key",
        Step("from_config", options={"config": {"foo": 1}}),
        flags=("bad-config",),
    )


def description(
    name: str, arguments: Mapping[str, Any], dialects: tuple[str, ...] = DIALECTS
) -> Iterator[Case]:
    """Configs, rebuilding from them, attributes."""
    row = Rows(name, dialects)
    weights = (thirds((3, 3, 1, 2)),) if name == "RadialConstraint" else (thirds((3, 4)),)
    tolerance = COMPUTED if name in NORMS else EXACT
    common: dict[str, Any] = {"inputs": weights, "tolerance": tolerance, "flags": ("config",)}
    yield row("config", "defaults", CONFIG, flags=("config", "documented-default"))
    variants: list[Mapping[str, Any]] = [{}]
    if arguments or name == "UnitNorm":
        variants += [
            {**arguments, "axis": 1},
            {**arguments, "axis": [0, 1]},
            {**arguments, "axis": (0, 1)},
            {**arguments, "axis": None},
            {**arguments, "axis": listed(1, "int64", Given.SCALAR)},
            {**arguments, "axis": listed([0, 1], "int64", Given.ARRAY)},
        ]
    for argument in arguments:
        variants += [
            {argument: 0.1},
            {argument: 3},
            {argument: listed(0.5, "float32", Given.SCALAR)},
            {argument: [0.5, 1.0, 1.5, 2.0]},
            {argument: listed([0.5, 1.0, 1.5, 2.0], "float32", Given.ARRAY)},
        ]
    for variant in variants:
        for via in ("from_config", "serialize"):
            step = Step("roundtrip", options={"via": via})
            detail = f"{via}-{arguments_text(variant)}"
            yield row("roundtrip", detail, step, CONFIG, CALL, arguments=variant, **common)
        if "keras2" in dialects:
            yield row(
                "roundtrip",
                f"legacy-{arguments_text(variant)}",
                Step("roundtrip", options={"via": "legacy"}),
                CONFIG,
                CALL,
                arguments=variant,
                **common | {"dialects": KERAS2},
            )
    for argument, value in {**arguments, **({"axis": 1} if name in NORMS else {})}.items():
        yield row(
            "attribute",
            f"{argument}={text(value)}",
            Step("set", options={argument: value}),
            CONFIG,
            CALL,
            **common,
        )
