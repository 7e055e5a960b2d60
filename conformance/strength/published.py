"""Judges published reports: each is detected by a case that fails, or explained; false positives stay quiet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from conformance.claims.claims import Claim, breach, deciding
from conformance.claims.findings import Finding
from conformance.model import Case, Raised, Returned, Verdict, patterns
from conformance.model.errors import UsageError
from conformance.oracle.judge import judged_outcomes
from conformance.runner.processes import Progress, no_progress
from conformance.runner.report import Plan, Report
from conformance.runner.run import run
from conformance.strength.reports import How, Published, told
from conformance.subjects import OFFICIAL, Subject, environments, resolve, versions
from conformance.vectors.store import GoldenCase

# What a run says of an aspect in which a subject is wrong.
_FAILS: Final = frozenset({Verdict.FAIL, Verdict.MISSING, Verdict.KNOWN_FAILURE})


class Ending(StrEnum):
    """What came of a report."""

    DETECTED = "detected"
    QUIET = "quiet"
    OUTSIDE = "outside"
    MISSED = "missed"
    FALSE_ALARM = "false alarm"
    NOT_ASKED = "not asked"


# Where a row holds: what it says of the suite is so.
_HOLDS: Final = frozenset({Ending.DETECTED, Ending.QUIET, Ending.OUTSIDE})


@dataclass(frozen=True, slots=True)
class Judgement:
    """What came of one report, and why."""

    report: Published
    ending: Ending
    message: str = ""


@dataclass(slots=True)
class Judged:
    """What came of all reports. `asked`: how many there are."""

    asked: int
    judgements: list[Judgement] = field(default_factory=list)
    interrupted: bool = False

    def counts(self) -> Counter[Ending]:
        """How many reports ended how."""
        return Counter(judgement.ending for judgement in self.judgements)

    def by_what(self) -> Counter[How]:
        """How many reports are detected, by what."""
        return Counter(j.report.how for j in self.judgements if j.ending is Ending.DETECTED)

    def bugs(self) -> int:
        """How many of the reports are about bugs; the others are false positives."""
        return sum(not judgement.report.false_positive for judgement in self.judgements)

    def exit_status(self) -> int:
        """0 if every row holds, 130 if interrupted, 1 otherwise."""
        if self.interrupted:
            return 130
        held = [j for j in self.judgements if j.ending in _HOLDS]
        return int(len(held) != self.asked or not self.asked)


@dataclass(frozen=True, slots=True)
class Ground:
    """What reports are judged by.

    `entries`: golden cases by id; `offline`: nothing may be installed; `claims`: those that findings break.
    """

    golden: Path
    entries: Mapping[str, GoldenCase]
    findings: Sequence[Finding]
    offline: bool = False
    claims: Sequence[Claim] = ()


def judge(reports: Sequence[Published], ground: Ground, progress: Progress = no_progress) -> Judged:
    """Judges the reports. After Ctrl-C the rest is left out, and what was judged says so."""
    judged = Judged(len(reports))
    found: dict[str, Judgement] = {}
    try:
        for judgement in _judgements(reports, ground):
            found[judgement.report.id] = judgement
            progress(len(found), len(reports))
    except KeyboardInterrupt:
        judged.interrupted = True
    judged.judgements = [found[report.id] for report in reports if report.id in found]
    return judged


def _judgements(reports: Sequence[Published], ground: Ground) -> Iterator[Judgement]:
    """Those that cost nothing first; then subject by subject, so that each starts once."""
    for report in reports:
        if report.how in _STATED:
            yield _stated(report, ground)
    for named in dict.fromkeys(report.subject for report in reports if report.how is How.SUBJECT):
        yield from _replayed(
            named, [report for report in reports if report.subject == named], ground
        )
    for report in reports:
        if report.how is How.FINDING:
            yield _found(report, ground)
    yield from _quiet([report for report in reports if report.how is How.QUIET], ground)


_STATED: Final = frozenset({How.WRONG, How.OUTSIDE})


def _stated(report: Published, ground: Ground) -> Judgement:
    """Reports whose evidence is run by the tests, a wrong subject, and those that no case shows."""
    if report.how is How.OUTSIDE:
        return Judgement(report, Ending.OUTSIDE, report.outside)
    if report.case not in ground.entries:
        return Judgement(report, Ending.MISSED, f"{report.case} has no golden outcomes")
    return Judgement(report, Ending.DETECTED, report.wrong)


def _found(report: Published, ground: Ground) -> Judgement:
    """A report that is true to this day: official Keras is asked, and must be seen to be wrong in the case."""
    entry = ground.entries.get(report.case)
    if entry is None:
        return Judgement(report, Ending.MISSED, f"{report.case} has no golden outcomes")
    finding = next((f for f in ground.findings if f.id == report.finding), None)
    if finding is None or not told(finding, report.case):
        return Judgement(report, Ending.MISSED, f"{report.finding} does not tell of {report.case}")
    for dialect in entry.expected:
        (official,) = resolve(OFFICIAL[dialect])
        if _shown(finding, entry.case, official, ground):
            return Judgement(report, Ending.DETECTED, report.finding)
    said = f"official Keras is not seen to be wrong in {report.case}, as {report.finding} says"
    return Judgement(report, Ending.MISSED, said)


def _shown(finding: Finding, case: Case, official: Subject, ground: Ground) -> bool:
    """Whether the suite sees by itself what the finding says: by the truth, or by a claim of the documents."""

    def among(globs: Sequence[str]) -> bool:
        return any(patterns.covers(glob, case.id) for glob in globs)

    last = official.answer(case)[-1]
    if among(finding.answers) and isinstance(last, Raised):
        return True
    if among(finding.rejections) and isinstance(last, Returned):
        return True
    if among(finding.beyond) and _beyond(case, official):
        return True
    cases = {case.id: case}
    return any(
        breach(claim, cases, official)
        for claim in ground.claims
        if claim.id in finding.claims and deciding(claim, cases)
    )


def _replayed(named: str, reports: Sequence[Published], ground: Ground) -> Iterator[Judgement]:
    """Reports that a version is asked about: the aspect of the case must fail, as is known or not."""
    if ground.offline and not installed(named):
        for report in reports:
            yield Judgement(report, Ending.NOT_ASKED, f"{named} is not installed")
        return
    for mode in dict.fromkeys(report.mode for report in reports):
        here = [report for report in reports if report.mode is mode]
        try:
            asked = run(
                Plan((named,), ground.golden, select=tuple(r.case for r in here), mode=mode)
            )
        except UsageError as error:
            for report in here:
                yield Judgement(report, Ending.NOT_ASKED, str(error))
            continue
        for report in here:
            if (judgement := _of_run(report, asked)) is not None:
                yield judgement
        if asked.interrupted:
            raise KeyboardInterrupt


def _of_run(report: Published, asked: Report) -> Judgement | None:
    """What a run says of a report; None where it was interrupted before it asked the case."""
    results = [r for r in asked.results if r.id == report.case]
    if not results and asked.interrupted:
        return None
    if not results:
        said = asked.crashed or f"{report.subject} was not asked {report.case}"
        return Judgement(report, Ending.NOT_ASKED, said)
    wrong = [r for r in results if r.aspect == report.aspect and r.verdict in _FAILS]
    if wrong:
        return Judgement(report, Ending.DETECTED, report.subject)
    return Judgement(
        report, Ending.MISSED, f"{report.subject} does not fail {report.case} in {report.aspect}"
    )


def _quiet(reports: Sequence[Published], ground: Ground) -> Iterator[Judgement]:
    """Reports that are mistaken: official Keras must pass each case, and the truth."""
    select = tuple(report.case for report in reports if report.case in ground.entries)
    if not reports:
        return
    asked = run(Plan(tuple(OFFICIAL.values()), ground.golden, select=select)) if select else None
    subjects = [subject for name in OFFICIAL.values() for subject in resolve(name)]
    for report in reports:
        entry = ground.entries.get(report.case)
        results = [r for r in asked.results if r.id == report.case] if asked else []
        if entry is None:
            yield Judgement(report, Ending.NOT_ASKED, f"{report.case} has no golden outcomes")
        elif results:
            alarm = next((r for r in results if r.verdict is not Verdict.PASS), None)
            said = f"{alarm.subject}, {alarm.aspect}: {alarm.message}" if alarm else ""
            for subject in subjects:
                said = said or (
                    untrue(entry.case, subject) if subject.dialect in entry.expected else ""
                )
            ending = Ending.FALSE_ALARM if said else Ending.QUIET
            yield Judgement(report, ending, said or report.note)
    if asked and asked.interrupted:
        raise KeyboardInterrupt


def untrue(case: Case, subject: Subject) -> str:
    """Where an answer leaves its error budget, or that no value of it has one; "" where all keep to theirs."""
    values = list(judged_outcomes(case, subject.dialect, tuple(subject.answer(case))))
    known = [each for each in values if each.headroom is not None]
    if not known:
        return f"{subject.name}: the oracle has no value of {case.id}"
    return _beyond(case, subject)


def _beyond(case: Case, subject: Subject) -> str:
    """Where an answer leaves its error budget; "" where none does, or none has one."""
    for each in judged_outcomes(case, subject.dialect, tuple(subject.answer(case))):
        if each.headroom is not None and each.headroom > 1:
            return f"{subject.name}, step {each.step}: {each.name} leaves its error budget"
    return ""


def installed(name: str) -> bool:
    """Whether a version or backend of Keras can be asked without installing anything."""
    if not versions.is_version(name):
        return True
    asked = versions.named(name)
    folders = {folder.name for folder, _ in environments.packages()}
    if asked.version is not None and f"{asked.package}-{asked.version}" not in folders:
        return False
    if asked.backend in (None, "tensorflow"):
        return True
    return environments.environment(environments.ENVIRONMENTS[asked.backend]).current()
