"""Which failures of a run are of one cause."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from conformance.cases import levels
from conformance.cases.levels import Level
from conformance.judge import signature
from conformance.judge.hints import Hint, near
from conformance.model import Fault, Result, Verdict
from conformance.report.causes import shared
from conformance.runner.hints import NO_NUMBERS, look
from conformance.runner.report import WRONG, Report

# A hint that accounts for fewer of the failures that it might be about is an accident.
_SHARE: Final = 0.1
_FEW: Final = 2
# What looks alike and was not examined joins a cause that accounts for so many of those that were.
_NEARLY_ALL: Final = 0.8
_MOST_HINTS: Final = 2
_VALUE_OFF: Final = "value off"
# The aspects in which classes of any family are wrong alike.
_GENERAL: Final = ("accepted", "dtype")


@dataclass(frozen=True, eq=False)
class Failure:
    """One aspect of a case in which a subject fails, against whatever it was compared with."""

    results: tuple[Result, ...]
    hints: tuple[Hint, ...] | None
    traits: frozenset[str]
    level: Level = Level.QUIRK
    look: tuple[object, ...] = ()

    @property
    def first(self) -> Result:
        """Its first result."""
        return self.results[0]

    @property
    def family(self) -> str:
        """The family of its class."""
        return self.first.target.partition(".")[0]

    @cached_property
    def signature(self) -> tuple[str, ...]:
        """How it looks, whatever it was compared with."""
        if self.first.verdict is Verdict.UNEXPECTED_PASS:
            return ("expected to fail, and passes",)
        return signature.of(phrase for result in self.results for phrase in result.signature)


@dataclass(frozen=True, eq=False)
class Cause:
    """Failures of one cause, the simplest first.

    Attributes:
        hints: what accounts for all of them: one, or two that cannot be told apart.
        trait: what their cases share, and cases that pass do not; a word of `shared`.

    """

    failures: tuple[Failure, ...]
    hints: tuple[str, ...] = ()
    trait: str = ""

    @property
    def example(self) -> Result:
        """The simplest failure."""
        return self.failures[0].first

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The cases, each once."""
        return tuple(dict.fromkeys(failure.first.id for failure in self.failures))

    @cached_property
    def targets(self) -> dict[str, int]:
        """How many cases of each class, the most first."""
        pairs = {(failure.first.target, failure.first.id) for failure in self.failures}
        return dict(Counter(target for target, _ in sorted(pairs)).most_common())

    @cached_property
    def aspects(self) -> tuple[str, ...]:
        """The aspects that fail, the most frequent first."""
        return tuple(a for a, _ in Counter(f.first.aspect for f in self.failures).most_common())

    @property
    def level(self) -> Level:
        """That of the example, which is the nearest to daily use."""
        return self.failures[0].level

    @cached_property
    def signature(self) -> tuple[str, ...]:
        """How they look."""
        return signature.of(phrase for failure in self.failures for phrase in failure.signature)

    @property
    def subject(self) -> str:
        """Whose failures they are."""
        return self.example.subject

    @cached_property
    def fault(self) -> Fault | None:
        """Who is wrong, where all failures agree."""
        found = {result.fault for failure in self.failures for result in failure.results}
        return next(iter(found)) if len(found) == 1 else None


def causes(report: Report) -> list[Cause]:
    """The causes of all failures of a run: those of documented cases first, then those with most cases."""
    found: list[Cause] = []
    failures = list(_failures(report))
    by_subject: dict[str, list[Failure]] = defaultdict(list)
    for failure in failures:
        by_subject[failure.first.subject].append(failure)
    for own in by_subject.values():
        left = list(own)
        for cause in _hinted(left):
            found.append(cause)
            taken = set(map(id, cause.failures))
            left = [failure for failure in left if id(failure) not in taken]
        found += _alike(left, report)
    return sorted(found, key=lambda cause: (cause.level.rank, -len(cause.ids)))


