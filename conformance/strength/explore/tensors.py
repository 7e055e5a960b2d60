"""Tensors to draw: shapes (empty, of equal axes, of a few thousand elements), dtypes, numbers that are special."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from hypothesis import strategies as st

from conformance.cases.inputs import LIMITS, count, large, listed, thirds, wave, whole
from conformance.model import FLOATS, Array, Given, Input

Draw = Callable[[Any], Any]
# The largest tensor has a few thousand elements.
MOST: Final = 4096
# Beyond so many elements numbers stand as a formula, which a case can hold.
_BY_FORMULA: Final = 200
_SIZES: Final = (2, 3, 1, 4, 5, 0)
_MORE_SIZES: Final = (*_SIZES, 6, 7, 8, 16, 31, 64)
_LONG: Final = (1030, 257, 512, 2050)
_SPECIAL: Final[Mapping[str, Callable[[str], tuple[float, ...]]]] = {
    "nan": lambda dtype: (math.nan,),
    "infinite": lambda dtype: (math.inf, -math.inf),
    "huge": lambda dtype: (LIMITS[dtype][2], -LIMITS[dtype][2], LIMITS[dtype][2] ** 0.5 * 2),
    "tiny": lambda dtype: (LIMITS[dtype][0] ** 0.5 / 4, LIMITS[dtype][0]),
    "subnormal": lambda dtype: (LIMITS[dtype][1], -LIMITS[dtype][1] * 3),
    "negative-zero": lambda dtype: (-0.0,),
    "near": lambda dtype: (1.0 + LIMITS[dtype][3], 1.0 - LIMITS[dtype][3] / 2),
    "epsilon": lambda dtype: (1e-7, 3e-8),
}
NUMBERS: Final = ("plain", "zero", *_SPECIAL)
# What is neither a float of the usual ranges nor seen in models every day.
OTHERS: Final = ("int32", "int8", "int64", "uint8", "bool", "complex64")


def seldom(draw: Draw, times: int) -> bool:
    """True once in so many times; shrinks to False."""
    return bool(draw(st.integers(0, times - 1)) == times - 1)


def shape(draw: Draw, ranks: Sequence[int]) -> tuple[int, ...]:
    """A shape of one of the ranks, the first being the simplest: mixed, of equal axes, or with a long one."""
    rank = draw(st.sampled_from(ranks))
    offered = _MORE_SIZES if seldom(draw, 4) else _SIZES
    if seldom(draw, 4):
        sizes = [draw(st.sampled_from(offered))] * rank
    else:
        sizes = [draw(st.sampled_from(offered)) for _ in range(rank)]
    if rank and seldom(draw, 8):
        sizes[draw(st.integers(0, rank - 1))] = draw(st.sampled_from(_LONG))
    return within(sizes)


def within(sizes: Sequence[int]) -> tuple[int, ...]:
    """The sizes, the largest halved until there are not too many elements."""
    found = list(sizes)
    while math.prod(found) > MOST:
        place = found.index(max(found))
        found[place] //= 2
    return tuple(found)


def dtype(draw: Draw, *, others: bool = False) -> str:
    """A dtype; with `others` once in a while one that is no float."""
    if others and seldom(draw, 12):
        return str(draw(st.sampled_from(OTHERS)))
    return str(draw(st.sampled_from(("float32", "float64", "float16", "bfloat16"))))


def tensor(
    draw: Draw,
    size: tuple[int, ...],
    kind: str,
    given: Given = Given.TENSOR,
    *,
    special: int = 3,
    number: str = "",
) -> Input:
    """A tensor of a shape and dtype; once in `special` times, or for a `number`, with special numbers."""
    if kind not in FLOATS:
        base = whole(size, kind) if not kind.startswith("complex") else listed(_complex(size), kind)
        return Input(base.tensor, given)
    elements = math.prod(size)
    if elements > _BY_FORMULA and number not in _SPECIAL:
        return large(size, kind, given, variant=draw(st.integers(0, 4)))
    forms: Mapping[str, Callable[..., Input]] = {
        "ones": _ones,
        "wave": wave,
        "thirds": thirds,
        "count": count,
    }
    made = forms[draw(st.sampled_from(tuple(forms)))](size, kind, given)
    if number == "zero" and elements:
        return listed(np.zeros(size), kind, given)
    if not elements or (number not in _SPECIAL and not seldom(draw, special)):
        return made
    return _spoilt(draw, made, kind, given, number)


def _spoilt(draw: Draw, made: Input, kind: str, given: Given, number: str) -> Input:
    """With special numbers in one place, or in all."""
    values = np.array(made.tensor.values(), dtype=np.float64).reshape(-1)
    name = number if number in _SPECIAL else draw(st.sampled_from(tuple(_SPECIAL)))
    chosen = draw(st.sampled_from(_SPECIAL[name](kind)))
    match draw(st.sampled_from(("one", "all", "zeros", "row"))):
        case "one":
            values[draw(st.integers(0, len(values) - 1))] = chosen
        case "all":
            values[:] = chosen
        case "zeros":
            values[:] = 0.0
            values[draw(st.integers(0, len(values) - 1))] = chosen
        case _:
            values[: (1, *made.tensor.shape)[-1]] = chosen
    return listed(values.reshape(made.tensor.shape), kind, given)


def _ones(size: Sequence[int], kind: str, given: Given) -> Input:
    return listed(np.ones(size), kind, given)


def _complex(size: Sequence[int]) -> Array:
    i = np.arange(math.prod(size))
    return np.asarray(((7 * i % 11 - 5) / 4 + 1j * (5 * i % 13 - 6) / 4).reshape(size))


def weight(draw: Draw, size: tuple[int, ...], number: int) -> Input:
    """The value of a weight, by formula."""
    if math.prod(size) > _BY_FORMULA:
        return large(size, "float32", Given.ARRAY, variant=number % 5)
    form = draw(st.sampled_from((_ones, wave, thirds, count)))
    made: Input = form(size, "float32", Given.ARRAY)
    return made
