"""Elementwise activation functions: their definitions, their slopes, and how they are computed.

The definitions are those of the documents (Keras 3 and Keras 2, Layer activation functions).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from scipy import special

from conformance.model import Array

Function: TypeAlias = Callable[[Array], Array]

# Units in the last place that an elementary function (exp, tanh, erf, ...) may be off by. Kernels
# approximate them by polynomials, which differ between releases, processors and even the places of
# an element in its vector: two of them lie up to 16 apart, so each up to 8 from the truth.
ELEMENTARY: Final = 8.0
# From here on a tanh of this and more is 1 in every dtype.
_FAR: Final = 8.0
# A few products and sums, each rounded.
ARITHMETIC: Final = 2.0


@dataclass(frozen=True, slots=True)
class Curve:
    """A function of one number, and how it is computed.

    steepest  the largest |slope|, infinite where there is none
    bend      the largest |change of slope|, infinite where the slope jumps
    ulp       units in the last place by which an implementation errs
    terms     the magnitude of what cancels in it, beyond its own value, each rounded as by arithmetic
    cancels   the same of its slope, each to `ulp`
    lost      the part of the slope that this may take at most
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
    lost: float = np.inf
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


def _elu(scale: float, alpha: float) -> Curve:
    """`scale * x` where positive, `scale * alpha * (exp(x) - 1)` elsewhere."""
    return Curve(
        lambda x: scale * np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0.0))),
        lambda x: scale * np.where(x > 0, 1.0, alpha * np.exp(np.minimum(x, 0.0))),
        steepest=scale * max(1.0, alpha),
        bend=1.0 if alpha == 1 else np.inf,
        terms=lambda x: np.where(x > 0, 0.0, 2 * scale * alpha),
        # The slope of the negative part is its value plus `scale * alpha`.
        cancels=lambda x: np.where(x > 0, 0.0, 2 * scale * alpha),
        # That may cost digits, but not the slope itself: a 0 far down is a finding, `selu-slope-tail`.
        lost=0.5,
        blurred=True,
    )


def _celu(alpha: float) -> Curve:
    """`x` where positive, `alpha * (exp(x / alpha) - 1)` elsewhere."""
    return Curve(
        lambda x: np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0.0) / alpha)),
        lambda x: np.where(x > 0, 1.0, np.exp(np.minimum(x, 0.0) / alpha)),
        steepest=1.0,
        terms=lambda x: np.where(x > 0, 0.0, 2 * abs(alpha)),
    )


def _leaky(factor: float) -> Curve:
    """`x` where positive, `factor * x` elsewhere."""
    return Curve(
        lambda x: np.where(x >= 0, x, factor * x),
        lambda x: _pieces(x, (0.0,), factor, 1.0),
        max(1.0, abs(factor)),
        ulp=ARITHMETIC,
    )


def _squareplus(b: float) -> Curve:
    """`(x + sqrt(x * x + b)) / 2`."""
    return Curve(
        lambda x: np.where(
            x > 0, (x + np.sqrt(x * x + b)) / 2, b / 2 / (np.sqrt(x * x + b) - np.minimum(x, 0.0))
        ),
        lambda x: (1 + x / np.sqrt(x * x + b)) / 2,
        1.0,
        bend=0.5 / np.sqrt(b),
        ulp=ARITHMETIC,
        terms=lambda x: np.abs(x) + np.sqrt(x * x + b),
        cancels=np.ones_like,
    )


def _hard_shrink(threshold: float) -> Curve:
    """`x` where its magnitude is over the threshold, otherwise zero."""
    return Curve(
        lambda x: np.where(np.abs(x) > threshold, x, np.where(np.isnan(x), x, 0.0)),
        lambda x: np.where(np.abs(x) > threshold, 1.0, np.where(np.isnan(x), x, 0.0)),
        1.0,
        ulp=0.0,
        jump=(threshold, threshold),
    )


def _soft_shrink(threshold: float) -> Curve:
    """`x` brought nearer to zero by the threshold."""
    return Curve(
        lambda x: np.sign(x) * np.maximum(np.abs(x) - threshold, 0.0),
        lambda x: _pieces(np.abs(x), (threshold,), 0.0, 1.0),
        1.0,
        ulp=ARITHMETIC,
    )


def _threshold(threshold: float, default_value: float) -> Curve:
    """`x` where it is over the threshold, otherwise the default."""
    return Curve(
        lambda x: np.where(x > threshold, x, np.where(np.isnan(x), x, default_value)),
        lambda x: _pieces(x, (threshold,), 0.0, 1.0),
        1.0,
        ulp=0.0,
    )


def _gelu_by_tanh(approximate: bool) -> Curve:
    """The approximation by `tanh` of the document that it cites; else `gelu` itself."""
    scale, cubic = np.sqrt(2 / np.pi), 0.044715

    def slope(x: Array) -> Array:
        t = np.tanh(scale * (x + cubic * x**3))
        found: Array = (1 + t) / 2 + x / 2 * (1 - t * t) * scale * (1 + 3 * cubic * x * x)
        return found

    if not approximate:
        return CURVES["gelu"]
    return Curve(
        lambda x: x / 2 * (1 + np.tanh(scale * (x + cubic * x**3))),
        slope,
        1.13,
        bend=0.8,
        terms=lambda x: np.abs(x) * (1 + np.abs(x)),
        # Each parenthesis is of a tanh near 1, rounded; far away it is 1.
        cancels=lambda x: np.where(np.abs(x) < _FAR, (1 + np.abs(x)) ** 3, 1.0),
    )


