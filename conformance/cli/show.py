"""`conformance show` and `explain`: one case in full, and what an id or a word means."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.cli import options
from conformance.model.errors import UsageError
from conformance.runner.report import Follow, Plan
from conformance.runner.run import Runner
from conformance.subjects import Mode
from conformance.subjects.base import Place
from conformance.subjects.child import Timeouts
from conformance.vectors import store

if TYPE_CHECKING:
    from conformance.report.case import Shown


def ask(plan: Plan, case_id: str) -> Iterator[Shown]:
    """The answers of the subjects of a plan to a case; UsageError where none speaks a dialect of it."""
    from conformance.report.case import Shown

    runner = Runner(plan)
    position = [entry.case.id for _, entry in runner.entries].index(case_id)
    entry = runner.entries[position][1]
    asked = False
    for subject, case, results in runner.results(position):
        asked = True
        followed = plan.follows(subject.name) is Follow.DOCUMENTED
        yield Shown(
            case,
            subject,
            runner.answered,
            entry.expected[subject.dialect],
            results,
            entry.alternatives.get(subject.dialect, ()) if followed else (),
            plan,
        )
    if not asked:
        names = ", ".join(s.name for s in runner.subjects)
        raise UsageError(
            f"--subject must speak a dialect of the case ({', '.join(entry.case.dialects)}); "
            f"received {names}"
        )


def _check(case_id: str, directory: Path) -> None:
    """UsageError where there is no such case."""
    known = store.names(directory)
    if case_id not in {name.id for name in known}:
        parts = [name.id for name in known if store.matches(case_id, name)][:3]
        near = f" (there is {', '.join(parts)})" if parts else store.nearest(case_id, known)
        raise UsageError(f"CASE must be the id of a case; received {case_id!r}{near}")


@click.command()
@click.argument("case_id", metavar="CASE")
@options.subject
@options.follow
@options.mode
@options.device
@click.option(
    "--copy-as",
    type=click.Choice(["markdown", "code"]),
    help="Print a bug report as Markdown, or the code of the repro, and nothing else.",
)
@options.expectations
@options.timeouts
@options.place
@options.in_process
@options.golden
def show(
    case_id: str,
    subjects: tuple[str, ...],
    follow: Follow | None,
    mode: str,
    device: str | None,
    copy_as: str | None,
    expectation_files: tuple[Path, ...],
    timeouts: Timeouts,
    place: Place,
    in_process: bool,
    golden: Path | None,
) -> int:
    """Show a case: expected, actual, ULP, hints, what is known of it, and a repro that asserts."""
    from conformance.report import bug
    from conformance.report import case as report

    directory = golden or store.default_directory()
    _check(case_id, directory)
    plan = Plan(
        subjects=subjects or ("impl",),
        golden=directory,
        select=(case_id,),
        mode=Mode(mode),
        device=device,
        expectations=expectation_files,
        timeouts=timeouts,
        follow=follow,
        in_process=in_process,
        place=place,
    )
    for shown in ask(plan, case_id):
        if copy_as == "markdown":
            click.echo(bug.markdown(shown))
        elif copy_as == "code":
            click.echo(report.code(shown))
        else:
            report.show(shown, options.console)
    return 0


@click.command()
@click.argument("words", nargs=-1, metavar="ID...")
@click.option("--subject", metavar="S", help="Of a case: why this subject fails it.")
@click.option("--glossary", is_flag=True, help="Print all words of reports, as Markdown.")
@options.follow
@options.expectations
@options.golden
def explain(
    words: tuple[str, ...],
    subject: str | None,
    glossary: bool,
    follow: Follow | None,
    expectation_files: tuple[Path, ...],
    golden: Path | None,
) -> int:
    """Explain an id or a word of a report: what it is, since when, and what to do.

    ID is a case, a class, a finding, a claim, a known failure (FILE.toml:N), a cause on a page of
    known failures, an aspect, a flag, a verdict, a grade, a fault or a level.
    """
    from conformance.report import case as report
    from conformance.report import explain as explaining

    directory = golden or store.default_directory()
    name = " ".join(words)
    if glossary == bool(name):
        raise UsageError(
            f"explain takes an ID or --glossary; received {'both' if name else 'neither'}"
        )
    if glossary:
        click.echo(explaining.glossary.page(directory), nl=False)
        return 0
    if subject is None:
        for number, parts in enumerate(explaining.explain(name, directory, expectation_files)):
            if number:
                options.console.print()
            report.parts(parts, options.console)
        return 0
    _check(name, directory)
    plan = Plan(
        subjects=(subject,),
        golden=directory,
        select=(name,),
        follow=follow,
        expectations=expectation_files,
    )
    for shown in ask(plan, name):
        report.why(shown, options.console)
    return 0
