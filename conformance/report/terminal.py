"""A run on the terminal: the table per class, the causes of what failed, and the verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from conformance.expectations.writing import Written
from conformance.model import Fault
from conformance.model.texts import clipped, cut
from conformance.report import causes as causing
from conformance.report.causes import Cause, words
from conformance.report.tables import HEADROOM, table_of
from conformance.runner.baseline import is_new
from conformance.runner.report import WRONG, Report, Tally, by_case, case_ending

# Of the others the reader expects it, or there is no truth that says so.
_TOLD = (Fault.OFFICIAL, Fault.BOTH, Fault.PLATFORM)
_COLUMNS = (
    *("cases", "ran", "bitwise", "within", "truth", "rejected"),
    *("failed", "unsupported", "known"),
)
# Where these do not fit beside the name of a class.
_NARROW = ("cases", "passed", "failed", "unsupported", "known")
_MESSAGE: Final = 160
# The lines before and after the causes: their heading, what is left, the verdict, the prompt of the shell.
_AROUND: Final = 8


class Detail(IntEnum):
    """How much is said: `-q`, neither, `-v`."""

    LITTLE = 0
    USUAL = 1
    ALL = 2


def summary(
    report: Report,
    console: Console,
    *,
    most: int = 10,
    detail: Detail = Detail.USUAL,
    baseline: Mapping[str, Any] | None = None,
) -> None:
    """Prints the table per class, the causes of failures with an example of each, and the verdict.

    `most`: how many causes; with `Detail.ALL` every cause is told, and every failed case. `baseline`: an
    earlier report; causes that it has not are marked.
    """
    tallies = report.tallies()
    total: dict[str, int] = dict.fromkeys(_COLUMNS, 0)
    for tally in tallies.values():
        for name in _COLUMNS:
            total[name] += getattr(tally, name)
    if detail is not Detail.LITTLE:
        _classes(report, tallies, total, console)
        for line in causing.absent(report, most=1000 if detail is Detail.ALL else 4):
            console.print(f"[yellow]absent[/] {escape(line)}", soft_wrap=True, highlight=False)
        if detail is Detail.ALL or not total["failed"]:
            _headrooms(report, console)
        for line in report.notes():
            console.print(escape(line), soft_wrap=True, highlight=False)
    found = causing.causes(report)
    if detail is Detail.ALL:
        _failures(report, console)
    _causes(report, found, console, most, detail, baseline)
    for line in report.errors():
        console.print(f"[red]error[/] {escape(line)}", soft_wrap=True)
    _closing(report, console, total, len(found))


def _classes(
    report: Report,
    tallies: Mapping[tuple[str, str, str], Tally],
    total: Mapping[str, int],
    console: Console,
) -> None:
    """The table: a row for each class that the subject has."""
    shown = {key: tally for key, tally in tallies.items() if tally.ran}
    if not shown:
        return
    names = [target for _, _, target in shown]
    columns = _fitting(total, max(map(len, names)), console.width)
    where = list(dict.fromkeys((subject, against) for subject, against, _ in shown))
    for subject, against in where:
        console.print(
            f"[bold]{escape(subject)}[/] against {against}", soft_wrap=True, highlight=False
        )
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True, show_edge=False)
        table.add_column("class", no_wrap=True, min_width=max(map(len, names)))
        for name in columns:
            table.add_column(name, justify="right", no_wrap=True)
        for (one, other, target), tally in shown.items():
            if (one, other) == (subject, against):
                table.add_row(target, *_cells(report, tally, columns, (subject, against), target))
        if (subject, against) == where[-1]:
            table.add_section()
            table.add_row(
                "all", *_cells(report, Tally(**total), columns, ("", ""), ""), style="bold"
            )
        console.print(table)


def _fitting(total: Mapping[str, int], longest: int, width: int) -> Sequence[str]:
    """The columns that fit beside the longest name: all, those that have something to say, or a few."""
    # Only where the documentation is followed there is a truth to count.
    every = [name for name in _COLUMNS if name != "truth" or total[name]]
    used = [name for name in every if total[name] or name in ("cases", "failed")]
    few = [name for name in _NARROW if name == "passed" or total[name] or name == "failed"]
    for columns in ([*every, "headroom"], [*used, "headroom"], used, few, few[:3]):
        sizes = [max(len(name), len(str(total.get(name, "")))) for name in columns]
        if longest + 2 + sum(size + 2 for size in sizes) <= width:
            return columns
    return ["passed", "failed"]


def _cells(
    report: Report, tally: Tally, columns: Sequence[str], where: tuple[str, str], target: str
) -> list[str]:
    cells = []
    for name in columns:
        if name == "headroom":
            cells.append(_headroom(report, where, target) if target else "")
            continue
        count = getattr(tally, name)
        style = {"failed": "red", "unsupported": "yellow", "known": "yellow"}.get(name)
        cells.append(f"[{style}]{count}[/]" if style and count else str(count))
    return cells


def _headroom(report: Report, where: tuple[str, str], target: str) -> str:
    used = [
        r.headroom
        for r in report.results
        if (r.subject, r.against) == where and r.target == target and r.headroom is not None
    ]
    return cut(max(used), ".2f") if used else "-"


def _headrooms(report: Report, console: Console) -> None:
    found = report.headrooms()
    if not found:
        return
    table = table_of(
        ("class", "dtype"),
        ("values", "median", "worst"),
        HEADROOM,
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    for subject in dict.fromkeys(row.subject for row in found):
        table.add_section()
        table.add_row(f"[bold]{escape(subject)}[/]")
        for row in (row for row in found if row.subject == subject):
            cells = (str(row.values), f"{row.median:.3g}", f"{row.worst:.3g}")
            table.add_row(f"  {row.target}", row.dtype, *cells)
    console.print(table)


def _failures(report: Report, console: Console) -> None:
    """Each failed case, with all of its aspects that fail."""
    for (subject, against, case_id), results in by_case(report.results).items():
        if case_ending(results) != "failed":
            continue
        console.print(
            f"[red]failed[/] {escape(case_id)} [dim]({escape(subject)} against {against})[/]",
            soft_wrap=True,
        )
        for result in results:
            if result.verdict in WRONG:
                fault = f" (fault: {result.fault})" if result.fault in _TOLD else ""
                console.print(
                    f"       {result.aspect}: {escape(result.message)}{fault}",
                    soft_wrap=True,
                    highlight=False,
                )


def _causes(
    report: Report,
    found: Sequence[Cause],
    console: Console,
    most: int,
    detail: Detail,
    baseline: Mapping[str, Any] | None = None,
) -> None:
    """Each cause: what is wrong, an example, and the command that shows it.

    On a terminal that is too low for that the last ones have no example: all must be seen at once.
    """
    if not found:
        return
    numbered = causing.foremost(found, len(found) if detail is Detail.ALL else most)
    told = [cause for _, cause in numbered]
    heads = [
        _folded(f"[red]{number:2}.[/] {_head(cause, report, baseline)}", console)
        for number, cause in numbered
    ]
    examples = [[] if detail is Detail.LITTLE else _example(cause, report) for cause in told]
    levels = 0 if detail is Detail.LITTLE else len({cause.level for cause in told})
    roomy = len(told) if detail is Detail.ALL else _roomy(heads, examples, levels, console)
    console.print(f"[bold]{words.heading(found)}[/]", highlight=False)
    level = None
    for number, (cause, head) in enumerate(zip(told, heads, strict=True)):
        if cause.level != level and levels:
            level = cause.level
            console.print(f"[dim]{level}[/]", highlight=False)
        for line in (head, *(examples[number] if number < roomy else ())):
            console.print(line, soft_wrap=True, highlight=False)
    left = f"and {len(found) - len(told)} more causes " if len(found) > len(told) else ""
    if left or roomy < len(told):
        example = "an example of each: -v" if roomy < len(told) else "-v"
        console.print(f"    {left}({example}; --html and --json tell all)", highlight=False)


def _folded(head: str, console: Console) -> str:
    """A line whose words a terminal that is too narrow leaves whole; as it is where nobody sees its end."""
    text = Text.from_markup(head)
    if not console.is_terminal or text.cell_len <= console.width:
        return head
    return "\n    ".join(line.markup.rstrip() for line in text.wrap(console, console.width - 4))


def _head(cause: Cause, report: Report, baseline: Mapping[str, Any] | None) -> str:
    """A cause in a line."""
    fault = f" (fault: {cause.fault})" if cause.fault in _TOLD else ""
    subject = f" [dim]({escape(cause.subject)})[/]" if len(report.provenance) > 1 else ""
    new = ""
    if baseline is not None and is_new(words.what(cause), cause.subject, baseline):
        new = " [yellow](not in the baseline)[/]"
    return f"{escape(words.sentence(cause))}{fault}{new}{subject}"


def _example(cause: Cause, report: Report) -> list[str]:
    """An example, what is known of the cause, and the command that shows more."""
    message = clipped(" ".join(cause.example.message.split()), _MESSAGE)
    known = causing.beside(report.plan).of(cause).lines()
    lines = [f"{cause.example.aspect}: {message}", *known]
    shown = f"    [dim]{escape(words.command(cause, report.plan))}[/]"
    return [*(f"    {escape(line)}" for line in lines), shown]


def _roomy(
    heads: Sequence[str], examples: Sequence[Sequence[str]], levels: int, console: Console
) -> int:
    """Of how many causes the example fits on the screen, beside the heads of all; all where nobody scrolls."""
    if not console.is_terminal:
        return len(heads)

    def height(lines: Iterable[str]) -> int:
        each = (part for line in lines for part in Text.from_markup(line).split())
        return sum(-(-part.cell_len // console.width) for part in each)

    left = console.height - _AROUND - levels - height(heads)
    for number, lines in enumerate(examples):
        left -= height(lines)
        if left < 0:
            return number
    return len(heads)


def _closing(report: Report, console: Console, total: dict[str, int], causes: int) -> None:
    if report.crashed:
        console.print(f"[red]not as expected[/]: {escape(report.crashed)}", soft_wrap=True)
        return
    if report.interrupted:
        done = len({result.id for result in report.results})
        console.print(
            f"[yellow]interrupted[/]: {done} of {report.planned} cases were finished; "
            "what is above is about these",
            soft_wrap=True,
        )
        return
    if said := levels(report):
        console.print(f"passed, of what ran: {said}", soft_wrap=True, highlight=False)
    passed = Tally(**total).passed
    good = report.exit_status() == 0
    verdict = "[green]as expected[/]" if good else "[red]not as expected[/]"
    known = f", {total['known']} failed as known" if total["known"] else ""
    if untriaged := sum(map(len, report.untriaged.values())):
        known += f" ({untriaged} of them untriaged: no reason is given yet)"
    unsupported = f", {total['unsupported']} unsupported" if total["unsupported"] else ""
    if report.results and not report.ran():
        unsupported += ": nothing ran, so nothing was shown"
    why = f" ({words.counted(causes, 'cause')})" if causes else ""
    console.print(
        f"{verdict}: {total['cases']} comparisons of {report.planned} cases in "
        f"{report.seconds:.1f} s: {passed} passed ({_kinds(total)}), "
        f"{total['failed']} failed{why}{known}{unsupported}",
        soft_wrap=True,
    )


def levels(report: Report) -> str:
    """How much passed of each level, of what ran: `documented 100%, common 97%`."""
    return ", ".join(
        f"{level} {_percent(passed, ran)}" for level, (passed, ran) in report.levels().items()
    )


def _percent(passed: int, ran: int) -> str:
    """Rounded down: 100% means all."""
    return f"{100 * passed // ran}%"


def _kinds(total: Mapping[str, int]) -> str:
    """How many passed in which way."""
    parts = [f"{total['bitwise']} bit for bit"]
    parts += [f"{total['truth']} right where official Keras is not"] if total["truth"] else []
    parts += [f"{total['rejected']} rejected by both"] if total["rejected"] else []
    return ", ".join(parts)


def written(done: Written, after: Report, console: Console) -> None:
    """Prints how an expectations file changed, and whether a run right after it would be as expected."""
    parts = [f"{done.added} entries added for {done.failures} failures"] if done.added else []
    parts += [f"{done.changed} changed"] if done.changed else []
    parts += [f"{done.removed} removed"] if done.removed else []
    said = ", ".join(parts) or "nothing to change"
    console.print(f"{escape(str(done.path))}: {said}", soft_wrap=True, highlight=False)
    if after.exit_status():
        left = sum(case_ending(results) == "failed" for results in by_case(after.results).values())
        console.print(
            f"[red]not as expected[/] even so: {left} cases still fail, {len(after.stale)} entries "
            "of this or other files are stale",
            soft_wrap=True,
        )
        _causes(after, causing.causes(after), console, 5, Detail.USUAL)
        for line in after.stale[:5]:
            console.print(f"[red]error[/] {escape(line)}", soft_wrap=True)
