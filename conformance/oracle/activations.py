"""Activation functions and their derivatives, with what rounding can do to them."""

from __future__ import annotations

from typing import Final

import numpy as np

from conformance.model import EPSILON, LEAST_NORMAL, Array
from conformance.oracle.bounded import Bounded, Shares, concatenate, rounded
from conformance.oracle.curves import ARITHMETIC, CURVES, ELEMENTARY, Curve, curve_of

# Those that look at more than one element.
_VECTORIAL: Final = ("softmax", "log_softmax", "sparsemax", "glu")

NAMES: Final = frozenset({*CURVES, *_VECTORIAL})


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
    return evaluated(curve_of(name, dialect), x)


def slope(name: str, x: Bounded, *, dialect: str = "keras3") -> Bounded:
    """The derivative of an elementwise activation at `x`; at a kink, all that lies between both.

    Shape: that of `x`. KeyError for a name that is none, or looks along an axis: see `pulled_back`.
    """
    curve = curve_of(name, dialect)
    if name == "exponential":
        with np.errstate(all="ignore"):
            return evaluated(curve, x)
    return slope_of(curve, x)


def slope_of(curve: Curve, x: Bounded) -> Bounded:
    """The slope of an activation that was given arguments; see `slope`."""
    with np.errstate(all="ignore"):
        middle = curve.slope(x.value)
        if np.isfinite(curve.bend):
            low = high = middle
            reach = np.where(x.error == 0, 0.0, curve.bend * x.error)
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
        unit, size = curve.ulp * EPSILON[x.dtype], np.abs(middle)
        cancelled = unit * curve.cancels(x.value)
        if np.isfinite(curve.lost):
            cancelled = np.minimum(cancelled, curve.lost * size)
        own = unit * size + cancelled + curve.factor(x.value) * LEAST_NORMAL[x.dtype]
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


def evaluated(curve: Curve, x: Bounded) -> Bounded:
    """The value of a curve at `x`, of its shape. Where it jumps within the error, that covers the jump."""
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
            lost = np.where(np.abs(value) < LEAST_NORMAL[x.dtype], np.abs(value), 0.0)
            reach = np.maximum(reach, lost)  # a kernel may take a subnormal one for zero
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
