"""What the commands share: options, the console, progress."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from conformance.cases.levels import Level
from conformance.model.errors import UsageError
from conformance.runner.executor import Executor
from conformance.runner.report import Against, Follow
from conformance.subjects import SUBJECTS
from conformance.subjects.base import Mode, Place
from conformance.subjects.child import Timeouts

_T = TypeVar("_T")
_SUBJECT_HELP: Final = (
    f"{SUBJECTS}; may be repeated; a subject without a dialect runs each that it has."
)
# A pipe has no width of its own: rich takes what COLUMNS says, or a width at which nothing is cut.
_PIPED: Final = None if os.environ.get("COLUMNS", "").isdecimal() else 110
# `:ok:` is part of a subject's name, no picture.
console = Console(width=None if sys.stdout.isatty() else _PIPED, emoji=False)
_progress_console = Console(stderr=True, emoji=False)


class _Rate(ProgressColumn):
    """How many are done in a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f}/s", style="progress.data.speed")


class Shard(click.ParamType[tuple[int, int]]):
    """`I/N`: the I-th of N equal parts."""

    name = "I/N"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        number, slash, of = str(value).partition("/")
        if not (slash and number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
            self.fail(f"must be I/N with 1 <= I <= N, as 1/4; received {value!r}", param, ctx)
        return int(number), int(of)


def file() -> click.Path:
    """A file to be read or written."""
    return click.Path(dir_okay=False, path_type=Path)


def check_files(*files: Path | None) -> None:
    """UsageError, before anything runs, for a file that could not be written to its place."""
    for file in files:
        if file is None:
            continue
        place = next((each for each in (file, *file.absolute().parents) if each.exists()), file)
        if place != file and not place.is_dir():
            raise UsageError(f"{file}: cannot be written: {place} must be a directory; it is none")
        if not os.access(place, os.W_OK):
            raise UsageError(f"{file}: cannot be written: permission denied for {place}")


def write(found: _T, *files: tuple[Path | None, Callable[[_T, Path], None]]) -> None:
    """Writes what was found to those files that were asked for, each in its way.

    All are attempted; then UsageError, which names each file that could not be written, and why.
    """
    failed = []
    for file, writer in files:
        if file:
            try:
                writer(found, file)
            except OSError as error:
                failed.append(f"{file}: cannot be written: {error.strerror or error}")
    if failed:
        raise UsageError("; ".join(failed))


golden = click.option(
    "--golden",
    type=click.Path(path_type=Path),
    help="The directory of the golden files (default: those of this installation).",
)
select = click.option(
    "--select",
    multiple=True,
    metavar="PATTERN",
    help="Only cases whose id or target the glob matches, or whose id has the text in it; "
    "may be repeated.",
)
subject = click.option("--subject", "subjects", multiple=True, metavar="S", help=_SUBJECT_HELP)
follow = click.option(
    "--follow",
    type=click.Choice([str(f) for f in Follow]),
    callback=lambda context, parameter, value: Follow(value) if value else None,
    help="Who is right where official Keras and its documentation disagree. documented: what keeps to the "
    "truth passes (default, but for impl and Keras itself); official: the same answers are wanted.",
)
baseline = click.option(
    "--baseline",
    type=file(),
    help="An earlier report (--json, or --write-baseline): a class that ran more cases in it, or lacked "
    "fewer answers, fails.",
)
against = click.option(
    "--against",
    type=click.Choice([str(a) for a in Against]),
    default="golden",
    help="Golden vectors, official Keras live, or both.",
)
expectations = click.option(
    "--expectations",
    "expectation_files",
    type=file(),
    multiple=True,
    help="A TOML file of known failures, beside those that come with the suite.",
)
write_baseline = click.option(
    "--write-baseline",
    "baseline_file",
    type=file(),
    help="Write a small baseline: counts and causes, for --baseline.",
)
jobs = click.option("--jobs", type=click.IntRange(min=1), default=1, metavar="N", help="Processes.")
scheduler = click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="A Dask scheduler, as tcp://host:8786: its workers do the work, in place of processes here.",
)
summary = click.option(
    "--summary",
    "summary_file",
    type=file(),
    help="Append a summary as Markdown, for $GITHUB_STEP_SUMMARY.",
)
level = click.option(
    "--level",
    type=click.Choice([str(each) for each in Level]),
    callback=lambda context, parameter, value: Level(value) if value else None,
    help="Only cases up to this level, from daily use (documented, common) to the odd (edge, quirk).",
)
mode = click.option(
    "--mode",
    type=click.Choice([str(m) for m in Mode]),
    default="eager",
    help="How TensorFlow subjects execute calls.",
)
SECONDS: Final = click.FloatRange(min=0, min_open=True)
device = click.option(
    "--device", metavar="D", help="A TensorFlow device, as GPU:0; of other backends cpu or gpu."
)


