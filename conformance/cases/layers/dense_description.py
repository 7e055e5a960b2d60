"""`Dense`: configurations, and what it rejects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.inputs import listed, wave
from conformance.cases.layers.base_common import BUILD, X
from conformance.cases.layers.common import array
from conformance.cases.layers.dense_common import DENSE, SET, TARGET
from conformance.cases.references import (
    constraint,
    custom,
    function,
    initializer,
    layer,
    record,
    regularizer,
    short_record,
)
from conformance.cases.rows import ALL_WAYS, EXACT, WAYS, Rows, cell
from conformance.cases.steps import (
    CALL,
    CONFIG,
    attributes,
    build,
    deserialize,
    from_config,
    roundtrip,
    serialize,
    set_weights,
)
from conformance.model import Case, Given

_SAVED: Final[dict[str, dict[str, Any]]] = {
    "defaults": {},
    "no-bias": {"use_bias": False},
    "activation": {"activation": "relu", "use_bias": False},
    "frozen": {"trainable": False},
    "float64": {"dtype": "float64"},
    "mixed": {"dtype": "mixed_float16"},
    "initializers": {
        "kernel_initializer": initializer("RandomNormal", stddev=0.5, seed=3),
        "bias_initializer": initializer("Constant", value=0.5),
    },
    "regularizers": {
        "kernel_regularizer": regularizer("L1L2", l1=0.5, l2=0.25),
        "bias_regularizer": "l1",
    },
    "activity": {"activity_regularizer": regularizer("L2", l2=0.5)},
    "constraints": {
        "kernel_constraint": constraint("MaxNorm", max_value=3.0, axis=1),
        "bias_constraint": "non_neg",
    },
}
_CUSTOMS: Final[dict[str, dict[str, Any]]] = {
    "custom-initializer": {"kernel_initializer": custom("Ramp", start=1.0, step=0.5)},
    "custom-regularizer": {"kernel_regularizer": custom("MyRegularizer", strength=0.5)},
    "custom-constraint": {"kernel_constraint": custom("CenterAround", ref_value=0.5)},
    "function": {"kernel_regularizer": function("l1_reg")},
}
_NAMED: Final = {"units": 4, "name": "d"}
_CONFIGS: Final[dict[str, Any]] = {
    "units": _NAMED,
    "all-by-name": {
        **_NAMED,
        "activation": "tanh",
        "use_bias": False,
        "kernel_initializer": "he_normal",
        "kernel_constraint": "unit_norm",
    },
    "dicts": {
        **_NAMED,
        "kernel_initializer": short_record("Ones", {}),
        "kernel_regularizer": short_record("L2", {"l2": 0.5}),
    },
    "no-units": {"name": "d"},
    "unknown-key": {"units": 4, "foo": 1},
    "empty": {},
    "units-text": {"units": "x", "name": "d"},
}
_RECORD: Final = record("Dense", _NAMED, "keras.layers")
_DOCUMENTS: Final[dict[str, Any]] = {
    "class-and-config": short_record("Dense", _NAMED),
    "new-format": _RECORD,
    "built": {**_RECORD, "build_config": {"input_shape": [None, 3]}},
    "unknown-class": short_record("Foo", {}),
    "no-config": {"class_name": "Dense"},
    "bad-config": short_record("Dense", {"units": 0, "name": "d"}),
    "lower-case": short_record("dense", _NAMED),
    "empty": {},
    "other-family": short_record("L2", {}),
}
_LINEAR: Final = short_record("Linear", {"units": 4, "name": "l"})
_LAYERS: Final = {
    "Dense": layer("Dense", **_NAMED),
    "custom": custom("Linear", units=4, name="l"),
    "Layer": layer("Layer", name="l"),
}


def configs() -> Iterator[Case]:
    """Configurations, and what is rebuilt from them."""
    legacy = cell("legacy", **ALL_WAYS[-1].keywords, flags=("config", "legacy-format"))
    row = DENSE.given(flags="config")
    for detail, arguments in _SAVED.items():
        asked = row.given(arguments=arguments)
        yield asked("config", detail, CONFIG)
        ways = (*WAYS, legacy)
        yield from asked.table("roundtrip", ways, roundtrip, CONFIG, prefix=f"{detail}-")
    for detail, arguments in _CUSTOMS.items():
        asked = row.given(arguments=arguments, flags=("config", "custom"))
        yield asked("config", detail, CONFIG)
        yield from asked.table("roundtrip", WAYS, roundtrip, CONFIG, prefix=f"{detail}-")
    relu = row.given(arguments={"activation": "relu"}, inputs=X)
    for via in WAYS:
        steps = (BUILD, roundtrip(via), attributes("built"), BUILD, SET, CALL)
        yield relu("roundtrip", f"built-and-called-{via}", *steps)
    row = row.given(arguments={"units": 2, "name": "k"})
    yield from row.table("from_config", _CONFIGS, from_config)
    row = Rows("layers.deserialize", flags="config")
    yield from row.table("config", _DOCUMENTS, deserialize)
    bad = {"none": None, "text": "Dense", "number": 3}
    yield from row.table("config", bad, deserialize, flags=("config", "bad-argument"))
    known = {"known": ["Linear"], "unknown": None}
    for detail, names in known.items():
        step = deserialize(_LINEAR, custom_objects=names)
        yield row("custom", detail, step, flags=("config", "custom"))
    yield from Rows("layers.serialize").table("layer", _LAYERS, serialize, flags="config")


_UNITS: Final[dict[str, Any]] = {
    "0": 0,
    "-1": -1,
    "1.5": 1.5,
    "2.0": 2.0,
    "text": "3",
    "word": "abc",
    "None": None,
    "True": True,
    "list": [3],
    "numpy-int64": listed(3, "int64", Given.SCALAR),
    "numpy-float32": listed(3.0, "float32", Given.SCALAR),
}
_BAD: Final[dict[str, dict[str, Any]]] = {
    "no-units": {},
    "unknown-keyword": {"units": 4, "foo": 1},
    "kernel_initializer": {"units": 4, "kernel_initializer": "foo"},
    "bias_initializer": {"units": 4, "bias_initializer": 3},
    "kernel_regularizer": {"units": 4, "kernel_regularizer": "foo"},
    "kernel_regularizer-number": {"units": 4, "kernel_regularizer": 0.1},
    "kernel_constraint": {"units": 4, "kernel_constraint": "foo"},
    "dtype": {"units": 4, "dtype": "float33"},
    "name-slash": {"units": 4, "name": "a/b"},
    "too-many-positional": {"*": (4,) + (None,) * 20},
    "dtype-int32": {"units": 4, "dtype": "int32"},
}
_BAD_SHAPES: Final[dict[str, tuple[int | None, ...]]] = {
    "rank-1": (3,),
    "rank-0": (),
    "unknown-last-axis": (None, None),
    "zero-last-axis": (None, 0),
}
_BAD_INPUTS: Final = {
    "rank-1": wave((3,)),
    "rank-0": listed(1.5),
    "other-last-axis": wave((2, 4)),
    "other-last-axis-1": wave((2, 1)),
}


def rejected() -> Iterator[Case]:
    """Arguments and inputs that it does not take."""
    row = DENSE.given(flags="bad-argument")
    looked = attributes("units")
    argument = "units"
    yield from row.table("rejected", _UNITS, looked, BUILD, argument=argument, prefix="units-")
    row = Rows(TARGET, flags="bad-argument")
    yield from row.table("rejected", _BAD, attributes("trainable"), BUILD)
    row = DENSE.given(flags="bad-input")
    for detail, shape in _BAD_SHAPES.items():
        yield row("rejected", f"build-{detail}", build(*shape))
    for detail, x in _BAD_INPUTS.items():
        yield row("rejected", f"call-{detail}", BUILD, CALL, inputs=x)
        if detail.startswith("rank"):
            yield row("rejected", f"first-call-{detail}", CALL, inputs=x)
    steps = (BUILD, set_weights(array((3, 4)), array((4,))), CALL)
    row = DENSE.given(inputs=listed([[1, 2 + 1j, 3j]], "complex64"), flags="complex")
    yield row("complex", "complex64", *steps, tolerance=EXACT)
    yield DENSE("rank", "other-than-built", *steps, inputs=wave((2, 5, 3)))
