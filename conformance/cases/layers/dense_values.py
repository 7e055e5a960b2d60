"""`Dense`: what it computes for every argument, input and dtype."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from conformance.cases.inputs import count, every_pair, listed, thirds, wave
from conformance.cases.layers.common import (
    CALL,
    CONFIG,
    GET_WEIGHTS,
    GRADIENT,
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
    initializer,
    regularizer,
    set_weights,
    shape_text,
)
from conformance.cases.layers.dense_common import NAN, TARGET, called
from conformance.model import COMPUTED, FLOATS, Case, Given, Reference

_INF: Final = float("inf")


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


def arguments() -> Iterator[Case]:
    """Each argument by value, and every pair of values of any two."""
    row = Rows(TARGET)
    x = thirds((2, 3))
    for units in (1, 2, 3, 4, 5, 7, 16):
        yield called(row, "units", str(units), x, units=units, flags=("argument",))
    for units in (1, 5):
        yield called(row, "units", f"{units}-of-1", thirds((4, 1)), units=units)
    for use_bias in (True, False):
        for shape in ((2, 3), (2, 3, 2)):
            yield called(
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
            tolerance=COMPUTED,
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


def activations() -> Iterator[Case]:
    """Every activation by name, with its gradient; objects and functions."""
    for name in (*ACTIVATIONS, *ACTIVATIONS_OF_KERAS3):
        row = Rows(TARGET, KERAS3) if name in ACTIVATIONS_OF_KERAS3 else Rows(TARGET)
        yield called(
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
            yield called(
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
            yield called(
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
            tolerance=COMPUTED,
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


def inputs() -> Iterator[Case]:
    """Ranks, equal axes, empty batches, forms."""
    row = Rows(TARGET)
    for shape in _UNEQUAL:
        for units in (4, 5) if len(shape) < 4 else (1, 2):
            yield called(
                row,
                "rank",
                f"{shape_text(shape)}-to-{units}",
                thirds(shape),
                units=units,
                gradient=True,
            )
    for shape in _EQUAL:
        yield called(
            row,
            "equal-axes",
            shape_text(shape),
            thirds(shape),
            units=shape[-1],
            gradient=True,
            flags=("equal-axes",),
        )
    for shape in ((0, 3), (0, 2, 3), (2, 0, 3), (0, 2, 2, 3)):
        yield called(row, "empty", shape_text(shape), wave(shape), gradient=True, flags=("empty",))
    for form in (Given.VARIABLE, Given.ARRAY, Given.LIST):
        for dtype in ("float32", "float64") if form is not Given.LIST else ("float64",):
            x = thirds((2, 3), dtype, form)
            yield called(row, "given", f"{form}-{dtype}", x, flags=("input-form",))
    for dtype in ("int32", "int64", "uint8", "bool"):
        for policy in ("float32", "float64", "mixed_bfloat16"):
            yield called(
                row,
                "integer",
                f"{dtype}-in-{policy}",
                count((2, 3), dtype) if dtype != "bool" else listed([[1, 0, 1]], dtype),
                policy=policy,
                formula=wave,
                arguments={"dtype": policy},
                flags=("integer",),
            )


def dtypes() -> Iterator[Case]:
    """Computation and weights in every dtype, and inputs of others."""
    row = Rows(TARGET)
    for policy, (compute, _) in POLICIES.items():
        for formula in (wave, thirds):
            for shape in ((2, 3), (2, 3, 4)):
                yield called(
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
                yield called(
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


def edges() -> Iterator[Case]:
    """What is not finite, both zeros, the ends of dtypes."""
    row = Rows(TARGET)
    largest = {"float32": 3.0e38, "float16": 60000.0, "float64": 1.7e308, "bfloat16": 3.0e38}
    for dtype in FLOATS:
        for detail, numbers in {
            "nan": [[NAN, 1.0, 2.0], [0.5, 1.0, 2.0]],
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
                    tolerance=COMPUTED,
                    flags=(detail.split("-")[0] if "zeros" not in detail else "negative-zero",),
                )
    for activation in ("softmax", "sigmoid", "tanh", "softplus"):
        x = listed([[NAN, 1.0], [_INF, 0.0], [-_INF, 0.0], [90.0, 0.0], [-110.0, 0.0]])
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
            tolerance=COMPUTED,
            flags=("nan", "infinity", "activation"),
        )
