"""`conformance explore`: a search beyond the golden cases."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Final

import click

from conformance.cli import options
from conformance.model.errors import UsageError
from conformance.subjects.child import Timeouts
from conformance.vectors import store

_NEEDED: Final = "hypothesis"


@click.command()
@options.subject
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=60.0,
    show_default=True,
    help="How long to search.",
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
    golden: Path | None,
) -> int:
    """Search for what no case asks (default: of impl), shrink it, and tell each cause once.

    Draws arguments, inputs and conversations. Subjects are compared with official Keras live, official Keras with
    the truth, with itself when it is traced, and with what must hold whatever the numbers are. Ends with 1 where it
    finds a cause that no finding or expectation holds.
    """
    if importlib.util.find_spec(_NEEDED) is None:
        raise UsageError(
            "explore must have the package hypothesis, which the extra `explore` of this distribution "
            "installs; it is not installed"
        )
    from conformance.claims import findings
    from conformance.report import explored
    from conformance.strength.explore import asking, exploring
    from conformance.strength.explore.state import Discovery
    from conformance.subjects import resolve_all

    if directory is not None:
        options.check_files(directory / "state.json")
        directory.mkdir(parents=True, exist_ok=True)
    held = golden or store.default_directory()
    found = resolve_all(
        subjects or ("impl",), device=device, timeouts=timeouts, in_process=in_process
    )
    tensors = {subject.name: subject.tensors for subject in found}
    exploration = exploring.Exploration(
        asking.lanes(found, device=device),
        store.load_all(held),
        findings.load_findings(held),
        exploring.Limits(seconds, seed, examples, select),
        directory,
    )

    def tell(discovery: Discovery) -> None:
        explored.told(discovery, options.console)
        if directory is not None:
            explored.save(discovery, directory, tensors[discovery.subject])

    with options.progress("exploring") as progress:
        exploration.run(tell, progress)
    explored.summary(exploration, options.console)
    if directory is not None and exploration.new:
        options.console.print(f"saved in {directory}", highlight=False, soft_wrap=True)
    if exploration.interrupted:
        return 130
    return int(bool(exploration.new) or not exploration.asked)
