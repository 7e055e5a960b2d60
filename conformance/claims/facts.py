"""Tests of facts, the values that steps give by name; and of the facts that two cases share.

Each returns what is wrong, or None.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from conformance.claims.answers import Answered, facts, near, none_named, tensors
from conformance.judge.differences import shown

# Facts about a step, not about the object under test.
_NO_FACT: Final = ("input", "same", "warned")


def wrong_config(answered: Answered, wanted: Any, options: Mapping[str, Any]) -> str | None:
    """Some step must describe the object with all these entries: in a config or in attributes."""
    exact = options.get("exact", False)
    seen = []
    for name, value in facts(answered):
        if name in ("config", "serialized", "attributes", "resolved"):
            inner = value.get("config") if isinstance(value, Mapping) else None
            if _holds(value, wanted, exact) or _holds(inner, wanted, exact):
                return None
            seen.append(f"{name} {shown(value)}")
    return "; ".join(seen) or "no config"


def wrong_facts(answered: Answered, wanted: Any, options: Mapping[str, Any]) -> str | None:
    """For each name some step must give a value that holds what is expected."""
    exact = options.get("exact", False)
    for name, part in wanted.items():
        seen = [value for key, value in facts(answered) if key == name]
        if not any(_holds(value, part, exact) for value in seen):
            return f"{name} " + (", ".join(map(shown, seen)) or "missing")
    return None


def _holds(got: Any, wanted: Any, exact: bool) -> bool:
    """Whether `got` has all entries of `wanted`; numbers to the printed digits unless `exact`."""
    if isinstance(wanted, Mapping):
        return isinstance(got, Mapping) and all(
            key in got and _holds(got[key], value, exact) for key, value in wanted.items()
        )
    if isinstance(wanted, list):
        return (
            isinstance(got, list)
            and len(got) == len(wanted)
            and all(_holds(g, w, exact) for g, w in zip(got, wanted, strict=True))
        )
    if isinstance(wanted, bool) or isinstance(got, bool):
        return got is wanted
    if isinstance(wanted, int | float) and isinstance(got, int | float):
        return got == wanted or (
            not exact and bool(near(np.asarray(float(got)), np.asarray(float(wanted)), {}))
        )
    if wanted == "null":  # TOML has no null
        return got is None
    return type(got) is type(wanted) and bool(got == wanted)


def _shared(answered: Answered, other: str) -> list[tuple[str, Any, Any]]:
    """The last value of each name that both cases give, in both."""
    mine, theirs = dict(facts(answered)), dict(facts(answered.other(other)))
    return [(n, mine[n], theirs[n]) for n in mine if n in theirs and n not in _NO_FACT]


def not_the_same(answered: Answered, other: str, options: Mapping[str, Any]) -> str | None:
    """All facts that both cases give must be the same, bit for bit."""
    shared = _shared(answered, other)
    for name, mine, theirs in shared:
        if mine != theirs:
            return f"{name} {shown(mine)}, but {shown(theirs)} in {other}"
    return None if shared else f"nothing that {other} gives as well"


def not_different(answered: Answered, other: str, options: Mapping[str, Any]) -> str | None:
    """Some fact that both cases give must differ."""
    shared = _shared(answered, other)
    same = [n for n, mine, theirs in shared if mine == theirs]
    if len(same) < len(shared):
        return None
    return f"the same {', '.join(same) or 'nothing'} as {other}"


def not_equal(answered: Answered, other: str, options: Mapping[str, Any]) -> str | None:
    """The tensor that `of` names must be the last `value` of the other case, bit for bit."""
    theirs = answered.other(other)
    mine, wanted = tensors(answered, options), tensors(theirs, {})
    if not mine or not wanted:
        return none_named(answered, options) if not mine else f"no value in {other}"
    (name, value), (_, expected) = mine[-1], wanted[-1]
    return None if value == expected else f"{name} {shown(value)}, but {shown(expected)} in {other}"
