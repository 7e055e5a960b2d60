"""`conformance matrix` and `diff`: several subjects, versions or runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from conformance.changes.severity import Severity
from conformance.cli import options
from conformance.model.errors import UsageError
from conformance.runner.report import Follow, Plan
from conformance.subjects import PLAIN, Mode
from conformance.vectors import store


@click.command()
@click.argument("subjects", nargs=-1, required=True, metavar="SUBJECT...")
@options.follow
@options.select
@options.mode
@options.device
@options.jobs
@options.scheduler
@click.option("--json", "json_file", type=options.file(), help="Write the matrix as JSON.")
@click.option("--html", "html_file", type=options.file(), help="Write the matrix as a page.")
@click.option(
    "--markdown", "markdown_file", type=options.file(), help="Write the matrix as Markdown."
)
@options.in_process
@options.golden
def matrix(
    subjects: tuple[str, ...],
    follow: Follow | None,
    select: tuple[str, ...],
    mode: str,
    device: str | None,
    jobs: int,
    scheduler: str | None,
    json_file: Path | None,
    html_file: Path | None,
    markdown_file: Path | None,
    in_process: bool,
    golden: Path | None,
) -> int:
    """Run subjects one after the other: by class, where each differs from the golden vectors.

    Exits with 1 where a subject could not run; differences are what it is about, and no failure.
    """
    from conformance.report import matrix as report
    from conformance.runner import matrix as matrices

    options.check_files(json_file, html_file, markdown_file)
    plan = Plan(
        subjects=subjects,
        golden=golden or store.default_directory(),
        select=select,
        mode=Mode(mode),
        device=device,
        follow=follow,
        in_process=in_process,
    )
    with options.executor(scheduler) as executor, options.progress("running") as progress:
        look = report.look if html_file else None
        made = matrices.matrix(plan, jobs=jobs, progress=progress, executor=executor, look=look)
    report.summary(made, options.console)
    options.write(
        made,
        (json_file, report.write_json),
        (html_file, report.write_html),
        (markdown_file, report.write_markdown),
    )
    return made.exit_status()


@click.command()
@click.argument("old")
@click.argument("new")
@options.select
@options.mode
@options.device
@click.option(
    "--model",
    type=options.file(),
    metavar="FILE",
    help="A saved model (.keras or .h5, or its configuration as JSON): only what it uses.",
)
@click.option(
    "--fail-on",
    type=click.Choice([str(each) for each in Severity]),
    default=str(Severity.NAMES),
    show_default=True,
    help="End with 1 for a change that matters as much, or more.",
)
@options.jobs
@options.scheduler
@click.option("--json", "json_file", type=options.file(), help="Write the difference as JSON.")
@click.option("--html", "html_file", type=options.file(), help="Write the difference as a page.")
@click.option("--markdown", "markdown_file", type=options.file(), help="Write it as Markdown.")
@options.in_process
@options.golden
@click.pass_context
def diff(context: click.Context, /, old: str, new: str, **chosen: Any) -> int:
    """What changes from OLD to NEW: two subjects, two reports of `run --json`, or two golden directories.

    Of subjects, every case is asked of both; the options are about these.
    """
    if not _are_paths(old, new):
        return _diff_subjects(old, new, **chosen)
    for name in chosen:
        if context.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT:
            given = next(p.opts[0] for p in context.command.params if p.name == name)
            raise UsageError(
                f"{given} must be about two subjects; received the paths {old!r} and {new!r}"
            )
    return _diff_paths(Path(old), Path(new))


def _are_paths(old: str, new: str) -> bool:
    """Whether OLD and NEW are files, and not subjects; UsageError where they are neither, or both."""
    there = [_exists(each) for each in (old, new)]
    if all(there):
        return True
    for each, exists in zip((old, new), there, strict=True):
        # A directory of a checkout may have the name of a subject.
        if exists and each not in PLAIN:
            other = new if each == old else old
            raise UsageError(
                "OLD and NEW must be two reports, two golden directories or two subjects; "
                f"received the path {each!r}, and {other!r}, which does not exist"
            )
        looks = each.endswith(".json") or (
            "/" in each and not each.startswith(("module:", "command:"))
        )
        if looks and not exists:
            raise UsageError(f"OLD and NEW must exist, or be subjects; received {each!r}")
    return False


def _exists(name: str) -> bool:
    try:
        return Path(name).exists()
    except OSError:  # a command line can be too long for a path
        return False


def _diff_subjects(
    old: str,
    new: str,
    select: tuple[str, ...],
    mode: str,
    device: str | None,
    model: Path | None,
    fail_on: str,
    jobs: int,
    scheduler: str | None,
    json_file: Path | None,
    html_file: Path | None,
    markdown_file: Path | None,
    in_process: bool,
    golden: Path | None,
) -> int:
    from conformance.changes import subjects as upgrade
    from conformance.report import upgrade as report

    options.check_files(json_file, html_file, markdown_file)
    request = upgrade.Request(
        old,
        new,
        golden or store.default_directory(),
        select,
        Mode(mode),
        device,
        model,
        in_process,
        Severity(fail_on),
    )
    with options.executor(scheduler) as executor, options.progress("asking both") as progress:
        made = upgrade.upgrade(request, jobs=jobs, progress=progress, executor=executor)
    report.summary(made, options.console)
    options.write(
        made,
        (json_file, report.write_json),
        (html_file, report.write_html),
        (markdown_file, report.write_markdown),
    )
    return made.exit_status()


def _diff_paths(old: Path, new: Path) -> int:
    from conformance.changes import reports as differ
    from conformance.report import difference
    from conformance.report import golden as report

    if old.is_dir() != new.is_dir():
        raise UsageError(
            "OLD and NEW must be two reports or two golden directories; received "
            f"{str(old)!r} and {str(new)!r}"
        )
    if old.is_dir():
        changes = differ.golden_sets(old, new)
        sizes = {file.target: len(file.cases) for file in store.load_all(new)}
        if changes:
            report.golden_changes(changes, sizes, f"{old} -> {new}", options.console)
        else:
            options.console.print("the golden files hold the same")
        return int(bool(changes))
    found = differ.reports(old, new)
    difference.show(found, options.console)
    return int(bool(found.appeared))
