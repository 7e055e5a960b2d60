"""Activations: what they are sure of, their slopes and gradients."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from conformance.model import Array, Tensor
from conformance.oracle import activations
from conformance.oracle.bounded import Bounded, exact
from conformance.oracle.judge import worst


def test_shares_that_do_not_add_up_are_wrong_however_wrong_their_logits_may_be() -> None:
    logits = Bounded(np.array([[3.0, 1.0], [0.5, 0.25]]), np.full((2, 2), 1e-3), "float32")
    shares = activations.apply("softmax", logits)
    right = shares.value.copy()
    right[0] += [1e-4, -1e-4]
    assert worst(shares, Tensor.of(right, "float32")) < 1
    wrong = right * [[1.0], [1 + 1e-5]]
    assert (shares.headroom(Tensor.of(wrong, "float32")) > 1).tolist() == [[False] * 2, [True] * 2]
    assert worst(shares, Tensor.of(right * [[np.nan], [1.0]], "float32")) == np.inf


@pytest.mark.parametrize("values", [[3.0, 1.0, 0.5], [0.5, 0.4, 0.3, -2.0], [-1e3, 1e3, 999.9]])
def test_what_sparsemax_is_sure_of(values: list[float]) -> None:
    """Errors of the logits reach an output as far as the support lets them, and no farther."""
    x, error = np.array(values), np.full(len(values), 1e-4)
    found = activations.apply("sparsemax", Bounded(x, error, "float32"))
    for signs in product((-1.0, 1.0), repeat=len(values)):
        there = activations.apply("sparsemax", exact(x + error * signs)).value
        assert (np.abs(there - found.value) <= found.error).all()
    assert found.error[found.value == 0].max() == 0
    assert found.error.max() < (2e-4 if abs(x).max() < 10 else 5e-3)


ELEMENTWISE = sorted(activations.NAMES - {"softmax", "log_softmax", "sparsemax", "glu"})

# Away from every kink.
PLACES = np.array([-4.1, -2.2, -0.77, -0.31, 0.0625, 0.4, 0.9, 1.7, 2.8, 5.3])


@pytest.mark.parametrize("dialect", ["keras2", "keras3"])
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_a_slope_is_that_of_the_activation(name: str, dialect: str) -> None:
    step = 1e-6
    sides = [
        activations.apply(name, exact(PLACES + s, "float64"), dialect=dialect).value
        for s in (-step, step)
    ]
    slope = activations.slope(name, exact(PLACES, "float64"), dialect=dialect)
    assert slope.value == pytest.approx((sides[1] - sides[0]) / (2 * step), rel=1e-7, abs=1e-8)
    assert (slope.error < 1e-12).all()


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", ["elu", "selu", "celu"])
def test_cancellation_may_cost_digits_of_a_slope_but_not_the_slope(name: str, dtype: str) -> None:
    """The slope of the negative part is often made of the output and a constant, which cancel."""
    digits = {"float16": 10, "float32": 23, "float64": 52}[dtype]
    for x in (-1.0, -0.5 * digits, -0.69 * (digits + 2)):
        slope = activations.slope(name, exact(np.array([x]), dtype))
        (size,) = slope.value
        assert worst(slope, Tensor.of(np.array([size]), dtype)) < 1
        assert worst(slope, Tensor.of(np.array([0.0]), dtype)) > 1
        assert worst(slope, Tensor.of(np.array([2 * size]), dtype)) > 1
    (lost,) = slope.error / slope.value
    assert 0.5 < lost < 0.6


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "sparsemax", "glu", "gelu"])
def test_a_gradient_is_that_of_the_activation(name: str) -> None:
    x = np.array([[0.3, -0.2, 0.45, 0.1], [2.0, -1.0, 0.5, 1.4]])
    shape = activations.apply(name, exact(x)).shape
    weights = np.arange(1.0, 1.0 + np.prod(shape)).reshape(shape) / 4
    found = activations.pulled_back(name, exact(x), exact(weights)).value
    for place in np.ndindex(x.shape):
        ends = []
        for step in (-1e-6, 1e-6):
            moved = x.copy()
            moved[place] += step
            ends.append((activations.apply(name, exact(moved)).value * weights).sum())
        assert found[place] == pytest.approx((ends[1] - ends[0]) / 2e-6, rel=1e-6, abs=1e-8)


def test_probabilities_add_up_to_one() -> None:
    x = exact([[-1.0, -1.1, -1.2], [0.1, 0.2, 0.3], [2.0, -3.0, 1.5]], "float64")
    for name in ("softmax", "sparsemax"):
        total: Array = activations.apply(name, x).value.sum(axis=1)
        assert total == pytest.approx(np.ones(3), rel=1e-12)


def test_at_a_kink_any_slope_between_both_is_right() -> None:
    slope = activations.slope("relu", exact([-1.0, 0.0, 1.0], "float32"))
    for actual in (0.0, 0.5, 1.0):
        assert slope.headroom(Tensor.of(np.array([0.0, actual, 1.0], np.float32))).max() <= 1
    assert slope.headroom(Tensor.of(np.array([0.0, 2.0, 1.0], np.float32))).max() > 1
