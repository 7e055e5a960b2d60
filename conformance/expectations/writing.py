"""`conformance run --write-expectations FILE`: the file as it must be for what a run has found.

What still holds is not touched. Entries lose the cases in which they do not hold any more, and what
no entry expects becomes new ones, untriaged until a person gives the reason.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeAlias

from conformance.expectations import blocks
from conformance.expectations.blocks import Block, Fields
from conformance.expectations.covering import fewest
from conformance.expectations.entries import (
    UNTRIAGED,
    Expectation,
    for_subject,
    parse,
    read,
    unversioned,
)
from conformance.expectations.ledger import Ledger
from conformance.judge import signature
from conformance.model import Result, Verdict, patterns
from conformance.model.errors import UsageError
from conformance.model.platforms import EVERYWHERE
from conformance.vectors import store

_HEAD: Final = (
    "# Known failures, written by `conformance run --write-expectations`. An entry is triaged when\n"
    "# its `reason` says why it fails, and its `link` where that is discussed.\n"
)
_LONGEST: Final = 160
_Key: TypeAlias = tuple[str, str]  # case id, aspect


@dataclass(frozen=True, slots=True)
class Triage:
    """Which failures to write, and what to say of them; by default all, untriaged.

    `aspects` and `fails` (globs over phrases of signatures) restrict; empty means all. With a `reason`
    failures are taken out of untriaged entries as well.
    """

    reason: str = ""
    link: str = ""
    aspects: tuple[str, ...] = ()
    fails: tuple[str, ...] = ()

    def check(self, path: Path | None) -> None:
        """UsageError where this cannot be done to the file: before a long run, not behind it."""
        if path is None:
            given = {"reason": self.reason, "link": self.link, "aspect": self.aspects}
            for name, value in {**given, "fails": self.fails}.items():
                if value:
                    raise UsageError(f"--{name} must go with --write-expectations; it does not")
            return
        if self.link and not self.reason:
            raise UsageError(f"--link must go with --reason; received {self.link!r} alone")
        if self.reason and not self.link:
            raise UsageError(f"--reason must go with --link; received {self.reason!r} alone")
        if self.reason.startswith(UNTRIAGED.strip()):
            raise UsageError(f"--reason must be a reason; received {self.reason!r}")
        if path.is_file():
            blocks.split(read(path), path)

    def takes(self, result: Result) -> bool:
        """Whether the failure is among those that are meant."""
        return (not self.aspects or result.aspect in self.aspects) and (
            not self.fails
            or any(patterns.covers(f, phrase) for f in self.fails for phrase in result.signature)
        )


class Asked:
    """What a run found of one subject: results before expectations, by case and aspect."""

    def __init__(
        self,
        name: str,
        facts: Mapping[str, Any],
        modes: Sequence[str],
        every_id: Sequence[str],
        results: Iterable[Result],
    ) -> None:
        """`facts`: the provenance of the subject; `modes`: those that it has; `every_id`: of the cases
        of its dialect.
        """
        self.name = name
        self.facts = facts
        self.modes = modes
        self.every_id = every_id
        self.by_case: defaultdict[str, list[Result]] = defaultdict(list)
        self.found: defaultdict[_Key, list[Result]] = defaultdict(list)
        self._without: dict[str, frozenset[str]] = {}
        for result in results:
            self.by_case[result.id].append(result)
            self.found[result.id, result.aspect].append(result)

    def passes(self, case_id: str, aspect: str) -> bool:
        """Whether any comparison of this aspect passed."""
        return any(r.verdict is Verdict.PASS for r in self.found.get((case_id, aspect), ()))

    def failures(self, case_id: str, aspect: str) -> list[Result]:
        """Those comparisons of this aspect that an entry can be about."""
        return [r for r in self.found.get((case_id, aspect), ()) if is_failure(r)]

    def without(self, aspect: str) -> frozenset[str]:
        """The cases that have been answered in full, and have nothing to say of this aspect."""
        if aspect not in self._without:
            self._without[aspect] = frozenset(
                case_id
                for case_id, results in self.by_case.items()
                if (case_id, aspect) not in self.found
                and not any(r.verdict is Verdict.UNSUPPORTED for r in results)
            )
        return self._without[aspect]


def is_failure(result: Result) -> bool:
    """Whether an entry can be about this result."""
    return result.verdict in (Verdict.FAIL, Verdict.MISSING) and bool(result.signature)


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a file. Of its entries: how many; `failures`: results in the new ones."""

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
    """Writes the file as it must be, whole or not at all; a file that holds already is left alone.

    `others`: files whose entries hold as well.
    """
    before = read(path) if path.is_file() else ""
    head, present = blocks.split(before or _HEAD, path)
    texts: list[str] = []
    removed = changed = 0
    for block in present:
        pieces = _revised(block, asked, mode, triage)
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
        fresh += _entries(each, news, _restriction(each, mode), triage)
    added = []
    for fields in _merged(fresh, [each.name for each in asked]):
        like = next((n for n, entry in enumerate(kept) if _says_the_same(entry, fields)), None)
        if like is None or len(asked) > 1:
            added.append(blocks.new(fields))
        else:
            texts[like] = _extended(texts[like], kept[like], fields, asked[0])
            changed += 1
    text = blocks.join(head, [*texts, *added])
    if text != before and (before or added):
        store.write(path, text.encode())
    return Written(path, len(added), failures, removed, changed)