def foremost(found: Sequence[Cause], most: int) -> list[tuple[int, Cause]]:
    """So many causes, each with its number: the first ones, and before these the largest of wrong values of each class.

    A wrong distribution shows in two cases of a class, a lacking method in fifty of all classes.
    """
    own: dict[tuple[str, str], int] = {}
    for number in sorted(range(len(found)), key=lambda n: -len(found[n].ids)):
        cause = found[number]
        if cause.example.aspect not in NO_NUMBERS and cause.level.rank <= Level.COMMON.rank:
            own.setdefault((cause.subject, cause.example.target), number)
    ordered = dict.fromkeys((*sorted(own.values()), *range(len(found))))
    return [(number + 1, found[number]) for number in sorted(list(ordered)[:most])]


def _failures(report: Report) -> Iterator[Failure]:
    together: dict[tuple[str, str, str], list[Result]] = {}
    every: dict[tuple[str, str], list[Result]] = {}
    for result in report.results:
        if result.verdict in WRONG:
            together.setdefault((result.subject, result.id, result.aspect), []).append(result)
            every.setdefault((result.subject, result.id), []).append(result)
    for (subject, case_id, aspect), results in together.items():
        told = [report.hints.get((subject, r.against, case_id, aspect)) for r in results]
        known = [each for each in told if each is not None]
        case = report.cases.get(case_id)
        yield Failure(
            tuple(results),
            tuple(dict.fromkeys(hint for each in known for hint in each)) if known else None,
            shared.of(case) if case is not None else frozenset(),
            levels.of(case) if case is not None else Level.QUIRK,
            look(every[subject, case_id], case),
        )


def _hinted(failures: list[Failure]) -> Iterator[Cause]:
    """The causes that a hint tells, the one that accounts for most first."""
    left = list(failures)
    refused: set[tuple[str, str]] = set()
    while True:
        having: dict[tuple[str, str], list[Failure]] = {}
        for failure in left:
            for hint in failure.hints or ():
                key = (_scope(failure, hint), hint.text)
                if hint.sure and key not in refused:
                    having.setdefault(key, []).append(failure)
        if not having:
            return
        most = max(having, key=lambda key: len({f.first.id for f in having[key]}))
        if not _worth(having[most], left):
            refused.add(most)
            continue
        scope, text = most
        members = _joined(having[most], left, scope, text)
        every = [
            other
            for (where, other), their in having.items()
            if where == scope and len(their) == len(having[most]) and their == having[most]
        ]
        hints = [text, *(other for other in every if other != text)]
        yield _cause(members, tuple(hints[:_MOST_HINTS]))
        taken = set(map(id, members))
        left = [failure for failure in left if id(failure) not in taken]


def _scope(failure: Failure, hint: Hint) -> str:
    """The family that a hint is about; of what is no arithmetic, a lacking method, say, no family alone."""
    general = failure.first.aspect in _GENERAL or hint.text == near.KEPT_WHOLE
    return "" if general else failure.family


def _worth(having: Sequence[Failure], left: Iterable[Failure]) -> bool:
    """Whether a hint accounts for more than an accident would; what an error says is none."""
    if all(f.first.aspect == "accepted" for f in having):
        return True
    looks = {(f.first.target, f.first.aspect) for f in having}
    rivals = [f for f in left if f.hints is not None and (f.first.target, f.first.aspect) in looks]
    return len(having) >= min(_FEW, len(rivals)) and len(having) >= _SHARE * len(rivals)


def _joined(
    having: Sequence[Failure], left: Sequence[Failure], scope: str, text: str
) -> list[Failure]:
    """These failures, and those which the hint may be about as well: unsure ones, and unexamined ones that look alike."""
    members = {id(failure): failure for failure in having}
    targets = {failure.first.target for failure in having}
    for failure in left:
        here = scope in ("", failure.family) and failure.first.target in targets
        if here and any(hint.text == text for hint in failure.hints or ()):
            members[id(failure)] = failure
    groups: dict[tuple[object, ...], list[Failure]] = {}
    for failure in left:
        groups.setdefault((failure.first.aspect, *failure.look), []).append(failure)
    for group in groups.values():
        examined = [f for f in group if f.hints is not None]
        mine = sum(id(f) in members for f in examined)
        if examined and mine >= _NEARLY_ALL * len(examined):
            members.update((id(f), f) for f in group if f.hints is None)
    return list(members.values())


