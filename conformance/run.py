"""The runner: cases to subjects, answers to verdicts, verdicts to an exit status."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from statistics import median
from typing import Any, Final, TypeAlias, TypeVar

from conformance import expectations, oracle, store
from conformance.compare import compare
from conformance.errors import SubjectGone
from conformance.model import (
    DIALECTS,
    Budget,
    Case,
    Grade,
    Outcome,
    Raised,
    Result,
    Tolerance,
    Verdict,
)
from conformance.oracle.tolerance import computed
from conformance.subjects import OFFICIAL, OFFICIAL_DRAWS, Mode, Subject, resolve, resolve_all
from conformance.subjects.child import Timeouts
from conformance.subjects.provenance import differences, same_platform


class Against(StrEnum):
    """What answers are compared with."""

    GOLDEN = "golden"
    OFFICIAL = "official"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that decides what a run does. Plain values: worker processes receive it."""

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


@dataclass(frozen=True, slots=True)
class Tally:
    """Cases of one class, by how they ended."""

    cases: int = 0
    ran: int = 0
    bitwise: int = 0
    within: int = 0
    failed: int = 0
    unsupported: int = 0
    known: int = 0


@dataclass(frozen=True, slots=True)
class Headroom:
    """Errors over their budgets, by class and dtype: how many, the median and the worst."""

    subject: str
    target: str
    dtype: str
    values: int
    median: float
    worst: float


@dataclass(slots=True)
class Report:
    """What a run found. `planned` counts the cases it would have run, had it not been stopped.

    `unjudged` are the results before expectations were applied, `every_id` the cases that there are
    for each subject, asked or not, `modes` those that it has, `recorded` how many cases of its dialect
    were recorded on platforms that differ from its own, by what differs, and `untriaged` the ids of cases, by subject, with a known failure that
    nobody has explained yet.
    """

    plan: Plan
    provenance: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    recorded: dict[str, Mapping[str, int]] = field(default_factory=dict)
    tensors: dict[str, str] = field(default_factory=dict)
    draws: dict[str, str] = field(default_factory=dict)
    modes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    every_id: dict[str, Sequence[str]] = field(default_factory=dict)
    results: list[Result] = field(default_factory=list)
    unjudged: list[Result] = field(default_factory=list)
    untriaged: dict[str, set[str]] = field(default_factory=dict)
    stale: list[str] = field(default_factory=list)
    shrunk: list[str] = field(default_factory=list)
    planned: int = 0
    seconds: float = 0.0
    interrupted: bool = False
    crashed: str = ""

    def exit_status(self) -> int:
        """0 as expected, 1 not, 130 interrupted (as a shell reports SIGINT)."""
        if self.interrupted:
            return 130
        bad = {Verdict.FAIL, Verdict.UNEXPECTED_PASS, Verdict.MISSING}
        if self.plan.strict:
            bad.add(Verdict.UNSUPPORTED)
        wrong = any(result.verdict in bad for result in self.results)
        gate = self.stale or self.shrunk or self.crashed
        return int(wrong or bool(gate) or not self.results)

    def tallies(self) -> dict[tuple[str, str, str], Tally]:
        """By subject, what it was compared with, and class; classes in the order of the run."""
        counts: dict[tuple[str, str, str], Counter[str]] = {}
        for (subject, against, _), results in by_case(self.results).items():
            count = counts.setdefault((subject, against, results[0].target), Counter())
            ending = case_ending(results)
            count["cases"] += 1
            count["ran"] += ending != "unsupported"
            count[ending] += 1
        subjects = list(dict.fromkeys(subject for subject, _, _ in counts))
        return {
            key: Tally(**counts[key])
            for key in sorted(counts, key=lambda k: (subjects.index(k[0]), k[1]))
        }

    def headrooms(self) -> list[Headroom]:
        """What values that pass, but not bit for bit, use of their budgets."""
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
            aspects = Counter(r.aspect for r in self.results if r.subject == subject)
            if generator == OFFICIAL_DRAWS or not aspects["contract"] + aspects["distribution"]:
                continue
            found.append(
                f"{subject} draws with another generator ({generator}) than official Keras: random "
                f"values were judged without a bit comparison, {aspects['contract']} by what their "
                f"law promises of every draw, {aspects['distribution']} by their distribution"
            )
        return found

    def other_platforms(self) -> list[str]:
        """A sentence for each platform whose golden vectors `strict` could not ask the bits of."""
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

    def notes(self) -> list[str]:
        """What a reader must know before the verdicts: a sentence each."""
        return [*self.other_draws(), *self.other_platforms()]


