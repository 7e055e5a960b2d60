"""The mutation score: how many of the mutants of `impl` the golden cases kill."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeAlias

from conformance.model.patterns import covers
from conformance.strength.mutation import killers
from conformance.strength.mutation.equivalents import Equivalent
from conformance.strength.mutation.operators import Mutant, mutants
from conformance.strength.mutation.questions import Killed, Question
from conformance.strength.mutation.reach import Reach, sources, unmutated
from conformance.strength.mutation.trial import Task, Tried, tried

Progress: TypeAlias = Callable[[int, int], None]
# Tries mutants in other places, and counts which question was asked of how many.
Elsewhere: TypeAlias = Callable[[Sequence[Task], Reach, "Counter[int]"], Iterator[Tried]]
# Seconds of computing that a mutant is asked for; and again, one that lives and is not known to be equivalent.
SECONDS: Final = 1.0
AGAIN: Final = 10.0
# Of so many mutants one more is `impl` as it is, and is asked so many questions: none may fail.
_EVERY: Final = 500
_CONTROL: Final = 200
# Questions of which a case is asked before it can be said to kill nobody.
OFTEN: Final = 10


@dataclass
class Score:
    """What came of the mutants.

    Attributes:
        made: how many mutants there are in all.
        results: what came of each that was tried.
        equivalents: those of `equivalent.toml`.
        explained: the survivors of `equivalent.toml`, which count, each with a reason.
        unreached: the ids of the mutants whose line no case runs.
        problems: sentences about what is wrong: with the file of equivalents, or with this measurement.
        asked: by position of a question, how many mutants it was asked of.
        interrupted: whether Ctrl-C ended it.
        allclose: whether `allclose` was asked, too.

    """

    made: int
    equivalents: Mapping[str, Equivalent]
    results: list[Tried] = field(default_factory=list)
    unreached: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    asked: Counter[int] = field(default_factory=Counter)
    interrupted: bool = False
    allclose: bool = True
    explained: Mapping[str, Equivalent] = field(default_factory=dict)

    @property
    def counted(self) -> list[Tried]:
        """Those that a suite should kill: all but the equivalent ones."""
        return [r for r in self.results if r.mutant and r.mutant.id not in self.equivalents]

    @property
    def survivors(self) -> list[Tried]:
        """Those that it did not."""
        return [r for r in self.counted if r.killed is None]

    @property
    def percent(self) -> float:
        """The mutation score; 0 where nothing was counted."""
        return share(self.counted)

    @property
    def allclose_percent(self) -> float:
        """What it would be with `allclose` in place of the computed tolerances."""
        counted = self.counted
        return (
            100 * sum(r.killed is not None and not r.close for r in counted) / max(len(counted), 1)
        )

    def by(self, key: Callable[[Mutant], tuple[str, ...]]) -> dict[tuple[str, ...], list[Tried]]:
        """The counted results, grouped."""
        found: dict[tuple[str, ...], list[Tried]] = {}
        for each in self.counted:
            assert each.mutant is not None
            found.setdefault(key(each.mutant), []).append(each)
        return dict(sorted(found.items()))

    def kinds(self) -> Counter[Killed]:
        """By what they were killed."""
        return Counter(each.killed for each in self.counted if each.killed)


def share(results: Sequence[Tried]) -> float:
    """The percentage of results that were killed; 0 of none."""
    return 100 * sum(r.killed is not None for r in results) / max(len(results), 1)


def all_mutants() -> list[Mutant]:
    """Every mutant of `impl`."""
    return [m for module, path in sources().items() for m in mutants(module, path.read_bytes())]


def chosen(made: Sequence[Mutant], select: Sequence[str], sample: int, seed: int) -> list[Mutant]:
    """Those of which the id, or module, is selected; of these so many at random, or all for 0.

    A larger sample of the same seed has all of a smaller one.
    """
    found = [m for m in made if not select or any(_takes(p, m) for p in select)]
    if not sample or sample >= len(found):
        return found
    random.Random(seed).shuffle(found)
    return found[:sample]


def _takes(pattern: str, mutant: Mutant) -> bool:
    return pattern in mutant.id or covers(pattern, mutant.id) or covers(pattern, mutant.module)


class Measuring:
    """One measurement: who is asked what, in which order."""

    def __init__(
        self,
        questions: Sequence[Question],
        score: Score,
        known: Mapping[str, int],
        seed: int,
        jobs: int,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        """`known`: by name of the mutant, the position of a question that killed it earlier.

        `elsewhere`: tries mutants in place of processes of this machine.
        """
        self._elsewhere = elsewhere
        self._questions = questions
        self._score = score
        self._known = known
        self._jobs = jobs
        self._seed = seed

    def recorded(self, some: Sequence[Mutant], progress: Progress) -> None:
        """Asks each mutant only the question that killed it earlier; without one it lives."""
        tasks = []
        positions = set()
        for mutant in some:
            if mutant.id in self._score.equivalents:
                continue
            position = self._known.get(killers.name(mutant))
            if position is None:
                self._score.results.append(_unasked(mutant))
                continue
            only = [] if position == killers.AT_IMPORT else [position]
            positions.update(only)
            tasks.append(Task(mutant, partial(list, only), SECONDS, False))
        self._score.allclose = False
        controls = self._controls(len(tasks))
        positions |= {position for task in controls for position in task.order()}
        plain = unmutated(self._questions, sorted(positions), self._jobs)
        self._try(controls + tasks, plain, progress, 0, len(controls) + len(tasks))

    def all(
        self,
        some: Sequence[Mutant],
        reach: Reach,
        progress: Progress,
        seconds: float = SECONDS,
        again: float = AGAIN,
    ) -> None:
        """Asks each mutant the questions that run its line, until one fails, or the time is over."""
        tasks = self._controls(len(some))
        for mutant in some:
            where = mutant.module, mutant.reached
            if not mutant.reached or reach.reaches(*where) or reach.at_import(*where):
                tasks.append(Task(mutant, partial(self._order, mutant, reach), seconds))
            else:
                self._score.unreached.add(mutant.id)
                self._score.results.append(_unasked(mutant))
        self._try(tasks, reach, progress, 0, len(tasks))
        left = [r for r in self._score.survivors if r.asked < r.possible] if again else []
        more = [
            Task(r.mutant, partial(self._order, r.mutant, reach), again) for r in left if r.mutant
        ]
        self._score.results = [r for r in self._score.results if r not in left]
        try:
            self._try(more, reach, progress, len(tasks), len(tasks) + len(more))
        finally:
            known = {r.mutant.id for r in self._score.results if r.mutant}
            self._score.results += [r for r in left if r.mutant and r.mutant.id not in known]

    def _controls(self, count: int) -> list[Task]:
        plain = [n for n, question in enumerate(self._questions) if not question.trains]
        some = min(_CONTROL, len(plain))
        chance = random.Random(self._seed)
        return [
            Task(None, partial(list, chance.sample(plain, some)), 60.0, False)
            for _ in range(1 + count // _EVERY)
        ]

    def _try(
        self, tasks: Sequence[Task], reach: Reach, progress: Progress, done: int, total: int
    ) -> None:
        asked = self._score.asked
        for each in (
            self._elsewhere(tasks, reach, asked)
            if self._elsewhere
            else tried(
                tasks,
                self._questions,
                reach.wrong,
                reach.far,
                lambda position: float(reach.seconds[position]),
                self._jobs,
                asked,
            )
        ):
            done += 1
            progress(done, total)
            self._take(each)

    def _take(self, each: Tried) -> None:
        if each.mutant is None:
            if each.killed is not None:
                where = "no case" if each.case is None else self._questions[each.case].id
                self._score.problems.append(
                    f"{where}: impl itself fails, in {each.aspect}: no mutant can be judged"
                )
            return
        self._score.results.append(each)
        said = {"be equivalent": self._score.equivalents, "survive": self._score.explained}
        for what, entries in said.items():
            if each.killed is not None and each.mutant.id in entries:
                where = "its import" if each.case is None else self._questions[each.case].id
                self._score.problems.append(
                    f"{each.mutant.id}: is said to {what}, and killed by {where}"
                )

    def _order(self, mutant: Mutant, reach: Reach) -> list[int]:
        """The questions that can tell the mutant from `impl`: at random, one of each kind first, training last."""
        chance = random.Random(f"{self._seed} {mutant.id}")
        if reach.reaches(mutant.module, mutant.reached):
            run = reach.of(mutant.module, mutant.reached)
            later = reach.whole(mutant.module) - run if mutant.kept else set()
            order = [*self._mixed(run, chance), *self._mixed(later, chance)]
        else:
            # What matters at import can matter to all; to some first.
            dialect = next((d for d in ("keras2", "keras3") if f".{d}" in mutant.module), None)
            every = {n for n, q in enumerate(self._questions) if dialect in (None, q.dialect)}
            own = {n for n in every if _named(self._questions[n], mutant.owner)}
            near = (reach.whole(mutant.module) & every) - own
            order = [
                n for some in (own, near, every - own - near) for n in self._mixed(some, chance)
            ]
        known = self._known.get(killers.name(mutant))
        if known in (None, killers.AT_IMPORT):
            return order
        return [known, *(position for position in order if position != known)]

    def _mixed(self, positions: set[int], chance: random.Random) -> list[int]:
        order = sorted(positions)
        chance.shuffle(order)
        seen: set[object] = set()

        def rank(position: int) -> tuple[bool, bool]:
            question = self._questions[position]
            first = question.group not in seen
            seen.add(question.group)
            return question.trains, not first

        ranks = {position: rank(position) for position in order}
        return sorted(order, key=ranks.__getitem__)


def _unasked(mutant: Mutant) -> Tried:
    return Tried(mutant, None, None, "", 0, 0, close=True)


def _named(question: Question, owner: str) -> bool:
    return bool(owner) and question.entry.case.target.rpartition(".")[2] == owner


def idle(score: Score, questions: Sequence[Question]) -> Iterator[str]:
    """The cases, each with its dialect, that were asked of many mutants, and killed none."""
    killed = {r.case for r in score.results if r.killed}
    for position, count in sorted(score.asked.items()):
        if count >= OFTEN and position not in killed:
            yield f"{questions[position].id} ({questions[position].dialect})"
