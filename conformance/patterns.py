"""Globs over case ids. `*` and `?` are wild, brackets are not: ids have them, as in `axis=[0]`."""

from __future__ import annotations

import fnmatch


def is_glob(pattern: str) -> bool:
    """Whether anything in the pattern is wild."""
    return "*" in pattern or "?" in pattern


def covers(pattern: str, text: str) -> bool:
    """Whether the whole of `text` fits the pattern."""
    return fnmatch.fnmatchcase(text, pattern.replace("[", "[[]"))
