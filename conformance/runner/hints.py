"""What the failures of a run are near to: hints for each, from its answer and from definitions asked again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from conformance.judge.hints import Hint, near
from conformance.model import Case, Result, Verdict
from conformance.oracle import variants
from conformance.runner.report import Evidence, Report

# Of the failures of one class that look alike, so many are held against other definitions: a mistake shows in each.
MOST: Final = 16
# The aspects in which a wrong number shows.
_NO_NUMBERS: Final = frozenset(
    {"accepted", "exception", "dtype", "config", "serialized", "resolved", "weights"}
)


def hints(
    case: Case, dialect: str, evidence: Evidence, aspects: Sequence[str]
) -> dict[str, list[Hint]]:
    """By aspect that fails, what the answer would be right for; the likeliest first."""
    answer, expected = evidence.answer, evidence.expected
    found = near.hints(case, answer, expected, aspects)
    numeric = [aspect for aspect in aspects if aspect not in _NO_NUMBERS]
    if not numeric:
        return found
    for variant in variants.variants(case, dialect):
        names = variants.fits(variant, dialect, answer, expected)
        told = {name.partition(":")[0] for name in names}
        for aspect in numeric:
            # What is told of a value holds of its shape, its NaN and its zeros, too.
            if aspect in told or (told and aspect in ("shape", "nonfinite", "zero-sign")):
                found.setdefault(aspect, []).append(Hint(variant.text))
    return found


def any_hints(
    case: Case, dialect: str, evidence: Evidence, aspects: Sequence[str]
) -> dict[str, list[Hint]]:
    """As `hints`; none of an answer that nobody thought of, whose verdict stands without."""
    try:
        return hints(case, dialect, evidence, aspects)
    except (ArithmeticError, LookupError, TypeError, ValueError):
        return {}


def explain(report: Report) -> None:
    """Enters the hints of the failures that are not known, of up to `MOST` that look alike.

    Ctrl-C ends this alone: the verdicts are there, and the report says that it was interrupted.
    """
    try:
        _explain(report)
    except KeyboardInterrupt:
        report.interrupted = True


def _explain(report: Report) -> None:
    for (subject, against, case_id), results in _chosen(report):
        evidence = report.evidence.get((subject, against, case_id))
        case = report.cases.get(case_id)
        if evidence is None or case is None:
            continue
        aspects = [result.aspect for result in results]
        told = any_hints(case, results[0].dialect, evidence, aspects)
        for aspect in aspects:
            report.hints[subject, against, case_id, aspect] = tuple(told.get(aspect, ()))


def _chosen(report: Report) -> Iterator[tuple[tuple[str, str, str], list[Result]]]:
    """The failures of some cases of each class, aspect and signature, spread over all of them."""
    alike: dict[tuple[object, ...], list[Result]] = {}
    failures: dict[tuple[str, str, str], list[Result]] = {}
    for result in report.results:
        if result.verdict is Verdict.FAIL:
            looks = (result.subject, result.against, result.target, result.aspect, result.signature)
            alike.setdefault(looks, []).append(result)
            key = (result.subject, result.against, result.id)
            failures.setdefault(key, []).append(result)
    chosen: set[tuple[str, str, str]] = set()
    for found in alike.values():
        step = max(1, len(found) // MOST)
        chosen.update((r.subject, r.against, r.id) for r in found[::step][:MOST])
    for key, results in failures.items():
        if key in chosen:
            yield key, results
