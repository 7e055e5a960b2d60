"""`Dense`: arguments by value and by pair, inputs, dtypes, weights, losses, gradients, configurations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from conformance.cases.inputs import count, every_pair, listed, thirds, wave
from conformance.cases.layers.common import (
    CALL,
    CONFIG,
    GET_WEIGHTS,
    GRADIENT,
    KERAS2,
    KERAS3,
    LOSSES,
    POLICIES,
    WEIGHTS,
    Rows,
    array,
    attributes,
    build,
    constraint,
    custom,
    dense_tolerance,
    initializer,
    output_shape,
    penalty_bound,
    regularizer,
    roundtrip,
    set_weights,
    shape_text,
)
from conformance.model import FLOATS, Case, Given, Input, Reference, Step, Tolerance

TARGET: Final = "layers.Dense"
_INF: Final = float("inf")
_NAN: Final = float("nan")

# Names of activation functions, by the dialects that have them.
ACTIVATIONS: Final = (
    *("elu", "exponential", "gelu", "hard_sigmoid", "linear", "mish", "relu", "selu", "sigmoid"),
    *("softmax", "softplus", "softsign", "swish", "tanh"),
)
ACTIVATIONS_OF_KERAS3: Final = (
    *("celu", "glu", "hard_shrink", "hard_silu", "hard_swish", "hard_tanh", "leaky_relu"),
    *("log_sigmoid", "log_softmax", "relu6", "silu", "soft_shrink", "sparse_plus"),
    *("sparse_sigmoid", "sparsemax", "squareplus", "tanh_shrink", "threshold"),
)
_INITIALIZERS: Final[dict[str, Any]] = {
    "zeros": "zeros",
    "ones": "ones",
    "Constant": initializer("Constant", value=0.3),
    "GlorotUniform": initializer("GlorotUniform", seed=3),
    "RandomNormal": initializer("RandomNormal", stddev=0.5, seed=7),
    "Orthogonal": initializer("Orthogonal", seed=5),
    "TruncatedNormal": initializer("TruncatedNormal", seed=1),
    "Identity": initializer("Identity"),
    "Ramp": custom("Ramp", start=-1.0, step=0.25),
    "count_up": Reference("function", "count_up"),
    "class": Reference("class", "initializers.Ones"),
    "dict": {"class_name": "Constant", "config": {"value": 0.5}},
}
_REGULARIZERS: Final[dict[str, tuple[Any, float]]] = {
    # detail: what is given, the sum of its factors
    "l1": ("l1", 0.01),
    "l2": ("l2", 0.01),
    "l1_l2": ("l1_l2", 0.02),
    "L1": (regularizer("L1", l1=0.3), 0.3),
    "L2": (regularizer("L2", l2=0.7), 0.7),
    "L1L2": (regularizer("L1L2", l1=0.3, l2=0.7), 1.0),
    "MyRegularizer": (custom("MyRegularizer", strength=0.5), 0.5),
    "l1_reg": (Reference("function", "l1_reg"), 0.01),
    "dict": ({"class_name": "L1", "config": {"l1": 0.5}}, 0.5),
}
_CONSTRAINTS: Final[dict[str, Any]] = {
    "max_norm": "max_norm",
    "non_neg": "non_neg",
    "MinMaxNorm": constraint("MinMaxNorm", min_value=0.25, max_value=0.5, axis=0),
    "UnitNorm": constraint("UnitNorm", axis=1),
    "CenterAround": custom("CenterAround", ref_value=0.5),
    "double": Reference("function", "double"),
}


def rows() -> Iterator[Case]:
    """Every case about `Dense`."""
    yield from _arguments()
    yield from _activations()
    yield from _inputs()
    yield from _dtypes()
    yield from _edges()
    yield from _weights()
    yield from _losses()
    yield from _gradients()
    yield from _shapes()
    yield from _configs()
    yield from _rejected()


def _called(
    row: Rows,
    group: str,
    detail: str,
    x: Input,
    *,
    units: int = 4,
    policy: str = "float32",
    gradient: bool = False,
    formula: Any = thirds,
    arguments: dict[str, Any] | None = None,
    **rest: Any,
) -> Case:
    """A case that builds, sets the weights by formula, and calls."""
    made = {"units": units, "name": "d", **(arguments or {})}
    size = x.tensor.shape[-1]
    variable = POLICIES[policy][1]
    kernel, bias = array((size, units), variable), array((units,), variable, formula)
    biased = made.get("use_bias", True)
    tolerance = dense_tolerance(
        x,
        kernel,
        bias,
        policy=policy,
        gradient=gradient,
        activation=made.get("activation"),
    )
    steps = (
        build(None, *x.tensor.shape[1:]),
        set_weights(*((kernel, bias)[: 1 + bool(biased)])),
        CALL,
    )
    return row(
        group,
        detail,
        *steps,
        *((GRADIENT,) if gradient else ()),
        arguments=made,
        inputs=(x,),
        tolerance=tolerance,
        **rest,
    )


def _arguments() -> Iterator[Case]:
    """Each argument by value, and every pair of values of any two."""
    row = Rows(TARGET)
    x = thirds((2, 3))
    for units in (1, 2, 3, 4, 5, 7, 16):
        yield _called(row, "units", str(units), x, units=units, flags=("argument",))
    for units in (1, 5):
        yield _called(row, "units", f"{units}-of-1", thirds((4, 1)), units=units)
    for use_bias in (True, False):
        for shape in ((2, 3), (2, 3, 2)):
            yield _called(
                row,
                "use_bias",
                f"{use_bias}-{shape_text(shape)}",
                thirds(shape),
                gradient=True,
                arguments={"use_bias": use_bias},
                flags=("argument",),
            )
    for detail, given in {"0": 0, "1": 1, "None": None, "text": "yes"}.items():
        yield row(
            "use_bias",
            detail,
            build(None, 3),
            WEIGHTS,
            CONFIG,
            arguments={"units": 4, "name": "d", "use_bias": given},
            flags=("unusual-argument",),
        )
    for argument in ("kernel_initializer", "bias_initializer"):
        for detail, given in _INITIALIZERS.items():
            yield row(
                argument,
                detail,
                build(None, 3),
                GET_WEIGHTS,
                arguments={
                    "units": 4,
                    "name": "d",
                    "kernel_initializer": "zeros",
                    argument: given,
                },
                flags=("argument", "initializer-seed") if detail[0].isupper() else ("argument",),
            )
    penalties = {"none": None, "l2": "l2", "L1": regularizer("L1", l1=0.25)}
    projections = {"none": None, "MaxNorm": constraint("MaxNorm", max_value=0.5, axis=1)}
    values: dict[str, Sequence[Any]] = {
        "units": (2, 4),
        "activation": ("relu", "tanh", "softmax"),
        "use_bias": (True, False),
        "kernel_initializer": ("ones", "Constant"),
        "bias_initializer": ("ones", "Constant"),
        "kernel_regularizer": tuple(penalties),
        "bias_regularizer": tuple(penalties),
        "activity_regularizer": tuple(penalties),
        "kernel_constraint": tuple(projections),
        "bias_constraint": tuple(projections),
    }
    for number, chosen in enumerate(every_pair(**values)):
        arguments = dict(chosen)
        for name in arguments:
            if name.endswith("initializer"):
                arguments[name] = _INITIALIZERS[arguments[name]]
            elif name.endswith("regularizer"):
                arguments[name] = penalties[arguments[name]]
            elif name.endswith("constraint"):
                arguments[name] = projections[arguments[name]]
        units = int(arguments["units"])
        kernel, bias = array((3, units)), array((units,), formula=thirds)
        held = (kernel, bias) if arguments["use_bias"] else (kernel,)
        forward = dense_tolerance(
            x, kernel, bias, gradient=True, activation=arguments["activation"]
        )
        penalty = penalty_bound(12, forward.scale, 0.25)
        yield row(
            "pairs",
            f"{number:02d}",
            build(None, 3),
            GET_WEIGHTS,
            set_weights(*held),
            CALL,
            LOSSES,
            GRADIENT,
            CONFIG,
            arguments={**arguments, "name": "d"},
            inputs=(x,),
            tolerance=Tolerance(
                forward.kind,
                why=f"{forward.why}; {penalty.why}",
                eps=max(forward.eps, penalty.eps),
                scale=max(forward.scale, penalty.scale),
            ),
            flags=("pairwise",),
        )
    yield row(
        "arguments",
        "positional",
        build(None, 3),
        WEIGHTS,
        CONFIG,
        arguments={"*": (4, "relu", False, "ones"), "name": "d"},
        flags=("documented-signature",),
    )
    yield row(
        "arguments",
        "defaults",
        build(None, 3),
        WEIGHTS,
        CONFIG,
        attributes("activation", "use_bias", "units", "trainable", "dtype"),
        arguments={"units": 4, "name": "d"},
        flags=("documented-default",),
    )


def _activations() -> Iterator[Case]:
    """Every activation by name, with its gradient; objects and functions."""
    for name in (*ACTIVATIONS, *ACTIVATIONS_OF_KERAS3):
        row = Rows(TARGET, KERAS3) if name in ACTIVATIONS_OF_KERAS3 else Rows(TARGET)
        yield _called(
            row,
            "activation",
            name,
            thirds((2, 3)),
            gradient=True,
            arguments={"activation": name},
            flags=("argument", "activation"),
        )
        yield row(
            "activation-config",
            name,
            CONFIG,
            arguments={"units": 4, "name": "d", "activation": name},
            flags=("config", "activation"),
        )
    row = Rows(TARGET)
    for name in ("relu", "tanh", "softmax", "gelu", "sigmoid"):
        for policy in ("float16", "bfloat16", "float64", "mixed_float16", "mixed_bfloat16"):
            yield _called(
                row,
                "activation-dtype",
                f"{name}-{policy}",
                wave((2, 3), POLICIES[policy][0]),
                policy=policy,
                gradient=True,
                formula=wave,
                arguments={"activation": name, "dtype": policy},
                flags=("activation", "policy"),
            )
    for name in ("relu", "softmax", "tanh"):
        for shape in ((2, 2, 3), (1, 3, 2, 2)):
            yield _called(
                row,
                "activation-rank",
                f"{name}-{shape_text(shape)}",
                thirds(shape),
                gradient=True,
                arguments={"activation": name},
                flags=("activation",),
            )
    for detail, given in {
        "function": Reference("class", "activations.tanh"),
        "plain-function": Reference("function", "double"),
        "none": None,
    }.items():
        known = {"function": "tanh", "plain-function": "softplus"}.get(detail)
        x, kernel, bias = thirds((2, 3)), array((3, 4)), array((4,), formula=thirds)
        yield row(
            "activation",
            f"given-{detail}",
            build(None, 3),
            set_weights(kernel, bias),
            CALL,
            CONFIG,
            arguments={"units": 4, "name": "d", "activation": given},
            inputs=(x,),
            tolerance=dense_tolerance(x, kernel, bias, activation=known),
            flags=("argument", "activation"),
        )
    refused: dict[str, Any] = {
        "unknown": "foo",
        "empty": "",
        "number": 3,
        "list": ["relu"],
        "capital": "ReLU",
        "upper": "RELU",
        "dict": {"class_name": "relu", "config": {}},
    }
    for detail, given in refused.items():
        yield row(
            "activation-rejected",
            detail,
            attributes("units"),
            arguments={"units": 4, "name": "d", "activation": given},
            flags=("bad-argument", "activation"),
        )


# Sizes along different axes differ.
_UNEQUAL: Final = ((2, 3), (5, 3), (2, 5, 3), (2, 3, 4, 2), (2, 3, 1, 4, 2), (4, 2, 3), (3, 2, 5))
# In these two or more are the same, or 1: a mistaken axis hides, a squeezed one does not.
_EQUAL: Final = (
    (4, 4),
    (1, 3),
    (3, 1),
    (1, 1),
    (3, 3, 3),
    (2, 2, 4),
    (1, 2, 3),
    (2, 1, 3),
    (1, 1, 1),
)


def _inputs() -> Iterator[Case]:
    """Ranks, equal axes, empty batches, forms."""
    row = Rows(TARGET)
    for shape in _UNEQUAL:
        for units in (4, 5) if len(shape) < 4 else (1, 2):
            yield _called(
                row,
                "rank",
                f"{shape_text(shape)}-to-{units}",
                thirds(shape),
                units=units,
                gradient=True,
            )
    for shape in _EQUAL:
        yield _called(
            row,
            "equal-axes",
            shape_text(shape),
            thirds(shape),
            units=shape[-1],
            gradient=True,
            flags=("equal-axes",),
        )
    for shape in ((0, 3), (0, 2, 3), (2, 0, 3), (0, 2, 2, 3)):
        yield _called(row, "empty", shape_text(shape), wave(shape), gradient=True, flags=("empty",))
    for form in (Given.VARIABLE, Given.ARRAY, Given.LIST):
        for dtype in ("float32", "float64") if form is not Given.LIST else ("float64",):
            x = thirds((2, 3), dtype, form)
            yield _called(row, "given", f"{form}-{dtype}", x, flags=("input-form",))
    for dtype in ("int32", "int64", "uint8", "bool"):
        for policy in ("float32", "float64", "mixed_bfloat16"):
            yield _called(
                row,
                "integer",
                f"{dtype}-in-{policy}",
                count((2, 3), dtype) if dtype != "bool" else listed([[1, 0, 1]], dtype),
                policy=policy,
                formula=wave,
                arguments={"dtype": policy},
                flags=("integer",),
            )


def _dtypes() -> Iterator[Case]:
    """Computation and weights in every dtype, and inputs of others."""
    row = Rows(TARGET)
    for policy, (compute, _) in POLICIES.items():
        for formula in (wave, thirds):
            for shape in ((2, 3), (2, 3, 4)):
                yield _called(
                    row,
                    "dtype",
                    f"{policy}-{formula.__name__}-{shape_text(shape)}",
                    formula(shape, compute),
                    policy=policy,
                    gradient=True,
                    formula=formula,
                    arguments={"dtype": policy},
                    flags=("policy",),
                )
        for dtype in FLOATS:
            if dtype != compute:
                yield _called(
                    row,
                    "dtype-of-input",
                    f"{dtype}-in-{policy}",
                    thirds((2, 3), dtype),
                    policy=policy,
                    arguments={"dtype": policy},
                    flags=("policy",),
                )
        yield row(
            "policy",
            policy,
            build(None, 3),
            WEIGHTS,
            attributes("dtype", "variable_dtype", "compute_dtype", "dtype_policy"),
            CONFIG,
            arguments={"units": 4, "name": "d", "dtype": policy},
            flags=("policy", "config"),
        )


def _edges() -> Iterator[Case]:
    """What is not finite, both zeros, the ends of dtypes."""
    row = Rows(TARGET)
    largest = {"float32": 3.0e38, "float16": 60000.0, "float64": 1.7e308, "bfloat16": 3.0e38}
    for dtype in FLOATS:
        for detail, numbers in {
            "nan": [[_NAN, 1.0, 2.0], [0.5, 1.0, 2.0]],
            "infinity": [[_INF, 1.0, 2.0], [0.5, -_INF, 2.0]],
            "infinities-of-both-signs": [[_INF, -_INF, 2.0]],
            "zeros": [[0.0, 0.0, 0.0]],
            "negative-zeros": [[-0.0, -0.0, -0.0]],
            "overflow": [[largest[dtype], largest[dtype], largest[dtype]]],
        }.items():
            x = listed(numbers, dtype)
            kernel = listed([[1.0, 2.0], [0.5, -1.0], [0.25, 0.0]], dtype, Given.ARRAY)
            bias = listed([-0.0, 0.5], dtype, Given.ARRAY)
            for activation in (None, "relu"):
                yield row(
                    "edge",
                    f"{detail}-{dtype}-{activation or 'linear'}",
                    build(None, 3),
                    set_weights(kernel, bias),
                    CALL,
                    arguments={"units": 2, "name": "d", "dtype": dtype, "activation": activation},
                    inputs=(x,),
                    tolerance=dense_tolerance(x, kernel, bias)
                    if detail in ("nan", "infinity")
                    else Tolerance(),
                    flags=(detail.split("-")[0] if "zeros" not in detail else "negative-zero",),
                )
    for activation in ("softmax", "sigmoid", "tanh", "softplus"):
        x = listed([[_NAN, 1.0], [_INF, 0.0], [-_INF, 0.0], [90.0, 0.0], [-110.0, 0.0]])
        kernel = listed([[1.0, 0.5], [1.0, 1.0]], given=Given.ARRAY)
        bias = listed([0.0, 0.0], given=Given.ARRAY)
        yield row(
            "edge",
            f"activation-{activation}",
            build(None, 2),
            set_weights(kernel, bias),
            CALL,
            arguments={"units": 2, "name": "d", "activation": activation},
            inputs=(x,),
            tolerance=dense_tolerance(x, kernel, activation=activation),
            flags=("nan", "infinity", "activation"),
        )


def _weights() -> Iterator[Case]:
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
        tolerance=dense_tolerance(x, kernel, bias, gradient=True),
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
        "nan": (listed([[_NAN] * 4] * 3, given=Given.ARRAY), bias),
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


def _losses() -> Iterator[Case]:
    """Penalties on kernel, bias and outputs."""
    row = Rows(TARGET)
    x, kernel, bias = thirds((2, 3)), array((3, 4)), array((4,), formula=thirds)
    size = dense_tolerance(x, kernel, bias).scale
    steps = (build(None, 3), set_weights(kernel, bias))
    for argument in ("kernel_regularizer", "bias_regularizer", "activity_regularizer"):
        for detail, (given, factor) in _REGULARIZERS.items():
            active = argument == "activity_regularizer"
            yield row(
                argument,
                detail,
                *steps,
                LOSSES,
                CALL,
                LOSSES,
                arguments={"units": 4, "name": "d", argument: given},
                inputs=(x,),
                tolerance=penalty_bound(8 if active else 12, size if active else 2.0, factor),
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
        tolerance=penalty_bound(18, 1.0, 0.5),
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
        scale = dense_tolerance(given, k, b, policy=policy).scale
        budget = penalty_bound(12, scale, 0.75, compute)
        if compute != variable:
            ratio = 2.0**13 if compute == "float16" else 2.0**16
            budget = Tolerance(
                budget.kind,
                why=f"{budget.why}, also where the penalty is float32",
                eps=budget.eps,
                scale=budget.scale * ratio,
            )
        yield row(
            "losses",
            f"all-{policy}",
            build(None, 3),
            set_weights(k, b),
            CALL,
            LOSSES,
            arguments={"units": 4, "name": "d", "dtype": policy, **three},
            inputs=(given,),
            tolerance=budget,
            flags=("losses", "order", "policy"),
        )
    for shape in ((1, 3), (4, 3), (3, 2, 3), (0, 3), (2, 0, 3)):
        given = wave(shape)
        scale = dense_tolerance(given, kernel, bias).scale or 1.0
        yield row(
            "losses",
            f"batch-{shape_text(shape)}",
            build(None, *shape[1:]),
            set_weights(kernel, bias),
            CALL,
            LOSSES,
            arguments={"units": 4, "name": "d", **three},
            inputs=(given,),
            tolerance=penalty_bound(24, scale, 0.75),
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
        tolerance=penalty_bound(16, size, 0.75),
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
        tolerance=penalty_bound(12, size, 0.75),
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
        tolerance=penalty_bound(12, 2.0, 0.5),
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
            tolerance=penalty_bound(25, 10.0, 0.01),
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
            tolerance=penalty_bound(25, 1.0, 0.5),
            flags=("losses", "documented-example"),
        )


def _gradients() -> Iterator[Case]:
    """Of kernel, bias and input, with and without what might change them."""
    row = Rows(TARGET)
    for dtype in FLOATS:
        for formula in (wave, thirds):
            for shape, units in (((3, 2), 5), ((4, 4), 4), ((2, 3, 2), 3), ((1, 5), 2)):
                yield _called(
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
        yield _called(
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


def _shapes() -> Iterator[Case]:
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


def _configs() -> Iterator[Case]:
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
            tolerance=dense_tolerance(x, kernel, bias),
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


def _rejected() -> Iterator[Case]:
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
        tolerance=dense_tolerance(wave((2, 5, 3)), kernel, bias),
    )
