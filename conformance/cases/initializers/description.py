"""Configurations of initializers, and the values that survive them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from conformance.cases.initializers.common import (
    ARGUMENTS,
    CONFIG,
    EXACT,
    KERAS2,
    KERAS3,
    PRESETS,
    Rows,
    initialize,
    tolerance,
)
from conformance.cases.initializers.identifiers import record
from conformance.cases.inputs import listed
from conformance.cases.rows import arguments_text, text
from conformance.model import DIALECTS, Case, Given, Step

_HALF: Final = listed(0.7, "float32", Given.SCALAR)

# What is rebuilt, by class: the arguments of cases about something else, and these.
_VARIANTS: Final[Mapping[str, tuple[Mapping[str, Any], ...]]] = {
    "Constant": (
        {"value": 3},
        {"value": True},
        {"value": _HALF},
        {"value": [1.0, 2.0, 3.0]},
        {"value": listed([1.0, 2.0, 3.0], "float32", Given.ARRAY)},
        {"value": listed(0.7)},
    ),
    "Identity": ({"gain": 3}, {"gain": -0.1}, {"gain": _HALF}),
    "RandomUniform": (
        {"minval": -1, "maxval": 2, "seed": 7},
        {"minval": 0.0, "maxval": _HALF, "seed": 7},
        {"minval": -0.7, "maxval": 1.3, "seed": 2**40},
    ),
    "RandomNormal": (
        {"mean": 1, "stddev": 2, "seed": 7},
        {"mean": 0.0, "stddev": _HALF, "seed": 7},
        {"stddev": 0.1, "seed": -(2**40)},
    ),
    "TruncatedNormal": (
        {"mean": 1, "stddev": 2, "seed": 7},
        {"mean": 0.0, "stddev": _HALF, "seed": 7},
    ),
    "VarianceScaling": (
        {"scale": 2, "mode": "fan_out", "distribution": "normal", "seed": 7},
        {"scale": _HALF, "mode": "fan_avg", "distribution": "uniform", "seed": 7},
        {"scale": 0.3, "distribution": "untruncated_normal", "seed": 7},
        {"distribution": "UNIFORM", "seed": 7},
    ),
    "Orthogonal": ({"gain": 3, "seed": 7}, {"gain": _HALF, "seed": 7}, {"gain": -0.1, "seed": 7}),
}
_SHAPE: Final = (2, 3)


def description(name: str) -> Iterator[Case]:
    """Configs, rebuilding from them with equal values, what a config may hold, attributes."""
    row = Rows(name)
    yield row("config", "defaults", CONFIG, flags=("config", "documented-default"))
    for variant in (ARGUMENTS[name], *_VARIANTS.get(name, ())):
        for via in ("from_config", "serialize", "legacy"):
            if via == "legacy" and variant is not ARGUMENTS[name]:
                continue
            yield row.value(
                "roundtrip",
                f"{via}-{arguments_text(variant)}",
                _SHAPE,
                arguments=variant,
                before=(Step("roundtrip", options={"via": via}), CONFIG),
                dialects=KERAS2 if via == "legacy" else DIALECTS,
                flags=("config",),
            )
    if "seed" in ARGUMENTS[name]:
        for via in ("from_config", "serialize"):
            yield row(
                "roundtrip",
                f"{via}-unseeded",
                Step("roundtrip", options={"via": via}),
                CONFIG,
                flags=("config", "seed"),
            )
    yield from _configs(name)
    for argument, value in ARGUMENTS[name].items():
        # Set after construction, so that whatever was prepared there is seen to be.
        yield row.value(
            "attribute",
            f"{argument}={text(value)}",
            _SHAPE,
            arguments={"seed": 5} if "seed" in ARGUMENTS[name] else {},
            before=(Step("set", options={argument: value}), CONFIG),
            tolerance=_after_setting(name, argument, value),
            flags=("config",),
        )


def _after_setting(name: str, argument: str, value: Any) -> Any:
    if name == "VarianceScaling" and argument == "seed":
        return tolerance(name, {}, _SHAPE)
    return tolerance(name, {} if argument == "seed" else {argument: value}, _SHAPE)


def _configs(name: str) -> Iterator[Case]:
    """Configurations that nobody's `get_config` gave."""
    row = Rows(name)
    arguments = ARGUMENTS[name]
    configs: dict[str, Any] = {}
    if name not in PRESETS:
        configs["unknown-key"] = {"foo": 1}
        configs["dtype"] = {**arguments, "dtype": "float32"}
    if name in ("Zeros", "Constant", "RandomNormal"):
        configs |= {"list": [], "none": None}
    if arguments:
        configs["empty"] = {}
    for detail, config in configs.items():
        yield row(
            "from-config",
            detail,
            Step("from_config", options={"config": config}),
            flags=("config",),
        )
    if name in PRESETS:
        yield row(
            "from-config",
            "scale",
            Step("from_config", options={"config": {"scale": 1.0, "seed": 7}}),
            flags=("bad-config",),
        )
    if name == "VarianceScaling":
        for key, value in (("scale", -1.0), ("mode", "foo"), ("distribution", "foo")):
            config = {**arguments, key: value}
            yield row(
                "from-config",
                f"bad-{key}",
                Step("from_config", options={"config": config}),
                flags=("bad-config",),
            )


