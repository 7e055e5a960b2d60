"""Comparisons as they are made: an aspect that passed, failed, or could not be compared."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.judge import signature
from conformance.judge.differences import Difference
from conformance.model import Comparison, Fault, Grade, Verdict


def passed(
    aspect: str,
    grade: Grade = Grade.BITWISE,
    error: float | None = None,
    headroom: float | None = None,
) -> Comparison:
    """An aspect that is as expected; `error` in ULP."""
    return Comparison(aspect, Verdict.PASS, grade, error, headroom)


def failed(
    aspect: str,
    differences: Sequence[Difference],
    error: float | None = None,
    headroom: float | None = None,
    fault: Fault | None = None,
) -> Comparison:
    """An aspect that differs; the first difference is told, the signature is of all."""
    phrases = [phrase for each in differences for phrase in each.phrases]
    return Comparison(
        aspect,
        Verdict.FAIL,
        None,
        error,
        headroom,
        differences[0].message,
        signature=signature.of(phrases),
        fault=fault,
    )


def missing(aspect: str, difference: Difference) -> Comparison:
    """An aspect of something that the answer lacks."""
    return Comparison(
        aspect,
        Verdict.MISSING,
        message=difference.message,
        signature=signature.of(difference.phrases),
    )


def blocked(
    aspect: str, why: str, error: float | None = None, headroom: float | None = None
) -> Comparison:
    """An aspect that something else keeps from being compared."""
    return Comparison(aspect, Verdict.BLOCKED, None, error, headroom, why)
