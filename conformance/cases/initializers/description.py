"""Configurations of initializers, and the values that survive them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from conformance.cases.initializers.common import (
    ARGUMENTS,
    PRESETS,
    Rows,
    draw,
    record,
    repeats,
    tolerance,
)
from conformance.cases.inputs import listed
from conformance.cases.rows import ALL_WAYS, KERAS3, WAYS
from conformance.cases.steps import CONFIG, deserialize, from_config, roundtrip, setting
from conformance.model import Case, Given

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
_DRAW: Final = draw(_SHAPE)


def description(name: str) -> Iterator[Case]:
    """Configs, rebuilding from them with equal values, what a config may hold, attributes."""
    row = Rows(name, flags="config")
    yield row("config", "defaults", CONFIG, flags=("config", "documented-default"))
    for variant in (ARGUMENTS[name], *_VARIANTS.get(name, ())):
        ways = ALL_WAYS if variant is ARGUMENTS[name] else WAYS
        asked = row.given(arguments=variant)
        suffix = f"-{row.arguments_text(variant)}"
        yield from asked.table("roundtrip", ways, roundtrip, CONFIG, _DRAW, suffix=suffix)
    seeded = "seed" in ARGUMENTS[name]
    if seeded:
        asked = row.given(flags=("config", "seed"))
        yield from asked.table("roundtrip", WAYS, roundtrip, CONFIG, suffix="-unseeded")
    yield from _configs(row)
    for argument, value in ARGUMENTS[name].items():
        # Set after construction, so that whatever was prepared there is seen to be.
        asked = row.given(
            arguments={"seed": 5} if seeded else {},
            tolerance=tolerance(name, {} if argument == "seed" else {argument: value}, _SHAPE),
        )
        step = setting(**{argument: value})
        yield asked("attribute", f"{argument}={row.text(value)}", step, CONFIG, _DRAW)


def _configs(row: Rows) -> Iterator[Case]:
    """Configurations that nobody's `get_config` gave."""
    name = row.name
    arguments = ARGUMENTS[row.name]
    configs: dict[str, Any] = {}
    if name not in PRESETS:
        configs["unknown-key"] = {"foo": 1}
        configs["dtype"] = {**arguments, "dtype": "float32"}
    if name in ("Zeros", "Constant", "RandomNormal"):
        configs |= {"list": [], "none": None}
    if arguments:
        configs["empty"] = {}
    yield from row.table("from-config", configs, from_config)
    row = row.given(flags="bad-config")
    if name in PRESETS:
        yield row("from-config", "scale", from_config({"scale": 1.0, "seed": 7}))
    if name == "VarianceScaling":
        wrong = {"scale": -1.0, "mode": "foo", "distribution": "foo"}
        bad = {key: {**arguments, key: value} for key, value in wrong.items()}
        yield from row.table("from-config", bad, from_config, prefix="bad-")


def generators() -> Iterator[Case]:
    """A generator in a configuration, by its record: well made, and not."""
    row = Rows("RandomUniform", KERAS3, flags=("config", "generator"))
    saved = {"class_name": "SeedGenerator", "config": {"name": "source", "seed": 3}}
    seeds: dict[str, Any] = {
        "record": {"module": "keras.random", **saved, "registered_name": None},
        "short-record": saved,
        "bad-record": {"class_name": "SeedGenerator", "config": {"seed": "3"}},
        "float": 3.0,
    }
    for detail, seed in seeds.items():
        config = {"seed": seed}
        for step in (from_config(config), deserialize(record("RandomUniform", config))):
            yield row("from-config", f"seed-{detail}-{step.do}", step, draw((3,)))


def base() -> Iterator[Case]:
    """The base class, and user-defined initializers as the documentation shows them."""
    row = Rows("Initializer")
    yield row("call", "not-implemented", draw((2, 2)))
    yield row("config", "defaults", CONFIG, flags="config")
    yield from row.table("roundtrip", WAYS, roundtrip, CONFIG, prefix="base-", flags="config")
    bad: dict[str, Any] = {"unknown-keyword": {"foo": 1}, "positional": {"*": (1,)}}
    yield from row.table("rejected", bad, CONFIG, flags="bad-argument")
    example = row.given(custom="ExampleRandomNormal", arguments={"mean": 0.5, "stddev": 2.0})
    example = example.given(flags="documented-example")
    drawn = repeats(3, "instance")
    name = "ExampleRandomNormal"
    yield example("documented", name, CONFIG, drawn)
    yield from example.table("documented", WAYS, roundtrip, CONFIG, drawn, prefix=f"{name}-")
    # Quarters: exact in every float dtype.
    for arguments in ({"start": -1.0, "step": 0.25}, {"start": 2.0, "step": -0.5}):
        for shape, dtype in (((3, 4), "float32"), ((2, 3), "bfloat16"), ((), "float64")):
            detail = f"Ramp-{row.arguments_text(arguments)}-{row.text(shape)}-{dtype}"
            yield row("custom", detail, draw(shape, dtype), custom="Ramp", arguments=arguments)
    ramp = row.given(custom="Ramp", arguments={"start": -1.0, "step": 0.25}, flags="config")
    countdown = row.given(custom="Countdown", arguments={"start": 3.0}, flags="config")
    for way in ALL_WAYS:
        for asked in (ramp, countdown):
            prefix = f"{asked.common['custom']}-"
            yield from asked.table("custom", (way,), roundtrip, CONFIG, _DRAW, prefix=prefix)
