"""Regenerates the golden files from the official packages, and from nothing else.

All questions are asked before anything is written. Then each file is replaced in one step, so that a run that
is stopped at any moment leaves every golden file whole.
"""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from conformance.cases import every_case
from conformance.claims import findings
from conformance.judge.compare import compare
from conformance.judge.differences import shown
from conformance.model import Case, Outcome, Raised, Returned, Tensor, codec
from conformance.model.errors import UsageError
from conformance.record import admission
from conformance.record.alternatives import alternatives
from conformance.record.origins import Sourced, file_of, packages, recordable, recorded
from conformance.subjects import OFFICIAL, Subject, resolve
from conformance.vectors import store
from conformance.vectors.store import GoldenCase, GoldenFile


@dataclass(slots=True)
class Change:
    """What regeneration would do to the golden file of one target."""

    target: str
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    redefined: list[str] = field(default_factory=list)
    moved: dict[str, str] = field(default_factory=dict)
    largest_ulp: float = 0.0
    other: str = ""

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.redefined or self.moved or self.other)


@dataclass(slots=True)
class Regeneration:
    """The new golden files, and how they differ from those on disk.

    `refused`: a sentence for each answer that the oracle does not confirm and no finding explains.
    """

    directory: Path
    files: list[GoldenFile]
    changes: list[Change]
    obsolete: list[Path]
    refused: list[str] = field(default_factory=list)

    def write(self) -> list[Path]:
        """Replaces every file that differs, and removes the files of targets that no longer exist.

        Raises UsageError, and writes nothing, where an answer was refused.
        """
        if self.refused:
            raise UsageError(f"{len(self.refused)} answers must be admitted before any is written")
        changed = {change.target for change in self.changes if change}
        written = []
        with _undisturbed():
            for file in self.files:
                if file.target in changed:
                    path = self.directory / file.relative_path
                    store.write(path, store.dumps(file))
                    written.append(path)
            for path in self.obsolete:
                path.unlink()
                written.append(path)
        return written


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Delays Ctrl-C for the few milliseconds in which files are renamed."""
    held: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: held.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if held:
        raise KeyboardInterrupt


def regenerate(
    directory: Path,
    select: Sequence[str] = (),
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Regeneration:
    """Asks the official packages every selected case.

    Cases of a class that are not selected keep their recorded outcomes. Classes without a selected case
    are not read.
    """
    rows = every_case()
    store.check_select(select, rows)
    chosen = {c.id for c in rows if not select or any(store.matches(p, c) for p in select)}
    by_target: dict[str, list[Case]] = {}
    for case in rows:
        by_target.setdefault(case.target, []).append(case)
    asked = {t: cases for t, cases in by_target.items() if any(c.id in chosen for c in cases)}
    on_disk = store.paths(directory) if directory.is_dir() else []
    needed = {directory / store.relative_path(target) for target in asked}
    for path in on_disk:
        store.check(path)
    old = {f.target: f for f in (store.load(p) for p in on_disk if p in needed or not select)}

    officials = {dialect: resolve(package)[0] for dialect, package in OFFICIAL.items()}
    provenance = {dialect: _stable(s.provenance()) for dialect, s in officials.items()}
    for target in asked:
        _refuse_mixture(old.get(target), provenance, chosen)
    known = findings.load_findings(store.default_directory())
    files, changes, done = [], [], 0
    refused: list[str] = []
    for target, cases in asked.items():
        before = old.get(target)
        kept = {e.case.id: e for e in before.cases} if before else {}
        made: list[Sourced] = []
        for case in cases:
            was = Sourced.of(before, kept[case.id]) if before and case.id in kept else None
            if case.id in chosen:
                answers = {d: _ask(officials[d], case) for d in case.dialects}
                now = recorded(case, answers, provenance, was)
                over = list(admission.beyond(case, now.entry.expected))
                finding = admission.explained(case.id, known) if over else ""
                if over and not finding:
                    refused += map(admission.sentence, over)
                permitted = alternatives(
                    now.entry.case,
                    now.entry.expected,
                    finding,
                    known,
                    was.entry.alternatives if was else {},
                )
                entry = replace(now.entry, finding=finding, alternatives=permitted)
                made.append(replace(now, entry=entry))
                done += 1
                progress(done, len(chosen))
            elif was:
                made.append(was)
        new = file_of(target, made, before, provenance)
        files.append(new)
        changes.append(change_between(before, new))
    obsolete = [directory / file.relative_path for t, file in old.items() if t not in by_target]
    for path in obsolete:
        changes.append(Change(path.stem, other=f"{path} has no rows any more"))
    return Regeneration(directory, files, changes, obsolete, refused)


def _refuse_mixture(
    old: GoldenFile | None, provenance: Mapping[str, Any], chosen: set[str]
) -> None:
    """UsageError where part of a file would come from other versions of the packages than the rest."""
    kept = [entry.case.id for entry in old.cases if entry.case.id not in chosen] if old else []
    if old and kept and _packages_differ(old.provenance, provenance):
        raise UsageError(
            f"--select must take all of {old.target}, since its file was recorded with other "
            f"versions than are installed; it left out {kept[0]}"
        )


def _stable(provenance: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in provenance.items() if k not in ("mode", "device", "draws", "stated")}


def _ask(official: Subject, case: Case) -> tuple[Outcome, ...]:
    outcomes, again = (tuple(official.answer(case)) for _ in range(2))
    if _text(recordable(outcomes)) != _text(recordable(again)):
        raise UsageError(
            f"{case.id}: {official.name} must answer alike when asked twice; it did not"
        )
    return outcomes


def _text(outcomes: Sequence[Outcome]) -> str:
    return codec.text(codec.outcomes_to_json(outcomes))


def change_between(old: GoldenFile | None, new: GoldenFile) -> Change:
    """How the golden file of a target differs from the one before it, if there was one."""
    change = Change(new.target)
    if old is None:
        change.added = [entry.case.id for entry in new.cases]
        return change
    before = {entry.case.id: entry for entry in old.cases}
    after = {entry.case.id: entry for entry in new.cases}
    change.added = [i for i in after if i not in before]
    change.removed = [i for i in before if i not in after]
    for case_id in (i for i in after if i in before):
        was, now = before[case_id], after[case_id]
        questions = [codec.text(codec.case_to_json(e.case)) for e in (was, now)]
        permits = (was.finding, was.alternatives) != (now.finding, now.alternatives)
        if questions[0] != questions[1] or permits:
            change.redefined.append(case_id)
        _compare_outcomes(change, was, now)
    if not change and [*before] != [*after]:
        change.other = "the order of the cases"
    if not change and _packages_differ(old.provenance, new.provenance):
        change.other = "the versions it was recorded with"
    if not change and old.schema != new.schema:
        change.other = "the version of the format"
    return change


def _packages_differ(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return any(
        packages(one.get(dialect, {})) != packages(other.get(dialect, {}))
        for dialect in one.keys() | other.keys()
    )


def _compare_outcomes(change: Change, was: GoldenCase, now: GoldenCase) -> None:
    for dialect in sorted(was.expected.keys() | now.expected.keys()):
        old, new = was.expected.get(dialect), now.expected.get(dialect)
        if old is None or new is None:
            change.moved[now.case.id] = f"{dialect}: {'appeared' if old is None else 'gone'}"
            continue
        if _text(old) == _text(new):
            continue
        comparisons = compare(new, old, now.case.tolerance)
        change.largest_ulp = max(
            [change.largest_ulp, *(c.error_ulp for c in comparisons if c.error_ulp is not None)]
        )
        change.moved[now.case.id] = f"{dialect}: {_difference(old, new)}"


def _difference(old: Sequence[Outcome], new: Sequence[Outcome]) -> str:
    for step, (was, now) in enumerate(zip(old, new, strict=False)):
        if _text([was]) != _text([now]):
            return f"step {step}: {_brief(was)} -> {_brief(now)}"
    return f"{len(old)} answered steps -> {len(new)}"


def _brief(outcome: Outcome) -> str:
    if isinstance(outcome, Returned):
        return ", ".join(f"{k} {shown(v)}" for k, v in outcome.values.items()) or "nothing"
    if isinstance(outcome, Raised):
        return f"raised ({outcome.category}) {outcome.message[:80]}"
    return str(outcome)


def counts(files: Sequence[GoldenFile]) -> Counter[str]:
    """How many cases, outcomes and tensor elements the files hold."""
    total: Counter[str] = Counter()
    for file in files:
        for entry in file.cases:
            total["cases"] += 1
            for outcomes in entry.expected.values():
                total["outcomes"] += 1
                for outcome in outcomes:
                    if isinstance(outcome, Returned):
                        total["elements"] += sum(
                            v.size for v in outcome.values.values() if isinstance(v, Tensor)
                        )
    return total
