"""Asks several subjects the same cases: where each class differs from its golden vectors, and in what."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from conformance.model import Result, Verdict
from conformance.model.errors import UsageError
from conformance.runner.executor import Executor
from conformance.runner.processes import Progress
from conformance.runner.report import Plan, Report, by_case, case_ending
from conformance.runner.run import run
from conformance.subjects import check_name
from conformance.vectors import store

# A matrix shows all differences, known failures included.
_DIFFERS = (Verdict.FAIL, Verdict.MISSING, Verdict.KNOWN_FAILURE)

# How a case may end, in the order of tables.
ENDINGS = ("bitwise", "within", "truth", "rejected", "differ", "unsupported")


@dataclass(frozen=True, slots=True)
class Differing:
    """A case where the answer differs from the golden one. `aspects`: the message for each aspect."""

    id: str
    aspects: Mapping[str, str]


@dataclass(slots=True)
class Cell:
    """The cases of one class for one subject, counted by how they ended.

    `aspects`: the number of cases that differ in each aspect. A case may differ in several.
    """

    cases: int = 0
    bitwise: int = 0
    within: int = 0
    truth: int = 0
    rejected: int = 0
    differ: int = 0
    unsupported: int = 0
    aspects: Counter[str] = field(default_factory=Counter)
    differing: list[Differing] = field(default_factory=list)

    @property
    def ran(self) -> int:
        """How many cases the subject answered."""
        return self.cases - self.unsupported

    def take(self, results: Sequence[Result]) -> None:
        """Counts one case."""
        self.cases += 1
        aspects = {r.aspect: r.message for r in results if r.verdict in _DIFFERS}
        if aspects:
            self.differ += 1
            self.aspects.update(aspects.keys())
            self.differing.append(Differing(results[0].id, aspects))
        else:
            # What an expectation says has no place here.
            ending = case_ending([_without_expectation(r) for r in results])
            setattr(self, ending, getattr(self, ending) + 1)


def _without_expectation(result: Result) -> Result:
    unexpected = result.verdict is Verdict.UNEXPECTED_PASS
    return replace(result, verdict=Verdict.PASS) if unexpected else result


@dataclass(slots=True)
class Column:
    """One subject.

    Attributes:
        error: why it could not run, or not to the end; "" where it did.
        told: by class, what the `look` of the matrix made of the run.

    """

    subject: str
    dialect: str = ""
    provenance: Mapping[str, Any] = field(default_factory=dict)
    draws: str = ""
    seconds: float = 0.0
    error: str = ""
    cells: dict[str, Cell] = field(default_factory=dict)
    told: Mapping[str, Sequence[Any]] = field(default_factory=dict)

    def total(self) -> Cell:
        """The counts over all classes, without the cases themselves."""
        made = Cell()
        for cell in self.cells.values():
            for name in ("cases", *ENDINGS):
                setattr(made, name, getattr(made, name) + getattr(cell, name))
            made.aspects.update(cell.aspects)
        return made


@dataclass(slots=True)
class Matrix:
    """What was found so far. `plan.subjects`: all subjects that were asked for."""

    plan: Plan
    columns: list[Column] = field(default_factory=list)
    interrupted: bool = False
    deserted: bool = False

    def targets(self) -> list[str]:
        """All classes that a subject was asked about, in a fixed order."""
        return sorted({target for column in self.columns for target in column.cells})

    def aspects(self) -> list[str]:
        """All aspects in which anything differs, the most frequent first."""
        total = sum((column.total().aspects for column in self.columns), Counter[str]())
        return [aspect for aspect, _ in total.most_common()]

    def exit_status(self) -> int:
        """0 if every subject ran, 1 if one could not, 130 if interrupted, 2 if the cluster could not do the rest.

        Differences are not failures here.
        """
        if self.interrupted:
            return 130
        if self.deserted:
            return 2
        return int(any(column.error for column in self.columns))


def matrix(
    plan: Plan,
    *,
    jobs: int = 1,
    progress: Progress = lambda done, total: None,
    executor: Executor | None = None,
    look: Callable[[Report], Mapping[str, Mapping[str, Sequence[Any]]]] | None = None,
) -> Matrix:
    """Runs the subjects of the plan one after the other.

    A subject that cannot run becomes a column with the reason. UsageError, before any subject runs, for a
    name that is not one of a subject. After Ctrl-C the matrix holds what was finished, and says so.
    `look`: what is kept of each run beside its counts, by subject and class; a run as a whole is too large.
    """
    # An error that every subject would meet is an error of the command, not of each column.
    store.names(plan.golden, plan.select)
    specs = tuple(dict.fromkeys(plan.subjects))
    for spec in specs:
        check_name(spec)
    made = Matrix(plan)
    for number, spec in enumerate(specs):

        def advance(done: int, total: int, number: int = number) -> None:
            progress(number * total + done, len(specs) * total)

        started = time.perf_counter()
        try:
            asked = replace(plan, subjects=(spec,))
            report = run(asked, jobs=jobs, progress=advance, executor=executor)
        except UsageError as error:
            seconds = time.perf_counter() - started
            made.columns.append(Column(spec, seconds=seconds, error=str(error)))
            continue
        except KeyboardInterrupt:
            made.interrupted = True
            break
        known = {column.subject for column in made.columns}
        new = [column for column in columns(report) if column.subject not in known]
        seen = look(report) if look and new else {}
        for column in new:
            column.told = seen.get(column.subject, {})
        made.columns += new
        if report.interrupted or report.deserted:
            made.interrupted, made.deserted = report.interrupted, report.deserted
            break
    return made


def columns(report: Report) -> Iterable[Column]:
    """A column for each subject of a run."""
    made = {
        name: Column(
            name,
            provenance=facts,
            draws=report.draws.get(name, ""),
            seconds=report.seconds,
            error=report.crashed,
        )
        for name, facts in report.provenance.items()
    }
    for (subject, _, _), results in by_case(report.results).items():
        column = made[subject]
        column.dialect = results[0].dialect
        column.cells.setdefault(results[0].target, Cell()).take(results)
    return made.values()
