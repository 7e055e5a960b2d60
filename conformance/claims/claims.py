"""Claims of the documents, the cases that decide them, and who honours them (`golden/claims.toml`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from conformance.claims import expect
from conformance.claims.answers import Answered, Undecided
from conformance.claims.expect import Expectation
from conformance.claims.findings import Finding, elsewhere, load_findings, parsed
from conformance.model import DIALECTS, Case, patterns
from conformance.model.errors import UsageError
from conformance.subjects import OFFICIAL, Subject, provenance
from conformance.vectors.store import GoldenFile

_CLAIM_KEYS: Final = frozenset({"id", "line", "text", "dialects", "cases", "expect"})
_DOCUMENT_KEYS: Final = frozenset({"title", "seed", "lines"})


@dataclass(frozen=True, slots=True)
class Document:
    """A document that defines classes. `lines`: how many lines it has; `seed`: its number."""

    name: str
    title: str
    seed: str
    lines: int


@dataclass(frozen=True, slots=True)
class Claim:
    """One testable statement. `cases`: globs over ids; each of these cases decides it."""

    id: str
    line: int
    text: str
    dialects: tuple[str, ...]
    cases: tuple[str, ...]
    expect: Expectation

    @property
    def document(self) -> str:
        """The name of the document that states it."""
        return self.id.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Claims:
    """All documents, claims and findings."""

    documents: Mapping[str, Document]
    claims: tuple[Claim, ...]
    findings: tuple[Finding, ...]

    def selected(self, select: Sequence[str]) -> Claims:
        """The claims whose ids match a pattern; UsageError for a pattern that no id matches."""
        for pattern in select:
            if not any(_takes(pattern, claim.id) for claim in self.claims):
                raise UsageError(f"--select must match at least one claim; received {pattern!r}")
        chosen = [c for c in self.claims if not select or any(_takes(p, c.id) for p in select)]
        return Claims(self.documents, tuple(chosen), self.findings)

    def problems(self, files: Sequence[GoldenFile]) -> Iterator[str]:
        """A sentence for each thing that `conformance lint` finds wrong in claims and findings."""
        cases = {entry.case.id: entry.case for file in files for entry in file.cases}
        for claim in self.claims:
            for pattern in claim.cases:
                if not _covered(pattern, cases):
                    yield f"claim {claim.id}: cases {pattern!r} matches no case"
            for dialect in claim.dialects:
                if not any(dialect in case.dialects for case in deciding(claim, cases)):
                    yield f"claim {claim.id}: no case of it has the dialect {dialect}"
            other = claim.expect.argument
            if claim.expect.kind in ("same", "differs", "equals") and other not in cases:
                yield f"claim {claim.id}: expect {claim.expect.kind} names no case: {other!r}"
        known = {claim.id for claim in self.claims}
        for finding in self.findings:
            for name in finding.claims:
                if name not in known:
                    yield f"finding {finding.id}: claims has {name!r}, which is no claim"


class Verdict(StrEnum):
    """Whether a subject honours a claim."""

    HONOURED = "honoured"
    BROKEN = "broken"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on one claim for one subject.

    `case`: the first case that shows it; `findings`: those that explain a breach; empty where none does.
    """

    claim: Claim
    subject: str
    verdict: Verdict
    message: str = ""
    case: str = ""
    findings: tuple[str, ...] = ()


@dataclass(slots=True)
class Judged:
    """All judgements of a run. `elsewhere`: the ids of findings that concern other platforms only."""

    claims: Claims
    subjects: tuple[str, ...]
    judgements: list[Judgement] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    interrupted: bool = False

    def exit_status(self) -> int:
        """0 if every claim is decided and every breach has a finding, 130 if interrupted, 1 otherwise."""
        if self.interrupted:
            return 130
        return int(any(self.unexplained()) or not self.judgements)

    def unexplained(self) -> list[Judgement]:
        """Breaches without a finding, and claims that no case decided."""
        return [
            j
            for j in self.judgements
            if j.verdict is Verdict.UNDECIDED or (j.verdict is Verdict.BROKEN and not j.findings)
        ]

    def count(self, subject: str, document: str, verdict: Verdict) -> int:
        """How many claims of a document have this verdict for the subject."""
        return sum(
            j.subject == subject and j.claim.document == document and j.verdict is verdict
            for j in self.judgements
        )


def load(directory: Path) -> Claims:
    """The claims and findings beside the golden files; UsageError in one sentence."""
    content = parsed(directory / "claims.toml")
    documents = {
        name: _document(name, given) for name, given in content.get("documents", {}).items()
    }
    claims = tuple(_claim(given, documents) for given in content.get("claim", []))
    seen: set[str] = set()
    for claim in claims:
        if claim.id in seen:
            raise UsageError(f"claim {claim.id}: its id must be unique; it is there twice")
        seen.add(claim.id)
    return Claims(documents, claims, load_findings(directory))


def _document(name: str, given: Mapping[str, Any]) -> Document:
    if given.keys() != _DOCUMENT_KEYS:
        raise UsageError(
            f"document {name}: keys must be {', '.join(sorted(_DOCUMENT_KEYS))}; "
            f"received {', '.join(sorted(given))}"
        )
    return Document(name, given["title"], given["seed"], given["lines"])


