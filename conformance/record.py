"""Regeneration of the golden files from the official packages, and from nothing else.

Everything is asked before anything is written; then each file is replaced in one step. A run that
is stopped, whenever, leaves every golden file whole.
"""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conformance import codec, store
from conformance.cases import every_case
from conformance.compare import compare, shown
from conformance.errors import UsageError
from conformance.model import Case, Outcome, Raised, Returned, Tensor, Verdict, digest
from conformance.store import GoldenCase, GoldenFile
from conformance.subjects import OFFICIAL, Subject, resolve
from conformance.subjects.provenance import same_platform

# The facts of a provenance that describe the packages, not the machine: when these stay, and the
# outcomes do, a file recorded elsewhere stays as it is.
_PACKAGE_KEYS = ("package", "version", "tensorflow", "generator")


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
    """The new golden files and how they differ from those on disk."""

    directory: Path
    files: list[GoldenFile]
    changes: list[Change]
    obsolete: list[Path]

    def write(self) -> list[Path]:
        """Replaces every file that differs and removes those of targets that are gone."""
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
    """Holds Ctrl-C back for the few milliseconds in which files are renamed."""
    held: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: held.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if held:
        raise KeyboardInterrupt


def selected(select: Sequence[str]) -> list[Case]:
    """The rows that the patterns take."""
    cases = list(every_case())
    store.check_select(select, cases)
    return [c for c in cases if not select or any(store.matches(p, c) for p in select)]


def regenerate(
    directory: Path,
    select: Sequence[str] = (),
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Regeneration:
    """Asks the official packages every selected case; other cases keep their recorded outcomes."""
    cases = selected(select)
    chosen = {case.id for case in cases}
    old = (
        {f.target: f for f in map(store.load, store.paths(directory))} if directory.is_dir() else {}
    )
    officials = {dialect: resolve(package)[0] for dialect, package in OFFICIAL.items()}
    provenance = {dialect: _stable(s.provenance()) for dialect, s in officials.items()}
    recorded: dict[str, dict[str, tuple[Outcome, ...]]] = {}
    for number, case in enumerate(cases, start=1):
        recorded[case.id] = {d: _ask(officials[d], case) for d in case.dialects}
        progress(number, len(cases))
    files, changes = [], []
    by_target: dict[str, list[GoldenCase]] = {}
    for case in every_case():
        before = old.get(case.target)
        kept = {e.case.id: e for e in before.cases} if before else {}
        if case.id in chosen:
            entry = GoldenCase(case, recorded[case.id])
        elif case.id in kept:
            entry = kept[case.id]
        else:
            continue
        by_target.setdefault(case.target, []).append(entry)
    asked = {case.target for case in cases}
    for target, entries in by_target.items():
        if target not in asked:  # nobody was asked: the file on disk stays, provenance and all
            files.append(old[target])
            changes.append(Change(target))
            continue
        new = GoldenFile(target, provenance, tuple(entries))
        _refuse_mixture(old.get(target), new, chosen)
        change = _change(old.get(target), new)
        files.append(new)
        changes.append(change)
    obsolete = [
        directory / file.relative_path
        for target, file in old.items()
        if target not in by_target and not select
    ]
    for path in obsolete:
        changes.append(Change(path.stem, other=f"{path} has no rows any more"))
    return Regeneration(directory, files, changes, obsolete)


def _refuse_mixture(old: GoldenFile | None, new: GoldenFile, chosen: set[str]) -> None:
    """A file has one provenance: part of it cannot be recorded with other versions."""
    kept = [entry for entry in new.cases if entry.case.id not in chosen]
    if old and kept and _packages(old.provenance) != _packages(new.provenance):
        raise UsageError(
            f"--select must take all of {new.target}, since its file was recorded with other "
            f"versions than are installed; it left out {kept[0].case.id}"
        )


def _stable(provenance: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in provenance.items() if k not in ("mode", "device", "draws")}


def _ask(official: Subject, case: Case) -> tuple[Outcome, ...]:
    outcomes = tuple(map(_small, official.answer(case)))
    again = tuple(map(_small, official.answer(case)))
    if _text(outcomes) != _text(again):
        raise UsageError(
            f"{case.id}: {official.name} must answer alike when asked twice; it did not"
        )
    # A golden is language-neutral: what is read back is what counts.
    return tuple(codec.outcome_from_json(codec.outcome_to_json(o)) for o in outcomes)


def _small(outcome: Outcome) -> Outcome:
    """The outcome with a digest in the place of a sample."""
    if isinstance(outcome, Returned) and isinstance(drawn := outcome.values.get("sample"), Tensor):
        return Returned({**outcome.values, "sample": digest(drawn)})
    return outcome


def _text(outcomes: Sequence[Outcome]) -> str:
    return codec.text(codec.outcomes_to_json(outcomes))


def _change(old: GoldenFile | None, new: GoldenFile) -> Change:
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
        if codec.text(codec.case_to_json(was.case)) != codec.text(codec.case_to_json(now.case)):
            change.redefined.append(case_id)
        _compare_outcomes(change, was, now, old.provenance, new.provenance)
    if not change and [*before] != [*after]:
        change.other = "the order of the cases"
    if not change and _packages(old.provenance) != _packages(new.provenance):
        change.other = "the versions it was recorded with"
    return change


def _packages(provenance: Mapping[str, Any]) -> Any:
    return {d: [p.get(key) for key in _PACKAGE_KEYS] for d, p in provenance.items()}


def _compare_outcomes(
    change: Change,
    was: GoldenCase,
    now: GoldenCase,
    recorded_on: Mapping[str, Any],
    asked_on: Mapping[str, Any],
) -> None:
    for dialect in sorted(was.expected.keys() | now.expected.keys()):
        old, new = was.expected.get(dialect), now.expected.get(dialect)
        if old is None or new is None:
            change.moved[now.case.id] = f"{dialect}: {'appeared' if old is None else 'gone'}"
            continue
        if _text(old) == _text(new):
            continue
        comparisons = compare(new, old, now.case.tolerance)
        here = same_platform(recorded_on.get(dialect, {}), asked_on.get(dialect, {}))
        if not here and all(c.verdict is Verdict.PASS for c in comparisons):
            continue  # another machine's rounding, within what the case allows
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
