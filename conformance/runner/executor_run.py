"""The parts of a run: what each is asked, what it gives, and how that goes to a worker of a cluster and back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, Protocol, TypeAlias

from conformance import subjects
from conformance.cases.levels import Level
from conformance.judge.hints import Hint
from conformance.judge.histogram import Histogram
from conformance.model import (
    Case,
    Crashed,
    Fault,
    Grade,
    Raised,
    Result,
    Returned,
    Tensor,
    TimedOut,
    Unsupported,
    Verdict,
)
from conformance.model.errors import SubjectGone
from conformance.runner.executor import Served, Task
from conformance.runner.executor_wire import Wire
from conformance.runner.parts import MOST_CASES
from conformance.runner.patience import Patience
from conformance.runner.report import Against, Drawn, Evidence, Follow, Held, Plan
from conformance.subjects import Mode, Subject
from conformance.subjects.base import Place
from conformance.subjects.child import Timeouts

# How many cases one process takes under XLA: one that has compiled thousands of functions runs out of memory mappings.
MOST_COMPILED: Final = 1000
# By position the results of each subject, the answers that failed, how draws are distributed, what ended the part
# early, and the seconds of each.
Chunk: TypeAlias = tuple[
    dict[int, list[tuple[str, list[Result]]]], Held, Drawn, str, dict[int, float]
]
WIRE: Final = Wire(
    *(Plan, Against, Follow, Mode, Level, Timeouts, Place),
    *(Result, Verdict, Grade, Fault, Hint, Evidence, Histogram),
    *(Returned, Raised, Unsupported, Crashed, TimedOut, Tensor),
)


class Asks(Protocol):
    """A `Runner`, as far as parts need one."""

    plan: Plan
    evidence: Held
    drawn: Drawn
    patience: Patience

    @property
    def subjects(self) -> Sequence[Subject]:
        """Those who are asked."""
        ...

    @property
    def provenance(self) -> dict[str, Any]:
        """What each of them is."""
        ...

    def results(
        self, position: int, only: str | None = None
    ) -> Iterator[tuple[Subject, Case, list[Result]]]:
        """The results of one case for each."""
        ...


_runner: Asks | None = None


def _make(make: Callable[[], Asks]) -> None:
    _take_over(make())


def _take_over(runner: Asks) -> None:
    global _runner
    _runner = runner


def _work(part: Sequence[int]) -> Chunk:
    assert _runner is not None
    return chunk(_runner, part)


def chunk(runner: Asks, part: Sequence[int]) -> Chunk:
    """What comes of the cases at these positions."""
    runner.evidence, runner.drawn = {}, {}
    done: dict[int, list[tuple[str, list[Result]]]] = {}
    took: dict[int, float] = {}
    for position in part:
        started = time.perf_counter()
        try:
            here = [(subject.name, found) for subject, _, found in runner.results(position)]
        except SubjectGone as gone:
            return done, runner.evidence, runner.drawn, str(gone), took
        done[position] = here
        took[position] = time.perf_counter() - started
    return done, runner.evidence, runner.drawn, "", took


def task(runner: Asks, make: Callable[[], Asks]) -> Task[Sequence[int], Chunk]:
    """The task of a run. `make`: makes the runner again in a process that begins with nothing."""
    # What this process has imported and read serves all. Subjects that have processes start them themselves.
    forked = _forked(runner)
    counts = runner.patience.counts

    def sent(part: Sequence[int]) -> tuple[list[int], list[int]]:
        return list(part), [int(count) for count in counts]

    def taken(answer: tuple[Chunk, list[int]]) -> Chunk:
        found, late = answer
        for place, count in enumerate(late):
            counts[place] += count
        return found

    return Task(
        "run",
        runner.plan,
        runner.plan.golden,
        _work,
        _take_over if forked else _make,
        (runner if forked else make,),
        forked,
        _renewed(runner),
        runner.provenance,
        sent,
        taken,
    )


def served(runner: Asks) -> Served:
    """The run as a worker of a cluster has it: the counts of late cases come with each part, and go with it."""

    def answer(given: tuple[list[int], list[int]]) -> tuple[Chunk, list[int]]:
        part, counts = given
        for place, count in enumerate(counts):
            runner.patience.counts[place] = count
        found = chunk(runner, part)
        return found, [
            int(now) - before for now, before in zip(runner.patience.counts, counts, strict=True)
        ]

    return Served(answer, _forked(runner), _renewed(runner), runner.provenance)


def _forked(runner: Asks) -> bool:
    return not runner.plan.in_process and subjects.forkable(runner.subjects)


def _renewed(runner: Asks) -> int | None:
    return MOST_COMPILED // MOST_CASES if runner.plan.mode is Mode.XLA else None
