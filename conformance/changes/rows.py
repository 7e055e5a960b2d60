"""The changes of all cases as rows: each change once, with the cases that show it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from conformance.changes.differences import Answered, Change, Group
from conformance.changes.severity import Severity, severity


@dataclass(slots=True)
class Row:
    """One change and the ids of the cases that show it; `example` is the largest."""

    group: Group
    target: str
    what: str
    example: Change
    ids: list[str] = field(default_factory=list)
    ulp: float | None = None
    relative: float | None = None

    @property
    def severity(self) -> Severity:
        """How much it matters."""
        return severity(self.group, self.what)


@dataclass(slots=True)
class Rounded:
    """What moved by rounding alone in a class."""

    target: str
    ids: list[str] = field(default_factory=list)
    what: Counter[str] = field(default_factory=Counter)
    ulp: float = 0.0
    headroom: float = 0.0


_Key = tuple[Any, ...]


def changed(answers: Iterable[Answered]) -> list[Row]:
    """The changes beyond rounding: by group and class, the most frequent first."""
    rows: dict[_Key, Row] = {}
    for answer in answers:
        for change in answer.changes:
            _take(rows, change)
    order = list(Group)
    return sorted(
        _renamed(list(rows.values())),
        key=lambda row: (order.index(row.group), row.target, -len(row.ids)),
    )


def rounded(answers: Iterable[Answered]) -> list[Rounded]:
    """What moved by rounding: a row for each class."""
    found: dict[str, Rounded] = {}
    for answer in answers:
        for each in answer.roundings:
            row = found.setdefault(each.target, Rounded(each.target))
            row.what[each.what] += 1
            row.ulp, row.headroom = max(row.ulp, each.ulp), max(row.headroom, each.headroom)
            if each.id not in row.ids:
                row.ids.append(each.id)
    return sorted(found.values(), key=lambda row: row.target)


def _take(rows: dict[_Key, Row], change: Change) -> None:
    key: _Key = (change.group, change.target, change.what)
    if change.group is Group.DEFAULTS:  # a change of a default is told by its old and its new value
        key += (change.old, change.new)
    row = rows.setdefault(key, Row(change.group, change.target, change.what, change))
    if change.id not in row.ids:
        row.ids.append(change.id)
    for name in ("ulp", "relative"):
        value, largest = getattr(change, name), getattr(row, name)
        if value is not None and (largest is None or value > largest):
            setattr(row, name, value)
            if name == "relative":
                row.example = change


def _renamed(rows: list[Row]) -> list[Row]:
    """An entry that is removed and one that is added, as one that is renamed.

    They are one where the same cases show both, and where both have the same value.
    """
    ends: dict[str, list[Row]] = {" removed": [], " added": []}
    for row in rows:
        for end, found in ends.items():
            if row.group is Group.CONFIG and row.what.endswith(end):
                found.append(row)
    pairs = [
        (gone, come)
        for gone in ends[" removed"]
        for come in ends[" added"]
        if gone.target == come.target
        and set(gone.ids) == set(come.ids)
        and gone.example.old == come.example.new
    ]
    for gone, come in pairs:
        alone = sum(gone is g or come is c for g, c in pairs) == 1
        if not alone:
            continue  # several entries have this value, so that nobody knows which one was renamed
        names = gone.what.removesuffix(" removed"), come.what.removesuffix(" added")
        what = f"{names[0]} renamed {names[1]}"
        example = replace(gone.example, what=what, old=names[0], new=names[1])
        rows = [r for r in rows if r is not gone and r is not come]
        rows.append(Row(Group.CONFIG, gone.target, what, example, gone.ids))
    return rows
