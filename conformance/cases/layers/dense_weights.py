"""`Dense`: weights, penalties, gradients, shapes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.inputs import NAN, listed, thirds, wave
from conformance.cases.layers.base_common import BIAS, BUILD, KERNEL, WAVE, X
from conformance.cases.layers.common import POLICIES, array
from conformance.cases.layers.dense_common import DENSE, SET, called
from conformance.cases.references import constraint, custom, function, regularizer, short_record
from conformance.cases.rows import KERAS3, sizes
from conformance.cases.steps import (
    CALL,
    FROZEN,
    GET_WEIGHTS,
    GRADIENT,
    LOSSES,
    THAWED,
    WEIGHTS,
    attributes,
    build,
    output_shape,
    set_weights,
    setting,
)
from conformance.model import FLOATS, Case, Given, Input, Step

_SETS: Final[dict[str, tuple[Input, ...]]] = {
    "both": (KERNEL, BIAS),
    "kernel-alone": (KERNEL,),
    "three": (KERNEL, BIAS, BIAS),
    "none": (),
    "transposed": (array((4, 3)), BIAS),
    "swapped": (BIAS, KERNEL),
    "bias-of-rank-2": (KERNEL, array((1, 4))),
    "flat-kernel": (array((12,)), BIAS),
    "float64": (array((3, 4), "float64", thirds), array((4,), "float64", thirds)),
    "float16": (array((3, 4), "float16", thirds), array((4,), "float16", thirds)),
    "nan": (listed([[NAN] * 4] * 3, given=Given.ARRAY), BIAS),
}


def weights() -> Iterator[Case]:
    """Names, shapes, order; values; what is trained."""
    row = DENSE
    yield row("weights", "before-build", WEIGHTS, GET_WEIGHTS)
    for shape in ((None, 3), (2, 3), (None, None, 3), (None, 2, 5, 3), (None, 1)):
        for use_bias in (True, False):
            asked = row.given(arguments={"use_bias": use_bias})
            detail = f"{sizes(shape)}-{'bias' if use_bias else 'no-bias'}"
            yield asked("weights", detail, build(*shape), WEIGHTS, attributes("built"))
    yield row("trainable", "set", BUILD, FROZEN, WEIGHTS, THAWED, WEIGHTS)
    frozen = row.given(arguments={"trainable": False})
    yield frozen("trainable", "argument", BUILD, WEIGHTS, THAWED, WEIGHTS)
    yield row("trainable", "gradient-of-frozen", BUILD, SET, FROZEN, GRADIENT, inputs=X)
    for detail, given in _SETS.items():
        steps = (BUILD, set_weights(*given), GET_WEIGHTS)
        yield row("set_weights", detail, *steps, flags="weights")
    yield row("set_weights", "before-build", SET)
    steps = (BUILD, set_weights(KERNEL), GET_WEIGHTS)
    unbiased = {"use_bias": False}
    yield row("set_weights", "no-bias", *steps, arguments=unbiased)
    ones = {"kernel_initializer": "ones", "bias_initializer": "ones"}
    yield row("build", "by-call", CALL, WEIGHTS, GET_WEIGHTS, arguments=ones, inputs=WAVE)
    yield row("build", "twice", BUILD, BUILD, WEIGHTS)


_REGULARIZERS: Final[dict[str, Any]] = {
    "l1": "l1",
    "l2": "l2",
    "l1_l2": "l1_l2",
    "L1": regularizer("L1", l1=0.3),
    "L2": regularizer("L2", l2=0.7),
    "L1L2": regularizer("L1L2", l1=0.3, l2=0.7),
    "MyRegularizer": custom("MyRegularizer", strength=0.5),
    "l1_reg": function("l1_reg"),
    "dict": short_record("L1", {"l1": 0.5}),
}
_THREE: Final = {
    "kernel_regularizer": regularizer("L2", l2=0.5),
    "bias_regularizer": regularizer("L1", l1=0.25),
    "activity_regularizer": regularizer("L2", l2=0.75),
}
_DOCUMENTED: Final[dict[str, dict[str, Any]]] = {
    "L1L2": {
        "kernel_regularizer": regularizer("L1L2", l1=1e-5, l2=1e-4),
        "bias_regularizer": regularizer("L2", l2=1e-4),
        "activity_regularizer": regularizer("L2", l2=1e-5),
    },
    "L1-and-L2": {
        "kernel_regularizer": regularizer("L1", l1=0.01),
        "activity_regularizer": regularizer("L2", l2=0.01),
    },
}
_CUSTOM: Final = {"l1_reg": function("l1_reg"), "L2Regularizer": custom("L2Regularizer", l2=0.5)}


def losses() -> Iterator[Case]:
    """Penalties on kernel, bias and outputs."""
    row = DENSE.given(flags=("losses", "argument"))
    kernel = "kernel_regularizer"
    steps = (BUILD, SET, LOSSES, CALL, LOSSES)
    for argument in (kernel, "bias_regularizer", "activity_regularizer"):
        yield from row.table(argument, _REGULARIZERS, *steps, argument=argument, inputs=X)
    orthogonal = {kernel: regularizer("OrthogonalRegularizer", factor=0.5)}
    yield row(kernel, "OrthogonalRegularizer", BUILD, SET, LOSSES, arguments=orthogonal)
    for policy, (compute, variable) in POLICIES.items():
        asked = DENSE.given(arguments={"dtype": policy, **_THREE}, inputs=wave((2, 3), compute))
        held = set_weights(array((3, 4), variable), array((4,), variable))
        flags = ("losses", "order", "policy")
        yield asked("losses", f"all-{policy}", BUILD, held, CALL, LOSSES, flags=flags)
    row = DENSE.given(flags="losses")
    three = row.given(arguments=_THREE)
    for shape in ((1, 3), (4, 3), (3, 2, 3), (0, 3), (2, 0, 3)):
        asked = three.given(
            inputs=wave(shape), flags=("losses", "empty") if 0 in shape else "losses"
        )
        built = build(None, *shape[1:])
        yield asked("losses", f"batch-{sizes(shape)}", built, SET, CALL, LOSSES)
    asked = three.given(inputs=(X, wave((4, 3))))
    second = Step("call", 1)
    yield asked("losses", "of-the-last-call", BUILD, SET, CALL, CALL, second, LOSSES)
    frozen = three.given(inputs=X, flags=("losses", "trainable"))
    yield frozen("losses", "frozen", BUILD, SET, FROZEN, CALL, LOSSES)
    later = setting(kernel_regularizer=regularizer("L1", l1=0.5))
    yield row("losses", "regularizer-set-later", BUILD, SET, later, CALL, LOSSES, inputs=X)
    row = DENSE.given(arguments={"units": 5, "kernel_initializer": "ones"})
    row = row.given(flags=("losses", "documented-example"))
    twos, ones = listed([[2.0] * 5] * 5), listed([[1.0] * 5] * 5)
    yield from row.table("documented", _DOCUMENTED, CALL, LOSSES, inputs=twos)
    yield from row.table("documented", _CUSTOM, CALL, LOSSES, argument=kernel, inputs=ones)


_CONSTRAINTS: Final[dict[str, Any]] = {
    "max_norm": "max_norm",
    "non_neg": "non_neg",
    "MinMaxNorm": constraint("MinMaxNorm", min_value=0.25, max_value=0.5, axis=0),
    "UnitNorm": constraint("UnitNorm", axis=1),
    "CenterAround": custom("CenterAround", ref_value=0.5),
    "double": function("double"),
}
# What does not enter a gradient.
_APART: Final[dict[str, dict[str, Any]]] = {
    "regularizers": {"kernel_regularizer": "l2", "activity_regularizer": "l2"},
    "constraints": {"kernel_constraint": "non_neg", "bias_constraint": "non_neg"},
}


def gradients() -> Iterator[Case]:
    """Of kernel, bias and input, with and without what might change them."""
    for dtype in FLOATS:
        for formula in (wave, thirds):
            for shape, units in (((3, 2), 5), ((4, 4), 4), ((2, 3, 2), 3), ((1, 5), 2)):
                yield called(
                    "gradient",
                    f"{sizes(shape)}-to-{units}-{formula.__name__}-{dtype}",
                    formula(shape, dtype),
                    units=units,
                    policy=dtype,
                    gradient=True,
                    formula=formula,
                    arguments={"dtype": dtype},
                    flags="gradient",
                )
    for detail, given in _APART.items():
        asked = f"{detail}-do-not-enter"
        yield called("gradient", asked, X, gradient=True, arguments=given, flags="gradient")
    row = DENSE.given(flags=("constraint", "argument"))
    steps = (BUILD, SET, GET_WEIGHTS)
    for part in ("kernel", "bias"):
        argument = f"{part}_constraint"
        prefix = f"{part}-"
        group = "constraint-at-rest"
        yield from row.table(group, _CONSTRAINTS, *steps, argument=argument, prefix=prefix)


def shapes() -> Iterator[Case]:
    """What the layer says of the shape of its outputs."""
    for shape in (
        *((2, 3), (None, 3), (None, None, 3), (2, 5, 3), (2, 3, 4, 5)),
        *((None, 5, None, 7, 3), (0, 3), (3,), ()),
    ):
        yield DENSE("output_shape", sizes(shape), output_shape(*shape))
    yield DENSE("output_shape", "unknown-last-axis", output_shape(2, None))
    halved = DENSE.given(arguments={"activation": "glu"}, dialects=KERAS3, inputs=wave((2, 3)))
    yield halved("output_shape", "activation=glu", BUILD, SET, output_shape(2, 3), CALL)
    yield DENSE("output_shape", "other-than-built", BUILD, output_shape(2, 5))
