"""An exploration whose parts the workers of a cluster do.

A part searches some classes of one subject for some seconds. It begins with what was known when it was sent, has a
seed of its own, and needs nothing else: whoever does it again, after a worker that has died, begins anew. What the
parts find is put together here, and each cause is told once.
"""

from __future__ import annotations

import shutil
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from conformance.claims import findings
from conformance.runner.executor import ClusterGone, Executor, Served, Task
from conformance.runner.processes import ProcessEnded
from conformance.strength.explore import asking, traits
from conformance.strength.explore import state as states
from conformance.strength.explore.asking import Lane
from conformance.strength.explore.causes import Known
from conformance.strength.explore.exploring import Begun, Exploration, Limits, Progress
from conformance.strength.explore.state import Discovery, State
from conformance.strength.explore.travelling import Asked
from conformance.subjects import Subject, forkable, resolve_all
from conformance.vectors import store

# Seconds of a part: what a worker that dies loses. Most searches take one to three.
_PART: Final = 20.0
# How many classes a part chooses from.
_CLASSES: Final = 8
_BEGUN: Final = "begun"


def explore(
    exploration: Exploration,
    executor: Executor,
    asked: Asked,
    golden: Path,
    tell: Callable[[Discovery], None],
    progress: Progress,
) -> None:
    """As `Exploration.run`, by others: each searches for the seconds of the limits.

    ClusterGone where nobody is left to do the rest.
    """
    started = time.monotonic()
    handed = _Handed(exploration, executor)
    task: Task[int, Any] = Task(
        "explore",
        asked,
        golden,
        _not_here,
        _not_here,
        facts=_facts(exploration.lanes.values()),
        sent=handed.out,
    )
    done = 0
    try:
        exploration.tell_unfinished(tell)
        for number, text in executor.results(task, handed.numbers()):
            done += 1
            handed.back(number, states.loads(text), tell)
            exploration.save()
            progress(done, max(done, handed.turns * executor.width))
    except KeyboardInterrupt:
        exploration.interrupted = True
    except ProcessEnded as error:
        raise ClusterGone("a part of the exploration ended the program of a worker") from error
    finally:
        exploration.seconds = time.monotonic() - started
        exploration.save()


