"""Mutants that the workers of a cluster try: what each is told, and what it makes of that.

A worker makes the same mutants of the same `impl`, which the digest of the code says, so that names are enough.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias

from conformance.runner.executor import ClusterGone, Executor, Served
from conformance.runner.executor import Task as Work
from conformance.runner.executor_serving import Kind
from conformance.runner.executor_wire import Wire
from conformance.runner.processes import ProcessEnded
from conformance.strength.mutation import questions as asking
from conformance.strength.mutation.operators import mutants
from conformance.strength.mutation.questions import Killed, Question
from conformance.strength.mutation.reach import Reach, sources
from conformance.strength.mutation.trial import Task, Tried, tried
from conformance.subjects import provenance

# The most mutants of a part, of those that end long before their time.
_MOST: Final = 20
# What came of the mutants of a part, by their position; and how many of them were asked a question.
_Found: TypeAlias = tuple[list[tuple[int, Tried]], dict[int, int]]


def elsewhere(
    executor: Executor,
    golden: Path,
    cases: Sequence[str],
    tasks: Sequence[Task],
    reach: Reach,
    asked: Counter[int],
) -> Iterator[Tried]:
    """As `trial.tried`, by others. `golden`, `cases`: what the questions were made of."""

    def sent(part: Sequence[int]) -> Mapping[str, Any]:
        told = []
        needed: set[int] = set()
        for number in part:
            task = tasks[number]
            order = list(task.order())
            needed.update(order)
            name = task.mutant.id if task.mutant else ""
            told.append((number, name, order, task.seconds, task.allclose))
        return {
            "tasks": told,
            "wrong": {n: of for n, of in reach.wrong.items() if n in needed},
            "far": reach.far & needed,
            "seconds": {n: float(reach.seconds[n]) for n in needed if reach.seconds[n]},
        }

    work: Work[Sequence[int], _Found] = Work(
        "mutation",
        tuple(cases),
        golden,
        _not_here,
        _not_here,
        facts={"impl": provenance.here()},
        sent=sent,
    )
    try:
        for found, counts in executor.results(work, _parts(tasks, executor)):
            asked.update(counts)
            for number, each in found:
                yield replace(each, mutant=tasks[number].mutant)
    except ProcessEnded as error:
        raise ClusterGone("a part of the mutants ended the program of a worker") from error


def _not_here(*_: Any) -> Any:
    """Processes of this machine fork for each mutant: see `trial`."""
    raise NotImplementedError("mutants are tried here by trial.tried")


def _parts(tasks: Sequence[Task], executor: Executor) -> list[range]:
    """Parts that take about as long as the executor wants, and not so long that some have nothing to do."""
    longest = max((task.seconds for task in tasks if task.mutant), default=1.0)
    size = max(1, min(_MOST, int((executor.seconds or 10.0) / longest)))
    size = max(1, min(size, len(tasks) // (4 * max(executor.width, 1))))
    return [range(n, min(n + size, len(tasks))) for n in range(0, len(tasks), size)]


def _served(cases: Sequence[str], golden: Path) -> Served:
    from conformance.vectors import store

    asking.prepare()
    questions = asking.questions(store.load_all(golden, cases))
    named = {
        m.id: m for module, path in sources().items() for m in mutants(module, path.read_bytes())
    }
    return Served(partial(_tried, questions, named), facts={"impl": provenance.here()})


def _tried(
    questions: Sequence[Question], named: Mapping[str, Any], given: Mapping[str, Any]
) -> _Found:
    numbers = [number for number, *_ in given["tasks"]]
    tasks = [
        Task(named[name] if name else None, partial(list, order), seconds, allclose)
        for _, name, order, seconds, allclose in given["tasks"]
    ]
    usual: Mapping[int, float] = given["seconds"]
    counts: Counter[int] = Counter()
    left = list(zip(numbers, tasks, strict=True))
    found: list[tuple[int, Tried]] = []
    for each in tried(
        tasks, questions, given["wrong"], given["far"], lambda n: usual.get(n, 0.0), 1, counts
    ):
        place = next(n for n, (_, task) in enumerate(left) if task.mutant == each.mutant)
        number, _ = left.pop(place)
        found.append((number, replace(each, mutant=None)))
    return found, dict(counts)


# The trial of mutants, for the workers of a cluster.
KIND: Final = Kind(_served, Wire(Tried, Killed))
