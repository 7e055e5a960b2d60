"""`conformance strength`: what the suite catches, in figures."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.cli import options
from conformance.vectors import store


@click.group()
def strength() -> None:
    """Show what the suite catches, in figures."""


@strength.command()
@click.option(
    "--select",
    multiple=True,
    metavar="PATTERN",
    help="Only reports whose id or class the glob matches, or whose id has the text in it.",
)
@click.option("--offline", is_flag=True, help="Install nothing: what is not there is not asked.")
@options.golden
def published(select: tuple[str, ...], offline: bool, golden: Path | None) -> int:
    """Judge bugs that papers, fuzzers and users have reported: which case detects each.

    Versions that have one are asked again, and installed first. Of wrong subjects and of findings the tests run the
    evidence. Ends with 0 where every row of golden/published.toml holds.
    """
    from conformance.claims import claims
    from conformance.report import published as report
    from conformance.strength import published as judging
    from conformance.strength import reports

    directory = golden or store.default_directory()
    chosen = reports.selected(reports.load(directory), select)
    entries = {e.case.id: e for file in store.load_all(directory) for e in file.cases}
    ground = judging.Ground(directory, entries, claims.load_findings(directory), offline)
    with options.progress("judging") as progress:
        judged = judging.judge(chosen, ground, progress)
    report.show(judged, options.console)
    return judged.exit_status()
