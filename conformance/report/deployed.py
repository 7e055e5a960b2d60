"""A model, layer by layer: on the terminal, and as a page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from conformance.changes.deployed.results import (
    Answer,
    Examined,
    Judged,
    Node,
    Status,
    Told,
    shown,
)
from conformance.model import Fault
from conformance.model.texts import clipped
from conformance.report import page

# How many blamed layers are shown unless every one is asked for.
_MOST: Final = 8
_JUDGED: Final = {
    Judged.ORACLE: "the suite's oracle",
    Judged.WIDE: "the same layer in float64",
    Judged.STATED: "a stated tolerance",
}


def summary(made: Examined, console: Console, *, every: bool = False) -> None:
    """Prints what was found. `every`: all layers, not only those that matter."""
    say = _Say(console)
    say(f"{made.path}: {len(made.nodes)} layers, of Keras {made.written_by}, run on {made.package}")
    say(f"inputs: {', '.join(made.inputs)}")
    say(f"judged by {judged(made)}")
    for node in made.official_faults():
        say(
            f"official Keras itself is off at {node.key} ({node.target}): "
            f"{shown(node.official.ratio)} times the budget",
            "yellow",
        )
    if made.recorded:
        say(f"recorded: {made.recorded} layers as golden vectors")
    for why in dict.fromkeys(made.unrecorded.values()):
        keys = [key for key, reason in made.unrecorded.items() if reason == why]
        some = ", ".join(keys[:4]) + (f" and {len(keys) - 4} more" if len(keys) > 4 else "")
        say(f"not recorded: {some}: {why}")
    for told in made.subjects:
        console.print()
        _subject(made, told, say, every)


class _Say:
    """Prints a line of text, which is no markup."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def __call__(self, text: str, style: str | None = None) -> None:
        self.console.print(escape(text), style=style, highlight=False, soft_wrap=False)


def judged(made: Examined) -> str:
    """By what the layers are judged, with counts."""
    counts = {kind: sum(node.judged is kind for node in made.nodes) for kind in Judged}
    return ", ".join(f"{_JUDGED[kind]}: {count}" for kind, count in counts.items() if count)


def _subject(made: Examined, told: Told, say: _Say, every: bool) -> None:
    say(heading(told), "bold")
    rows = [node for node in made.nodes if every or node.number in _matter(told)]
    if rows:
        say.console.print(_table(told, rows))
    blamed = told.blamed()
    if len(blamed) > _MOST and not every:
        say(f"and {len(blamed) - _MOST} more layers (-v shows every layer)")
    for line in lines(made, told):
        say(line)
    say(verdict(told), "red" if told.lost else "green")


def heading(told: Told) -> str:
    """The subject, with its package and version."""
    facts = told.provenance
    known = " ".join(str(facts[k]) for k in ("package", "version") if facts.get(k))
    return f"{told.subject} ({known}, {told.seconds:.0f} s)" if known else told.subject


def _matter(told: Told) -> set[int]:
    """The layers that are shown by default: the first that are blamed, and the worst."""
    worst = told.worst()
    return {*told.blamed()[:_MOST], *([worst] if worst is not None else [])}


def _table(told: Told, nodes: Sequence[Node]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("layer", overflow="fold", max_width=26)
    table.add_column("class", overflow="fold", max_width=24)
    table.add_column("error/budget", justify="right")
    table.add_column("error", justify="right")
    table.add_column("in model", justify="right")
    table.add_column("fault")
    for node in nodes:
        answer = told.layers.get(node.number, Answer(Status.UNSUPPORTED))
        table.add_row(
            escape(node.key),
            escape(node.target.removeprefix("layers.")),
            *cells(told, node, answer),
            style="red" if answer.blamed else None,
        )
    return table


def cells(told: Told, node: Node, answer: Answer) -> tuple[str, str, str, str]:
    """Error over budget, relative error, error over budget inside the model, and whose fault it is."""
    grown = shown(told.grown[node.number][0]) if node.number in told.grown else ""
    if answer.status in (Status.UNSUPPORTED, Status.RAISED):
        return (str(answer.status), "", grown, str(answer.fault or ""))
    return (shown(answer.ratio), f"{answer.error:.1e}", grown, str(answer.fault or ""))


def lines(made: Examined, told: Told) -> list[str]:
    """Where it starts, how it grows, what may explain it, and what could not be asked."""
    found = []
    blamed = told.blamed()
    if blamed:
        first = made.nodes[blamed[0]]
        answer = told.layers[first.number]
        found.append(f"starts at {first.key} ({first.target}), which {clipped(answer.why, 300)}")
        if grown := growth(told, first.number):
            found.append(grown)
    for target, reasons in told.known.items():
        found += [f"known of {target}: {clipped(reason, 160)} ({link})" for reason, link in reasons]
    if told.note:
        found.append(clipped(told.note, 300))
    lacking: dict[str, list[str]] = {}
    for number, answer in sorted(told.layers.items()):
        if answer.status is Status.UNSUPPORTED:
            lacking.setdefault(answer.why, []).append(made.nodes[number].key)
    for why, keys in lacking.items():
        some = ", ".join(keys[:4]) + (f" and {len(keys) - 4} more" if len(keys) > 4 else "")
        found.append(f"not asked: {some}: {clipped(why, 200)}")
    return found


def growth(told: Told, first: int) -> str:
    """How the error grows from a layer on, in the whole model on the subject; "" where it does not show it."""
    after = [(n, e) for n, (_, e) in sorted(told.grown.items()) if n >= first]
    if not after:
        return ""
    most = max(e for _, e in after)
    return (
        f"in the whole model it is {after[0][1]:.1e} of the largest value there, at most {most:.1e} "
        f"on the way, and {told.whole.error:.1e} at the output"
    )


def verdict(told: Told) -> str:
    """The sum, in a sentence."""
    counts = told.counts()
    parts = [f"{counts[s]} {s}" for s in Status if counts[s]]
    whole = told.whole
    if whole.status is Status.UNSUPPORTED:
        end = f"whole model not asked: {clipped(whole.why, 160)}"
    elif whole.status is Status.RAISED:
        end = f"whole model {clipped(whole.why, 300)}"
    elif whole.status is Status.OVER:
        end = f"whole model over: {shown(whole.ratio)} of the budget, error {whole.error:.1e}"
        if whole.fault is Fault.BOTH:
            end += ", as official Keras is"
    else:
        end = f"whole model within: {shown(whole.ratio)} of the budget, error {whole.error:.1e}"
    none = "; nothing was answered, so this is no pass" if told.mute else ""
    return f"{', '.join(parts)}; {end}{none}"


def write_html(made: Examined, path: Path) -> None:
    """Writes a page that needs no other file and no network."""
    page.write_template(
        path,
        "deployed.html",
        made=made,
        judged=judged(made),
        heading=heading,
        lines=lines,
        verdict=verdict,
        cells=cells,
        nothing=Answer(Status.UNSUPPORTED),
        shown=shown,
    )
