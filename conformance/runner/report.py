"""What a run is asked, and what it found: plan, counts, headroom, exit status."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from statistics import median
from typing import Any, Final, TypeAlias

from conformance.cases import levels
from conformance.cases.levels import Level
from conformance.expectations import EVERY_CASE, Account
from conformance.judge.hints import Hint
from conformance.judge.histogram import Histogram
from conformance.model import Case, Grade, Outcome, Result, Verdict
from conformance.subjects import OFFICIAL_DRAWS, Mode, is_official
from conformance.subjects.base import ANYWHERE, Place
from conformance.subjects.child import Timeouts
from conformance.vectors import store

# The verdicts that make every run fail, strict or not.
WRONG: Final = frozenset({Verdict.FAIL, Verdict.UNEXPECTED_PASS, Verdict.MISSING})


# How many cases of a class may give no answer in time before the rest is not asked, and the reason of the rest.
MOST_LATE: Final = 5
NOT_ASKED: Final = f"not asked: {MOST_LATE} cases of the class gave no answer in time"


class Against(StrEnum):
    """What answers are compared with."""

    GOLDEN = "golden"
    OFFICIAL = "official"
    BOTH = "both"


class Follow(StrEnum):
    """What decides where official Keras and its documentation disagree."""

    DOCUMENTED = "documented"
    OFFICIAL = "official"


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that decides what a run does. Plain values, because worker processes receive it."""

    subjects: tuple[str, ...]
    golden: Path
    against: Against = Against.GOLDEN
    select: tuple[str, ...] = ()
    mode: Mode = Mode.EAGER
    device: str | None = None
    strict: bool = False
    shard: tuple[int, int] = (1, 1)
    expectations: tuple[Path, ...] = ()
    exceptions: bool = False
    timeouts: Timeouts | None = None
    random_order: int | None = None  # the seed; None asks in the order of the files
    in_process: bool = False
    follow: Follow | None = None
    only: frozenset[str] | None = None  # the ids of the only cases to ask, of those selected
    maxfail: int | None = None
    level: Level | None = None  # the farthest from daily use that is asked
    place: Place = ANYWHERE
    histograms: bool = False  # whether reports tell how draws are distributed

    def asks(self, case: Case) -> bool:
        """Whether a selected case is asked."""
        near = self.level is None or levels.of(case).rank <= self.level.rank
        return near and (self.only is None or case.id in self.only)

    def follows(self, subject: str) -> Follow:
        """What judges a subject: as asked, or the documentation, unless it wants to be what official Keras is."""
        return self.follow or (Follow.OFFICIAL if is_official(subject) else Follow.DOCUMENTED)


# What came of an answer that was looked at.
_JUDGED: Final = (
    Verdict.PASS,
    Verdict.FAIL,
    Verdict.KNOWN_FAILURE,
    Verdict.UNEXPECTED_PASS,
)


# The endings of a case that is as it should be.
_PASSED: Final = ("bitwise", "within", "truth", "rejected")


@dataclass(frozen=True, slots=True)
class Tally:
    """The cases of one class, counted by how they ended.

    Of those that passed, `rejected` are the ones that official Keras rejects as well: no value was compared
    there. `truth`: the answer is right, where that of official Keras is not. Whatever the ending: `blocked` are
    those with an aspect that an earlier failure hides, `missing` those that lack a value.
    """

    cases: int = 0
    ran: int = 0
    bitwise: int = 0
    within: int = 0
    truth: int = 0
    rejected: int = 0
    failed: int = 0
    unsupported: int = 0
    known: int = 0
    blocked: int = 0
    missing: int = 0

    @property
    def passed(self) -> int:
        """How many are as they should be."""
        return sum(getattr(self, ending) for ending in _PASSED)


@dataclass(frozen=True, slots=True)
class Headroom:
    """Errors over budgets of one class and dtype: how many values, the median and the worst."""

    subject: str
    target: str
    dtype: str
    values: int
    median: float
    worst: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """An answer that failed, and the expected one."""

    answer: Sequence[Outcome]
    expected: Sequence[Outcome]


# Of a sample, by subject and id.
Drawn: TypeAlias = dict[tuple[str, str], Histogram]
# By subject, what it was compared with and id.
Held: TypeAlias = dict[tuple[str, str, str], Evidence]


