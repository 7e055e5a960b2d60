"""What changes between two subjects: on the terminal, as a page, for a pull request, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from conformance.changes.rows import Row
from conformance.changes.severity import Severity
from conformance.changes.subjects import Upgrade
from conformance.model.texts import clipped, cut
from conformance.report import advice, machine, page
from conformance.report.advice import TITLES, Advice, Told, brief

SCHEMA: Final = "keras-conformance/upgrade/1"

# How many rows of a severity the terminal shows, and how many ids of a row the page shows.
_MOST_ROWS: Final = 10
_MOST_IDS: Final = 40


def summary(made: Upgrade, console: Console) -> None:
    """Prints what to do, then the changes by severity, the worst first, rounding in a line per class, the verdict."""
    console.print(
        f"[bold]{escape(_named(made, made.old))}[/] -> [bold]{escape(_named(made, made.new))}[/] "
        f"[dim]({spoken(made)})[/]",
        soft_wrap=True,
    )
    sections = Advice(made).sections()
    _verdict(made, sections, console)
    for severity, rows in sections:
        console.print(f"\n[bold]{TITLES[severity]}[/]")
        for told in rows[:_MOST_ROWS]:
            _change(told, console)
        if len(rows) > _MOST_ROWS:
            console.print(f"and {len(rows) - _MOST_ROWS} more changes (--json has all of them)")
    if made.roundings:
        console.print("\n[bold]Rounding[/], within the error budgets or tolerances")
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


def _verdict(
    made: Upgrade, sections: Sequence[tuple[Severity, Sequence[Told]]], console: Console
) -> None:
    """For each severity what to do, in a line."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for severity, said in advice.verdict(sections, partial=made.partial):
        quiet = said == advice.FINE or severity is Severity.COSMETICS
        table.add_row(f"[{'green' if quiet else 'yellow'}]{severity}[/]", escape(said))
    console.print(table, highlight=False)


def _change(told: Told, console: Console) -> None:
    """A change: how many cases, what, since when, an example, and the command that shows it."""
    row = told.row
    numbers = ""
    if row.ulp is not None or row.relative is not None:
        numbers = f" [dim]({_ulp(row.ulp)} ULP, relative error {_relative(row.relative)})[/]"
    since = f" [yellow]{escape(told.since)}[/]" if told.since else ""
    head = f"{len(row.ids)} x {brief(row.target)}: {row.what}"
    console.print(f"  {escape(head)}{numbers}{since}", soft_wrap=True, highlight=False)
    lines = [_arrow(row)]
    if told.why:
        lines.append(told.why + (f" ({told.known})" if told.known else ""))
    lines += [f"finding {finding.id}" for finding in told.findings]
    for line in filter(None, lines):
        console.print(f"    {escape(line)}", soft_wrap=True, highlight=False)
    console.print(f"    [dim]{escape(told.show)}[/]", soft_wrap=True, highlight=False)


def _named(made: Upgrade, subject: str) -> str:
    facts = made.provenance[subject]
    version = facts.get("version")
    return f"{subject} {version}" if version and str(version) not in subject else subject


def _arrow(row: Row) -> str:
    """The old and the new value of the example, shortened to a line or two."""
    old, new = (clipped(text, 110) for text in (row.example.old, row.example.new))
    return f"{old} -> {new}".strip() if old or new else ""


def _ulp(value: float | None) -> str:
    if value is None:
        return "-"
    return cut(value, ".0f")


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
    for line in by_running(made):
        console.print(escape(line), soft_wrap=True, highlight=False)
    for line in uncovered(made):
        console.print(f"[yellow]not covered[/] {escape(line)}", soft_wrap=True, highlight=False)


def by_running(made: Upgrade) -> list[str]:
    """What no case covers and was compared by running it, in a line; none where there is none."""
    ran = made.coverage.ran if made.coverage else {}
    told = ", ".join(f"{what}{_where(names)}" for what, names in ran.items())
    return [f"compared by running it, in inference: {told}"] if told else []


def uncovered(made: Upgrade) -> list[str]:
    """A line for each thing that the model uses, no case covers, and that was not run either."""
    found = made.coverage
    if found is None:
        return []
    why = {told: f"; not run: {clipped(reason, 200)}" for told, reason in found.why.items()}
    lines = [
        f"{target}: the suite has no such class{_where(n)}{why.get(target, '')}"
        for target, n in found.absent.items()
    ]
    lines += [f"{value}: no case has this value{why.get(value, '')}" for value in found.values]
    lines += [f"{name}: not official Keras{_where(n)}" for name, n in found.custom.items()]
    return lines


def _where(names: list[str]) -> str:
    return f" ({', '.join(names[:6])}{', ...' if len(names) > 6 else ''})" if names else ""


def _closing(made: Upgrade, console: Console) -> None:
    if made.partial:
        console.print(
            f"[yellow]{made.crashed or 'interrupted'}[/]: {made.asked} of {made.planned} cases were "
            "asked; what is above is about these",
            soft_wrap=True,
        )
    changed = made.changed()
    console.print(
        f"{closing(made)} in {made.seconds:.1f} s",
        style="yellow" if changed or made.partial else "green",
        soft_wrap=True,
        highlight=False,
    )


def closing(made: Upgrade) -> str:
    """The counts in a sentence."""
    rounded = {case_id for row in made.roundings for case_id in row.ids}
    rounded -= {case_id for row in made.rows for case_id in row.ids}
    lacking = f", {made.lacking} that neither has" if made.lacking else ""
    ran = f", and {made.ran} layers and models run" if made.ran else ""
    return (
        f"{made.asked} cases{ran}: {made.changed()} changed, {len(rounded)} moved by rounding alone, "
        f"{made.alike} alike{lacking}"
    )


def to_json(made: Upgrade) -> dict[str, Any]:
    """All findings, with the ids of all cases."""
    request, found = made.request, made.coverage
    sections = Advice(made).sections()
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
            "fail_on": str(request.fail_on),
            "model": str(request.model) if request.model else None,
        },
        "seconds": round(made.seconds, 3),
        "interrupted": made.interrupted,
        "crashed": made.crashed,
        "exit_status": made.exit_status(),
        "counts": {
            "planned": made.planned,
            "asked": made.asked,
            "ran": made.ran,
            "changed": made.changed(),
            "alike": made.alike,
            "lacking": made.lacking,
        },
        "verdict": {
            str(severity): said for severity, said in advice.verdict(sections, partial=made.partial)
        },
        "alone": {
            dialect: {"classes": list(found.classes), "cases": dict(found.cases)}
            for dialect, found in made.alone.items()
        },
        "changes": [
            {
                "group": str(row.group),
                "severity": str(row.severity),
                "since": told.since,
                "why": told.why,
                "known": told.known,
                "findings": [finding.id for finding in told.findings],
                "show": told.show,
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
            for _, rows in sections
            for told in rows
            for row in (told.row,)
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
                "why": found.why,
            },
            "compared_by_running": found.ran,
        },
    }


def _finite(value: float | None) -> float | str | None:
    """Infinity as a string, as in golden files: JSON has no such number."""
    return "Infinity" if value == float("inf") else value


def _write(made: Upgrade, path: Path, template: str) -> None:
    sections = Advice(made).sections()
    facts: dict[str, Any] = {
        "made": made,
        "sections": sections,
        "verdict": advice.verdict(sections, partial=made.partial),
        "titles": TITLES,
        "brief": brief,
        "closing": closing(made),
        "uncovered": uncovered(made),
        "by_running": by_running(made),
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