def _alike(failures: Sequence[Failure], report: Report) -> Iterator[Cause]:
    """The causes of failures without a hint: of one family, aspect and signature, and of a trait if they share one."""
    groups: dict[tuple[str, str, Verdict], list[list[Failure]]] = {}
    for failure in failures:
        key = (failure.family, failure.first.aspect, failure.first.verdict)
        own = groups.setdefault(key, [])
        like = next((group for group in own if _similar(group[0], failure)), None)
        if like is None:
            own.append([failure])
        else:
            like.append(failure)
    passing = _passing(report)
    for every in groups.values():
        for group in every:
            subject, aspect = group[0].first.subject, group[0].first.aspect
            targets = {failure.first.target for failure in group}
            right = [
                shared.of(report.cases[case_id])
                for target in sorted(targets)
                for case_id in passing.get((subject, target, aspect), ())
                if case_id in report.cases
            ]
            for trait, members in shared.split(group, right):
                if trait or not group[0].signature[:1] or not _off(group[0]):
                    yield _cause(members, (), trait)
                    continue
                # That values are off says nothing of why: each class may have a reason of its own.
                by_class: dict[str, list[Failure]] = {}
                for failure in members:
                    by_class.setdefault(failure.first.target, []).append(failure)
                yield from (_cause(own, ()) for own in by_class.values())


def _off(failure: Failure) -> bool:
    return any(phrase.startswith(_VALUE_OFF) for phrase in failure.signature)


def _similar(one: Failure, other: Failure) -> bool:
    """Whether the signature of one includes that of the other."""
    if one.signature == other.signature or not (one.signature and other.signature):
        return one.signature == other.signature
    return signature.includes(one.signature, other.signature) or signature.includes(
        other.signature, one.signature
    )


def _passing(report: Report) -> dict[tuple[str, str, str], list[str]]:
    """By subject, class and aspect the cases that pass in it."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for result in report.results:
        if result.verdict is Verdict.PASS:
            found.setdefault((result.subject, result.target, result.aspect), []).append(result.id)
    return found


def _cause(failures: Sequence[Failure], hints: tuple[str, ...], trait: str = "") -> Cause:
    """A cause, its failures ordered: the one that is nearest to daily use first, with the fewest special things."""
    ordered = sorted(failures, key=lambda f: (f.level.rank, len(f.traits), len(f.first.id)))
    return Cause(tuple(ordered), hints, trait)


def absent(report: Report, most: int = 8) -> list[str]:
    """A sentence for each subject that lacks classes: how many, which, and of how many cases."""
    lacking: dict[str, dict[str, int]] = {}
    for (subject, _, target), tally in report.tallies().items():
        if tally.cases and not tally.ran:
            lacking.setdefault(subject, {})[target] = tally.cases
    present: dict[str, set[str]] = {}
    for (subject, _, target), tally in report.tallies().items():
        if tally.ran:
            present.setdefault(subject, set()).add(target.partition(".")[0])
    return [
        f"{subject} lacks {_named(targets, present.get(subject, set()), most)}: "
        f"{sum(targets.values()):,} cases are unsupported"
        for subject, targets in lacking.items()
    ]


def _named(targets: dict[str, int], present: set[str], most: int) -> str:
    """The classes; of a family of which there is nothing at all, just that."""
    families: dict[str, list[str]] = {}
    for target in targets:
        families.setdefault(target.partition(".")[0], []).append(target)
    names: dict[str, int] = {}
    for family, members in families.items():
        if family in present or len(members) == 1:
            names.update(dict.fromkeys(members, 1))
        else:
            names[f"all of {family} ({len(members)})"] = len(members)
    ordered = sorted(names, key=lambda name: -names[name])
    left = sum(names[name] for name in ordered[most:])
    more = f" and {left} more" if left else ""
    counted = f"{len(targets)} class{'es' if len(targets) > 1 else ''}"
    return f"{counted} ({', '.join(ordered[:most])}{more})"
