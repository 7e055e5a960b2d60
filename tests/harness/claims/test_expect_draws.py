"""What claims about random values expect: right answers pass, wrong ones are told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from conformance.claims import expect
from conformance.claims.answers import Answered
from conformance.model import Case, Law, Outcome, Raised, Returned, Tensor, Tolerance, Unsupported

CASE = Case("initializers.X/a/b", "initializers.X")
N = 160_000


def answered(*outcomes: Outcome, others: dict[str, Outcome] | None = None) -> Answered:
    def other(case_id: str) -> Answered:
        assert others is not None
        return Answered(CASE, "keras3", [others[case_id]], other)

    return Answered(CASE, "keras3", list(outcomes), other)


def tensor(*numbers: float) -> Tensor:
    return Tensor.of(np.array(numbers, dtype="float32"))


def broken(given: Any, subject: Answered) -> str | None:
    return expect.parse(given, "here").broken(subject)


def sample(mean: float, stddev: float) -> Answered:
    """Normal numbers at equal steps of probability: their moments are those asked for."""
    from scipy.stats import norm

    numbers = norm.ppf((np.arange(N) + 0.5) / N, mean, stddev)
    return answered(Returned({"sample": Tensor.of(numbers.reshape(1, N), "float64")}))


@pytest.mark.parametrize(("mean", "stddev"), [(0.0, 0.05), (2.0, 0.5)])
def test_moments_of_the_law_are_honoured(mean: float, stddev: float) -> None:
    assert broken({"moments": {"mean": mean, "stddev": stddev}}, sample(mean, stddev)) is None


@pytest.mark.parametrize(
    ("mean", "stddev", "said"),
    [(2.02, 0.5, "mean 2.02"), (2.0, 0.52, "stddev 0.5"), (2.0, 0.44, "stddev 0.4")],
)
def test_other_moments_are_not(mean: float, stddev: float, said: str) -> None:
    message = broken({"moments": {"mean": 2.0, "stddev": 0.5}}, sample(mean, stddev))
    assert message is not None
    assert said in message


def test_nan_has_no_moments() -> None:
    subject = answered(Returned({"sample": tensor(float("nan"), 1.0)}))
    assert broken({"moments": {"mean": 1.0}}, subject) is not None


def test_moments_need_a_sample() -> None:
    subject = answered(Returned({"value": tensor(1.0)}))
    message = broken({"moments": {"mean": 1.0}}, subject)
    assert message is not None
    assert "no tensor 'sample'" in message


@pytest.mark.parametrize(
    ("mine", "good"),
    [((1.0, 2.0), True), ((1.0, 2.0000002), False), ((1.0,), False), ((1.0, 2.0, 3.0), False)],
)
def test_equals_compares_bit_for_bit(mine: tuple[float, ...], good: bool) -> None:
    theirs = Returned({"value": tensor(1.0, 2.0)})
    subject = answered(Returned({"weights:0": tensor(*mine)}), others={"there": theirs})
    message = broken({"equals": "there", "of": "weights:0"}, subject)
    assert (message is None) is good


def test_equals_needs_a_tensor_on_both_sides() -> None:
    value = Returned({"value": tensor(1.0)})
    subject = answered(value, others={"there": Raised("call", "value", "no")})
    assert broken({"equals": "there"}, subject) == "no value in there"
    subject = answered(Returned({"count": 0}), others={"there": value})
    assert broken({"equals": "there"}, subject) is not None


def test_equals_is_undecided_where_the_other_case_is() -> None:
    subject = answered(
        Returned({"value": tensor(1.0)}), others={"there": Unsupported("it has no such class")}
    )
    with pytest.raises(expect.Undecided):
        broken({"equals": "there"}, subject)


def test_bounds_on_one_side_leave_the_other_open() -> None:
    subject = answered(Returned({"value": tensor(-1e30, 0.5)}))
    assert broken({"elements": {"most": 0.5}}, subject) is None
    assert broken({"elements": {"most": 0.49}}, subject) is not None
    assert broken({"elements": {"least": -1.0}}, subject) is not None


def test_a_law_is_broken_by_one_value_outside() -> None:
    law = Law("uniform", {"low": 0.0, "high": 1.0})
    case = Case("initializers.X/a/b", "initializers.X", tolerance=Tolerance(law=law))
    for numbers, good in (((0.25, 0.75), True), ((0.25, 1.25), False)):
        drawn = answered(Returned({"value": tensor(*numbers)}))
        subject = replace(drawn, case=case)
        assert (broken("law", subject) is None) is good