def by_case(results: Iterable[Result]) -> dict[tuple[str, str, str], list[Result]]:
    """Results by subject, what they were compared with, and case id."""
    cases: dict[tuple[str, str, str], list[Result]] = {}
    for result in results:
        cases.setdefault((result.subject, result.against, result.id), []).append(result)
    return cases


def case_ending(results: Sequence[Result]) -> str:
    """How a case ended, as a field of `Tally`: the worst of its aspects decides."""
    verdicts = {result.verdict for result in results}
    if verdicts & {Verdict.FAIL, Verdict.UNEXPECTED_PASS, Verdict.MISSING}:
        return "failed"
    if Verdict.KNOWN_FAILURE in verdicts:
        return "known"
    if Verdict.UNSUPPORTED in verdicts:
        return "unsupported"
    return "within" if any(r.grade is Grade.WITHIN for r in results) else "bitwise"


Progress = Callable[[int, int], None]


def _no_progress(done: int, total: int) -> None:
    pass


class Runner:
    """One process's share of a run: the subjects, the goldens, and the official packages."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        # First, since subjects may have to be installed: a selection can be wrong.
        everything = store.load_all(plan.golden)
        self.files = store.selected(everything, plan.select)
        self.subjects = resolve_all(
            plan.subjects, mode=plan.mode, device=plan.device, timeouts=plan.timeouts
        )
        self.every_id = {
            dialect: [e.case.id for file in everything for e in file.cases if dialect in e.expected]
            for dialect in DIALECTS
        }
        self._live: dict[str, Subject] = {}
        if plan.against is not Against.GOLDEN:
            for dialect in sorted({subject.dialect for subject in self.subjects}):
                (self._live[dialect],) = resolve(
                    OFFICIAL[dialect], mode=plan.mode, device=plan.device
                )
        self._provenance = {subject.name: subject.provenance() for subject in self.subjects}
        entries = [(file, entry) for file in self.files for entry in file.cases]
        number, of = plan.shard
        self.entries = entries[number - 1 :: of]

    @property
    def provenance(self) -> dict[str, Mapping[str, Any]]:
        """By subject."""
        return dict(self._provenance)

    @property
    def tensors(self) -> dict[str, str]:
        """What the tensors of each subject are, `tensorflow` or `numpy`."""
        return {subject.name: subject.tensors for subject in self.subjects}

    def recorded_elsewhere(self, subject: Subject) -> Counter[str]:
        """How many of the cases were recorded on platforms unlike the subject's, by what differs."""
        mine, dialect = self._provenance[subject.name], subject.dialect
        found = Counter(
            "; ".join(differences(mine, file.recorded(entry, dialect)))
            for file, entry in self.entries
            if dialect in entry.expected
        )
        del found[""]
        return found

    def results(
        self, position: int, only: str | None = None
    ) -> Iterator[tuple[Subject, Case, list[Result]]]:
        """What each subject's answer to one case comes to, before expectations.

        `only`: the name of the one subject to ask.
        """
        file, entry = self.entries[position]
        case = entry.case
        for subject in self.subjects:
            if subject.dialect not in entry.expected or only not in (None, subject.name):
                continue
            answer = subject.answer(case)
            if self.plan.against is not Against.OFFICIAL:
                recorded_here = same_platform(
                    file.recorded(entry, subject.dialect), self._provenance[subject.name]
                )
                tolerance = self._tolerance(case.tolerance, bits=recorded_here)
                expected = entry.expected[subject.dialect]
                yield (
                    subject,
                    case,
                    self._judged(subject, case, "golden", answer, expected, tolerance),
                )
            if self.plan.against is not Against.GOLDEN:
                recorded = entry.expected[subject.dialect]
                expected = tuple(self._live[subject.dialect].answer(case))
                tolerance = live_tolerance(case, subject.dialect, recorded, expected)
                tolerance = self._tolerance(tolerance, bits=True)
                yield (
                    subject,
                    case,
                    self._judged(subject, case, "official", answer, expected, tolerance),
                )

    def _tolerance(self, tolerance: Tolerance, *, bits: bool) -> Tolerance:
        # Under a compiler the same formula has other bits in another program, on any machine.
        strict = self.plan.strict and bits and self.plan.mode is Mode.EAGER
        return Tolerance(law=tolerance.law) if strict else tolerance

    def _judged(
        self,
        subject: Subject,
        case: Case,
        against: str,
        answer: Sequence[Outcome],
        expected: Sequence[Outcome],
        tolerance: Tolerance,
    ) -> list[Result]:
        other = subject.draws != OFFICIAL_DRAWS

        def budgets() -> Sequence[Mapping[str, Budget]]:
            return oracle.budgets(case, subject.dialect, expected, tolerance, other_draws=other)

        return [
            Result(
                id=case.id,
                subject=subject.name,
                dialect=subject.dialect,
                target=case.target,
                against=against,
                aspect=c.aspect,
                verdict=c.verdict,
                grade=c.grade,
                error_ulp=c.error_ulp,
                headroom=c.headroom,
                message=c.message,
                dtype=c.dtype,
                signature=c.signature,
            )
            for c in compare(
                answer,
                expected,
                tolerance,
                other_draws=other,
                budgets=budgets,
                exceptions=self.plan.exceptions,
            )
        ]


