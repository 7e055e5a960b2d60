"""Speed on the terminal: ratios by subject, class and size."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.markup import escape

from conformance.report.tables import table_of
from conformance.runner.bench import Timing, geometric_mean


def show(found: Sequence[Timing], console: Console) -> None:
    """Prints ratios by subject, class and size: above 1 the subject is faster than official Keras."""
    numbers = ("size", "shape", "official us", "subject us", "ratio")
    table = table_of(("class",), numbers, box=box.SIMPLE_HEAD, pad_edge=False)
    for subject in dict.fromkeys(timing.subject for timing in found):
        own = [timing for timing in found if timing.subject == subject]
        table.add_section()
        table.add_row(f"[bold]{escape(subject)}[/]")
        for timing in own:
            table.add_row(
                f"  {timing.row.target}",
                timing.row.size,
                "x".join(map(str, timing.row.shape)),
                f"{timing.official * 1e6:,.1f}",
                f"{timing.own * 1e6:,.1f}",
                f"{timing.ratio:,.2f}",
            )
        for size in dict.fromkeys(timing.row.size for timing in own):
            mean = geometric_mean([timing for timing in own if timing.row.size == size])
            table.add_row("  geometric mean over classes", size, "", "", "", f"{mean:,.2f}")
    console.print(table)
