"""One run: asks the subjects the cases, judges the answers, and fills the report."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias

from conformance import oracle
from conformance.judge.compare import NOTHING_ELSE, compare
from conformance.judge.documented import Permitted
from conformance.judge.histogram import histogram
from conformance.model import (
    DIALECTS,
    Budget,
    Case,
    Outcome,
    Raised,
    Result,
    Returned,
    Tensor,
    Tolerance,
    Verdict,
)
from conformance.model.errors import SubjectGone
from conformance.oracle.tolerance import computed
from conformance.runner import executor_run
from conformance.runner import parts as parting
from conformance.runner.executor import ClusterGone, Executor, Processes, Served
from conformance.runner.executor_serving import Kind
from conformance.runner.judging import Judge, Stop, Stopped, judge_in_order
from conformance.runner.patience import Counts, Patience
from conformance.runner.processes import ProcessEnded, Progress, no_progress
from conformance.runner.report import Against, Drawn, Evidence, Follow, Held, Plan, Report
from conformance.subjects import OFFICIAL, OFFICIAL_DRAWS, Mode, Subject, resolve, resolve_all
from conformance.subjects.process import ProcessSubject
from conformance.subjects.provenance import differences, same_platform
from conformance.vectors import store
from conformance.vectors.collecting import uncollected
from conformance.vectors.store import GoldenCase

# Is told how many cases failed so far.
Failed: TypeAlias = Callable[[int], None] | None


class Runner:
    """What one process of a run needs: the subjects, the goldens, and the official packages."""

    def __init__(self, plan: Plan, counts: Counts | None = None) -> None:
        """`counts`: of cases without an answer in time, in all processes of the run."""
        self.plan = plan
        with uncollected():
            # First, because a wrong selection should be told before subjects are installed.
            self.files, every = store.load_named(plan.golden, plan.select)
            self.subjects = resolve_all(
                plan.subjects,
                mode=plan.mode,
                device=plan.device,
                timeouts=plan.timeouts,
                in_process=plan.in_process,
                place=plan.place,
            )
        targets = list(dict.fromkeys(name.target for name in every))
        self.patience = Patience(plan, self.subjects, targets, counts)
        self.every_id = {
            dialect: [name.id for name in every if dialect in name.dialects] for dialect in DIALECTS
        }
        self.evidence: Held = {}
        self.drawn: Drawn = {}
        self.answered: Sequence[Outcome] = ()  # what the results that `results` gave last are about
        self._live: dict[str, Subject] = {}
        if plan.against is not Against.GOLDEN:
            for dialect in sorted({subject.dialect for subject in self.subjects}):
                (self._live[dialect],) = resolve(
                    OFFICIAL[dialect], mode=plan.mode, device=plan.device
                )
        self._provenance = {subject.name: subject.provenance() for subject in self.subjects}
        chosen = [(file, entry) for file in self.files for entry in file.cases]
        entries = [pair for pair in chosen if plan.asks(pair[1].case)]
        number, of = plan.shard
        self.entries = entries[number - 1 :: of]
        # The positions in the order of asking. Reports list the cases in the order of the files.
        self.order = list(range(len(self.entries)))
        if plan.random_order is not None:
            random.Random(plan.random_order).shuffle(self.order)

    def parts(self, executor: Executor) -> list[list[int]]:
        """The positions in the parts that are done at once; the slowest first, unless the order is a random one."""
        cases = [entry.case for _, entry in self.entries]
        if executor.seconds is not None and self.plan.random_order is None:
            costs = parting.known_costs(self._cost)
            if costs:
                return parting.costly(cases, costs, executor.seconds, executor.width)
        return parting.parts(cases, self.order, resorted=self.plan.random_order is None)

    def took(self, seconds: Mapping[int, float]) -> None:
        """Keeps, for the next run, what the cases at these positions took."""
        parting.remember_costs(self._cost, [entry.case for _, entry in self.entries], seconds)

    @property
    def _cost(self) -> str:
        """The name of runs that take about as long."""
        names = sorted(subject.name for subject in self.subjects)
        return f"{' '.join(names)} {self.plan.mode} {self.plan.against}"

    def close(self) -> None:
        """Ends the processes of the subjects; those that are asked again start again."""
        for subject in self.subjects:
            if isinstance(subject, ProcessSubject):
                subject.close()

    @property
    def provenance(self) -> dict[str, Mapping[str, Any]]:
        """The provenance of each subject."""
        return dict(self._provenance)

    @property
    def tensors(self) -> dict[str, str]:
        """What the tensors of each subject are, `tensorflow` or `numpy`."""
        return {subject.name: subject.tensors for subject in self.subjects}

    def recorded_elsewhere(self, subject: Subject) -> Counter[str]:
        """How many cases were recorded on platforms unlike the subject's, by what differs."""
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
        """The results of one case for each subject, before expectations are applied.

        `only`: the name of the only subject to ask.
        """
        file, entry = self.entries[position]
        case = entry.case
        asked = [
            subject
            for subject in self.subjects
            if subject.dialect in entry.expected and only in (None, subject.name)
        ]
        live: dict[str, Sequence[Outcome]] = {
            subject.dialect: self.patience.answer(subject, case)
            for subject in asked
            if self._asked_once(subject)
        }
        for subject in asked:
            once = self._asked_once(subject)
            answer = live[subject.dialect] if once else self.patience.answer(subject, case)
            self.answered = answer
            alike = same_bits_expected(case, subject.name)
            if self.plan.against is not Against.OFFICIAL:
                recorded_here = self.plan.strict and same_platform(
                    file.recorded(entry, subject.dialect), self._provenance[subject.name]
                )
                tolerance = self._tolerance(case.tolerance, bits=recorded_here and alike)
                expected = entry.expected[subject.dialect]
                yield (
                    subject,
                    case,
                    self._judged(subject, entry, "golden", answer, expected, tolerance),
                )
            if self.plan.against is not Against.GOLDEN and not once:
                if subject.dialect not in live:
                    live[subject.dialect] = tuple(self._live[subject.dialect].answer(case))
                expected = tuple(live[subject.dialect])
                recorded = entry.expected[subject.dialect]
                tolerance = live_tolerance(case, subject.dialect, recorded, expected)
                tolerance = self._tolerance(tolerance, bits=alike)
                yield (
                    subject,
                    case,
                    self._judged(subject, entry, "official", answer, expected, tolerance),
                )

    def _asked_once(self, subject: Subject) -> bool:
        """Whether what a subject answers as one is what others are compared with, too: an official package.

        It is itself compared with golden answers only.
        """
        others = any(s.dialect == subject.dialect and s is not subject for s in self.subjects)
        official = subject.name in OFFICIAL.values()
        return official and others and self.plan.against is Against.BOTH

    def _tolerance(self, tolerance: Tolerance, *, bits: bool) -> Tolerance:
        # A compiler may give the same formula other bits in another program, even on one machine.
        strict = self.plan.strict and bits and self.plan.mode is Mode.EAGER
        return Tolerance(law=tolerance.law) if strict else tolerance

    def _judged(
        self,
        subject: Subject,
        entry: GoldenCase,
        against: str,
        answer: Sequence[Outcome],
        expected: Sequence[Outcome],
        tolerance: Tolerance,
    ) -> list[Result]:
        case, dialect = entry.case, subject.dialect
        other = subject.draws != OFFICIAL_DRAWS
        permitted = Permitted(
            truths=lambda: oracle.known(case, dialect, answer, expected),
            alternatives=entry.alternatives.get(dialect, ()),
            followed=self.plan.follows(subject.name) is Follow.DOCUMENTED,
            flags=case.flags,
            bits=self.plan.strict and self.plan.mode is Mode.EAGER,
        )

        def budgets() -> Sequence[Mapping[str, Budget]]:
            return oracle.budgets(case, dialect, expected, tolerance, other_draws=other)

        compared = compare(
            answer,
            expected,
            tolerance,
            other_draws=other,
            budgets=tuple if store.is_of_model(case) else budgets,
            exceptions=self.plan.exceptions,
            permitted=NOTHING_ELSE if store.is_of_model(case) else permitted,
        )
        self._keep_draws(subject.name, case, answer)
        if any(c.verdict is Verdict.FAIL for c in compared):
            self.evidence[subject.name, against, case.id] = Evidence(answer, expected)
        return [
            Result(
                id=case.id,
                subject=subject.name,
                dialect=dialect,
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
                fault=c.fault,
            )
            for c in compared
        ]

    def _keep_draws(self, subject: str, case: Case, answer: Sequence[Outcome]) -> None:
        """How the draws of a sample are distributed, if reports want it."""
        law = case.tolerance.law
        if not self.plan.histograms or law is None or (subject, case.id) in self.drawn:
            return
        for step, outcome in zip(case.steps, answer, strict=False):
            if step.do == "sample" and isinstance(outcome, Returned):
                value = outcome.values.get("sample")
                found = histogram(value, law) if isinstance(value, Tensor) else None
                if found is not None:
                    self.drawn[subject, case.id] = found


