"""The base class, the shortcut `l1_l2`, configurations, and the examples of the documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.cases.inputs import listed, thirds, wave
from conformance.cases.regularizers.common import ORTHOGONAL, SUMS, Rows
from conformance.cases.rows import ALL_WAYS, EXACT, WAYS
from conformance.cases.steps import CALL, CONFIG, from_config, roundtrip, setting
from conformance.model import Case, Given


def base() -> Iterator[Case]:
    """The base class, which has no penalty and cannot be saved, and user-defined classes."""
    row = Rows("Regularizer", tolerance=EXACT)
    given = {dtype: listed([1, -2, 3], dtype) for dtype in ("float32", "int32")}
    given["list"] = listed([1, -2], "float64", Given.LIST)
    yield from row.table("no-penalty", given, CALL)
    yield row("config", "base", CONFIG, flags="config")
    bad: dict[str, Any] = {"unknown-keyword": {"foo": 1}, "positional": {"*": (1,)}}
    yield from row.table("rejected", bad, CALL, inputs=wave((2,)))
    # Sums of squares of quarters: exact, whichever way they are computed.
    for name, arguments, dtype in (
        ("L2Regularizer", {}, "float32"),
        ("L2Regularizer", {"l2": 0.5}, "float32"),
        ("L2Regularizer", {"l2": 2.0}, "float64"),
        ("MyRegularizer", {"strength": 0.25}, "float32"),
        ("MyRegularizer", {"strength": 4.0}, "float16"),
    ):
        example = row.given(custom=name, arguments=arguments, flags="documented-example")
        detail = f"{name}-{row.arguments_text(arguments)}-{dtype}"
        yield example("documented", detail, CALL, CONFIG, inputs=wave((2, 4), dtype))
    row = row.given(inputs=wave((2, 4)))
    unsaved = row.given(custom="Unsaved", arguments={"strength": 0.5})
    for via in WAYS:
        for name, own in (("L2Regularizer", {"l2": 0.5}), ("MyRegularizer", {"strength": 2})):
            asked = row.given(custom=name, arguments=own)
            flags = ("documented-example", "config")
            yield asked("documented", f"{name}-{via}", roundtrip(via), CONFIG, CALL, flags=flags)
        yield unsaved("custom", f"Unsaved-{via}", roundtrip(via), CALL, flags="config")
    yield unsaved("custom", "Unsaved", CALL, CONFIG)


def shortcut() -> Iterator[Case]:
    """`l1_l2`: a function with defaults of its own in Keras 2, the class itself in Keras 3."""
    arguments: list[dict[str, Any]] = [
        {"l1": 0.5},
        {"l2": 0.5},
        {"l1": 0.1, "l2": 0.2},
        {"*": (0.25,)},
        {"*": (0.25, 0.75)},
        {"l1": None},
        {"l2": 0},
        {"l1": "a"},
        {"foo": 1},
    ]
    row = Rows("l1_l2", inputs=thirds((3, 4)))
    yield from row.table("arguments", arguments, CALL, CONFIG)


def description() -> Iterator[Case]:
    """Configurations, rebuilding from them, attributes set afterwards."""
    for name, example in SUMS.items():
        yield from _described(name, example)
    yield from _described(ORTHOGONAL, {"factor": 0.3, "mode": "columns"})
    row = Rows("L1", inputs=thirds((3, 4)), flags="bad-argument")
    for value in ("abc", None):
        yield row("attribute", f"l1={value}", setting(l1=value), CALL)


def _described(name: str, example: Mapping[str, Any]) -> Iterator[Case]:
    row = Rows(name, flags="config")
    yield row("config", "defaults", CONFIG, flags=("config", "documented-default"))
    variants: list[Mapping[str, Any]] = [{}, example]
    for argument, value in example.items():
        values = (value,) if argument == "mode" else (0.1, 1 / 3, 0.5, 2.0, 0.0, 1e-8)
        variants += [{argument: value} for value in values]
    called = row.given(inputs=thirds((3, 4)))
    for arguments in variants:
        asked = called.given(arguments=arguments)
        suffix = f"-{row.arguments_text(arguments)}"
        yield from asked.table("roundtrip", ALL_WAYS, roundtrip, CONFIG, CALL, suffix=suffix)
    configs: dict[str, Any] = {"empty": {}, "unknown-key": {"foo": 1}}
    for argument in example:
        configs |= {f"{argument}-none": {argument: None}, f"{argument}-word": {argument: "abc"}}
        if argument != "mode":
            configs |= {f"{argument}-negative": {argument: -0.5}}
    if name in ("L1", "L2"):
        configs["legacy-key"] = {"l": 0.5}
    yield from row.table("from-config", configs, from_config)
    called = called.given(arguments=example)
    for argument in example:
        for value in ("rows",) if argument == "mode" else (0.25, 2, -0.125):
            step = setting(**{argument: value})
            yield called("attribute", f"{argument}={value}", step, CONFIG, CALL)