def _hard_sigmoid(factor: float) -> Curve:
    """`factor * x + 1/2`, cut at 0 and 1."""
    edge = 0.5 / factor
    return Curve(
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


_IDENTITY: Final = Curve(lambda x: x, np.ones_like, 1.0, bend=0.0, ulp=0.0)
_RELU: Final = Curve(
    lambda x: np.maximum(x, 0.0), lambda x: _pieces(x, (0.0,), 0.0, 1.0), 1.0, ulp=0.0
)
_SILU: Final = Curve(
    lambda x: x * special.expit(x),
    _silu_slope,
    1.1,
    bend=0.5,
    cancels=lambda x: special.expit(x) * (1 + 2 * np.abs(x)),
    factor=np.abs,
)
_HARD_SILU: Final = Curve(
    lambda x: _pieces(x, (-3.0, 3.0), 0.0, x * (x + 3) / 6, x),
    lambda x: _pieces(x, (-3.0, 3.0), 0.0, (2 * x + 3) / 6, 1.0),
    1.5,
    ulp=ARITHMETIC,
    terms=lambda x: np.where(np.abs(x) > 3, 0.0, np.abs(x) * (np.abs(x) + 3) / 6),
    cancels=lambda x: np.where(np.abs(x) > 3, 0.0, (2 * np.abs(x) + 3) / 6),
)
CURVES: Final[dict[str, Curve]] = {
    "linear": _IDENTITY,
    "relu": _RELU,
    "relu6": Curve(
        lambda x: np.clip(x, 0.0, 6.0),
        lambda x: _pieces(x, (0.0, 6.0), 0.0, 1.0, 0.0),
        1.0,
        ulp=0.0,
    ),
    "leaky_relu": _leaky(0.2),
    "elu": _elu(1.0, 1.0),
    "celu": _elu(1.0, 1.0),
    # The documents print eight digits of the two constants, which keep mean 0 and variance 1.
    "selu": _elu(1.0507009873554805, 1.6732632423543772),
    "exponential": Curve(np.exp, np.exp, np.inf),
    "sigmoid": Curve(
        special.expit,
        lambda x: special.expit(x) * special.expit(-x),
        0.25,
        bend=0.1,
        cancels=special.expit,
    ),
    "tanh": Curve(
        np.tanh, lambda x: 1 / np.cosh(x) ** 2, 1.0, bend=0.8, cancels=lambda x: np.ones_like(x) * 2
    ),
    "softplus": Curve(_softplus, special.expit, 1.0, bend=0.25),
    "softsign": Curve(
        lambda x: np.where(np.isinf(x), np.nan, x / (np.abs(x) + 1)),
        lambda x: 1 / (np.abs(x) + 1) ** 2,
        1.0,
        bend=2.0,
        ulp=ARITHMETIC,
    ),
    "log_sigmoid": Curve(lambda x: -_softplus(-x), lambda x: special.expit(-x), 1.0, bend=0.25),
    "gelu": Curve(
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
    "mish": Curve(
        lambda x: x * np.tanh(_softplus(x)),
        _mish_slope,
        1.09,
        bend=0.7,
        cancels=lambda x: np.tanh(_softplus(x)) + 2 * np.abs(x) * special.expit(x),
        factor=np.abs,
    ),
    "tanh_shrink": Curve(
        lambda x: x - np.tanh(x),
        lambda x: np.tanh(x) ** 2,
        1.0,
        bend=0.8,
        terms=lambda x: np.abs(x) + np.abs(np.tanh(x)),
        cancels=lambda x: np.ones_like(x) * 2,
    ),
    "squareplus": _squareplus(4.0),
    "hard_sigmoid": _hard_sigmoid(1 / 6),
    "hard_silu": _HARD_SILU,
    "hard_swish": _HARD_SILU,
    "hard_tanh": Curve(
        lambda x: np.clip(x, -1.0, 1.0),
        lambda x: _pieces(x, (-1.0, 1.0), 0.0, 1.0, 0.0),
        1.0,
        ulp=0.0,
    ),
    "hard_shrink": _hard_shrink(0.5),
    "soft_shrink": _soft_shrink(0.5),
    "sparse_plus": Curve(
        lambda x: _pieces(x, (-1.0, 1.0), 0.0, (x + 1) ** 2 / 4, x),
        lambda x: _pieces(x, (-1.0, 1.0), 0.0, (x + 1) / 2, 1.0),
        1.0,
        ulp=ARITHMETIC,
    ),
    "sparse_sigmoid": Curve(
        lambda x: np.clip((x + 1) / 2, 0.0, 1.0),
        lambda x: _pieces(x, (-1.0, 1.0), 0.0, 0.5, 0.0),
        1.0,
        ulp=ARITHMETIC,
    ),
}
_OF_KERAS2: Final = {"hard_sigmoid": _hard_sigmoid(0.2)}


def curve_of(name: str, dialect: str) -> Curve:
    """The curve of an elementwise activation; KeyError for another name."""
    return (_OF_KERAS2 if dialect == "keras2" else CURVES).get(name) or CURVES[name]


_BY_ARGUMENTS: Final[dict[str, Callable[..., Curve]]] = {
    "elu": lambda alpha: _elu(1.0, alpha),
    "celu": _celu,
    "leaky_relu": lambda negative_slope: _leaky(negative_slope),
    "squareplus": _squareplus,
    "hard_shrink": _hard_shrink,
    "soft_shrink": _soft_shrink,
    "threshold": _threshold,
    "gelu": _gelu_by_tanh,
}


def with_arguments(name: str, arguments: Mapping[str, Any]) -> Curve | None:
    """The curve of an elementwise activation that is given arguments; None for another."""
    make = _BY_ARGUMENTS.get(name)
    # The formula of celu divides by it.
    nothing = name == "celu" and not arguments.get("alpha", 1.0)
    return None if make is None or nothing else make(**arguments)
