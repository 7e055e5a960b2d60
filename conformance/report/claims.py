"""Who honours which claim: on the terminal, as a page, and for a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from conformance.claims.claims import Judged, Judgement, Verdict
from conformance.claims.findings import SEVERITIES, Finding
from conformance.report import page


def summary(judged: Judged, console: Console) -> None:
    """Prints the claims by document and verdict for each subject, then every breach, then the verdict."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("document", overflow="fold")
    table.add_column("claims", justify="right")
    for subject in judged.subjects:
        table.add_column(escape(subject), justify="right", no_wrap=True)
    for name, claims, cells in _rows(judged):
        if name == "all":
            table.add_section()
        table.add_row(name, str(claims), *cells, style="bold" if name == "all" else None)
    console.print(table)
    console.print("honoured / broken / undecided, for each subject", style="dim")
    for judgement in breaches(judged):
        by = ", ".join(judgement.findings) or "no finding"
        colour = "yellow" if judgement.findings else "red"
        console.print(
            f"[{colour}]{judgement.verdict}[/] {escape(judgement.claim.id)} "
            f"[dim]({escape(judgement.subject)}; {escape(by)})[/]",
            soft_wrap=True,
        )
        console.print(
            f"       {escape(judgement.claim.text)} {escape(judgement.case)}: "
            f"{escape(judgement.message)}",
            soft_wrap=True,
            highlight=False,
        )
    counts = ", ".join(f"{len(those)} {kind}" for kind, those in findings(judged).items())
    total = len(judged.claims.findings)
    console.print(f"{total} findings about official Keras: {counts}", soft_wrap=True)
    console.print(reported(judged.claims.findings), soft_wrap=True)
    if sentence := elsewhere(judged):
        console.print(sentence, soft_wrap=True)
    _closing(judged, console)


def reported(those: Sequence[Finding]) -> str:
    """A sentence about which findings others have reported."""
    known = sum(bool(finding.links) for finding in those)
    novel = sum(finding.novel for finding in those)
    return (
        f"{known} of them have been reported in public (links), {novel} have not (novel: searched for), "
        f"{len(those) - known - novel} were not searched for"
    )


def elsewhere(judged: Judged) -> str:
    """A sentence about the findings that concern other platforms only; "" where there are none."""
    ids = judged.elsewhere
    if not ids:
        return ""
    are = "1 of them is" if len(ids) == 1 else f"{len(ids)} of them are"
    return f"{are} not of this platform, where the repro does not run: {', '.join(ids)}"


def findings(judged: Judged) -> dict[str, list[Finding]]:
    """All findings by severity, the worst first."""
    return {
        kind: [finding for finding in judged.claims.findings if finding.severity == severity]
        for severity, kind in SEVERITIES.items()
    }


def breaches(judged: Judged) -> list[Judgement]:
    """The judgements on claims that were not honoured, in the order of the claims."""
    order = {claim.id: n for n, claim in enumerate(judged.claims.claims)}
    broken = [j for j in judged.judgements if j.verdict is not Verdict.HONOURED]
    return sorted(broken, key=lambda j: order[j.claim.id])


def _rows(judged: Judged) -> Iterator[tuple[str, int, list[str]]]:
    documents = list(dict.fromkeys(claim.document for claim in judged.claims.claims))
    totals = {subject: dict.fromkeys(Verdict, 0) for subject in judged.subjects}
    for name in documents:
        cells = []
        for subject in judged.subjects:
            counts = {v: judged.count(subject, name, v) for v in Verdict}
            cells.append(_cell(counts))
            for verdict, count in counts.items():
                totals[subject][verdict] += count
        yield name, sum(c.document == name for c in judged.claims.claims), cells
    yield "all", len(judged.claims.claims), [_cell(totals[subject]) for subject in judged.subjects]


def _cell(counts: dict[Verdict, int]) -> str:
    return " / ".join(str(counts[verdict]) for verdict in Verdict) if any(counts.values()) else "-"


def _closing(judged: Judged, console: Console) -> None:
    if judged.interrupted:
        console.print("[yellow]interrupted[/]: what is above is about the claims judged so far")
        return
    broken = [j for j in judged.judgements if j.verdict is Verdict.BROKEN]
    left = len(judged.unexplained())
    word = "[red]not as expected[/]" if judged.exit_status() else "[green]as expected[/]"
    console.print(
        f"{word}: {len(judged.judgements)} judgements on {len(judged.claims.claims)} claims, "
        f"{len(broken)} breaches, {left} of them undecided or without a finding",
        soft_wrap=True,
    )


def _write(judged: Judged, path: Path, template: str) -> None:
    found: dict[str, dict[str, Judgement]] = {}
    for judgement in judged.judgements:
        found.setdefault(judgement.claim.id, {})[judgement.subject] = judgement
    facts: dict[str, Any] = {
        "judged": judged,
        "good": judged.exit_status() == 0,
        "rows": list(_rows(judged)),
        "found": found,
        "breaches": breaches(judged),
        "findings": findings(judged),
        "reported": reported(judged.claims.findings),
        "elsewhere": elsewhere(judged),
    }
    page.write_template(path, template, **facts)


def write_html(judged: Judged, path: Path) -> None:
    """Writes a page that needs no other file and no network, whole or not at all."""
    _write(judged, path, "claims.html")


def write_markdown(judged: Judged, path: Path) -> None:
    """Writes a summary for a pull request, whole or not at all."""
    _write(judged, path, "claims.md")
