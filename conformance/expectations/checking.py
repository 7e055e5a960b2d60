"""What `conformance lint` finds wrong in the expectation files that come with the suite."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Final

from conformance.expectations.entries import (
    ALIKE,
    HERE,
    Expectation,
    is_shipped_name,
    load,
    unversioned,
)
from conformance.model import patterns
from conformance.subjects.base import Mode

# Subjects that speak the older dialect; all others speak that of Keras 3.
_OLDER: Final = ("impl.keras2", "tf_keras", "tfjs")
# The official packages. Where one differs from its own goldens, in another mode or on another platform,
# it is wrong in one of the two.
_OFFICIAL: Final = ("keras", "tf_keras")
_FINDINGS: Final = "golden/findings.toml"
# The subjects that share a page, and that page: both dialects of ours do most things alike.
_SHARED: Final = {"impl.keras2": "impl.md", "impl.keras3": "impl.md"}
# An entry about more cases than a reader looks at one by one must say where its cause is described.
_MANY: Final = 20
_URL: Final = re.compile(r"https?://\S+$")
_HEADING: Final = re.compile(r"^(#+) (.+)$", re.MULTILINE)
_PUNCTUATION: Final = re.compile(r"[^\w -]")


def problems(
    cases: Mapping[str, Collection[str]], findings: Collection[str], directory: Path = HERE
) -> list[str]:
    """A sentence for each problem. `cases`: the dialects of every case, by id; `findings`: their ids."""
    found: list[str] = []
    linked: defaultdict[str, set[str]] = defaultdict(set)
    for file in sorted(directory.glob("*.toml")):
        if not is_shipped_name(file.stem):
            found.append(f"{file.name}: must have the name of a subject")
        dialect = "keras2" if unversioned(ALIKE.get(file.stem, file.stem)) in _OLDER else "keras3"
        ids = sorted(case_id for case_id, dialects in cases.items() if dialect in dialects)
        entries = load(file)
        own = _SHARED.get(file.stem, f"{file.stem}.md")
        places = {page.name: sections(page) for page in _pages(directory, file.stem, own)}
        places.setdefault(own, [])
        for entry in entries:
            found += _of_entry(entry, ids)
            found += _of_link(entry, file.stem, own, {**places, _FINDINGS: findings})
            name, _, place = entry.link.partition(", ")
            linked[name].add(place)
        found += _twice(entries, ids)
    for page in sorted(directory.glob("*.md")):
        found += [
            f"{page.name}: no entry links to the section {place}"
            for place in sections(page)
            if place not in linked[page.name]
        ]
    return found


def _pages(directory: Path, subject: str, own: str) -> list[Path]:
    """The page of a subject, and those of others that share causes with it, as other versions of its package do."""
    package, _, version = subject.partition("==")
    others = list(directory.glob(f"{package}==*.md")) if version else []
    if subject in ALIKE:
        others.append(directory / f"{ALIKE[subject]}.md")
    return [page for page in (directory / own, *others) if page.is_file()]


def _of_link(
    entry: Expectation, subject: str, page: str, places: Mapping[str, Collection[str]]
) -> Iterator[str]:
    """Every link must lead somewhere. `places`: the sections of each page, the ids of all findings."""
    name, _, place = entry.link.partition(", ")
    if subject in _OFFICIAL:
        if name != _FINDINGS or place not in places[_FINDINGS]:
            yield (
                f"{entry.source}: link must be {_FINDINGS} with an id, after a comma: what "
                f"official Keras answers in two ways is a finding; received {entry.link!r}"
            )
    elif entry.link and not _URL.match(entry.link) and place not in places.get(name, ()):
        yield (
            f"{entry.source}: link must be a URL, a section of {page} or of the page of another "
            f"version, or an id of {_FINDINGS}, after a comma; received {entry.link!r}"
        )


def sections(page: Path) -> list[str]:
    """The headings that have none below them, as links name them: in small letters, with hyphens."""
    headings = _HEADING.findall(page.read_text())
    deepest = [
        words
        for (marks, words), (below, _) in zip(headings, [*headings[1:], ("", "")], strict=True)
        if len(below) <= len(marks)
    ]
    return [_PUNCTUATION.sub("", words.lower()).replace(" ", "-") for words in deepest]


def _of_entry(entry: Expectation, ids: Sequence[str]) -> Iterator[str]:
    if entry.untriaged:
        yield f"{entry.source}: is untriaged: reason must say why it fails, link where that is said"
    if not entry.fails and not entry.unsupported:
        yield (
            f"{entry.source}: fails must say how its cases fail, or a failure of any other kind "
            "would hide behind the entry; received none"
        )
    count = len(entry.covered(ids))
    if count > _MANY and _URL.match(entry.link):
        yield (
            f"{entry.source}: covers {count} cases; an entry about more than {_MANY} must link to "
            f"its cause, a section of the subject's page or an id of {_FINDINGS}; "
            f"received {entry.link!r}"
        )
    for glob in entry.cases:
        if not patterns.covered(glob, ids):
            yield f"{entry.source}: cases {glob!r} matches no case"


def _twice(entries: Sequence[Expectation], ids: Sequence[str]) -> Iterator[str]:
    """Two entries about one aspect of a case: one could hide that the other no longer holds."""
    about: defaultdict[str, list[Expectation]] = defaultdict(list)
    for entry in entries:
        for case_id in {each for glob in entry.cases for each in patterns.covered(glob, ids)}:
            about[case_id].append(entry)
    told = set()
    for case_id, both in about.items():
        for one, other in combinations(both, 2):
            shared = set(one.aspects) & set(other.aspects)
            if shared and _meet(one, other) and (one.source, other.source) not in told:
                told.add((one.source, other.source))
                yield (
                    f"{other.source}: {case_id} has its aspect {', '.join(sorted(shared))} in "
                    f"{one.source} already"
                )


def _meet(one: Expectation, other: Expectation) -> bool:
    """Whether both can be about one comparison of one subject in one mode on one platform.

    Two specifiers of versions count as overlapping only where they are equal.
    """
    modes = set(one.modes or Mode) & set(other.modes or Mode)
    against = not one.against or other.is_against(one.against)
    subjects = not one.subjects or not other.subjects or set(one.subjects) & set(other.subjects)
    platforms = one.platform.meets(other.platform)
    return bool(modes and subjects and against and platforms) and one.versions == other.versions
