"""What changes between two subjects: on the terminal, as a page, for a pull request, as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from conformance.changes.differences import Group
from conformance.changes.rows import Row
from conformance.changes.subjects import Upgrade
from conformance.model.texts import clipped
from conformance.report import machine, page

SCHEMA: Final = "keras-conformance/upgrade/1"

TITLES: Final[Mapping[Group, str]] = {
    Group.VALUES: "Values",
    Group.ACCEPTANCE: "Accepted and rejected",
    Group.DEFAULTS: "Defaults",
    Group.CONFIG: "Configurations",
    Group.WEIGHTS: "Weights: names, order, shapes",
    Group.OTHER: "Shapes, dtypes and other observables",
}
# How many rows of a group the terminal shows, and how many ids of a row the page shows.
_MOST_ROWS: Final = 15
_MOST_IDS: Final = 40


def summary(made: Upgrade, console: Console) -> None:
    """Prints a table for each group that has changes, rounding in a line per class, then the verdict."""
    console.print(
        f"[bold]{escape(_named(made, made.old))}[/] -> [bold]{escape(_named(made, made.new))}[/] "
        f"[dim]({spoken(made)})[/]",
        soft_wrap=True,
    )
    for group, rows in _groups(made):
        table = Table(
            title=TITLES[group], title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False
        )
        table.add_column("class", overflow="fold", max_width=24)
        table.add_column("what", overflow="fold", max_width=28)
        table.add_column("cases", justify="right", no_wrap=True)
        values = group is Group.VALUES
        for name in ("ULP", "error") if values else ():
            table.add_column(name, justify="right", no_wrap=True)
        table.add_column("old -> new, for example", overflow="fold")
        for row in _most(rows):
            numbers = (_ulp(row.ulp), _relative(row.relative)) if values else ()
            told = f"{escape(_arrow(row))}\n[dim]{escape(_case(row))}[/]"
            table.add_row(
                escape(_brief(row.target)), escape(row.what), str(len(row.ids)), *numbers, told
            )
        console.print(table)
        if len(rows) > _MOST_ROWS:
            console.print(f"and {len(rows) - _MOST_ROWS} more rows (--json has all of them)\n")
    if made.roundings:
        console.print("[bold]Rounding[/], within the error budgets or tolerances")
        for each in made.roundings:
            said = ", ".join(f"{what} {count}" for what, count in each.what.most_common())
            console.print(
                f"  {each.target}: {len(each.ids)} cases ({said}), at most {each.headroom:.2f} of the "
                f"budget, {_ulp(each.ulp)} ULP",
                soft_wrap=True,
                highlight=False,
            )
    for line in alone(made):
        console.print(escape(line), soft_wrap=True, highlight=False)
    _coverage(made, console)
    _closing(made, console)


def spoken(made: Upgrade) -> str:
    """The dialect of both, or both dialects."""
    return " -> ".join(dict.fromkeys(made.dialects))


def alone(made: Upgrade) -> list[str]:
    """A line for each thing that one of two dialects is not asked, because it does not have it."""
    lines = []
    for dialect, found in made.alone.items():
        gone = dialect == made.dialects[0]
        word = "gone" if gone else "new"
        lines += [f"{word}: {', '.join(found.classes)}"] if found.classes else []
        if found.cases:
            counts = ", ".join(f"{target} {count}" for target, count in found.cases.items())
            lines.append(
                f"asked of {made.old if gone else made.new} alone, as the documents of {dialect} say: {counts}"
            )
    return lines


def _most(rows: list[Row]) -> list[Row]:
    """The rows that most cases show, in their old order."""
    ordered = sorted(range(len(rows)), key=lambda n: -len(rows[n].ids))
    return [rows[n] for n in sorted(ordered[:_MOST_ROWS])]


def _brief(target: str) -> str:
    """A class without its family; a function with it, because several families have one of that name."""
    name = target.rpartition(".")[2]
    return name if name[:1].isupper() else target


def _named(made: Upgrade, subject: str) -> str:
    facts = made.provenance[subject]
    version = facts.get("version")
    return f"{subject} {version}" if version and str(version) not in subject else subject


def _groups(made: Upgrade) -> Iterator[tuple[Group, list[Row]]]:
    for group in Group:
        if rows := made.of(group):
            yield group, rows


def _arrow(row: Row) -> str:
    """The old and the new value of the example, shortened to a line or two."""
    old, new = (clipped(text, 110) for text in (row.example.old, row.example.new))
    return f"{old} -> {new}".strip() if old or new else ""


def _case(row: Row) -> str:
    """The id of the example, without its class where the row names that."""
    return row.example.id.removeprefix(f"{row.target}/")


def _ulp(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.0f}" if value < 1e6 else f"{value:.1e}"


def _relative(value: float | None) -> str:
    return "-" if value is None else f"{value:.1e}"


def _coverage(made: Upgrade, console: Console) -> None:
    found = made.coverage
    if found is None:
        return
    console.print(
        f"\n[bold]{escape(found.source)}[/] uses {', '.join(found.covered) or 'no class'} of the "
        f"suite: {len(found.relevant)} of {found.asked} cases are relevant to it",
        soft_wrap=True,
        highlight=False,
    )
    for line in uncovered(made):
        console.print(f"[yellow]not covered[/] {escape(line)}", soft_wrap=True, highlight=False)


def uncovered(made: Upgrade) -> list[str]:
    """A line for each thing that the model uses and no case covers."""
    found = made.coverage
    if found is None:
        return []
    lines = [
        f"{target}: the suite has no such class{_where(n)}" for target, n in found.absent.items()
    ]
    lines += [f"{value}: no case has this value" for value in found.values]
    lines += [f"{name}: not official Keras{_where(n)}" for name, n in found.custom.items()]
    return lines


def _where(names: list[str]) -> str:
    return f" ({', '.join(names[:6])}{', ...' if len(names) > 6 else ''})" if names else ""


def _closing(made: Upgrade, console: Console) -> None:
    if made.interrupted or made.crashed:
        console.print(
            f"[yellow]{made.crashed or 'interrupted'}[/]: {made.asked} of {made.planned} cases were "
            "asked; what is above is about these",
            soft_wrap=True,
        )
    changed = made.changed()
    console.print(
        f"{closing(made)} in {made.seconds:.1f} s",
        style="yellow" if changed or made.interrupted or made.crashed else "green",
        soft_wrap=True,
        highlight=False,
    )


def closing(made: Upgrade) -> str:
    """The counts in a sentence."""
    rounded = {case_id for row in made.roundings for case_id in row.ids}
    rounded -= {case_id for row in made.rows for case_id in row.ids}
    lacking = f", {made.lacking} that neither has" if made.lacking else ""
    return (
        f"{made.asked} cases: {made.changed()} changed, {len(rounded)} moved by rounding alone, "
        f"{made.alike} alike{lacking}"
    )


def to_json(made: Upgrade) -> dict[str, Any]:
    """All findings, with the ids of all cases."""
    request, found = made.request, made.coverage
    return {
        "schema": SCHEMA,
        "old": made.old,
        "new": made.new,
        "dialect": spoken(made),
        "provenance": made.provenance,
        "draws": made.draws,
        "options": {
            "select": list(request.select),
            "mode": str(request.mode),
            "device": request.device,
            "model": str(request.model) if request.model else None,
        },
        "seconds": round(made.seconds, 3),
        "interrupted": made.interrupted,
        "crashed": made.crashed,
        "exit_status": made.exit_status(),
        "counts": {
            "planned": made.planned,
            "asked": made.asked,
            "changed": made.changed(),
            "alike": made.alike,
            "lacking": made.lacking,
        },
        "alone": {
            dialect: {"classes": list(found.classes), "cases": dict(found.cases)}
            for dialect, found in made.alone.items()
        },
        "changes": [
            {
                "group": str(row.group),
                "target": row.target,
                "what": row.what,
                "cases": len(row.ids),
                "largest_ulp": _finite(row.ulp),
                "largest_relative_error": _finite(row.relative),
                "example": {
                    "id": row.example.id,
                    "old": row.example.old,
                    "new": row.example.new,
                },
                "ids": row.ids,
            }
            for row in made.rows
        ],
        "rounding": [
            {
                "target": each.target,
                "cases": len(each.ids),
                "what": dict(each.what.most_common()),
                "largest_ulp": each.ulp,
                "headroom": each.headroom,
                "ids": each.ids,
            }
            for each in made.roundings
        ],
        "model": None
        if found is None
        else {
            "source": found.source,
            "relevant": sorted(found.relevant),
            "of": found.asked,
            "covered": found.covered,
            "not_covered": {
                "classes": found.absent,
                "values": found.values,
                "custom": found.custom,
            },
        },
    }


def _finite(value: float | None) -> float | str | None:
    """Infinity as a string, as in golden files: JSON has no such number."""
    return "Infinity" if value == float("inf") else value


def _write(made: Upgrade, path: Path, template: str) -> None:
    facts: dict[str, Any] = {
        "made": made,
        "groups": list(_groups(made)),
        "titles": TITLES,
        "closing": closing(made),
        "uncovered": uncovered(made),
        "alone": alone(made),
        "spoken": spoken(made),
        "named": lambda subject: _named(made, subject),
        "ulp": _ulp,
        "relative": _relative,
        "most": _MOST_IDS,
    }
    page.write_template(path, template, **facts)


def write_html(made: Upgrade, path: Path) -> None:
    """Writes a page that needs no other file and no network, whole or not at all."""
    _write(made, path, "upgrade.html")


def write_markdown(made: Upgrade, path: Path) -> None:
    """Writes the tables for a pull request, whole or not at all."""
    _write(made, path, "upgrade.md")


def write_json(made: Upgrade, path: Path) -> None:
    """Writes everything, or nothing."""
    machine.write_json(path, to_json(made))
