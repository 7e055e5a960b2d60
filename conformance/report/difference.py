"""Two runs on the terminal: what appeared, was fixed or changed, and the trend of the headroom."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.markup import escape

from conformance.changes.reports import Difference
from conformance.report import explain
from conformance.report.tables import HEADROOM, table_of
from conformance.vectors import store


def show(found: Difference, console: Console, *, most: int = 20) -> None:
    """Prints what differs between two runs, what is known of it, and the trend of the headroom by class and dtype."""
    known = explain.Known(store.default_directory())
    kinds = (
        ("appeared", "red", found.appeared),
        ("fixed", "green", found.fixed),
        ("changed", "yellow", found.changed),
    )
    for name, colour, moved in kinds:
        for each in moved[:most]:
            where = f"{each.key.id} {each.key.aspect}: {each.before} -> {each.after}"
            console.print(
                f"[{colour}]{name}[/] {escape(where)} "
                f"[dim]({escape(each.key.subject)} against {each.key.against})[/]",
                soft_wrap=True,
            )
            if each.message:
                console.print(f"       {escape(each.message)}", soft_wrap=True, highlight=False)
            for finding in known.findings(each.key.id):
                said = escape(explain.line(finding))
                console.print(f"       {said}", soft_wrap=True, highlight=False)
        if len(moved) > most:
            console.print(f"       and {len(moved) - most} more {name}")
    if found.trends:
        numbers = ("median", "now", "worst", "now", "trend")
        table = table_of(("class", "dtype"), numbers, HEADROOM, box=box.SIMPLE_HEAD)
        for subject in dict.fromkeys(trend.subject for trend in found.trends):
            table.add_section()
            table.add_row(f"[bold]{escape(subject)}[/]")
            for trend in (trend for trend in found.trends if trend.subject == subject):
                old, new = trend.before or ("-", "-"), trend.after or ("-", "-")
                cells = [old[0], new[0], old[1], new[1]]
                table.add_row(
                    f"  {trend.target}",
                    trend.dtype,
                    *(c if isinstance(c, str) else f"{c:.3g}" for c in cells),
                    {"up": "[yellow]up[/]", "down": "[green]down[/]"}.get(trend.direction, "="),
                )
        console.print(table)
    for name, ids in (("old", found.only_old), ("new", found.only_new)):
        if ids:
            console.print(f"{len(ids)} cases only in the {name} run, as {escape(ids[0])}")
    console.print(
        f"{len(found.appeared)} appeared, {len(found.fixed)} fixed, {len(found.changed)} changed"
    )
