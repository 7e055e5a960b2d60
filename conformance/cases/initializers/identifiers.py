"""`get` and the names of the module: names, records, objects, arrays, custom objects."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from conformance.cases.initializers.common import CLASSES, Rows, draw, initialize, record, repeats
from conformance.cases.inputs import listed, thirds
from conformance.cases.references import (
    class_of,
    custom,
    custom_record,
    function,
    function_record,
    initializer,
    short_record,
)
from conformance.cases.rows import KERAS3, sizes
from conformance.cases.steps import get, lookup
from conformance.model import Case, Given

SHORTCUTS: Final = {
    "zeros": "Zeros",
    "ones": "Ones",
    "constant": "Constant",
    "identity": "Identity",
    "random_uniform": "RandomUniform",
    "random_normal": "RandomNormal",
    "truncated_normal": "TruncatedNormal",
    "variance_scaling": "VarianceScaling",
    "glorot_normal": "GlorotNormal",
    "glorot_uniform": "GlorotUniform",
    "he_normal": "HeNormal",
    "he_uniform": "HeUniform",
    "lecun_normal": "LecunNormal",
    "lecun_uniform": "LecunUniform",
    "orthogonal": "Orthogonal",
}
_KERAS3_NAMES: Final = (
    *("IdentityInitializer", "OrthogonalInitializer", "STFT", "STFTInitializer", "stft"),
)
# Spellings that some version of Keras knew, and some that none did.
_TEXTS: Final = (
    *("Initializer", "initializer", "zero", "one", "Zero", "One", "normal", "uniform", "Normal"),
    *("Uniform", "eye", "IdentityInitializer", "OrthogonalInitializer", "identity_initializer"),
    *("STFT", "stft", "STFTInitializer", "stft_initializer"),
    *("ZerosV2", "OnesV2", "ConstantV2", "RandomNormalV2", "GlorotUniformV2", "glorot_uniformV2"),
    *("InitializerV2", "zerosV2", "random_normalV2", "normalV2"),
    *("glorotuniform", "GLOROT_UNIFORM", "Glorot_Uniform", "glorot_uniform ", "xavier_uniform"),
    *("kaiming_normal", "RandomUniformInitializer", "keras.initializers.Zeros", "get", "foo", ""),
)


def names() -> Iterator[Case]:
    """The names of the module, and the names that `get` takes."""
    yield from Rows("get").table("name", ("Initializer", *CLASSES, *SHORTCUTS), lookup)
    yield from Rows("get", KERAS3).table("name", _KERAS3_NAMES, lookup)
    row = Rows("get", flags="identifier")
    for text in (*CLASSES, *SHORTCUTS, *_TEXTS):
        yield row("text", text.replace(" ", "-trailing-space") or "empty", get(text))
    row = row.given(flags=("identifier", "documented-example"))
    fixed = ("zeros", "Ones", "identity", "one")
    yield from row.table("text-and-call", fixed, get, draw((2, 3)))
    # Which seed these have is left to chance: that they keep to one is not.
    drawn = ("glorot_uniform", "random_normal", "orthogonal", "HeNormal")
    yield from row.table("text-and-call", drawn, get, repeats(2, "instance", (3, 3)))


_RAMP: Final = {"start": 1.0, "step": 0.5}
_AXES: Final = {"seed": 3, "input_axes": [0], "output_axes": [1]}
_GENERATOR: Final = record("SeedGenerator", {"name": "source", "seed": 3}, "keras.random")
_NO_GENERATOR: Final = custom_record("Ramp", _RAMP)
_DICTS: Final[dict[str, Any]] = {
    "class-and-config": short_record("RandomNormal", {"stddev": 2.0, "seed": 3}),
    "partial-config": short_record("VarianceScaling", {"mode": "fan_out"}),
    "empty-config": short_record("Zeros", {}),
    "snake-case": short_record("glorot_uniform", {"seed": 3}),
    "alias": short_record("normal", {}),
    "old-alias": short_record("IdentityInitializer", {}),
    "version-2": short_record("GlorotUniformV2", {"seed": 3}),
    "with-dtype": short_record("RandomNormal", {"seed": 3, "dtype": "float32"}),
    "constant-without-value": short_record("Constant", {}),
    "class-only": {"class_name": "Zeros"},
    "config-only": {"config": {}},
    "nothing": {},
    "unknown-class": short_record("foo", {}),
    "layer-class": short_record("Dense", {"units": 2}),
    "unknown-key": short_record("Zeros", {"foo": 1}),
    "bad-value": short_record("VarianceScaling", {"scale": -1.0}),
    "config-none": short_record("Zeros", None),
    "config-list": short_record("Zeros", []),
    "new-format": record("HeUniform", {"seed": 3}),
    "new-format-axes": record("HeUniform", _AXES),
    "tf-keras-module": record("HeUniform", {"seed": 3}, "tf_keras.initializers"),
    "old-module": record("HeUniform", {"seed": 3}, "tensorflow.keras.initializers"),
    "stft": record("STFT", {"side": "imag"}),
    "generator": record("RandomNormal", {"seed": _GENERATOR}),
    "generator-of-another-class": record("RandomNormal", {"seed": _NO_GENERATOR}),
    "function": function_record("count_up"),
}


def dicts() -> Iterator[Case]:
    """Records of every format, given to `get`."""
    yield from Rows("get").table("dict", _DICTS, get, flags="identifier")


_CLASSES: Final = ("Initializer", "Zeros", "Constant", "GlorotUniform", "Orthogonal")
_OBJECTS: Final[dict[str, Any]] = {
    "none": None,
    "integer": 5,
    "float": 1.5,
    "zero": 0,
    "true": True,
    "list": [],
    "tuple": (),
    "list-of-name": ["zeros"],
    **{f"class-{name}": class_of(f"initializers.{name}") for name in _CLASSES},
    "instance": initializer("RandomNormal", stddev=2.0, seed=3),
    "instance-Zeros": initializer("Zeros"),
    "instance-Initializer": initializer("Initializer"),
    "custom-instance": custom("Ramp", **_RAMP),
    "function": function("count_up"),
}
_CALLED: Final[dict[str, Any]] = {
    "function": function("count_up"),
    "custom-instance": custom("Ramp", **_RAMP),
    "class-Ones": class_of("initializers.Ones"),
}
_SCOPED: Final[dict[str, Any]] = {
    "name": "Countdown",
    "snake-name": "countdown",
    "function-name": "count_up",
    "dict": short_record("Ramp", _RAMP),
    "dict-unknown-key": short_record("Ramp", {"foo": 1.0}),
}


def objects() -> Iterator[Case]:
    """What is no name and no record: classes, instances, functions, numbers, arrays."""
    row = Rows("get", flags="identifier")
    yield from row.table("object", _OBJECTS, get)
    example = row.given(flags=("identifier", "documented-example"))
    for detail, identifier in _CALLED.items():
        for dtype in ("float32", "float64"):
            step = get(identifier)
            yield example("object-and-call", f"{detail}-{dtype}", step, draw((2, 3), dtype))
    drawn = (get(function("my_init")), repeats(3, "instance"))
    yield example("object-and-call", "random-function", *drawn)
    yield from _arrays(row)
    row = row.given(flags=("identifier", "custom"))
    scoped = partial(get, scope=["Ramp", "Countdown", "count_up"])
    yield from row.table("scope", _SCOPED, scoped)
    yield row("scope", "not-in-scope", get(_SCOPED["dict"]))
    yield row("scope", "dict-and-call", scoped(_SCOPED["dict"]), draw((2, 3)))


_NUMBERS: Final = [[1, 2, 3], [4, 5, 6]]
_ARRAYS: Final[dict[str, Any]] = {
    "tensor": thirds((2, 3)),
    "array": thirds((2, 3), "float32", Given.ARRAY),
    "array-float64": thirds((2, 3), "float64", Given.ARRAY),
    "array-int32": listed(_NUMBERS, "int32", Given.ARRAY),
    "tensor-float64": thirds((2, 3), "float64"),
    "tensor-int32": listed(_NUMBERS, "int32"),
    "variable": thirds((2, 3), "float32", Given.VARIABLE),
    "numpy-scalar": listed(1.5, "float32", Given.SCALAR),
    "list": thirds((2, 3), "float64", Given.LIST),
}


def _arrays(row: Rows) -> Iterator[Case]:
    """Keras 3 takes an array or tensor for an initializer that gives its values."""
    yield from row.table("array", _ARRAYS, get, draw((2, 3)))
    tensor = get(_ARRAYS["tensor"])
    for dtype in ("float16", "float64", "int32"):
        yield row("array", f"to-{dtype}", tensor, draw((2, 3), dtype))
    yield row("array", "no-dtype", tensor, initialize([2, 3]))
    for shape in ((3, 2), (6,), (1, 2, 3), ()):
        flags = ("identifier", "bad-input")
        yield row("array", f"to-{sizes(shape)}", tensor, draw(shape), flags=flags)
    yield row("array", "shape-tuple", tensor, initialize((2, 3), dtype="float32"), flags=())
