"""`Dense`: what it computes for every argument, input and dtype."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from conformance.cases.inputs import INF, NAN, count, every_pair, listed, thirds, wave
from conformance.cases.layers.base_common import BUILD, X
from conformance.cases.layers.common import POLICIES, array
from conformance.cases.layers.dense_common import DENSE, SET, TARGET, called
from conformance.cases.references import (
    class_of,
    constraint,
    custom,
    function,
    initializer,
    regularizer,
    short_record,
)
from conformance.cases.rows import EXACT, KERAS3, Rows, sizes
from conformance.cases.steps import (
    CALL,
    CONFIG,
    GET_WEIGHTS,
    GRADIENT,
    LOSSES,
    WEIGHTS,
    attributes,
    build,
    set_weights,
)
from conformance.model import DIALECTS, FLOATS, Case, Given

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
    "count_up": function("count_up"),
    "class": class_of("initializers.Ones"),
    "dict": short_record("Constant", {"value": 0.5}),
}
# Sizes along different axes differ.
_UNEQUAL: Final = ((2, 3), (5, 3), (2, 5, 3), (2, 3, 4, 2), (2, 3, 1, 4, 2), (4, 2, 3), (3, 2, 5))
# In these two or more are the same, or 1: a mistaken axis hides, a squeezed one does not.
_EQUAL: Final = (
    *((4, 4), (1, 3), (3, 1), (1, 1), (3, 3, 3), (2, 2, 4), (1, 2, 3), (2, 1, 3), (1, 1, 1)),
)
# What the initializers, regularizers and constraints of pairs are called.
_PENALTIES: Final = {"none": None, "l2": "l2", "L1": regularizer("L1", l1=0.25)}
_PROJECTIONS: Final = {"none": None, "MaxNorm": constraint("MaxNorm", max_value=0.5, axis=1)}
_NAMED: Final[dict[str, dict[str, Any]]] = {
    "initializer": _INITIALIZERS,
    "regularizer": _PENALTIES,
    "constraint": _PROJECTIONS,
}
_PAIRS: Final[dict[str, Sequence[Any]]] = {
    "units": (2, 4),
    "activation": ("relu", "tanh", "softmax"),
    "use_bias": (True, False),
    "kernel_initializer": ("ones", "Constant"),
    "bias_initializer": ("ones", "Constant"),
    "kernel_regularizer": tuple(_PENALTIES),
    "bias_regularizer": tuple(_PENALTIES),
    "activity_regularizer": tuple(_PENALTIES),
    "kernel_constraint": tuple(_PROJECTIONS),
    "bias_constraint": tuple(_PROJECTIONS),
}


def arguments() -> Iterator[Case]:
    """Each argument by value, and every pair of values of any two."""
    for units in (1, 2, 3, 4, 5, 7, 16):
        yield called("units", str(units), X, units=units, flags="argument")
    for units in (1, 5):
        yield called("units", f"{units}-of-1", thirds((4, 1)), units=units)
    for use_bias in (True, False):
        for shape in ((2, 3), (2, 3, 2)):
            yield called(
                "use_bias",
                f"{use_bias}-{sizes(shape)}",
                thirds(shape),
                gradient=True,
                arguments={"use_bias": use_bias},
                flags="argument",
            )
    group = "use_bias"
    unusual = {"0": 0, "1": 1, "None": None, "text": "yes"}
    row = DENSE.given(flags="unusual-argument")
    yield from row.table(group, unusual, BUILD, WEIGHTS, CONFIG, argument=group)
    row = DENSE.given(arguments={"kernel_initializer": "zeros"}, flags="argument")
    # Some of these draw, each its own way.
    drawn = row.given(flags=("argument", "initializer"), tolerance=EXACT)
    for argument in ("kernel_initializer", "bias_initializer"):
        for detail, value in _INITIALIZERS.items():
            asked = drawn if detail[0].isupper() else row
            yield asked(argument, detail, BUILD, GET_WEIGHTS, arguments={argument: value})
    for number, chosen in enumerate(every_pair(**_PAIRS)):
        yield _pair(f"{number:02d}", chosen)
    row = Rows(TARGET, arguments={"*": (4, "relu", False, "ones"), "name": "d"})
    row = row.given(flags="documented-signature")
    yield row("arguments", "positional", BUILD, WEIGHTS, CONFIG)
    looked = attributes("activation", "use_bias", "units", "trainable", "dtype")
    steps = (BUILD, WEIGHTS, CONFIG, looked)
    yield DENSE("arguments", "defaults", *steps, flags="documented-default")


def _pair(detail: str, chosen: dict[str, Any]) -> Case:
    """Everything that one layer does with these values of its arguments."""
    arguments = {
        name: _NAMED.get(name.rpartition("_")[2], {}).get(value, value)
        for name, value in chosen.items()
    }
    units = int(arguments["units"])
    kernel, bias = array((3, units)), array((units,), formula=thirds)
    row = Rows(TARGET, arguments={**arguments, "name": "d"}, inputs=X, flags="pairwise")
    held = set_weights(*((kernel, bias) if arguments["use_bias"] else (kernel,)))
    return row("pairs", detail, BUILD, GET_WEIGHTS, held, CALL, LOSSES, GRADIENT, CONFIG)


_GIVEN: Final[dict[str, Any]] = {
    "function": class_of("activations.tanh"),
    "plain-function": function("double"),
    "none": None,
}
_REFUSED: Final[dict[str, Any]] = {
    "unknown": "foo",
    "empty": "",
    "number": 3,
    "list": ["relu"],
    "capital": "ReLU",
    "upper": "RELU",
    "dict": {"class_name": "relu", "config": {}},
}


def activations() -> Iterator[Case]:
    """Every activation by name, with its gradient; objects and functions."""
    flags = ("argument", "activation")
    for name in (*ACTIVATIONS, *ACTIVATIONS_OF_KERAS3):
        given: dict[str, Any] = {"arguments": {"activation": name}}
        given["dialects"] = KERAS3 if name in ACTIVATIONS_OF_KERAS3 else DIALECTS
        yield called("activation", name, X, gradient=True, flags=flags, **given)
        yield DENSE("activation-config", name, CONFIG, flags=("config", "activation"), **given)
    for name in ("relu", "tanh", "softmax", "gelu", "sigmoid"):
        for policy in ("float16", "bfloat16", "float64", "mixed_float16", "mixed_bfloat16"):
            yield called(
                "activation-dtype",
                f"{name}-{policy}",
                wave((2, 3), POLICIES[policy][0]),
                policy=policy,
                gradient=True,
                formula=wave,
                arguments={"activation": name, "dtype": policy},
                flags=("activation", "policy"),
            )
    # A slope that is a difference of nearly equal numbers keeps no digit of them.
    far = listed([[-(2.0**25)], [-1e6], [-1e4], [1e4], [1e5], [2.0**25]])
    plain = {"units": 1, "use_bias": False, "kernel_initializer": "ones"}
    row = Rows(TARGET, arguments={**plain, "activation": "softsign", "name": "d"}, inputs=far)
    flagged = ("gradient", "activation", "rounding")
    yield row("activation", "softsign-far", CALL, GRADIENT, flags=flagged)
    for name in ("relu", "softmax", "tanh"):
        for shape in ((2, 2, 3), (1, 3, 2, 2)):
            yield called(
                "activation-rank",
                f"{name}-{sizes(shape)}",
                thirds(shape),
                gradient=True,
                arguments={"activation": name},
                flags="activation",
            )
    row = DENSE.given(inputs=X, flags=flags)
    argument = "activation"
    steps = (BUILD, SET, CALL, CONFIG)
    yield from row.table("activation", _GIVEN, *steps, argument=argument, prefix="given-")
    bad = DENSE.given(flags=("bad-argument", "activation"))
    looked = attributes("units")
    yield from bad.table("activation-rejected", _REFUSED, looked, argument=argument)


def inputs() -> Iterator[Case]:
    """Ranks, equal axes, empty batches, forms."""
    for shape in _UNEQUAL:
        for units in (4, 5) if len(shape) < 4 else (1, 2):
            detail = f"{sizes(shape)}-to-{units}"
            yield called("rank", detail, thirds(shape), units=units, gradient=True)
    for shape in _EQUAL:
        x = thirds(shape)
        units = shape[-1]
        yield called("equal-axes", sizes(shape), x, units=units, gradient=True, flags="equal-axes")
    for shape in ((0, 3), (0, 2, 3), (2, 0, 3), (0, 2, 2, 3)):
        yield called("empty", sizes(shape), wave(shape), gradient=True, flags="empty")
    for form in (Given.VARIABLE, Given.ARRAY, Given.LIST):
        for dtype in ("float32", "float64") if form is not Given.LIST else ("float64",):
            x = thirds((2, 3), dtype, form)
            yield called("given", f"{form}-{dtype}", x, flags="input-form")
    for dtype in ("int32", "int64", "uint8", "bool"):
        x = count((2, 3), dtype) if dtype != "bool" else listed([[1, 0, 1]], dtype)
        for policy in ("float32", "float64", "mixed_bfloat16"):
            yield called(
                "integer",
                f"{dtype}-in-{policy}",
                x,
                policy=policy,
                formula=wave,
                arguments={"dtype": policy},
                flags="integer",
            )


def dtypes() -> Iterator[Case]:
    """Computation and weights in every dtype, and inputs of others."""
    looked = attributes("dtype", "variable_dtype", "compute_dtype", "dtype_policy")
    for policy, (compute, _) in POLICIES.items():
        given: dict[str, Any] = {"policy": policy, "arguments": {"dtype": policy}}
        given["flags"] = "policy"
        for formula in (wave, thirds):
            for shape in ((2, 3), (2, 3, 4)):
                x = formula(shape, compute)
                detail = f"{policy}-{formula.__name__}-{sizes(shape)}"
                yield called("dtype", detail, x, formula=formula, gradient=True, **given)
        for dtype in FLOATS:
            if dtype != compute:
                x = thirds((2, 3), dtype)
                yield called("dtype-of-input", f"{dtype}-in-{policy}", x, **given)
        row = DENSE.given(arguments={"dtype": policy}, flags=("policy", "config"))
        yield row("policy", policy, BUILD, WEIGHTS, looked, CONFIG)


def edges() -> Iterator[Case]:
    """What is not finite, both zeros, the ends of dtypes."""
    row = DENSE.given(arguments={"units": 2})
    largest = {"float32": 3.0e38, "float16": 60000.0, "float64": 1.7e308, "bfloat16": 3.0e38}
    for dtype in FLOATS:
        edges: dict[str, tuple[list[list[float]], str]] = {
            "nan": ([[NAN, 1.0, 2.0], [0.5, 1.0, 2.0]], "nan"),
            "infinity": ([[INF, 1.0, 2.0], [0.5, -INF, 2.0]], "infinity"),
            "infinities-of-both-signs": ([[INF, -INF, 2.0]], "infinity"),
            "zeros": ([[0.0, 0.0, 0.0]], "negative-zero"),
            "negative-zeros": ([[-0.0, -0.0, -0.0]], "negative-zero"),
            "overflow": ([[largest[dtype]] * 3], "overflow"),
        }
        kernel = listed([[1.0, 2.0], [0.5, -1.0], [0.25, 0.0]], dtype, Given.ARRAY)
        steps = (BUILD, set_weights(kernel, listed([-0.0, 0.5], dtype, Given.ARRAY)), CALL)
        for detail, (numbers, flag) in edges.items():
            for activation in (None, "relu"):
                arguments = {"dtype": dtype, "activation": activation}
                asked = row.given(arguments=arguments, inputs=listed(numbers, dtype), flags=flag)
                yield asked("edge", f"{detail}-{dtype}-{activation or 'linear'}", *steps)
    x = listed([[NAN, 1.0], [INF, 0.0], [-INF, 0.0], [90.0, 0.0], [-110.0, 0.0]])
    kernel = listed([[1.0, 0.5], [1.0, 1.0]], given=Given.ARRAY)
    steps = (build(None, 2), set_weights(kernel, listed([0.0, 0.0], given=Given.ARRAY)), CALL)
    row = row.given(inputs=x, flags=("nan", "infinity", "activation"))
    some = ("softmax", "sigmoid", "tanh", "softplus")
    yield from row.table("edge", some, *steps, argument="activation", prefix="activation-")
