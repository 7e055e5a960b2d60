"""What the commands share: options; and what `basics` has."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import click

from conformance.cases.levels import Level
from conformance.cli.basics import Bar as Bar
from conformance.cli.basics import check_files as check_files
from conformance.cli.basics import console as console
from conformance.cli.basics import file as file
from conformance.cli.basics import golden as golden
from conformance.cli.basics import progress as progress
from conformance.cli.basics import select as select
from conformance.cli.basics import write as write
from conformance.model.errors import UsageError
from conformance.runner.executor import Executor
from conformance.runner.report import Against, Follow
from conformance.subjects import SUBJECTS
from conformance.subjects.base import Mode, Place
from conformance.subjects.child import Timeouts

_SUBJECT_HELP: Final = (
    f"{SUBJECTS}; may be repeated; a subject without a dialect runs each that it has."
)


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
