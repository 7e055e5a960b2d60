"""Finds few globs that cover some case ids, and none of those that they must not cover."""

from __future__ import annotations

import heapq
import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from conformance.model import patterns

# Where an id may be cut: a glob that ends in the middle of a word tells a reader nothing.
_SEPARATOR: Final = re.compile(r"[/.,:=-]")
_LAST: Final = chr(0x10FFFF)


def fewest(wanted: Iterable[str], avoid: Sequence[str]) -> list[str]:
    """Globs, sorted, that cover all ids of `wanted` and none of `avoid`. No id may be in both.

    The search is greedy: it takes the glob that covers most of the ids that are left, and of two such globs
    the shorter. Candidates are `start*`, `start*end` and, over all classes of a family, `family.*middle*`.
    """
    goal = sorted(set(wanted))
    if not goal:
        return []
    candidates = {
        pattern: members
        for source in (_within(goal, avoid), _across(goal, avoid))
        for pattern, members in source
    }
    left = np.ones(len(goal), dtype=bool)
    queue = [(-members.size, len(p), p) for p, members in candidates.items()]
    heapq.heapify(queue)
    chosen: list[str] = []
    while queue:
        gain, length, pattern = heapq.heappop(queue)
        now = int(left[candidates[pattern]].sum())
        if now < 2:
            continue
        if -gain != now:  # globs that were chosen since cover some of its ids
            heapq.heappush(queue, (-now, length, pattern))
            continue
        left[candidates[pattern]] = False
        chosen.append(pattern)
    exact = [patterns.literal(goal[i]) for i in np.flatnonzero(left)]
    return sorted([*_needed(chosen, candidates, left), *exact])


def _needed(
    chosen: Sequence[str], candidates: Mapping[str, NDArray[np.intp]], left: NDArray[np.bool_]
) -> list[str]:
    """The globs that are needed: a later choice can make an earlier one superfluous."""
    times = left.astype(int)
    for pattern in chosen:
        times[candidates[pattern]] += 1
    kept = []
    for pattern in sorted(chosen, key=lambda p: candidates[p].size):
        members = candidates[pattern]
        if times[members].min() > 1:
            times[members] -= 1
        else:
            kept.append(pattern)
    return kept


def _within(goal: Sequence[str], avoid: Sequence[str]) -> Iterator[tuple[str, NDArray[np.intp]]]:
    """Globs `start*` and `start*end` that cover at least two ids of the goal, and which ids they cover.

    Ids with one start are neighbours when ids are sorted, and ids with one end are neighbours when the
    reversed ids are sorted. So two ranges tell how many ids a glob covers.
    """
    every = sorted({*goal, *avoid})
    reverse = sorted(text[::-1] for text in every)
    position = {text: i for i, text in enumerate(reverse)}
    place = np.array([position[text[::-1]] for text in every])
    lengths = np.array([len(text) for text in every])
    number = {text: i for i, text in enumerate(goal)}
    member = np.array([number.get(text, -1) for text in every])
    ends: dict[str, tuple[int, int]] = {}
    idle: set[str] = set()  # starts that cover nothing to avoid: longer ones are not needed
    for start in sorted({text[:cut] for text in goal for cut in _cuts(text)}):
        if any(start[:cut] in idle for cut in _cuts(start)):
            continue
        first, last = bisect_left(every, start), bisect_left(every, start + _LAST)
        inside = member[first:last]
        if (inside >= 0).sum() < 2:
            continue
        if (inside >= 0).all():
            idle.add(start)
            yield patterns.literal(_longest(every[first], every[last - 1])) + "*", inside
            continue
        avoided = np.sort(place[first:last][inside < 0])
        seen: Counter[str] = Counter(
            text[cut - 1 :]
            for text in (goal[i] for i in inside[inside >= 0])
            for cut in _cuts(text)
            if cut > len(start)
        )
        for end, times in seen.items():
            if times < 2:
                continue
            if end not in ends:
                low = bisect_left(reverse, end[::-1])
                ends[end] = low, bisect_left(reverse, end[::-1] + _LAST)
            low, high = ends[end]
            if np.searchsorted(avoided, low) == np.searchsorted(avoided, high):
                here = place[first:last]
                fits = (here >= low) & (here < high)
                fits &= lengths[first:last] >= len(start) + len(end)
                yield patterns.literal(start) + "*" + patterns.literal(end), inside[fits]


def _across(goal: Sequence[str], avoid: Sequence[str]) -> Iterator[tuple[str, NDArray[np.intp]]]:
    """Globs `family.*middle*` that several classes share and that cover nothing to avoid; and their ids."""
    avoided = {rest for text in avoid for rest in _rests(text)}
    shared: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for text in goal:
        for family, middle in _rests(text):
            shared[family, middle].add(text.partition("/")[0])
    haystack = "\n".join(avoid)
    needles = "\n".join(goal)
    starts = np.cumsum([0, *(len(text) + 1 for text in goal)])
    found: set[tuple[str, str]] = set()
    for (family, middle), classes in sorted(shared.items()):
        above = any((family, middle[:cut]) in found for cut in _cuts(middle)[:-1])
        if len(classes) < 2 or (family, middle) in avoided or above:
            continue
        pattern = f"{patterns.literal(family)}.*{patterns.literal(middle)}*"
        expression = re.compile(rf"^{re.escape(family)}\..*{re.escape(middle)}", re.MULTILINE)
        if expression.search(haystack) is None:
            found.add((family, middle))
            lines = [match.start() for match in expression.finditer(needles)]
            yield pattern, np.searchsorted(starts, lines)


def _longest(first: str, last: str) -> str:
    """The longest start that two texts share; all texts between the two in sorted order share it too."""
    return first[: max(cut for cut in _cuts(first) if last.startswith(first[:cut]))]


@lru_cache(maxsize=1 << 16)
def _cuts(text: str) -> tuple[int, ...]:
    """The lengths of the parts of a text that end in a separator."""
    return tuple(match.end() for match in _SEPARATOR.finditer(text))


@lru_cache(maxsize=1 << 14)
def _rests(text: str) -> tuple[tuple[str, str], ...]:
    """The family of an id, paired with each start of what follows its class."""
    target, slash, name = text.partition("/")
    family, dot, _ = target.partition(".")
    return tuple((family, slash + name[:cut]) for cut in _cuts(name) if slash and dot)