def same_bits_expected(case: Case, name: str) -> bool:
    """Whether strict runs may ask a subject of this name for the bits of official Keras.

    `fit` compiles each step of training to one graph, whose optimizer orders sums as it likes: only the
    package itself has the same graph. What others compute has to keep to the budgets of the case.
    """
    return name in OFFICIAL.values() or all(step.do != "fit" for step in case.steps)


def live_tolerance(
    case: Case, dialect: str, recorded: Sequence[Outcome], live: Sequence[Outcome]
) -> Tolerance:
    """The tolerance of the case; or a computed one, for values that official Keras gives only here.

    If official Keras raised when the goldens were recorded, in another mode or on another platform, then the
    case has no tolerance for the values.
    """
    if isinstance(recorded[-1], Raised) and not isinstance(live[-1], Raised):
        return computed(case, {dialect: live})
    return case.tolerance


def run(
    plan: Plan,
    *,
    jobs: int = 1,
    progress: Progress = no_progress,
    executor: Executor | None = None,
    failed: Failed = None,
) -> Report:
    """Runs the plan. After Ctrl-C the report holds what was finished, and says so.

    What failures are near to is for those who read of them: `hints.explain` enters it in the report.
    `executor`: who does the parts, in place of `jobs` processes. `failed`: is told how many cases failed so far.
    """
    started = time.perf_counter()
    report = Report(plan)
    # The parent always resolves the subjects. So a wrong name is an error here, with its exit status, not
    # a traceback in a worker; and the provenance is that of this machine.
    runner = Runner(plan)
    compiled = plan.mode is Mode.XLA and len(runner.entries) > executor_run.MOST_COMPILED
    if executor is None and jobs == 1 and not compiled:
        _run_here(report, runner, progress, failed)
    else:
        _run_in_parts(report, runner, executor or Processes(jobs), progress, failed)
    report.seconds = time.perf_counter() - started
    return report


