"""Speed on the terminal: ratios by subject, class and size."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.markup import escape

from conformance.report.tables import table_of
from conformance.runner.bench import Timing, geometric_mean
from conformance.runner.suite_bench import PHASES, Measured
from conformance.vectors import store

# What stands around the tables in a page that tells more.
_BEGIN: Final = "<!-- conformance bench -->\n"
_END: Final = "<!-- end of conformance bench -->\n"


def show(found: Sequence[Timing], console: Console) -> None:
    """Prints ratios by subject, class and size: above 1 the subject is faster than official Keras."""
    numbers = ("size", "shape", "official us", "subject us", "ratio")
    table = table_of(("class", "work"), numbers, box=box.SIMPLE_HEAD, pad_edge=False)
    for subject in dict.fromkeys(timing.subject for timing in found):
        own = [timing for timing in found if timing.subject == subject]
        table.add_section()
        table.add_row(f"[bold]{escape(subject)}[/]")
        for timing in own:
            table.add_row(
                f"  {timing.row.target}",
                timing.row.work,
                timing.row.size,
                "x".join(map(str, timing.row.shape)),
                f"{timing.official * 1e6:,.1f}",
                f"{timing.own * 1e6:,.1f}",
                f"{timing.ratio:,.2f}",
            )
        for work, size in dict.fromkeys((timing.row.work, timing.row.size) for timing in own):
            mean = geometric_mean([t for t in own if (t.row.work, t.row.size) == (work, size)])
            table.add_row("  geometric mean over classes", work, size, "", "", "", f"{mean:,.2f}")
    console.print(table)


def markdown(found: Sequence[Timing]) -> str:
    """Ratios as tables, one for each subject: a class in each row, work and size in each column."""
    lines: list[str] = []
    for subject in dict.fromkeys(timing.subject for timing in found):
        own = [timing for timing in found if timing.subject == subject]
        columns = list(dict.fromkeys((t.row.work, t.row.size) for t in own))
        means = [geometric_mean([t for t in own if (t.row.work, t.row.size) == c]) for c in columns]
        lines += [
            f"| {subject} | {' | '.join(f'{work}, {size}' for work, size in columns)} |",
            f"|---|{'---:|' * len(columns)}",
            *(_row(target, columns, own) for target in dict.fromkeys(t.row.target for t in own)),
            f"| geometric mean | {' | '.join(f'{mean:,.1f}' for mean in means)} |",
            "",
        ]
    return "\n".join(lines)


def _row(target: str, columns: Sequence[tuple[str, str]], own: Sequence[Timing]) -> str:
    ratios = {(t.row.work, t.row.size): f"{t.ratio:,.1f}" for t in own if t.row.target == target}
    return f"| {target} | {' | '.join(ratios.get(column, '') for column in columns)} |"


def write_markdown(found: Sequence[Timing], path: Path) -> None:
    """Writes the tables: between the marks of a file that has them, otherwise as the whole file."""
    made = markdown(found)
    text = path.read_text() if path.is_file() else ""
    before, begin, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    whole = f"{before}{begin}\n{made}\n{end}{after}" if begin and end else made
    store.write(path, whole.encode())


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
