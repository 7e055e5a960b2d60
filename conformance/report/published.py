"""What came of published reports, on the terminal."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from conformance.strength.published import Ending, Judged

_COLOURS = {
    Ending.DETECTED: "green",
    Ending.QUIET: "green",
    Ending.OUTSIDE: "yellow",
    Ending.MISSED: "red",
    Ending.FALSE_ALARM: "red",
    Ending.NOT_ASKED: "red",
}
_ENOUGH = (Ending.DETECTED, Ending.QUIET)


def show(judged: Judged, console: Console) -> None:
    """Prints a row for each report, then by what they are detected, what is not, and the counts."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("report", "class", "kind", "", "by"):
        table.add_column(name, overflow="fold")
    for judgement in judged.judgements:
        report, ending = judgement.report, judgement.ending
        table.add_row(
            escape(report.id),
            escape(report.target),
            report.kind,
            f"[{_COLOURS[ending]}]{ending}[/]",
            escape(judgement.message if ending is Ending.DETECTED else report.case),
        )
    console.print(table)
    for judgement in judged.judgements:
        if judgement.ending not in _ENOUGH:
            console.print(
                f"[{_COLOURS[judgement.ending]}]{judgement.ending}[/] {escape(judgement.report.id)}: "
                f"{escape(judgement.message)}",
                soft_wrap=True,
                highlight=False,
            )
    console.print(closing(judged), soft_wrap=True, highlight=False)


def closing(judged: Judged) -> str:
    """The last line: how many of the reports are detected, and by what."""
    counts, asked = judged.counts(), judged.asked
    by_what = ", ".join(f"{n} by {how}" for how, n in judged.by_what().most_common())
    begun = f"interrupted after {len(judged.judgements)} of {asked}: " if judged.interrupted else ""
    false = sum(j.report.false_positive for j in judged.judgements)
    rest = "".join(
        f", {counts[ending]} {ending}"
        for ending in (Ending.MISSED, Ending.NOT_ASKED)
        if counts[ending]
    )
    detected, bugs = counts[Ending.DETECTED], judged.bugs()
    share = f", {100 * detected / bugs:.0f}%" if bugs else ""
    return (
        f"{begun}{detected} of {bugs} reported bugs detected{share} ({by_what or 'none'}), "
        f"{counts[Ending.OUTSIDE]} outside{rest}; {counts[Ending.FALSE_ALARM]} false alarms of "
        f"{false} false positives, {counts[Ending.QUIET]} quiet; {asked} reports"
    )
