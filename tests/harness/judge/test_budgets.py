"""Tolerances of each element by its own error budget."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from judge.outcomes import by_aspect, returned, ulps

from conformance.judge.compare import EXACT, Budgets, compare
from conformance.model import Comparison, Fault, Grade, Kind, Tolerance, Verdict
from conformance.oracle import Bounded


def budgets(values: Any, error: Any) -> Budgets:
    truth = Bounded(np.asarray(values, np.float64), np.asarray(error, np.float64), "float32")
    return lambda: [{"value": truth}]


def judged(got: Any, wanted: Any, budget: Budgets, tolerance: Tolerance = EXACT) -> Comparison:
    found = compare([returned(got)], [returned(wanted)], tolerance, budgets=budget)
    (value,) = [c for c in found if c.aspect == "value"]
    return value


def test_a_budget_judges_each_element_by_its_own() -> None:
    budget = budgets([1.0, 100.0], [1e-6, 1e-3])
    within = judged([1.0, 100.0005], [1.0, 100.0], budget)
    assert (within.verdict, within.grade, within.dtype) == (Verdict.PASS, Grade.WITHIN, "float32")
    assert within.headroom == pytest.approx(0.5, rel=0.01)
    beyond = judged([1.00001, 100.0], [1.0, 100.0], budget)
    assert beyond.verdict is Verdict.FAIL
    assert "times it): at [0]" in beyond.message
    assert beyond.headroom == pytest.approx(10, rel=0.02)


def test_what_is_over_by_far_is_told_without_digits() -> None:
    found = judged([7.0], [1.0], budgets([1.0], [1e-9]))
    assert found.message == "over the error budget (>1e6 times it): at [0] got 7.0, must be 1.0"
    assert judged([7.0], [1.0], tuple, ulps(4)).message.startswith(">1e6 ULP where 4 are allowed")


def test_a_budget_of_nothing_allows_nothing() -> None:
    found = judged([1.0, 2.0000002], [1.0, 2.0], budgets([1.0, 2.0], [0.0, 0.0]), ulps(4))
    assert (found.verdict, found.headroom) == (Verdict.FAIL, None)
    assert "over the error budget (nothing is allowed)" in found.message


def test_the_distance_is_that_from_the_truth() -> None:
    # Expected and answer err to opposite sides, each within its budget.
    assert judged([1.0000009], [0.9999991], budgets([1.0], [1e-6])).verdict is Verdict.PASS
    assert judged([1.0000011], [1.0000001], budgets([1.0], [1e-6])).verdict is Verdict.FAIL


def test_where_the_expected_value_leaves_its_budget_the_tolerance_decides() -> None:
    wrong = budgets([5.0], [1e-6])
    assert judged([1.0000001], [1.0], wrong, ulps(1)).verdict is Verdict.PASS
    assert judged([1.0000001], [1.0], wrong).verdict is Verdict.FAIL
    assert judged([5.0], [1.0], wrong, ulps(1)).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("got", "wanted", "truth", "fault"),
    [
        (5.0, 1.0, 1.0, Fault.SUBJECT),
        (5.0, 1.0, 5.0, Fault.OFFICIAL),
        (5.0, 1.0, 9.0, Fault.BOTH),
        (float("nan"), 1.0, 9.0, None),  # that is another aspect's
    ],
)
def test_a_failure_says_who_leaves_the_budget(
    got: float, wanted: float, truth: float, fault: Fault | None
) -> None:
    assert judged([got], [wanted], budgets([truth], [1e-6]), ulps(1)).fault == fault


def test_without_a_truth_the_fault_is_unknown() -> None:
    assert judged([5.0], [1.0], tuple).fault is Fault.UNKNOWN
    # Both keep to the budget, and the tolerance of the case is less.
    assert judged([1.0], [1.0], tuple).fault is None


def test_budgets_are_asked_for_only_where_bits_differ() -> None:
    def never() -> list[dict[str, Any]]:
        raise AssertionError("asked")

    assert judged([1.0, 2.0], [1.0, 2.0], never).grade is Grade.BITWISE
    with pytest.raises(AssertionError, match="asked"):
        judged([1.0, 2.5], [1.0, 2.0], never)


def test_a_budget_of_complex_numbers_does_not_stop_the_comparison() -> None:
    wanted = returned([1.0, 2.0], "complex64")
    truth = Bounded(np.array([1.0, 2.0]), np.array([0.1, 0.1]), "float32")
    (value,) = [
        c
        for c in compare(
            [returned([1.0, 3.0], "complex64")], [wanted], EXACT, budgets=lambda: [{"value": truth}]
        )
        if c.aspect == "value"
    ]
    assert value.verdict is Verdict.FAIL


def test_a_bound_without_room_fails_without_a_warning() -> None:
    bound = Tolerance(Kind.BOUND, why="for this test", eps=8.0)
    found = by_aspect(returned([3.0, 1.0]), returned([0.0, 1.0]), bound)["value"]
    assert (found.verdict, found.headroom) == (Verdict.FAIL, None)
