"""A whole exploration: searches in turn for as long as there is time, resumable, with what was found so far.

Time goes to the classes that were searched least for what of them is not covered yet. A directory keeps the causes,
the coverage, how far each search came and Hypothesis' examples; with it the next exploration goes on. The case that
is being asked stands there, too: if it ends the process, the next exploration tells that, and asks nothing like it.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import Final

from conformance.claims.findings import Finding
from conformance.model import Case, Fault
from conformance.model.errors import UsageError
from conformance.strength.explore import fatal, traits
from conformance.strength.explore import state as states
from conformance.strength.explore.asking import OFFICIAL_LIVE, RETRACED, TRUTH, Failure, Lane
from conformance.strength.explore.causes import Known, cause_of
from conformance.strength.explore.coverage import Coverage, offered
from conformance.strength.explore.domain import SEQUENCES, Target, targets
from conformance.strength.explore.names import digest
from conformance.strength.explore.searching import Example, Search, TimeUp
from conformance.strength.explore.state import Discovery, State
from conformance.subjects.namespace import NamespaceSubject
from conformance.vectors import store
from conformance.vectors.store import GoldenFile

# How many examples one search asks; those of sequences and layers take longer.
_EXAMPLES: Final = {"layers": 40, SEQUENCES: 15}
_MANY: Final = 80
# How much of the time a class gets, before what is covered counts.
_WEIGHTS: Final = {SEQUENCES: 8.0, "layers": 1.5}
# A class of which all is covered gets this part of the time of one of which nothing is.
_COVERED: Final = 0.25
# The part of the whole time that shrinking one example may take, and the seconds that it takes at most.
_SHRINKING: Final = (1 / 30, 30.0)
_NEVER: Final = float("inf")

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Limits:
    """When an exploration ends, and what it begins with.

    Attributes:
        examples: how many cases are asked at most; None: as many as there is time for.
        select: globs over classes; `sequences` are the conversations.

    """

    seconds: float
    seed: int = 0
    examples: int | None = None
    select: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Begun:
    """Where an exploration began, which may have gone on in other processes since.

    Attributes:
        at: the monotonic time.
        asked, discoveries: how many cases were asked before, and how many causes were told.

    """

    at: float
    asked: int = 0
    discoveries: int = 0


def begun(directory: Path) -> Begun:
    """An exploration that begins now, and goes on with what a directory keeps."""
    state = states.read(directory)
    return Begun(time.monotonic(), state.asked, len(state.discoveries))


class Exploration:
    """An exploration of some subjects."""

    def __init__(
        self,
        lanes: Sequence[Lane],
        files: Sequence[GoldenFile],
        findings: Sequence[Finding],
        limits: Limits,
        directory: Path | None = None,
        mode: str = "eager",
        since: Begun | None = None,
        known: Mapping[str, Known] | None = None,
    ) -> None:
        """`files` and `findings`: what is known. UsageError where `select` takes no class.

        `since`: where this one goes on with another of the same command; otherwise it begins with `run`.
        `known`: by lane, what another exploration has made of `files` and `findings`.
        """
        self.limits, self.directory, self._since = limits, directory, since
        self.state = State() if directory is None else states.read(directory)
        self.lanes = {lane.name: lane for lane in lanes}
        self.targets = {
            lane.name: _selected(targets(lane.dialect), limits.select) for lane in lanes
        }
        self.known = known or {lane.name: Known(lane, files, findings, mode) for lane in lanes}
        self.offered = {name: offered(found) for name, found in self.targets.items()}
        self.interrupted = False
        self.new: list[Discovery] = self.state.discoveries[since.discoveries :] if since else []
        self.seconds = 0.0
        self.asked = self.state.asked - since.asked if since else 0
        for lane in lanes:
            self.state.coverage.setdefault(lane.name, Coverage())
            self.state.causes.setdefault(lane.name, [])
            lane.fatal = self.state.fatal
            here = (lane.official, lane.subject, lane.traced)
            if directory is not None and any(isinstance(each, NamespaceSubject) for each in here):
                lane.before = self._noting(directory, lane.name)

    def run(self, tell: Callable[[Discovery], None], progress: Progress) -> None:
        """Searches until time is up or the user interrupts. `tell`: told each discovery at once."""
        started = self._since.at if self._since else time.monotonic()
        self._until = started + self.limits.seconds
        self._tell = tell
        try:
            self.tell_unfinished(tell)
            while (now := time.monotonic()) < self._until and not self._enough():
                progress(int(now - started), int(self.limits.seconds))
                lane, target = self._next()
                self._search(self.lanes[lane], target)
                self.save()
        except TimeUp:
            pass
        except KeyboardInterrupt:
            self.interrupted = True
        self.seconds = time.monotonic() - started
        self.save()

    def save(self) -> None:
        """Writes how far it came."""
        if self.directory is not None:
            states.write(self.state, self.directory)
            states.finished(self.directory)

    def _enough(self) -> bool:
        return self.limits.examples is not None and self.asked >= self.limits.examples

    def _next(self) -> tuple[str, Target]:
        """The class that had the least time for what there is still to cover."""
        each = ([(lane, target) for target in found] for lane, found in self.targets.items())
        # The first of each subject, the second of each, and so on: none has to wait for another.
        pairs = [pair for row in zip_longest(*each) for pair in row if pair is not None]
        return min(pairs, key=lambda pair: self.had(*pair))

    def had(self, lane: str, target: Target, more: float = 0.0) -> float:
        """The time that a class has had, and `more` seconds, for what there is still to cover."""
        covered = self.state.coverage[lane].of_target(target.name, self.offered[lane])
        weight = _WEIGHTS.get(target.name, _WEIGHTS.get(target.family, 1.0))
        weight *= 1.0 - (1.0 - _COVERED) * covered
        return (self.state.spent.get(f"{lane} {target.name}", 0.0) + more) / weight

    def _search(self, lane: Lane, target: Target) -> None:
        key = f"{lane.name} {target.name}"
        self.state.rounds[key] += 1
        number = zlib.crc32(f"{self.limits.seed} {key} {self.state.rounds[key]}".encode())
        part, most = _SHRINKING
        examples = _EXAMPLES.get(target.name, _EXAMPLES.get(target.family, _MANY))
        if self.limits.examples is not None:
            examples = max(1, min(examples, self.limits.examples - self.asked))
        search = Search(
            lane,
            target,
            lambda failure, case: self._explained(lane, failure, case),
            lambda failure, case: self._settled(lane, failure, case),
            lambda case: self._seen(lane, case),
            lacking=self.state.coverage[lane.name].lacking(target.name, self.offered[lane.name]),
            until=self._until,
            shrinking=min(most, max(2.0, part * self.limits.seconds)),
        )
        began = time.monotonic()
        place = None if self.directory is None else self.directory / "examples"
        try:
            example = search.run(number, examples, place)
        except KeyboardInterrupt:
            # Time is up, or the user has enough: what was found is told as it is.
            if (best := search.best()) is not None:
                self._found(lane, best)
            raise
        finally:
            self.state.spent[key] = self.state.spent.get(key, 0.0) + time.monotonic() - began
        if example is not None:
            self._found(lane, example)

    def _seen(self, lane: Lane, case: Case) -> None:
        self.asked += 1
        self.state.asked += 1
        self.state.coverage[lane.name].take(case)

    def _explained(self, lane: Lane, failure: Failure, case: Case) -> bool:
        has = traits.of(case)
        for cause in self.state.causes[lane.name]:
            if cause.explains(failure, has):
                for discovery in self.state.discoveries:
                    discovery.count += discovery.cause == cause
                return True
        if known := self.known[lane.name].explains(failure, has, smallest=False):
            self.state.causes[lane.name].append(cause_of(failure, case, known))
            return True
        return False

    def _settled(self, lane: Lane, failure: Failure, case: Case) -> bool:
        """Whether a failure that nothing explained is known now that its example is small."""
        known = self.known[lane.name].explains(failure, traits.of(case), smallest=True)
        if known:
            self.state.causes[lane.name].append(cause_of(failure, case, known))
        return bool(known)

    def _found(self, lane: Lane, example: Example) -> None:
        """A failure that nothing explains: told, unless it is known after all."""
        case = replace(example.case, id=f"{example.case.target}/explored/{digest(example.case)}")
        failure = example.failure
        if self._settled(lane, failure, case):
            return
        cause = cause_of(failure, case)
        self.state.causes[lane.name].append(cause)
        traced = failure.against in RETRACED
        again = any(cause.looks(each) for each in lane.failures(case, traced=traced))
        found = Discovery(lane.name, case, failure, cause, 1, example.shrunk, again)
        self.add(found, self._tell)

    def add(self, found: Discovery, tell: Callable[[Discovery], None]) -> None:
        """Tells a discovery."""
        self.state.discoveries.append(found)
        self.new.append(found)
        tell(found)

    def _noting(self, directory: Path, subject: str) -> Callable[[Case], None]:
        return lambda case: states.asking(directory, subject, case)

    def tell_unfinished(self, tell: Callable[[Discovery], None]) -> None:
        """Tells the case that ended the last exploration, which is not asked again."""
        left = None if self.directory is None else states.unfinished(self.directory)
        if left is None or left[0] not in self.lanes:
            return
        subject, case = left
        case = replace(case, id=f"{case.target}/explored/{digest(case)}")
        lane = self.lanes[subject]
        fault = lane.ends(case)
        failure = Failure(
            case.target,
            lane.dialect,
            OFFICIAL_LIVE if lane.official else TRUTH,
            "accepted",
            ("crashed",),
            fault,
            "the process ended while it was asked this",
        )
        self.state.fatal.add(fatal.key(case))
        if not self._settled(lane, failure, case):
            cause = cause_of(failure, case)
            self.state.causes[subject].append(cause)
            again = fault is not Fault.UNKNOWN
            found = Discovery(subject, case, failure, cause, shrunk=False, fails_again=again)
            self.add(found, tell)
        self.save()


def _selected(found: Sequence[Target], select: Sequence[str]) -> list[Target]:
    if not select:
        return list(found)
    # The whole name of a class is not a part of others, as layers.Conv2D is of layers.Conv2DTranspose.
    names = {target.name for target in found}
    chosen = [
        t
        for t in found
        if any(p == t.name or (p not in names and store.takes(p, t.name, t.name)) for p in select)
    ]
    if not chosen:
        raise UsageError(
            "--select must match at least one class that is explored, as layers.Dense, or sequences; "
            f"received {', '.join(map(repr, select))}"
        )
    return chosen
