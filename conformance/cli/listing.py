"""`conformance list`: which cases there are."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from pathlib import Path

import click
from rich.table import Table

from conformance.cli import basics
from conformance.model.errors import UsageError
from conformance.vectors import store


@click.command(name="list")
@basics.select
@click.option("--ids", is_flag=True, help="Print ids, one a line, instead of the table.")
@click.option(
    "--coverage", is_flag=True, help="Print how many values of each argument the cases ask."
)
@basics.golden
def list_cases(select: tuple[str, ...], ids: bool, coverage: bool, golden: Path | None) -> int:
    """List the cases that have golden outcomes (--coverage: the rows of the suite, recorded or not)."""
    if ids and coverage:
        raise UsageError("list takes --ids or --coverage; received both")
    if coverage:
        return _coverage(select)
    found = store.names(golden or store.default_directory(), select)
    if ids:
        for case in found:
            click.echo(case.id)
        return 0
    table = Table(title="Cases", title_justify="left")
    for name in ("class", "cases", "keras2", "keras3", "differ", "flags"):
        table.add_column(name, justify="right" if name not in ("class", "flags") else "left")
    targets = {target: list(cases) for target, cases in groupby(found, lambda case: case.target)}
    for target, cases in targets.items():
        flags = Counter(flag for case in cases for flag in case.flags)
        table.add_row(
            target,
            str(len(cases)),
            str(sum("keras2" in case.dialects for case in cases)),
            str(sum("keras3" in case.dialects for case in cases)),
            str(sum(not case.alike for case in cases)),
            ", ".join(f"{flag} {n}" for flag, n in flags.most_common()),
        )
    basics.console.print(table)
    basics.console.print(f"{len(found)} cases in {len(targets)} files")
    return 0


def _coverage(select: tuple[str, ...]) -> int:
    from conformance.cases import every_case
    from conformance.cases.coverage import asked
    from conformance.report import golden as report

    rows = every_case()
    store.check_select(select, rows)
    chosen = [c for c in rows if not select or any(store.matches(p, c) for p in select)]
    report.asked(asked(chosen), basics.console)
    return 0