@dataclass(slots=True)
class Report:
    """What a run found. Every mapping is by the name of the subject.

    Attributes:
        recorded: of a strict run, how many cases were recorded on platforms unlike the subject's, by
            what differs.
        modes: the modes that the subject has.
        every_id: the ids of all cases of the subject's dialect, asked or not.
        asked: the ids of the cases that the run asks, of any subject.
        unjudged: the results before expectations were applied.
        untriaged: the ids of cases with a known failure that nobody has explained yet.
        excused: the ids of cases that are unsupported, as an expectation says.
        accounts: which expectations were met, for whoever merges the parts of a run.
        repros: of examples whose answers are not at hand, by subject, id and aspect, the code.
        planned: how many cases the run would have asked, had it not been stopped.
        cases: the cases that the run asks, by id.
        deserted: whether `crashed` says that the cluster could not do the rest.
        evidence: of each case that failed, by subject, what it was compared with and id, the answer.
        drawn: of each sample of an initializer, by subject and id, how its draws are distributed, where the plan
            has `histograms`.
        hints: by the keys of `evidence` and the aspect, what a failure is near to. Of failures that look alike some have none here.

    """

    plan: Plan
    provenance: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    recorded: dict[str, Mapping[str, int]] = field(default_factory=dict)
    tensors: dict[str, str] = field(default_factory=dict)
    draws: dict[str, str] = field(default_factory=dict)
    modes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    every_id: dict[str, Sequence[str]] = field(default_factory=dict)
    asked: frozenset[str] = frozenset()
    results: list[Result] = field(default_factory=list)
    unjudged: list[Result] = field(default_factory=list)
    untriaged: dict[str, set[str]] = field(default_factory=dict)
    excused: dict[str, set[str]] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    stale: list[str] = field(default_factory=list)
    shrunk: list[str] = field(default_factory=list)
    cases: Mapping[str, Case] = field(default_factory=dict)
    evidence: Held = field(default_factory=dict)
    drawn: Drawn = field(default_factory=dict)
    repros: dict[tuple[str, str, str], str] = field(default_factory=dict)
    hints: dict[tuple[str, str, str, str], tuple[Hint, ...]] = field(default_factory=dict)
    planned: int = 0
    seconds: float = 0.0
    interrupted: bool = False
    crashed: str = ""
    deserted: bool = False

    def exit_status(self) -> int:
        """0 if all is as expected, 1 if not, 130 if interrupted (as a shell reports SIGINT), 2 if `deserted`."""
        if self.interrupted:
            return 130
        if self.deserted:
            return 2
        wrong = any(result.verdict in WRONG for result in self.results)
        gate = self.stale or self.shrunk or self.crashed or self.unasked() or self.unanswered()
        return int(wrong or bool(gate) or not self.ran())

    def must_answer(self, subject: str) -> bool:
        """Whether nothing may be unsupported but what an expectation names: of all subjects in a strict run.

        Of those that come with the suite in every run that asks them to be official Keras, operation by
        operation; a compiler, another device or the documentation may leave them without an answer.
        """
        plan = self.plan
        plain = plan.mode is Mode.EAGER and plan.device is None
        official = plan.follows(subject) is Follow.OFFICIAL
        return plan.strict or (subject in EVERY_CASE and plain and official)

    def unanswered(self) -> list[str]:
        """A sentence for each class with cases that must be answered, and are unsupported."""
        lost: dict[tuple[str, str], dict[str, None]] = {}
        for r in self.results:
            if r.verdict is not Verdict.UNSUPPORTED or r.id in self.excused.get(r.subject, ()):
                continue
            if store.OF_MODEL in r.id:  # of classes that the suite may not be about
                continue
            if self.must_answer(r.subject):
                lost.setdefault((r.subject, r.target), {})[r.id] = None
        return [
            f"{subject}: {len(ids)} cases of {target} are unsupported, and no expectation says so "
            f"({next(iter(ids))}, for example)"
            for (subject, target), ids in lost.items()
        ]

    def errors(self) -> list[str]:
        """A sentence for each thing beside the verdicts that makes the run fail."""
        return [*self.stale, *self.shrunk, *self.unanswered()]

    def ran(self) -> bool:
        """Whether a subject answered anything: what is unsupported, or blocked by that, shows nothing."""
        return any(tally.ran for tally in self.tallies().values())

    def tallies(self) -> dict[tuple[str, str, str], Tally]:
        """Counts by subject, what it was compared with, and class; classes in the order of the run."""
        counts: dict[tuple[str, str, str], Counter[str]] = {}
        for (subject, against, _), results in by_case(self.results).items():
            count = counts.setdefault((subject, against, results[0].target), Counter())
            ending = case_ending(results)
            verdicts = {result.verdict for result in results}
            count["cases"] += 1
            count["ran"] += ending != "unsupported"
            count[ending] += 1
            count["blocked"] += Verdict.BLOCKED in verdicts
            count["missing"] += Verdict.MISSING in verdicts
        subjects = list(dict.fromkeys(subject for subject, _, _ in counts))
        return {
            key: Tally(**counts[key])
            for key in sorted(counts, key=lambda k: (subjects.index(k[0]), k[1]))
        }

    def levels(self) -> dict[Level, tuple[int, int]]:
        """By level, how many of the comparisons that ran passed, and how many ran."""
        counts = {level: [0, 0] for level in Level}
        for (_, _, case_id), results in by_case(self.results).items():
            case, ending = self.cases.get(case_id), case_ending(results)
            if case is not None and ending != "unsupported":
                count = counts[levels.of(case)]
                count[0] += ending in _PASSED
                count[1] += 1
        return {level: (passed, ran) for level, (passed, ran) in counts.items() if ran}

    def headrooms(self) -> list[Headroom]:
        """How much of their budgets values use that pass without being equal bit for bit."""
        used: dict[tuple[str, str, str], list[float]] = {}
        for r in self.results:
            if r.headroom and r.dtype and r.verdict is Verdict.PASS:
                used.setdefault((r.subject, r.target, r.dtype), []).append(r.headroom)
        return [
            Headroom(*place, len(values), median(values), max(values))
            for place, values in sorted(used.items())
        ]

    def other_draws(self) -> list[str]:
        """A sentence for each subject whose random values were not compared bit for bit."""
        found = []
        for subject, generator in self.draws.items():
            aspects = Counter(
                r.aspect for r in self.results if r.subject == subject and r.verdict in _JUDGED
            )
            if generator == OFFICIAL_DRAWS or not aspects["contract"] + aspects["distribution"]:
                continue
            found.append(
                f"{subject} draws with another generator ({generator}) than official Keras: random "
                f"values were judged without a bit comparison, {aspects['contract']} by what their "
                f"law promises of every draw, {aspects['distribution']} by their distribution"
            )
        return found

    def other_platforms(self) -> list[str]:
        """A sentence for each platform whose golden vectors could not be compared bit for bit, as `strict` asks."""
        if not self.plan.strict or self.plan.against is Against.OFFICIAL:
            return []
        subjects: dict[tuple[str, int], list[str]] = {}
        for subject, counts in self.recorded.items():
            for how, count in counts.items():
                subjects.setdefault((how, count), []).append(subject)
        return [
            f"{', '.join(names)}: {count} cases were recorded on another platform ({how}); "
            "values were held against these within their tolerance, not bit for bit"
            for (how, count), names in subjects.items()
        ]

    def unasked(self) -> list[str]:
        """A sentence for each class of which the rest was not asked, because too many cases gave no answer in time."""
        left: dict[tuple[str, str], set[str]] = {}
        for r in self.results:
            if r.verdict is Verdict.UNSUPPORTED and NOT_ASKED in r.message:
                left.setdefault((r.subject, r.target), set()).add(r.id)
        return [
            f"{subject}: {len(ids)} cases of {target} were {NOT_ASKED}"
            for (subject, target), ids in left.items()
        ]

    def notes(self) -> list[str]:
        """Sentences that a reader must know before the verdicts."""
        return [*self.other_draws(), *self.other_platforms(), *self.unasked()]


def by_case(results: Iterable[Result]) -> dict[tuple[str, str, str], list[Result]]:
    """Results by subject, what they were compared with, and case id."""
    cases: dict[tuple[str, str, str], list[Result]] = {}
    for result in results:
        cases.setdefault((result.subject, result.against, result.id), []).append(result)
    return cases


def case_ending(results: Sequence[Result]) -> str:
    """How a case ended, as the name of a field of `Tally`; its worst aspect decides."""
    verdicts = {result.verdict for result in results}
    if verdicts & WRONG:
        return "failed"
    if Verdict.KNOWN_FAILURE in verdicts:
        return "known"
    if Verdict.UNSUPPORTED in verdicts:
        return "unsupported"
    grades = {result.grade for result in results}
    return str(next((grade for grade in reversed(Grade) if grade in grades), Grade.BITWISE))
