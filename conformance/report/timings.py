"""Speed on the terminal: ratios by subject, class and size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape

from conformance.report.tables import table_of
from conformance.runner.bench import Timing, geometric_mean
from conformance.runner.suite_bench import PHASES, Measured


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


def show_suite(found: Sequence[Measured], console: Console) -> None:
    """Prints the phases of runs: seconds of computing, and of the wall clock."""
    heads = [
        f"{'with' if each.cache else 'without'} cache, {each.jobs} job{'s'[: each.jobs - 1]}"
        for each in found
    ]
    table = table_of(("seconds of computing (wall)",), heads, box=box.SIMPLE_HEAD, pad_edge=False)
    for phase in PHASES:
        cells = [each.phases.get(phase) for each in found]
        if any(cells):
            table.add_row(phase, *(f"{c[1]:.2f} ({c[0]:.2f})" if c else "" for c in cells))
    console.print(table)
    console.print(f"{found[0].cases} cases")


def suite_json(found: Sequence[Measured]) -> dict[str, Any]:
    """The same as JSON."""
    return {
        "schema": "keras-conformance/bench-suite/1",
        "runs": [
            {
                "cache": each.cache,
                "jobs": each.jobs,
                "cases": each.cases,
                "phases": {
                    phase: {"wall": wall, "computing": computed}
                    for phase, (wall, computed) in each.phases.items()
                },
            }
            for each in found
        ],
    }
