"""Explains an id or a word: a case, a class, a finding, a claim, a known failure, a cause on a page, a term."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from conformance.cases import levels
from conformance.claims.claims import Claim
from conformance.claims.findings import Finding
from conformance.expectations import Expectation
from conformance.model import Raised, patterns, texts
from conformance.model.errors import UsageError
from conformance.report.explain import glossary
from conformance.report.explain.known import Known, Section, identity, section, sections, when
from conformance.vectors import store
from conformance.vectors.store import GoldenCase

_MOST: Final = 6
_SEVERITY: Final = {
    "wrong-value": "a wrong value",
    "lost-state": "a state that is lost",
    "crash": "a crash",
    "documentation": "a difference from the document only",
}
_RULES: Final = {
    1: "our implementation follows official Keras, since models were trained with it",
    2: "our implementation follows the document",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A line or block of an explanation. `head`: its first column; `code`: to be printed as it stands."""

    text: str
    head: str = ""
    code: bool = False


def explain(name: str, golden: Path, extra: Sequence[Path] = ()) -> list[list[Part]]:
    """What a name means: one explanation for each thing that has it; UsageError where nothing has.

    `extra`: expectation files beside those of the suite.
    """
    known = Known(golden)
    found = [list(each) for each in _meanings(name.strip(), known, extra)]
    if not found:
        raise UsageError(
            "ID must be a case, class, finding, claim, known failure (FILE.toml:N) or a word of a "
            f"report; received {name!r}{texts.nearest(name, _names(known))}"
        )
    return found


def _meanings(name: str, known: Known, extra: Sequence[Path]) -> Iterator[Iterable[Part]]:
    for finding in known.claims.findings:
        if finding.id == name:
            yield _finding(finding, known)
    for claim in known.claims.claims:
        if claim.id == name:
            yield _claim(claim, known)
    if entry := known.entry(name, extra):
        yield _entry(entry, known)
    if there := section(name):
        yield _section(there, known)
    for term in glossary.terms(known.golden):
        if term.name == name.lower().replace("known failure", "known_failure"):
            yield _term(term, known)
    if "." not in name:
        return
    if any(each.target == name for each in known.names):
        yield _target(name, known)
    elif any(each.id == name for each in known.names):
        yield _case(name, known)


def _names(known: Known) -> Iterator[str]:
    yield from (finding.id for finding in known.claims.findings)
    yield from (claim.id for claim in known.claims.claims)
    yield from (term.name for term in glossary.terms(known.golden))
    yield from (each.slug for each in sections())
    yield from dict.fromkeys(each.target for each in known.names)
    yield from (each.id for each in known.names)


def _listed(names: Sequence[str], most: int = _MOST) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _finding(finding: Finding, known: Known) -> Iterator[Part]:
    yield Part(f"{finding.id}: a finding about official Keras, {_SEVERITY[finding.severity]}")
    yield Part(finding.claim, "should be")
    yield Part(finding.documented or "mathematics, or common sense", "documented")
    yield Part(finding.official, "official")
    yield Part(", ".join(finding.versions), "seen in")
    yield Part(finding.since or "not measured", "since")
    if finding.until:
        yield Part(finding.until, "until")
    yield Part(
        glossary.meaning(known.golden, str(finding.fault), "fault"), f"fault: {finding.fault}"
    )
    yield Part(f"{finding.impl} (rule {finding.rule}: {_RULES[finding.rule]})", "impl")
    ids = [e.id for e in known.names if finding in known.findings(e.id)]
    if ids:
        yield Part(f"{len(ids)}: {_listed(ids, 3)}", "cases")
    if finding.claims:
        yield Part(_listed(finding.claims), "claims")
    if finding.links:
        yield Part(_listed(finding.links), "reported")
    elif finding.novel:
        yield Part("nowhere in public, as far as was searched", "reported")
    yield Part(_what_to_do(finding), "to do")
    yield Part(finding.repro.strip(), code=True)


def _what_to_do(finding: Finding) -> str:
    if finding.severity == "documentation":
        return "Trust what official Keras does, not the document. A port may do either (--follow)."
    return (
        "Avoid it in models, or report it with the repro. A port need not imitate it: "
        "under --follow documented the right answer passes."
    )


def _claim(claim: Claim, known: Known) -> Iterator[Part]:
    yield Part(f"{claim.id}: a claim of a document")
    document = known.claims.documents[claim.document]
    yield Part(claim.text, "says")
    yield Part(f"{document.title}, line {claim.line} of {document.lines}", "where")
    yield Part(", ".join(claim.dialects), "dialects")
    yield Part(_listed(claim.cases), "decided by")
    broken = [finding.id for finding in known.claims.findings if claim.id in finding.claims]
    yield Part(_listed(broken) if broken else "no finding: official Keras keeps to it", "broken by")
    yield Part(f"conformance findings --select {claim.id} --subject S", "to do")


