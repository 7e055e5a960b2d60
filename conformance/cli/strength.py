"""`conformance strength`: how much the suite catches."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from conformance.cli import options
from conformance.model import DIALECTS
from conformance.model.errors import UsageError
from conformance.runner.executor import ClusterGone
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
    from conformance.report import machine, reach
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
    told = reach.as_json(found, wrong)
    options.write(told, (json_file, lambda made, file: machine.write_json(file, made)))
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


@strength.command()
@click.option(
    "--select",
    multiple=True,
    metavar="PATTERN",
    help="Only mutants whose id or module the glob matches, or whose id has the text in it.",
)
@click.option(
    "--cases",
    multiple=True,
    metavar="PATTERN",
    help="Only these cases are asked: which mutants do they kill? As `--select` of `run`.",
)
@click.option("--sample", type=click.IntRange(min=1), help="So many of them, at random.")
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Of the sample and the orders.")
@click.option(
    "--recorded",
    is_flag=True,
    help="Ask each mutant only the case that killed it when all were last tried: seconds, not minutes.",
)
@click.option(
    "--left",
    is_flag=True,
    help="Only mutants that no case is known to kill, and that are not said to be equivalent.",
)
@click.option(
    "--seconds",
    type=options.SECONDS,
    default=1.0,
    show_default=True,
    help="Of computing, for which a mutant is asked.",
)
@click.option(
    "--again",
    type=click.FloatRange(min=0),
    default=10.0,
    show_default=True,
    help="Seconds for which one is asked again that lives, and is not said to be equivalent.",
)
@click.option("--floor", type=click.FloatRange(0, 100), help="A lower score, in percent, fails.")
@click.option("--jobs", type=click.IntRange(min=1), default=2, show_default=True)
@options.scheduler
@click.option("--fresh", is_flag=True, help="Forget what cases run, and which killed which mutant.")
@click.option("--write", "writes", is_flag=True, help="Keep which case killed which mutant.")
@click.option("--json", "json_file", type=options.file(), help="Write it as JSON.")
@options.golden
def mutation(
    select: tuple[str, ...],
    cases: tuple[str, ...],
    sample: int | None,
    seed: int,
    recorded: bool,
    left: bool,
    seconds: float,
    again: float,
    floor: float | None,
    jobs: int,
    scheduler: str | None,
    fresh: bool,
    writes: bool,
    json_file: Path | None,
    golden: Path | None,
) -> int:
    """Of the mistakes that impl could have, how many the golden cases see.

    Each mutant of impl is asked the cases that run its line until one fails. Ends with 1 below the floor, and where a
    mutant that is said to be equivalent is killed, or impl itself fails.
    """
    from conformance.report import machine
    from conformance.report import mutants as report
    from conformance.strength.mutation import elsewhere, equivalents, killers, questions, score
    from conformance.strength.mutation.reach import never, reach

    options.check_files(json_file)
    questions.prepare()
    directory = golden or store.default_directory()
    asked = questions.questions(store.load_all(directory, cases))
    made = score.all_mutants()
    excused, explained = equivalents.load(), equivalents.load(kind="survivor")
    wrong = equivalents.stale({**excused, **explained}, made)
    found = score.Score(len(made), excused, problems=wrong, explained=explained)
    some = score.chosen(made, select, sample or 0, seed)
    if not some:
        raise UsageError(f"--select must take a mutant; received {', '.join(select)}")
    known = {} if fresh else killers.load(asked)
    if left:
        killed = killers.names()
        some = [m for m in some if m.id not in excused and killers.name(m) not in killed]
    untaken = None
    gone = ""
    try:
        with options.executor(scheduler) as executor, options.progress("mutants") as progress:
            others = partial(elsewhere.elsewhere, executor, directory, cases) if executor else None
            measuring = score.Measuring(asked, found, known, seed, jobs, others)
            if recorded:
                measuring.recorded(some, progress)
            else:
                with options.progress("which case runs which line") as recording:
                    run = reach(asked, directory, jobs, recording, fresh=fresh)
                untaken = list(never(run))
                measuring.all(some, run, progress, seconds, again)
    except KeyboardInterrupt:
        found.interrupted = True
    except ClusterGone as error:
        gone = str(error)
    whole = not (select or cases or sample or left)
    report.show(found, untaken if whole else None, asked, options.console)
    told = report.as_json(found, untaken, asked)
    options.write(told, (json_file, lambda made, file: machine.write_json(file, made)))
    if writes:
        killers.write(found.results, asked, made)
    if found.interrupted:
        return 130
    if gone:
        raise ClusterGone(f"{gone}: what is above is about the mutants that were tried")
    return int(bool(found.problems) or (floor is not None and found.percent < floor))
