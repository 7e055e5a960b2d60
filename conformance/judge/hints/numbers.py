"""Hints number for number: each element of an answer is the same function of the expected one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from conformance.judge.hints.hint import Hint, Pair
from conformance.model import EPSILON, LARGEST, Array, Tensor

# What can be done to every number, in the order in which it is told.
_FUNCTIONS: Final[tuple[tuple[str, Callable[[Array], Array]], ...]] = (
    ("exactly half of the expected value", lambda w: w / 2),
    ("exactly twice the expected value", lambda w: w * 2),
    ("the expected value with the other sign", lambda w: -w),
    ("the square of the expected value", lambda w: w * w),
    ("the square root of the expected value", np.sqrt),
    ("one over the expected value", lambda w: 1 / w),
    ("one minus the expected value", lambda w: 1 - w),
    ("the absolute value of the expected one", np.abs),
    ("the exponential of the expected value", np.exp),
    ("the logarithm of the expected value", np.log),
    ("negative values are set to zero (as by relu)", lambda w: np.maximum(w, 0)),
    ("positive values are set to zero", lambda w: np.minimum(w, 0)),
    ("cut to whole numbers", np.trunc),
    ("rounded to whole numbers", np.rint),
)
# Factors that have a name.
_FACTORS: Final = (
    (math.sqrt(2), "the square root of 2 times the expected value"),
    (1 / math.sqrt(2), "the expected value over the square root of 2"),
    (math.sqrt(3), "the square root of 3 times the expected value"),
    (1 / math.sqrt(3), "the expected value over the square root of 3"),
    (0.8796256610342398, "without the correction for the deviation of a truncated normal"),
    (math.pi, "pi times the expected value"),
)
# Factors and offsets are told with that many digits.
_DIGITS: Final = 5
_FEW: Final = 3


def hints(pair: Pair) -> Iterator[Hint]:
    """Every hint of this kind."""
    if not pair.real or pair.g.shape != pair.w.shape or not pair.g.size:
        return
    with np.errstate(all="ignore"):
        for text, function in _FUNCTIONS:
            guess = function(pair.w)
            if pair.is_(guess) and (guess != 0).any():
                yield Hint(text)
        yield from _counted(pair)
        yield from _linear(pair)
        yield from _clipped(pair)
        yield from _rounded(pair)
        yield from _constant(pair)
        yield from _same_as_input(pair)


def _counted(pair: Pair) -> Iterator[Hint]:
    """Multiplied with, or divided by, a number of the case."""
    for name, number in pair.counts.items():
        if number > 1:
            if pair.is_(pair.w * number):
                yield Hint(f"the expected value times {name}")
            if pair.is_(pair.w / number):
                yield Hint(f"the expected value divided by {name}")


def _linear(pair: Pair) -> Iterator[Hint]:
    """A constant factor, or a constant offset, that has no better name."""
    if not pair.varied:
        return
    known = np.isfinite(pair.w) & np.isfinite(pair.g) & (pair.w != 0)
    factor = float(np.median(pair.g[known] / pair.w[known]))
    if factor not in (0, 1) and pair.is_(factor * pair.w):
        # The median of rounded quotients is off by a unit: a named factor is tried as such.
        named = (text for value, text in _FACTORS if pair.is_(value * pair.w))
        if not any(pair.is_(simple * pair.w) for simple in (0.5, 2.0, -1.0)):
            yield Hint(next(named, f"{_told(factor)} times the expected value"))
    offset = float(np.median(pair.g[known] - pair.w[known]))
    if offset and pair.is_(pair.w + offset) and _told(offset) != "0":
        sign = "plus" if offset > 0 else "minus"
        yield Hint(f"the expected value {sign} {_told(abs(offset))}")


def _clipped(pair: Pair) -> Iterator[Hint]:
    """Clipped to the least and the largest number of the answer, where several would be outside."""
    g, w = pair.g, pair.w
    if not (np.isfinite(g).all() and np.isfinite(w).all()) or np.unique(g).size < _FEW:
        return
    low, high = float(g.min()), float(g.max())
    below, above = int((w < low).sum()), int((w > high).sum())
    if below + above < 2 or not pair.is_(np.clip(w, low, high)):
        return
    if (low == 0 and not above) or (high == 0 and not below):
        return  # that is said of relu, or of its opposite
    sides = [f"below {_told(low)}"] if below else []
    sides += [f"above {_told(high)}"] if above else []
    yield Hint(f"values {' and '.join(sides)} are clipped")


def _rounded(pair: Pair) -> Iterator[Hint]:
    """Numbers of a narrower dtype, within a unit of it."""
    g, w = pair.g, pair.w
    for dtype in ("float32", "float16", "bfloat16"):
        if EPSILON.get(pair.wanted.dtype, 1.0) >= EPSILON[dtype]:
            continue
        held = _held(g, dtype)
        near = np.abs(g - w) <= EPSILON[dtype] * np.abs(w)
        if held and not _held(w, dtype) and near[np.isfinite(w)].all() and pair.is_(g):
            yield Hint(f"rounded to {dtype}")
            return


def _held(values: Array, dtype: str) -> bool:
    rounded = Tensor.of(values, dtype).values().astype(np.float64)
    return bool(np.array_equal(rounded, values, equal_nan=True))


def _constant(pair: Pair) -> Iterator[Hint]:
    """The same number everywhere."""
    first = float(pair.g.flat[0])
    if not pair.is_(np.full(pair.w.shape, first)) or not (pair.g == first).all():
        return
    if first == 0:
        yield Hint("zero everywhere", sure=pair.g.size >= _FEW)
    elif first == 1 and pair.varied:
        yield Hint("one everywhere")
    elif first == LARGEST.get(pair.wanted.dtype):
        return
    elif pair.varied:
        yield Hint("the same number everywhere")


def _same_as_input(pair: Pair) -> Iterator[Hint]:
    """The input comes back, and differs from what is expected."""
    for given in pair.inputs:
        if given.shape == pair.got.shape and not given.dtype.startswith("complex"):
            if pair.is_(given.values().astype(np.float64)) and pair.g.any():
                yield Hint("the input as it was given")
                return
            if pair.is_(-given.values().astype(np.float64)) and pair.g.any():
                yield Hint("the input with the other sign")
                return


def _told(number: float) -> str:
    return f"{number:.{_DIGITS}g}"
