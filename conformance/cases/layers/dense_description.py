"""`Dense`: configurations, and what it rejects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.cases.inputs import listed, thirds, wave
from conformance.cases.layers.common import (
    CALL,
    CONFIG,
    KERAS2,
    Rows,
    array,
    attributes,
    build,
    constraint,
    custom,
    initializer,
    regularizer,
    roundtrip,
    set_weights,
)
from conformance.cases.layers.dense_common import TARGET
from conformance.model import COMPUTED, Case, Given, Reference, Step


def configs() -> Iterator[Case]:
    """Configurations, and what is rebuilt from them."""
    row = Rows(TARGET)
    saved: dict[str, dict[str, Any]] = {
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
    kernel, bias = array((3, 4)), array((4,), formula=thirds)
    for detail, arguments in saved.items():
        given = {"units": 4, "name": "d", **arguments}
        yield row("config", detail, CONFIG, arguments=given, flags=("config",))
        for via in ("from_config", "serialize"):
            yield row(
                "roundtrip",
                f"{detail}-{via}",
                roundtrip(via),
                CONFIG,
                arguments=given,
                flags=("config",),
            )
        yield row(
            "roundtrip",
            f"{detail}-legacy",
            roundtrip("legacy"),
            CONFIG,
            arguments=given,
            dialects=KERAS2,
            flags=("config", "legacy-format"),
        )
    customs: dict[str, dict[str, Any]] = {
        "custom-initializer": {"kernel_initializer": custom("Ramp", start=1.0, step=0.5)},
        "custom-regularizer": {"kernel_regularizer": custom("MyRegularizer", strength=0.5)},
        "custom-constraint": {"kernel_constraint": custom("CenterAround", ref_value=0.5)},
        "function": {"kernel_regularizer": Reference("function", "l1_reg")},
    }
    for detail, arguments in customs.items():
        given = {"units": 4, "name": "d", **arguments}
        yield row("config", detail, CONFIG, arguments=given, flags=("config", "custom"))
        for via in ("from_config", "serialize"):
            yield row(
                "roundtrip",
                f"{detail}-{via}",
                roundtrip(via),
                CONFIG,
                arguments=given,
                flags=("config", "custom"),
            )
    x = thirds((2, 3))
    for via in ("from_config", "serialize"):
        yield row(
            "roundtrip",
            f"built-and-called-{via}",
            build(None, 3),
            roundtrip(via),
            attributes("built"),
            build(None, 3),
            set_weights(kernel, bias),
            CALL,
            arguments={"units": 4, "name": "d", "activation": "relu"},
            inputs=(x,),
            tolerance=COMPUTED,
            flags=("config",),
        )
    configs: dict[str, Any] = {
        "units": {"units": 4, "name": "d"},
        "all-by-name": {
            "units": 4,
            "name": "d",
            "activation": "tanh",
            "use_bias": False,
            "kernel_initializer": "he_normal",
            "kernel_constraint": "unit_norm",
        },
        "dicts": {
            "units": 4,
            "name": "d",
            "kernel_initializer": {"class_name": "Ones", "config": {}},
            "kernel_regularizer": {"class_name": "L2", "config": {"l2": 0.5}},
        },
        "no-units": {"name": "d"},
        "unknown-key": {"units": 4, "foo": 1},
        "empty": {},
        "units-text": {"units": "x", "name": "d"},
    }
    for detail, config in configs.items():
        yield row(
            "from_config",
            detail,
            Step("from_config", options={"config": config}),
            arguments={"units": 2, "name": "k"},
            flags=("config",),
        )
    describe = Rows("layers.deserialize")
    documents: dict[str, Any] = {
        "class-and-config": {"class_name": "Dense", "config": {"units": 4, "name": "d"}},
        "new-format": {
            "module": "keras.layers",
            "class_name": "Dense",
            "config": {"units": 4, "name": "d"},
            "registered_name": None,
        },
        "built": {
            "module": "keras.layers",
            "class_name": "Dense",
            "config": {"units": 4, "name": "d"},
            "registered_name": None,
            "build_config": {"input_shape": [None, 3]},
        },
        "unknown-class": {"class_name": "Foo", "config": {}},
        "no-config": {"class_name": "Dense"},
        "bad-config": {"class_name": "Dense", "config": {"units": 0, "name": "d"}},
        "lower-case": {"class_name": "dense", "config": {"units": 4, "name": "d"}},
        "empty": {},
        "other-family": {"class_name": "L2", "config": {}},
    }
    for detail, config in documents.items():
        yield describe(
            "config",
            detail,
            Step("deserialize", options={"config": config}),
            flags=("config",),
        )
    for detail, value in {"none": None, "text": "Dense", "number": 3}.items():
        yield describe(
            "config",
            detail,
            Step("deserialize", options={"config": value}),
            flags=("config", "bad-argument"),
        )
    scopes: dict[str, Any] = {"known": ["Linear"], "unknown": None}
    for detail, custom_objects in scopes.items():
        yield describe(
            "custom",
            detail,
            Step(
                "deserialize",
                options={
                    "config": {"class_name": "Linear", "config": {"units": 4, "name": "l"}},
                    "custom_objects": custom_objects,
                },
            ),
            flags=("config", "custom"),
        )
    serialize = Rows("layers.serialize")
    for detail, thing in {
        "Dense": Reference("instance", "layers.Dense", {"units": 4, "name": "d"}),
        "custom": custom("Linear", units=4, name="l"),
        "Layer": Reference("instance", "layers.Layer", {"name": "l"}),
    }.items():
        yield serialize(
            "layer", detail, Step("serialize", options={"object": thing}), flags=("config",)
        )


def rejected() -> Iterator[Case]:
    """Arguments and inputs that it does not take."""
    row = Rows(TARGET)
    units: dict[str, Any] = {
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
    for detail, value in units.items():
        yield row(
            "rejected",
            f"units-{detail}",
            attributes("units"),
            build(None, 3),
            arguments={"units": value, "name": "d"},
            flags=("bad-argument",),
        )
    bad: dict[str, dict[str, Any]] = {
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
    for detail, arguments in bad.items():
        yield row(
            "rejected",
            detail,
            attributes("trainable"),
            build(None, 3),
            arguments=arguments,
            flags=("bad-argument",),
        )
    for detail, shape in {
        "rank-1": (3,),
        "rank-0": (),
        "unknown-last-axis": (None, None),
        "zero-last-axis": (None, 0),
    }.items():
        yield row(
            "rejected",
            f"build-{detail}",
            build(*shape),
            arguments={"units": 4, "name": "d"},
            flags=("bad-input",),
        )
    for detail, x in {
        "rank-1": wave((3,)),
        "rank-0": listed(1.5),
        "other-last-axis": wave((2, 4)),
        "other-last-axis-1": wave((2, 1)),
    }.items():
        yield row(
            "rejected",
            f"call-{detail}",
            build(None, 3),
            CALL,
            arguments={"units": 4, "name": "d"},
            inputs=(x,),
            flags=("bad-input",),
        )
        if detail.startswith("rank"):
            yield row(
                "rejected",
                f"first-call-{detail}",
                CALL,
                arguments={"units": 4, "name": "d"},
                inputs=(x,),
                flags=("bad-input",),
            )
    kernel, bias = array((3, 4)), array((4,))
    yield row(
        "complex",
        "complex64",
        build(None, 3),
        set_weights(kernel, bias),
        CALL,
        arguments={"units": 4, "name": "d"},
        inputs=(listed([[1, 2 + 1j, 3j]], "complex64"),),
        flags=("complex",),
    )
    yield row(
        "rank",
        "other-than-built",
        build(None, 3),
        set_weights(kernel, bias),
        CALL,
        arguments={"units": 4, "name": "d"},
        inputs=(wave((2, 5, 3)),),
        tolerance=COMPUTED,
    )