def _served(plan: Plan, golden: Path) -> Served:
    return executor_run.served(Runner(replace(plan, golden=golden)))


# A run, for the workers of a cluster.
KIND: Final = Kind(_served, executor_run.WIRE)


def introduce(report: Report, runner: Runner) -> None:
    """Enters in the report which subjects are asked, and what."""
    report.provenance, report.tensors = runner.provenance, runner.tensors
    report.planned = len(runner.entries)
    report.cases = {entry.case.id: entry.case for _, entry in runner.entries}
    report.asked = frozenset(report.cases)
    for subject in runner.subjects:
        report.draws[subject.name] = subject.draws
        report.every_id[subject.name] = runner.every_id[subject.dialect]
        if runner.plan.strict:  # others do not ask for bits, and need not count where they cannot
            report.recorded[subject.name] = runner.recorded_elsewhere(subject)
        # A program says which modes it has. In this process TensorFlow subjects have all modes, others no choice.
        compiled = tuple(map(str, Mode)) if subject.tensors == "tensorflow" else ()
        report.modes[subject.name] = getattr(subject, "modes", compiled)


def _run_here(report: Report, runner: Runner, progress: Progress, failed: Failed) -> None:
    introduce(report, runner)
    judge = Judge(report)
    stop = Stop(report.plan.maxfail, judge, failed)
    finished: dict[int, list[tuple[str, list[Result]]]] = {}
    try:
        for position in runner.order:
            here = [(subject.name, found) for subject, _, found in runner.results(position)]
            finished[position] = here
            progress(len(finished), report.planned)
            stop.after(here)
    except KeyboardInterrupt:
        report.interrupted = True
    except (SubjectGone, Stopped) as gone:
        report.crashed = _partial(str(gone), len(finished), report.planned)
    report.evidence, report.drawn = runner.evidence, runner.drawn
    judge_in_order(judge, finished)


def _partial(why: str, count: int, planned: int) -> str:
    """The sentence for a run that ended early."""
    return f"{why}: {count} of {planned} cases were finished; what is above is about these"


def _run_in_parts(
    report: Report, runner: Runner, executor: Executor, progress: Progress, failed: Failed
) -> None:
    introduce(report, runner)
    judge = Judge(report)
    runner.close()
    stop = Stop(report.plan.maxfail, judge, failed)
    finished: dict[int, list[tuple[str, list[Result]]]] = {}
    task = executor_run.task(runner, partial(Runner, report.plan, runner.patience.counts))
    took: dict[int, float] = {}
    try:
        for done, evidence, drawn, gone, seconds in executor.results(task, runner.parts(executor)):
            finished |= done
            took |= seconds
            report.evidence |= evidence
            report.drawn |= drawn
            progress(len(finished), report.planned)
            for here in done.values():
                stop.after(here)
            if gone:
                raise SubjectGone(gone)
    except KeyboardInterrupt:
        report.interrupted = True
    except (SubjectGone, Stopped) as error:
        report.crashed = _partial(str(error), len(finished), report.planned)
    except ClusterGone as error:
        report.crashed = _partial(str(error), len(finished), report.planned)
        report.deserted = True
    except ProcessEnded:
        said = "a subject ended its process"
        report.crashed = _partial(said, len(finished), report.planned)
    if executor.seconds is not None:
        runner.took(took)
    judge_in_order(judge, finished)
