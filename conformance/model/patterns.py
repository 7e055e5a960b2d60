r"""Globs over case ids. `*` and `?` are wild, `\*` and `\?` are not, and brackets never: ids have them.

An id may hold any of these, as `arguments/axis=[0]` or `weights/?x3-bias` do; no id has a backslash.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

_TOKEN: Final = re.compile(r"\\[*?]|[*?]|[^*?\\]+|\\")


@lru_cache(maxsize=4096)
def is_glob(pattern: str) -> bool:
    """Whether anything in the pattern is wild."""
    return any(token in ("*", "?") for token in _TOKEN.findall(pattern))


def literal(text: str) -> str:
    """The pattern that fits this text only."""
    return re.sub(r"[*?]", r"\\\g<0>", text)


def covers(pattern: str, text: str) -> bool:
    """Whether the whole of `text` fits the pattern."""
    return matcher((pattern,)).fullmatch(text) is not None


def covered(pattern: str, ordered: Sequence[str]) -> Sequence[str]:
    """Those of these texts, which are in order, that the pattern covers."""
    start = fixed_start(pattern)
    first = bisect_left(ordered, start)
    if not is_glob(pattern):
        return [start] if first < len(ordered) and ordered[first] == start else []
    last = bisect_left(ordered, start + chr(sys.maxunicode), first)
    fits = matcher((pattern,)).fullmatch
    return [text for text in ordered[first:last] if fits(text)]


@lru_cache(maxsize=1 << 14)
def matcher(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """What fits, with `fullmatch`, a text that one of the patterns covers."""
    return re.compile("|".join(f"(?s:{_expression(pattern)})" for pattern in patterns))


def fixed_start(pattern: str) -> str:
    """What every text that the pattern covers begins with."""
    start = ""
    for token in _tokens(pattern):
        if token in ("*", "?"):
            break
        start += token[-1] if token[0] == "\\" and len(token) == 2 else token
    return start


def _tokens(pattern: str) -> Iterable[str]:
    found: list[str] = _TOKEN.findall(pattern)
    return found


def _expression(pattern: str) -> str:
    wild = {"*": ".*", "?": "."}
    return "".join(
        wild.get(token) or re.escape(token[1:] if token in (r"\*", r"\?") else token)
        for token in _tokens(pattern)
    )
