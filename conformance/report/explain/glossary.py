"""The words of reports: what each is, and what to do about it (`glossary.toml`; flags: golden/schema.json)."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from conformance.model.errors import UsageError

_FILE: Final = Path(__file__).parent / "glossary.toml"
# The kinds of words, and how a page heads them.
KINDS: Final = {
    "word": "Words",
    "verdict": "Verdicts",
    "grade": "Grades of a pass",
    "fault": "Faults: who is wrong",
    "level": "Levels: how far from daily use a case lies",
    "aspect": "Aspects: what a comparison is about",
    "severity": "Severities of a change",
    "flag": "Flags: what a case is for",
}


@dataclass(frozen=True, slots=True)
class Term:
    """A word, of which kind it is, what it means, and what a reader does about it."""

    name: str
    kind: str
    what: str
    do: str = ""


@cache
def terms(golden: Path) -> tuple[Term, ...]:
    """Every word, in the order of the kinds; flags are those of the schema beside the golden files."""
    found = tomllib.loads(_FILE.read_text())
    made = [
        Term(name, kind, entry["what"], entry.get("do", ""))
        for kind in KINDS
        for name, entry in found.get(kind, {}).items()
    ]
    return (*made, *_flags(golden))


def _flags(golden: Path) -> list[Term]:
    path = golden / "schema.json"
    if not path.is_file():
        return []
    try:
        known = json.loads(path.read_text())["$defs"]["flag"]["oneOf"]
        return [Term(each["const"], "flag", f"{each['description']}.") for each in known]
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise UsageError(f"{path}: must define the flags of cases; {error}") from error


def meaning(golden: Path, name: str, kind: str) -> str:
    """What a word of a kind means; empty where nobody says it."""
    return next((t.what for t in terms(golden) if (t.name, t.kind) == (name, kind)), "")


def page(golden: Path) -> str:
    """All words, as Markdown."""
    lines = [
        "# Glossary",
        "",
        "The words of reports; `conformance explain WORD` says the same. Written by `conformance explain --glossary`.",
    ]
    for kind, title in KINDS.items():
        lines += ["", f"## {title}", "", "| | what it is | what to do |", "|---|---|---|"]
        lines += [_row(term) for term in terms(golden) if term.kind == kind]
    return "\n".join(lines) + "\n"


def _row(term: Term) -> str:
    cells: Sequence[str] = [f"`{term.name}`", term.what, term.do]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
