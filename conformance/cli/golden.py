"""`conformance record`, `lint` and `findings`: about what is golden."""

from __future__ import annotations

import os
from pathlib import Path

import click
from rich.markup import escape

from conformance.cli import options
from conformance.expectations import checking
from conformance.model import platforms
from conformance.model.errors import UsageError
from conformance.vectors import checks, store


@click.command()
@click.option("--check", is_flag=True, help="Exit with 1 where anything would change.")
@click.option("--write", is_flag=True, help="Replace the golden files that would change.")
@options.select
@options.golden
def record(check: bool, write: bool, select: tuple[str, ...], golden: Path | None) -> int:
    """Regenerate golden vectors from official Keras (default: only show what would change)."""
    from conformance.record import counts
    from conformance.record import record as recorder
    from conformance.report import golden as report

    if check and write:
        raise UsageError("record takes --check or --write; received both")
    directory = golden or store.default_directory()
    if write and platforms.stated() and directory.resolve() == store.default_directory():
        raise UsageError(
            f"{platforms.VARIABLE} must not be set where the golden vectors of the suite are written: "
            "their provenance is what is found; received "
            f"{os.environ[platforms.VARIABLE]!r}"
        )
    with options.progress("recording") as progress:
        found = recorder.regenerate(directory, select, progress)
    report.regeneration(found, options.console)
    for line in found.refused:
        options.console.print(
            f"[red]not admitted[/] {escape(line)}", soft_wrap=True, highlight=False
        )
    if found.refused:
        options.console.print("nothing was written")
        return 1
    changed = any(found.changes)
    if write:
        written = found.write()
        if directory.resolve() == store.default_directory():
            counts.update(store.load_all(directory))
        options.console.print(f"{len(written)} files written" if written else "nothing to write")
        return 0
    if changed:
        options.console.print("nothing was written; `conformance record --write` applies this")
        return 1 if check else 0
    sizes = recorder.counts(found.files)
    options.console.print(
        f"as recorded: {sizes['cases']} cases, {sizes['outcomes']} outcomes, "
        f"{sizes['elements']} elements"
    )
    return 0


@click.command()
@click.option("--headroom", is_flag=True, help="Show what each class uses of its error budgets.")
@options.golden
def lint(headroom: bool, golden: Path | None) -> int:
    """Check golden files, and that rows, goldens, expectations, claims and the oracle fit."""
    from conformance.cases import every_case
    from conformance.claims import claims
    from conformance.record import admission, counts, spread
    from conformance.report import golden as report
    from conformance.strength import reports

    directory = golden or store.default_directory()
    found = [line for path in store.paths(directory) for line in checks.problems(path, directory)]
    files = store.load_all(directory)
    recorded = {entry.case.id: entry.case for file in files for entry in file.cases}
    rows = {case.id: case for case in every_case()}
    found += [f"{i}: a row without golden outcomes" for i in rows if i not in recorded]
    found += [f"{i}: golden outcomes without a row" for i in recorded if i not in rows]
    found += counts.problems(files)
    stated = claims.load(directory)
    found += checking.problems(
        {i: case.dialects for i, case in recorded.items()}, {each.id for each in stated.findings}
    )
    found += stated.problems(files)
    found += reports.problems(reports.load(directory), rows, stated.findings)
    with options.progress("judging") as progress:
        coverage = admission.covered(files, stated.findings, progress, rows=rows)
    widths = spread.spread(files)
    found += coverage.problems + widths.problems
    for line in found:
        click.echo(line)
    report.coverage(coverage, options.console, every_class=headroom)
    report.tolerances(widths, options.console)
    size = sum(path.stat().st_size for path in store.paths(directory))
    options.console.print(
        f"{len(recorded)} cases in {len(files)} files, {size / 1e6:.2f} MB: {len(found)} problems"
    )
    return int(bool(found))


@click.command()
@options.subject
@click.option("--select", multiple=True, metavar="PATTERN", help="Only claims that it matches.")
@click.option("--html", "html_file", type=options.file(), help="Write a page of every claim.")
@click.option(
    "--markdown", "markdown_file", type=options.file(), help="Write a summary as Markdown."
)
@options.jobs
@options.in_process
@options.golden
def findings(
    subjects: tuple[str, ...],
    select: tuple[str, ...],
    html_file: Path | None,
    markdown_file: Path | None,
    jobs: int,
    in_process: bool,
    golden: Path | None,
) -> int:
    """Judge every documented claim (default: the official packages and impl).

    Ends with 0 where each breach has its entry in findings.toml, and one of rule 1 where the
    subject is not an official package. Of a version of Keras (keras==nightly, for example) alone it tells which
    findings are closed there, which stand, and what is new: the suite and the repro of each finding are run.
    """
    from conformance.changes import mending
    from conformance.claims import claims
    from conformance.report import claims as report
    from conformance.subjects import OFFICIAL, resolve_all

    options.check_files(html_file, markdown_file)
    directory = golden or store.default_directory()
    if len(subjects) == 1 and mending.is_asked(subjects[0]):
        if select or html_file:
            raise UsageError(
                f"findings of {subjects[0]} take --markdown alone, no --select and no --html"
            )
        return _mended(subjects[0], directory, markdown_file, jobs)
    chosen = claims.load(directory).selected(select)
    files = store.load_all(directory)
    names = subjects or (*reversed(OFFICIAL.values()), "impl")
    asked = resolve_all(names, in_process=in_process)
    with options.progress("judging") as progress:
        judged = claims.judge(chosen, files, asked, progress)
    report.summary(judged, options.console)
    options.write(judged, (html_file, report.write_html), (markdown_file, report.write_markdown))
    return judged.exit_status()


def _mended(subject: str, directory: Path, markdown_file: Path | None, jobs: int) -> int:
    from conformance.changes import mending
    from conformance.report import mending as report
    from conformance.runner.report import Plan

    plan = Plan(subjects=(subject,), golden=directory)
    with options.progress("running") as progress:
        made = mending.mended(plan, jobs=jobs, progress=progress)
    report.summary(made, options.console)
    options.write(made, (markdown_file, report.write_markdown))
    return made.exit_status()
