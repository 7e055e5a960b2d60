"""Marks known failures in the results of a subject, and finds entries that no longer hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from conformance.expectations.entries import Expectation
from conformance.model import Result, Verdict, patterns
from conformance.vectors import store

# Of one part of a run, as JSON has it: the sources of the entries that were met; of the others source and sentence,
# how many cases each is about, and how many of these were asked.
Account: TypeAlias = Mapping[str, Sequence[Any]]


class Ledger:
    """Applies the expectations of one subject to its results, and notes which were used."""

    def __init__(self, expectations: Sequence[Expectation]) -> None:
        self._expectations = expectations
        self._by_target: dict[str, list[tuple[int, Expectation]]] = {}
        self._used: set[int] = set()
        self._asked: set[str] = set()
        self._compared: set[str] = set()
        self.untriaged: set[str] = set()
        """The ids of cases with a known failure that nobody has explained yet."""
        self.excused: set[str] = set()
        """The ids of cases that are unsupported, as an entry says."""

    def judge(self, results: Sequence[Result]) -> list[Result]:
        """The results of one case; known failures are marked."""
        if not results:
            return []
        case_id = results[0].id
        self._asked.add(case_id)
        self._compared |= {result.against for result in results}
        relevant = [
            (n, e) for n, e in self._about(case_id) if e.covers(case_id) and _of_its_set(e, case_id)
        ]
        return [self._judge(result, relevant) for result in results] if relevant else list(results)

    def _about(self, case_id: str) -> Sequence[tuple[int, Expectation]]:
        """The entries that can be about cases of this target; kept, because there are many of both."""
        start = case_id.partition("/")[0] + "/"
        if start not in self._by_target:
            self._by_target[start] = [
                (number, entry)
                for number, entry in enumerate(self._expectations)
                if any(
                    fixed.startswith(start) or start.startswith(fixed)
                    for fixed in map(patterns.fixed_start, entry.cases)
                )
            ]
        return self._by_target[start]

    def _judge(self, result: Result, relevant: Sequence[tuple[int, Expectation]]) -> Result:
        about = [(n, e) for n, e in relevant if e.is_about(result)]
        if not about:
            return result
        if result.verdict is Verdict.PASS:
            number, entry = about[0]
            self._used.add(number)
            if not entry.strict:
                return result
            wanted = "to be unsupported" if entry.unsupported else "to fail"
            message = f"expected {wanted}: {entry.reason} ({entry.source})"
            return replace(result, verdict=Verdict.UNEXPECTED_PASS, message=message)
        if result.verdict is Verdict.UNSUPPORTED:
            self._excuse(result, about)
        if result.verdict not in (Verdict.FAIL, Verdict.MISSING):
            return result
        about = [(n, e) for n, e in about if not e.unsupported]
        # A missing value is a known failure only where the entry says so in `fails`.
        named = [(n, e) for n, e in about if e.fails or result.verdict is Verdict.FAIL]
        for number, entry in named:
            if entry.is_like(result):
                self._used.add(number)
                if entry.untriaged:
                    self.untriaged.add(result.id)
                link = f" ({entry.link})" if entry.link else ""
                message = f"known: {entry.reason}{link}; {result.message}"
                return replace(result, verdict=Verdict.KNOWN_FAILURE, message=message)
        if not named:
            return result
        self._used |= {number for number, _ in named}
        expected = " or ".join("; ".join(entry.fails) for _, entry in named)
        message = (
            f"fails differently than expected ({named[0][1].source}; expected: {expected}; "
            f"seen: {'; '.join(result.signature)}): {result.message}"
        )
        return replace(result, message=message)

    def _excuse(self, result: Result, about: Sequence[tuple[int, Expectation]]) -> None:
        """Notes that an entry allows the case to be unsupported; that is no pass, and stays what it is."""
        for number, entry in about:
            if entry.unsupported:
                self._used.add(number)
                self.excused.add(result.id)

    def stale(self, every_id: Iterable[str]) -> list[str]:
        """A sentence for each entry that matched nothing: no case at all, or no aspect of its cases.

        That an entry matches no case is an error in the user's own files only. The user's own goldens may
        lack cases that entries of the suite are about; `conformance lint` checks those against the suite's
        goldens. That no aspect matches is known only where every case of the entry was asked, and compared
        with what the entry is limited to.
        """
        found = []
        for entry, covered in self._unused(every_id):
            if not covered and not entry.shipped:
                cases = " or ".join(map(repr, entry.cases))
                found.append(f"{entry.source}: cases {cases} matches no case")
            elif covered and self._asked.issuperset(covered):
                found.append(_unmet(entry))
        return found

    def account(self, every_id: Iterable[str]) -> Account:
        """What another part of the run has to know, to tell which entries no part has met."""
        return {
            "met": [self._expectations[number].source for number in sorted(self._used)],
            "unmet": [
                [entry.source, _unmet(entry), len(covered), len(covered & self._asked)]
                for entry, covered in self._unused(every_id)
                if covered
            ],
        }

    def _unused(self, every_id: Iterable[str]) -> Iterator[tuple[Expectation, set[str]]]:
        """The entries that matched nothing of what was compared, and the cases that they are about."""
        ids = sorted(every_id)
        for number, entry in enumerate(self._expectations):
            if number in self._used or not entry.is_against(self._compared):
                continue
            yield (
                entry,
                {
                    each
                    for glob in entry.cases
                    for each in patterns.covered(glob, ids)
                    if _of_its_set(entry, each)
                },
            )


def unmet(parts: Sequence[Account]) -> list[str]:
    """A sentence for each entry that no part of a run has met, where the parts asked all of its cases."""
    met = {source for part in parts for source in part["met"]}
    asked: dict[str, int] = {}
    wanted: dict[str, tuple[str, int]] = {}
    for part in parts:
        for source, sentence, covered, here in part["unmet"]:
            asked[source] = asked.get(source, 0) + here
            wanted[source] = sentence, covered
    return [
        sentence
        for source, (sentence, covered) in wanted.items()
        if source not in met and asked[source] == covered
    ]


def _unmet(entry: Expectation) -> str:
    cases = " or ".join(map(repr, entry.cases))
    return f"{entry.source}: no case that {cases} matches has an aspect {', '.join(entry.aspects)} to fail in"


def _of_its_set(entry: Expectation, case_id: str) -> bool:
    """Whether an entry can be about a case: those of the suite are not about vectors of the user's models."""
    return not (entry.shipped and store.OF_MODEL in case_id)
