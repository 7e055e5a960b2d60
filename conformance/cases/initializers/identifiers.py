"""`get` and the names of the module: names, records, objects, arrays, custom objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.initializers.common import (
    CLASSES,
    EXACT,
    KERAS3,
    Rows,
    initialize,
)
from conformance.cases.inputs import listed, thirds
from conformance.cases.rows import sizes
from conformance.model import DIALECTS, Case, Given, Reference, Step

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
    "IdentityInitializer",
    "OrthogonalInitializer",
    "STFT",
    "STFTInitializer",
    "stft",
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


def reference(name: str) -> Reference:
    """A class of the subject."""
    return Reference("class", f"initializers.{name}")


def instance(name: str, **arguments: Any) -> Reference:
    """An object of a class of the subject."""
    return Reference("instance", f"initializers.{name}", arguments)


def record(class_name: Any, config: Any, module: Any = "keras.initializers") -> dict[str, Any]:
    """An initializer as Keras saves it."""
    return {
        "module": module,
        "class_name": class_name,
        "config": config,
        "registered_name": None,
    }


def names() -> Iterator[Case]:
    """The names of the module, and the names that `get` takes."""
    row = Rows("get")
    for name in ("Initializer", *CLASSES, *SHORTCUTS, *_KERAS3_NAMES):
        dialects = KERAS3 if name in _KERAS3_NAMES else DIALECTS
        yield row("name", name, Step("lookup", options={"name": name}), dialects=dialects)
    for text in (*CLASSES, *SHORTCUTS, *_TEXTS):
        detail = text.replace(" ", "-trailing-space") or "empty"
        step = Step("get", options={"identifier": text})
        yield row("text", detail, step, flags=("identifier",))
    for text in ("zeros", "Ones", "identity", "one"):
        yield row(
            "text-and-call",
            text,
            Step("get", options={"identifier": text}),
            initialize([2, 3], dtype="float32"),
            flags=("identifier", "documented-example"),
        )
    for text in ("glorot_uniform", "random_normal", "orthogonal", "HeNormal"):
        # Which seed it has is left to chance: that it keeps to one is not.
        yield row(
            "text-and-call",
            text,
            Step("get", options={"identifier": text}),
            Step(
                "repeats",
                options={"shape": [3, 3], "dtype": "float32", "calls": 2, "of": "instance"},
            ),
            flags=("identifier", "documented-example"),
        )


def dicts() -> Iterator[Case]:
    """Records of every format, given to `get`."""
    row = Rows("get")
    identifiers: dict[str, Any] = {
        "class-and-config": {"class_name": "RandomNormal", "config": {"stddev": 2.0, "seed": 3}},
        "partial-config": {"class_name": "VarianceScaling", "config": {"mode": "fan_out"}},
        "empty-config": {"class_name": "Zeros", "config": {}},
        "snake-case": {"class_name": "glorot_uniform", "config": {"seed": 3}},
        "alias": {"class_name": "normal", "config": {}},
        "old-alias": {"class_name": "IdentityInitializer", "config": {}},
        "version-2": {"class_name": "GlorotUniformV2", "config": {"seed": 3}},
        "with-dtype": {"class_name": "RandomNormal", "config": {"seed": 3, "dtype": "float32"}},
        "constant-without-value": {"class_name": "Constant", "config": {}},
        "class-only": {"class_name": "Zeros"},
        "config-only": {"config": {}},
        "nothing": {},
        "unknown-class": {"class_name": "foo", "config": {}},
        "layer-class": {"class_name": "Dense", "config": {"units": 2}},
        "unknown-key": {"class_name": "Zeros", "config": {"foo": 1}},
        "bad-value": {"class_name": "VarianceScaling", "config": {"scale": -1.0}},
        "config-none": {"class_name": "Zeros", "config": None},
        "config-list": {"class_name": "Zeros", "config": []},
        "new-format": record("HeUniform", {"seed": 3}),
        "new-format-axes": record("HeUniform", {"seed": 3, "input_axes": [0], "output_axes": [1]}),
        "tf-keras-module": record("HeUniform", {"seed": 3}, "tf_keras.initializers"),
        "old-module": record("HeUniform", {"seed": 3}, "tensorflow.keras.initializers"),
        "stft": record("STFT", {"side": "imag"}),
        "generator": record(
            "RandomNormal",
            {"seed": record("SeedGenerator", {"name": "source", "seed": 3}, "keras.random")},
        ),
        "function": {
            "module": "builtins",
            "class_name": "function",
            "config": "count_up",
            "registered_name": "function",
        },
    }
    for detail, identifier in identifiers.items():
        step = Step("get", options={"identifier": identifier})
        yield row("dict", detail, step, flags=("identifier",))


def objects() -> Iterator[Case]:
    """What is no name and no record: classes, instances, functions, numbers, arrays."""
    row = Rows("get")
    others: dict[str, Any] = {
        "none": None,
        "integer": 5,
        "float": 1.5,
        "zero": 0,
        "true": True,
        "list": [],
        "tuple": (),
        "list-of-name": ["zeros"],
        **{
            f"class-{name}": reference(name)
            for name in ("Initializer", "Zeros", "Constant", "GlorotUniform", "Orthogonal")
        },
        "instance": instance("RandomNormal", stddev=2.0, seed=3),
        "instance-Zeros": instance("Zeros"),
        "instance-Initializer": instance("Initializer"),
        "custom-instance": Reference("custom", "Ramp", {"start": 1.0, "step": 0.5}),
        "function": Reference("function", "count_up"),
    }
    for detail, identifier in others.items():
        step = Step("get", options={"identifier": identifier})
        yield row("object", detail, step, flags=("identifier",))
    for detail, identifier in {
        "function": Reference("function", "count_up"),
        "custom-instance": Reference("custom", "Ramp", {"start": 1.0, "step": 0.5}),
        "class-Ones": reference("Ones"),
    }.items():
        for dtype in ("float32", "float64"):
            yield row(
                "object-and-call",
                f"{detail}-{dtype}",
                Step("get", options={"identifier": identifier}),
                initialize([2, 3], dtype=dtype),
                flags=("identifier", "documented-example"),
            )
    yield row(
        "object-and-call",
        "random-function",
        Step("get", options={"identifier": Reference("function", "my_init")}),
        Step("repeats", options={"shape": [8], "dtype": "float32", "calls": 3, "of": "instance"}),
        flags=("identifier", "documented-example"),
    )
    yield from _arrays(row)
    scope: list[Any] = ["Ramp", "Countdown", "count_up"]
    scoped: dict[str, Any] = {
        "name": "Countdown",
        "snake-name": "countdown",
        "function-name": "count_up",
        "dict": {"class_name": "Ramp", "config": {"start": 1.0, "step": 0.5}},
        "dict-unknown-key": {"class_name": "Ramp", "config": {"foo": 1.0}},
    }
    for detail, identifier in scoped.items():
        options: dict[str, Any] = {"identifier": identifier, "scope": scope}
        yield row("scope", detail, Step("get", options=options), flags=("identifier", "custom"))
    options = {"identifier": {"class_name": "Ramp", "config": {"start": 1.0, "step": 0.5}}}
    yield row("scope", "not-in-scope", Step("get", options=options), flags=("identifier", "custom"))
    yield row(
        "scope",
        "dict-and-call",
        Step("get", options={**options, "scope": scope}),
        initialize([2, 3], dtype="float32"),
        flags=("identifier", "custom"),
    )


def _arrays(row: Rows) -> Iterator[Case]:
    """Keras 3 takes an array or tensor for an initializer that gives its values."""
    given: dict[str, Any] = {
        "tensor": thirds((2, 3)),
        "array": thirds((2, 3), "float32", Given.ARRAY),
        "array-float64": thirds((2, 3), "float64", Given.ARRAY),
        "array-int32": listed([[1, 2, 3], [4, 5, 6]], "int32", Given.ARRAY),
        "tensor-float64": thirds((2, 3), "float64"),
        "tensor-int32": listed([[1, 2, 3], [4, 5, 6]], "int32"),
        "variable": thirds((2, 3), "float32", Given.VARIABLE),
        "numpy-scalar": listed(1.5, "float32", Given.SCALAR),
        "list": thirds((2, 3), "float64", Given.LIST),
    }
    for detail, identifier in given.items():
        yield row(
            "array",
            detail,
            Step("get", options={"identifier": identifier}),
            initialize([2, 3], dtype="float32"),
            tolerance=EXACT,
            flags=("identifier",),
        )
    tensor = Step("get", options={"identifier": given["tensor"]})
    for dtype in ("float16", "float64", "int32"):
        yield row(
            "array", f"to-{dtype}", tensor, initialize([2, 3], dtype=dtype), flags=("identifier",)
        )
    yield row("array", "no-dtype", tensor, initialize([2, 3]), flags=("identifier",))
    for shape in ((3, 2), (6,), (1, 2, 3), ()):
        yield row(
            "array",
            f"to-{sizes(shape)}",
            tensor,
            initialize(list(shape), dtype="float32"),
            flags=("identifier", "bad-input"),
        )
    yield row("array", "shape-tuple", tensor, initialize((2, 3), dtype="float32"))
