"""Asks two subjects the same cases: what changes for a user who goes from OLD to NEW.

Where they speak different dialects, they are asked what the documents of both have. The rest is counted by class.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from conformance.changes import rows, used
from conformance.changes.answers import judged
from conformance.changes.deployed import pairs
from conformance.changes.differences import Answered, Change, Group, Rounding
from conformance.changes.rows import Rounded, Row
from conformance.changes.severity import Severity
from conformance.model.errors import SubjectGone, UsageError
from conformance.runner.executor import ClusterGone, Executor, Processes, Served, Task
from conformance.runner.executor_serving import Kind
from conformance.runner.executor_wire import Wire
from conformance.runner.processes import ProcessEnded, Progress
from conformance.subjects import Mode, Subject, forkable, resolve
from conformance.vectors import store


@dataclass(frozen=True, slots=True)
class Request:
    """What to compare, and how. Plain values, because worker processes receive it."""

    old: str
    new: str
    golden: Path
    select: tuple[str, ...] = ()
    mode: Mode = Mode.EAGER
    device: str | None = None
    model: Path | None = None
    in_process: bool = False
    fail_on: Severity = Severity.NAMES


@dataclass(frozen=True, slots=True)
class Alone:
    """What only one of two dialects is asked: whole classes, and of other classes, how many cases each."""

    classes: tuple[str, ...] = ()
    cases: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Upgrade:
    """What was found. `planned` counts the cases to ask, `asked` those that were asked, `ran` the layers that were run.

    `alone`: what is not asked, by dialect, because the other one does not have it.
    """

    request: Request
    old: str
    new: str
    dialects: tuple[str, str]
    provenance: Mapping[str, Mapping[str, Any]]
    draws: Mapping[str, str]
    rows: list[Row] = field(default_factory=list)
    roundings: list[Rounded] = field(default_factory=list)
    planned: int = 0
    asked: int = 0
    alike: int = 0
    lacking: int = 0
    ran: int = 0
    alone: Mapping[str, Alone] = field(default_factory=dict)
    coverage: used.Coverage | None = None
    seconds: float = 0.0
    interrupted: bool = False
    crashed: str = ""
    deserted: bool = False

    @property
    def partial(self) -> bool:
        """Whether not every case was asked."""
        return self.interrupted or bool(self.crashed)

    def of(self, severity: Severity) -> list[Row]:
        """The rows of a severity, the most frequent first."""
        rows = [row for row in self.rows if row.severity is severity]
        return sorted(rows, key=lambda row: -len(row.ids))

    def changed(self) -> int:
        """How many cases show a change beyond rounding."""
        return len({case_id for row in self.rows for case_id in row.ids})

    def exit_status(self) -> int:
        """0 if nothing changed that matters as much as `fail_on`, 1 if something did, 130 if interrupted.

        2 if the cluster could not do the rest.
        """
        if self.interrupted:
            return 130
        if self.deserted:
            return 2
        least = self.request.fail_on.rank
        matter = any(row.severity.rank <= least for row in self.rows)
        return int(matter or bool(self.crashed) or not (self.asked or self.ran))


class Asker:
    """Both subjects, and the cases that both are asked. Each worker process has one."""

    def __init__(self, request: Request) -> None:
        self.request = request
        # First, since subjects may have to be installed: a file can be wrong.
        self.model = model = None if request.model is None else used.read(request.model)
        self.old, self.new = (self._one(spec) for spec in (request.old, request.new))
        self.dialects = (self.old.dialect, self.new.dialect)
        self.coverage: used.Coverage | None = None
        if model is None:
            chosen = store.load_all(request.golden, request.select)
        else:
            files = store.load_all(request.golden)
            self.coverage = used.coverage(model, files, self.dialects[0])
            chosen = store.selected(files, request.select)
        entries = [
            entry
            for file in chosen
            for entry in file.cases
            if self.coverage is None or entry.case.id in self.coverage.relevant
        ]
        asked = set(self.dialects)
        self.cases = [entry.case for entry in entries if asked <= entry.expected.keys()]
        self.alone = _alone(entries, self.dialects) if len(asked) > 1 else {}

    def _one(self, spec: str) -> Subject:
        found = resolve(
            spec,
            mode=self.request.mode,
            device=self.request.device,
            in_process=self.request.in_process,
        )
        if len(found) > 1:
            raise UsageError(
                f"OLD and NEW must be one subject each; received {spec!r}, which is "
                f"{' and '.join(subject.name for subject in found)}"
            )
        return found[0]

    def answered(self, position: int) -> Answered:
        """Asks both subjects one case."""
        case = self.cases[position]
        other = self.old.draws != self.new.draws
        return judged(
            case, self.dialects[0], self.old.answer(case), self.new.answer(case), other_draws=other
        )


def upgrade(
    request: Request,
    *,
    jobs: int = 1,
    progress: Progress = lambda done, total: None,
    executor: Executor | None = None,
) -> Upgrade:
    """Asks both subjects every case. After Ctrl-C the result covers the cases that were asked.

    `executor`: who does the parts, in place of `jobs` processes.
    """
    started = time.perf_counter()
    if request.model is not None:
        pairs.checked(request.model)
    asker = Asker(request)
    made = Upgrade(
        request,
        asker.old.name,
        asker.new.name,
        asker.dialects,
        {each.name: each.provenance() for each in (asker.old, asker.new)},
        {each.name: each.draws for each in (asker.old, asker.new)},
        planned=len(asker.cases),
        alone=asker.alone,
        coverage=asker.coverage,
    )
    found: dict[int, list[Answered]] = {}
    ran: list[Answered] = []
    try:
        if executor is None and jobs == 1:
            for position in range(made.planned):
                found[position] = [asker.answered(position)]
                progress(position + 1, made.planned)
        else:
            by_part = (executor or Processes(jobs)).results(
                _task(asker), range(0, made.planned, _CHUNK)
            )
            for start, answers in by_part:
                found[start] = answers
                made.asked += len(answers)
                progress(made.asked, made.planned)
        if request.model is not None:
            ran = _run(made, asker, request.model, progress)
    except KeyboardInterrupt:
        made.interrupted = True
    except SubjectGone as gone:
        made.crashed = str(gone)
    except ClusterGone as gone:
        made.crashed, made.deserted = str(gone), True
    except ProcessEnded:
        made.crashed = "a subject ended its process"
    _gather(made, [each for start in sorted(found) for each in found[start]], ran)
    made.seconds = time.perf_counter() - started
    return made


def _run(made: Upgrade, asker: Asker, path: Path, progress: Progress) -> list[Answered]:
    """What no case is about, compared by running it in processes of this machine, one call at a time."""
    assert asker.model is not None
    assert made.coverage is not None
    subjects = [(each.name, each.dialect) for each in (asker.old, asker.new)]
    found = pairs.compared(path, asker.model, made.coverage.labels(), subjects, progress)
    pairs.settle(made.coverage, found)
    made.ran = len(found.answered)
    return found.answered


def _alone(entries: Sequence[store.GoldenCase], dialects: tuple[str, str]) -> dict[str, Alone]:
    """What each of two dialects is asked that the other one does not have."""
    counts = {dialect: Counter[str]() for dialect in dialects}
    shared: set[str] = set()
    for entry in entries:
        has = [dialect for dialect in dialects if dialect in entry.expected]
        if len(has) == 1:
            counts[has[0]][entry.case.target] += 1
        elif has:
            shared.add(entry.case.target)
    return {
        dialect: Alone(
            tuple(target for target in found if target not in shared),
            {target: count for target, count in found.items() if target in shared},
        )
        for dialect, found in counts.items()
        if found
    }


_CHUNK: Final = 50
_asker: Asker | None = None


def _start(request: Request) -> None:
    global _asker
    _asker = Asker(request)


def _work(start: int) -> tuple[int, list[Answered]]:
    assert _asker is not None
    end = min(start + _CHUNK, len(_asker.cases))
    return start, [_asker.answered(position) for position in range(start, end)]


def _task(asker: Asker) -> Task[int, tuple[int, list[Answered]]]:
    """For a cluster, which needs no file of a model: it is asked cases by their ids."""
    request = asker.request
    ids = [case.id for case in asker.cases]
    return Task(
        "diff",
        replace(request, model=None),
        request.golden,
        _work,
        _start,
        (request,),
        facts=_facts(asker),
        sent=lambda start: (start, ids[start : start + _CHUNK]),
    )


def _served(request: Request, golden: Path) -> Served:
    asker = Asker(replace(request, golden=golden))
    positions = {case.id: position for position, case in enumerate(asker.cases)}

    def answer(given: tuple[int, list[str]]) -> tuple[int, list[Answered]]:
        start, ids = given
        return start, [asker.answered(positions[each]) for each in ids]

    return Served(answer, forkable([asker.old, asker.new]), facts=_facts(asker))


def _facts(asker: Asker) -> dict[str, Mapping[str, Any]]:
    return {each.name: each.provenance() for each in (asker.old, asker.new)}


# A comparison of two subjects, for the workers of a cluster.
KIND: Final = Kind(_served, Wire(Request, Mode, Severity, Answered, Change, Rounding, Group))


def _gather(made: Upgrade, answers: Sequence[Answered], ran: Sequence[Answered]) -> None:
    """Counts the answers, and puts their changes in rows. `ran`: those of layers, which are no cases."""
    made.asked = len(answers)
    made.lacking = sum(answer.lacking for answer in answers)
    made.alike = sum(not (a.changes or a.roundings or a.lacking) for a in answers)
    made.rows = rows.changed([*answers, *ran])
    made.roundings = rows.rounded([*answers, *ran])
