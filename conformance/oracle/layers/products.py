"""Sums of products, of which every layer is made, and what rounding can do to them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from conformance.model import EPSILON, LARGEST, LEAST_NORMAL, Array, Tensor
from conformance.oracle.bounded import Bounded, gammas

# Sums of products of elements of two arrays: linear in each of them.
Bilinear = Callable[[Array, Array], Array]


def products(form: Bilinear, left: Bounded, right: Bounded, dtype: str) -> Bounded:
    """`form` of both in `dtype`, of as many terms as are not zero.

    A term is rounded once as a product and at most n - 1 times as a part of a sum of n, in whatever
    order: gamma(n) times the sum of magnitudes (Higham, section 3.1). Zeros that pad an input add
    nothing. Where all terms are multiples of one power of two, and so few that every partial sum
    fits into the significand, nothing is rounded at all.
    """
    with np.errstate(all="ignore"):
        value = form(left.value, right.value)
        if not value.size:
            return Bounded(value, np.zeros_like(value), dtype)
        a, b = np.abs(left.value), np.abs(right.value)
        magnitude = form(a, b)
        brought = np.zeros_like(value)
        if left.error.any() or right.error.any():
            brought = form(a, right.error) + form(left.error, b + right.error)
            magnitude = magnitude + brought
        live = form(_live(left), _live(right))
        lost = np.where(live > 0, gammas(live, dtype) * magnitude, 0.0)
        least, most = LEAST_NORMAL[dtype], LARGEST[dtype]
        if _smallest(left) * _smallest(right) < least:
            lost = lost + live * least
        step = _step(left.value) * _step(right.value)
        fits = magnitude * EPSILON[dtype] <= 2 * step
        lost = np.where(fits & (brought == 0) & (step >= least), 0.0, lost)
        error = brought + lost
        # Where nothing was infinite to begin with, whatever overflows may end as anything; what
        # comes of an infinity or NaN is what it is.
        error = np.where(magnitude <= most, error, np.inf)
        wild = _wild(left), _wild(right)
        if wild[0].any() or wild[1].any():
            given = form(wild[0], wild[1] + 1.0) + form(wild[0] + 1.0, wild[1])
            error = np.where(given > 0, 0.0, error)
        return Bounded(value, error, dtype)


def cast(x: Bounded, dtype: str) -> Bounded:
    """Converted to `dtype`; what was exact is rounded as the conversion rounds it, so stays exact."""
    if x.dtype == dtype:
        return x
    known = x.error == 0
    held = Tensor.of(x.value, dtype).values().astype(np.float64)
    bounded = x.cast(dtype)
    return Bounded(np.where(known, held, bounded.value), np.where(known, 0.0, bounded.error), dtype)


def _live(x: Bounded) -> Array:
    live: Array = (x.value != 0) | (x.error != 0)
    return live.astype(np.float64)


def _wild(x: Bounded) -> Array:
    wild: Array = ~np.isfinite(x.value)
    return wild.astype(np.float64)


def _smallest(x: Bounded) -> float:
    magnitudes = np.abs(x.value)
    return float(magnitudes[magnitudes > 0].min(initial=np.inf))


def _step(values: Array) -> float:
    """The largest power of two of which all finite values are multiples."""
    chosen = values[np.isfinite(values) & (values != 0)]
    if not chosen.size:
        return 1.0
    fraction, exponent = np.frexp(chosen)
    whole = (fraction * 2.0**53).astype(np.int64)
    return float(np.ldexp((whole & -whole).astype(np.float64), exponent - 53).min())
