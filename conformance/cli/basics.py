"""What commands share that ask nobody: the console, progress, files, which cases. `options` has the rest.

Apart from that, as it imports little: `list` is to be there at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

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

from conformance.model.errors import UsageError

_T = TypeVar("_T")
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