class _Handed:
    """The parts that others have, and what becomes of what they find."""

    def __init__(self, exploration: Exploration, executor: Executor) -> None:
        self._exploration, self._executor = exploration, executor
        self.turns = max(1, round(exploration.limits.seconds / _PART))
        # By number: what was known when a part was sent, and the seconds that its classes may get.
        self._sent: dict[int, tuple[State, dict[str, float]]] = {}

    def numbers(self) -> Iterator[int]:
        """As many parts as keep those who are there busy: whoever comes or goes changes how many."""
        limits = self._exploration.limits
        number = 0
        for _ in range(self.turns):
            for _ in range(max(1, self._executor.width)):
                if limits.examples is not None and self._exploration.asked >= limits.examples:
                    return
                yield number
                number += 1

    def out(self, number: int) -> Mapping[str, Any]:
        """What goes to the worker that does a part."""
        limits = self._exploration.limits
        names = list(self._exploration.lanes)
        lane = names[number % len(names)]
        classes = self._classes(lane)
        known = states.dumps(self._exploration.state)
        seconds = limits.seconds / self.turns
        share = {f"{lane} {name}": seconds / len(classes) for name in classes}
        self._sent[number] = states.loads(known), share
        examples = None
        if limits.examples is not None:
            every = self.turns * max(1, self._executor.width)
            examples = -(-limits.examples // every)
        return {
            "number": number,
            "state": known,
            "lane": lane,
            "classes": classes,
            "seconds": seconds,
            "seed": zlib.crc32(f"{limits.seed} {number}".encode()),
            "examples": examples,
        }

    def _classes(self, lane: str) -> list[str]:
        """Those that had the least time, with what they get now."""
        promised: Counter[str] = Counter()
        for _, share in self._sent.values():
            promised.update(share)
        found = self._exploration.targets[lane]
        least = sorted(
            found,
            key=lambda each: self._exploration.had(lane, each, promised[f"{lane} {each.name}"]),
        )
        return [each.name for each in least[:_CLASSES]]

    def back(self, number: int, after: State, tell: Callable[[Discovery], None]) -> None:
        """Adds what a part has found and done."""
        before, _ = self._sent.pop(number)
        exploration, state = self._exploration, self._exploration.state
        exploration.asked += after.asked - before.asked
        state.asked += after.asked - before.asked
        state.rounds.update(after.rounds - before.rounds)
        for key, seconds in after.spent.items():
            more = seconds - before.spent.get(key, 0.0)
            state.spent[key] = state.spent.get(key, 0.0) + more
        state.fatal |= after.fatal
        for name, covered in after.coverage.items():
            state.coverage[name].add(covered)
        had = len(before.discoveries)
        for mine, known, grown in zip(
            state.discoveries, before.discoveries, after.discoveries, strict=False
        ):
            mine.count += grown.count - known.count
        for each in after.discoveries[had:]:
            twin = next((o for o in state.discoveries[had:] if _same(o, each)), None)
            if twin is None:
                exploration.add(each, tell)
            else:
                twin.count += each.count
        for name, causes in after.causes.items():
            held = state.causes[name]
            new = causes[len(before.causes.get(name, ())) :]
            held.extend(cause for cause in new if cause not in held)


def _same(one: Discovery, other: Discovery) -> bool:
    """Whether two that were found at one time, neither by who knew of the other, have one cause."""
    mine, others = (traits.general(each.cause.needs) for each in (one, other))
    return (
        one.subject == other.subject
        and (one.cause.looks(other.failure) or other.cause.looks(one.failure))
        and (mine <= others or others <= mine)
    )


def _not_here(*_: Any) -> Any:
    """Processes of this machine explore by `Exploration.run`."""
    raise NotImplementedError("parts of explorations are for a cluster")


def _subjects(lanes: Sequence[Lane]) -> list[Subject]:
    each = ((lane.subject, lane.official, lane.traced) for lane in lanes)
    return [subject for found in each for subject in found if subject is not None]


def _facts(lanes: Any) -> dict[str, Mapping[str, Any]]:
    return {subject.name: subject.provenance() for subject in _subjects(list(lanes))}


def served(asked: Asked, golden: Path) -> Served:
    """The exploration as a worker of a cluster has it."""
    found = resolve_all(
        asked.subjects,
        device=asked.device,
        timeouts=asked.timeouts,
        in_process=asked.in_process,
    )
    lanes = {lane.name: lane for lane in asking.lanes(found, device=asked.device)}
    files, listed = store.load_all(golden), findings.load_findings(golden)
    known = {name: Known(lane, files, listed) for name, lane in lanes.items()}
    folder = tempfile.TemporaryDirectory(prefix="explore-")

    def place(part: Mapping[str, Any]) -> Path:
        return Path(folder.name, str(part["number"]))

    def answer(part: Mapping[str, Any]) -> tuple[int, str]:
        lane = lanes[part["lane"]]
        return part["number"], _searched(lane, known[lane.name], part, place(part))

    every = _subjects(list(lanes.values()))
    return Served(
        answer,
        not asked.in_process and forkable(every),
        facts=_facts(lanes.values()),
        again=lambda part: states.is_unfinished(place(part)),
        close=folder.cleanup,
    )


def _searched(lane: Lane, known: Known, part: Mapping[str, Any], place: Path) -> str:
    """The state after a part. Where it ended a process before, it goes on with what stands in its folder."""
    before = states.loads(part["state"])
    begun = place / _BEGUN
    if not begun.exists():
        place.mkdir()
        states.write(before, place)
        begun.write_text(repr(time.monotonic()))
    exploration = Exploration(
        [lane],
        (),
        (),
        Limits(part["seconds"], part["seed"], part["examples"], tuple(part["classes"])),
        place,
        since=Begun(float(begun.read_text()), before.asked, len(before.discoveries)),
        known={lane.name: known},
    )
    exploration.run(lambda each: None, lambda done, total: None)
    shutil.rmtree(place)
    return states.dumps(exploration.state)
