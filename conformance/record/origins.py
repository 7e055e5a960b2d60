"""Where golden outcomes come from: which recorded outcomes stay, and how their file states their origin.

Recorded on another platform, a value may have other bits within its tolerance. That is no reason to replace
the recorded value. Every outcome, replaced or not, must be stated with the platform that it comes from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from conformance.judge.compare import compare
from conformance.model import Case, Outcome, Returned, Tensor, Tolerance, Verdict, codec, digest
from conformance.oracle.tolerance import settled
from conformance.subjects.provenance import same_platform
from conformance.vectors.store import GoldenCase, GoldenFile

Facts: TypeAlias = Mapping[str, Any]
# The facts about the packages, not about the machine. Other packages may answer differently.
_PACKAGE_KEYS: Final = ("package", "version", "tensorflow", "generator")


@dataclass(frozen=True, slots=True)
class Sourced:
    """A golden case and the whole provenance of its outcomes, by dialect."""

    entry: GoldenCase
    origins: Mapping[str, Facts]

    @classmethod
    def of(cls, file: GoldenFile, entry: GoldenCase) -> Sourced:
        """A case of a golden file."""
        return cls(entry, {d: file.recorded(entry, d) for d in entry.expected})


def recorded(
    case: Case,
    answers: Mapping[str, tuple[Outcome, ...]],
    here: Mapping[str, Facts],
    before: Sourced | None,
) -> Sourced:
    """The golden case to write, without its finding.

    `answers`: of the official packages on this platform, whose provenance is `here`. An outcome of `before`
    stays, with its provenance, if the same packages gave it on another platform and the answer of this
    platform agrees with it within the tolerance of the case.
    """
    expected = {dialect: recordable(now) for dialect, now in answers.items()}
    origins = {dialect: here[dialect] for dialect in answers}
    if before is not None and _asks(before.entry.case) == _asks(case):
        for dialect, now in answers.items():
            was, origin = before.entry.expected.get(dialect), before.origins.get(dialect, {})
            if (
                was is not None
                and packages(origin) == packages(here[dialect])
                and not same_platform(origin, here[dialect])
                and _agree(now, was, settled(case, {dialect: was}).tolerance)
            ):
                expected[dialect], origins[dialect] = was, origin
    return Sourced(GoldenCase(settled(case, expected), expected), origins)


def recordable(outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
    """The outcomes as a golden file gives them back: it is language-neutral, and keeps no large sample."""
    return tuple(codec.outcome_from_json(codec.outcome_to_json(_small(each))) for each in outcomes)


def _small(outcome: Outcome) -> Outcome:
    """The outcome with a digest in the place of a sample."""
    if isinstance(outcome, Returned) and isinstance(drawn := outcome.values.get("sample"), Tensor):
        return Returned({**outcome.values, "sample": digest(drawn)})
    return outcome


def _asks(case: Case) -> Case:
    """The question alone: the case without its flags and tolerance."""
    return replace(case, flags=(), tolerance=Tolerance())


def _agree(now: Sequence[Outcome], was: Sequence[Outcome], tolerance: Tolerance) -> bool:
    return all(c.verdict is Verdict.PASS for c in compare(now, was, tolerance))


def packages(origin: Facts) -> tuple[Any, ...]:
    """The part of a provenance that names the packages."""
    return tuple(origin.get(key) for key in _PACKAGE_KEYS)


def file_of(
    target: str, cases: Sequence[Sourced], before: GoldenFile | None, here: Mapping[str, Facts]
) -> GoldenFile:
    """The golden file of these cases.

    The file keeps its provenance as long as any outcome has it. Otherwise it takes that of most outcomes.
    Each case states the facts in which its own provenance differs.
    """
    shared = {
        dialect: _shared(
            [each.origins[dialect] for each in cases if dialect in each.origins],
            before.provenance.get(dialect) if before else None,
            facts,
        )
        for dialect, facts in here.items()
    }
    return GoldenFile(
        target,
        shared,
        tuple(replace(each.entry, provenance=_others(each.origins, shared)) for each in cases),
    )


def _shared(origins: Sequence[Facts], before: Facts | None, here: Facts) -> Facts:
    if not origins or before in origins:
        return before or here
    texts = Counter(codec.text(dict(origin)) for origin in origins)
    (most, _), *_ = texts.most_common()  # the first of those that are equally frequent
    return next(origin for origin in origins if codec.text(dict(origin)) == most)


def _others(origins: Mapping[str, Facts], shared: Mapping[str, Facts]) -> Mapping[str, Facts]:
    """By dialect, the facts of an origin that differ from those of the file."""
    found = {
        dialect: {k: fact for k, fact in origin.items() if fact != shared[dialect].get(k)}
        for dialect, origin in origins.items()
    }
    return {dialect: facts for dialect, facts in found.items() if facts}
