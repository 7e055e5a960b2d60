"""How long a run takes, phase by phase: each measurement is a process of its own, start-up included.

Other programs make a wall clock slower, and the time of computing hardly: both are told.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from conformance.model import Case, Outcome
from conformance.model.errors import UsageError
from conformance.runner import hints
from conformance.runner.judging import Judge, judge_in_order
from conformance.runner.report import Plan, Report
from conformance.runner.run import Runner, introduce, run
from conformance.subjects import Subject, resolve_all
from conformance.vectors import store

# When the process was started, by the clock of the one who did that.
STARTED: Final = "CONFORMANCE_BENCH_STARTED"
# In the order in which a run has them. In several processes nobody can tell execution from judging.
PHASES: Final = (
    *("start-up", "subjects", "goldens", "collection"),
    *("execution", "judging", "execution and judging", "reporting", "whole"),
)
# Seconds of the wall clock, and of computing in all processes.
Seconds: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Measured:
    """The medians of some processes. `cache`: whether they had the cache of the user, or an empty one."""

    cache: bool
    jobs: int
    cases: int
    phases: Mapping[str, Seconds]


class _Clock:
    """Cuts time into phases."""

    def __init__(self) -> None:
        self.phases: dict[str, Seconds] = {}
        self._last = (float(os.environ.get(STARTED) or time.time()), 0.0)
        self._first = self._last

    def ends(self, phase: str) -> None:
        """What went by since the last end belongs to this phase."""
        now = (time.time(), _computed())
        self.phases[phase] = (now[0] - self._last[0], now[1] - self._last[1])
        self._last = now
        self.phases["whole"] = (now[0] - self._first[0], now[1])

    def splits(self, phase: str, part: str, seconds: Seconds) -> None:
        """So much of a phase is another one."""
        wall, computed = self.phases[phase]
        self.phases[part] = seconds
        self.phases[phase] = (wall - seconds[0], computed - seconds[1])


def _computed() -> float:
    ours, theirs = (
        resource.getrusage(each) for each in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return ours.ru_utime + ours.ru_stime + theirs.ru_utime + theirs.ru_stime


class _Timed:
    """A subject, and how long its answers take."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self.seconds: Seconds = (0.0, 0.0)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._subject, name)

    def answer(self, case: Case) -> list[Outcome]:
        wall, computed = time.perf_counter(), time.process_time()
        try:
            return self._subject.answer(case)
        finally:
            self.seconds = (
                self.seconds[0] + time.perf_counter() - wall,
                self.seconds[1] + time.process_time() - computed,
            )


def measure_here(plan: Plan, jobs: int, report_to: Callable[[Report], None]) -> dict[str, Any]:
    """The phases of one run, in this process, which was started for it. `report_to`: writes the report."""
    clock = _Clock()
    clock.ends("start-up")
    # The files and the modules that are read here are there when the run asks for them.
    subjects = resolve_all(plan.subjects, mode=plan.mode, in_process=plan.in_process)
    clock.ends("subjects")
    store.load_named(plan.golden, plan.select)
    clock.ends("goldens")
    if jobs == 1:
        report = _one_by_one(plan, clock)
    else:
        report = run(plan, jobs=jobs)
        clock.ends("execution and judging")
    hints.explain(report)
    report_to(report)
    for subject in subjects:
        getattr(subject, "close", lambda: None)()
    clock.ends("reporting")
    return {"cases": report.planned, "phases": clock.phases}


def _one_by_one(plan: Plan, clock: _Clock) -> Report:
    report = Report(plan)
    runner = Runner(plan)
    timed = [_Timed(subject) for subject in runner.subjects]
    runner.subjects[:] = timed
    introduce(report, runner)
    clock.ends("collection")
    finished = {
        position: [(subject.name, found) for subject, _, found in runner.results(position)]
        for position in runner.order
    }
    judge_in_order(Judge(report), finished)
    report.evidence = runner.evidence
    runner.close()
    clock.ends("judging")
    both = [subject.seconds for subject in timed]
    clock.splits("judging", "execution", (sum(s[0] for s in both), sum(s[1] for s in both)))
    return report


def _ask(command: Sequence[str], environment: Mapping[str, str]) -> dict[str, Any]:
    """What a process says of itself as JSON."""
    started = {**os.environ, **environment, STARTED: repr(time.time())}
    done = subprocess.run(
        [sys.executable, "-m", "conformance", *command],
        env=started,
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        told = done.stderr.strip().rpartition("\n")[2] or f"status {done.returncode}"
        raise UsageError(f"bench --suite could not measure a run: {told}") from None
    return found


def measure(
    command: Sequence[str],
    jobs: Sequence[int],
    repeat: int,
    progress: Callable[[int, int], None],
    ask: Callable[[Sequence[str], Mapping[str, str]], dict[str, Any]] = _ask,
) -> Iterator[Measured]:
    """Medians of so many processes without and with a cache, for each number of jobs.

    `command`: the arguments of the command that calls `measure_here`, but for the jobs.
    """
    total, done = 2 * len(jobs) * repeat, 0
    for cache in (False, True):
        for number in jobs:
            told = []
            for _ in range(repeat):
                progress(done, total)
                with tempfile.TemporaryDirectory(prefix="conformance-") as empty:
                    environment = {} if cache else {"CONFORMANCE_CACHE": empty}
                    told.append(ask([*command, "--jobs", str(number)], environment))
                done += 1
            yield Measured(cache, number, told[0]["cases"], _medians([t["phases"] for t in told]))


def _medians(told: Sequence[Mapping[str, Sequence[float]]]) -> dict[str, Seconds]:
    return {
        phase: (
            statistics.median(each[phase][0] for each in told),
            statistics.median(each[phase][1] for each in told),
        )
        for phase in PHASES
        if phase in told[0]
    }