def _claim(given: Mapping[str, Any], documents: Mapping[str, Document]) -> Claim:
    name = given.get("id", "without an id")
    where = f"claim {name}"
    if given.keys() != _CLAIM_KEYS:
        raise UsageError(
            f"{where}: keys must be {', '.join(sorted(_CLAIM_KEYS))}; "
            f"received {', '.join(sorted(given))}"
        )
    document = documents.get(str(name).partition("/")[0])
    if document is None:
        raise UsageError(f"{where}: its id must start with a document, as {', '.join(documents)}/")
    line = given["line"]
    if not isinstance(line, int) or not 1 <= line <= document.lines:
        raise UsageError(f"{where}: line must be in 1 to {document.lines}; received {line!r}")
    if not isinstance(given["text"], str) or not given["text"].endswith("."):
        raise UsageError(f"{where}: text must be a sentence; received {given['text']!r}")
    if not given["dialects"] or set(given["dialects"]) - set(DIALECTS):
        raise UsageError(
            f"{where}: dialects must be among {', '.join(DIALECTS)}; received {given['dialects']!r}"
        )
    if not given["cases"] or not all(isinstance(c, str) for c in given["cases"]):
        raise UsageError(f"{where}: cases must be globs over ids; received {given['cases']!r}")
    return Claim(
        given["id"],
        line,
        given["text"],
        tuple(given["dialects"]),
        tuple(given["cases"]),
        expect.parse(given["expect"], where),
    )


def _takes(pattern: str, claim_id: str) -> bool:
    wild = patterns.is_glob(pattern)
    return patterns.covers(pattern, claim_id) if wild else pattern in claim_id


def deciding(claim: Claim, cases: Mapping[str, Case]) -> list[Case]:
    """The cases, out of `cases` by id, that decide a claim."""
    ids = dict.fromkeys(i for pattern in claim.cases for i in _covered(pattern, cases))
    return [cases[case_id] for case_id in ids]


def _covered(pattern: str, cases: Mapping[str, Case]) -> list[str]:
    if not patterns.is_glob(pattern):
        return [pattern] if pattern in cases else []
    return [case_id for case_id in cases if patterns.covers(pattern, case_id)]


def judge(
    claims: Claims,
    files: Sequence[GoldenFile],
    subjects: Sequence[Subject],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Judged:
    """Judges each claim for each subject that speaks a dialect of the claim."""
    judged = Judged(claims, tuple(subject.name for subject in subjects))
    judged.elsewhere = elsewhere(claims.findings, provenance.here())
    cases = {entry.case.id: entry.case for file in files for entry in file.cases}
    total = len(claims.claims) * len(subjects)
    try:
        for number, subject in enumerate(subjects):
            ask = _Asking(subject, cases)
            for place, claim in enumerate(claims.claims, start=1):
                if subject.dialect in claim.dialects:
                    judged.judgements.append(_judged(claim, claims.findings, ask))
                progress(number * len(claims.claims) + place, total)
    except KeyboardInterrupt:
        judged.interrupted = True
    return judged


def breach(claim: Claim, cases: Mapping[str, Case], subject: Subject) -> str:
    """What a subject answers against a claim, which is asked now; "" where it breaks nothing.

    `cases`: those that there are, by id.
    """
    found = _judged(claim, (), _Asking(subject, cases))
    return found.message if found.verdict is Verdict.BROKEN else ""


class _Asking:
    """Asks a subject each case once, and keeps the answers."""

    def __init__(self, subject: Subject, cases: Mapping[str, Case]) -> None:
        self.subject = subject
        self.cases = {i: case for i, case in cases.items() if subject.dialect in case.dialects}
        self._by_id = cases
        self._answers: dict[str, Answered] = {}

    def __call__(self, case_id: str) -> Answered:
        if case_id not in self._answers:
            case = self._by_id[case_id]
            outcomes = self.subject.answer(case)
            self._answers[case_id] = Answered(case, self.subject.dialect, outcomes, self)
        return self._answers[case_id]


def _judged(claim: Claim, findings: Sequence[Finding], ask: _Asking) -> Judgement:
    name = ask.subject.name
    cases = deciding(claim, ask.cases)
    undecided: list[tuple[str, str]] = []
    for case in cases:
        try:
            message = claim.expect.broken(ask(case.id))
        except Undecided as missing:
            undecided.append((str(missing), case.id))
            continue
        if message is not None:
            official = name in OFFICIAL.values()
            # An error of official Keras excuses others only where they have to follow it (rule 1).
            answers = [f for f in findings if claim.id in f.claims and (official or f.rule == 1)]
            return Judgement(
                claim, name, Verdict.BROKEN, message, case.id, tuple(f.id for f in answers)
            )
    if undecided or not cases:
        message, case_id = (undecided or [("no case of it has the dialect", "")])[0]
        return Judgement(claim, name, Verdict.UNDECIDED, message, case_id)
    return Judgement(claim, name, Verdict.HONOURED)
