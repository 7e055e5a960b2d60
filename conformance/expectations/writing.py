"""`conformance run --write-expectations FILE`: updates the file to what a run has found.

Entries that still hold stay as they are (`revising`). An entry loses the cases where it no longer holds.
Failures that no entry expects become new entries (`adding`); these are untriaged until a person gives the
reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from conformance.expectations import blocks
from conformance.expectations.adding import entries_for, merged
from conformance.expectations.asked import Asked, is_failure
from conformance.expectations.blocks import Fields
from conformance.expectations.entries import Expectation, for_subject, parse, read
from conformance.expectations.ledger import Ledger
from conformance.expectations.revising import extended, revised, says_the_same
from conformance.expectations.triage import Triage
from conformance.model import Result, Verdict
from conformance.vectors import store

_HEAD: Final = (
    "# Known failures, written by `conformance run --write-expectations`. An entry is triaged when\n"
    "# its `reason` says why it fails, and its `link` where that is discussed.\n"
)


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a file: how many entries were added, removed and changed.

    `failures`: how many results the new entries are about.
    """

    path: Path
    added: int
    failures: int
    removed: int
    changed: int

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


def update(
    path: Path, asked: Sequence[Asked], mode: str, others: Sequence[Path], triage: Triage
) -> Written:
    """Updates the file, whole or not at all. A file that needs no change is not touched.

    `others`: files whose entries apply as well.
    """
    before = read(path) if path.is_file() else ""
    head, present = blocks.split(before or _HEAD, path)
    texts: list[str] = []
    removed = changed = 0
    for block in present:
        pieces = revised(block, asked, mode, triage)
        if pieces is None:
            texts.append(block.text)
            continue
        removed += not pieces
        changed += bool(pieces)
        texts += [blocks.changed(block.text, piece) for piece in pieces]
    kept = parse(blocks.join(head, texts), path)
    fresh: list[Fields] = []
    failures = 0
    for each in asked:
        elsewhere = for_subject(each.name, mode, others, facts=each.facts, without=path)
        here = [entry for entry in kept if entry.applies(each.name, mode, each.facts)]
        news = [r for r in _unexpected(each, [*elsewhere, *here]) if triage.takes(r)]
        failures += len(news)
        fresh += entries_for(each, news, _restriction(each, mode), triage)
    added = []
    for fields in merged(fresh, [each.name for each in asked]):
        like = next((n for n, entry in enumerate(kept) if says_the_same(entry, fields)), None)
        if like is None or len(asked) > 1:
            added.append(blocks.new(fields))
        else:
            texts[like] = extended(texts[like], kept[like], fields, asked[0])
            changed += 1
    text = blocks.join(head, [*texts, *added])
    if text != before and (before or added):
        store.write(path, text.encode())
    return Written(path, len(added), failures, removed, changed)


def _unexpected(asked: Asked, entries: Sequence[Expectation]) -> list[Result]:
    ledger = Ledger(entries)
    return [
        original
        for results in asked.by_case.values()
        for original, judged in zip(results, ledger.judge(results), strict=True)
        if is_failure(original) and judged.verdict is not Verdict.KNOWN_FAILURE
    ]


def _restriction(asked: Asked, mode: str) -> dict[str, tuple[str, ...]]:
    """A run knows its own mode only: where a subject has others, an entry is limited to this one."""
    return {"modes": (mode,)} if len(asked.modes) > 1 else {}
