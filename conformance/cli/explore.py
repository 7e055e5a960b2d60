"""`conformance explore`: a search beyond the golden cases."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.cli import options
from conformance.runner.executor import ClusterGone, Executor
from conformance.subjects.child import Timeouts
from conformance.vectors import store

if TYPE_CHECKING:
    from conformance.strength.explore.exploring import Begun, Limits
    from conformance.strength.explore.state import Discovery
    from conformance.strength.explore.travelling import Asked


@click.command()
@options.subject
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=60.0,
    show_default=True,
    help="How long to search; on a cluster, how long each worker does.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Another seed, other examples.")
@click.option("--examples", type=click.IntRange(min=1), metavar="N", help="Ask N cases at most.")
@click.option(
    "--select",
    multiple=True,
    metavar="PATTERN",
    help="Only classes that the glob matches or that have the text in their name, as layers.Dense; "
    "`sequences` are conversations of many steps; may be repeated.",
)
@click.option(
    "--save",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write each discovery here, as a case, a row and a repro. An exploration that is here already goes on: "
    "what it told is not told again.",
)
@options.device
@options.timeouts
@options.in_process
@options.scheduler
@options.golden
def explore(
    subjects: tuple[str, ...],
    seconds: float,
    seed: int,
    examples: int | None,
    select: tuple[str, ...],
    directory: Path | None,
    device: str | None,
    timeouts: Timeouts,
    in_process: bool,
    scheduler: str | None,
    golden: Path | None,
) -> int:
    """Search for what no case asks (default: of impl), shrink it, and tell each cause once.

    Draws arguments, inputs and conversations. Subjects are compared with official Keras live, official Keras with
    the truth, with itself when it is traced, and with what must hold whatever the numbers are. Ends with 1 where it
    finds a cause that no finding or expectation holds.
    """
    from conformance.strength.explore.travelling import Asked, need_hypothesis

    need_hypothesis()
    from conformance.strength.explore import exploring, surviving
    from conformance.strength.explore import state as states
    from conformance.subjects import forkable

    if directory is not None:
        options.check_files(directory / "state.json")
        directory.mkdir(parents=True, exist_ok=True)
    asked = Asked(subjects or ("impl",), device, timeouts, in_process)
    with _kept(directory) as place, options.executor(scheduler) as executor:
        since = exploring.begun(place)

        def work() -> int:
            return _explore(
                asked,
                golden or store.default_directory(),
                exploring.Limits(seconds, seed, examples, select),
                since,
                place,
                executor,
                saved=directory is not None,
            )

        if executor or in_process or surviving.captured() or not forkable(()):
            return work()
        return surviving.survive(work, lambda: states.is_unfinished(place))


@contextmanager
def _kept(directory: Path | None) -> Iterator[Path]:
    """Where an exploration keeps what it did: here, or for as long as it takes."""
    if directory is not None:
        yield directory
        return
    with tempfile.TemporaryDirectory(prefix="explore-") as folder:
        yield Path(folder)


def _explore(
    asked: Asked,
    held: Path,
    limits: Limits,
    since: Begun,
    place: Path,
    executor: Executor | None,
    *,
    saved: bool,
) -> int:
    """Explores, or goes on after a process that a kernel has ended; prints all that was found since it began."""
    from conformance.claims import findings
    from conformance.report import explored
    from conformance.strength.explore import asking, elsewhere, exploring
    from conformance.subjects import resolve_all

    found = resolve_all(
        asked.subjects,
        device=asked.device,
        timeouts=asked.timeouts,
        in_process=asked.in_process,
    )
    tensors = {subject.name: subject.tensors for subject in found}
    exploration = exploring.Exploration(
        asking.lanes(found, device=asked.device),
        store.load_all(held),
        findings.load_findings(held),
        limits,
        place,
        since=since,
    )

    def tell(discovery: Discovery) -> None:
        explored.told(discovery, options.console)
        if saved:
            explored.save(discovery, place, tensors[discovery.subject])

    gone = ""
    with options.progress("exploring") as progress:
        if executor is None:
            exploration.run(tell, progress)
        else:
            try:
                elsewhere.explore(exploration, executor, asked, held, tell, progress)
            except ClusterGone as error:
                gone = str(error)
    explored.summary(exploration, options.console)
    if saved and exploration.new:
        options.console.print(f"saved in {place}", highlight=False, soft_wrap=True)
    if exploration.interrupted:
        return 130
    if gone:
        raise ClusterGone(f"{gone}: what is above was found until then")
    return int(bool(exploration.new) or not exploration.asked)
