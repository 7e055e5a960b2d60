"""Activations by themselves: their arguments, and inputs that no layer hands to one; functions of `keras.ops`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from conformance.cases.initializers.common import generator, tolerance
from conformance.cases.inputs import listed, wave
from conformance.cases.layers.base_common import LAYER
from conformance.cases.rows import KERAS2, KERAS3, Cell, Rows, arguments_text, cell
from conformance.cases.steps import CALL, GRADIENT, globally, predicted
from conformance.model import DIALECTS, Case, Input

# Numbers below and above each threshold and largest value that is asked.
_NUMBERS: Final = (-3.0, -1.25, -0.5, 0.0, 0.5, 1.25, 2.0, 4.0, 6.0, 7.0)
_SPECIAL: Final = (-math.inf, -1.0, 0.0, 3.0, 7.0, math.inf, math.nan)
# The slope of an exponential there is far below the rounding of 1, and far above the least number.
_TAIL: Final = (-700.0, -40.0, -1.0, 0.5)
# Their squares overflow; of `sparse_plus`, twice the outermost too.
_LARGE: Final[Mapping[tuple[str, str], tuple[float, ...]]] = {
    ("squareplus", "float32"): (-1e30, -1e20, 1e20, 1e30),
    ("squareplus", "float16"): (-4e4, -1000.0, 1000.0, 4e4),
    ("sparse_plus", "float32"): (-3e38, -1e20, 1e20, 3e38),
    ("sparse_plus", "float16"): (-4e4, -1000.0, 1000.0, 4e4),
}
_WHOLE: Final = (-4, -3, -1, 0, 1, 3, 5)
# Arguments of `relu` that both dialects name alike, and those of Keras 3.
_BOTH: Final[Mapping[str, Mapping[str, float]]] = {
    "max_value=4": {"max_value": 4.0},
    "threshold=1": {"threshold": 1.0},
    "threshold=1,max_value=4": {"threshold": 1.0, "max_value": 4.0},
    "threshold=-1": {"threshold": -1.0},
    "threshold=-1,max_value=4": {"threshold": -1.0, "max_value": 4.0},
    "max_value=6": {"max_value": 6.0},
    "max_value=6.5": {"max_value": 6.5},
    "max_value=7": {"max_value": 7.0},
}
_SLOPES: Final[Mapping[str, Mapping[str, float]]] = {
    "negative_slope=0.25": {"negative_slope": 0.25},
    "negative_slope=0.25,threshold=1,max_value=4": {
        "negative_slope": 0.25,
        "threshold": 1.0,
        "max_value": 4.0,
    },
    "negative_slope=-0.5,max_value=6": {"negative_slope": -0.5, "max_value": 6.0},
    "negative_slope=1": {"negative_slope": 1.0},
    "negative_slope=0.25,threshold=-1": {"negative_slope": 0.25, "threshold": -1.0},
    "negative_slope=0.25,threshold=1": {"negative_slope": 0.25, "threshold": 1.0},
    "negative_slope=0.25,max_value=1": {"negative_slope": 0.25, "max_value": 1.0},
}
_ALPHAS: Final[Mapping[str, Mapping[str, float]]] = {
    label.replace("negative_slope", "alpha"): {
        name.replace("negative_slope", "alpha"): value for name, value in options.items()
    }
    for label, options in _SLOPES.items()
}
# Other arguments than the defaults, of functions of one number, by the dialects that have them.
_ARGUMENTS: Final[Sequence[tuple[str, Mapping[str, Any], tuple[str, ...]]]] = (
    *(("elu", {"alpha": alpha}, DIALECTS) for alpha in (0.5, 2.0, 1)),
    ("gelu", {"approximate": True}, DIALECTS),
    ("gelu", {"approximate": False}, DIALECTS),
    *(("celu", {"alpha": alpha}, KERAS3) for alpha in (0.5, 2.0)),
    *(("leaky_relu", {"negative_slope": slope}, KERAS3) for slope in (0.375, 0.0)),
    *(("hard_shrink", {"threshold": threshold}, KERAS3) for threshold in (1.25, 0.0)),
    *(("soft_shrink", {"threshold": threshold}, KERAS3) for threshold in (1.0, 0.0)),
    *(("squareplus", {"b": b}, KERAS3) for b in (0.25, 9)),
    *(("threshold", {"threshold": 1.25, "default_value": value}, KERAS3) for value in (-0.5, 2)),
    ("threshold", {"threshold": -1, "default_value": 0}, KERAS3),
)
# Axes of an input whose sizes differ. Of several, Keras 3 takes a tuple.
_AXES: Final = (0, 1, 2, -2, -3, None)
_SEVERAL: Final = ((0, 1), (2, 0), (1,), (), (0, 1, 2))
_NO_AXES: Final = (3, -4, "last", 1.0, (0, 0), (0, 3), (1.5,))
# Draws of `keras.random`, by the initializer of the same law.
_DRAWS: Final[Mapping[str, tuple[str, dict[str, float], dict[str, float]]]] = {
    "normal": ("RandomNormal", {"mean": 0.0, "stddev": 1.0}, {"mean": 1.0, "stddev": 2.0}),
    "truncated_normal": (
        "TruncatedNormal",
        {"mean": 0.0, "stddev": 1.0},
        {"mean": -1, "stddev": 0.25},
    ),
    "uniform": ("RandomUniform", {"minval": 0.0, "maxval": 1.0}, {"minval": -0.7, "maxval": 1.3}),
}
_BAD_DRAWS: Final[Mapping[str, Any]] = {
    "seed-float": {"seed": 1.5},
    "seed-text": {"seed": "x"},
    "seed-dict": {"seed": {}},
    "seed-true": {"seed": True},
    "seed-too-large": {"seed": 2**63},
    "dtype-integer": {"seed": 3, "dtype": "int32"},
    "dtype-unknown": {"seed": 3, "dtype": "foo"},
}
# What `keras.ops` has of the documents' own examples; what these are given.
_OPERATIONS: Final[Sequence[tuple[str, Mapping[str, Any]]]] = (
    *(("absolute", {}), ("square", {}), ("mean", {}), ("sum", {})),
    *((name, {"axis": axis}) for name in ("mean", "sum") for axis in (0, -1)),
    *((name, {"axis": 1, "keepdims": True}) for name in ("mean", "sum")),
    *(("cast", {"dtype": "float64"}), ("cast", {"dtype": "int32"}), ("convert_to_tensor", {})),
    *(("convert_to_tensor", {"dtype": "float16"}), ("greater_equal", {"x2": 0.5})),
    *(("greater_equal", {"x2": -1}), ("matmul", {"x2": wave((4, 2))})),
    *(("ones", {"shape": (2, 3)}), ("ones", {"shape": (3,), "dtype": "int32"})),
)
_OF_INTEGERS: Final[Sequence[tuple[str, Mapping[str, Any]]]] = (
    *(("mean", {}), ("sum", {"axis": 0}), ("absolute", {}), ("square", {})),
    *(("greater_equal", {"x2": 1}), ("greater_equal", {"x2": 0.5})),
    ("greater_equal", {"x2": listed([[0.5, 1.0, -2.5, 3.0, -4.0, 0.0, 5.5]])}),
)


def rows() -> Iterator[Case]:
    """Every case about activations that `Activate` calls."""
    for dtype in ("float32", "float16"):
        for label, options in {**_BOTH, **_SLOPES}.items():
            row = _row("relu", _NUMBERS, dtype, options)
            slopes = label in _SLOPES
            yield (row.given(dialects=KERAS3) if slopes else row)(
                "activated", f"relu-{label}-{dtype}", CALL
            )
        for label, options in _ALPHAS.items():
            row = _row("relu", _NUMBERS, dtype, options, KERAS2)
            yield row("activated", f"relu-{label}-{dtype}", CALL)
        at = _row("relu", (1.0,), dtype, _BOTH["threshold=1"])
        yield at("activated", f"relu-at-the-threshold-{dtype}", CALL, flags="bound")
    for name in ("relu", "relu6"):
        row = _row(name, _SPECIAL, "float32", dialects=KERAS3 if name == "relu6" else None)
        yield row("activated", f"{name}-special", CALL, flags=("nan", "infinity"))
    for name in ("hard_shrink", "soft_shrink", "tanh_shrink"):
        row = _row(name, _SPECIAL, "float32", dialects=KERAS3)
        yield row("activated", f"{name}-special", CALL, flags=("nan", "infinity"))
    for name in ("elu", "selu", "relu", "silu"):
        row = _row(
            name, (0.5, math.nan, -0.5), "float32", dialects=KERAS3 if name == "silu" else None
        )
        yield row("activated", f"{name}-nan-gradient", GRADIENT, flags=("gradient", "nan"))
    for name in ("relu6", "hard_sigmoid"):
        row = _row(name, (-7.0, 9.0, -8.0, 0.5, 8.0), "float32", dialects=KERAS3)
        yield row("activated", f"{name}-saturated-gradient", GRADIENT, flags="gradient")
    yield from _arguments()
    yield from _axes()
    yield from _operations()
    yield from _draws()
    for name in ("gelu", "hard_sigmoid", "leaky_relu"):
        row = _row(name, _WHOLE, "int32", dialects=KERAS3)
        yield row("activated", f"{name}-int32", CALL, flags="integer")
    for name in ("elu", "selu"):
        row = _row(name, _TAIL, "float64")
        yield row(
            "activated", f"{name}-tail-float64", CALL, GRADIENT, flags=("gradient", "rounding")
        )
    for (name, dtype), numbers in _LARGE.items():
        row = _row(name, numbers, dtype, dialects=KERAS3)
        # Official Keras has half of the slope of squareplus: float16 has too few digits for a tolerance of it.
        sloped = (name, dtype) != ("squareplus", "float16")
        steps = (CALL, GRADIENT) if sloped else (CALL,)
        flags = ("gradient", "overflow") if sloped else ("overflow",)
        yield row("activated", f"{name}-large-{dtype}", *steps, flags=flags)
    infinite = (complex(-math.inf, 0), complex(math.inf, 0))
    row = _row("sigmoid", infinite, "complex64")
    yield row("activated", "sigmoid-complex64", CALL, flags=("complex", "infinity"))


def _row(
    name: str,
    numbers: tuple[complex, ...],
    dtype: str,
    options: Mapping[str, Any] | None = None,
    dialects: tuple[str, ...] | None = None,
) -> Rows:
    """The row of an activation with some inputs, in their own dtype."""
    arguments: dict[str, Any] = {"function": name, "name": "a"}
    if options:
        arguments["options"] = dict(options)
    if dtype.startswith("float"):
        arguments["dtype"] = dtype
    return _called(arguments, listed([list(numbers)], dtype), dialects)


def _called(arguments: Mapping[str, Any], given: Input, dialects: tuple[str, ...] | None) -> Rows:
    row = LAYER.given(custom="Activate", arguments=arguments, inputs=given, flags="activation")
    return row if dialects is None else row.given(dialects=dialects)


def _arguments() -> Iterator[Case]:
    """Arguments of functions of one number; of integers and complex numbers, where they are refused."""
    for name, options, dialects in _ARGUMENTS:
        detail = f"{name}-{arguments_text(options)}"
        row = _row(name, _NUMBERS, "float32", options, dialects)
        yield row("activated", f"{detail}-float32", CALL)
    yield _row("hard_sigmoid", _NUMBERS, "float32")("activated", "hard_sigmoid-float32", CALL)
    for name in ("sparse_plus", "sparse_sigmoid", "hard_tanh", "hard_silu"):
        yield _row(name, _NUMBERS, "float32", dialects=KERAS3)("activated", f"{name}-float32", CALL)
    for name in ("elu", "softmax", "tanh", "sigmoid", "softsign", "relu"):
        yield _row(name, _WHOLE, "int32")("activated", f"{name}-int32", CALL, flags="integer")
    for name in ("exponential", "softplus", "selu", "swish", "linear"):
        yield _row(name, _WHOLE, "int64")("activated", f"{name}-int64", CALL, flags="integer")
    for name, options in (("relu", {"max_value": 4}), ("relu", {"threshold": 2})):
        row = _row(name, _WHOLE, "int32", options)
        yield row("activated", f"{name}-{arguments_text(options)}-int32", CALL, flags="integer")
    for limit in (1, 0):
        row = _row("threshold", _WHOLE, "int32", {"threshold": limit, "default_value": 7}, KERAS3)
        yield row("activated", f"threshold-threshold={limit}-int32", CALL, flags="integer")
    yield _row("gelu", (1 + 1j, -0.5), "complex64")(
        "activated", "gelu-complex64", CALL, flags="complex"
    )


def _axes() -> Iterator[Case]:
    """Functions that look along an axis, or along several as one."""
    several = [cell(axes) for axes in _SEVERAL]
    of_keras2 = [cell(axes, dialects=KERAS2) for axes in ([0, 1], (-1, -2), (0, -1))]
    for name, dialects, axes in (
        ("softmax", DIALECTS, (*_AXES, *several, *of_keras2, *_NO_AXES)),
        ("log_softmax", KERAS3, (*_AXES, *several, *_NO_AXES)),
        ("sparsemax", KERAS3, (0, 1, -3, 2, 3, "last")),
        ("glu", KERAS3, (0, -1, 2, -3, 1, 3, -4, "last", None)),
    ):
        row = _called({"function": name, "name": "a"}, wave((2, 3, 4)), dialects)
        for each in axes:
            axis, keywords = (each.value, each.keywords) if isinstance(each, Cell) else (each, {})
            arguments = {"options": {"axis": axis}}
            detail = f"{name}-{arguments_text({'axis': axis})}"
            yield row.given(arguments=arguments, **keywords)("activated", detail, CALL)
    # Their exponentials overflow unless the largest is taken away first, over the same axes.
    large = listed([[80.0, -60.0, 79.5], [78.0, 100.0, -100.0]])
    for axis in (0, None):
        over = {"function": "softmax", "options": {"axis": axis}, "name": "a"}
        yield _called(over, large, DIALECTS)("activated", f"softmax-axis={axis}-large", CALL)
    row = _called({"function": "glu", "name": "a"}, wave((2, 0)), KERAS3)
    yield row("activated", "glu-empty", CALL, flags="empty")
    for name in ("softmax", "log_softmax", "glu", "sparsemax"):
        dialects = DIALECTS if name == "softmax" else KERAS3
        for given in (listed([0.5, -1.0, 2.0, 0.25]), listed(0.5)):
            rank = len(given.tensor.shape)
            row = _called({"function": name, "name": "a"}, given, dialects)
            yield row("activated", f"{name}-rank-{rank}", CALL)


def _operations() -> Iterator[Case]:
    """Functions of `keras.ops` that the documents use, of floats and of integers."""
    whole = listed([list(_WHOLE)], "int32")
    for flags, given, asked in (
        ("documented-example", wave((3, 4)), _OPERATIONS),
        ("integer", whole, _OF_INTEGERS),
    ):
        for name, options in asked:
            arguments = {"function": f"ops.{name}", "options": options, "name": "a"}
            kind = given.tensor.dtype
            detail = f"ops.{name}-{arguments_text(options)}-{kind}"
            yield _called(arguments, given, KERAS3)("operation", detail, CALL, flags=flags)


def _draws() -> Iterator[Case]:
    """Functions of `keras.random`: of a seed, a generator, or of the one that all share."""
    shape = (3, 4)
    for name, (law, defaults, given) in _DRAWS.items():
        asked: dict[str, dict[str, Any]] = {
            "defaults": {"seed": 3},
            "arguments": {**given, "seed": 2**40 + 7},
            "float64": {"seed": -3, "dtype": "float64"},
            "float16": {**given, "seed": 3, "dtype": "float16"},
            "generator": {**given, "seed": generator(5)},
            "shared": dict(given),
        }
        for detail, options in asked.items():
            dtype = str(options.get("dtype", "float32"))
            arguments = {"function": f"random.{name}", "options": {"shape": shape, **options}}
            within = tolerance(law, {**defaults, **options}, shape, dtype)
            row = _called({**arguments, "name": "a"}, listed([0.5]), KERAS3)
            steps = (globally(seed=3), *[CALL] * (3 if detail == "shared" else 2))
            yield row("draw", f"{name}-{detail}", *steps, tolerance=within, flags="seed")
        for detail, options in _BAD_DRAWS.items():
            arguments = {"function": f"random.{name}", "options": {"shape": shape, **options}}
            row = _called({**arguments, "name": "a"}, listed([0.5]), KERAS3)
            yield row("draw", f"{name}-{detail}", CALL, flags="bad-argument")
    # The generator that all share is made while a function is traced.
    arguments = {"function": "random.uniform", "options": {"shape": (1, 4)}, "name": "a"}
    row = _called(arguments, listed([[0.5]]), KERAS3)
    within = tolerance("RandomUniform", _DRAWS["uniform"][1], (1, 4))
    steps = (globally(seed=3), predicted(1), predicted(1))
    yield row("draw", "uniform-predicted", *steps, tolerance=within, flags="seed")
