"""What differs between two subjects in one case: changes, and values that moved by rounding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Group(StrEnum):
    """The kinds of change, as someone who upgrades would sort them."""

    VALUES = "values"
    ACCEPTANCE = "acceptance"
    DEFAULTS = "defaults"
    CONFIG = "config"
    WEIGHTS = "weights"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference that one case shows. `target`: the class that it is about.

    `ulp` and `relative` are the errors of the worst element of a value. `relative` is the error over the
    largest element of the old value.
    """

    group: Group
    target: str
    what: str
    id: str
    old: str = ""
    new: str = ""
    ulp: float | None = None
    relative: float | None = None


@dataclass(frozen=True, slots=True)
class Rounding:
    """A value whose bits differ, but within its error budget or the tolerance of its case."""

    target: str
    id: str
    what: str
    ulp: float
    headroom: float


@dataclass(frozen=True, slots=True)
class Answered:
    """All differences of one case. `lacking`: neither subject has what the case asks about."""

    id: str
    target: str
    changes: tuple[Change, ...] = ()
    roundings: tuple[Rounding, ...] = ()
    lacking: bool = False


def same(old: Any, new: Any) -> bool:
    """Whether two plain values are equal. True does not equal 1; NaN equals NaN; 1 equals 1.0."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return old.keys() == new.keys() and all(same(old[k], new[k]) for k in old)
    if isinstance(old, list | tuple) and isinstance(new, list | tuple):
        return len(old) == len(new) and all(map(same, old, new))
    if isinstance(old, bool) or isinstance(new, bool):
        return old is new
    if isinstance(old, int | float) and isinstance(new, int | float):
        return old == new or (old != old and new != new)
    return type(old) is type(new) and bool(old == new)
