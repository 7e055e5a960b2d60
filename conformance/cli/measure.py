"""`conformance bench` and `power`: speed, and what the tests of random values find."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from conformance.cli import options
from conformance.subjects.base import Mode
from conformance.vectors import store


@click.command()
@options.subject
@click.option("--select", multiple=True, metavar="PATTERN", help="Only classes that it matches.")
@options.mode
@click.option("--protocol", is_flag=True, help="Time the worker protocol instead: its cost a case.")
def bench(subjects: tuple[str, ...], select: tuple[str, ...], mode: str, protocol: bool) -> int:
    """Time subjects (default: impl) against official Keras: ratios, side by side in this process."""
    from conformance.report import timings as report
    from conformance.runner import bench as benchmark

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
    return status


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
