"""`Dense`: weights, penalties, gradients, shapes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.inputs import listed, thirds, wave
from conformance.cases.layers.common import (
    CALL,
    GET_WEIGHTS,
    GRADIENT,
    LOSSES,
    POLICIES,
    WEIGHTS,
    Rows,
    array,
    attributes,
    build,
    constraint,
    custom,
    output_shape,
    regularizer,
    set_weights,
    shape_text,
)
from conformance.cases.layers.dense_common import NAN, TARGET, called
from conformance.model import COMPUTED, FLOATS, Case, Given, Input, Reference, Step

_REGULARIZERS: Final[dict[str, Any]] = {
    "l1": "l1",
    "l2": "l2",
    "l1_l2": "l1_l2",
    "L1": regularizer("L1", l1=0.3),
    "L2": regularizer("L2", l2=0.7),
    "L1L2": regularizer("L1L2", l1=0.3, l2=0.7),
    "MyRegularizer": custom("MyRegularizer", strength=0.5),
    "l1_reg": Reference("function", "l1_reg"),
    "dict": {"class_name": "L1", "config": {"l1": 0.5}},
}


_CONSTRAINTS: Final[dict[str, Any]] = {
    "max_norm": "max_norm",
    "non_neg": "non_neg",
    "MinMaxNorm": constraint("MinMaxNorm", min_value=0.25, max_value=0.5, axis=0),
    "UnitNorm": constraint("UnitNorm", axis=1),
    "CenterAround": custom("CenterAround", ref_value=0.5),
    "double": Reference("function", "double"),
}


def weights() -> Iterator[Case]:
    """Names, shapes, order; values; what is trained."""
    row = Rows(TARGET)
    base = {"units": 4, "name": "d"}
    yield row("weights", "before-build", WEIGHTS, GET_WEIGHTS, arguments=base)
    for shape in ((None, 3), (2, 3), (None, None, 3), (None, 2, 5, 3), (None, 1)):
        for use_bias in (True, False):
            yield row(
                "weights",
                f"{shape_text(shape)}-{'bias' if use_bias else 'no-bias'}",
                build(*shape),
                WEIGHTS,
                attributes("built"),
                arguments={**base, "use_bias": use_bias},
            )
    frozen, thawed = (Step("set", options={"trainable": v}) for v in (False, True))
    yield row("trainable", "set", build(None, 3), frozen, WEIGHTS, thawed, WEIGHTS, arguments=base)
    yield row(
        "trainable",
        "argument",
        build(None, 3),
        WEIGHTS,
        thawed,
        WEIGHTS,
        arguments={**base, "trainable": False},
    )
    x = thirds((2, 3))
    kernel, bias = array((3, 4)), array((4,), formula=thirds)
    yield row(
        "trainable",
        "gradient-of-frozen",
        build(None, 3),
        set_weights(kernel, bias),
        frozen,
        GRADIENT,
        arguments=base,
        inputs=(x,),
        tolerance=COMPUTED,
    )
    sets: dict[str, tuple[Input, ...]] = {
        "both": (kernel, bias),
        "kernel-alone": (kernel,),
        "three": (kernel, bias, bias),
        "none": (),
        "transposed": (array((4, 3)), bias),
        "swapped": (bias, kernel),
        "bias-of-rank-2": (kernel, array((1, 4))),
        "flat-kernel": (array((12,)), bias),
        "float64": (array((3, 4), "float64", thirds), array((4,), "float64", thirds)),
        "float16": (array((3, 4), "float16", thirds), array((4,), "float16", thirds)),
        "nan": (listed([[NAN] * 4] * 3, given=Given.ARRAY), bias),
    }
    for detail, given in sets.items():
        yield row(
            "set_weights",
            detail,
            build(None, 3),
            set_weights(*given),
            GET_WEIGHTS,
            arguments=base,
            flags=("weights",),
        )
    yield row("set_weights", "before-build", set_weights(kernel, bias), arguments=base)
    yield row(
        "set_weights",
        "no-bias",
        build(None, 3),
        set_weights(kernel),
        GET_WEIGHTS,
        arguments={**base, "use_bias": False},
    )
    yield row(
        "build",
        "by-call",
        CALL,
        WEIGHTS,
        GET_WEIGHTS,
        arguments={**base, "kernel_initializer": "ones", "bias_initializer": "ones"},
        inputs=(wave((2, 3)),),
    )
    yield row("build", "twice", build(None, 3), build(None, 3), WEIGHTS, arguments=base)


def losses() -> Iterator[Case]:
    """Penalties on kernel, bias and outputs."""
    row = Rows(TARGET)
    x, kernel, bias = thirds((2, 3)), array((3, 4)), array((4,), formula=thirds)
    steps = (build(None, 3), set_weights(kernel, bias))
    for argument in ("kernel_regularizer", "bias_regularizer", "activity_regularizer"):
        for detail, given in _REGULARIZERS.items():
            yield row(
                argument,
                detail,
                *steps,
                LOSSES,
                CALL,
                LOSSES,
                arguments={"units": 4, "name": "d", argument: given},
                inputs=(x,),
                tolerance=COMPUTED,
                flags=("losses", "argument"),
            )
    yield row(
        "kernel_regularizer",
        "OrthogonalRegularizer",
        *steps,
        LOSSES,
        arguments={
            "units": 4,
            "name": "d",
            "kernel_regularizer": regularizer("OrthogonalRegularizer", factor=0.5),
        },
        tolerance=COMPUTED,
        flags=("losses", "argument"),
    )
    three = {
        "kernel_regularizer": regularizer("L2", l2=0.5),
        "bias_regularizer": regularizer("L1", l1=0.25),
        "activity_regularizer": regularizer("L2", l2=0.75),
    }
    for policy, (compute, variable) in POLICIES.items():
        given = wave((2, 3), compute)
        k, b = array((3, 4), variable), array((4,), variable)
        yield row(
            "losses",
            f"all-{policy}",
            build(None, 3),
            set_weights(k, b),
            CALL,
            LOSSES,
            arguments={"units": 4, "name": "d", "dtype": policy, **three},
            inputs=(given,),
            tolerance=COMPUTED,
            flags=("losses", "order", "policy"),
        )
    for shape in ((1, 3), (4, 3), (3, 2, 3), (0, 3), (2, 0, 3)):
        given = wave(shape)
        yield row(
            "losses",
            f"batch-{shape_text(shape)}",
            build(None, *shape[1:]),
            set_weights(kernel, bias),
            CALL,
            LOSSES,
            arguments={"units": 4, "name": "d", **three},
            inputs=(given,),
            tolerance=COMPUTED,
            flags=("losses", "empty") if 0 in shape else ("losses",),
        )
    yield row(
        "losses",
        "of-the-last-call",
        *steps,
        CALL,
        CALL,
        Step("call", 1),
        LOSSES,
        arguments={"units": 4, "name": "d", **three},
        inputs=(x, wave((4, 3))),
        tolerance=COMPUTED,
        flags=("losses",),
    )
    yield row(
        "losses",
        "frozen",
        *steps,
        Step("set", options={"trainable": False}),
        CALL,
        LOSSES,
        arguments={"units": 4, "name": "d", **three},
        inputs=(x,),
        tolerance=COMPUTED,
        flags=("losses", "trainable"),
    )
    yield row(
        "losses",
        "regularizer-set-later",
        *steps,
        Step("set", options={"kernel_regularizer": regularizer("L1", l1=0.5)}),
        CALL,
        LOSSES,
        arguments={"units": 4, "name": "d"},
        inputs=(x,),
        tolerance=COMPUTED,
        flags=("losses",),
    )
    for detail, arguments in {
        "L1L2": {
            "kernel_regularizer": regularizer("L1L2", l1=1e-5, l2=1e-4),
            "bias_regularizer": regularizer("L2", l2=1e-4),
            "activity_regularizer": regularizer("L2", l2=1e-5),
        },
        "L1-and-L2": {
            "kernel_regularizer": regularizer("L1", l1=0.01),
            "activity_regularizer": regularizer("L2", l2=0.01),
        },
    }.items():
        given = listed([[2.0] * 5] * 5)
        yield row(
            "documented",
            detail,
            CALL,
            LOSSES,
            arguments={"units": 5, "name": "d", "kernel_initializer": "ones", **arguments},
            inputs=(given,),
            tolerance=COMPUTED,
            flags=("losses", "documented-example"),
        )
    for detail, penalty in {
        "l1_reg": Reference("function", "l1_reg"),
        "L2Regularizer": custom("L2Regularizer", l2=0.5),
    }.items():
        yield row(
            "documented",
            detail,
            CALL,
            LOSSES,
            arguments={
                "units": 5,
                "name": "d",
                "kernel_initializer": "ones",
                "kernel_regularizer": penalty,
            },
            inputs=(listed([[1.0] * 5] * 5),),
            tolerance=COMPUTED,
            flags=("losses", "documented-example"),
        )


def gradients() -> Iterator[Case]:
    """Of kernel, bias and input, with and without what might change them."""
    row = Rows(TARGET)
    for dtype in FLOATS:
        for formula in (wave, thirds):
            for shape, units in (((3, 2), 5), ((4, 4), 4), ((2, 3, 2), 3), ((1, 5), 2)):
                yield called(
                    row,
                    "gradient",
                    f"{shape_text(shape)}-to-{units}-{formula.__name__}-{dtype}",
                    formula(shape, dtype),
                    units=units,
                    policy=dtype,
                    gradient=True,
                    formula=formula,
                    arguments={"dtype": dtype},
                    flags=("gradient",),
                )
    for detail, arguments in {
        "regularizers-do-not-enter": {
            "kernel_regularizer": "l2",
            "activity_regularizer": "l2",
        },
        "constraints-do-not-enter": {"kernel_constraint": "non_neg", "bias_constraint": "non_neg"},
    }.items():
        yield called(
            row,
            "gradient",
            detail,
            thirds((2, 3)),
            gradient=True,
            arguments=arguments,
            flags=("gradient",),
        )
    for detail, given in {"kernel": "kernel_constraint", "bias": "bias_constraint"}.items():
        for name, projection in _CONSTRAINTS.items():
            yield row(
                "constraint-at-rest",
                f"{detail}-{name}",
                build(None, 3),
                set_weights(array((3, 4)), array((4,), formula=thirds)),
                GET_WEIGHTS,
                arguments={"units": 4, "name": "d", given: projection},
                flags=("constraint", "argument"),
            )


def shapes() -> Iterator[Case]:
    """What the layer says of the shape of its outputs."""
    row = Rows(TARGET)
    for shape in (
        *((2, 3), (None, 3), (None, None, 3), (2, 5, 3), (2, 3, 4, 5)),
        *((None, 5, None, 7, 3), (0, 3), (3,), ()),
    ):
        yield row(
            "output_shape",
            shape_text(shape),
            output_shape(*shape),
            arguments={"units": 4, "name": "d"},
        )
    yield row(
        "output_shape",
        "unknown-last-axis",
        output_shape(2, None),
        arguments={"units": 4, "name": "d"},
    )
    yield row(
        "output_shape",
        "other-than-built",
        build(None, 3),
        output_shape(2, 5),
        arguments={"units": 4, "name": "d"},
    )
