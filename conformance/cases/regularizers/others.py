"""The base class, the shortcut `l1_l2`, configurations, and the examples of the documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.cases.constraints.common import arguments_text
from conformance.cases.inputs import listed, thirds, wave
from conformance.cases.regularizers.common import (
    CALL,
    CONFIG,
    KERAS2,
    ORTHOGONAL,
    SUMS,
    Rows,
)
from conformance.model import COMPUTED, Case, Given, Step


def base() -> Iterator[Case]:
    """The base class, which has no penalty and cannot be saved, and user-defined classes."""
    row = Rows("Regularizer")
    for dtype in ("float32", "int32"):
        yield row("no-penalty", dtype, CALL, inputs=(listed([1, -2, 3], dtype),))
    yield row("no-penalty", "list", CALL, inputs=(listed([1, -2], "float64", Given.LIST),))
    yield row("config", "base", CONFIG, flags=("config",))
    for detail, arguments in {
        "unknown-keyword": {"foo": 1},
        "positional": {"*": (1,)},
    }.items():
        yield row("rejected", detail, CALL, arguments=arguments, inputs=(wave((2,)),))
    # Sums of squares of quarters: exact, whichever way they are computed.
    for name, arguments, dtype in (
        ("L2Regularizer", {}, "float32"),
        ("L2Regularizer", {"l2": 0.5}, "float32"),
        ("L2Regularizer", {"l2": 2.0}, "float64"),
        ("MyRegularizer", {"strength": 0.25}, "float32"),
        ("MyRegularizer", {"strength": 4.0}, "float16"),
    ):
        yield row(
            "documented",
            f"{name}-{arguments_text(arguments)}-{dtype}",
            CALL,
            CONFIG,
            custom=name,
            arguments=arguments,
            inputs=(wave((2, 4), dtype),),
            flags=("documented-example",),
        )
    for via in ("from_config", "serialize"):
        for name, arguments in (("L2Regularizer", {"l2": 0.5}), ("MyRegularizer", {"strength": 2})):
            yield row(
                "documented",
                f"{name}-{via}",
                Step("roundtrip", options={"via": via}),
                CONFIG,
                CALL,
                custom=name,
                arguments=arguments,
                inputs=(wave((2, 4)),),
                flags=("documented-example", "config"),
            )
        yield row(
            "custom",
            f"Unsaved-{via}",
            Step("roundtrip", options={"via": via}),
            CALL,
            custom="Unsaved",
            arguments={"strength": 0.5},
            inputs=(wave((2, 4)),),
            flags=("config",),
        )
    yield row(
        "custom",
        "Unsaved",
        CALL,
        CONFIG,
        custom="Unsaved",
        arguments={"strength": 0.5},
        inputs=(wave((2, 4)),),
    )


def shortcut() -> Iterator[Case]:
    """`l1_l2`: a function with defaults of its own in Keras 2, the class itself in Keras 3."""
    row = Rows("l1_l2")
    for arguments in (
        {"l1": 0.5},
        {"l2": 0.5},
        {"l1": 0.1, "l2": 0.2},
        {"*": (0.25,)},
        {"*": (0.25, 0.75)},
        {"l1": None},
        {"l2": 0},
        {"l1": "a"},
        {"foo": 1},
    ):
        yield row(
            "arguments",
            arguments_text(arguments),
            CALL,
            CONFIG,
            arguments=arguments,
            inputs=(thirds((3, 4)),),
            tolerance=COMPUTED,
        )


def description() -> Iterator[Case]:
    """Configurations, rebuilding from them, attributes set afterwards."""
    defaults: dict[str, Mapping[str, Any]] = {
        **SUMS,
        ORTHOGONAL: {"factor": 0.3, "mode": "columns"},
    }
    for name, example in defaults.items():
        row = Rows(name)
        yield row("config", "defaults", CONFIG, flags=("config", "documented-default"))
        variants: list[Mapping[str, Any]] = [{}, example]
        for argument, value in example.items():
            if argument == "mode":
                variants.append({argument: value})
            else:
                variants += [{argument: v} for v in (0.1, 1 / 3, 0.5, 2.0, 0.0, 1e-8)]
        for arguments in variants:
            common: dict[str, Any] = {
                "arguments": arguments,
                "inputs": (thirds((3, 4)),),
                "tolerance": COMPUTED,
                "flags": ("config",),
            }
            for via in ("from_config", "serialize", "legacy"):
                step = Step("roundtrip", options={"via": via})
                detail = f"{via}-{arguments_text(arguments)}"
                rest = common | ({"dialects": KERAS2} if via == "legacy" else {})
                yield row("roundtrip", detail, step, CONFIG, CALL, **rest)
        configs: dict[str, Any] = {"empty": {}, "unknown-key": {"foo": 1}}
        for argument in example:
            configs |= {f"{argument}-none": {argument: None}, f"{argument}-word": {argument: "abc"}}
            if argument != "mode":
                configs |= {f"{argument}-negative": {argument: -0.5}}
        if name in ("L1", "L2"):
            configs["legacy-key"] = {"l": 0.5}
        for detail, config in configs.items():
            step = Step("from_config", options={"config": config})
            yield row("from-config", detail, step, flags=("config",))
        for argument in example:
            values: dict[str, Any] = {"0.25": 0.25, "2": 2, "-0.125": -0.125}
            for detail, given in ({"rows": "rows"} if argument == "mode" else values).items():
                yield row(
                    "attribute",
                    f"{argument}={detail}",
                    Step("set", options={argument: given}),
                    CONFIG,
                    CALL,
                    arguments=example,
                    inputs=(thirds((3, 4)),),
                    tolerance=COMPUTED,
                    flags=("config",),
                )
    row = Rows("L1")
    for value in ("abc", None):
        yield row(
            "attribute",
            f"l1={value}",
            Step("set", options={"l1": value}),
            CALL,
            inputs=(thirds((3, 4)),),
            flags=("bad-argument",),
        )
