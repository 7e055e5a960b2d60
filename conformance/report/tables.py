"""Tables of words and numbers for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from rich.table import Table

HEADROOM: Final = "Headroom: error over budget, of values that pass, but not bit for bit"


def table_of(words: Sequence[str], numbers: Sequence[str], title: str = "", **look: Any) -> Table:
    """A table without rows: columns of words (left, never wrapped), then columns of numbers (right).

    `look`: other arguments of `rich.table.Table`.
    """
    table = Table(title=title or None, title_justify="left", **look)
    for name in words:
        table.add_column(name, no_wrap=True)
    for name in numbers:
        table.add_column(name, justify="right")
    return table
