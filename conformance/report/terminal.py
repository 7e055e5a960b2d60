"""A run on the terminal: the table per class, what failed, and the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from conformance.expectations.writing import Written
from conformance.model import Fault
from conformance.report.tables import HEADROOM, table_of
from conformance.runner.report import WRONG, Report, Tally, by_case, case_ending

# Of the others the reader expects it, or there is no truth that says so.
_TOLD = (Fault.OFFICIAL, Fault.BOTH, Fault.PLATFORM)
_COLUMNS = (
    *("cases", "ran", "bitwise", "within", "truth", "rejected"),
    *("failed", "unsupported", "known"),
)


def summary(report: Report, console: Console, *, most: int = 20) -> None:
    """Prints the table per class, then each failure in a line or two, then the verdict."""
    tallies = report.tallies()
    # Only where the documentation is followed there is one to count.
    columns = [c for c in _COLUMNS if c != "truth" or any(t.truth for t in tallies.values())]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column("class", overflow="fold")
    for name in (*columns, "headroom"):
        table.add_column(name, justify="right", no_wrap=True)
    last = ("", "")
    total: dict[str, int] = dict.fromkeys(_COLUMNS, 0)
    for (subject, against, target), tally in tallies.items():
        if last != (subject, against):
            table.add_section()
            table.add_row(f"[bold]{escape(subject)}[/] against {against}")
        last = (subject, against)
        name = f"  {target}" if tally.ran else f"  [yellow]{target}[/]"
        table.add_row(name, *_cells(tally, columns), _headroom(report, last, target))
        for name in _COLUMNS:
            total[name] += getattr(tally, name)
    table.add_section()
    table.add_row("all", *_cells(Tally(**total), columns), style="bold")
    console.print(table)
    _headrooms(report, console)
    for line in report.notes():
        console.print(escape(line), soft_wrap=True, highlight=False)
    _failures(report, console, most)
    for line in report.errors():
        console.print(f"[red]error[/] {escape(line)}", soft_wrap=True)
    _closing(report, console, total)


def _cells(tally: Tally, columns: Sequence[str]) -> list[str]:
    cells = []
    for name in columns:
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
    return f"{max(used):.2f}" if used else "-"


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


def _failures(report: Report, console: Console, most: int) -> None:
    cases = {
        key: results
        for key, results in by_case(report.results).items()
        if case_ending(results) == "failed"
    }
    for (subject, against, case_id), results in list(cases.items())[:most]:
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
    if len(cases) > most:
        console.print(f"       and {len(cases) - most} more (--json has all of them)")
    if cases:
        console.print("`conformance show ID --subject S` shows one of them with a repro.")


def _closing(report: Report, console: Console, total: dict[str, int]) -> None:
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
    passed = Tally(**total).passed
    good = report.exit_status() == 0
    verdict = "[green]as expected[/]" if good else "[red]not as expected[/]"
    known = f", {total['known']} failed as known" if total["known"] else ""
    if untriaged := sum(map(len, report.untriaged.values())):
        known += f" ({untriaged} of them untriaged: no reason is given yet)"
    unsupported = f", {total['unsupported']} unsupported" if total["unsupported"] else ""
    if report.results and not report.ran():
        unsupported += ": nothing ran, so nothing was shown"
    console.print(
        f"{verdict}: {total['cases']} comparisons of {report.planned} cases in "
        f"{report.seconds:.1f} s: {passed} passed ({_kinds(total)}), "
        f"{total['failed']} failed{known}{unsupported}",
        soft_wrap=True,
    )


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
        _failures(after, console, 5)
        for line in after.stale[:5]:
            console.print(f"[red]error[/] {escape(line)}", soft_wrap=True)
