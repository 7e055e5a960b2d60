"""Text for people, kept to a length."""

from __future__ import annotations


def clipped(text: str, most: int) -> str:
    """The text, of at most this many characters: a longer one ends in three dots."""
    return text if len(text) <= most else text[: most - 3] + "..."
