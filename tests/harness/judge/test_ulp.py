"""The distance of two numbers in ULP, in every dtype."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from judge.outcomes import SCALARS, chain, tensor

from conformance.cases.inputs import LIMITS
from conformance.judge.tensors import ulp_distance
from conformance.model import FLOATS


@pytest.mark.parametrize("towards", [math.inf, -math.inf])
@pytest.mark.parametrize("dtype", FLOATS)
def test_ulp_distance_counts_representable_numbers(dtype: str, towards: float) -> None:
    normal, subnormal, largest, eps = LIMITS[dtype]
    sign = math.copysign(1, towards)
    starts = {
        "across zero": -3 * sign * subnormal,
        "from zero": 0.0,
        "subnormals": sign * 5 * subnormal,
        "into the normal numbers": sign * (normal - 2 * subnormal),
        "out of the normal numbers": -sign * (normal + 2 * subnormal),
        "one": 1.0,
        "minus one": -1.0,
        "over a power of two": sign * (2.0 - 2 * eps),
        "to the largest": sign * largest * (1 - 4 * eps),
    }
    for what, start in starts.items():
        numbers = chain(SCALARS[dtype](start), towards, 6)
        first = tensor([float(numbers[0])] * 7, dtype)
        others = tensor([float(n) for n in numbers], dtype)
        there, back = ulp_distance(others, first), ulp_distance(first, others)
        finite = np.isfinite(others.values().astype(np.float64))
        assert finite.sum() >= 6, what
        assert there[finite].tolist() == [float(n) for n in range(7) if finite[n]], what
        assert back.tolist() == there.tolist(), what


@pytest.mark.parametrize("dtype", FLOATS)
def test_ulp_distance_of_zeros_nan_and_infinities(dtype: str) -> None:
    got = tensor([0.0, math.nan, math.nan, 1.0, math.inf, -math.inf, math.inf, 1.0], dtype)
    wanted = tensor([-0.0, math.nan, 1.0, math.nan, math.inf, math.inf, 1.0, -math.inf], dtype)
    inf = math.inf
    assert ulp_distance(got, wanted).tolist() == [0, 0, inf, inf, 0, inf, inf, inf]


def test_ulp_distance_from_end_to_end_of_float64_does_not_wrap_around() -> None:
    largest = LIMITS["float64"][2]
    distance = ulp_distance(tensor([-largest], "float64"), tensor([largest], "float64"))
    assert distance.tolist() == [2.0 * (0x7FEFFFFFFFFFFFFF)]


@given(st.floats(width=32, allow_nan=False), st.floats(width=32, allow_nan=False))
def test_ulp_distance_is_zero_for_equal_numbers_only(a: float, b: float) -> None:
    distance = ulp_distance(tensor([a]), tensor([b]))
    assert (distance[0] == 0) == (a == b)
