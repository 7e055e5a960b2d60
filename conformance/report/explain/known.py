"""What is known of cases: findings about official Keras, and known failures of subjects."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from conformance import expectations
from conformance.claims.claims import Claims, load
from conformance.claims.findings import Finding
from conformance.expectations import Expectation, checking
from conformance.model import patterns, texts
from conformance.subjects import OFFICIAL
from conformance.vectors import store

PAGES: Final = Path(expectations.__file__).parent
_SOURCE: Final = re.compile(r"(?P<file>.+\.toml)(?: entry |:)(?P<number>\d+)")
# A release in the reason of an entry: "since Keras 3.14", "which Keras does since 3.14", "came with Keras 3.13".
_RELEASE: Final = re.compile(r"(?:[Ss]ince|[Cc]ame with) (?:(?:tf_)?[Kk]eras )?(\d+(?:\.\d+)+)")
# In the file of a version whatever other release a reason names, as "Keras 3.15 keeps it".
_NAMED: Final = re.compile(r"\b[Kk]eras (\d+(?:\.\d+)+)")
_WHEN: Final = 60


def identity(entry: Expectation) -> str:
    """The id of an entry that `conformance explain` takes: `keras@jax.toml:3`."""
    return entry.source.replace(" entry ", ":")


def since(reason: str, source: str = "") -> str:
    """The release that brought a change, as a reason tells it: "3.14"; empty where it names none.

    `source`: of the entry.
    """
    found = _RELEASE.search(reason)
    if found is None and "==" in source:
        found = _NAMED.search(reason)
    return found.group(1) if found else ""


def when(finding: Finding) -> str:
    """Since which release a finding stands, or in which versions it was seen, and where it ends."""
    found = f"since {finding.since}" if finding.since else f"in {', '.join(finding.versions)}"
    return f"{found}, until {finding.until}" if finding.until else found


def line(finding: Finding) -> str:
    """A finding in a short line beside what fails: its id, and since when, without what was asked to know it."""
    brief = when(finding).partition(";")[0].partition(", the earliest")[0]
    return f"known: finding {finding.id} ({texts.clipped(brief, _WHEN)})"


@dataclass(frozen=True)
class Known:
    """Findings, claims and known failures; each is read when it is first asked for."""

    golden: Path

    @cached_property
    def claims(self) -> Claims:
        """Those beside the golden files; none where there is no such file."""
        if not (self.golden / "findings.toml").is_file():
            return Claims({}, (), ())
        return load(self.golden)

    @cached_property
    def names(self) -> list[store.Named]:
        """The cases that there are."""
        return store.names(self.golden)

    @cached_property
    def _globs(self) -> list[tuple[Finding, re.Pattern[str]]]:
        made = []
        for finding in self.claims.findings:
            if finding.globs:
                made.append((finding, patterns.matcher(finding.globs)))
        return made

    def findings(self, case_id: str, dialect: str = "") -> list[Finding]:
        """The findings about a case, of the packages of a dialect where one is given."""
        package = OFFICIAL.get(dialect, "")
        return [
            finding
            for finding, fits in self._globs
            if fits.fullmatch(case_id)
            and (not package or any(v.split()[0] == package for v in finding.versions))
        ]

    def most(self, ids: Sequence[str], dialect: str = "") -> list[Finding]:
        """The findings about half of these cases or more, the most frequent first."""
        counts: Counter[str] = Counter()
        named: dict[str, Finding] = {}
        for case_id in ids:
            for finding in self.findings(case_id, dialect):
                counts[finding.id] += 1
                named[finding.id] = finding
        return [named[name] for name, count in counts.most_common(3) if 2 * count >= len(ids)]

    def entries(
        self,
        subject: str,
        facts: Mapping[str, Any],
        mode: str = "eager",
        extra: Iterable[Path] = (),
    ) -> list[Expectation]:
        """The known failures of a subject."""
        return expectations.for_subject(subject, mode, extra, facts=facts)

    def every_entry(self) -> Iterator[Expectation]:
        """All known failures that come with the suite."""
        for path in sorted(PAGES.glob("*.toml")):
            yield from expectations.load(path)

    def entry(self, name: str, extra: Iterable[Path] = ()) -> Expectation | None:
        """The entry of an id, as `keras@jax.toml:3` or `keras@jax.toml entry 3`."""
        given = _SOURCE.fullmatch(name)
        if given is None:
            return None
        place = Path(given["file"])
        near = [path for path in (place, PAGES / place.name, *extra) if path.is_file()]
        for path in near:
            entries = expectations.load(path)
            if 0 < int(given["number"]) <= len(entries):
                return entries[int(given["number"]) - 1]
        return None


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a page of known failures."""

    page: str
    slug: str
    title: str
    text: str

    @property
    def name(self) -> str:
        """As links name it."""
        return f"{self.page}, {self.slug}"


def sections() -> Iterator[Section]:
    """Every section of every page, the deepest headings only, with its text."""
    for path in sorted(PAGES.glob("*.md")):
        slugs = set(checking.sections(path))
        parts = re.split(r"^#+ (.+)$", path.read_text(), flags=re.MULTILINE)
        for title, text in zip(parts[1::2], parts[2::2], strict=True):
            slug = re.sub(r"[^\w\s-]", "", title.lower()).replace(" ", "-")
            if slug in slugs:
                yield Section(path.name, slug, title, text.strip())


def section(link: str) -> Section | None:
    """The section that a link leads to: `keras@jax.md, slope-of-abs`, with `#` as well, or its last part alone."""
    page, _, slug = link.replace("#", ", ").rpartition(", ")
    return next((s for s in sections() if s.slug == slug and page in ("", s.page)), None)
