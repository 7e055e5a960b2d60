"""The command `conformance`. Every command ends in one of the exit statuses of `EXIT_STATUS`."""

from __future__ import annotations

import functools
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from conformance import __version__, store
from conformance.cli_env import env
from conformance.errors import ConformanceError, UsageError
from conformance.expectations import checking, writing
from conformance.run import (
    Against,
    Plan,
    Report,
    Runner,
    compare_with_baseline,
    judged_again,
)
from conformance.run import run as run_plan
from conformance.subjects.base import Mode
from conformance.subjects.child import Timeouts

EXIT_STATUS: Final = """\b
Exit status:
  0    everything as expected
  1    a failure, an unexpected pass, a stale expectation, or fewer cases than the baseline
  2    usage or environment
  3    damaged golden data
  130  interrupted; what was finished is reported"""

_SUBJECT_HELP: Final = (
    "impl, impl.keras2, impl.keras3, keras, tf_keras, keras==VERSION, tf_keras==VERSION, "
    "keras@BACKEND, keras==VERSION@BACKEND, module:NAME[:DIALECT] or command:PROGRAM; "
    "may be repeated; a subject without a dialect runs each that it has."
)
_console = Console(width=None if sys.stdout.isatty() else 110)
_progress_console = Console(stderr=True)


