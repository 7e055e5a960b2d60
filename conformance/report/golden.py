"""Golden files on the terminal: what would change, and how much of their budgets their values use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich import box
from rich.console import Console
from rich.markup import escape

from conformance.cases.coverage import Asked
from conformance.model import MOST, OVER
from conformance.model.texts import clipped
from conformance.record.admission import Coverage
from conformance.record.record import Change, Regeneration
from conformance.record.spread import Spread
from conformance.report.tables import table_of

# How much of the values of an argument a line shows.
_WHICH = 36


def regeneration(found: Regeneration, console: Console, *, most: int = 10) -> None:
    """Prints what `record` would change: per class, in ULP."""
    sizes = {file.target: len(file.cases) for file in found.files}
    title = "Golden files: recorded now against recorded before"
    golden_changes(found.changes, sizes, title, console, most=most)


def golden_changes(
    changes: Sequence[Change],
    sizes: Mapping[str, int],
    title: str,
    console: Console,
    *,
    most: int = 10,
) -> None:
    """Prints a row for each class of golden files, then what moved, case by case."""
    numbers = ("cases", "added", "removed", "redefined", "moved", "largest ULP")
    table = table_of(("class",), numbers, title)
    for change in changes:
        table.add_row(
            change.target,
            str(sizes.get(change.target, 0)),
            str(len(change.added)),
            str(len(change.removed)),
            str(len(change.redefined)),
            str(len(change.moved)),
            f"{change.largest_ulp:g}" if change.moved else "-",
            style=None if change else "dim",
        )
    console.print(table)
    for change in changes:
        listed = [f"moved {i}: {what}" for i, what in change.moved.items()]
        listed += [f"redefined {i}" for i in change.redefined]
        listed += [f"{change.target}: {change.other}"] if change.other else []
        for line in listed[:most]:
            console.print(f"  {escape(line)}", soft_wrap=True, highlight=False)
        if len(listed) > most:
            console.print(f"  and {len(listed) - most} more of {change.target}")


def coverage(found: Coverage, console: Console, *, every_class: bool) -> None:
    """Prints how many golden values have a truth; with `every_class`, how much of their budgets they use."""
    if every_class:
        title = "Official values: error over budget"
        numbers = ("values", "median", "worst")
        table = table_of(("class", "dtype"), numbers, title, box=box.SIMPLE_HEAD)
        for target, dtype, count, middle, worst in found.table():
            table.add_row(target, dtype, str(count), f"{middle:.3g}", f"{worst:.3g}")
        console.print(table)
        for reason, count in found.unknown.most_common():
            console.print(f"  {count:5} without: {escape(reason)}", soft_wrap=True)
    known = sum(len(used) for used in found.known.values())
    console.print(
        f"oracle: {known} values within their budgets; {len(found.found)} cases leave them, as "
        f"findings say; {found.unknown.total()} values without a truth, for "
        f"{len(found.unknown)} reasons",
        soft_wrap=True,
    )


def asked(found: Iterable[Asked], console: Console) -> None:
    """Prints a row for each argument of each class: how many distinct values cases ask, and which."""
    title = "Values asked of each argument, of a tuple or list each integer"
    table = table_of(("class", "argument"), ("values", "integers"), title)
    table.add_column("which")
    for each in found:
        which = sorted(each.integers) if each.integral else each.values
        integers = str(len(each.integers)) if each.integral else "-"
        shown = escape(clipped(", ".join(map(str, which)), _WHICH))
        table.add_row(each.target, each.argument, str(len(each.values)), integers, shown)
    console.print(table)


def tolerances(found: Spread, console: Console) -> None:
    """Prints how many tensors have a tolerance of which part of their largest magnitude, and why more."""
    rows = [(found.exact, "exact")]
    rows += [(count, f"up to 1e{power}") for power, count in sorted(found.within.items())]
    rows += [
        (count, f"over {MOST:.0%}, {over}: {OVER[over]}")
        for over, count in found.over.most_common()
    ]
    console.print("tensors by their tolerance, as a part of the largest magnitude:")
    for count, what in rows:
        console.print(f"  {count:5} {escape(what)}", soft_wrap=True, highlight=False)
