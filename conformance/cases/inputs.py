"""Inputs by formula: nobody needs a random generator, or this code, to check one by hand.

Element `i` below counts row-major from 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import Any, Final

import numpy as np

from conformance.model import Given, Input, Tensor

# By float dtype: the least positive normal number, the least positive number, the largest, and
# the distance from 1 to the next number.
LIMITS: Final[Mapping[str, tuple[float, float, float, float]]] = {
    "float16": (2.0**-14, 2.0**-24, 65504.0, 2.0**-10),
    "bfloat16": (2.0**-126, 2.0**-133, (2 - 2.0**-7) * 2.0**127, 2.0**-7),
    "float32": (2.0**-126, 2.0**-149, (2 - 2.0**-23) * 2.0**127, 2.0**-23),
    "float64": (2.0**-1022, 2.0**-1074, (2 - 2.0**-52) * 2.0**1023, 2.0**-52),
}


def listed(values: Any, dtype: str = "float32", given: Given = Given.TENSOR) -> Input:
    """The numbers as they stand, rounded to `dtype`."""
    kind = np.complex128 if dtype.startswith("complex") else None
    return Input(Tensor.of(np.array(values, dtype=kind), dtype), given)


def wave(shape: Sequence[int], dtype: str = "float32", given: Given = Given.TENSOR) -> Input:
    """(7 i mod 11 - 5) / 4: both signs and zero, exact in every float dtype."""
    i = np.arange(math.prod(shape))
    return listed(((7 * i % 11 - 5) / 4).reshape(shape), dtype, given)


def thirds(shape: Sequence[int], dtype: str = "float32", given: Given = Given.TENSOR) -> Input:
    """(5 i mod 13 - 6) / 3: both signs and zero, inexact in every float dtype."""
    i = np.arange(math.prod(shape))
    return listed(((5 * i % 13 - 6) / 3).reshape(shape), dtype, given)


def count(shape: Sequence[int], dtype: str = "float32", given: Given = Given.TENSOR) -> Input:
    """I + 1, so that an element tells its place."""
    return listed((np.arange(math.prod(shape)) + 1).reshape(shape), dtype, given)


def whole(shape: Sequence[int], dtype: str, given: Given = Given.TENSOR) -> Input:
    """For integers: 7 i mod 11 - 5, without the - 5 where unsigned; for bool: whether i is even."""
    i = np.arange(math.prod(shape)).reshape(shape)
    if dtype == "bool":
        return listed(i % 2 == 0, dtype, given)
    return listed(7 * i % 11 - (0 if dtype.startswith("u") else 5), dtype, given)


def every_pair(**values: Sequence[Any]) -> Iterator[dict[str, Any]]:
    """Few combinations in which every pair of values of any two arguments meets.

    Greedy and without chance: always take the combination, first in lexicographic order, which
    brings most pairs that no earlier one had.
    """
    names = list(values)
    candidates = list(product(*(range(len(values[name])) for name in names)))
    couples = list(combinations(range(len(names)), 2))

    def pairs(choice: tuple[int, ...]) -> set[tuple[int, int, int, int]]:
        return {(a, b, choice[a], choice[b]) for a, b in couples}

    missing = {pair for choice in candidates for pair in pairs(choice)}
    while missing:
        best = max(candidates, key=lambda choice: len(pairs(choice) & missing))
        missing -= pairs(best)
        yield {name: values[name][i] for name, i in zip(names, best, strict=True)}
