"""Hints about NaN, infinities and zeros: what stands where, while all other elements are right."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from conformance.judge.hints.hint import Hint, Pair
from conformance.model import EPSILON, LARGEST, LEAST_NORMAL, Array

# What stands where what is expected, by the kinds of both.
_TEXTS: Final = {
    ("nan", "zero"): "NaN where 0 is expected (0 divided by 0)",
    ("zero", "nan"): "0 where NaN is expected: NaN is not passed on",
    ("number", "nan"): "a number where NaN is expected: NaN is not passed on",
    ("nan", "number"): "NaN where a number is expected",
    ("nan", "infinite"): "NaN where an infinity is expected",
    ("infinite", "nan"): "an infinity where NaN is expected",
    ("largest", "infinite"): "the largest number of the dtype where an infinity is expected",
    ("number", "infinite"): "a number where an infinity is expected: it does not overflow",
    ("zero", "infinite"): "0 where an infinity is expected",
    (
        "infinite",
        "number",
    ): "an infinity where a number is expected: something overflows on the way",
    ("infinite", "zero"): "an infinity where 0 is expected",
    ("infinite", "infinite"): "an infinity of the other sign",
    ("zero", "subnormal"): "numbers below the least normal one are flushed to zero",
    ("subnormal", "zero"): "numbers below the least normal one are kept",
}


def hints(pair: Pair) -> Iterator[Hint]:
    """Every hint of this kind."""
    if not pair.real or pair.g.shape != pair.w.shape or pair.wanted.dtype not in EPSILON:
        return
    g, w = pair.g, pair.w
    kinds, expected = _kinds(g, pair.wanted.dtype), _kinds(w, pair.wanted.dtype)
    with np.errstate(all="ignore"):
        close = np.abs(g - w) <= pair.room(w)
    right = (g == w) | (np.isnan(g) & np.isnan(w)) | close
    # Within the room of a subnormal number is zero as well.
    right &= ~((kinds != expected) & ((expected == "subnormal") | (kinds == "subnormal")))
    wrong = {(str(a), str(b)) for a, b in zip(kinds[~right], expected[~right], strict=True)}
    if len(wrong) == 1 and (text := _TEXTS.get(next(iter(wrong)), "")):
        yield Hint(text)
    elif wrong and {b for _, b in wrong} == {"nan"}:
        yield Hint("numbers where NaN is expected: NaN is not passed on")
    elif wrong and {a for a, _ in wrong} == {"nan"}:
        yield Hint("NaN where numbers are expected")
    yield from _zeros(g, w)


def _kinds(values: Array, dtype: str) -> Array:
    kinds = np.full(values.shape, "number", dtype=object)
    size = np.abs(values)
    kinds[size < LEAST_NORMAL[dtype]] = "subnormal"
    kinds[size == 0] = "zero"
    kinds[size == LARGEST[dtype]] = "largest"
    kinds[np.isinf(values)] = "infinite"
    kinds[np.isnan(values)] = "nan"
    return kinds


def _zeros(g: Array, w: Array) -> Iterator[Hint]:
    if np.iscomplexobj(g) or np.iscomplexobj(w):  # which have two signs
        g, w = (np.stack([x.real, x.imag], -1) for x in (g, w))
    both = (g == 0) & (w == 0)
    other = both & (np.signbit(g) != np.signbit(w))
    # Of zeros of one sign there is no more to say than that it is the other.
    if not other.any() or np.signbit(w[both]).all() or not np.signbit(w[both]).any():
        return
    if not np.signbit(g[both]).any():
        yield Hint("no zero is negative: the sign of -0.0 is lost")
    elif np.signbit(g[both]).all():
        yield Hint("every zero is negative")
    elif other[both].all():
        yield Hint("every zero has the other sign")
