"""Which findings a version of Keras closes, which stand, and what is new: on the terminal, as Markdown."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape

from conformance.changes.mending import Mended, State
from conformance.report import causes as causing
from conformance.report import page

_TITLES: Final = {
    State.CLOSED: "Closed: the repro does not show it any more",
    State.UNTOLD: "Cannot be told: the repro ends otherwise",
    State.STANDS: "Stand",
}
_MOST: Final = 10


def summary(made: Mended, console: Console) -> None:
    """Prints the findings by state, then the causes of what is new, then the counts."""
    console.print(f"[bold]{escape(made.subject)}[/] {made.version}", highlight=False)
    for state in (State.CLOSED, State.UNTOLD):
        if found := made.of(state):
            console.print(f"[bold]{_TITLES[state]}[/]")
        for finding in found:
            why = made.states[finding.id][1]
            moved = len(made.moved.get(finding.id, ()))
            told = f" ({why})" if why else ""
            cases = f" [dim]{moved} cases moved[/]" if moved else ""
            console.print(
                f"  {escape(finding.id)}: {escape(finding.claim + told)}{cases}",
                soft_wrap=True,
                highlight=False,
            )
    causes = causing.causes(made.fresh) if made.fresh else []
    if causes:
        console.print("[bold]New, in cases of no finding[/]")
    for cause in causes[:_MOST]:
        console.print(f"  {escape(causing.sentence(cause))}", soft_wrap=True, highlight=False)
        console.print(f"    [dim]{escape(cause.example.id)}[/]", soft_wrap=True, highlight=False)
    if len(causes) > _MOST:
        console.print(f"  and {len(causes) - _MOST} more causes (--markdown tells all)")
    console.print(closing(made), soft_wrap=True)


def closing(made: Mended) -> str:
    """The counts in a sentence."""
    counts = {state: len(made.of(state)) for state in State}
    return (
        f"{len(made.states)} findings asked of {made.subject} {made.version}: {counts[State.CLOSED]} "
        f"closed, {counts[State.STANDS]} stand, {counts[State.UNTOLD]} cannot be told; "
        f"{len(made.elsewhere)} are about another package or platform; {len(made.new())} cases differ "
        f"that no finding is about"
    )


def write_markdown(made: Mended, path: Path) -> None:
    """Writes all of it as Markdown, whole or not at all."""
    page.write_template(
        path,
        "mending.md",
        made=made,
        closing=closing(made),
        titles=_TITLES,
        states=list(_TITLES),
        causes=causing.causes(made.fresh) if made.fresh else [],
        sentence=causing.sentence,
    )
