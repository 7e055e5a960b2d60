"""`conformance bench` and `power`: speed, and what the tests of random values find."""

from __future__ import annotations

import io
import json
from collections import Counter
from pathlib import Path

import click

from conformance.cli import options
from conformance.model.errors import UsageError
from conformance.runner.report import Plan, Report
from conformance.subjects.base import Mode
from conformance.vectors import store


@click.command()
@options.subject
@click.option("--select", multiple=True, metavar="PATTERN", help="Only classes that it matches.")
@options.mode
@click.option("--protocol", is_flag=True, help="Time the worker protocol instead: its cost a case.")
@click.option("--suite", is_flag=True, help="Time the phases of a run instead, start-up included.")
@click.option(
    "--repeat",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Of --suite: the medians of so many runs.",
)
@click.option("--json", "json_file", type=options.file(), help="Of --suite: write it as JSON.")
@click.option(
    "--markdown",
    "markdown_file",
    type=options.file(),
    help="Write the ratios as Markdown: into a page with marks, else as the whole file.",
)
@click.option("--jobs", type=click.IntRange(min=1), hidden=True)
@options.golden
def bench(
    subjects: tuple[str, ...],
    select: tuple[str, ...],
    mode: str,
    protocol: bool,
    suite: bool,
    repeat: int,
    json_file: Path | None,
    markdown_file: Path | None,
    jobs: int | None,
    golden: Path | None,
) -> int:
    """Time subjects (default: impl) against official Keras: ratios, side by side in this process."""
    from conformance.report import timings as report
    from conformance.runner import bench as benchmark

    if markdown_file and (suite or protocol):
        raise UsageError("--markdown must be given without --suite and --protocol")
    options.check_files(markdown_file)
    if suite:
        plan = Plan(
            subjects or ("impl",),
            golden or store.default_directory(),
            select=select,
            mode=Mode(mode),
        )
        return _suite(plan, repeat, json_file) if jobs is None else _run_of_suite(plan, jobs)
    if json_file or repeat > 1:
        raise UsageError("--json and --repeat must be given with --suite")
    if protocol:
        there, here = benchmark.protocol_cost()
        options.console.print(
            f"the worker protocol costs {1e6 * (there - here):.0f} us a case (median): "
            f"{1e6 * there:.0f} us in another process, {1e6 * here:.0f} us in this one"
        )
        return 0
    timings = []
    status = 0
    try:
        with options.progress("timing") as progress:
            for timing in benchmark.measure(subjects or ("impl",), Mode(mode), progress, select):
                timings.append(timing)
    except KeyboardInterrupt:
        options.console.print("[yellow]interrupted[/]: what follows is what was timed so far")
        status = 130
    report.show(timings, options.console)
    if not status:
        options.write(timings, (markdown_file, report.write_markdown))
    return status


def _suite(plan: Plan, repeat: int, json_file: Path | None) -> int:
    """Measures runs in processes of their own: `_run_of_suite` is what each does."""
    from conformance.report import machine
    from conformance.report import timings as report
    from conformance.runner import suite_bench

    options.check_files(json_file)
    command = ["bench", "--suite", "--mode", str(plan.mode), "--golden", str(plan.golden)]
    command += [word for each in plan.subjects for word in ("--subject", each)]
    command += [word for each in plan.select for word in ("--select", each)]
    found = []
    status = 0
    try:
        with options.progress("timing") as progress:
            for each in suite_bench.measure(command, (1, 2), repeat, progress):
                found.append(each)
    except KeyboardInterrupt:
        status = 130
    if found:
        report.show_suite(found, options.console)
        told = report.suite_json(found)
        options.write(told, (json_file, lambda made, file: machine.write_json(file, made)))
    return status


def _run_of_suite(plan: Plan, jobs: int) -> int:
    from rich.console import Console

    from conformance.report import machine, terminal
    from conformance.runner import suite_bench

    def written(report: Report) -> None:
        terminal.summary(report, Console(file=io.StringIO(), width=110))
        json.dumps(machine.to_json(report), indent=1)

    click.echo(json.dumps(suite_bench.measure_here(plan, jobs, written)))
    return 0


@click.command()
@click.option("--markdown", "markdown_file", type=options.file(), help="Write it as Markdown.")
@click.option(
    "--simulate",
    type=click.IntRange(min=1),
    metavar="RUNS",
    help="Draw RUNS samples of each law from a correct generator, and count false alarms.",
)
def power(markdown_file: Path | None, simulate: int | None) -> int:
    """What the distribution level finds, and how often it is wrong."""
    from rich.markdown import Markdown

    from conformance.cases import every_case
    from conformance.judge import power as computed

    cases = every_case()
    text = computed.markdown(cases)
    if markdown_file is not None:
        store.write(markdown_file, text.encode())
    options.console.print(Markdown(text))
    if simulate is not None:
        return _simulate(simulate, max(computed.least_sizes(cases).values()))
    return 0


def _simulate(runs: int, size: int) -> int:
    from conformance.judge import power as computed

    alarms: Counter[str] = Counter()
    done: Counter[str] = Counter()
    total = runs * len(computed.NAMES)
    try:
        with options.progress("simulating") as advance:
            for number, (law, count) in enumerate(computed.simulate(runs, size), start=1):
                done[law] += 1
                alarms[law] += count
                advance(number, total)
    except KeyboardInterrupt:
        options.console.print(
            "[yellow]interrupted[/]: what follows is about the samples drawn so far"
        )
    for law in done:
        options.console.print(
            f"{law}: {alarms[law]} false alarms in {done[law]:,} samples of {size:,}"
        )
    return int(alarms.total() > 0)
