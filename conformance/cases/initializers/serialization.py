"""`serialize` and `deserialize`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.cases.initializers.common import (
    ARGUMENTS,
    CLASSES,
    INF,
    KERAS3,
    Rows,
    generator,
    initialize,
)
from conformance.cases.initializers.identifiers import instance, record, reference
from conformance.cases.inputs import listed
from conformance.model import Case, Given, Reference, Step


def serialization() -> Iterator[Case]:
    """Objects to records."""
    row = Rows("serialize")
    objects: dict[str, Any] = {
        **{name: instance(name, **ARGUMENTS[name]) for name in CLASSES},
        "Initializer": instance("Initializer"),
        "defaults": instance("VarianceScaling"),
        "numpy-value": instance("Constant", value=listed(0.1, "float32", Given.SCALAR)),
        "array-value": instance("Constant", value=listed([1.0, 2.0], "float32", Given.ARRAY)),
        "tensor-value": instance("Constant", value=listed(0.5)),
        "infinite-value": instance("Constant", value=INF),
        "text-value": instance("Constant", value="foo"),
        "Ramp": Reference("custom", "Ramp", {"start": 1.0, "step": 0.5}),
        "Countdown": Reference("custom", "Countdown", {"start": 3.0}),
        "function": Reference("function", "count_up"),
        "none": None,
        "class": reference("Zeros"),
        "text": "zeros",
        "integer": 5,
    }
    for detail, thing in objects.items():
        yield row("object", detail, Step("serialize", options={"object": thing}), flags=("config",))
    for detail, thing in {
        "STFT": instance("STFT", window="hamming", periodic=True),
        "generator": instance("RandomNormal", seed=generator(3)),
        "generator-unseeded": instance("RandomNormal", seed=generator(None)),
        "axes": instance("GlorotUniform", seed=3, input_axes=[0], output_axes=[1]),
        "axes-tuple": instance("GlorotUniform", seed=3, input_axes=(0,), output_axes=(1, 2)),
    }.items():
        step = Step("serialize", options={"object": thing})
        yield row("object", detail, step, dialects=KERAS3, flags=("config",))


def deserialization() -> Iterator[Case]:
    """Records to objects."""
    row = Rows("deserialize")
    custom = {
        "module": None,
        "class_name": "Ramp",
        "config": {"start": 1.0, "step": 0.5},
        "registered_name": "Ramp",
    }
    function = {
        "module": "builtins",
        "class_name": "function",
        "config": "count_up",
        "registered_name": "function",
    }
    configs: dict[str, tuple[Any, list[str] | None]] = {
        **{name: (record(name, dict(ARGUMENTS[name])), None) for name in CLASSES},
        "Initializer": (record("Initializer", {}), None),
        "STFT": (record("STFT", {"side": "imag", "window": None}), None),
        "snake-case": (record("glorot_uniform", {"seed": 3}), None),
        "alias": (record("normal", {}), None),
        "old-format": ({"class_name": "RandomNormal", "config": {"stddev": 2.0}}, None),
        "old-format-dtype": (
            {"class_name": "RandomNormal", "config": {"stddev": 2.0, "dtype": "float32"}},
            None,
        ),
        "private-module": (
            record("Zeros", {}, "keras.src.initializers.constant_initializers"),
            None,
        ),
        "unknown-module": (record("Zeros", {}, "foo"), None),
        "module-none": (record("Zeros", {}, None), None),
        "name": ("Zeros", None),
        "snake-name": ("glorot_uniform", None),
        "name-of-constant": ("Constant", None),
        "none": (None, None),
        "unknown-class": (record("Foo", {}), None),
        "unknown-name": ("foo", None),
        "other-family": (record("MaxNorm", {}, "keras.constraints"), None),
        "integer": (5, None),
        "list": ([], None),
        "empty-dict": ({}, None),
        "unknown-key": (record("RandomNormal", {"foo": 1}), None),
        "key-for-none": (record("Zeros", {"foo": 1}), None),
        "config-list": (record("Zeros", []), None),
        "bad-seed": (record("RandomNormal", {"seed": "3"}), None),
        "bad-mode": (record("VarianceScaling", {"mode": "foo"}), None),
        "axes": (record("HeNormal", {"seed": 3, "input_axes": [0], "output_axes": [1]}), None),
        "custom-given": (custom, ["Ramp"]),
        "custom-unknown": (custom, None),
        "custom-replaces": (record("Countdown", {}), ["Countdown"]),
        "function-given": (function, ["count_up"]),
        "function-unknown": (function, None),
        "function-name": ("count_up", ["count_up"]),
        "instance": (instance("RandomNormal", seed=3), None),
        "function-object": (Reference("function", "count_up"), None),
    }
    for detail, (config, known) in configs.items():
        options: dict[str, Any] = {"config": config}
        if known is not None:
            options["custom_objects"] = known
        yield row("config", detail, Step("deserialize", options=options), flags=("config",))
    for detail, config, known in (
        ("custom", custom, ["Ramp"]),
        ("function", function, ["count_up"]),
    ):
        options = {"config": config, "scope": known}
        yield row(
            "scope",
            detail,
            Step("deserialize", options=options),
            initialize([2, 3], dtype="float32"),
            flags=("config", "custom"),
        )
    # What goes through JSON has its tuples as lists and its arrays as lists of numbers.
    for detail, (name, config) in {
        "Constant-list": ("Constant", {"value": [1.0, 2.0, 3.0]}),
        "Constant-integer": ("Constant", {"value": 3}),
        "Identity": ("Identity", {"gain": 2.5}),
        "Zeros": ("Zeros", {}),
    }.items():
        yield row(
            "config-and-call",
            detail,
            Step("deserialize", options={"config": record(name, config)}),
            initialize([2, 3], dtype="float32"),
            flags=("config",),
        )
