"""Fans and the deviation of a truncated normal, by definition."""

import math

from impl.core import fans, sampling


def test_fans():
    assert [fans.fans(shape) for shape in ((), (5,), (3, 4), (2, 3, 4), (0, 3), (2, 3, 5, 7))] == [
        (1, 1), (5, 5), (3, 4), (6, 8), (0, 3), (30, 42),
    ]  # fmt: skip


def test_truncated_stddev_is_that_of_the_truncated_normal():
    density = math.exp(-2) / math.sqrt(2 * math.pi)
    variance = 1 - 4 * density / math.erf(math.sqrt(2))
    assert math.isclose(sampling.TRUNCATED_STDDEV, math.sqrt(variance), rel_tol=1e-12)
