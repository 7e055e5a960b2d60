"""What the failures of a run are near to: hints for each, from its answer and from definitions asked again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from conformance.cases import levels
from conformance.cases.levels import Level
from conformance.judge.hints import Hint, near
from conformance.model import Case, Result, Verdict
from conformance.oracle import variants
from conformance.runner.report import Evidence, Report

# Of the cases of one class that fail alike, so many are held against other definitions: a mistake shows in each.
MOST: Final = 8
# And so many where these tell different things.
MORE: Final = 64
# The aspects in which a wrong number shows.
NO_NUMBERS: Final = frozenset(
    {"accepted", "exception", "dtype", "config", "serialized", "resolved", "weights"}
)


_Key = tuple[str, str, str]


def hints(
    case: Case, dialect: str, evidence: Evidence, aspects: Sequence[str]
) -> dict[str, list[Hint]]:
    """By aspect that fails, what the answer would be right for; the likeliest first."""
    answer, expected = evidence.answer, evidence.expected
    found = near.hints(case, answer, expected, aspects)
    numeric = [aspect for aspect in aspects if aspect not in NO_NUMBERS]
    if not numeric:
        return found
    for variant in variants.variants(case, dialect):
        names = variants.fits(variant, dialect, answer, expected)
        told = {name.partition(":")[0] for name in names}
        for aspect in numeric:
            # What is told of a value holds of its shape, its NaN and its zeros, too.
            if aspect in told or (told and aspect in ("shape", "nonfinite", "zero-sign")):
                found.setdefault(aspect, []).append(Hint(variant.text))
    if "value" in numeric and "value" not in found:
        rest = [Hint(*each) for each in variants.computed.hints(case, dialect, answer)]
        found |= {"value": rest} if rest else {}
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
    """Enters the hints of the failures that are not known, of some of the cases that look alike.

    What an error says costs nothing: it is told of every failure.
    Ctrl-C ends this alone: the verdicts are there, and the report says that it was interrupted.
    """
    try:
        _explain(report)
    except KeyboardInterrupt:
        report.interrupted = True


def _explain(report: Report) -> None:
    failing: dict[_Key, list[Result]] = {}
    for result in report.results:
        if result.verdict is Verdict.FAIL:
            key = (result.subject, result.against, result.id)
            failing.setdefault(key, []).append(result)
    alike: dict[tuple[object, ...], list[_Key]] = {}
    for key, results in failing.items():
        looks = (*key[:2], *look(results, report.cases.get(key[2])))
        alike.setdefault(looks, []).append(key)
    for keys in alike.values():
        first = _spread(keys, MOST)
        told = [_enter(report, key, failing[key]) for key in first]
        rest = [key for key in keys if key not in first]
        more = set(_spread(rest, MORE - MOST)) if any(told) and not set.intersection(*told) else ()
        for key in rest:
            said = [r for r in failing[key] if r.aspect == "accepted"]
            _enter(report, key, failing[key] if key in more else said)


def look(results: Iterable[Result], case: Case | None) -> tuple[object, ...]:
    """How a case fails that has these results: cases that look alike are mostly wrong for the same reason.

    That a case fails in more aspects, or is far from daily use, makes it look otherwise.
    """
    failed = {(r.target, r.aspect, r.signature) for r in results}
    daily = case is not None and levels.of(case).rank <= Level.COMMON.rank
    return (daily, *sorted(failed))


def _spread(keys: Sequence[_Key], most: int) -> list[_Key]:
    """So many of these, spread over all."""
    return list(keys[:: max(1, len(keys) // most)][:most])


def _enter(report: Report, key: _Key, results: Sequence[Result]) -> set[str]:
    """Enters the hints of a case in the report; what they say."""
    evidence, case = report.evidence.get(key), report.cases.get(key[2])
    aspects = [result.aspect for result in results]
    if evidence is None or case is None or not aspects:
        return set()
    told = any_hints(case, results[0].dialect, evidence, aspects)
    for aspect in aspects:
        report.hints[*key, aspect] = tuple(told.get(aspect, ()))
    return {hint.text for found in told.values() for hint in found}
