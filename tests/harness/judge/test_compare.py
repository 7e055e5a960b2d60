"""An outcome against another, aspect by aspect."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from judge.outcomes import (
    CONFIG,
    PASSED,
    REJECTED,
    SCALARS,
    by_aspect,
    chain,
    returned,
    ulps,
    verdicts,
)

from conformance.judge.compare import EXACT, compare
from conformance.judge.tensors import ASPECTS
from conformance.model import (
    FLOATS,
    Crashed,
    Grade,
    Outcome,
    Raised,
    Returned,
    Tensor,
    TimedOut,
    Unsupported,
    Verdict,
)


@pytest.mark.parametrize("dtype", FLOATS)
def test_equal_tensors_are_bitwise_whatever_the_tolerance(dtype: str) -> None:
    outcome = returned([[1.0, -0.0], [math.nan, -math.inf]], dtype)
    for tolerance in (EXACT, ulps(3)):
        found = by_aspect(outcome, outcome, tolerance)
        assert {a: str(c.verdict) for a, c in found.items()} == PASSED
        assert {c.grade for c in found.values()} == {Grade.BITWISE}
        assert (found["value"].error_ulp, found["value"].headroom) == (0, 0)


def test_nan_equals_nan_whatever_its_payload() -> None:
    quiet, other = (
        np.array([bits], np.uint32).view(np.float32) for bits in (0x7FC00000, 0xFF800001)
    )
    assert verdicts(returned(other), returned(quiet)) == PASSED


@pytest.mark.parametrize(
    ("got", "wanted"),
    [(math.inf, -math.inf), (math.inf, 3e38), (3e38, math.inf), (math.nan, 1), (1, math.nan)],
)
def test_what_is_not_finite_is_an_aspect_of_its_own(got: float, wanted: float) -> None:
    found = by_aspect(returned([2, got]), returned([2, wanted]), ulps(1000))
    assert found["nonfinite"].verdict is Verdict.FAIL
    assert found["nonfinite"].message.startswith("at [1] got ")
    # The finite elements are right, so the value is not called wrong; it does not pass either.
    assert found["value"].verdict is Verdict.BLOCKED
    assert found["zero-sign"].verdict is Verdict.PASS


def test_a_wrong_number_beside_a_wrong_infinity_fails_both_aspects() -> None:
    found = verdicts(returned([5, math.inf]), returned([2, 1]))
    assert (found["value"], found["nonfinite"]) == ("fail", "fail")


def test_the_sign_of_zero_is_an_aspect_of_its_own() -> None:
    found = by_aspect(returned([[1, 0.0]]), returned([[1, -0.0]]))
    assert found["zero-sign"].message == "at [0, 1] got 0.0, must be -0.0"
    assert {a: str(c.verdict) for a, c in found.items()} == PASSED | {"zero-sign": "fail"}


@pytest.mark.parametrize("dtype", FLOATS)
def test_one_ulp_fails_exactly_and_passes_within(dtype: str) -> None:
    number = chain(SCALARS[dtype](1.5), math.inf, 4)
    wanted = returned([float(number[0]), 7.0], dtype)
    one, three, four = (returned([float(number[n]), 7.0], dtype) for n in (1, 3, 4))
    exact = by_aspect(one, wanted)["value"]
    assert (exact.verdict, exact.error_ulp, exact.headroom) == (Verdict.FAIL, 1, None)
    assert exact.message.startswith("1 ULP where 0 are allowed: at [0] got ")
    within = by_aspect(three, wanted, ulps(3))["value"]
    assert (within.verdict, within.grade) == (Verdict.PASS, Grade.WITHIN)
    assert (within.error_ulp, within.headroom) == (3, 1)
    beyond = by_aspect(four, wanted, ulps(3))["value"]
    assert (beyond.verdict, beyond.error_ulp, beyond.headroom) == (Verdict.FAIL, 4, 4 / 3)


def test_a_wrong_shape_blocks_what_depends_on_it() -> None:
    found = verdicts(returned([[1, 2]]), returned([1, 2]))
    blocked = dict.fromkeys(("value", "nonfinite", "zero-sign"), "blocked")
    assert found == PASSED | blocked | {"shape": "fail"}


def test_a_wrong_dtype_is_reported_once_and_the_value_still_judged() -> None:
    assert verdicts(returned([1, 2], "float64"), returned([1, 2])) == PASSED | {"dtype": "fail"}
    found = verdicts(returned([1, 3], "float64"), returned([1, 2]))
    assert (found["dtype"], found["value"]) == ("fail", "fail")
    found = verdicts(returned([1, 2], "int32"), returned([1, 2]))
    assert (found["dtype"], found["value"]) == ("fail", "pass")
    # The integer 16256 is no 1.0, though the pattern of 1.0 in bfloat16 is 16256.
    found = verdicts(returned([16256], "uint16"), returned([1.0], "bfloat16"))
    assert (found["dtype"], found["value"]) == ("fail", "fail")


def test_complex_where_real_is_wanted_blocks_the_value() -> None:
    found = verdicts(returned([1, 2], "complex64"), returned([1, 2]))
    assert (found["dtype"], found["value"]) == ("fail", "blocked")


def test_complex_parts_are_compared_as_numbers() -> None:
    wanted = returned([1 + 2j, complex(-0.0, 1)], "complex64")
    assert verdicts(wanted, wanted) == PASSED
    found = by_aspect(returned([1 + 2.0000002j, complex(0.0, 1)], "complex64"), wanted)
    assert (found["value"].verdict, found["value"].error_ulp) == (Verdict.FAIL, 1)
    assert found["value"].message.endswith("at [0, 1] got 2.000000238418579, must be 2.0")
    assert found["zero-sign"].verdict is Verdict.FAIL


def test_integers_and_booleans_are_exact_even_under_a_tolerance() -> None:
    for dtype, got, wanted in (("int64", 2**53 + 1, 2**53), ("bool", True, False), ("uint8", 1, 2)):
        found = by_aspect(returned([0, got], dtype), returned([0, wanted], dtype), ulps(5))
        assert found["value"].verdict is Verdict.FAIL, dtype
        assert found["value"].message == f"at [1] got {got}, must be {wanted}"
        assert verdicts(returned([got], dtype), returned([got], dtype)) == PASSED


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "int32", "bool", "complex64"])
@pytest.mark.parametrize("shape", [(0,), (0, 3), ()])
def test_empty_tensors_and_scalars_compare(dtype: str, shape: tuple[int, ...]) -> None:
    outcome = returned(np.ones(shape), dtype)
    assert verdicts(outcome, outcome) == PASSED
    longer = returned(np.ones((1, *shape)), dtype)
    assert verdicts(longer, outcome)["shape"] == "fail"


def test_something_else_than_a_tensor_is_a_wrong_value() -> None:
    found = by_aspect(Returned({"value": [1.0, 2.0]}), returned([1, 2]))
    assert found["value"].verdict is Verdict.FAIL
    assert found["value"].message.startswith("must be a tensor float32[2]")
    assert {found[a].verdict for a in ASPECTS[1:]} == {Verdict.BLOCKED}
    found = by_aspect(returned([1, 2]), Returned({"value": None}))
    assert found["value"].verdict is Verdict.FAIL


def test_a_rejection_must_come_and_come_in_its_phase() -> None:
    assert verdicts(Raised("call", "type", "other words"), REJECTED) == {"accepted": "pass"}
    early = by_aspect(Raised("construct", "value", "axis out of range"), REJECTED)["accepted"]
    assert early.verdict is Verdict.FAIL
    assert early.message.startswith("must be rejected in call; ")
    never = by_aspect(returned([1]), REJECTED)["accepted"]
    assert never.verdict is Verdict.FAIL
    assert never.message.startswith("must be rejected with a value error; returned value")


@pytest.mark.parametrize("got", [Crashed("signal 11"), TimedOut(30), REJECTED])
def test_whatever_is_not_returned_is_not_accepted(got: Outcome) -> None:
    found = by_aspect(got, returned([1]))
    assert found["accepted"].verdict is Verdict.FAIL
    assert found["accepted"].message.startswith("must be accepted; ")
    assert {found[a].verdict for a in ASPECTS} == {Verdict.BLOCKED}


@pytest.mark.parametrize("got", [Crashed("signal 11"), TimedOut(30)])
def test_a_crash_is_no_rejection(got: Outcome) -> None:
    assert verdicts(got, REJECTED) == {"accepted": "fail"}


def test_unsupported_is_neither_passed_nor_failed() -> None:
    for wanted in (returned([1]), REJECTED):
        found = by_aspect(Unsupported("has no constraints.MaxNorm"), wanted)
        assert {c.verdict for c in found.values()} == {Verdict.UNSUPPORTED}
        assert found["accepted"].message == "has no constraints.MaxNorm"


def test_steps_after_the_first_that_failed_are_blocked() -> None:
    wanted = [returned([1]), CONFIG]
    for first, verdict in (
        (REJECTED, "fail"),
        (Crashed("signal 11"), "fail"),
        (Unsupported("no"), "unsupported"),
    ):
        found = by_aspect([first], wanted)
        assert found["accepted"].verdict == verdict
        assert found["config"].verdict is Verdict.BLOCKED
        assert found["config"].message == "an earlier step failed"


def test_a_wrong_value_does_not_block_the_next_step() -> None:
    found = verdicts([returned([2]), CONFIG], [returned([1]), CONFIG])
    assert (found["value"], found["config"]) == ("fail", "pass")


def test_the_worst_step_decides_an_aspect_and_is_named() -> None:
    wanted: list[Outcome] = [returned([1.0])] * 3
    near = returned([float(np.nextafter(np.float32(1), np.float32(2)))])
    far = returned([2.0])
    found = by_aspect([returned([1.0]), far, near], wanted, ulps(2))["value"]
    assert found.verdict is Verdict.FAIL
    assert found.message.startswith("step 1: ")
    found = by_aspect([returned([1.0]), near, returned([1.0])], wanted, ulps(2))["value"]
    assert (found.verdict, found.grade, found.error_ulp) == (Verdict.PASS, Grade.WITHIN, 1)


def test_too_few_answers_are_missing_and_too_many_are_wrong() -> None:
    few = by_aspect([returned([1])], [returned([1]), CONFIG])["accepted"]
    assert (few.verdict, few.message) == (Verdict.MISSING, "step 1: no answer")
    none = by_aspect([], [CONFIG])["accepted"]
    assert none.verdict is Verdict.MISSING
    many = by_aspect([CONFIG, CONFIG], [CONFIG])["accepted"]
    assert (many.verdict, many.message) == (Verdict.FAIL, "2 answers to 1 steps")


def test_a_value_that_the_answer_lacks_is_missing() -> None:
    found = by_aspect(Returned({"input": "unchanged"}), returned([1]))
    assert {found[a].verdict for a in ASPECTS} == {Verdict.MISSING}
    assert found["value"].message == "no value in the answer"


@pytest.mark.parametrize(
    ("got", "message"),
    [
        ({"axis": 0}, "the answer lacks the key 'max_value'"),
        (
            {"axis": 0, "max_value": 2, "rate": 1},
            "the answer has the key 'rate', which it must not",
        ),
        ({"axis": 1, "max_value": 2}, "['axis'] must be 0; got 1"),
        ({"axis": [0], "max_value": 2}, "['axis'] must be 0; got [0]"),
        ({"axis": False, "max_value": 2}, "['axis'] must be 0; got False"),
        ({"axis": "0", "max_value": 2}, "['axis'] must be 0; got '0'"),
        ({"axis": None, "max_value": 2}, "['axis'] must be 0; got None"),
        ([], "the answer must be {"),
    ],
)
def test_differences_of_configs_name_the_key(got: Any, message: str) -> None:
    wanted = Returned({"config": {"axis": 0, "max_value": 2}})
    found = by_aspect(Returned({"config": got}), wanted)["config"]
    assert found.verdict is Verdict.FAIL
    assert found.message.startswith(message)


def test_differences_deep_in_a_config_are_named_by_their_path() -> None:
    def nested(axis: Any) -> Returned:
        return Returned({"serialized": {"config": {"axis": axis}}})

    found = by_aspect(nested([0, 2]), nested([0, 1]))["serialized"]
    assert found.message == "['config']['axis'][1] must be 1; got 2"
    found = by_aspect(nested([0]), nested([0, 1]))["serialized"]
    assert found.message == "['config']['axis'] must be [0, 1]; got [0]"


@pytest.mark.parametrize(
    ("got", "wanted", "same"),
    [
        (2, 2.0, True),
        (2.0, 2, True),
        (math.nan, math.nan, True),
        (math.inf, math.inf, True),
        (math.inf, -math.inf, False),
        (math.nan, 0.0, False),
        (1, True, False),
        (True, 1, False),
        (0, False, False),
        (0, None, False),
        ("a", "a", True),
        ("a", "b", False),
        ([1, [2.0]], [1.0, [2]], True),
        ([1, 2], [2, 1], False),
    ],
)
def test_numbers_in_configs_are_compared_by_value_and_kind(
    got: Any, wanted: Any, same: bool
) -> None:
    found = verdicts(Returned({"config": got}), Returned({"config": wanted}))
    assert found["config"] == ("pass" if same else "fail")


def test_what_ends_a_process_is_said_in_words() -> None:
    for outcome, said in (
        (Crashed("the subject ended with status 3"), "crashed: the subject ended with status 3"),
        (TimedOut(10.0), "gave no answer in 10 s"),
    ):
        found = by_aspect(outcome, returned([1.0]))["accepted"]
        assert found.message == f"must be accepted; {said}"


def tensor(values: list[float]) -> Tensor:
    return Tensor.of(np.array(values))


def test_values_that_nobody_asked_for_fail() -> None:
    wanted = [Returned({"value": tensor([1.0])})]
    surplus = {"value": tensor([1.0]), "weights:0": tensor([1.0]), "weights:1": tensor([2.0])}
    found = {c.aspect: c for c in compare([Returned(surplus)], wanted, EXACT)}
    assert found["accepted"].verdict is Verdict.FAIL
    assert found["accepted"].message == "must have no other values; got weights:0, weights:1"
    assert found["accepted"].signature == ("surplus weights",)
    assert found["value"].verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("wanted", "verdict"),
    [
        (Returned({"value": tensor([1.0])}), Verdict.UNSUPPORTED),
        (Raised("call", "value", "no"), Verdict.UNSUPPORTED),
        (Raised("call", "not-implemented", "no"), Verdict.PASS),
        (Raised("construct", "not-implemented", "no"), Verdict.FAIL),
    ],
)
def test_what_is_not_implemented_is_unsupported(wanted: Outcome, verdict: Verdict) -> None:
    """Unless official Keras says the same: then it is the answer, if it comes in the right phase."""
    got = Raised("call", "not-implemented", "some day")
    (found,) = compare([got], [wanted], EXACT)
    assert (found.aspect, found.verdict) == ("accepted", verdict)
    if verdict is Verdict.UNSUPPORTED:
        assert "some day" in found.message


@pytest.mark.parametrize(
    ("got", "wanted", "message"),
    [
        ([0, 1], [0, 0], "draw 2 must have the bits of draw 1; it is another"),
        ([0, 0], [0, 1], "draw 2 must be a new one; it has the bits of draw 1"),
        ([0, 1, 1], [0, 1, 0], "draw 3 must have the bits of draw 1; it has those of draw 2"),
    ],
)
def test_draws_that_repeat_each_other_are_told_as_such(
    got: list[int], wanted: list[int], message: str
) -> None:
    found = by_aspect(Returned({"repeats": got}), Returned({"repeats": wanted}))["repeats"]
    assert found.message == message
    # As before: known failures are recognised by it.
    assert found.signature == ("another number at []",)
