"""Following the documentation: what is right beside the answer of official Keras, and what is not."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from judge.outcomes import returned

from conformance.judge.compare import EXACT, compare
from conformance.judge.documented import Permitted
from conformance.model import (
    Alternative,
    Comparison,
    Fault,
    Grade,
    Near,
    Outcome,
    Raised,
    Returned,
    Tensor,
    Tolerance,
    Verdict,
)
from conformance.oracle import Bounded

REFUSED = Raised("call", "value", "no kernel")
ANSWER = Alternative("no-kernel", Fault.PLATFORM, 0, {"value": Near((1,), (5.0,), (1e-6,))})
REJECTION = Alternative("not-a-form", Fault.OFFICIAL, 0)


def permitted(
    values: Any = None,
    error: Any = 1e-6,
    *alternatives: Alternative,
    followed: bool = True,
) -> Permitted:
    """What a case permits whose truth is `values`; None: nobody knows it."""
    if values is None:
        return Permitted(tuple, alternatives, followed)
    array = np.asarray(values, np.float64)
    truth = Bounded(array, np.broadcast_to(np.asarray(error, np.float64), array.shape), "float32")
    return Permitted(lambda: [{"value": truth}], alternatives, followed)


def judged(
    got: Outcome | list[Outcome],
    wanted: Outcome,
    rules: Permitted,
    tolerance: Tolerance = EXACT,
) -> dict[str, Comparison]:
    answers = got if isinstance(got, list) else [got]
    return {c.aspect: c for c in compare(answers, [wanted], tolerance, permitted=rules)}


def summary(found: dict[str, Comparison]) -> dict[str, tuple[str, str | None]]:
    return {a: (str(c.verdict), c.grade and str(c.grade)) for a, c in found.items()}


def test_the_truth_passes_where_official_keras_is_off() -> None:
    found = judged(returned([5.0]), returned([4.0]), permitted([5.0]))
    assert summary(found)["value"] == ("pass", "truth")
    # Like official Keras is right as well, and anything else is not.
    same = judged(returned([4.0]), returned([4.0]), permitted([5.0]))
    assert summary(same)["value"] == ("pass", "bitwise")
    assert judged(returned([4.5]), returned([4.0]), permitted([5.0]))["value"].verdict == "fail"


def test_who_follows_official_keras_must_be_as_wrong() -> None:
    found = judged(returned([5.0]), returned([4.0]), permitted([5.0], followed=False))
    assert found["value"].verdict is Verdict.FAIL


def test_each_element_is_judged_on_its_own() -> None:
    rules = permitted([5.0, 6.0])
    assert summary(judged(returned([5.0, 6.0]), returned([4.0, 6.0]), rules))["value"] == (
        "pass",
        "truth",
    )
    wrong = judged(returned([5.0, 7.0]), returned([4.0, 6.0]), rules)["value"]
    assert (wrong.verdict, "at [1]" in wrong.message) == (Verdict.FAIL, True)


@pytest.mark.parametrize("official", [math.nan, math.inf])
def test_a_number_is_right_where_official_keras_has_none(official: float) -> None:
    found = summary(judged(returned([5.0]), returned([official]), permitted([5.0])))
    assert found["nonfinite"] == found["value"] == ("pass", "truth")
    wrong = judged(returned([official]), returned([5.0]), permitted([5.0]))
    assert wrong["nonfinite"].verdict is Verdict.FAIL


def test_what_has_no_budget_is_judged_by_official_keras_alone() -> None:
    """An infinite error says that the computation may have overflowed, not that anything is right."""
    rules = permitted([5.0], math.inf)
    assert judged(returned([9.0]), returned([5.0]), rules)["value"].verdict is Verdict.FAIL


def test_without_a_truth_nothing_more_is_permitted() -> None:
    found = judged(returned([5.0]), returned([4.0]), permitted())["value"]
    assert (found.verdict, found.fault) == (Verdict.FAIL, Fault.UNKNOWN)


@pytest.mark.parametrize(("got", "official"), [(1e-40, 0.0), (0.0, 1e-40), (-0.0, 1e-40)])
def test_a_subnormal_number_may_be_flushed_or_kept(got: float, official: float) -> None:
    found = judged(returned([got, 1.0]), returned([official, 1.0]), permitted())
    assert summary(found)["value"] == ("pass", "truth")
    strict = judged(returned([got, 1.0]), returned([official, 1.0]), permitted(followed=False))
    assert strict["value"].verdict is Verdict.FAIL


@pytest.mark.parametrize(("got", "official"), [(1e-40, 2e-40), (1e-37, 0.0), (1e-40, 1.0)])
def test_another_subnormal_number_is_wrong(got: float, official: float) -> None:
    assert judged(returned([got]), returned([official]), permitted())["value"].verdict == "fail"


@pytest.mark.parametrize(
    ("got", "right"),
    [(0.0, True), (1e-40, True), (2e-40, False), (5e-41, False), (-1e-40, False)],
)
def test_a_budget_that_allows_flushing_allows_zero_and_the_number_only(
    got: float, right: bool
) -> None:
    """Its width alone would allow all that is as near to the number as zero is."""
    flushed = permitted([1e-40], 1e-40)
    verdict = Verdict.PASS if right else Verdict.FAIL
    assert judged(returned([got]), returned([0.0]), flushed)["value"].verdict is verdict
    refused = permitted([1e-40], 1e-40, ANSWER)
    assert judged(returned([got]), REFUSED, refused)["value"].verdict is verdict


def test_the_sign_of_a_zero_is_open_in_cases_about_subnormal_numbers() -> None:
    """The zero may have been a number on its way."""
    about = replace(permitted([0.0], 0.0), flags=("subnormal",))
    assert summary(judged(returned([0.0]), returned([-0.0]), about))["zero-sign"] == (
        "pass",
        "truth",
    )
    official = replace(about, followed=False)
    assert judged(returned([0.0]), returned([-0.0]), official)["zero-sign"].verdict == "fail"


def test_the_sign_of_a_zero_counts_where_the_truth_is_zero() -> None:
    flushed = judged(returned([-0.0]), returned([0.0]), permitted([-1e-42], 1e-38))
    assert summary(flushed)["zero-sign"] == ("pass", "truth")
    assert (
        judged(returned([-0.0]), returned([0.0]), permitted([0.0]))["zero-sign"].verdict == "fail"
    )


def test_complex_numbers_are_held_against_a_real_truth() -> None:
    rules = permitted([0.7], 1e-9)
    official = returned([0.699999988 + 0j], "complex128")
    assert summary(judged(returned([0.7 + 0j], "complex128"), official, rules))["value"] == (
        "pass",
        "truth",
    )
    assert judged(returned([0.7 + 1j], "complex128"), official, rules)["value"].verdict == "fail"
    refused = permitted([0.7], 1e-9, ANSWER)
    right = judged(returned([0.7 + 0j], "complex128"), REFUSED, refused)
    assert summary(right)["value"] == ("pass", "truth")
    for wrong, aspect in ((0.7 + 1j, "value"), (complex(math.nan, 0), "nonfinite")):
        found = judged(returned([wrong], "complex128"), REFUSED, refused)[aspect]
        assert (found.verdict, found.fault) == (Verdict.FAIL, Fault.SUBJECT)


def test_an_answer_is_judged_by_the_truth_where_official_keras_refuses() -> None:
    rules = permitted([5.0], 1e-6, ANSWER)
    right = judged(returned([5.0]), REFUSED, rules)
    assert summary(right) == {"accepted": ("pass", "truth"), "value": ("pass", "truth")}
    wrong = judged(returned([5.1]), REFUSED, rules)["value"]
    assert (wrong.verdict, wrong.fault) == (Verdict.FAIL, Fault.SUBJECT)
    assert "times it): at [0] got 5.0" in wrong.message
    shape = judged(returned([5.0, 5.0]), REFUSED, rules)["shape"]
    assert (shape.verdict, shape.message) == (Verdict.FAIL, "must be [1]; got [2]")
    nan = judged(returned([math.nan]), REFUSED, rules)["nonfinite"]
    assert (nan.verdict, nan.fault) == (Verdict.FAIL, Fault.SUBJECT)


def test_such_an_answer_is_in_no_narrower_dtype_than_its_input_where_that_is_a_tensor() -> None:
    rules = permitted([5.0], 1e-6, ANSWER)
    narrow = judged(returned([5.0], "float16"), REFUSED, rules)
    assert summary(narrow) == {
        "accepted": ("pass", "truth"),
        "dtype": ("fail", None),
        "value": ("pass", "truth"),
    }
    assert narrow["dtype"].message == "must be float32; got float16"
    assert "dtype" not in judged(returned([5.0], "float64"), REFUSED, rules)
    integers = replace(rules, flags=("integer",))
    assert "dtype" not in judged(returned([5.0], "float16"), REFUSED, integers)


def test_later_steps_of_such_an_answer_are_judged_too() -> None:
    truth = Bounded(np.array([5.0]), np.array([1e-6]), "float32")
    rules = Permitted(lambda: [{}, {"value": truth}], (ANSWER,), followed=True)
    found = judged([returned([1.0]), returned([9.0])], REFUSED, rules)
    assert summary(found) == {"accepted": ("pass", "truth"), "value": ("fail", None)}


def test_an_answer_without_a_truth_is_left_open() -> None:
    found = judged(returned([5.0]), REFUSED, permitted(None, 0, ANSWER))
    assert summary(found) == {"accepted": ("unsupported", None)}
    assert "no-kernel" in found["accepted"].message


def test_an_answer_that_lacks_what_it_should_hold_is_not_left_open() -> None:
    rules = permitted([5.0], 1e-6, ANSWER)
    nothing = judged(Returned({}), REFUSED, rules)["value"]
    assert (nothing.verdict, nothing.message) == (Verdict.MISSING, "no value in the answer")
    elsewhere = Returned({"output": Tensor.of(np.array([5.0]), "float32")})
    assert judged(elsewhere, REFUSED, rules)["value"].verdict is Verdict.MISSING
    number = judged(Returned({"value": 5.0}), REFUSED, rules)["value"]
    assert (number.verdict, number.fault) == (Verdict.FAIL, Fault.SUBJECT)
    later = Alternative("no-kernel", Fault.PLATFORM, 1, {"value": Near((1,), (5.0,), (1e-6,))})
    two = permitted([5.0], 1e-6, ANSWER, later)
    assert judged(returned([5.0]), REFUSED, two)["accepted"].verdict is Verdict.MISSING
    assert judged([returned([5.0]), REFUSED], REFUSED, two)["accepted"].verdict is Verdict.PASS


def test_a_truth_that_says_nothing_leaves_an_answer_open() -> None:
    found = judged(returned([5.0]), REFUSED, permitted([7.0], math.inf, ANSWER))
    assert summary(found) == {"accepted": ("unsupported", None)}
    shape = judged(returned([5.0, 5.0]), REFUSED, permitted([7.0], math.inf, ANSWER))["shape"]
    assert shape.verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("got", "verdict"),
    [
        ([1.0, 2.0, 3.0], "pass"),
        ([7.0, 8.0, 3.0], "pass"),
        ([1.0, 8.0, 3.0], "fail"),
        ([7.0, 2.0, 3.0], "fail"),
        ([1.0, 2.0, 9.0], "fail"),
    ],
)
def test_what_is_half_the_truth_and_half_official_keras_is_neither(
    got: list[float], verdict: str
) -> None:
    official = returned([7.0, 8.0, 3.0])
    assert judged(returned(got), official, permitted([1.0, 2.0, 3.0]))["value"].verdict == verdict


def test_rounding_beside_what_official_keras_gets_wrong_is_right() -> None:
    official, got = returned([7.0, 3.0]), returned([7.0, 3.0000002])
    assert judged(got, official, permitted([1.0, 3.0]))["value"].verdict is Verdict.PASS


def test_an_answer_that_no_finding_permits_fails_and_its_value_is_judged() -> None:
    found = judged(returned([5.0]), REFUSED, permitted([5.0]))
    assert summary(found) == {"accepted": ("fail", None), "value": ("pass", "truth")}
    assert found["accepted"].fault is None


def test_who_follows_official_keras_must_refuse_as_well_and_is_judged_by_the_truth() -> None:
    """The value is wrong or right by itself: that a case is known to be accepted must not hide it."""
    rules = permitted([5.0], 1e-6, ANSWER, followed=False)
    found = judged(returned([5.0]), REFUSED, rules)
    assert (found["accepted"].verdict, found["accepted"].fault) == (Verdict.FAIL, Fault.PLATFORM)
    assert summary(found)["value"] == ("pass", "truth")
    zeros = judged(returned([0.0]), REFUSED, rules)["value"]
    assert (zeros.verdict, zeros.fault) == (Verdict.FAIL, Fault.SUBJECT)


def test_a_refusal_is_permitted_where_official_keras_refuses_or_a_finding_says_so() -> None:
    elsewhere = Raised("construct", "type", "no")
    assert summary(judged(REFUSED, REFUSED, permitted())) == {"accepted": ("pass", "rejected")}
    assert judged(elsewhere, REFUSED, permitted())["accepted"].verdict is Verdict.FAIL
    earlier = judged(elsewhere, REFUSED, permitted([5.0], 1e-6, ANSWER))
    assert summary(earlier) == {"accepted": ("pass", "rejected")}

    wanted = returned([4.0])
    assert summary(judged(REFUSED, wanted, permitted(None, 0, REJECTION))) == {
        "accepted": ("pass", "truth")
    }
    assert judged(REFUSED, wanted, permitted())["accepted"].verdict is Verdict.FAIL
    official = permitted(None, 0, REJECTION, followed=False)
    assert judged(REFUSED, wanted, official)["accepted"].verdict is Verdict.FAIL


def test_a_permitted_answer_is_not_a_permitted_refusal_and_the_reverse() -> None:
    assert judged(REFUSED, returned([5.0]), permitted([5.0], 1e-6, ANSWER))["accepted"].verdict == (
        "fail"
    )
    found = judged(returned([5.0]), REFUSED, permitted(None, 0, REJECTION))
    assert found["accepted"].verdict is Verdict.FAIL


def test_the_grade_of_a_case_is_its_worst() -> None:
    assert [*Grade] == [Grade.BITWISE, Grade.REJECTED, Grade.WITHIN, Grade.TRUTH]
