"""Cuts a run into parts that take about as long, so that no process has much to do when the others have ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from conformance.model import Case

# So many cases that sending their results costs little, so few that an interrupted run keeps most of its work.
MOST_CASES: Final = 50
# How many cases without a step that traces a function take as long as it.
_AS_LONG: Final = 10


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
