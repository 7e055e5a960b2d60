"""Which outcomes a golden case permits besides those of official Keras: computed from findings and the truth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Final

import numpy as np

from conformance import oracle
from conformance.claims.findings import Finding, taking
from conformance.model import Alternative, Case, Near, Outcome, Raised, Returned, Tensor, patterns
from conformance.oracle.judge import worst
from conformance.vectors.alternatives import near
from conformance.vectors.store import GoldenCase

# Two computations of one truth differ by less than this part of its error.
_SAME: Final = 1e-2


def alternatives(
    case: Case,
    expected: Mapping[str, Sequence[Outcome]],
    finding: str,
    findings: Sequence[Finding],
    before: Mapping[str, tuple[Alternative, ...]],
) -> dict[str, tuple[Alternative, ...]]:
    """By dialect, what the case permits; nothing of a dialect in which it permits no more.

    `finding`: the id of that which explains values beyond their budgets. `before`: what the case permitted so
    far; it stays where the truth has not moved, since another processor may give it other last digits.
    """
    made = {}
    for dialect, outcomes in expected.items():
        found = tuple(_of_dialect(case, dialect, outcomes, finding, findings))
        if found:
            old = before.get(dialect, ())
            made[dialect] = old if alike(old, found) else found
    return made


def _of_dialect(
    case: Case,
    dialect: str,
    outcomes: Sequence[Outcome],
    finding: str,
    findings: Sequence[Finding],
) -> list[Alternative]:
    found = []
    for step, outcome in enumerate(outcomes):
        if isinstance(outcome, Returned) and finding:
            told = oracle.told(case, dialect)[step : step + 1]
            wrong = {
                name: truth
                for truths in told
                for name, truth in truths.items()
                if _beyond(outcome.values.get(name), truth)
            }
            why = next((f for f in findings if f.id == finding), None)
            if wrong and why:
                found.append(Alternative(why.id, why.fault, step, _nears(wrong)))
        elif isinstance(outcome, Raised) and (
            by := taking(case.id, findings, attrgetter("answers"))
        ):
            found += [
                Alternative(by.id, by.fault, number, _nears(truths))
                for number, truths in enumerate(oracle.told(case, dialect)[step:] or [{}], step)
                if truths or number == step
            ]
    refusing = taking(case.id, findings, attrgetter("rejections"))
    if refusing and not isinstance(outcomes[-1], Raised):
        found.append(Alternative(refusing.id, refusing.fault, len(outcomes) - 1))
    return found


def _beyond(value: object, truth: oracle.Bounded) -> bool:
    return isinstance(value, Tensor) and value.shape == truth.shape and worst(truth, value) > 1


def _nears(truths: Mapping[str, oracle.Bounded]) -> dict[str, Near]:
    return {name: near(truth.value, truth.error) for name, truth in truths.items()}


def problems(
    entries: Sequence[GoldenCase],
    findings: Sequence[Finding],
) -> Iterator[str]:
    """A sentence for each case that does not permit what its findings say, and each glob that takes none."""
    for entry in entries:
        found = alternatives(
            entry.case, entry.expected, entry.finding, findings, entry.alternatives
        )
        if found != entry.alternatives:
            yield f"{entry.case.id}: alternatives must be those that `record` computes; they are others"
    permitted = {
        (alternative.finding, alternative.returned is None, entry.case.id)
        for entry in entries
        for several in entry.alternatives.values()
        for alternative in several
    }
    for finding in findings:
        for key, globs in (("answers", finding.answers), ("rejections", finding.rejections)):
            rejection = key == "rejections"
            ids = [i for f, refused, i in permitted if (f, refused) == (finding.id, rejection)]
            for glob in globs:
                if not any(patterns.covers(glob, case_id) for case_id in ids):
                    yield f"finding {finding.id}: {key} {glob!r} takes no case that it permits"


def alike(one: Sequence[Alternative], other: Sequence[Alternative]) -> bool:
    """Whether two lists permit the same, but for what other processors make of the last digits."""
    return len(one) == len(other) and all(map(_same, one, other))


def _same(one: Alternative, other: Alternative) -> bool:
    if (one.finding, one.fault, one.step) != (other.finding, other.fault, other.step):
        return False
    if one.returned is None or other.returned is None:
        return one.returned is other.returned
    return [*one.returned] == [*other.returned] and all(
        _near_enough(near, other.returned[name]) for name, near in one.returned.items()
    )


def _near_enough(one: Near, other: Near) -> bool:
    if one.shape != other.shape:
        return False
    a, b, room = (np.array(each) for each in (one.data, other.data, one.error))
    with np.errstate(invalid="ignore"):
        close = np.abs(a - b) <= _SAME * room
        sizes = np.isclose(room, np.array(other.error), rtol=_SAME, atol=0, equal_nan=True)
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    return bool(((close | same) & sizes).all())
