"""Cuts a run into parts that take about as long, so that no process has much to do when the others have ended."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from conformance.model import Case
from conformance.subjects import environments
from conformance.vectors import store

# So many cases that sending their results costs little, so few that an interrupted run keeps most of its work.
MOST_CASES: Final = 50
# How many cases without a step that traces a function take as long as it.
_AS_LONG: Final = 10
# By kind of case, its seconds in earlier runs.
Costs: TypeAlias = Mapping[str, float]
# So many parts for each who does one at a time.
_EACH: Final = 4
# A run of fewer cases tells too little of the costs; and how many names are kept.
_ENOUGH: Final = 200
_KEPT: Final = 200


def parts(cases: Sequence[Case], order: Sequence[int], *, resorted: bool) -> list[list[int]]:
    """The positions of `order`, in parts of at most `MOST_CASES`.

    `resorted`: those of the cases that take long come first, each kind in the given order.
    """
    costs = [1 + _AS_LONG * sum(step.traces for step in case.steps) for case in cases]
    if resorted:
        order = sorted(order, key=lambda position: costs[position] == 1)
    made: list[list[int]] = []
    room = 0
    for position in order:
        if costs[position] > room:
            made.append([])
            room = MOST_CASES
        made[-1].append(position)
        room -= costs[position]
    return made


def costly(cases: Sequence[Case], costs: Costs, seconds: float, width: int) -> list[list[int]]:
    """The positions of all cases, in parts of about so many seconds; the longest parts first.

    The parts are shorter where `width` of them, which are done at once, would leave some without work at the end.
    `costs`: what earlier runs took; a case of a class that is not there takes as long as the mean.
    """
    known = [costs.get(_kind(case)) for case in cases]
    told = [each for each in known if each is not None]
    mean = sum(told) / len(told) if told else 1.0
    took = [mean if each is None else each for each in known]
    least = min(seconds, sum(took) / (_EACH * max(width, 1)))
    made: list[tuple[float, list[int]]] = []
    left = 0.0
    for position, cost in enumerate(took):
        if left <= 0:
            made.append((0.0, []))
            left = least
        whole, part = made[-1]
        part.append(position)
        made[-1] = (whole + cost, part)
        left -= cost
    return [part for _, part in sorted(made, key=lambda each: -each[0])]


def _kind(case: Case) -> str:
    """Of which kind a case is: those of one kind take about as long."""
    return f"{case.target} traced" if any(step.traces for step in case.steps) else case.target


def known_costs(name: str) -> Costs:
    """What the kinds of cases took in earlier runs of this name; nothing where that is not known."""
    try:
        held = json.loads(_file().read_text())[name]
        return {str(kind): float(seconds) for kind, seconds in held.items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}


def remember_costs(name: str, cases: Sequence[Case], took: Mapping[int, float]) -> None:
    """Keeps the mean of each kind, for the next run; a cache that cannot be written is none."""
    if len(took) < _ENOUGH:
        return
    by_kind: dict[str, list[float]] = {}
    for position, seconds in took.items():
        by_kind.setdefault(_kind(cases[position]), []).append(seconds)
    means = {**known_costs(name)} | {
        kind: round(sum(each) / len(each), 6) for kind, each in by_kind.items()
    }
    try:
        held = json.loads(_file().read_text())
        assert isinstance(held, dict)
    except (OSError, ValueError, AssertionError):
        held = {}
    held.pop(name, None)  # the last one is the newest
    held[name] = means
    kept = dict(list(held.items())[-_KEPT:])
    with contextlib.suppress(OSError):
        store.write(_file(), json.dumps(kept).encode())


def _file() -> Path:
    return environments.cache() / "costs.json"
