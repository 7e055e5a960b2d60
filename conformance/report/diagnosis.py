"""What the doctor found, on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from conformance.runner.doctor import Check, State, verdict

_COLOURS: Final = {State.OK: "green", State.BROKEN: "red"}


def show(checks: Sequence[Check], console: Console) -> None:
    """Prints a row for each check, then the conclusion."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("check", "", "what was seen"):
        table.add_column(name, overflow="fold")
    for check in checks:
        colour = _COLOURS.get(check.state, "yellow")
        table.add_row(check.name, f"[{colour}]{check.state}[/]", escape(check.detail))
    console.print(table)
    console.print(verdict(checks), highlight=False)
