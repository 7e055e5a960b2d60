"""`Layer`: what a call does, configurations, and what is rejected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.cases.inputs import listed, wave
from conformance.cases.layers.base_common import BUILD
from conformance.cases.layers.common import (
    CALL,
    CONFIG,
    GRADIENT,
    LOSSES,
    POLICIES,
    WEIGHTS,
    Rows,
    array,
    attributes,
    build,
    custom,
    output_shape,
    regularizer,
    roundtrip,
    set_weights,
)
from conformance.model import COMPUTED, Case, Given, Step


def calling() -> Iterator[Case]:
    """Training and mask, dtypes, forms of inputs."""
    row = Rows("layers.Layer")
    mask = listed([True, False], "bool")
    called: dict[str, dict[str, Any]] = {
        "nothing": {},
        "training": {"training": True},
        "inference": {"training": False},
        "training-none": {"training": None},
        "mask": {"mask": mask},
        "both": {"training": True, "mask": mask},
    }
    for detail, options in called.items():
        yield row(
            "call",
            detail,
            Step("call", 0, options),
            custom="Switch",
            arguments={"name": "s"},
            inputs=(wave((2, 3)),),
            flags=("call-options",),
        )
        if "mask" not in options:
            yield row(
                "call",
                f"{detail}-reaches-an-inner-layer",
                Step("call", 0, options),
                custom="Around",
                arguments={"name": "a", "inner": custom("Switch", name="s")},
                inputs=(wave((2, 3)),),
                flags=("call-options",),
            )
    yield row(
        "call",
        "training-that-call-does-not-take",
        Step("call", 0, {"training": True}),
        custom="Times",
        arguments={"name": "t"},
        inputs=(wave((2, 3)),),
        flags=("call-options",),
    )
    yield row(
        "call",
        "unknown-option",
        Step("call", 0, {"foo": 1}),
        custom="Times",
        arguments={"name": "t"},
        inputs=(wave((2, 3)),),
        flags=("call-options", "bad-argument"),
    )
    yield row(
        "call",
        "training-in-gradient",
        Step("gradient", 0, {"training": True}),
        custom="Switch",
        arguments={"name": "s"},
        inputs=(wave((2, 3)),),
        flags=("call-options",),
    )
    for policy in POLICIES:
        for dtype in ("float16", "bfloat16", "float32", "float64"):
            yield row(
                "policy",
                f"{policy}-of-{dtype}",
                CALL,
                custom="Times",
                arguments={"name": "t", "factor": 3.0, "dtype": policy},
                inputs=(wave((2, 3), dtype),),
                flags=("policy",),
            )
        x, kernel, bias = wave((2, 3)), array((3, 4)), array((4,))
        yield row(
            "policy",
            f"{policy}-weights",
            BUILD,
            WEIGHTS,
            set_weights(kernel, bias),
            CALL,
            GRADIENT,
            custom="Linear",
            arguments={"name": "l", "units": 4, "dtype": policy},
            inputs=(x,),
            tolerance=COMPUTED,
            flags=("policy",),
        )
    for dtype in ("int32", "bool"):
        yield row(
            "policy",
            f"float32-keeps-{dtype}",
            CALL,
            custom="Around",
            arguments={"name": "a", "inner": custom("Switch", name="s")},
            inputs=(listed([[1, 0]], dtype),),
            flags=("policy", "integer"),
        )
    yield row(
        "policy",
        "autocast-off",
        CALL,
        custom="Times",
        arguments={"name": "t", "dtype": "float16", "autocast": False},
        inputs=(wave((2, 3), "float64"),),
        flags=("policy",),
    )
    for form in (Given.VARIABLE, Given.ARRAY, Given.LIST, Given.SCALAR):
        x = listed(0.5, "float32", form) if form is Given.SCALAR else wave((2, 3), given=form)
        yield row(
            "given",
            str(form),
            CALL,
            custom="Times",
            arguments={"name": "t"},
            inputs=(x,),
            flags=("input-form",),
        )
    yield row(
        "activity_regularizer",
        "divided-by-batch",
        CALL,
        LOSSES,
        Step("call", 1),
        LOSSES,
        custom="Times",
        arguments={"name": "t", "activity_regularizer": regularizer("L2", l2=0.5)},
        inputs=(wave((2, 3)), wave((4, 3))),
        tolerance=COMPUTED,
        flags=("losses",),
    )
    yield row(
        "activity_regularizer",
        "set-later",
        Step("set", options={"activity_regularizer": regularizer("L1", l1=0.5)}),
        CALL,
        LOSSES,
        custom="Times",
        arguments={"name": "t"},
        inputs=(wave((2, 3)),),
        tolerance=COMPUTED,
        flags=("losses",),
    )
    yield row(
        "activity_regularizer",
        "of-frozen-layer",
        CALL,
        LOSSES,
        custom="Times",
        arguments={"name": "t", "trainable": False, "activity_regularizer": "l2"},
        inputs=(wave((2, 3)),),
        tolerance=COMPUTED,
        flags=("losses",),
    )


def configs() -> Iterator[Case]:
    """`get_config`, and what is rebuilt from it."""
    row = Rows("layers.Layer")
    layers: dict[str, tuple[str, dict[str, Any]]] = {
        "Linear": ("Linear", {"units": 4, "name": "l"}),
        "Linear-name": ("Linear", {"units": 4, "name": "l", "kernel_regularizer": "l2"}),
        "Linear-frozen": ("Linear", {"units": 4, "name": "l", "trainable": False}),
        "Linear-mixed": ("Linear", {"units": 4, "name": "l", "dtype": "mixed_float16"}),
        "Times": ("Times", {"factor": 3.0, "name": "t"}),
        "Switch": ("Switch", {"name": "s"}),
        "Mixed": ("Mixed", {"name": "m"}),
    }
    for detail, (name, arguments) in layers.items():
        yield row("config", detail, CONFIG, custom=name, arguments=arguments, flags=("config",))
        for via in ("from_config", "serialize"):
            yield row(
                "roundtrip",
                f"{detail}-{via}",
                roundtrip(via),
                CONFIG,
                custom=name,
                arguments=arguments,
                flags=("config",),
            )
    for via in ("from_config", "serialize"):
        yield row(
            "roundtrip",
            f"built-{via}",
            BUILD,
            roundtrip(via),
            attributes("built"),
            WEIGHTS,
            custom="Linear",
            arguments={"units": 4, "name": "l"},
            flags=("config",),
        )
    yield row(
        "config",
        "nested-argument",
        CONFIG,
        custom="Around",
        arguments={"name": "a", "inner": custom("Times", name="t")},
        flags=("config",),
    )
    configs: dict[str, Any] = {
        "units": {"units": 4, "name": "l"},
        "everything": {"units": 2, "name": "l", "trainable": False, "dtype": "float16"},
        "no-units": {"name": "l"},
        "unknown-key": {"units": 4, "foo": 1},
    }
    for detail, config in configs.items():
        yield row(
            "from_config",
            detail,
            Step("from_config", options={"config": config}),
            custom="Linear",
            arguments={"units": 3, "name": "k"},
            flags=("config",),
        )
    yield row(
        "output_shape",
        "defined",
        output_shape(5, 3),
        custom="Linear",
        arguments={"units": 4, "name": "l"},
    )
    yield row(
        "output_shape",
        "not-defined",
        output_shape(5, 3),
        custom="Times",
        arguments={"name": "t"},
    )


def rejected() -> Iterator[Case]:
    """Calls and shapes that no layer takes."""
    row = Rows("layers.Layer")
    linear = {"units": 4, "name": "l"}
    yield row(
        "rejected",
        "call-without-matching-kernel",
        BUILD,
        CALL,
        custom="Linear",
        arguments=linear,
        inputs=(wave((2, 4)),),
        flags=("bad-input",),
    )
    yield row(
        "rejected",
        "build-for-unknown-axis",
        build(2, None),
        custom="Linear",
        arguments=linear,
        flags=("bad-input",),
    )
    yield row(
        "rejected",
        "call-of-text",
        Step("call", 0),
        custom="Linear",
        arguments=linear,
        inputs=(listed([], "float64", Given.LIST),),
        flags=("bad-input",),
    )
    yield row(
        "rejected",
        "missing-argument",
        WEIGHTS,
        custom="Linear",
        arguments={"name": "l"},
        flags=("bad-argument",),
    )
