"""`serialize` and `deserialize`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.initializers.common import ARGUMENTS, CLASSES, Rows, draw, generator, record
from conformance.cases.inputs import INF, listed
from conformance.cases.references import (
    class_of,
    custom,
    custom_record,
    function,
    function_record,
    initializer,
    short_record,
)
from conformance.cases.rows import KERAS2, KERAS3
from conformance.cases.steps import deserialize, serialize
from conformance.model import Case, Given

_OBJECTS: Final[dict[str, Any]] = {
    **{name: initializer(name, **ARGUMENTS[name]) for name in CLASSES},
    "Initializer": initializer("Initializer"),
    "defaults": initializer("VarianceScaling"),
    "numpy-value": initializer("Constant", value=listed(0.1, "float32", Given.SCALAR)),
    "array-value": initializer("Constant", value=listed([1.0, 2.0], "float32", Given.ARRAY)),
    "tensor-value": initializer("Constant", value=listed(0.5)),
    "infinite-value": initializer("Constant", value=INF),
    "text-value": initializer("Constant", value="foo"),
    "Ramp": custom("Ramp", start=1.0, step=0.5),
    "Countdown": custom("Countdown", start=3.0),
    "function": function("count_up"),
    "none": None,
    "class": class_of("initializers.Zeros"),
    "text": "zeros",
    "integer": 5,
}
_OBJECTS_OF_KERAS3: Final[dict[str, Any]] = {
    "STFT": initializer("STFT", window="hamming", periodic=True),
    "generator": initializer("RandomNormal", seed=generator(3)),
    "generator-unseeded": initializer("RandomNormal", seed=generator(None)),
    "axes": initializer("GlorotUniform", seed=3, input_axes=[0], output_axes=[1]),
    "axes-tuple": initializer("GlorotUniform", seed=3, input_axes=(0,), output_axes=(1, 2)),
}


def serialization() -> Iterator[Case]:
    """Objects to records."""
    row = Rows("serialize", flags="config")
    yield from row.table("object", _OBJECTS, serialize)
    yield from row.table("object", _OBJECTS_OF_KERAS3, serialize, dialects=KERAS3)
    legacy = serialize(function("nameless"), legacy=True)
    yield row("object", "nameless-legacy", legacy, dialects=KERAS2)


_DEVIATION: Final = {"stddev": 2.0, "dtype": "float32"}
_AXES: Final = {"seed": 3, "input_axes": [0], "output_axes": [1]}
_CUSTOM: Final = custom_record("Ramp", {"start": 1.0, "step": 0.5})
_FUNCTION: Final = function_record("count_up")
_CONFIGS: Final[dict[str, Any]] = {
    **{name: record(name, dict(ARGUMENTS[name])) for name in CLASSES},
    "Initializer": record("Initializer", {}),
    "STFT": record("STFT", {"side": "imag", "window": None}),
    "snake-case": record("glorot_uniform", {"seed": 3}),
    "alias": record("normal", {}),
    "old-format": short_record("RandomNormal", {"stddev": 2.0}),
    "old-format-dtype": short_record("RandomNormal", _DEVIATION),
    "private-module": record("Zeros", {}, "keras.src.initializers.constant_initializers"),
    "unknown-module": record("Zeros", {}, "foo"),
    "module-none": record("Zeros", {}, None),
    "name": "Zeros",
    "snake-name": "glorot_uniform",
    "name-of-constant": "Constant",
    "none": None,
    "unknown-class": record("Foo", {}),
    "unknown-name": "foo",
    "other-family": record("MaxNorm", {}, "keras.constraints"),
    "integer": 5,
    "list": [],
    "empty-dict": {},
    "unknown-key": record("RandomNormal", {"foo": 1}),
    "key-for-none": record("Zeros", {"foo": 1}),
    "config-list": record("Zeros", []),
    "bad-seed": record("RandomNormal", {"seed": "3"}),
    "bad-mode": record("VarianceScaling", {"mode": "foo"}),
    "axes": record("HeNormal", _AXES),
    "custom-given": deserialize(_CUSTOM, custom_objects=["Ramp"]),
    "custom-name": deserialize("Countdown", custom_objects=["Countdown"]),
    "custom-unknown": _CUSTOM,
    "custom-replaces": deserialize(record("Countdown", {}), custom_objects=["Countdown"]),
    "function-given": deserialize(_FUNCTION, custom_objects=["count_up"]),
    "function-unknown": _FUNCTION,
    "function-name": deserialize("count_up", custom_objects=["count_up"]),
    "instance": initializer("RandomNormal", seed=3),
    "function-object": function("count_up"),
}
_SCOPED: Final = {
    "custom": deserialize(_CUSTOM, scope=["Ramp"]),
    "function": deserialize(_FUNCTION, scope=["count_up"]),
}
# What goes through JSON has its tuples as lists and its arrays as lists of numbers.
_CALLED: Final = {
    "Constant-list": record("Constant", {"value": [1.0, 2.0, 3.0]}),
    "Constant-integer": record("Constant", {"value": 3}),
    "Identity": record("Identity", {"gain": 2.5}),
    "Zeros": record("Zeros", {}),
}


def deserialization() -> Iterator[Case]:
    """Records to objects."""
    row = Rows("deserialize", flags="config")
    yield from row.table("config", _CONFIGS, deserialize)
    drawn = draw((2, 3))
    yield from row.table("scope", _SCOPED, deserialize, drawn, flags=("config", "custom"))
    yield from row.table("config-and-call", _CALLED, deserialize, drawn)