def live_tolerance(
    case: Case, dialect: str, recorded: Sequence[Outcome], live: Sequence[Outcome]
) -> Tolerance:
    """The tolerance of the case, or one for values that official Keras gives here only.

    Where it raised when the goldens were recorded, in another mode or on another platform, there
    was no value that a tolerance could be about.
    """
    if isinstance(recorded[-1], Raised) and not isinstance(live[-1], Raised):
        return computed(case, {dialect: live})
    return case.tolerance


def run(plan: Plan, *, jobs: int = 1, progress: Progress = _no_progress) -> Report:
    """Runs the plan. On Ctrl-C the report holds what was finished, and says so."""
    started = time.perf_counter()
    report = Report(plan)
    # The parent resolves the subjects in any case: a wrong name is an error here, with its exit
    # status, not a traceback in a worker; and provenance is that of this machine.
    runner = Runner(plan)
    compiled = plan.mode is Mode.XLA and len(runner.entries) > _MOST_COMPILED
    if jobs == 1 and not compiled:
        _run_here(report, runner, progress)
    else:
        _run_in_processes(report, runner, jobs, progress)
    report.seconds = time.perf_counter() - started
    return report


def introduce(report: Report, runner: Runner) -> None:
    """Tells the report who is asked, and what there is to be asked."""
    report.provenance, report.tensors = runner.provenance, runner.tensors
    report.planned = len(runner.entries)
    for subject in runner.subjects:
        report.draws[subject.name] = subject.draws
        report.every_id[subject.name] = runner.every_id[subject.dialect]
        report.recorded[subject.name] = runner.recorded_elsewhere(subject)
        # A program says which modes it has; what runs here has them all, if it is compiled at all.
        hello = getattr(subject, "hello", None)
        compiled = tuple(map(str, Mode)) if subject.tensors == "tensorflow" else ()
        report.modes[subject.name] = tuple(hello.modes) if hello else compiled


def _run_here(report: Report, runner: Runner, progress: Progress) -> None:
    introduce(report, runner)
    judge = Judge(report)
    try:
        for position in range(report.planned):
            for subject, _, results in runner.results(position):
                judge.take(subject.name, results)
            progress(position + 1, report.planned)
    except KeyboardInterrupt:
        report.interrupted = True
    except SubjectGone as gone:
        report.crashed = _partial(str(gone), position, report.planned)
    judge.finish()


def _partial(why: str, count: int, planned: int) -> str:
    """What is said of a report that ends before its time."""
    return f"{why}: {count} of {planned} cases were finished; what is above is about these"


class Judge:
    """Applies the expectations of each subject of a run as results come in."""

    def __init__(self, report: Report) -> None:
        """`report` must have been introduced to the subjects."""
        plan = report.plan
        self._report = report
        self._ledgers = {
            name: expectations.Ledger(
                expectations.for_subject(name, str(plan.mode), plan.expectations, facts=facts)
            )
            for name, facts in report.provenance.items()
        }

    @property
    def stale(self) -> list[str]:
        """What `finish` found, a sentence an entry."""
        return self._report.stale

    def apply(self, subject: str, results: Sequence[Result]) -> list[Result]:
        """The results of one case, with what was expected to fail marked as known."""
        return self._ledgers[subject].judge(results)

    def take(self, subject: str, results: Sequence[Result]) -> None:
        """Adds the results of one case to the report."""
        self._report.unjudged += results
        self._report.results += self.apply(subject, results)

    def finish(self) -> None:
        """Looks for entries that matched nothing; not in part of a run, which proves nothing."""
        report = self._report
        for subject, ledger in self._ledgers.items():
            report.untriaged[subject] = ledger.untriaged
            if not (report.interrupted or report.crashed):
                found = ledger.stale(report.every_id[subject])
                report.stale += [f"{subject}: {line}" for line in found]


