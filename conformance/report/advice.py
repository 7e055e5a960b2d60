"""What whoever upgrades has to do: for each severity a sentence, for each change since when and why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from packaging.version import InvalidVersion, Version

from conformance.changes.differences import Group
from conformance.changes.rows import Row
from conformance.changes.severity import Severity
from conformance.changes.subjects import Upgrade
from conformance.claims.findings import Finding
from conformance.expectations import Expectation
from conformance.report import explain
from conformance.subjects import OFFICIAL
from conformance.vectors.store import OF_MODEL

TITLES: Final[Mapping[Severity, str]] = {
    Severity.TRAINING: "Training: what a model learns",
    Severity.VALUES: "Values: what a model computes",
    Severity.LOADING: "Loading: configurations, weights, files",
    Severity.ERRORS: "Errors: what is now rejected, or now accepted",
    Severity.NAMES: "Names and attributes",
    Severity.COSMETICS: "Cosmetics: nothing breaks",
}
_DO: Final[Mapping[Severity, str]] = {
    Severity.TRAINING: "train again, or look whether your losses move",
    Severity.VALUES: "compare the outputs of your models",
    Severity.LOADING: "load your saved models before you rely on it",
    Severity.ERRORS: "look for calls that are refused now",
    Severity.NAMES: "look where your code asks for names or attributes",
    Severity.COSMETICS: "nothing",
}
# What is said of a severity of which nothing is.
FINE: Final = "fine"
# The aspects that an expectation has to name, to be about a change of the group.
_ASPECTS: Final[Mapping[Group, frozenset[str]]] = {
    Group.ACCEPTANCE: frozenset({"accepted", "exception"}),
    Group.CONFIG: frozenset({"config", "serialized", "resolved"}),
    Group.DEFAULTS: frozenset({"config", "serialized", "resolved", "attributes"}),
    Group.WEIGHTS: frozenset({"weights", "count"}),
}
_NO_VALUES: Final = frozenset({"accepted", "exception", "config", "serialized", "resolved"})

# How signatures tell of a place in a configuration, and words of rows that are no places.
_PLACED: Final = re.compile(r"lacks |has |.* at ")
_WORD: Final = re.compile(r"\w+")
_GRAMMAR: Final = frozenset({"added", "as", "beside", "config", "given", "its", "of", "record"})


@dataclass(frozen=True, slots=True)
class Told:
    """A change, and what is known of it.

    Attributes:
        since: the release that is known to bring it, in words.
        why: what is known of it, in a sentence.
        known: the id of the entry that says so.
        show: the command that shows the example.

    """

    row: Row
    since: str
    why: str
    known: str
    findings: tuple[Finding, ...]
    show: str


class Advice:
    """What is known of the changes between two subjects."""

    def __init__(self, made: Upgrade) -> None:
        self._made = made
        self._known = explain.Known(made.request.golden)
        self._entries = [
            (entry, subject)
            for subject in (made.old, made.new)
            for entry in self._known.entries(subject, made.provenance[subject])
        ]
        self._between = list(self._of_versions())

    def _of_versions(self) -> Iterator[Expectation]:
        """Of two releases of one package: entries about releases that lie between them."""
        made = self._made
        facts: Sequence[Mapping[str, Any]] = [made.provenance[s] for s in (made.old, made.new)]
        if facts[0].get("package") != facts[1].get("package"):
            return
        package = OFFICIAL[made.dialects[1]]
        try:
            old, new = (Version(str(each.get("version"))) for each in facts)
            for entry in self._known.every_entry():
                release = explain.since(entry.reason, entry.source)
                told = entry.source.startswith(f"{package}==") and release
                if told and old < Version(release) <= new:
                    yield entry
        except InvalidVersion:
            return

    def told(self, row: Row) -> Told:
        """A change with what is known of it."""
        entry = self._entry(row)
        findings = tuple(self._known.most(row.ids, self._made.dialects[1]))
        why = entry.reason if entry else (findings[0].official if findings else "")
        when = findings[0].since if findings and not entry else ""
        if entry and (release := explain.since(why, entry.source)):
            package = OFFICIAL[self._made.dialects[1]]
            when = f"since {package} {release}"
        show = f"conformance show {row.example.id} --subject {self._made.new}"
        if OF_MODEL in row.example.id:
            show = f"conformance model {self._made.request.model} --subject {self._made.new} -v"
        return Told(row, when, why, explain.identity(entry) if entry else "", findings, show)

    def _entry(self, row: Row) -> Expectation | None:
        """The entry that is about most cases of a change: half of them, at least."""
        counted = [
            (sum(map(entry.covers, row.ids)), entry)
            for entry in (*(each for each, _ in self._entries), *self._between)
            if _about(entry, row)
        ]
        count, entry = max(counted, key=lambda pair: pair[0], default=(0, None))
        return entry if 2 * count >= len(row.ids) and count else None

    def sections(self) -> list[tuple[Severity, list[Told]]]:
        """The changes by severity, the worst first."""
        made = self._made
        return [
            (severity, [self.told(row) for row in made.of(severity)])
            for severity in Severity
            if made.of(severity)
        ]


def _about(entry: Expectation, row: Row) -> bool:
    """Whether an entry may be about a change: it names an aspect of the same kind."""
    aspects = set(entry.aspects)
    if row.group in _ASPECTS:
        return bool(aspects & _ASPECTS[row.group]) and _names(entry, row)
    label = row.what.partition(":")[0].removeprefix("shape of ").removeprefix("dtype of ")
    if {"shape", "dtype"} & aspects and row.what.startswith(("shape of ", "dtype of ", "output")):
        return True
    near = {"losses of fit": "losses", "weights after fit": "weights"}.get(label, label)
    return near in aspects or (row.group is Group.VALUES and not aspects & _NO_VALUES)


def _names(entry: Expectation, row: Row) -> bool:
    """Of an entry of a configuration: whether what the known failure says of places names the changed one."""
    if row.group not in (Group.CONFIG, Group.DEFAULTS):
        return True
    placed = [phrase for phrase in entry.fails if _PLACED.match(phrase)]
    named = set(_WORD.findall(" ".join(placed)))
    return not placed or bool(named & (set(_WORD.findall(row.what)) - _GRAMMAR))


def sentence(severity: Severity, found: Sequence[Told]) -> str:
    """What to do about the changes of a severity; `found`: they, the most frequent first."""
    if not found:
        return FINE
    cases = len({case_id for told in found for case_id in told.row.ids})
    if severity is Severity.COSMETICS:
        return f"{_counted(len(found), 'change')} in {_counted(cases, 'case')}, harmless"
    first = found[0]
    what = f"{brief(first.row.target)}: {first.row.what}"
    since = f" ({first.since})" if first.since else ""
    more = f", and {_counted(len(found) - 1, 'more change')}" if len(found) > 1 else ""
    return f"{what}{since}{more}; {_DO[severity]}"


def verdict(
    sections: Sequence[tuple[Severity, Sequence[Told]]], *, partial: bool = False
) -> list[tuple[Severity, str]]:
    """For each severity what to do. `partial`: not every case was asked, so that nothing is fine yet."""
    found = dict(sections)
    said = [(severity, sentence(severity, found.get(severity, ()))) for severity in Severity]
    return [(s, "nothing so far" if partial and text == FINE else text) for s, text in said]


def brief(target: str) -> str:
    """A class without its family; a function with it, because several families have one of that name."""
    name = target.rpartition(".")[2]
    return name if name[:1].isupper() else target


def _counted(number: int, one: str) -> str:
    return f"{number} {one if number == 1 else one + 's'}"
