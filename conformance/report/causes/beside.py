"""What is known of a cause: findings about its cases, and other subjects that are known to fail alike."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Final

from conformance.claims.findings import Finding
from conformance.expectations import Expectation
from conformance.model import Verdict, patterns
from conformance.model.platforms import EVERYWHERE
from conformance.model.texts import clipped
from conformance.report import explain
from conformance.report.causes.finding import Cause, Failure
from conformance.runner.report import Plan

# Of the failures of a large cause, so many are looked at, spread over all of them.
_MOST: Final = 40
_REASON: Final = 110
_VERSION: Final = re.compile(r"==[^@]+")


@dataclass(frozen=True, slots=True)
class Attached:
    """What is known of a cause. `entries`: known failures of other subjects, which look the same."""

    findings: tuple[Finding, ...] = ()
    entries: tuple[Expectation, ...] = ()

    def lines(self, subject: str = "") -> list[str]:
        """A short line for each thing that is known; `subject`: whose own known failures are told as such."""
        told = [explain.line(finding) for finding in self.findings]
        for entry in self.entries:
            release = explain.since(entry.reason, entry.source)
            since = f", since {release}" if release and release not in entry.reason else ""
            own = owner(entry) in _names(subject)
            told.append(
                f"{'known' if own else f'as expected of {owner(entry)}'}: {clipped(entry.reason, _REASON)}{since} "
                f"({explain.identity(entry)})"
            )
        return told


def _names(subject: str) -> tuple[str, str]:
    """The files of known failures of a subject, by their names: of this version, and of all."""
    return subject, _VERSION.sub("", subject)


def owner(entry: Expectation) -> str:
    """The subject whose known failure an entry is: that of its file."""
    return entry.source.partition(" ")[0].removesuffix(".toml")


class Beside:
    """Finds what is known of causes; nothing is read before a cause is asked about."""

    def __init__(self, golden: Path, mode: str) -> None:
        self._known = explain.Known(golden)
        self._mode = mode
        self._by_target: dict[str, list[Expectation]] = {}

    def of(self, cause: Cause, *, own: bool = False) -> Attached:
        """What is known of half of the cases of a cause, or more: up to three findings, and one entry.

        `own`: that of the subject first; in a run its known failures are no causes.
        """
        step = max(1, len(cause.failures) // _MOST)
        some = cause.failures[::step]
        ids = list(dict.fromkeys(failure.first.id for failure in some))
        findings = self._known.most(ids, cause.example.dialect)
        return Attached(tuple(findings), tuple(self._entries(cause, some, own=own)))

    def findings(self, failure: Failure) -> list[Finding]:
        """The findings about the case of a failure."""
        return self._known.findings(failure.first.id, failure.first.dialect)

    def _entries(
        self, cause: Cause, some: Sequence[Failure], *, own: bool
    ) -> Iterator[Expectation]:
        """The entry of a subject that is about most of these failures, where there is one."""
        mine = _names(cause.subject)
        counts: dict[str, int] = {}
        named: dict[str, Expectation] = {}
        for failure in some:
            if failure.first.verdict is not Verdict.FAIL:
                continue
            for entry in self._about(failure.first.target):
                like = entry.is_about(failure.first) and entry.is_like(failure.first)
                if like and (own or owner(entry) not in mine) and entry.covers(failure.first.id):
                    counts[entry.source] = counts.get(entry.source, 0) + 1
                    named[entry.source] = entry
        if counts:
            best = max(counts, key=lambda name: (owner(named[name]) in mine, counts[name]))
            if 2 * counts[best] >= len(some):
                yield named[best]

    def _about(self, target: str) -> list[Expectation]:
        """The known failures of a class."""
        if target not in self._by_target:
            here = f"{target}/"
            self._by_target[target] = [
                entry
                for entry, starts in self._entered
                if any(start.startswith(here) or here.startswith(start) for start in starts)
            ]
        return self._by_target[target]

    def _everywhere(self, entry: Expectation) -> bool:
        """Whether an entry is about the mode, and about every platform."""
        return (not entry.modes or self._mode in entry.modes) and entry.platform == EVERYWHERE

    @cached_property
    def _entered(self) -> list[tuple[Expectation, list[str]]]:
        """The known failures of all subjects that come with the suite, which say how they fail; how their globs start."""
        return [
            (entry, [patterns.fixed_start(glob) for glob in entry.cases])
            for entry in self._known.every_entry()
            if entry.fails and not entry.unsupported and self._everywhere(entry)
        ]


def beside(plan: Plan) -> Beside:
    """What knows of the causes of a run; one for all of its reports."""
    return _beside(plan.golden, str(plan.mode))


@cache
def _beside(golden: Path, mode: str) -> Beside:
    return Beside(golden, mode)
