"""What the cases ask of the API of official Keras, on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape

from conformance.report.tables import table_of
from conformance.strength import api


def show(found: Sequence[api.Coverage], problems: Sequence[str], console: Console) -> None:
    """Prints a row for each class and family, then what is wrong and the totals."""
    numbers = ("asked", "excused", "missing", "least values", "pairs")
    for coverage in found:
        title = f"{coverage.package} {coverage.version}"
        table = table_of(("class",), numbers, title, box=box.SIMPLE_HEAD, pad_edge=False)
        for row in api.rows(coverage):
            counts = (row.counts[kind] for kind in ("asked", "excused", "missing"))
            table.add_row(
                f"{row.place}.*" if "." not in row.place else row.place,
                *(str(count or "-") for count in counts),
                _least(row),
                f"{row.pairs:,}" if row.pairs else "-",
            )
        console.print(table)
    for sentence in problems:
        console.print(f"[red]{escape(sentence)}[/]", highlight=False)
    for coverage in found:
        console.print(
            f"{coverage.package} {coverage.version}: {len(coverage.items)} names, arguments, methods "
            f"and properties: {len(coverage.asked)} asked, {len(coverage.excused)} excused with a "
            f"reason, {len(coverage.missing)} missing",
            highlight=False,
        )


def _least(row: api.Row) -> str:
    """The argument of which the fewest values are asked, and how many."""
    if not row.values:
        return "-"
    argument = min(row.values, key=lambda name: row.values[name])
    return f"{argument} {row.values[argument]}"


def as_json(found: Sequence[api.Coverage], problems: Sequence[str]) -> dict[str, Any]:
    """The same as JSON, with every item."""
    return {
        "schema": "keras-conformance/api/1",
        "packages": [
            {
                "package": each.package,
                "version": each.version,
                "asked": [item for item in each.items if item in each.asked],
                "excused": dict(each.excused),
                "missing": each.missing,
                "values": dict(each.values),
                "pairs": {row.place: row.pairs for row in api.rows(each) if row.pairs},
            }
            for each in found
        ],
        "problems": list(problems),
    }