def generators() -> Iterator[Case]:
    """A generator in a configuration, by its record: well made, and not."""
    row = Rows("RandomUniform", KERAS3)
    saved = {"class_name": "SeedGenerator", "config": {"name": "source", "seed": 3}}
    seeds: dict[str, Any] = {
        "record": {"module": "keras.random", **saved, "registered_name": None},
        "short-record": saved,
        "bad-record": {"class_name": "SeedGenerator", "config": {"seed": "3"}},
        "float": 3.0,
    }
    for detail, seed in seeds.items():
        config: dict[str, Any] = {"seed": seed}
        for step in (
            Step("from_config", options={"config": config}),
            Step("deserialize", options={"config": record("RandomUniform", config)}),
        ):
            yield row(
                "from-config",
                f"seed-{detail}-{step.do}",
                step,
                initialize([3], dtype="float32"),
                tolerance=tolerance("RandomUniform", {}, (3,)),
                flags=("config", "generator"),
            )


def base() -> Iterator[Case]:
    """The base class, and user-defined initializers as the documentation shows them."""
    row = Rows("Initializer")
    yield row("call", "not-implemented", initialize([2, 2], dtype="float32"))
    yield row("config", "defaults", CONFIG, flags=("config",))
    for via in ("from_config", "serialize"):
        yield row(
            "roundtrip",
            f"base-{via}",
            Step("roundtrip", options={"via": via}),
            CONFIG,
            flags=("config",),
        )
    for detail, arguments in {
        "unknown-keyword": {"foo": 1},
        "positional": {"*": (1,)},
    }.items():
        yield row("rejected", detail, CONFIG, arguments=arguments, flags=("bad-argument",))
    example: dict[str, Any] = {
        "custom": "ExampleRandomNormal",
        "arguments": {"mean": 0.5, "stddev": 2.0},
        "flags": ("documented-example",),
    }
    drawn = Step(
        "repeats", options={"shape": [8], "dtype": "float32", "calls": 3, "of": "instance"}
    )
    yield row("documented", "ExampleRandomNormal", CONFIG, drawn, **example)
    for via in ("from_config", "serialize"):
        step = Step("roundtrip", options={"via": via})
        yield row("documented", f"ExampleRandomNormal-{via}", step, CONFIG, drawn, **example)
    ramp: dict[str, Any] = {"custom": "Ramp", "tolerance": EXACT}
    # Quarters: exact in every float dtype.
    for arguments in ({"start": -1.0, "step": 0.25}, {"start": 2.0, "step": -0.5}):
        for shape, dtype in (((3, 4), "float32"), ((2, 3), "bfloat16"), ((), "float64")):
            yield row.value(
                "custom",
                f"Ramp-{arguments_text(arguments)}-{text(shape)}-{dtype}",
                shape,
                dtype,
                arguments=arguments,
                **ramp,
            )
    for via in ("from_config", "serialize", "legacy"):
        for custom, arguments in (
            ("Ramp", {"start": -1.0, "step": 0.25}),
            ("Countdown", {"start": 3.0}),
        ):
            yield row.value(
                "custom",
                f"{custom}-{via}",
                (2, 3),
                arguments=arguments,
                before=(Step("roundtrip", options={"via": via}), CONFIG),
                custom=custom,
                tolerance=EXACT,
                dialects=KERAS2 if via == "legacy" else DIALECTS,
                flags=("config",),
            )
