"""`conformance strength`: how much the suite catches."""

from __future__ import annotations

import json
from pathlib import Path

import click

from conformance.cli import options
from conformance.model import DIALECTS
from conformance.subjects.child import Timeouts
from conformance.vectors import store


@click.group()
def strength() -> None:
    """How much the suite catches."""


@strength.command()
@click.option("--json", "json_file", type=options.file(), help="Write it as JSON, with every item.")
@options.golden
def api(json_file: Path | None, golden: Path | None) -> int:
    """Which names, arguments, methods and properties of both official packages the cases ask.

    Ends with 1 where one is neither asked nor excused, as after a release that adds one.
    """
    from conformance.report import reach
    from conformance.strength import api as measured

    options.check_files(json_file)
    files = store.load_all(golden or store.default_directory())
    cases = {
        dialect: [e.case for file in files for e in file.cases if dialect in e.expected]
        for dialect in DIALECTS
    }
    excuses = measured.excuses()
    found = measured.measure(cases, excuses)
    wrong = measured.problems(found, excuses)
    reach.show(found, wrong, options.console)
    if json_file is not None:
        store.write(json_file, (json.dumps(reach.as_json(found, wrong), indent=1) + "\n").encode())
    return int(bool(wrong))


@strength.command()
@options.subject
@click.option(
    "--dtype",
    "dtypes",
    type=click.Choice(["float16", "bfloat16", "float32"]),
    multiple=True,
    help="Only this dtype; may be repeated.",
)
@click.option(
    "--samples",
    type=click.IntRange(min=1000),
    default=1 << 18,
    show_default=True,
    help="About how many numbers of float32, of every binade.",
)
@click.option("--exhaustive", is_flag=True, help="All numbers of float32: hours.")
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Of the numbers of float32.")
@click.option(
    "--json", "json_file", type=options.file(), help="Write it as JSON, for `run --strength` too."
)
@click.option("--html", "html_file", type=options.file(), help="Write it as a page.")
@click.option(
    "--markdown", "markdown_file", type=options.file(), help="Write the tables as Markdown."
)
@options.timeouts
def ulp(
    subjects: tuple[str, ...],
    dtypes: tuple[str, ...],
    samples: int,
    exhaustive: bool,
    seed: int,
    json_file: Path | None,
    html_file: Path | None,
    markdown_file: Path | None,
    timeouts: Timeouts,
) -> int:
    """How exact the activations of subjects (default: impl) are, and their gradients.

    Every number of float16 and bfloat16 is asked, of float32 a sample of every binade. Errors are told, not judged:
    that is for `run`.
    """
    from conformance.report import digits, machine
    from conformance.strength import ulp as measured
    from conformance.subjects import resolve_all

    options.check_files(json_file, html_file, markdown_file)
    asked = dtypes or measured.DTYPES
    count = 0 if exhaustive else samples
    rows: list[measured.Row] = []
    status = 0
    found = resolve_all(subjects or ("impl",), timeouts=timeouts)
    try:
        with options.progress("activations") as progress:
            for subject in found:
                for row in measured.measure(subject, asked, count, seed):
                    rows.append(row)
                    progress(len(rows), len(found) * measured.count(asked))
    except KeyboardInterrupt:
        options.console.print("[yellow]interrupted[/]: what follows is what was measured so far")
        status = 130
    measures = digits.Digits(rows, count, seed, {s.name: s.provenance() for s in found})
    digits.show(measures, options.console)
    options.write(
        measures,
        (json_file, lambda made, file: machine.write_json(file, digits.as_json(made))),
        (html_file, digits.write_html),
        (markdown_file, digits.write_markdown),
    )
    return status


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

    Versions that have one are asked again, and installed first. Of findings official Keras is asked, which must
    be seen to be wrong; of wrong subjects the tests run the evidence. Ends with 0 where every row of golden/published.toml holds.
    """
    from conformance.claims import claims
    from conformance.report import published as report
    from conformance.strength import published as judging
    from conformance.strength import reports

    directory = golden or store.default_directory()
    chosen = reports.selected(reports.load(directory), select)
    entries = {e.case.id: e for file in store.load_all(directory) for e in file.cases}
    stated = claims.load(directory)
    ground = judging.Ground(directory, entries, stated.findings, offline, stated.claims)
    with options.progress("judging") as progress:
        judged = judging.judge(chosen, ground, progress)
    report.show(judged, options.console)
    return judged.exit_status()