def _entry(entry: Expectation, known: Known) -> Iterator[Part]:
    kind = "cases that are not answered" if entry.unsupported else "a known failure"
    yield Part(f"{identity(entry)}: {kind}")
    yield Part(entry.reason, "reason")
    yield Part(_listed(entry.cases), "cases")
    ids = entry.covered([each.id for each in known.names])
    if ids:
        yield Part(f"{len(ids)}, {ids[0]} for example", "covers")
    if not entry.unsupported:
        yield Part(", ".join(entry.aspects), "aspects")
        yield Part("; ".join(entry.fails) or "in any way", "fails")
    for name in ("subjects", "modes", "against"):
        if limits := getattr(entry, name):
            yield Part(", ".join(limits), f"only {name}")
    if entry.versions:
        yield Part(entry.versions, "only versions")
    yield Part(entry.link or "none", "link")
    if entry.untriaged:
        yield Part("Nobody has explained it yet: replace its reason, and add a link.", "to do")
    else:
        yield Part(
            "Nothing, while it fails so. If it passes, a run says so: remove the entry.", "to do"
        )
    if there := section(entry.link):
        yield Part(there.text, code=True)


def _section(there: Section, known: Known) -> Iterator[Part]:
    yield Part(f"{there.name}: a cause of known failures")
    entries = [entry for entry in known.every_entry() if entry.link == there.name]
    if entries:
        yield Part(_listed([identity(entry) for entry in entries]), "entries")
    yield Part(there.text, code=True)


def _term(term: glossary.Term, known: Known) -> Iterator[Part]:
    kind = {"word": "a word of reports"}.get(term.kind)
    yield Part(f"{term.name}: {kind or f'{_article(term.kind)} {term.kind}'}")
    yield Part(term.what, "is")
    if term.do:
        yield Part(term.do, "to do")
    if term.kind == "flag":
        ids = [each.id for each in known.names if term.name in each.flags]
        if ids:
            yield Part(f"{len(ids)}, {ids[0]} for example", "cases")


def _article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"


def _target(target: str, known: Known) -> Iterator[Part]:
    (file,) = store.load_all(known.golden, (f"{patterns.literal(target)}/*",))
    counts = Counter(str(levels.of(entry.case)) for entry in file.cases)
    yield Part(f"{target}: a class or function of the suite, {len(file.cases)} cases")
    said = ", ".join(f"{counts[level]} {level}" for level in levels.Level if counts[level])
    yield Part(said, "levels")
    dialects = Counter(d for entry in file.cases for d in entry.expected)
    yield Part(", ".join(f"{dialects[d]} {d}" for d in sorted(dialects)), "dialects")
    ids = [entry.case.id for entry in file.cases]
    found = dict.fromkeys(f.id for case_id in ids for f in known.findings(case_id))
    yield Part(_listed(list(found), 12) or "none", "findings")
    yield Part(f"conformance run --select '{target}' --subject S", "to do")


def _case(case_id: str, known: Known) -> Iterator[Part]:
    """A case without a subject; of a subject `conformance explain --subject` says more."""
    files = store.load_all(known.golden, (patterns.literal(case_id),))
    entry = next(e for file in files for e in file.cases if e.case.id == case_id)
    case = entry.case
    level = levels.of(case)
    yield Part(f"{case_id}: a case of {case.target} ({', '.join(case.dialects)})")
    yield Part(f"{level}: {glossary.meaning(known.golden, str(level), 'level')}", "level")
    for flag in case.flags:
        yield Part(f"{flag}: {glossary.meaning(known.golden, flag, 'flag')}", "for")
    yield Part(", ".join(step.do for step in case.steps) or "nothing but to be made", "steps")
    yield Part(_answers(entry), "official")
    yield from attached(case_id, known)
    known_to = [e for e in known.every_entry() if e.covers(case_id)]
    for each in known_to[:_MOST]:
        yield Part(f"{each.reason} ({identity(each)})", "known to fail")
    if len(known_to) > _MOST:
        yield Part(f"{len(known_to) - _MOST} more entries", "known to fail")
    yield Part(f"conformance show {case_id} --subject S", "to do")


def _answers(entry: GoldenCase) -> str:
    said = []
    for dialect, outcomes in entry.expected.items():
        last = outcomes[-1] if outcomes else None
        if isinstance(last, Raised):
            said.append(f"{dialect} rejects it in {last.phase} ({texts.clipped(last.message, 90)})")
        else:
            said.append(f"{dialect} answers")
    alike = len(set(map(repr, entry.expected.values()))) == 1 and len(said) > 1
    return "; ".join(said) + (", both alike" if alike else "")


def attached(case_id: str, known: Known, dialect: str = "") -> Iterator[Part]:
    """The findings about a case, with what to type to see them, and the claims that it decides."""
    for finding in known.findings(case_id, dialect):
        said = f"{finding.id}: {finding.claim} But: {finding.official} ({when(finding)})"
        yield Part(said, "finding")
    deciding = [
        claim
        for claim in known.claims.claims
        if any(patterns.covers(glob, case_id) for glob in claim.cases)
        and (not dialect or dialect in claim.dialects)
    ]
    for claim in itertools.islice(deciding, 3):
        yield Part(f"{claim.id}: {claim.text}", "claim")
