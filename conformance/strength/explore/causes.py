"""Which failures are of one cause, and which causes are known.

Two failures have one cause if they are of one family, fail in one aspect with one signature, and what the smaller
example needs (its traits) the larger one has, too; which dtype, optimizer or regularizer it is makes no difference. A failure is known if a case of a finding or of an expectation
fails alike and has all traits of the smallest example, or if the example has all traits of that case. How the cases
of findings fail is not read off: they are judged here, once, as any other case.

This errs towards silence: of two causes that look the same the second is found only where it needs less than the
first.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Final

from conformance import expectations
from conformance.claims.findings import Finding
from conformance.expectations import Expectation
from conformance.judge import signature
from conformance.model import Case, Fault, Outcome, patterns
from conformance.strength.explore import asking, traits
from conformance.strength.explore.asking import Failure, Lane
from conformance.vectors.store import GoldenFile

FINDINGS: Final = "golden/findings.toml"
HELD: Final = Path(__file__).with_name("held.toml")
# Of the cases of one glob of a finding that have the same traits, so many are asked how they fail.
_ASKED: Final = 6
# The aspects that a wrong configuration shows in.
_DESCRIPTIONS: Final = ("config", "serialized")
# A case that has more traits than the smallest example says little of the example: so many it may have.
_MORE: Final = 3


@dataclass(frozen=True, slots=True)
class Cause:
    """What makes examples fail alike.

    Attributes:
        needs: the traits of the smallest example.
        known: the finding or expectation that has it; empty for a discovery.

    """

    family: str
    against: str
    aspect: str
    signature: tuple[str, ...]
    needs: frozenset[str]
    known: str = ""

    def explains(self, failure: Failure, has: frozenset[str]) -> bool:
        """Whether a failure of a case with these traits is of this cause."""
        return self.looks(failure) and traits.general(self.needs) <= traits.general(has)

    def looks(self, failure: Failure) -> bool:
        """Whether a failure looks like this one."""
        return (
            self.family == failure.family
            and _aspect(self.aspect) == _aspect(failure.aspect)
            and signature.covers(_phrases(self.signature), _phrases(failure.signature))
        )


def cause_of(failure: Failure, case: Case, known: str = "") -> Cause:
    """The cause of a failure whose smallest example is `case`."""
    needs = traits.of(case)
    if failure.aspect in _DESCRIPTIONS:
        # A configuration is wrong, whoever writes it.
        needs = frozenset(t for t in needs if t != "config" and not t.startswith("roundtrip"))
    return Cause(failure.family, failure.against, failure.aspect, failure.signature, needs, known)


def _aspect(name: str) -> str:
    return "config" if name in _DESCRIPTIONS else name


def _phrases(given: Sequence[str]) -> list[str]:
    """The phrases of a signature, with places in a configuration as `get_config` has them."""
    return [each.replace(" config.", " ") for each in given]


@dataclass(frozen=True, slots=True)
class Held:
    """How the failures of a finding, or of a known failure of one subject, look that no golden case shows."""

    link: str
    subject: str
    families: tuple[str, ...]
    aspects: tuple[str, ...]
    needs: tuple[str, ...]
    fails: tuple[str, ...] = ()
    fault: str = ""

    def explains(self, subject: str, failure: Failure, has: frozenset[str]) -> bool:
        """Whether a failure of a subject, in a case with these traits, looks so."""
        if self.subject not in ("", subject) or self.fault not in ("", failure.fault):
            return False
        fails = self.fails
        if not self.subject and fails and all(each.startswith("rejected in ") for each in fails):
            # Who accepts what official Keras refuses meets the same finding from the other side.
            fails = (*fails, "accepted")
        fits = patterns.matcher(fails).fullmatch if fails else lambda text: True
        return (
            any(
                patterns.covers(each, name)
                for each in self.families
                for name in (failure.family, failure.target)
            )
            and failure.aspect in self.aspects
            and any(fits(phrase) for phrase in failure.signature)
            and all(any(patterns.covers(need, trait) for trait in has) for need in self.needs)
        )


@cache
def held() -> tuple[Held, ...]:
    """The entries of `held.toml`."""
    parsed = tomllib.loads(HELD.read_text(encoding="utf-8"))
    return tuple(
        Held(
            f"{FINDINGS}, {entry['finding']}" if "finding" in entry else entry["link"],
            entry.get("subject", ""),
            tuple(entry["families"]),
            tuple(entry["aspects"]),
            tuple(entry["needs"]),
            tuple(entry.get("fails", ())),
            entry.get("fault", ""),
        )
        for entry in parsed["held"]
    )


@dataclass
class Known:
    """What is known of one subject before the search: findings, claims and expectations.

    A claim that is broken names a finding, and the cases that decide it are cases of that.
    """

    lane: Lane
    files: Sequence[GoldenFile]
    findings: Sequence[Finding]
    mode: str = "eager"
    _failures: dict[str, list[Failure]] = field(default_factory=dict)

    @cached_property
    def listed(self) -> list[tuple[str, Case, frozenset[str]]]:
        """The golden cases of the findings: the id of the finding, the case, its traits. Few of each kind."""
        found = {}
        for finding in self.findings:
            globs = (*finding.beyond, *finding.answers, *finding.rejections, finding.cases)
            for glob in filter(None, globs):
                fits = patterns.matcher((glob,)).fullmatch
                seen: Counter[frozenset[str]] = Counter()
                for case in self._cases():
                    if fits(case.id):
                        has = traits.of(case)
                        seen[has] += 1
                        if seen[has] <= _ASKED:
                            name = f"{FINDINGS}, {finding.id}"
                            found[finding.id, case.id] = (name, case, has)
        return list(found.values())

    @cached_property
    def expected(self) -> list[tuple[Expectation, str, frozenset[str]]]:
        """The expectations of the subject: the entry, a family that it covers, the traits of a case of it."""
        name, modes = self.lane.name, [self.mode]
        if self.lane.traced is not None:
            modes.append("graph")
        facts = self.lane.subject.provenance()
        entries = {
            id(entry): entry
            for mode in modes
            for entry in expectations.for_subject(name, mode, (), facts=facts)
        }
        found = []
        for entry in entries.values():
            seen = set()
            for case in self._cases():
                if entry.covers(case.id):
                    key = (asking.family(case.target), traits.of(case))
                    if key not in seen:
                        seen.add(key)
                        found.append((entry, *key))
        return found

    def _cases(self) -> Iterator[Case]:
        for file in self.files:
            for entry in file.cases:
                if self.lane.dialect in entry.expected:
                    yield entry.case

    def explains(self, failure: Failure, has: frozenset[str], *, smallest: bool) -> str:
        """The finding or expectation that has a failure of a case with these traits; empty for none.

        `smallest`: the case is the smallest example: it has no traits but those that the failure needs.
        """
        for entry, family, traits_of_case in self.expected:
            if family != failure.family or failure.aspect not in entry.aspects:
                continue
            if (
                _near(has, traits_of_case, smallest)
                and entry.fails
                and signature.covers(entry.fails, failure.signature)
            ):
                return entry.link or entry.source
        for name, case, traits_of_case in self.listed:
            if asking.family(case.target) != failure.family:
                continue
            if self.lane.official is not None and failure.fault is Fault.SUBJECT:
                break  # findings are about official Keras
            if _near(has, traits_of_case, smallest) and any(
                each.aspect == failure.aspect
                and signature.covers(each.signature, failure.signature)
                for each in self._failing(case)
            ):
                return name
        name = self.lane.name
        return next((each.link for each in held() if each.explains(name, failure, has)), "")

    def _failing(self, case: Case) -> list[Failure]:
        """How a golden case fails here.

        Of official Keras the recorded answer is judged by the truth: a new mistake of it must not explain itself.
        """
        if case.id not in self._failures:
            found = self.lane.failures(case)
            if self.lane.official is None:
                found = [each for each in found if each.against != asking.TRUTH]
                found += self.lane.untrue(case, self._recorded[case.id])
            self._failures[case.id] = found
        return self._failures[case.id]

    @cached_property
    def _recorded(self) -> dict[str, Sequence[Outcome]]:
        """By id of the case, what official Keras answered when it was recorded."""
        dialect = self.lane.dialect
        return {
            entry.case.id: entry.expected[dialect]
            for file in self.files
            for entry in file.cases
            if dialect in entry.expected
        }


def _near(has: frozenset[str], of_case: frozenset[str], smallest: bool) -> bool:
    """Whether an example and a case with these traits may fail for one cause."""
    has, of_case = traits.general(has), traits.general(of_case)
    if smallest:
        return has <= of_case and len(of_case - has) <= _MORE
    # That a case needs nothing special is said of no other example before it is small.
    return bool(of_case) and of_case <= has