def _says_the_same(entry: Expectation, fields: Fields) -> bool:
    """Whether an entry differs from a new one in its cases only: one of both will do.

    So the parts of a run, one after the other, come to no more entries than the whole.
    """
    untriaged = str(fields["reason"]).startswith(UNTRIAGED)
    family = _texts(fields["cases"])[0].partition(".")[0]
    return (
        (entry.untriaged if untriaged else entry.reason == fields["reason"])
        and entry.link == fields["link"]
        and all(glob.startswith(f"{family}.") for glob in entry.cases)
        and set(entry.fails) == set(_texts(fields["fails"]))
        and entry.strict == fields.get("strict", True)
        and not entry.versions
        and entry.platform == EVERYWHERE
        and all(
            set(mine) == set(_texts(fields.get(key, ())))
            for key, mine in (
                ("aspects", entry.aspects),
                ("modes", entry.modes),
                ("subjects", entry.subjects),
            )
        )
    )


def _extended(text: str, entry: Expectation, fields: Fields, asked: Asked) -> str:
    """The block of an entry that covers the cases of a new one as well."""
    new = patterns.matcher(tuple(_texts(fields["cases"])))
    free = frozenset.intersection(*map(asked.without, entry.aspects))
    ids = {
        case_id
        for case_id in asked.every_id
        if case_id not in free and (entry.covers(case_id) or new.fullmatch(case_id))
    }
    return blocks.changed(text, {"cases": tuple(fewest(ids, _avoided(asked, ids, entry.aspects)))})


def _unexpected(asked: Asked, entries: Sequence[Expectation]) -> list[Result]:
    ledger = Ledger(entries)
    return [
        original
        for results in asked.by_case.values()
        for original, judged in zip(results, ledger.judge(results), strict=True)
        if is_failure(original) and judged.verdict is not Verdict.KNOWN_FAILURE
    ]


def _restriction(asked: Asked, mode: str) -> dict[str, tuple[str, ...]]:
    """What other modes do is not known: an entry is about this one, where there are others."""
    return {"modes": (mode,)} if len(asked.modes) > 1 else {}


# What an entry still holds for: aspects, and the ids of cases.
_Holds: TypeAlias = list[tuple[tuple[str, ...], frozenset[str]]]


