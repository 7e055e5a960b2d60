"""Tensor against tensor: shape, dtype, the pattern of what is not finite, signs of zeros, values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from conformance.judge.differences import (
    Elements,
    NotATensor,
    Off,
    OtherDtype,
    OtherShape,
    shown,
)
from conformance.judge.verdicts import blocked, failed, passed
from conformance.model import (
    EPSILON,
    INTEGERS,
    STORAGE,
    Array,
    Budget,
    Comparison,
    Fault,
    Grade,
    Kind,
    Tensor,
    Tolerance,
    Value,
    allowance,
    texts,
)

ASPECTS = ("value", "shape", "dtype", "nonfinite", "zero-sign")


def ulp_distance(actual: Tensor, expected: Tensor) -> Array:
    """Per element, how many representable numbers lie between two tensors of one float dtype.

    float64 counts; NaN against NaN is 0, NaN against a number infinite, and so is an infinity
    against a finite number or the other infinity. Both zeros are one number here.
    """
    width = STORAGE[expected.dtype].itemsize
    signed = np.dtype(f"<i{width}")
    order = []
    for tensor in (actual, expected):
        bits = np.frombuffer(tensor.data, dtype=signed).astype(np.int64)
        # Negative floats count downwards: flip them so that integer order is numeric order.
        order.append(np.where(bits < 0, np.int64(-(2 ** (8 * width - 1))) - bits, bits))
    # Distances of float64 overflow int64 for opposite signs; a double holds them well enough.
    near = np.abs(order[0].astype(np.float64) - order[1].astype(np.float64))
    same_side = (order[0] < 0) == (order[1] < 0)
    with np.errstate(over="ignore"):
        exact = np.abs(order[0] - order[1]).astype(np.float64)
    distance = np.where(same_side, exact, near)
    a, e = actual.values().reshape(-1), expected.values().reshape(-1)
    unlike = (np.isnan(a) != np.isnan(e)) | ((np.isinf(a) | np.isinf(e)) & (a != e))
    distance[unlike] = np.inf
    distance[np.isnan(a) & np.isnan(e)] = 0
    return distance.reshape(expected.shape)


def tensor(
    got: Value, wanted: Tensor, tolerance: Tolerance, budget: Callable[[], Budget | None]
) -> Iterator[Comparison]:
    """A comparison for each of `ASPECTS`.

    `budget` gives what judges the elements instead of the tolerance; it is asked where bits differ.
    """
    if got == wanted:
        for aspect in ASPECTS:
            headroom = 0.0 if aspect == "value" else None
            yield passed(aspect, error=headroom, headroom=headroom)
        return
    if not isinstance(got, Tensor):
        yield failed("value", [NotATensor(got, shown(wanted))])
        for aspect in ASPECTS[1:]:
            yield blocked(aspect, "the answer is not a tensor")
        return
    yield shape(got, wanted.shape)
    yield dtype(got, wanted.dtype)
    if got.shape != wanted.shape or (got.dtype != wanted.dtype and not _real(got, wanted)):
        for aspect in ("value", "nonfinite", "zero-sign"):
            yield blocked(aspect, "shape or dtype differs")
        return
    # A wrong dtype is reported once, as such; the value is then judged in the right one.
    same_dtype = Tensor.of(got.values(), wanted.dtype)
    yield from _elements(same_dtype, wanted, tolerance, budget)


def shape(got: Tensor, wanted: Sequence[int]) -> Comparison:
    """Whether a tensor has this shape."""
    if tuple(got.shape) == tuple(wanted):
        return passed("shape")
    return failed("shape", [OtherShape(got.shape, wanted)])


def dtype(got: Tensor, wanted: str) -> Comparison:
    """Whether a tensor has this dtype."""
    return (
        passed("dtype") if got.dtype == wanted else failed("dtype", [OtherDtype(got.dtype, wanted)])
    )


def _real(got: Tensor, wanted: Tensor) -> bool:
    return not (got.dtype.startswith("complex") or wanted.dtype.startswith("complex"))


def _elements(
    got: Tensor, wanted: Tensor, tolerance: Tolerance, budget: Callable[[], Budget | None]
) -> Iterator[Comparison]:
    if wanted.dtype in INTEGERS or wanted.dtype == "bool":
        if got.data == wanted.data:
            yield passed("value", error=0.0, headroom=0.0)
        else:
            g, w = got.values(), wanted.values()
            yield failed("value", [Off("", g != w, g, w)])
        for aspect in ("nonfinite", "zero-sign"):  # integers have neither
            yield passed(aspect)
        return
    in_parts = wanted.dtype.startswith("complex")
    if in_parts:
        part, sizes = allowance.PARTS[wanted.dtype], (*wanted.shape, 2)
        got, wanted = Tensor(part, sizes, got.data), Tensor(part, sizes, wanted.data)
    g, w = got.values(), wanted.values()
    bad: Array = (np.isnan(g) != np.isnan(w)) | ((np.isinf(g) | np.isinf(w)) & _other(g, w))
    zeros = (g == 0) & (w == 0) & (np.signbit(g) != np.signbit(w))
    for aspect, where in (("nonfinite", bad), ("zero-sign", zeros)):
        yield failed(aspect, [Elements(aspect, where, g, w)]) if where.any() else passed(aspect)
    unasked = in_parts or wanted.dtype not in EPSILON or got.data == wanted.data
    truth = None if unasked else budget()
    distance = ulp_distance(got, wanted)
    finite = np.isfinite(distance)
    error = float(distance[finite].max()) if finite.any() else 0.0
    if truth is not None and truth.headroom(wanted).max(initial=0.0) <= 1:
        used = np.where(finite, truth.headroom(got), 0.0)
        most, allowed = _most(used), "the error budget"
    elif tolerance.kind is Kind.BOUND:
        used = np.where(finite, _of_bound(g, w, wanted.dtype, tolerance), 0.0)
        most, allowed = _most(used), f"the tolerance of {tolerance.eps:g} epsilon"
    else:
        used = distance
        most = error / tolerance.ulp if tolerance.ulp else float("inf" if error else 0)
        allowed = ""
    # Nothing is allowed where the value is exact: there is a difference, and no quotient.
    headroom = most if np.isfinite(most) else None
    if most > 1:
        by = f"{texts.cut(error, '.0f')} ULP where {tolerance.ulp:.0f} are allowed"
        by = texts.over(headroom, allowed) if allowed else by
        where = used == (error if used is distance else most)
        off = Off(by, where, g, w, error)
        yield failed("value", [off], error, headroom, fault(truth, got, wanted))
    elif bad.any():
        # Reported under `nonfinite`; the finite elements are right.
        yield blocked("value", "see nonfinite", error, headroom)
    else:
        yield passed("value", Grade.BITWISE if error == 0 else Grade.WITHIN, error, headroom)


def fault(truth: Budget | None, got: Tensor, wanted: Tensor) -> Fault:
    """Who leaves the error budget, where both sides are numbers, of an answer that fails."""
    if truth is None:
        return Fault.UNKNOWN
    finite = np.isfinite(got.values()) & np.isfinite(wanted.values())
    wrong = [_most(np.where(finite, truth.headroom(each), 0.0)) > 1 for each in (got, wanted)]
    if all(wrong):
        return Fault.BOTH
    return Fault.SUBJECT if wrong[0] else Fault.OFFICIAL if wrong[1] else Fault.UNKNOWN


def _other(got: Array, wanted: Array) -> Array:
    other: Array = got != wanted
    return other


def _most(used: Array) -> float:
    return float(used.max(initial=0.0))


def _of_bound(got: Array, wanted: Array, dtype: str, tolerance: Tolerance) -> Array:
    """Per element, the error over what a tolerance of kind `bound` allows."""
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        g, w = got.astype(np.float64), wanted.astype(np.float64)
        room = allowance.allowed(tolerance, w, dtype)
        used: Array = np.where(g != w, np.abs(g - w) / room, 0.0)
    return used