def timeouts(function: Callable[..., int]) -> Callable[..., int]:
    """The options of subjects in other processes; the function receives `timeouts`."""

    @click.option(
        "--start-timeout",
        type=SECONDS,
        metavar="SECONDS",
        help="What a subject in another process may take to start.",
    )
    @click.option(
        "--case-timeout",
        type=SECONDS,
        metavar="SECONDS",
        help="What a subject in another process may take for a case.",
    )
    @functools.wraps(function)
    def with_limits(
        *arguments: Any, start_timeout: float | None, case_timeout: float | None, **options: Any
    ) -> int:
        return function(*arguments, timeouts=Timeouts(start_timeout, case_timeout), **options)

    return with_limits


def place(function: Callable[..., int]) -> Callable[..., int]:
    """The options that say where backends of Keras are looked for; the function receives `place`."""

    @click.option(
        "--here",
        is_flag=True,
        help="Judge Keras and its backend as this Python has them, keras@torch for example; make no environment.",
    )
    @click.option(
        "--backend-module",
        metavar="M",
        help="The module of this Python that makes the backend NAME of keras@NAME known to Keras when it is "
        "imported, instead of keras_NAME.",
    )
    @functools.wraps(function)
    def with_place(*arguments: Any, here: bool, backend_module: str | None, **options: Any) -> int:
        return function(*arguments, place=Place(here, backend_module), **options)

    return with_place


in_process = click.option(
    "--in-process",
    is_flag=True,
    help="Run subjects that are modules in this process, for debugging, instead of each in its own.",
)


@contextmanager
def executor(address: str | None) -> Iterator[Executor | None]:
    """The cluster of `--scheduler`; None without one: then processes of this machine do the work."""
    if address is None:
        yield None
        return
    context = click.get_current_context()
    if context.get_parameter_source("jobs") is click.core.ParameterSource.COMMANDLINE:
        raise UsageError("--scheduler must be given without --jobs: workers have their own number")
    from conformance.cli.parts import KINDS
    from conformance.runner.executor_dask import cluster

    with cluster(address, KINDS) as found:
        yield found


class Bar:
    """A bar of progress: called with how many are done, of how many."""

    def __init__(self, progress: Progress, task: TaskID, *, shown: bool) -> None:
        self._progress = progress
        self._task = task
        self._shown = shown

    def __call__(self, done: int, total: int) -> None:
        self._progress.update(self._task, completed=done, total=total)

    @property
    def failed(self) -> Callable[[int], None] | None:
        """What shows how many cases failed so far; None where nobody sees it, and nobody need count."""
        return self._failed if self._shown else None

    def _failed(self, count: int) -> None:
        said = f"{count:,} failed" if count else ""
        self._progress.update(self._task, failed=said)


@contextmanager
def progress(what: str) -> Iterator[Bar]:
    """A bar on standard error, where that is a terminal; gives what moves it."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TextColumn("[red]{task.fields[failed]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    shown = _progress_console.is_terminal
    with Progress(
        *columns, console=_progress_console, transient=True, disable=not shown
    ) as progress:
        yield Bar(progress, progress.add_task(what, total=None, failed=""), shown=shown)
