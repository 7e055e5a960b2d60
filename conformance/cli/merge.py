"""`conformance merge`: one report of the shards of a run."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.cli import options
from conformance.runner import merging, saved
from conformance.runner.baseline import compare_with_baseline
from conformance.vectors import store


@click.command()
@click.argument("reports", nargs=-1, required=True, type=options.file(), metavar="REPORT...")
@options.baseline
@click.option("--json", "json_file", type=options.file(), help="Write the report as JSON.")
@click.option("--junit", "junit_file", type=options.file(), help="Write the report as JUnit XML.")
@click.option("--html", "html_file", type=options.file(), help="Write the report as a page.")
@click.option(
    "--markdown", "markdown_file", type=options.file(), help="Write a summary as Markdown."
)
@options.summary
@options.write_baseline
@options.golden
def merge(
    reports: tuple[Path, ...],
    baseline: Path | None,
    json_file: Path | None,
    junit_file: Path | None,
    html_file: Path | None,
    markdown_file: Path | None,
    summary_file: Path | None,
    baseline_file: Path | None,
    golden: Path | None,
) -> int:
    """Put the reports of shards (`run --shard I/N --json REPORT`) together, and judge the whole.

    Ends as the whole run would have: a shard that is missing makes it fail, and so does an expectation
    that no shard has met.
    """
    from conformance.report import junit, machine, page, terminal

    options.check_files(json_file, junit_file, html_file, markdown_file, summary_file)
    options.check_files(baseline_file)
    earlier = saved.read_baseline(baseline) if baseline else None
    report = merging.merged(reports, golden or store.default_directory())
    if earlier is not None and not report.interrupted:
        report.shrunk = compare_with_baseline(report, earlier)
    terminal.summary(report, options.console, baseline=earlier)
    options.write(
        report,
        (json_file, machine.write),
        (junit_file, junit.write),
        (html_file, page.write_html),
        (markdown_file, page.write_markdown),
        (summary_file, page.append_markdown),
        (baseline_file, machine.write_baseline),
    )
    return report.exit_status()
