"""Asks mutants the cases that can tell them from `impl`, until one fails; each mutant in a process of its own.

A mutant is a file: AutoGraph reads the source of what it traces, and tracebacks show it.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from conformance.strength.mutation import forks
from conformance.strength.mutation.operators import Mutant
from conformance.strength.mutation.questions import Killed, Question, judged
from conformance.strength.mutation.reach import sources, subjects

# Seconds that one case may take: so many, and so many times what it takes without a mutant.
_PATIENCE: Final = 10.0
_AS_LONG: Final = 30.0
# The aspect of a mutant that a case kills because a known failure passes.
_AS_OFFICIAL: Final = "unexpected pass"


@dataclass(frozen=True, slots=True)
class Task:
    """A mutant, and what gives the positions of the questions that it is asked, in order: its process calls it.

    `mutant`: None is `impl` as it is, which no question may fail. `seconds`: of computing time, after which it is asked
    nothing more. `allclose`: whether it is asked until `allclose` sees it, too.
    """

    mutant: Mutant | None
    order: Callable[[], Sequence[int]]
    seconds: float
    allclose: bool = True


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a mutant.

    Attributes:
        killed: by what, None for a survivor.
        case: the position of the question that failed; None where the mutant does not import.
        aspect: which aspect of it failed.
        asked: how many questions were asked until then.
        possible: how many there were to ask.
        close: whether `allclose` in place of the computed tolerances would have let it live.

    """

    mutant: Mutant | None
    killed: Killed | None
    case: int | None
    aspect: str
    asked: int
    possible: int
    close: bool


@dataclass(frozen=True, slots=True)
class _Possible:
    """How many questions there are to ask; sent before the first."""

    count: int


def tried(
    tasks: Sequence[Task],
    questions: Sequence[Question],
    wrong: Mapping[int, frozenset[str]],
    far: frozenset[int],
    seconds: Callable[[int], float],
    jobs: int,
    asked: Counter[int],
) -> Iterator[Tried]:
    """What came of each task, as they are finished. `asked` counts how many mutants a question was asked of.

    `wrong`: by position the aspects that fail without a mutant; `far`: the positions where `allclose` fails without.
    `seconds`: what a question takes without one.
    """
    # One folder for all: of a process that is killed, nobody else would take it away.
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:

        def work(number: int, send: forks.Send) -> None:
            task = tasks[number]
            if task.mutant is not None:
                own = Path(folder) / str(number)
                own.mkdir()
                _install(task.mutant, own)
            _ask(task, questions, wrong, far, send)

        yield from _collected(tasks, work, seconds, jobs, asked)


def _collected(
    tasks: Sequence[Task],
    work: Callable[[int, forks.Send], None],
    seconds: Callable[[int], float],
    jobs: int,
    asked: Counter[int],
) -> Iterator[Tried]:
    def patience(_: int, last: Any) -> float:
        known = seconds(last) if isinstance(last, int) else 0.0
        return _PATIENCE + _AS_LONG * known

    last: dict[int, int | None] = {}
    counts: dict[int, int] = {}
    found: dict[int, Tried] = {}
    possible: dict[int, int] = {}
    for number, said in forks.in_forks(jobs, range(len(tasks)), work, patience):
        if isinstance(said, int):
            last[number], counts[number] = said, counts.get(number, 0) + 1
            asked[said] += tasks[number].mutant is not None
        elif isinstance(said, Tried):
            found[number] = said
        elif isinstance(said, _Possible):
            possible[number] = said.count
        elif number in found and said.finished:
            yield found.pop(number)
        else:
            by = Killed.TIMEOUT if said.timed_out else Killed.CRASH
            task = tasks[number]
            known = found.pop(number, None)
            if known is not None and known.killed:  # it was asked on for `allclose` only
                yield known
                continue
            yield Tried(
                task.mutant,
                by,
                last.get(number),
                said.why.strip().rpartition("\n")[2],
                counts.get(number, 0),
                possible.get(number, 0),
                close=False,
            )


def _ask(
    task: Task,
    questions: Sequence[Question],
    wrong: Mapping[int, frozenset[str]],
    far: frozenset[int],
    send: forks.Send,
) -> None:
    order = task.order()
    send(_Possible(len(order)))
    asked = subjects()
    started = time.process_time()
    killed: tuple[Killed, int, str, int] | None = None
    seen = not task.allclose  # by `allclose`
    for count, position in enumerate(order, 1):
        if time.process_time() - started > task.seconds:
            break
        send(position)
        question = questions[position]
        found = judged(question, asked[question.dialect].answer(question.entry.case))
        known = wrong.get(position, frozenset())
        new = {aspect: by for aspect, by in found.wrong.items() if aspect not in known}
        if known and not found.wrong:
            # It does as official Keras where `impl` is right not to. A run fails a known failure that passes.
            new = {_AS_OFFICIAL: Killed.OTHER}
        if new and killed is None:
            by = min(new.values(), key=tuple(Killed).index)
            aspect = next(a for a, each in new.items() if each is by)
            killed = by, position, aspect, count
            # In case that it dies while it is asked on.
            send(_tried(task, killed, count, len(order), close=True))
        if position not in far and not found.close:
            seen = True
        if killed and seen:
            break
    else:
        count = len(order)
    send(_tried(task, killed, count, len(order), close=not seen))


def _tried(
    task: Task,
    killed: tuple[Killed, int, str, int] | None,
    asked: int,
    possible: int,
    *,
    close: bool,
) -> Tried:
    by, case, aspect, until = killed or (None, None, "", asked)
    return Tried(task.mutant, by, case, aspect, until, possible, close)


def _install(mutant: Mutant, folder: Path) -> None:
    """Makes `impl` import the mutant in place of its module, though not yet."""
    original = sources()[mutant.module]
    file = folder / original.name
    file.write_bytes(mutant.source(original.read_bytes()))
    sys.dont_write_bytecode = True
    sys.meta_path.insert(0, _Finder(mutant.module, file, original))


class _Finder(importlib.abc.MetaPathFinder):
    """Finds one module in another file than its own."""

    def __init__(self, module: str, file: Path, original: Path) -> None:
        self._module = module
        self._file = file
        self._folders = [str(original.parent)] if original.stem == "__init__" else None

    def find_spec(
        self, fullname: str, path: Any = None, target: Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._module:
            return None
        return importlib.util.spec_from_file_location(
            fullname, self._file, submodule_search_locations=self._folders
        )
