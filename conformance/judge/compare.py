"""Outcome against expected outcome, within a tolerance: a comparison for each aspect.

NaN equals NaN whatever its payload, infinities must agree in sign, and the sign of zero is an
aspect of its own: a subject that loses it has not got the value wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import TypeAlias

from conformance.judge import documented, draws, signature, tensors
from conformance.judge.differences import (
    Absent,
    Difference,
    Ending,
    NoAnswer,
    OtherError,
    SurplusValues,
    TooManyAnswers,
    describe,
    of_records,
)
from conformance.judge.documented import Permitted
from conformance.judge.repeats import of_repeats
from conformance.judge.verdicts import blocked, failed, missing, passed
from conformance.model import (
    Budget,
    Comparison,
    Grade,
    Json,
    Outcome,
    Raised,
    Returned,
    Tensor,
    Tolerance,
    Unsupported,
    Value,
    Verdict,
)

EXACT = Tolerance()
NOTHING_ELSE = Permitted()
# The category of an error that says that something is not there, not that it is refused.
UNIMPLEMENTED = "not-implemented"
# By step and name of a value, its budget, where one is known. Asked only of what is not bit for bit
# as expected: computing budgets takes longer than comparing.
Budgets: TypeAlias = Callable[[], Sequence[Mapping[str, Budget]]]


def compare(
    actual: Sequence[Outcome],
    expected: Sequence[Outcome],
    tolerance: Tolerance,
    *,
    other_draws: bool = False,
    budgets: Budgets = tuple,
    exceptions: bool = False,
    permitted: Permitted = NOTHING_ELSE,
) -> list[Comparison]:
    """One comparison for each aspect of a case; the worst where steps share an aspect.

    `exceptions`: what is rejected has one more aspect, `exception`: the kind of the error.

    `other_draws`: the subject draws other random numbers than official Keras. Values with a law
    are then judged by it, not by the expected values.

    `tolerance`: that of the case, which has one for each tensor.

    A value with a budget is judged by it, element by element, instead of by its tolerance, unless
    the expected value itself leaves the budget (a finding about official Keras).

    `permitted`: what counts as right beside the expected outcomes.
    """
    merged: dict[str, Comparison] = {}
    by_law = other_draws and tolerance.law is not None
    known = cache(budgets)
    for comparison in _steps(actual, expected, tolerance, by_law, known, permitted):
        so_far = merged.get(comparison.aspect, comparison)
        worse = comparison if _badness(comparison) > _badness(so_far) else so_far
        if so_far.signature and comparison.signature:
            both = signature.of(so_far.signature + comparison.signature)
            worse = replace(worse, signature=both)
        merged[comparison.aspect] = worse
    found = list(merged.values())
    if exceptions:
        found += _exception(actual, expected)
    return found


_ORDER = (Verdict.PASS, Verdict.UNSUPPORTED, Verdict.BLOCKED, Verdict.MISSING, Verdict.FAIL)
_GRADES = (None, *Grade)


def _badness(comparison: Comparison) -> tuple[int, int, float]:
    grade = _GRADES.index(comparison.grade)
    return _ORDER.index(comparison.verdict), grade, comparison.error_ulp or 0.0


def _steps(
    actual: Sequence[Outcome],
    expected: Sequence[Outcome],
    tolerance: Tolerance,
    by_law: bool,
    budgets: Budgets,
    permitted: Permitted,
) -> Iterator[Comparison]:
    for number, wanted in enumerate(expected):
        if number >= len(actual):
            gone = missing("accepted", NoAnswer())
            yield replace(gone, message=f"step {number}: {gone.message}")
            return
        got = actual[number]

        def budget(name: str, number: int = number) -> Budget | None:
            steps = budgets()
            return steps[number].get(name) if number < len(steps) else None

        if isinstance(wanted, Raised) and isinstance(got, Returned):
            found = documented.answered(actual, number, wanted, permitted)
        else:
            found = _outcome(number, got, wanted, tolerance.at(number), by_law, budget, permitted)
        for comparison in found:
            if comparison.message and len(expected) > 1:
                comparison = replace(comparison, message=f"step {number}: {comparison.message}")
            yield comparison
        if not isinstance(got, Returned) or not isinstance(wanted, Returned):
            if isinstance(got, Raised) and permitted.followed and permitted.rejection:
                return
            later = {a for o in expected[number + 1 :] for a in aspects(o, by_law)} - {"accepted"}
            for aspect in sorted(later):
                yield blocked(aspect, "an earlier step failed")
            return
    if len(actual) > len(expected):
        yield failed("accepted", [TooManyAnswers(len(actual), len(expected))])


def _exception(actual: Sequence[Outcome], expected: Sequence[Outcome]) -> Iterator[Comparison]:
    """The kind of the error, where the last step must be rejected."""
    if not expected or not isinstance(wanted := expected[-1], Raised):
        return
    got = actual[-1] if len(actual) == len(expected) else None
    if not isinstance(got, Raised):
        yield blocked("exception", "the step was not rejected")
    elif phrase := signature.exception(got, wanted):
        yield failed("exception", [OtherError(got, phrase, wanted)])
    else:
        yield passed("exception")


def aspects(outcome: Outcome, by_law: bool = False) -> list[str]:
    """The aspects that comparing with this outcome gives."""
    names = ["accepted"]
    if isinstance(outcome, Returned):
        for name, value in outcome.values.items():
            names += _aspects(name, value, by_law)
    return names


def _aspects(name: str, value: Value, by_law: bool) -> Sequence[str]:
    if name == "sample":
        return draws.SAMPLE_ASPECTS
    if not isinstance(value, Tensor):
        return (stem(name),)
    if by_law:
        return draws.DRAW_ASPECTS
    return [stem(name) if aspect == "value" else aspect for aspect in tensors.ASPECTS]


def stem(name: str) -> str:
    """The aspect of an observed value: `gradient` of `gradient:1-kernel`."""
    return name.partition(":")[0]


def _of(name: str, got: Value, wanted: Json) -> Iterator[Difference]:
    return of_repeats(got, wanted) if name == "repeats" else of_records(got, wanted)


def _unimplemented(outcome: Outcome) -> bool:
    """Whether a step was refused as not implemented: that is no answer to what the case asks."""
    return isinstance(outcome, Raised) and outcome.category == UNIMPLEMENTED


def _outcome(
    number: int,
    got: Outcome,
    wanted: Outcome,
    tolerance: Tolerance,
    by_law: bool,
    budget: Callable[[str], Budget | None],
    permitted: Permitted,
) -> Iterator[Comparison]:
    if isinstance(got, Unsupported):
        yield Comparison("accepted", Verdict.UNSUPPORTED, message=got.reason)
        return
    if _unimplemented(got) and not _unimplemented(wanted):
        yield Comparison("accepted", Verdict.UNSUPPORTED, message=describe(got))
        return
    if isinstance(wanted, Raised):
        # What may be answered as well may be rejected at any step.
        anywhere = permitted.followed and permitted.alternatives
        if isinstance(got, Raised) and (got.phase == wanted.phase or anywhere):
            yield passed("accepted", Grade.REJECTED)
        else:
            yield failed("accepted", [Ending(got, wanted)])
        return
    if not isinstance(wanted, Returned):
        yield Comparison("accepted", Verdict.MISSING, message="the golden holds no answer")
        return
    if isinstance(got, Raised) and permitted.followed and permitted.rejection:
        yield passed("accepted", Grade.TRUTH)
        return
    if not isinstance(got, Returned):
        yield failed("accepted", [Ending(got, wanted)])
        for aspect in aspects(wanted, by_law)[1:]:
            yield blocked(aspect, "the step was not accepted")
        return
    yield passed("accepted")
    for name, value in wanted.values.items():
        if name not in got.values:
            for aspect in _aspects(name, value, by_law):
                yield missing(aspect, Absent(name))
        elif name == "sample":
            yield from draws.sample(got.values[name], value, tolerance, by_law)
        elif isinstance(value, Tensor) and by_law:
            yield from draws.draw(got.values[name], value, tolerance)
        elif isinstance(value, Tensor):
            mine, own, asked = got.values[name], tolerance.of(name), partial(budget, name)
            found = list(tensors.tensor(mine, value, own, asked))
            wrong = any(each.verdict is Verdict.FAIL for each in found)
            if wrong and isinstance(mine, Tensor):
                truth = permitted.truth(number, name)
                if permitted.followed:
                    found = [*documented.excused(found, mine, value, own, asked, truth, permitted)]
                else:
                    found = [*documented.blamed(found, mine, value, truth)]
            for comparison in found:
                if comparison.aspect == "value":
                    comparison = replace(comparison, aspect=stem(name), dtype=value.dtype)
                yield comparison
        elif differences := list(_of(name, got.values[name], value)):
            yield failed(stem(name), differences)
        else:
            yield passed(stem(name))
    if surplus := [name for name in got.values if name not in wanted.values]:
        yield failed("accepted", [SurplusValues(surplus)])
