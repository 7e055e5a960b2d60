"""Activation functions and their derivatives, with what rounding can do to them.

The definitions are those of the documents (Keras 3 and Keras 2, Layer activation functions).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from scipy import special

from conformance.model import EPSILON, LEAST_NORMAL, Array
from conformance.oracle.bounded import Bounded, Shares, concatenate, rounded

Function: TypeAlias = Callable[[Array], Array]

# Units in the last place that an elementary function (exp, tanh, erf, ...) may be off by. Kernels
# approximate them by polynomials, which differ between releases, processors and even the places of
# an element in its vector: two of them lie up to 16 apart, so each up to 8 from the truth.
ELEMENTARY: Final = 8.0
# A few products and sums, each rounded.
ARITHMETIC: Final = 2.0


@dataclass(frozen=True, slots=True)
class _Curve:
    """A function of one number, and how it is computed.

    steepest  the largest |slope|, infinite where there is none
    bend      the largest |change of slope|, infinite where the slope jumps
    ulp       units in the last place by which an implementation errs
    terms     the magnitude of what cancels in it, beyond its own value, each rounded as by arithmetic
    cancels   the same of its slope, each to `ulp`
    factor    what multiplies an intermediate result that may have been flushed to zero
    jump      where and by how much the value itself jumps: (place of |x|, height)
    blurred   whether the slope is chosen by the rounded value, which may be zero beside a kink at 0
    """

    value: Function
    slope: Function
    steepest: float
    bend: float = np.inf
    ulp: float = ELEMENTARY
    terms: Function = np.zeros_like
    cancels: Function = np.zeros_like
    factor: Function = np.zeros_like
    jump: tuple[float, float] | None = None
    blurred: bool = False


def _pieces(x: Array, places: tuple[float, ...], *values: Array | float) -> Array:
    """The first value below the first place, the last from the last place on; NaN stays."""
    chosen: Array = np.broadcast_to(np.asarray(values[0], dtype=np.float64), x.shape)
    for place, value in zip(places, values[1:], strict=True):
        chosen = np.where(x >= place, value, chosen)
    chosen = np.where(np.isnan(x), np.nan, chosen)
    return chosen


def _normal_density(x: Array) -> Array:
    density: Array = np.exp(-0.5 * x * x) / np.sqrt(2 * np.pi)
    return density


def _softplus(x: Array) -> Array:
    return np.logaddexp(0.0, x)


def _elu(scale: float, alpha: float) -> _Curve:
    """`scale * x` where positive, `scale * alpha * (exp(x) - 1)` elsewhere."""
    return _Curve(
        lambda x: scale * np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0.0))),
        lambda x: scale * np.where(x > 0, 1.0, alpha * np.exp(np.minimum(x, 0.0))),
        steepest=scale * alpha,
        bend=1.0 if alpha == 1 else np.inf,
        terms=lambda x: np.where(x > 0, 0.0, 2 * scale * alpha),
        # The slope of the negative part is its value plus `scale * alpha`.
        cancels=lambda x: np.where(x > 0, 0.0, 2 * scale * alpha),
        blurred=True,
    )


def _hard_sigmoid(factor: float) -> _Curve:
    """`factor * x + 1/2`, cut at 0 and 1."""
    edge = 0.5 / factor
    return _Curve(
        lambda x: np.clip(factor * x + 0.5, 0.0, 1.0),
        lambda x: _pieces(x, (-edge, edge), 0.0, factor, 0.0),
        factor,
        ulp=ARITHMETIC,
        terms=lambda x: np.where(np.abs(x) > 2 * edge, 0.0, np.abs(factor * x) + 0.5),
    )


def _silu_slope(x: Array) -> Array:
    slope: Array = special.expit(x) * (1 + x * special.expit(-x))
    return slope


def _mish_slope(x: Array) -> Array:
    t = np.tanh(_softplus(x))
    slope: Array = t + x * (1 - t * t) * special.expit(x)
    return slope


_IDENTITY: Final = _Curve(lambda x: x, np.ones_like, 1.0, bend=0.0, ulp=0.0)
_RELU: Final = _Curve(
    lambda x: np.maximum(x, 0.0), lambda x: _pieces(x, (0.0,), 0.0, 1.0), 1.0, ulp=0.0
)
_SILU: Final = _Curve(
    lambda x: x * special.expit(x),
    _silu_slope,
    1.1,
    bend=0.5,
    cancels=lambda x: special.expit(x) * (1 + 2 * np.abs(x)),
    factor=np.abs,
)
_HARD_SILU: Final = _Curve(
    lambda x: _pieces(x, (-3.0, 3.0), 0.0, x * (x + 3) / 6, x),
    lambda x: _pieces(x, (-3.0, 3.0), 0.0, (2 * x + 3) / 6, 1.0),
    1.5,
    ulp=ARITHMETIC,
    terms=lambda x: np.where(np.abs(x) > 3, 0.0, np.abs(x) * (np.abs(x) + 3) / 6),
    cancels=lambda x: np.where(np.abs(x) > 3, 0.0, (2 * np.abs(x) + 3) / 6),
)
_CURVES: Final[dict[str, _Curve]] = {
    "linear": _IDENTITY,
    "relu": _RELU,
    "relu6": _Curve(
        lambda x: np.clip(x, 0.0, 6.0),
        lambda x: _pieces(x, (0.0, 6.0), 0.0, 1.0, 0.0),
        1.0,
        ulp=0.0,
    ),
    "leaky_relu": _Curve(
        lambda x: np.where(x >= 0, x, 0.2 * x),
        lambda x: _pieces(x, (0.0,), 0.2, 1.0),
        1.0,
        ulp=ARITHMETIC,
    ),
    "elu": _elu(1.0, 1.0),
    "celu": _elu(1.0, 1.0),
    # The documents print eight digits of the two constants, which keep mean 0 and variance 1.
    "selu": _elu(1.0507009873554805, 1.6732632423543772),
    "exponential": _Curve(np.exp, np.exp, np.inf),
    "sigmoid": _Curve(
        special.expit,
        lambda x: special.expit(x) * special.expit(-x),
        0.25,
        bend=0.1,
        cancels=special.expit,
    ),
    "tanh": _Curve(
        np.tanh, lambda x: 1 / np.cosh(x) ** 2, 1.0, bend=0.8, cancels=lambda x: np.ones_like(x) * 2
    ),
    "softplus": _Curve(_softplus, special.expit, 1.0, bend=0.25),
    "softsign": _Curve(
        lambda x: np.where(np.isinf(x), np.nan, x / (np.abs(x) + 1)),
        lambda x: 1 / (np.abs(x) + 1) ** 2,
        1.0,
        bend=2.0,
        ulp=ARITHMETIC,
    ),
    "log_sigmoid": _Curve(lambda x: -_softplus(-x), lambda x: special.expit(-x), 1.0, bend=0.25),
    "gelu": _Curve(
        lambda x: x * special.ndtr(x),
        lambda x: special.ndtr(x) + x * _normal_density(x),
        1.13,
        bend=0.8,
        # x / 2 * (1 + erf(x / sqrt(2))), whose parentheses cancel where x is negative.
        terms=np.abs,
        cancels=lambda x: 1 + np.abs(x) * _normal_density(x) * (1 + x * x),
    ),
    "silu": _SILU,
    "swish": _SILU,
    "mish": _Curve(
        lambda x: x * np.tanh(_softplus(x)),
        _mish_slope,
        1.09,
        bend=0.7,
        cancels=lambda x: np.tanh(_softplus(x)) + 2 * np.abs(x) * special.expit(x),
        factor=np.abs,
    ),
    "tanh_shrink": _Curve(
        lambda x: x - np.tanh(x),
        lambda x: np.tanh(x) ** 2,
        1.0,
        bend=0.8,
        terms=lambda x: np.abs(x) + np.abs(np.tanh(x)),
        cancels=lambda x: np.ones_like(x) * 2,
    ),
    "squareplus": _Curve(
        lambda x: np.where(
            x > 0, (x + np.sqrt(x * x + 4)) / 2, 2 / (np.sqrt(x * x + 4) - np.minimum(x, 0.0))
        ),
        lambda x: (1 + x / np.sqrt(x * x + 4)) / 2,
        1.0,
        bend=0.25,
        ulp=ARITHMETIC,
        terms=lambda x: np.abs(x) + np.sqrt(x * x + 4),
        cancels=np.ones_like,
    ),
    "hard_sigmoid": _hard_sigmoid(1 / 6),
    "hard_silu": _HARD_SILU,
    "hard_swish": _HARD_SILU,
    "hard_tanh": _Curve(
        lambda x: np.clip(x, -1.0, 1.0),
        lambda x: _pieces(x, (-1.0, 1.0), 0.0, 1.0, 0.0),
        1.0,
        ulp=0.0,
    ),
    "hard_shrink": _Curve(
        lambda x: np.where(np.abs(x) > 0.5, x, np.where(np.isnan(x), x, 0.0)),
        lambda x: _pieces(np.abs(x), (0.5,), 0.0, 1.0),
        1.0,
        ulp=0.0,
        jump=(0.5, 0.5),
    ),
    "soft_shrink": _Curve(
        lambda x: np.sign(x) * np.maximum(np.abs(x) - 0.5, 0.0),
        lambda x: _pieces(np.abs(x), (0.5,), 0.0, 1.0),
        1.0,
        ulp=ARITHMETIC,
    ),
    "sparse_plus": _Curve(
        lambda x: _pieces(x, (-1.0, 1.0), 0.0, (x + 1) ** 2 / 4, x),
        lambda x: _pieces(x, (-1.0, 1.0), 0.0, (x + 1) / 2, 1.0),
        1.0,
        ulp=ARITHMETIC,
    ),
    "sparse_sigmoid": _Curve(
        lambda x: np.clip((x + 1) / 2, 0.0, 1.0),
        lambda x: _pieces(x, (-1.0, 1.0), 0.0, 0.5, 0.0),
        1.0,
        ulp=ARITHMETIC,
    ),
}
_OF_KERAS2: Final = {"hard_sigmoid": _hard_sigmoid(0.2)}
# Those that look at more than one element.
_VECTORIAL: Final = ("softmax", "log_softmax", "sparsemax", "glu")

NAMES: Final = frozenset({*_CURVES, *_VECTORIAL})


def apply(name: str, x: Bounded, *, dialect: str = "keras3", axis: int = -1) -> Bounded:
    """The activation `name` (one of `NAMES`) of `x`; `axis` counts where it looks along one.

    Shape: that of `x`, `glu` halves `axis`. Where the value itself jumps inside the error of `x`,
    the error covers the jump. KeyError for another name.
    """
    match name:
        case "softmax":
            return _softmax(x, axis)
        case "log_softmax":
            shifted = x - _largest(x, axis)
            total = _exponential(shifted).sum(axis, keepdims=True)
            return shifted - total.monotone(np.log, ulp=ELEMENTARY)
        case "sparsemax":
            return _sparsemax(x, axis)[0]
        case "glu":
            linear, gate = _halves(x, axis)
            return linear * apply("sigmoid", gate)
    return _evaluated(_curve(name, dialect), x)


def slope(name: str, x: Bounded, *, dialect: str = "keras3") -> Bounded:
    """The derivative of an elementwise activation at `x`; at a kink, all that lies between both.

    Shape: that of `x`. KeyError for a name that is none, or looks along an axis: see `pulled_back`.
    """
    curve = _curve(name, dialect)
    with np.errstate(all="ignore"):
        middle = curve.slope(x.value)
        if np.isfinite(curve.bend):
            low = high = middle
            reach = np.where(x.error == 0, 0.0, curve.bend * x.error)
        elif name == "exponential":
            return _evaluated(curve, x)
        else:
            # Beside a kink at 0 `x`, or what the side is told by, may be zero.
            beside = x.error + (EPSILON[x.dtype] if curve.blurred else LEAST_NORMAL[x.dtype])
            before = curve.slope(np.nextafter(x.value - beside, -np.inf))
            after = curve.slope(np.nextafter(x.value + beside, np.inf))
            low = np.minimum(np.minimum(before, after), middle)
            high = np.maximum(np.maximum(before, after), middle)
            # Where both sides are as good as the same, the kink is not near.
            apart = high - low > 2**-48 * np.abs(high)
            low, high = np.where(apart, low, middle), np.where(apart, high, middle)
            reach = (high - low) / 2
        value = np.where(low == high, middle, (low + high) / 2)
        own = curve.ulp * EPSILON[x.dtype] * (np.abs(middle) + curve.cancels(x.value))
        own = own + curve.factor(x.value) * LEAST_NORMAL[x.dtype]
        return _settled(x, value, reach + own)


def pulled_back(
    name: str, x: Bounded, given: Bounded, *, dialect: str = "keras3", axis: int = -1
) -> Bounded:
    """The gradient in `x` of the sum of `given` times the activation of `x`.

    `given` has the shape of the activation's value; the result has that of `x`.
    """
    match name:
        case "softmax":
            y = _softmax(x, axis)
            return y * (given - (given * y).sum(axis, keepdims=True))
        case "log_softmax":
            y = _exponential(apply(name, x, axis=axis))
            return given - y * given.sum(axis, keepdims=True)
        case "sparsemax":
            support, unsure = _sparsemax(x, axis)[1:]
            kept = given * support
            count = np.maximum(support.sum(axis=axis, keepdims=True), 1.0)
            spread = (kept - kept.sum(axis, keepdims=True) / count) * support
            return Bounded(spread.value, np.where(unsure, np.inf, spread.error), x.dtype)
        case "glu":
            linear, gate = _halves(x, axis)
            return concatenate(
                [given * apply("sigmoid", gate), given * linear * slope("sigmoid", gate)], axis
            )
    return given * slope(name, x, dialect=dialect)


def _curve(name: str, dialect: str) -> _Curve:
    return (_OF_KERAS2 if dialect == "keras2" else _CURVES).get(name) or _CURVES[name]


def _evaluated(curve: _Curve, x: Bounded) -> Bounded:
    with np.errstate(all="ignore"):
        value = curve.value(x.value)
        if np.isfinite(curve.steepest):
            steep = np.minimum(np.abs(curve.slope(x.value)) + curve.bend * x.error, curve.steepest)
            reach = np.where(np.isnan(steep), curve.steepest, steep) * x.error
        else:
            reach = curve.value(x.value + x.error) - value
        reach = np.where(x.error == 0, 0.0, reach)
        if curve.jump is not None:
            place, height = curve.jump
            near = (np.abs(np.abs(x.value) - place) <= x.error) & (x.error > 0)
            reach = reach + np.where(near, height, 0.0)
        terms = ARITHMETIC * curve.terms(x.value) + curve.ulp * np.abs(value)
        own = EPSILON[x.dtype] * terms + curve.factor(x.value) * LEAST_NORMAL[x.dtype]
        if curve.ulp == 0:  # a choice between numbers that are there: nothing is rounded
            return Bounded(value, np.where(np.isfinite(value), reach, x.error), x.dtype)
        return _settled(x, value, reach + own)


def _settled(x: Bounded, value: Array, error: Array) -> Bounded:
    """With no error where the value comes of a number that is not finite, and none of its own."""
    exactly = ~np.isfinite(x.value) & (x.error == 0)
    return rounded(value, np.where(exactly | (value == 0) & (error == 0), 0.0, error), x.dtype)


def _largest(x: Bounded, axis: int) -> Bounded:
    with np.errstate(all="ignore"):
        return Bounded(
            x.value.max(axis=axis, keepdims=True), x.error.max(axis=axis, keepdims=True), x.dtype
        )


def _exponential(x: Bounded) -> Bounded:
    return x.monotone(np.exp, ulp=ELEMENTARY)


def _softmax(x: Bounded, axis: int) -> Bounded:
    given = Bounded(x.value, np.zeros_like(x.error), x.dtype)
    powers = _exponential(given - _largest(given, axis))
    y = powers / powers.sum(axis, keepdims=True)
    # The largest element is taken from all: its error shifts them, and shifts change nothing. What
    # is left is that e ** x_i grows by e ** d_i at most, and their sum shrinks as little, or the
    # other way round.
    with np.errstate(all="ignore"):
        total = np.log(np.sum(y.value * np.exp(x.error), axis=axis, keepdims=True))
        growth = np.expm1(x.error + total)
        error = y.error + np.where(growth == 0, 0.0, growth * (y.value + y.error))
        # Of whatever numbers: only what is computed from here on moves the sum of all shares.
        leeway = y.error.sum(axis=axis, keepdims=True)
    return Shares(y.value, np.where(np.isnan(error), np.inf, error), x.dtype, axis, leeway)


def _halves(x: Bounded, axis: int) -> tuple[Bounded, Bounded]:
    """Both halves along `axis`; ValueError where its length is odd."""
    values, errors = np.split(x.value, 2, axis), np.split(x.error, 2, axis)
    return Bounded(values[0], errors[0], x.dtype), Bounded(values[1], errors[1], x.dtype)


def _sparsemax(x: Bounded, axis: int) -> tuple[Bounded, Array, Array]:
    """The projection on the probability simplex; where it is not zero; where that is not sure."""
    with np.errstate(all="ignore"):
        ordered = -np.sort(-x.value, axis=axis)
        sums = np.cumsum(ordered, axis=axis)
        shape = [1] * len(x.shape)
        shape[axis] = -1
        count = np.arange(1, x.shape[axis] + 1, dtype=np.float64).reshape(shape)
        size = (1 + count * ordered > sums).sum(axis=axis, keepdims=True)
        chosen = np.where(count <= size, ordered, 0.0).sum(axis=axis, keepdims=True)
        threshold = (chosen - 1) / np.maximum(size, 1)
        value = np.maximum(x.value - threshold, 0.0)
        # The threshold is a mean: it errs by no more than the worst element, and by the roundings
        # of a running sum.
        worst = x.error.max(axis=axis, keepdims=True)
        terms = (np.abs(x.value) + x.error).sum(axis=axis, keepdims=True) + 1
        own = ARITHMETIC * x.shape[axis] * EPSILON[x.dtype] * terms
        error = x.error + worst + own
        unsure = (np.abs(x.value - threshold) <= error).any(axis=axis, keepdims=True)
        # Where it is sure what is chosen, only that enters the threshold, and an element that moves
        # takes 1 / size of its way with it.
        support = x.value > threshold
        moved = np.where(support, x.error, 0.0)
        mean = moved.sum(axis=axis, keepdims=True) / np.maximum(size, 1)
        terms = np.where(support, np.abs(x.value) + x.error, 0.0).sum(axis=axis, keepdims=True) + 1
        rounding = ARITHMETIC * (size + 1) * EPSILON[x.dtype] * terms
        sure = np.where(support, moved * (1 - 2 / np.maximum(size, 1)) + mean + rounding, 0.0)
        error = np.where(unsure, error, sure)
        found = rounded(value, np.where(value > -error, error, 0.0), x.dtype)
        return found, (value > 0).astype(np.float64), unsure & np.ones_like(value, dtype=bool)
