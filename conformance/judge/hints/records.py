"""Hints about configurations: keys, and values that are nearly the expected ones."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from conformance.judge.differences import (
    Difference,
    Lacks,
    OtherValue,
    Path,
    Surplus,
    of_records,
)
from conformance.judge.hints.hint import Hint
from conformance.model import Json, Tensor, Value

_MOST = 3
_ROUNDED: Final = "numbers are rounded to float32"
_UNROUNDED: Final = "numbers are not rounded to float32, as official Keras does"


def hints(got: Value, wanted: Json) -> Iterator[Hint]:
    """One hint that accounts for everything that differs, or none."""
    if isinstance(got, Tensor):
        return
    if isinstance(got, list) and isinstance(wanted, list) and _reordered(got, wanted):
        yield Hint("the right entries in another order")
        return
    found = list(of_records(got, wanted))
    texts: dict[str, None] = {}
    told: set[int] = set()
    for number, text in _several(found, got, wanted):
        told.add(number)
        texts[text] = None
    for number, each in enumerate(found):
        if number not in told:
            text = _one(each)
            if not text:
                return
            texts[text] = None
    if texts and len(texts) <= _MOST:
        yield Hint("; ".join(sorted(texts)))


def _reordered(got: list[Any], wanted: list[Any]) -> bool:
    return got != wanted and sorted(map(repr, got)) == sorted(map(repr, wanted))


def _several(found: list[Difference], got: Value, wanted: Json) -> Iterator[tuple[int, str]]:
    """What differences say together: entries in another order, a key of another name, values that are exchanged."""
    for n, each in enumerate(found):
        if isinstance(each, OtherValue) and each.path and isinstance(each.path[-1], int):
            inside = each.path[:-1]
            if _reordered(_at(got, inside), _at(wanted, inside)):
                yield n, f"the right entries in another order for {_key(inside)}"
        for m, other in enumerate(found):
            if isinstance(each, Lacks) and isinstance(other, Surplus) and each.path == other.path:
                same = _at(wanted, (*each.path, each.key)) == _at(got, (*other.path, other.key))
                if _letters(each.key) == _letters(other.key) or (same and _lone(found, each.path)):
                    text = f"the key {each.key!r} is spelt {other.key!r}"
                    yield from ((n, text), (m, text))
            elif (
                n < m
                and isinstance(each, OtherValue)
                and isinstance(other, OtherValue)
                and (each.got, each.wanted) == (other.wanted, other.got)
                and each.path[:-1] == other.path[:-1]
                and _key(each.path) != _key(other.path)
            ):
                text = f"the values of {_key(each.path)} and {_key(other.path)} are exchanged"
                yield from ((n, text), (m, text))


def _lone(found: list[Difference], path: Path) -> bool:
    """Whether one key is lacking and one is surplus in a record, and no more."""
    kinds = [type(d) for d in found if isinstance(d, Lacks | Surplus) and d.path == path]
    return sorted(kind.__name__ for kind in kinds) == ["Lacks", "Surplus"]


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def _letters(key: str) -> str:
    return key.replace("_", "").lower()


def _key(path: Path) -> str:
    names = [step for step in path if isinstance(step, str)]
    return repr(names[-1]) if names else "the answer"


def _one(each: Difference) -> str:
    """What one difference looks like; empty where it looks like nothing."""
    if isinstance(each, Lacks):
        return f"the key {each.key!r} is missing"
    if isinstance(each, Surplus):
        return f"the key {each.key!r} is surplus"
    if isinstance(each, OtherValue):
        text = _value(each.got, each.wanted)
        # Which number it is says nothing: all are.
        return f"{text} for {_key(each.path)}" if text not in ("", _ROUNDED, _UNROUNDED) else text
    return ""


def _value(got: Any, wanted: Any) -> str:
    if isinstance(got, bool) or isinstance(wanted, bool):
        if isinstance(got, int | float) and isinstance(wanted, int | float) and got == wanted:
            return (
                "a bool where a number is expected"
                if isinstance(got, bool)
                else "a number where a bool is expected"
            )
        return ""
    if isinstance(wanted, int | float):
        return _number(got, wanted)
    if isinstance(wanted, str):
        return _text(got, wanted)
    if isinstance(wanted, list):
        if isinstance(got, list):
            return ""
        return "a single entry where a list of it is expected" if wanted == [got] else ""
    if isinstance(wanted, Mapping):
        if isinstance(got, str):
            return "a text where the description of an object is expected"
        return "null where the description of an object is expected" if got is None else ""
    if wanted is None:
        return "a value where null is expected"
    return ""


def _number(got: Any, wanted: float) -> str:
    if isinstance(got, str):
        try:
            return "a number as text" if float(got) == wanted else ""
        except ValueError:
            return ""
    if got is None:
        return "null where a number is expected"
    if isinstance(got, list):
        return "a list of the number" if got == [wanted] else ""
    if not isinstance(got, int | float):
        return ""
    with np.errstate(over="ignore"):
        if math.isfinite(wanted) and got == float(np.float32(wanted)):
            return _ROUNDED
        if math.isfinite(got) and wanted == float(np.float32(got)):
            return _UNROUNDED
    if wanted and got == -wanted:
        return "the number with the other sign"
    if math.isfinite(wanted) and got == math.trunc(wanted):
        return "a number cut to a whole one"
    return ""


def _text(got: Any, wanted: str) -> str:
    if got is None:
        return "null where a text is expected"
    if not isinstance(got, str):
        return ""
    if got.lower() == wanted.lower():
        return "other case of letters"
    if _letters(got) == _letters(wanted):
        return "another spelling (underscores, case)"
    if got.rpartition(".")[2] == wanted.rpartition(".")[2]:
        return "another module"
    if got.rpartition(">")[2] == wanted.rpartition(">")[2] and ">" in got + wanted:
        return "another package before the name"
    return ""
