"""`conformance certify`: a page and a badge for a subject whose every deviation is explained."""

from __future__ import annotations

from pathlib import Path

import click
from rich.markup import escape

from conformance.cli import options
from conformance.runner.report import Against, Follow, Plan
from conformance.runner.run import run as run_plan
from conformance.subjects.base import Mode, Place
from conformance.subjects.child import Timeouts
from conformance.vectors import store


@click.command()
@click.option("--subject", required=True, metavar="S", help="The one subject that it is about.")
@click.option("--html", "html_file", type=options.file(), help="Write the page as HTML.")
@click.option("--markdown", "markdown_file", type=options.file(), help="Write it as Markdown.")
@click.option("--badge", "badge_file", type=options.file(), help="Write an SVG for a README.")
@options.against
@options.expectations
@options.jobs
@options.follow
@options.select
@options.mode
@options.device
@options.timeouts
@options.place
@options.in_process
@options.golden
def certify(
    subject: str,
    html_file: Path | None,
    markdown_file: Path | None,
    badge_file: Path | None,
    against: str,
    expectation_files: tuple[Path, ...],
    jobs: int,
    follow: Follow | None,
    select: tuple[str, ...],
    mode: str,
    device: str | None,
    timeouts: Timeouts,
    place: Place,
    in_process: bool,
    golden: Path | None,
) -> int:
    """Run the suite, and sign off what it shows: versions, counts, faults, explained deviations; and a badge.

    A run with a failure that nobody has explained certifies nothing, and nothing is written.
    """
    from conformance.report import certificate

    options.check_files(html_file, markdown_file, badge_file)
    plan = Plan(
        subjects=(subject,),
        golden=golden or store.default_directory(),
        against=Against(against),
        select=select,
        mode=Mode(mode),
        device=device,
        expectations=expectation_files,
        timeouts=timeouts,
        follow=follow,
        in_process=in_process,
        place=place,
    )
    with options.progress("running") as progress:
        report = run_plan(plan, jobs=jobs, progress=progress)
    if report.interrupted:
        raise KeyboardInterrupt
    made = certificate.certificate(report, subject)
    options.write(
        made,
        (html_file, certificate.write_html),
        (markdown_file, certificate.write_markdown),
        (badge_file, certificate.write_badge),
    )
    options.console.print(
        f"Keras conformance of {escape(subject)}: {made.words}", soft_wrap=True, highlight=False
    )
    return 0