def judged_again(report: Report, expected: tuple[Path, ...]) -> Report:
    """The report of the same answers with other files of expectations."""
    plan = replace(report.plan, expectations=expected)
    again = replace(report, plan=plan, results=[], unjudged=[], untriaged={}, stale=[])
    judge = Judge(again)
    for (subject, _, _), results in by_case(report.unjudged).items():
        judge.take(subject, results)
    judge.finish()
    return again


# Positions a worker takes at a time: long enough to drown the cost of sending results, short
# enough that an interrupted run keeps most of its work.
_CHUNK: Final = 50
# Cases that one process takes under XLA.
_MOST_COMPILED: Final = 1000
# Where a chunk starts and ends, what each subject's answer to its cases comes to, and what ended it
# before its time.
_Chunk: TypeAlias = tuple[int, int, list[tuple[str, list[Result]]], str]
_runner: Runner | None = None


def _start_worker(plan: Plan) -> None:
    global _runner
    _runner = Runner(plan)


def _work(start: int) -> _Chunk:
    assert _runner is not None
    end = min(start + _CHUNK, len(_runner.entries))
    done: list[tuple[str, list[Result]]] = []
    for position in range(start, end):
        try:
            here = [(subject.name, results) for subject, _, results in _runner.results(position)]
        except SubjectGone as gone:
            return start, position, done, str(gone)
        done += here
    return start, end, done, ""


def _run_in_processes(report: Report, runner: Runner, jobs: int, progress: Progress) -> None:
    introduce(report, runner)
    judge = Judge(report)
    starts = range(0, report.planned, _CHUNK)
    finished: dict[int, list[tuple[str, list[Result]]]] = {}
    count = 0
    # A process that has compiled thousands of functions runs out of memory mappings and dies.
    several = jobs * _MOST_COMPILED // _CHUNK if report.plan.mode is Mode.XLA else len(starts)
    try:
        for first in range(0, len(starts), max(several, 1)):
            for start, end, done, gone in in_processes(
                jobs, _work, starts[first : first + several], _start_worker, (report.plan,)
            ):
                finished[start] = done
                count += end - start
                progress(count, report.planned)
                if gone:
                    raise SubjectGone(gone)
    except KeyboardInterrupt:
        report.interrupted = True
    except SubjectGone as error:
        report.crashed = _partial(str(error), count, report.planned)
    except BrokenProcessPool:
        report.crashed = _partial("a subject ended its process", count, report.planned)
    for start in sorted(finished):
        for subject, results in finished[start]:
            judge.take(subject, results)
    judge.finish()


_T = TypeVar("_T")


def in_processes(
    jobs: int,
    work: Callable[[int], _T],
    starts: Sequence[int],
    prepare: Callable[..., None],
    arguments: tuple[Any, ...],
) -> Iterator[_T]:
    """`work(start)` for each start, in new processes that `prepare(*arguments)` has made ready.

    As they finish, in any order. Ctrl-C reaches the caller alone, and ends them.
    """
    pool = ProcessPoolExecutor(
        min(jobs, max(1, len(starts))),
        # Spawned, not forked: TensorFlow's threads do not survive a fork.
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_undisturbed,
        initargs=(prepare, arguments),
    )
    try:
        for future in as_completed([pool.submit(work, start) for start in starts]):
            yield future.result()
    finally:
        _stop(pool)


def _undisturbed(prepare: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    # Ctrl-C reaches the whole process group; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    prepare(*arguments)


def _end_with_parent() -> None:
    """Ends this process when its parent has been killed, which nobody else would tell it."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _stop(pool: ProcessPoolExecutor) -> None:
    """Ends the workers at once; a plain shutdown would wait for the chunks they hold."""
    workers = list((pool._processes or {}).values())
    for worker in workers:
        worker.terminate()
    pool.shutdown(wait=True, cancel_futures=True)


def compare_with_baseline(report: Report, baseline: Mapping[str, Any]) -> list[str]:
    """A sentence for each class that ran fewer cases than the baseline report did."""
    now: Counter[tuple[str, str, str]] = Counter()
    for key, tally in report.tallies().items():
        now[key] = tally.ran
    found = []
    for row in baseline["counts"]["classes"]:
        key = (row["subject"], row["against"], row["target"])
        if now[key] < row["ran"]:
            found.append(
                f"{row['subject']} against {row['against']}: {row['target']} ran {now[key]} cases, "
                f"{row['ran']} in the baseline"
            )
    return found