class _Shard(click.ParamType[tuple[int, int]]):
    name = "I/N"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        number, slash, of = str(value).partition("/")
        if not (slash and number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
            self.fail(f"must be I/N with 1 <= I <= N, as 1/4; received {value!r}", param, ctx)
        return int(number), int(of)


def _file() -> click.Path:
    return click.Path(dir_okay=False, path_type=Path)


_golden = click.option(
    "--golden",
    type=click.Path(path_type=Path),
    help="The directory of the golden files (default: those of this installation).",
)
_select = click.option(
    "--select",
    multiple=True,
    metavar="PATTERN",
    help="Only cases whose id or target the glob matches, or whose id has the text in it; "
    "may be repeated.",
)
_subject = click.option("--subject", "subjects", multiple=True, metavar="S", help=_SUBJECT_HELP)
_mode = click.option(
    "--mode",
    type=click.Choice([str(m) for m in Mode]),
    default="eager",
    help="How TensorFlow subjects execute calls.",
)
_SECONDS: Final = click.FloatRange(min=0, min_open=True)
_device = click.option("--device", metavar="D", help="A TensorFlow device, as GPU:0.")


def _limits(function: Callable[..., int]) -> Callable[..., int]:
    """The options of subjects in other processes; the function receives `timeouts`."""

    @click.option(
        "--start-timeout",
        type=_SECONDS,
        metavar="SECONDS",
        help="What a subject in another process may take to start.",
    )
    @click.option(
        "--case-timeout",
        type=_SECONDS,
        metavar="SECONDS",
        help="What a subject in another process may take for a case.",
    )
    @functools.wraps(function)
    def with_limits(
        *arguments: Any, start_timeout: float | None, case_timeout: float | None, **options: Any
    ) -> int:
        return function(*arguments, timeouts=Timeouts(start_timeout, case_timeout), **options)

    return with_limits


@click.group(epilog=EXIT_STATUS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="conformance")
def cli() -> None:
    """Does an implementation compute what Keras computes, and if not, where and by how much?"""


@contextmanager
def _progress(what: str) -> Iterator[Any]:
    """A bar on standard error, where that is a terminal; gives a function (done, total)."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    shown = _progress_console.is_terminal
    with Progress(
        *columns, console=_progress_console, transient=True, disable=not shown
    ) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


cli.add_command(env)


@cli.command()
@_subject
@click.option(
    "--against",
    type=click.Choice([str(a) for a in Against]),
    default="golden",
    help="Golden vectors, official Keras live, or both.",
)
@_select
@_mode
@_device
@click.option(
    "--strict",
    is_flag=True,
    help="Eager values must have the same bits wherever that can be asked for (live, and goldens "
    "recorded on a like platform), and nothing may be unsupported.",
)
@click.option("--jobs", type=click.IntRange(min=1), default=1, metavar="N", help="Processes.")
@click.option("--shard", type=_Shard(), default=(1, 1), help="The I-th of N equal parts.")
@click.option("--json", "json_file", type=_file(), help="Write the report as JSON.")
@click.option("--junit", "junit_file", type=_file(), help="Write the report as JUnit XML.")
@click.option("--html", "html_file", type=_file(), help="Write the report as a page with repros.")
@click.option("--markdown", "markdown_file", type=_file(), help="Write a summary as Markdown.")
@click.option(
    "--baseline", type=_file(), help="A JSON report; running fewer cases of a class fails."
)
@click.option(
    "--expectations",
    "expectation_files",
    type=_file(),
    multiple=True,
    help="A TOML file of known failures, beside those that come with the suite.",
)
@click.option(
    "--write-expectations",
    "written_file",
    type=_file(),
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
@_limits
@_golden
def run(
    subjects: tuple[str, ...],
    against: str,
    select: tuple[str, ...],
    mode: str,
    device: str | None,
    strict: bool,
    jobs: int,
    shard: tuple[int, int],
    json_file: Path | None,
    junit_file: Path | None,
    html_file: Path | None,
    markdown_file: Path | None,
    baseline: Path | None,
    expectation_files: tuple[Path, ...],
    written_file: Path | None,
    reason: str,
    link: str,
    only_aspects: tuple[str, ...],
    only_fails: tuple[str, ...],
    exceptions: bool,
    timeouts: Timeouts,
    golden: Path | None,
) -> int:
    """Run cases against subjects (default: impl, in both dialects)."""
    from conformance.report import junit, machine, page, terminal

    earlier = machine.read_baseline(baseline) if baseline else None
    triage = writing.Triage(reason.strip(), link.strip(), only_aspects, only_fails)
    triage.check(written_file)
    known = [written_file] if written_file and written_file.is_file() else []
    plan = Plan(
        subjects=subjects or ("impl",),
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
    )
    with _progress("running") as progress:
        report: Report = run_plan(plan, jobs=jobs, progress=progress)
    if earlier is not None and not report.interrupted:
        report.shrunk = compare_with_baseline(report, earlier)
    terminal.summary(report, _console)
    for file, write in (
        (json_file, machine.write),
        (junit_file, junit.write),
        (html_file, page.write_html),
        (markdown_file, page.write_markdown),
    ):
        if file:
            write(report, file)
    if written_file is None:
        return report.exit_status()
    return _write_expectations(report, written_file, expectation_files, triage)


def _write_expectations(
    report: Report, path: Path, others: tuple[Path, ...], triage: writing.Triage
) -> int:
    """Writes the file, and says what a run right after this one would end with."""
    if report.interrupted or report.crashed:
        why = "was interrupted" if report.interrupted else "lost a process"
        raise_after = (
            f"{path} was not written: the run {why}, and knows only a part of the failures"
        )
        click.echo(raise_after, err=True)
        return report.exit_status()
    asked = [
        writing.Asked(
            name,
            facts.get("version"),
            report.modes[name],
            report.every_id[name],
            [result for result in report.unjudged if result.subject == name],
        )
        for name, facts in report.provenance.items()
    ]
    done = writing.update(path, asked, str(report.plan.mode), others, triage)
    after = judged_again(report, (*others, *([path] if path.is_file() else [])))
    from conformance.report import terminal

    terminal.written(done, after, _console)
    return after.exit_status()


@cli.command()
@click.option("--check", is_flag=True, help="Exit with 1 where anything would change.")
@click.option("--write", is_flag=True, help="Replace the golden files that would change.")
@_select
@_golden
def record(check: bool, write: bool, select: tuple[str, ...], golden: Path | None) -> int:
    """Regenerate golden vectors from official Keras (default: only show what would change)."""
    from conformance import record as recorder
    from conformance.report import terminal

    if check and write:
        raise UsageError("record takes --check or --write; received both")
    directory = golden or store.default_directory()
    with _progress("recording") as progress:
        found = recorder.regenerate(directory, select, progress)
    terminal.regeneration(found, _console)
    for line in found.refused:
        _console.print(f"[red]not admitted[/] {escape(line)}", soft_wrap=True, highlight=False)
    if found.refused:
        _console.print("nothing was written")
        return 1
    changed = any(found.changes)
    if write:
        written = found.write()
        _console.print(f"{len(written)} files written" if written else "nothing to write")
        return 0
    if changed:
        _console.print("nothing was written; `conformance record --write` applies this")
        return 1 if check else 0
    counts = recorder.counts(found.files)
    _console.print(
        f"as recorded: {counts['cases']} cases, {counts['outcomes']} outcomes, "
        f"{counts['elements']} elements"
    )
    return 0


@cli.command()
@click.argument("subjects", nargs=-1, required=True, metavar="SUBJECT...")
@_select
@_mode
@_device
@click.option("--jobs", type=click.IntRange(min=1), default=1, metavar="N", help="Processes.")
@click.option("--json", "json_file", type=_file(), help="Write the matrix as JSON.")
@click.option("--html", "html_file", type=_file(), help="Write the matrix as a page.")
@click.option("--markdown", "markdown_file", type=_file(), help="Write the matrix as Markdown.")
@_golden
def matrix(
    subjects: tuple[str, ...],
    select: tuple[str, ...],
    mode: str,
    device: str | None,
    jobs: int,
    json_file: Path | None,
    html_file: Path | None,
    markdown_file: Path | None,
    golden: Path | None,
) -> int:
    """Run subjects one after the other: by class, where each differs from the golden vectors.

    Exits with 1 where a subject could not run; differences are what it is about, and no failure.
    """
    from conformance import matrix as matrices
    from conformance.report import matrix as report

    plan = Plan(
        subjects=subjects,
        golden=golden or store.default_directory(),
        select=select,
        mode=Mode(mode),
        device=device,
    )
    with _progress("running") as progress:
        made = matrices.matrix(plan, jobs=jobs, progress=progress)
    report.summary(made, _console)
    for file, write in (
        (json_file, report.write_json),
        (html_file, report.write_html),
        (markdown_file, report.write_markdown),
    ):
        if file:
            write(made, file)
    return made.exit_status()


@cli.command()
@click.argument("old")
@click.argument("new")
@_select
@_mode
@_device
@click.option(
    "--model",
    type=_file(),
    metavar="FILE",
    help="A saved model (.keras, or its configuration as JSON): only what it uses.",
)
@click.option("--jobs", type=click.IntRange(min=1), default=1, metavar="N", help="Processes.")
@click.option("--json", "json_file", type=_file(), help="Write the difference as JSON.")
@click.option("--html", "html_file", type=_file(), help="Write the difference as a page.")
@click.option("--markdown", "markdown_file", type=_file(), help="Write it as Markdown.")
@_golden
@click.pass_context
def diff(context: click.Context, /, old: str, new: str, **options: Any) -> int:
    """What changes from OLD to NEW: two subjects, two reports of `run --json`, or two golden directories.

    Of subjects, every case is asked of both; the options are about these.
    """
    if not _are_paths(old, new):
        return _diff_subjects(old, new, **options)
    for name in options:
        if context.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT:
            given = next(p.opts[0] for p in context.command.params if p.name == name)
            raise UsageError(
                f"{given} must be about two subjects; received the paths {old!r} and {new!r}"
            )
    return _diff_paths(Path(old), Path(new))


# Subjects whose names a directory of a checkout may have too.
_SUBJECT_NAMES: Final = ("impl", "impl.keras2", "impl.keras3", "keras", "tf_keras", "tfjs")


def _are_paths(old: str, new: str) -> bool:
    """Whether OLD and NEW are files, and not subjects; UsageError where they are neither, or both."""
    there = [_exists(each) for each in (old, new)]
    if all(there):
        return True
    for each, exists in zip((old, new), there, strict=True):
        if exists and each not in _SUBJECT_NAMES:
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
    jobs: int,
    json_file: Path | None,
    html_file: Path | None,
    markdown_file: Path | None,
    golden: Path | None,
) -> int:
    from conformance import upgrade
    from conformance.report import upgrade as report

    request = upgrade.Request(
        old, new, golden or store.default_directory(), select, Mode(mode), device, model
    )
    with _progress("asking both") as progress:
        made = upgrade.upgrade(request, jobs=jobs, progress=progress)
    report.summary(made, _console)
    for file, write in (
        (json_file, report.write_json),
        (html_file, report.write_html),
        (markdown_file, report.write_markdown),
    ):
        if file:
            write(made, file)
    return made.exit_status()


def _diff_paths(old: Path, new: Path) -> int:
    from conformance import diff as differ
    from conformance.report import terminal

    if old.is_dir() != new.is_dir():
        raise UsageError(
            "OLD and NEW must be two reports or two golden directories; received "
            f"{str(old)!r} and {str(new)!r}"
        )
    if old.is_dir():
        changes = differ.golden_sets(old, new)
        sizes = {file.target: len(file.cases) for file in store.load_all(new)}
        if changes:
            terminal.golden_changes(changes, sizes, f"{old} -> {new}", _console)
        else:
            _console.print("the golden files hold the same")
        return int(bool(changes))
    found = differ.reports(old, new)
    terminal.difference(found, _console)
    return int(bool(found.appeared))


@cli.command()
@click.argument("case_id", metavar="CASE")
@_subject
@_mode
@_device
@_limits
@_golden
def show(
    case_id: str,
    subjects: tuple[str, ...],
    mode: str,
    device: str | None,
    timeouts: Timeouts,
    golden: Path | None,
) -> int:
    """Show a case: expected, actual, ULP, and a repro that runs on its own."""
    from conformance.report import terminal

    plan = Plan(
        subjects=subjects or ("impl",),
        golden=golden or store.default_directory(),
        select=(case_id,),
        mode=Mode(mode),
        device=device,
        timeouts=timeouts,
    )
    runner = Runner(plan)
    exact = [e for e in runner.entries if e[1].case.id == case_id]
    if not exact:
        near = ", ".join(entry.case.id for _, entry in runner.entries[:3])
        raise UsageError(f"CASE must be the id of a case; received {case_id!r} (there is {near})")
    position = runner.entries.index(exact[0])
    entry = exact[0][1]
    asked = False
    for subject, case, results in runner.results(position):
        asked = True
        expected = entry.expected[subject.dialect]
        answer = subject.answer(case)
        terminal.case_in_full(case, subject, answer, expected, results, _console)
    if not asked:
        names = ", ".join(s.name for s in runner.subjects)
        raise UsageError(
            f"--subject must speak a dialect of the case ({', '.join(entry.case.dialects)}); "
            f"received {names}"
        )
    return 0


@cli.command(name="list")
@_select
@click.option("--ids", is_flag=True, help="Print ids, one a line, instead of the table.")
@_golden
def list_cases(select: tuple[str, ...], ids: bool, golden: Path | None) -> int:
    """List the cases that have golden outcomes."""
    files = store.load_all(golden or store.default_directory(), select)
    if ids:
        for file in files:
            for entry in file.cases:
                click.echo(entry.case.id)
        return 0
    table = Table(title="Cases", title_justify="left")
    for name in ("class", "cases", "keras2", "keras3", "differ", "flags"):
        table.add_column(name, justify="right" if name not in ("class", "flags") else "left")
    for file in files:
        flags = Counter(flag for entry in file.cases for flag in entry.case.flags)
        both = [e for e in file.cases if len(e.expected) == 2]
        table.add_row(
            file.target,
            str(len(file.cases)),
            str(sum("keras2" in e.expected for e in file.cases)),
            str(sum("keras3" in e.expected for e in file.cases)),
            str(sum(not e.alike for e in both)),
            ", ".join(f"{flag} {n}" for flag, n in flags.most_common()),
        )
    _console.print(table)
    _console.print(f"{sum(len(file.cases) for file in files)} cases in {len(files)} files")
    return 0


@cli.command()
@click.option("--headroom", is_flag=True, help="Show what each class uses of its error budgets.")
@_golden
def lint(headroom: bool, golden: Path | None) -> int:
    """Check golden files, and that rows, goldens, expectations, claims and the oracle fit."""
    from conformance import admission, claims
    from conformance.cases import every_case
    from conformance.oracle.tolerance import settled
    from conformance.report import terminal

    directory = golden or store.default_directory()
    found = [line for path in store.paths(directory) for line in store.problems(path, directory)]
    files = store.load_all(directory)
    recorded = {entry.case.id: entry.case for file in files for entry in file.cases}
    rows = {case.id: case for case in every_case()}
    found += [f"{i}: a row without golden outcomes" for i in rows if i not in recorded]
    found += [f"{i}: golden outcomes without a row" for i in recorded if i not in rows]
    found += [
        f"{entry.case.id}: the golden case must be that of its row; it is another"
        for file in files
        for entry in file.cases
        if entry.case.id in rows and settled(rows[entry.case.id], entry.expected) != entry.case
    ]
    found += checking.problems({i: case.dialects for i, case in recorded.items()})
    stated = claims.load(directory)
    found += stated.problems(files)
    with _progress("judging") as progress:
        coverage = admission.covered(files, stated.findings, progress)
    found += coverage.problems
    for line in found:
        click.echo(line)
    terminal.coverage(coverage, _console, every_class=headroom)
    size = sum(path.stat().st_size for path in store.paths(directory))
    _console.print(
        f"{len(recorded)} cases in {len(files)} files, {size / 1e6:.2f} MB: {len(found)} problems"
    )
    return int(bool(found))


@cli.command()
@click.argument("subject", metavar="SUBJECT")
@_limits
@_golden
def doctor(subject: str, timeouts: Timeouts, golden: Path | None) -> int:
    """Check the adapter of SUBJECT: does it keep the worker protocol, whatever it computes?

    Ends with 1 where the adapter is broken; what differs from official Keras is for `run` to judge.
    """
    from conformance import doctor as examination
    from conformance.report import diagnosis

    files = store.load_all(golden or store.default_directory())
    checks = []
    with _progress("asking") as progress:
        for check in examination.examine(subject, files, timeouts):
            checks.append(check)
            progress(len(checks), 7)
    diagnosis.show(checks, _console)
    return int(any(check.state is examination.State.BROKEN for check in checks))


@cli.command()
@_subject
@click.option("--select", multiple=True, metavar="PATTERN", help="Only claims that it matches.")
@click.option("--html", "html_file", type=_file(), help="Write a page of every claim.")
@click.option("--markdown", "markdown_file", type=_file(), help="Write a summary as Markdown.")
@_golden
def findings(
    subjects: tuple[str, ...],
    select: tuple[str, ...],
    html_file: Path | None,
    markdown_file: Path | None,
    golden: Path | None,
) -> int:
    """Judge every documented claim (default: the official packages and impl).

    Ends with 0 where each breach has its entry in findings.toml, and one of rule 1 where the
    subject is not an official package.
    """
    from conformance import claims
    from conformance.report import claims as report
    from conformance.subjects import OFFICIAL, resolve_all

    directory = golden or store.default_directory()
    chosen = claims.load(directory).selected(select)
    files = store.load_all(directory)
    asked = resolve_all(subjects or (*reversed(OFFICIAL.values()), "impl"))
    with _progress("judging") as progress:
        judged = claims.judge(chosen, files, asked, progress)
    report.summary(judged, _console)
    for file, write in ((html_file, report.write_html), (markdown_file, report.write_markdown)):
        if file:
            write(judged, file)
    return judged.exit_status()


@cli.command()
@_subject
@click.option("--select", multiple=True, metavar="PATTERN", help="Only classes that it matches.")
@_mode
@click.option("--protocol", is_flag=True, help="Time the worker protocol instead: its cost a case.")
def bench(subjects: tuple[str, ...], select: tuple[str, ...], mode: str, protocol: bool) -> int:
    """Time subjects (default: impl) against official Keras: ratios, side by side in this process."""
    from conformance import bench as benchmark
    from conformance.report import terminal

    if protocol:
        there, here = benchmark.protocol_cost()
        _console.print(
            f"the worker protocol costs {1e6 * (there - here):.0f} us a case (median): "
            f"{1e6 * there:.0f} us in another process, {1e6 * here:.0f} us in this one"
        )
        return 0
    timings = []
    status = 0
    try:
        with _progress("timing") as progress:
            for timing in benchmark.measure(subjects or ("impl",), Mode(mode), progress, select):
                timings.append(timing)
    except KeyboardInterrupt:
        _console.print("[yellow]interrupted[/]: what follows is what was timed so far")
        status = 130
    terminal.timings(timings, _console)
    return status


@cli.command()
@click.option("--markdown", "markdown_file", type=_file(), help="Write it as Markdown.")
@click.option(
    "--simulate",
    type=click.IntRange(min=1),
    metavar="RUNS",
    help="Draw RUNS samples of each law from a correct generator, and count false alarms.",
)
def power(markdown_file: Path | None, simulate: int | None) -> int:
    """What the distribution level finds, and how often it is wrong."""
    from rich.markdown import Markdown

    from conformance import power as computed
    from conformance.cases import every_case

    cases = every_case()
    text = computed.markdown(cases)
    if markdown_file is not None:
        store.write(markdown_file, text.encode())
    _console.print(Markdown(text))
    if simulate is not None:
        return _simulate(simulate, max(computed.least_sizes(cases).values()))
    return 0


def _simulate(runs: int, size: int) -> int:
    from conformance import power as computed

    alarms: Counter[str] = Counter()
    done: Counter[str] = Counter()
    total = runs * len(computed.NAMES)
    try:
        with _progress("simulating") as advance:
            for number, (law, count) in enumerate(computed.simulate(runs, size), start=1):
                done[law] += 1
                alarms[law] += count
                advance(number, total)
    except KeyboardInterrupt:
        _console.print("[yellow]interrupted[/]: what follows is about the samples drawn so far")
    for law in done:
        _console.print(f"{law}: {alarms[law]} false alarms in {done[law]:,} samples of {size:,}")
    return int(alarms.total() > 0)


def main() -> None:
    """Runs the command line and exits with its status; errors are one sentence on stderr."""
    try:
        status = cli.main(standalone_mode=False)
    except ConformanceError as error:
        click.echo(f"conformance: {error}", err=True)
        status = error.exit_status
    except click.ClickException as error:
        click.echo(f"conformance: {error.format_message()}", err=True)
        status = 2
    except (KeyboardInterrupt, click.Abort):
        click.echo("conformance: interrupted; every golden file is whole", err=True)
        status = 130
    except BrokenPipeError:
        status = 141
    except OSError as error:
        click.echo(f"conformance: {error}", err=True)
        status = 2
    sys.exit(status if isinstance(status, int) else 0)
