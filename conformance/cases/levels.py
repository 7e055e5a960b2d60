"""How far from daily use a case lies, by what it asks: nothing of it is written in golden files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from conformance.model import Case, Given, Reference


class Level(StrEnum):
    """The levels, the nearest to daily use first."""

    DOCUMENTED = "documented"
    COMMON = "common"
    EDGE = "edge"
    QUIRK = "quirk"

    @property
    def rank(self) -> int:
        """0 for the nearest."""
        return _ORDER.index(self)


_ORDER: Final = tuple(Level)
# What the documentation shows or states, or what a person can check by hand.
_DOCUMENTED: Final = frozenset(
    {"documented-default", "documented-example", "documented-signature", "by-hand"}
)
# What happens to people, but not every day.
_EDGE: Final = frozenset(
    {
        *("nan", "infinity", "overflow", "underflow", "subnormal", "negative-zero", "rounding"),
        *("zero", "epsilon", "bound", "empty", "single", "equal-axes", "rank"),
        *("bad-argument", "bad-input", "bad-config", "kernel-too-long", "setting", "generator"),
        *("partition", "shared", "copy", "order", "input-spec", "integer", "complex", "negative"),
        *("legacy-format", "build"),
    }
)
# What nobody does on purpose.
_QUIRK: Final = frozenset({"unusual-argument", "legacy-argument", "reversed", "degenerate"})
# Groups of cases (the second part of an id) which their flags say too little of.
_QUIRK_GROUPS: Final = frozenset({"misuse", "factor-precision", "late", "sequence-option-refused"})
_EDGE_GROUPS: Final = frozenset({"pairs", "edge", "rejected", "again", "sizes"})
# The dtypes of plain work. Reduced precision is plain where a policy asks for it.
_PLAIN: Final = frozenset({"float32", "float64"})
_HALF: Final = frozenset({"float16", "bfloat16"})
# No argument of a daily model is larger.
_LARGE: Final = 1e6


@lru_cache(maxsize=1 << 15)
def _of(case_id: str, flags: tuple[str, ...], odd: bool) -> Level:
    given = set(flags)
    group = case_id.split("/")[1] if "/" in case_id else ""
    if given & _DOCUMENTED or group.endswith("documented"):
        return Level.DOCUMENTED
    # Where two things are odd at once, nobody does it: NaN among complex numbers, say.
    if given & _QUIRK or group in _QUIRK_GROUPS or len(given & _EDGE) > 1:
        return Level.QUIRK
    if given & _EDGE or group in _EDGE_GROUPS or odd:
        return Level.EDGE
    return Level.COMMON


def of(case: Case) -> Level:
    """The level of a case."""
    return _of(case.id, case.flags, any(_odd(case)))


def _odd(case: Case) -> Iterator[bool]:
    """Whether something that is given is not what people give every day."""
    policy = "policy" in case.flags
    for given in case.inputs:
        dtype = given.tensor.dtype
        yield dtype not in _PLAIN and not (policy and dtype in _HALF)
        yield given.given in (Given.LIST, Given.SCALAR)
    yield from map(_unusual, case.arguments.values())
    for step in case.steps:
        asked = step.options.get("dtype")
        yield isinstance(asked, str) and asked not in _PLAIN and not policy


def _unusual(value: Any) -> bool:
    """Whether an argument is a number that no daily model has, or holds one."""
    if isinstance(value, bool) or value is None:
        return False
    if isinstance(value, int | float):
        return not -1 <= value <= _LARGE  # NaN, too
    if isinstance(value, list | tuple):
        return any(map(_unusual, value))
    if isinstance(value, Mapping):
        return any(map(_unusual, value.values()))
    if isinstance(value, Reference):
        return any(map(_unusual, value.arguments.values()))
    return False
