"""Hints about places: the expected numbers, elsewhere or in another shape."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Final

import numpy as np

from conformance.judge.hints.hint import Hint, Pair
from conformance.model import Array

_MOST_AXES: Final = 5
_FEW: Final = 4


def hints(pair: Pair) -> Iterator[Hint]:
    """Every hint of this kind."""
    if not pair.w.size or not pair.g.size:
        return
    same = pair.g.shape == pair.w.shape
    turned = [*_axes(pair), *(_flipped(pair) if same else ())]
    yield from turned
    if not same:
        yield from _reshaped(pair)
    elif not turned:
        yield from _shifted(pair)
        yield from _order(pair)
        yield from _repeated(pair)


def _axes(pair: Pair) -> Iterator[Hint]:
    w = pair.w
    if w.ndim >= 2 and pair.is_(np.swapaxes(w, -1, -2)):
        yield Hint("transposed: the last two axes are exchanged")
    if w.ndim > 2:
        if pair.is_(np.moveaxis(w, -1, 1)):
            yield Hint("the channels are first, not last")
        if pair.is_(np.moveaxis(w, 1, -1)):
            yield Hint("the channels are last, not first")
        if pair.is_(w.T):
            yield Hint("all axes are in reverse order")
        if pair.is_(np.swapaxes(w, 0, 1)):
            yield Hint("the first two axes are exchanged")


def _flipped(pair: Pair) -> Iterator[Hint]:
    ndim = pair.w.ndim
    if ndim > _MOST_AXES:
        return
    for count in range(1, ndim + 1):
        for axes in combinations(range(ndim), count):
            if pair.is_(np.flip(pair.w, axes)):
                named = f"axis {axes[0]}" if count == 1 else f"axes {', '.join(map(str, axes))}"
                yield Hint(f"reversed along {named}")
                return


def _shifted(pair: Pair) -> Iterator[Hint]:
    """One place further along an axis of three or more, whatever comes in at the end."""
    for axis in range(pair.w.ndim):
        if pair.w.shape[axis] < 3:
            continue
        g, w = np.moveaxis(pair.g, axis, 0), np.moveaxis(pair.w, axis, 0)
        for way, mine, other in (("late", g[1:], w[:-1]), ("early", g[:-1], w[1:])):
            if _says(other) and pair.alike(mine, other) and not pair.alike(g, w):
                yield Hint(f"one place too {way} along axis {axis}")
                return


def _says(values: Array) -> bool:
    """Whether numbers are too different for a shift of them to be nothing."""
    return bool(np.unique(values[np.isfinite(values)]).size >= 3)


def _order(pair: Pair) -> Iterator[Hint]:
    w = pair.w
    if w.ndim >= 2 and (
        pair.is_(w.ravel(order="F").reshape(w.shape))
        or pair.is_(w.ravel().reshape(w.shape, order="F"))
    ):
        yield Hint("filled column by column, not row by row")
    elif w.size >= _FEW and _says(w) and w.dtype.kind == "f":
        if pair.is_(np.sort(w, axis=-1)):
            yield Hint("the expected numbers, sorted along the last axis")
        elif not pair.alike(pair.g, w) and pair.alike(np.sort(pair.g.ravel()), np.sort(w.ravel())):
            yield Hint("the expected numbers in another order")


def _repeated(pair: Pair) -> Iterator[Hint]:
    if pair.w.ndim and pair.w.shape[0] > 1:
        first = np.broadcast_to(pair.w[:1], pair.w.shape)
        if _says(first) and pair.is_(first):
            yield Hint("the first row in place of every row")


def _reshaped(pair: Pair) -> Iterator[Hint]:
    """The same numbers in another shape, or before or after they were added up."""
    g, w = pair.g, pair.w
    if g.size == w.size:
        if pair.alike(g.ravel(), w.ravel()):
            if [n for n in g.shape if n != 1] == [n for n in w.shape if n != 1]:
                few = "missing" if g.ndim < w.ndim else "surplus"
                yield Hint(f"the right numbers with {few} axes of size 1")
            else:
                yield Hint("the right numbers in another shape")
        return
    if not (pair.real and np.isfinite(g).all()):
        return
    if g.size > w.size == 1:
        for text, value in (("their sum", g.sum()), ("their mean", g.mean())):
            if pair.alike(np.asarray(value).reshape(w.shape), w, np.abs(g).max()):
                yield Hint(f"several numbers where {text} is expected")
                return
    if w.size > g.size == 1 and w.size > 1:
        for text, value in (("sum", w.sum()), ("mean", w.mean())):
            if pair.alike(g, np.asarray(value).reshape(g.shape), np.abs(w).max()):
                yield Hint(f"the {text} of the expected numbers")
                return
    if g.ndim + 1 == w.ndim:
        for axis in range(w.ndim):
            for text, value in (("added up", w.sum(axis)), ("averaged", w.mean(axis))):
                if pair.alike(g, value, np.abs(w).max()):
                    yield Hint(f"the expected numbers, {text} along axis {axis}")
                    return
            if w.shape[axis] > 1 and pair.alike(g, w.take(0, axis)):
                yield Hint(f"only the first of axis {axis}")
                return
    if g.ndim == w.ndim:
        cut = tuple(slice(0, min(a, b)) for a, b in zip(g.shape, w.shape, strict=True))
        if _says(w[cut]) and pair.alike(g[cut], w[cut]):
            yield Hint(
                "right as far as it goes: the end is "
                + ("cut off" if g.size < w.size else "too long")
            )
