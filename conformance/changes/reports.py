"""Compares two runs, or two sets of golden files: what appeared, was fixed or changed, and by how much."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from conformance.model import Verdict
from conformance.record.record import Change, change_between
from conformance.runner import saved
from conformance.runner.report import WRONG
from conformance.vectors import store


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """What a result is about: the same in both runs."""

    subject: str
    against: str
    id: str
    aspect: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A result that differs between the runs."""

    key: Key
    before: str
    after: str
    message: str


@dataclass(frozen=True, slots=True)
class Trend:
    """The headroom (error over budget) of a class in one dtype: its median and its worst, in both runs.

    Only values that pass without being equal bit for bit count. None where a run has no such values.
    """

    subject: str
    target: str
    dtype: str
    before: tuple[float, float] | None
    after: tuple[float, float] | None

    @property
    def direction(self) -> str:
        """Whether the worst value went up (towards its budget), down, or neither."""
        old, new = (end[1] if end else 0.0 for end in (self.before, self.after))
        return "=" if old == new else "up" if new > old else "down"


@dataclass(slots=True)
class Difference:
    """What differs between two runs."""

    appeared: list[Moved] = field(default_factory=list)
    fixed: list[Moved] = field(default_factory=list)
    changed: list[Moved] = field(default_factory=list)
    only_old: list[str] = field(default_factory=list)
    only_new: list[str] = field(default_factory=list)
    trends: list[Trend] = field(default_factory=list)


def reports(old: Path, new: Path) -> Difference:
    """Compares two reports of `conformance run --json`.

    `appeared`: wrong now, but not before; `fixed`: wrong before, and passes now; `changed`: the verdict,
    grade, error or message differs otherwise. Cases that only one of the runs asked are listed, not judged.
    """
    before, after = _results(old), _results(new)
    found = Difference()
    subjects = {key.subject for key in before.keys() | after.keys()}
    for subject in sorted(subjects):
        ids = [{k.id for k in side if k.subject == subject} for side in (before, after)]
        found.only_old += sorted(f"{subject}: {i}" for i in ids[0] - ids[1])
        found.only_new += sorted(f"{subject}: {i}" for i in ids[1] - ids[0])
    for key in sorted(before.keys() & after.keys()):
        was, now = before[key], after[key]
        moved = Moved(key, _brief(was), _brief(now), now["message"] or was["message"])
        if was["verdict"] not in WRONG and now["verdict"] in WRONG:
            found.appeared.append(moved)
        elif was["verdict"] in WRONG and now["verdict"] == Verdict.PASS:
            found.fixed.append(moved)
        elif _state(was) != _state(now):  # what is known to fail now is not fixed
            found.changed.append(moved)
    found.trends = _trends(before, after)
    return found


def golden_sets(old: Path, new: Path) -> list[Change]:
    """Compares two directories of golden files, class by class; in ULP where values moved."""
    before, after = (
        {file.target: file for file in store.load_all(directory)} for directory in (old, new)
    )
    changes = [change_between(before.get(target), file) for target, file in after.items()]
    changes += [
        Change(target, removed=[entry.case.id for entry in file.cases])
        for target, file in before.items()
        if target not in after
    ]
    return [change for change in changes if change]


def _results(path: Path) -> dict[Key, Mapping[str, Any]]:
    return {
        Key(r["subject"], r["against"], r["id"], r["aspect"]): r for r in saved.read_results(path)
    }


def _state(result: Mapping[str, Any]) -> tuple[Any, ...]:
    return result["verdict"], result["grade"], result["error_ulp"], result["message"]


def _brief(result: Mapping[str, Any]) -> str:
    parts = [result["grade"] or result["verdict"]]
    if result["error_ulp"]:
        parts.append(f"{result['error_ulp']:g} ULP")
    return " ".join(parts)


def _trends(before: Mapping[Key, Any], after: Mapping[Key, Any]) -> list[Trend]:
    sides = _used(before), _used(after)
    return [
        Trend(*place, *(_ends(side.get(place, ())) for side in sides))
        for place in sorted(sides[0].keys() | sides[1].keys())
    ]


def _used(results: Mapping[Key, Any]) -> dict[tuple[str, str, str], list[float]]:
    found: dict[tuple[str, str, str], list[float]] = {}
    for key, result in results.items():
        if result["headroom"] and result["dtype"] and result["verdict"] == "pass":
            place = (key.subject, result["target"], result["dtype"])
            found.setdefault(place, []).append(result["headroom"])
    return found


def _ends(values: Iterable[float]) -> tuple[float, float] | None:
    listed = list(values)
    return (median(listed), max(listed)) if listed else None
