"""`conformance run` and `doctor`: about subjects."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from conformance.cases.levels import Level
from conformance.cli import options
from conformance.expectations.asked import Asked
from conformance.expectations.triage import Triage
from conformance.model.errors import UsageError
from conformance.runner import hints, memory, saved
from conformance.runner.baseline import compare_with_baseline
from conformance.runner.judging import judged_again
from conformance.runner.report import Against, Follow, Plan, Report
from conformance.runner.run import run as run_plan
from conformance.subjects.base import Mode, Place
from conformance.subjects.child import Timeouts
from conformance.vectors import store


@click.command()
@options.subject
@options.against
@options.follow
@options.select
@options.level
@options.mode
@options.device
@click.option(
    "--strict",
    is_flag=True,
    help="Eager values must have the same bits wherever that can be expected (live, and goldens "
    "recorded on a platform like this one), and nothing may be unsupported but what an expectation names.",
)
@click.option(
    "--last-failed",
    is_flag=True,
    help="Only the cases that failed when these subjects were last asked, from this folder.",
)
@click.option(
    "--maxfail",
    type=click.IntRange(min=1),
    metavar="N",
    help="Stop after N failed cases that are not known to fail.",
)
@click.option(
    "-v", "--verbose", is_flag=True, help="Print every cause, every failed case, and the headroom."
)
@click.option(
    "-q", "--quiet", is_flag=True, help="Print a line for each cause and the verdict, no more."
)
@options.jobs
@options.scheduler
@click.option("--shard", type=options.Shard(), default=(1, 1), help="The I-th of N equal parts.")
@click.option(
    "--random-order",
    type=click.IntRange(min=0),
    metavar="SEED",
    help="Ask the cases in a random order, of which nothing should depend.",
)
@click.option("--json", "json_file", type=options.file(), help="Write the report as JSON.")
@click.option("--junit", "junit_file", type=options.file(), help="Write the report as JUnit XML.")
@click.option(
    "--html", "html_file", type=options.file(), help="Write the report as a page with repros."
)
@click.option(
    "--strength",
    "strength_files",
    type=options.file(),
    multiple=True,
    help="JSON of `conformance strength ulp` or `mutation`: its tables go into the page (--html).",
)
@click.option(
    "--markdown", "markdown_file", type=options.file(), help="Write a summary as Markdown."
)
@options.summary
@options.baseline
@options.write_baseline
@options.expectations
@click.option(
    "--write-expectations",
    "written_file",
    type=options.file(),
    help="Write what failed as known failures, untriaged, and take out what does not fail any more.",
)
@click.option("--reason", default="", help="Why it fails: for the entries that are written.")
@click.option("--link", default="", help="Where that is discussed: for these entries.")
@click.option(
    "--aspect",
    "only_aspects",
    multiple=True,
    metavar="A",
    help="Write failures of this aspect only.",
)
@click.option(
    "--fails",
    "only_fails",
    multiple=True,
    metavar="GLOB",
    help="Write failures only whose signature (`fails` in the file) has a phrase that it matches.",
)
@click.option(
    "--exceptions",
    is_flag=True,
    help="Compare the kind of errors too: category, and class if live.",
)
@options.timeouts
@options.place
@options.in_process
@options.golden
def run(
    subjects: tuple[str, ...],
    against: str,
    follow: Follow | None,
    select: tuple[str, ...],
    level: Level | None,
    mode: str,
    device: str | None,
    strict: bool,
    last_failed: bool,
    maxfail: int | None,
    verbose: bool,
    quiet: bool,
    jobs: int,
    scheduler: str | None,
    shard: tuple[int, int],
    random_order: int | None,
    json_file: Path | None,
    junit_file: Path | None,
    html_file: Path | None,
    strength_files: tuple[Path, ...],
    markdown_file: Path | None,
    summary_file: Path | None,
    baseline: Path | None,
    baseline_file: Path | None,
    expectation_files: tuple[Path, ...],
    written_file: Path | None,
    reason: str,
    link: str,
    only_aspects: tuple[str, ...],
    only_fails: tuple[str, ...],
    exceptions: bool,
    timeouts: Timeouts,
    place: Place,
    in_process: bool,
    golden: Path | None,
) -> int:
    """Run cases against subjects (default: impl, in both dialects)."""
    from conformance.report import machine, terminal

    if verbose and quiet:
        raise UsageError("run takes --verbose or --quiet; received both")
    if strength_files and html_file is None:
        raise UsageError("--strength adds tables to a page: it needs --html, and there was none")
    tables = [_section(file) for file in strength_files]
    options.check_files(json_file, junit_file, html_file, markdown_file, summary_file)
    options.check_files(written_file, baseline_file)
    earlier = saved.read_baseline(baseline) if baseline else None
    triage = Triage(reason.strip(), link.strip(), only_aspects, only_fails)
    triage.check(written_file)
    known = [written_file] if written_file and written_file.is_file() else []
    names = subjects or ("impl",)
    plan = Plan(
        subjects=names,
        golden=golden or store.default_directory(),
        against=Against(against),
        select=select,
        mode=Mode(mode),
        device=device,
        strict=strict,
        shard=shard,
        expectations=(*expectation_files, *known),
        exceptions=exceptions,
        timeouts=timeouts,
        follow=follow,
        random_order=random_order,
        in_process=in_process,
        only=memory.failed(names) if last_failed else None,
        maxfail=maxfail,
        level=level,
        place=place,
        histograms=bool(html_file or json_file),
    )
    with options.executor(scheduler) as executor, options.progress("running") as progress:
        report: Report = run_plan(
            plan, jobs=jobs, progress=progress, executor=executor, failed=progress.failed
        )
        hints.explain(report)
    if earlier is not None and not report.interrupted:
        report.shrunk = compare_with_baseline(report, earlier)
    memory.remember(names, report)
    detail = terminal.Detail(1 + verbose - quiet)
    terminal.summary(report, options.console, detail=detail, baseline=earlier)
    options.write(
        report,
        (json_file, machine.write),
        (junit_file, _later("junit", "write")),
        (html_file, partial(_later("page", "write_html"), sections=tables)),
        (markdown_file, _later("page", "write_markdown")),
        (summary_file, _later("page", "append_markdown")),
        (baseline_file, machine.write_baseline),
    )
    if written_file is None:
        return report.exit_status()
    return _write_expectations(report, written_file, expectation_files, triage)


def _later(module: str, name: str) -> Callable[..., None]:
    """A writer of the room `report` that is imported when there is something to write."""

    def write(*given: Any, **named: Any) -> None:
        getattr(import_module(f"conformance.report.{module}"), name)(*given, **named)

    return write


def _section(file: Path) -> Any:
    """A table of the page. What reads it brings much of SciPy."""
    from conformance.report import sections

    return sections.read(file)


def _write_expectations(
    report: Report, path: Path, others: tuple[Path, ...], triage: Triage
) -> int:
    """Writes the file, and says what a run right after this one would end with."""
    if report.interrupted or report.crashed:
        why = "was interrupted" if report.interrupted else "ended early"
        click.echo(
            f"{path} was not written: the run {why}, and knows only a part of the failures",
            err=True,
        )
        return report.exit_status()
    from conformance.expectations import writing
    from conformance.report import terminal

    asked = [
        Asked(
            name,
            facts,
            report.modes[name],
            report.every_id[name],
            [result for result in report.unjudged if result.subject == name],
        )
        for name, facts in report.provenance.items()
    ]
    done = writing.update(path, asked, str(report.plan.mode), others, triage)
    after = judged_again(report, (*others, *([path] if path.is_file() else [])))
    terminal.written(done, after, options.console)
    return after.exit_status()


@click.command()
@click.argument("subject", metavar="SUBJECT")
@options.timeouts
@options.golden
def doctor(subject: str, timeouts: Timeouts, golden: Path | None) -> int:
    """Check the adapter of SUBJECT: does it keep the worker protocol, whatever it computes?

    Ends with 1 where the adapter is broken; what differs from official Keras is for `run` to judge.
    """
    from conformance.report import diagnosis
    from conformance.runner import doctor as examination

    files = store.load_all(golden or store.default_directory())
    checks = []
    with options.progress("asking") as progress:
        for check in examination.examine(subject, files, timeouts):
            checks.append(check)
            progress(len(checks), 7)
    diagnosis.show(checks, options.console)
    return int(any(check.state is examination.State.BROKEN for check in checks))
