"""Inputs by formula: nobody needs a random generator, or this code, to check one by hand.

Element `i` below counts row-major from 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import Any, Final

import numpy as np

from conformance.model import Formula, FormulaTensor, Given, Input, Tensor

INF: Final = math.inf
NAN: Final = math.nan
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


# By float dtype: a prime just below what its significand holds, so that nearly every number of that many bits
# comes up, and the power of two that brings them to between -1 and 1.
_FILLED: Final[Mapping[str, tuple[int, int]]] = {
    "float16": (2039, 1024),
    "bfloat16": (251, 128),
    "float32": (8388593, 4194304),
    "float64": (2147483647, 1073741824),
}
# Of the golden ratio, and of the square roots of 2, 3, 5 and 7.
_FRACTIONS: Final = (0.6180339887, 0.4142135624, 0.7320508076, 0.2360679775, 0.6457513111)


def large(
    shape: Sequence[int],
    dtype: str = "float32",
    given: Given = Given.TENSOR,
    *,
    over: int = 1,
    variant: int = 0,
) -> Input:
    """((a i + b) mod m - c) / d, as a formula and not as numbers: for tensors of a realistic size.

    m is a prime that fills the significand of `dtype`, c is half of it, and a / m is near the fraction of a root, so
    that no axis of any length brings the same elements again and again. They are evenly spread between -1 and 1, then
    divided by `over`, a power of two. `variant`: another number from 0 to 4 for each tensor of a case.
    """
    modulo, scale = _FILLED[dtype]
    times = round(modulo * _FRACTIONS[variant])
    formula = Formula(times, 3 + 7 * variant, modulo, modulo // 2, scale * over)
    return Input(FormulaTensor(dtype, tuple(shape), formula), given)


def every_pair(**values: Sequence[Any]) -> Iterator[dict[str, Any]]:
    """Few combinations in which every pair of values of any two arguments meets.

    Greedy and without chance: always take the combination, first in lexicographic order, which
    brings most pairs that no earlier one had.
    """
    sizes = [len(choices) for choices in values.values()]
    candidates = np.array(list(product(*map(range, sizes))), dtype=np.intp)
    # Every pair of values, of every two arguments, has a number of its own.
    pairs = np.empty((len(candidates), math.comb(len(sizes), 2)), dtype=np.intp)
    first = 0
    for column, (a, b) in enumerate(combinations(range(len(sizes)), 2)):
        pairs[:, column] = first + candidates[:, a] * sizes[b] + candidates[:, b]
        first += sizes[a] * sizes[b]
    missing = np.full(first, True)
    while missing.any():
        best = int(missing[pairs].sum(axis=1).argmax())
        missing[pairs[best]] = False
        yield {
            name: choices[i]
            for (name, choices), i in zip(values.items(), candidates[best], strict=True)
        }