def _revised(
    block: Block, asked: Sequence[Asked], mode: str, triage: Triage
) -> list[dict[str, str | tuple[str, ...]]] | None:
    """The changes that make entries which hold of one that may not; None where it holds."""
    entry = block.entry
    about = [each for each in asked if entry.applies(each.name, mode, each.facts)]
    holds = {each.name: _still(entry, each, triage) for each in about}
    if all(still is None for still in holds.values()):
        return None
    pieces: list[dict[str, str | tuple[str, ...]]] = []
    limits: dict[str, str | tuple[str, ...]] = {}
    # Of what this run did not look at the entry goes on to say what it said.
    names = {name for each in about for name in (each.name, unversioned(each.name))}
    here = tuple(name for name in entry.subjects if name in names)
    if elsewhere := tuple(name for name in entry.subjects if name not in names):
        pieces.append({"subjects": elsewhere})
    if not any(entry.covers(case_id) for each in about for case_id in each.every_id):
        return pieces  # there are no such cases, in any mode and version
    modes = dict.fromkeys(m for each in about for m in each.modes)
    if other_modes := tuple(m for m in entry.modes or modes if m != mode):
        pieces.append({"modes": other_modes, "subjects": here})
        limits["modes"] = (mode,)
    if entry.versions and len({each.facts.get("version") for each in about}) == 1:
        version = about[0].facts.get("version")
        if entry.versions.replace(" ", "") != f"=={version}":
            versions = f"{entry.versions},!={version}"
            pieces.append({"versions": versions, "subjects": here, **limits})
            limits["versions"] = f"=={version}"
    narrowed: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = defaultdict(list)
    for each in about:
        still = holds[each.name]
        if still is None:
            narrowed[entry.aspects, entry.cases].append(each.name)
            continue
        for aspects, ids in still:
            avoid = _avoided(each, ids, aspects)
            narrowed[aspects, tuple(fewest(ids, avoid))].append(each.name)
    for (aspects, cases), subjects in narrowed.items():
        piece: dict[str, str | tuple[str, ...]] = {"cases": cases, "aspects": aspects, **limits}
        if len(about) > 1 or entry.subjects:
            piece["subjects"] = tuple(subjects)
        pieces.append(piece)
    return pieces


def _still(entry: Expectation, asked: Asked, triage: Triage) -> _Holds | None:
    """For which aspects and cases the entry still holds; None where that is for all it says.

    It does where a case fails as it says, and may where a case was not asked.
    """
    covered = entry.covered(asked.every_id)
    unasked = [case_id for case_id in covered if case_id not in asked.by_case]
    stays: dict[str, set[str]] = {}
    whole = True
    for aspect in entry.aspects:
        stays[aspect] = set(unasked)
        for case_id in covered:
            passes = asked.passes(case_id, aspect)
            failures = asked.failures(case_id, aspect)
            if not (passes or failures):
                continue
            pulled = triage.reason and entry.untriaged and any(map(triage.takes, failures))
            if pulled or not all(map(entry.is_like, failures)) or (passes and entry.strict):
                whole = False
            else:
                stays[aspect].add(case_id)
    if whole and any(stays.values()):
        return None
    together: dict[frozenset[str], list[str]] = defaultdict(list)
    for aspect, ids in stays.items():
        if ids:
            together[frozenset(ids)].append(aspect)
    return [(tuple(aspects), ids) for ids, aspects in together.items()]


def _avoided(asked: Asked, ids: Collection[str], aspects: Iterable[str]) -> list[str]:
    """The cases that an entry about these must not cover: all others that have such an aspect."""
    free = frozenset.intersection(*map(asked.without, aspects))
    return [case_id for case_id in asked.every_id if case_id not in ids and case_id not in free]


