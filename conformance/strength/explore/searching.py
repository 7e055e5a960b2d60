"""Searches one class of one subject: draws cases, and shrinks the first failure that nothing explains."""

from __future__ import annotations

import contextlib
import io
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.database import (
    DirectoryBasedExampleDatabase,
    ExampleDatabase,
    InMemoryExampleDatabase,
)
from hypothesis.errors import HypothesisException
from hypothesis.stateful import run_state_machine_as_test

from conformance.model import Case
from conformance.strength.explore import sequences, traits
from conformance.strength.explore.aims import Aim
from conformance.strength.explore.asking import RETRACED, Failure, Lane
from conformance.strength.explore.domain import SEQUENCES, Target, cases, traces
from conformance.strength.explore.reducing import reduced

# Steps of one conversation, at most.
_STEPS: Final = 12


class Found(Exception):
    """A case fails, and nothing explains it."""


class _Explained(Exception):
    """A smaller example of a failure is explained."""


class TimeUp(KeyboardInterrupt):
    """The time of the search is over. Hypothesis lets only interruptions through."""


@dataclass(frozen=True, slots=True)
class Example:
    """A case that fails. `shrunk`: whether there was time to make it small."""

    case: Case
    failure: Failure
    shrunk: bool = True


# Whether a failure of a case is explained.
Explains = Callable[[Failure, Case], bool]


class Search:
    """One search: of so many examples, from one seed, until one failure is found."""

    def __init__(
        self,
        lane: Lane,
        target: Target,
        explains: Explains,
        settled: Explains,
        seen: Callable[[Case], None],
        *,
        lacking: Sequence[Aim] = (),
        until: float,
        shrinking: float,
    ) -> None:
        """`settled`: of a small example: whether it is known after all. `seen`: told every case. `lacking`: what is not covered. `until`: when time is up. `shrinking`: how long shrinking may take."""
        self._lane, self._target, self._seen = lane, target, seen
        self._explains, self._settled, self._lacking = explains, settled, lacking
        self._until, self._shrinking = until, shrinking
        self._best: Example | None = None
        self._small: Example | None = None
        self._stop = 0.0
        # The failing cases: shrinking must find them failing again, even when its time is up.
        self._failing: dict[str, Example] = {}

    def run(self, number: int, examples: int, database: Path | None) -> Example | None:
        """The smallest example of a failure that nothing explains; None where none was found."""
        kept: ExampleDatabase = (
            DirectoryBasedExampleDatabase(database) if database else InMemoryExampleDatabase()
        )
        options = settings(
            max_examples=examples,
            database=kept,
            deadline=None,
            phases=(Phase.reuse, Phase.generate, Phase.shrink),
            verbosity=Verbosity.quiet,
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
            print_blob=False,
            stateful_step_count=_STEPS,
        )
        with contextlib.suppress(Found, HypothesisException), _silent():
            if self._target.name == SEQUENCES:
                self._converse(number, options)
            else:
                self._draw(number, options)
        if self._best is None:
            return None
        first = self._best.failure
        try:
            found = reduced(self._best.case, first, partial(self._again, first), self._stop)
        except _Explained:
            return None
        shrunk = Example(*found, time.monotonic() < self._stop)
        return shrunk if _size(shrunk) <= _size(self._small or shrunk) else self._small

    def best(self) -> Example | None:
        """What was found when time was up."""
        found = self._small or self._best
        return None if found is None else Example(found.case, found.failure, shrunk=False)

    def _draw(self, number: int, options: settings) -> None:
        @seed(number)
        @options
        @given(cases(self._target, self._lacking), traces(self._target))
        def search(case: Case, traced: bool) -> None:
            self._take(case, traced)

        name = f"{self._lane.name} {self._target.name}".encode()
        inner: Any = search
        inner.hypothesis.inner_test._hypothesis_internal_add_digest = zlib.crc32(name).to_bytes(4)
        search()

    def _converse(self, number: int, options: settings) -> None:
        machine = type(
            "Conversation",
            (sequences.Conversation,),
            {"take": staticmethod(self._take), "dialect": self._target.dialect},
        )
        run_state_machine_as_test(seed(number)(machine), settings=options)

    def _take(self, case: Case, traced: bool) -> None:
        now = time.monotonic()
        if now > self._until:
            raise TimeUp
        key = repr(case)
        if self._best is not None and now > self._stop:
            if key in self._failing:
                self._best = self._failing[key]
                raise Found
            return
        if self._best is None:
            self._seen(case)
        failures = self._lane.failures(case, traced=traced)
        failure = (self._first if self._best is None else self._failed)(case, failures)
        if failure is None:
            return
        # Hypothesis goes from one failing example to a smaller one, and asks the smallest last.
        self._best = self._failing[key] = Example(case, failure)
        raise Found

    def _first(self, case: Case, failures: list[Failure]) -> Failure | None:
        """The first failure that is not known: most are known when they are small, and the search goes on."""
        for failure in failures:
            if self._explains(failure, case):
                continue
            again = partial(self._again, failure)
            until = min(self._until, time.monotonic() + self._shrinking)
            try:
                small = Example(*reduced(case, failure, again, until))
            except _Explained:
                continue
            if not self._settled(small.failure, small.case):
                self._small, self._stop = small, time.monotonic() + self._shrinking
                return failure
        return None

    def _failed(self, case: Case, failures: list[Failure]) -> Failure | None:
        """The first failure that nothing explains; while shrinking, one that looks like the first."""
        for failure in failures:
            alike = self._best is None or _alike(failure, self._best.failure)
            if alike and not self._explains(failure, case):
                return failure
        return None

    def _again(self, first: Failure, case: Case) -> Failure | None:
        """How a case that was made smaller fails, where it fails as before.

        _Explained where that is explained: then so is what it was made of.
        """
        traced = first.against in RETRACED
        failures = self._lane.failures(traits.flagged(case), traced=traced)
        found = next((each for each in failures if _alike(each, first)), None)
        if found is not None and self._explains(found, case):
            raise _Explained
        return found


def _size(example: Example) -> tuple[int, int]:
    """How much an example asks: its traits, then everything."""
    return len(traits.of(example.case)), len(repr(example.case))


def _alike(one: Failure, other: Failure) -> bool:
    """Whether two failures look the same but for how large an error is."""
    return (one.against, one.aspect, one.fault) == (other.against, other.aspect, other.fault) and (
        set(map(_kind, one.signature)) & set(map(_kind, other.signature)) != set()
    )


def _kind(phrase: str) -> str:
    return "off" if phrase.startswith("off by") else phrase


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """Hypothesis and the packages print; what is found is told by others."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield
