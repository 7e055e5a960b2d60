"""Histograms of draws, and the exact density of each law."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from conformance.judge.histogram import Histogram, histogram
from conformance.model import Law, Tensor

LAWS = {
    "uniform": {"low": -2.0, "high": 0.5},
    "normal": {"mean": 2.0, "stddev": 0.5},
    "truncated_normal": {"mean": -1.0, "stddev": 3.0},
    "orthogonal": {"gain": 2.5},
}


def of(values: Any, name: str, shape: tuple[int, ...] = (-1,)) -> Histogram:
    drawn = Tensor.of(np.asarray(values, np.float32).reshape(1, *shape))
    found = histogram(drawn, Law(name, LAWS.get(name, {"low": 0.0, "high": 4.0})))
    assert found is not None
    return found


@pytest.mark.parametrize("name", LAWS)
def test_a_density_has_an_area_of_one_and_nothing_beyond_its_law(name: str) -> None:
    found = of([0.1] * 15, name, (3, 5))
    at, value = np.array(found.density()).T
    assert np.trapezoid(value, at) == pytest.approx(1, abs=2e-3)
    assert value[0] == value[-1] == 0
    assert found.dimension == (5 if name == "orthogonal" else 0)


def test_bars_have_an_area_of_one_and_end_where_the_law_ends() -> None:
    values = np.random.default_rng(1).uniform(-2.0, 0.5, 20_000)
    found = of(values, "uniform")
    assert found.total == 20_000
    assert found.outside == 0
    width = (found.high - found.low) / len(found.counts)
    assert sum(found.heights) * width == pytest.approx(1)
    filled = [height for height in found.heights if height]
    assert len(filled) == 40
    assert min(filled) == pytest.approx(0.4, rel=0.2)
    assert max(filled) == pytest.approx(0.4, rel=0.2)


def test_draws_far_beyond_the_law_are_counted_and_not_shown() -> None:
    found = of([-1.0, 0.0, 1.0, 1e6, float("nan")], "uniform")
    assert (found.total, found.outside) == (5, 2)
    assert found.high == pytest.approx(0.5 + 0.5 * 2.5)


def test_integers_have_a_bar_each() -> None:
    found = of([0, 1, 1, 2, 3, 5], "integers")
    shares = {int(at): share for at, share in found.density() if at > 0}
    assert shares == {0: 0.25, 1: 0.25, 2: 0.25, 3: 0.25, 4: 0.0, 5: 0.0}
    start = -round(found.low)
    assert [round(6 * h) for h in found.heights[start : start + 6]] == [1, 2, 1, 1, 0, 1]


def test_a_law_of_one_value_has_no_histogram() -> None:
    drawn = Tensor.of(np.zeros((1, 9), np.float32))
    assert histogram(drawn, Law("uniform", {"low": 1.0, "high": 1.0})) is None
    assert histogram(drawn, Law("normal", {"mean": 1.0, "stddev": 0.0})) is None