def _entries(
    asked: Asked,
    news: Sequence[Result],
    restriction: Mapping[str, tuple[str, ...]],
    triage: Triage,
) -> Iterator[Fields]:
    """New entries: one for each family, aspect and signature."""
    groups: defaultdict[tuple[str, str, tuple[str, ...], bool], dict[str, Result]]
    groups = defaultdict(dict)
    for result in news:
        family = result.target.partition(".")[0]
        # What passes against golden and fails against official, or the reverse, may do either.
        strict = not asked.passes(result.id, result.aspect)
        every = [p for r in asked.failures(result.id, result.aspect) for p in r.signature]
        key = (family, result.aspect, signature.of(every), strict)
        groups[key].setdefault(result.id, result)
    together: defaultdict[tuple[str, str, bool], list[_Group]] = defaultdict(list)
    for (family, aspect, phrases, strict), results in sorted(groups.items()):
        together[family, aspect, strict].append(_Group(phrases, results, ()))
    for (family, aspect, strict), apart in together.items():
        failing = {case_id for group in apart for case_id in group.results}
        # Of another family no glob can cover a case.
        avoid = [i for i in _avoided(asked, failing, [aspect]) if i.startswith(f"{family}.")]
        for group in _joined(apart, avoid):
            yield {
                "cases": group.globs,
                "aspects": (aspect,),
                "fails": group.phrases,
                "subjects": (asked.name,),
                **restriction,
                **({} if strict else {"strict": False}),
                "reason": triage.reason
                or f"{UNTRIAGED}{_example(group.results[min(group.results)])}",
                "link": triage.link,
            }


@dataclass(frozen=True, slots=True)
class _Group:
    """Failures of one signature, and the globs that cover their cases."""

    phrases: tuple[str, ...]
    results: Mapping[str, Result]
    globs: tuple[str, ...]


def _joined(apart: Sequence[_Group], avoid: Sequence[str]) -> list[_Group]:
    """The groups, where one includes another and both together need no more globs, as one.

    So a class whose configs all lack a key is one entry, though some of them lack another one too.
    """
    every = [case_id for group in apart for case_id in group.results]

    def covered(results: Mapping[str, Result]) -> tuple[str, ...]:
        others = [case_id for case_id in every if case_id not in results]
        return tuple(fewest(results, [*avoid, *others]))

    groups = [replace(group, globs=covered(group.results)) for group in apart]
    groups.sort(key=lambda group: len(group.results))
    done: list[_Group] = []
    while groups:
        group = groups.pop(0)
        for other in sorted(groups, key=lambda other: -len(other.results)):
            wider, narrower = group.phrases, other.phrases
            if not signature.includes(wider, narrower):
                wider, narrower = narrower, wider
            if not signature.includes(wider, narrower):
                continue
            both = {**group.results, **other.results}
            globs = covered(both)
            if len(globs) <= max(len(group.globs), len(other.globs)):
                groups[groups.index(other)] = _Group(wider, both, globs)
                break
        else:
            done.append(group)
    return sorted(done, key=lambda group: group.phrases)


def _example(result: Result) -> str:
    text = " ".join(f"{result.id}: {result.message}".split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def _merged(fresh: Sequence[Fields], every_name: Sequence[str]) -> list[Fields]:
    """Entries that say the same of several subjects, or of several aspects, as one."""
    for key in ("subjects", "aspects"):
        seen: dict[str, dict[str, str | bool | Sequence[str]]] = {}
        for fields in fresh:
            # The reason of an untriaged entry is an example: one of two will do.
            reason = str(fields["reason"])
            same = {k: v for k, v in fields.items() if k != key}
            if reason.startswith(UNTRIAGED):
                same["reason"] = UNTRIAGED
            known = seen.setdefault(repr(sorted(same.items())), {**fields, key: ()})
            known[key] = (*_texts(known[key]), *_texts(fields[key]))
        fresh = list(seen.values())
    return [
        {k: v for k, v in fields.items() if k != "subjects" or list(_texts(v)) != list(every_name)}
        for fields in fresh
    ]


def _texts(value: str | bool | Sequence[str]) -> Sequence[str]:
    assert not isinstance(value, str | bool)
    return value
