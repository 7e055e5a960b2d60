"""The matrix of classes and subjects: on the terminal, as a page, for a pull request, as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from conformance.model.texts import clipped
from conformance.report import causes, machine, page
from conformance.runner import hints
from conformance.runner.matrix import ENDINGS, Cell, Column, Differing, Matrix
from conformance.runner.report import Report


@dataclass(frozen=True, slots=True)
class Told:
    """A cause, as far as it is about one class: what is wrong, an example, what is known, and every case."""

    what: str
    level: str
    known: tuple[str, ...]
    command: str
    cases: int
    rows: tuple[tuple[str, str, str], ...]


def look(report: Report) -> dict[str, dict[str, list[Told]]]:
    """The causes of what differs in a run, known failures included, by subject and class."""
    every = replace(report, results=report.unjudged, hints={})
    hints.explain(every)
    beside = causes.beside(report.plan)
    found: dict[str, dict[str, list[Told]]] = {}
    for cause in causes.causes(every):
        known = tuple(beside.of(cause, own=True).lines(cause.subject))
        rows: dict[str, list[tuple[str, str, str]]] = {}
        for failure in cause.failures:
            said = clipped(failure.first.message, _MESSAGE)
            rows.setdefault(failure.first.target, []).append(
                (failure.first.id, failure.first.aspect, said)
            )
        for target, own in rows.items():
            command = causes.command(cause, report.plan, own[0][0])
            told = Told(
                causes.what(cause),
                str(cause.level),
                known,
                command,
                len({row[0] for row in own}),
                tuple(own),
            )
            found.setdefault(cause.subject, {}).setdefault(target, []).append(told)
    return found


SCHEMA: Final = "keras-conformance/matrix/1"

# In a narrow column a letter stands for an aspect. Aspects that are not here share one letter.
_LETTERS: Final = {
    "value": "v",
    "accepted": "a",
    "config": "c",
    "weights": "w",
    "shape": "s",
    "dtype": "d",
    "gradient": "g",
    "losses": "l",
    "nonfinite": "n",
    "zero-sign": "z",
    "serialized": "e",
    "resolved": "r",
    "attributes": "t",
    "input": "i",
    "repeats": "p",
}
_OTHER: Final = "o"
_CLASS_WIDTH: Final = 25
# The least width of a column with letters, and of one with the names of aspects.
_NARROW: Final = 10
_WIDE: Final = 26
# How many cases of each aspect the page shows for a cell. The JSON has all of them.
_MOST: Final = 8
_MESSAGE: Final = 200


def summary(made: Matrix, console: Console) -> None:
    """Prints the subjects, then a row for each class, then what could not run."""
    _subjects(made, console)
    ran = [column for column in made.columns if column.cells]
    for block in _blocks(ran, console.width):
        _classes(made, block, console)
    if ran:
        console.print("differing cases / cases that ran, and the aspects that differ", style="dim")
    for column in made.columns:
        if column.error:
            console.print(
                f"[red]could not run[/] {escape(column.subject)}: {escape(column.error)}",
                soft_wrap=True,
                highlight=False,
            )
    if made.interrupted:
        left = len(dict.fromkeys(made.plan.subjects)) - len(made.columns)
        console.print(
            "[yellow]interrupted[/]: what is above is about what was finished"
            + (f"; {left} subjects were not reached" if left > 0 else ""),
            soft_wrap=True,
        )


def _subjects(made: Matrix, console: Console) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("", justify="right")
    table.add_column("subject", overflow="fold", max_width=40)
    table.add_column("package", overflow="fold")
    for name in ("cases", *ENDINGS, "seconds"):
        table.add_column(name, justify="right", no_wrap=True)
    for number, column in enumerate(made.columns, start=1):
        total = column.total()
        table.add_row(
            str(number),
            escape(column.subject),
            escape(package(column)),
            *map(str, (total.cases, total.bitwise, total.within, total.truth, total.rejected)),
            f"[yellow]{total.differ}[/]" if total.differ else "0",
            str(total.unsupported),
            f"{column.seconds:.1f}",
            style="red" if column.error else None,
        )
    console.print(table)


def package(column: Column) -> str:
    """The package that answered, and its version."""
    facts = column.provenance
    return " ".join(str(facts[key]) for key in ("package", "version") if facts.get(key))


def _blocks(columns: Sequence[Column], width: int) -> Iterator[list[Column]]:
    """The columns, in as many tables of about the same size as the width of the terminal needs."""
    most = max(1, (width - _CLASS_WIDTH) // (_NARROW + 2))
    blocks = -(-len(columns) // most)
    size = -(-len(columns) // blocks) if blocks else 1
    for start in range(0, len(columns), size):
        yield list(columns[start : start + size])


def _classes(made: Matrix, block: Sequence[Column], console: Console) -> None:
    width = (console.width - _CLASS_WIDTH) // len(block) - 2
    letters = width < _WIDE
    named = all(len(column.subject) <= width for column in block)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("class", no_wrap=True, min_width=_CLASS_WIDTH - 2)
    for column in block:
        number = str(made.columns.index(column) + 1)
        title = escape(column.subject) if named else f"({number})"
        table.add_column(title, max_width=width, overflow="fold")
    family = ""
    for target in made.targets():
        here, _, name = target.partition(".")
        if here != family:
            table.add_section()
            table.add_row(f"[bold]{here}[/]")
            family = here
        cells = [_cell(column.cells.get(target), letters=letters) for column in block]
        table.add_row(f"  {name}", *cells)
    table.add_section()
    totals = [_cell(column.total(), letters=letters) for column in block]
    table.add_row("[bold]all[/]", *totals)
    console.print(table)
    if letters:
        used = {aspect for column in block for aspect in column.total().aspects}
        legend = {_LETTERS.get(a, _OTHER): a if a in _LETTERS else "other" for a in used}
        if any(column.total().unsupported for column in block):
            legend["?"] = "unsupported"
        if legend:
            said = ", ".join(f"{letter} {aspect}" for letter, aspect in sorted(legend.items()))
            console.print(said, style="dim", highlight=False)


def _cell(cell: Cell | None, *, letters: bool) -> str:
    if cell is None:
        return ""
    if not cell.ran:
        return "[dim]unsupported[/]"
    count = f"{cell.differ}/{cell.ran}"
    words = [f"[yellow]{count}[/]" if cell.differ else f"[green]{count}[/]"]
    if letters:
        found = dict.fromkeys(_LETTERS.get(a, _OTHER) for a, _ in cell.aspects.most_common())
        words.append("".join(found) + ("?" if cell.unsupported else ""))
    else:
        told = [f"{aspect} {count}" for aspect, count in cell.aspects.most_common()]
        if cell.unsupported:
            told.append(f"unsupported {cell.unsupported}")
        words.append(f"[dim]{', '.join(told)}[/]" if told else "")
    return " ".join(filter(None, words))


def to_json(made: Matrix) -> dict[str, Any]:
    """The whole matrix, with every case that differs."""
    plan = made.plan
    return {
        "schema": SCHEMA,
        "options": {
            "subjects": list(plan.subjects),
            "select": list(plan.select),
            "mode": str(plan.mode),
            "device": plan.device,
        },
        "interrupted": made.interrupted,
        "exit_status": made.exit_status(),
        "subjects": [
            {
                "subject": column.subject,
                "dialect": column.dialect or None,
                "provenance": dict(column.provenance),
                "draws": column.draws or None,
                "seconds": round(column.seconds, 3),
                "error": column.error or None,
            }
            for column in made.columns
        ],
        "classes": made.targets(),
        "cells": [
            {
                "subject": column.subject,
                "target": target,
                "cases": cell.cases,
                "ran": cell.ran,
                "bitwise": cell.bitwise,
                "within": cell.within,
                "truth": cell.truth,
                "rejected": cell.rejected,
                "differ": cell.differ,
                "unsupported": cell.unsupported,
                "aspects": dict(cell.aspects.most_common()),
                "differing": [
                    {"id": case.id, "aspects": dict(case.aspects)} for case in cell.differing
                ],
            }
            for column in made.columns
            for target, cell in sorted(column.cells.items())
        ],
    }


def examples(cell: Cell) -> list[Differing]:
    """A few cases for each aspect in which the cell differs."""
    shown: dict[str, int] = {}
    chosen = []
    for case in cell.differing:
        if any(shown.get(aspect, 0) < _MOST for aspect in case.aspects):
            chosen.append(case)
            for aspect in case.aspects:
                shown[aspect] = shown.get(aspect, 0) + 1
    return chosen


def share(cell: Cell) -> int:
    """How much of a cell differs, as a step of colour from 0 to 4."""
    if not cell.differ:
        return 0
    part = cell.differ / cell.ran
    return 1 + (part > 0.05) + (part > 0.2) + (part > 0.5)


def _write(made: Matrix, path: Path, template: str) -> None:
    families: dict[str, list[str]] = {}
    for target in made.targets():
        families.setdefault(target.partition(".")[0], []).append(target)
    facts = {
        "matrix": made,
        "families": families,
        "examples": examples,
        "share": share,
        "package": package,
    }
    page.write_template(path, template, **facts)


def write_html(made: Matrix, path: Path) -> None:
    """Writes a page that needs no other file and no network, whole or not at all."""
    _write(made, path, "matrix.html")


def write_markdown(made: Matrix, path: Path) -> None:
    """Writes the table for a pull request, whole or not at all."""
    _write(made, path, "matrix.md")


def write_json(made: Matrix, path: Path) -> None:
    """Writes the whole matrix, or nothing."""
    machine.write_json(path, to_json(made))
