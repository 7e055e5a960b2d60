"""Text for people, kept to a length."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Final

# Beyond, a number says nothing but that it is large.
MANY: Final = 1e6


def clipped(text: str, most: int) -> str:
    """The text, of at most this many characters: a longer one ends in three dots."""
    return text if len(text) <= most else text[: most - 3] + "..."


def cut(number: float, form: str = ".3g") -> str:
    """A number that is not negative, in a form; `>1e6` where it is larger: more digits say no more."""
    return format(number, form) if number <= MANY else ">1e6"


def over(times: float | None, allowed: str) -> str:
    """That an error is over what is allowed, and how many times; None where nothing is."""
    said = "nothing is allowed" if times is None else f"{cut(times)} times it"
    return f"over {allowed} ({said})"


def nearest(given: str, known: Iterable[str]) -> str:
    """`; did you mean 'X'?` of what is nearest to a word that is unknown; empty where nothing is near."""
    plain = {name.lower(): name for name in known}
    found = difflib.get_close_matches(given.lower(), plain, n=1, cutoff=0.75)
    return f"; did you mean {plain[found[0]]!r}?" if found else ""
