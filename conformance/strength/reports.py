"""Published reports about wrong behaviour, as `golden/published.toml` lists them: read and checked."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from conformance.claims.findings import Finding
from conformance.model import DIALECTS, Case, patterns
from conformance.model.errors import UsageError
from conformance.subjects import OFFICIAL, Mode, check_name, versions

FILE: Final = "published.toml"
# How many reports were collected. Each has its row, and two of them are told by two sources.
REPORTS: Final = 80

KINDS: Final = (
    *("wrong-value", "shape", "dtype", "gradient", "training", "config", "symbolic", "doc"),
    *("rejects-valid", "accepts-invalid", "crash", "process-crash", "hang"),
    *("mode-difference", "performance", "false-positive", "false-positive?"),
)
_TEXTS: Final = ("id", "source", "link", "target", "symptom", "kind")
_EVIDENCE: Final = ("subject", "wrong", "quiet", "outside")


class How(StrEnum):
    """How it is shown that the suite detects what a report tells, or why it does not."""

    SUBJECT = "a version that has it"
    WRONG = "a wrong subject"
    FINDING = "a finding"
    QUIET = "no alarm"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Published:
    """One report.

    Attributes:
        id: ours, short and unique.
        source: the paper, the fuzzer or the users that reported it.
        link: where.
        target: the class that it is about.
        symptom: what was reported, in our words.
        kind: one of `KINDS`.
        case: the id of the case that fails for who behaves as reported.
        aspect: the aspect in which it fails.
        subject: a version that behaves so, as `keras==3.10.0@torch`.
        mode: how its calls are executed.
        wrong: the test id of a wrong subject that behaves so.
        finding: the finding that tells the same of official Keras of today.
        quiet: the reporter was mistaken: official Keras passes the case.
        outside: why no case can show it.
        note: what else a reader must know; of `quiet`, why the reporter was mistaken.

    """

    id: str
    source: str
    link: str
    target: str
    symptom: str
    kind: str
    case: str = ""
    aspect: str = ""
    subject: str = ""
    mode: Mode = Mode.EAGER
    wrong: str = ""
    finding: str = ""
    quiet: bool = False
    outside: str = ""
    note: str = ""

    @property
    def how(self) -> How:
        """How it is shown; a finding counts where nothing else is named."""
        named = (How.SUBJECT, How.WRONG, How.QUIET, How.OUTSIDE)
        return next(
            (how for key, how in zip(_EVIDENCE, named, strict=True) if getattr(self, key)),
            How.FINDING,
        )

    @property
    def false_positive(self) -> bool:
        """Whether what was reported is no bug."""
        return self.kind.startswith("false-positive")


_KEYS: Final = frozenset(field.name for field in fields(Published))


def load(directory: Path) -> tuple[Published, ...]:
    """The reports beside the golden files; UsageError in one sentence."""
    path = directory / FILE
    try:
        parsed = tomllib.loads(path.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}") from error
    if parsed.keys() != {"report"} or not isinstance(parsed["report"], list):
        raise UsageError(
            f"{path}: must hold entries [[report]] alone; received {', '.join(sorted(parsed)) or 'nothing'}"
        )
    return tuple(_report(given) for given in parsed["report"])


def _report(given: Mapping[str, Any]) -> Published:
    where = f"report {given.get('id', 'without an id')}"
    if unknown := sorted(given.keys() - _KEYS):
        raise UsageError(
            f"{where}: keys must be among {', '.join(sorted(_KEYS))}; received {unknown[0]!r}"
        )
    for key, value in given.items():
        wanted = bool if key == "quiet" else str
        if not isinstance(value, wanted) or not value:
            raise UsageError(
                f"{where}: {key} must be {'true' if wanted is bool else 'a text'}; received {value!r}"
            )
    if lacking := [key for key in _TEXTS if key not in given]:
        raise UsageError(f"{where}: it must have {', '.join(_TEXTS)}; {lacking[0]} is missing")
    if given["kind"] not in KINDS:
        raise UsageError(
            f"{where}: kind must be among {', '.join(KINDS)}; received {given['kind']!r}"
        )
    if not given["link"].startswith("https://"):
        raise UsageError(f"{where}: link must be a URL, https://...; received {given['link']!r}")
    for key in ("symptom", "outside", "note"):
        if key in given and not given[key].endswith("."):
            raise UsageError(f"{where}: {key} must be a sentence; received {given[key]!r}")
    if given.get("mode", "eager") not in list(Mode):
        raise UsageError(
            f"{where}: mode must be among {', '.join(Mode)}; received {given['mode']!r}"
        )
    found = Published(**{**given, "mode": Mode(given.get("mode", "eager"))})
    _check(found, where)
    return found


def _check(found: Published, where: str) -> None:
    """UsageError where the keys of a report do not go together."""
    named = [key for key in _EVIDENCE if getattr(found, key)]
    if len(named) > 1 or not (named or found.finding):
        raise UsageError(
            f"{where}: it must have one of {', '.join(_EVIDENCE)}, or a finding alone; "
            f"received {', '.join(named) or 'none'}"
        )
    how = found.how
    if (how is How.QUIET) != found.false_positive and how is not How.OUTSIDE:
        raise UsageError(
            f"{where}: what is quiet must be a false positive, and the reverse; received the kind {found.kind!r}"
        )
    wanted = {
        How.SUBJECT: ("case", "aspect"),
        How.WRONG: ("case", "aspect"),
        How.FINDING: ("case",),
        How.QUIET: ("case", "note"),
        How.OUTSIDE: (),
    }[how]
    for key in wanted:
        if not getattr(found, key):
            raise UsageError(f"{where}: it must have {key}, as what is shown by {how} has")
    if found.mode is not Mode.EAGER and how is not How.SUBJECT:
        raise UsageError(
            f"{where}: mode must be left out where no subject is named; received {str(found.mode)!r}"
        )
    if found.subject:
        check_name(found.subject)
        if found.subject not in OFFICIAL.values() and not versions.is_version(found.subject):
            raise UsageError(
                f"{where}: subject must be a version of Keras; received {found.subject!r}"
            )


def selected(reports: Sequence[Published], select: Sequence[str]) -> tuple[Published, ...]:
    """The reports whose id or target the glob matches, or whose id has the text in it."""

    def takes(pattern: str, report: Published) -> bool:
        if patterns.is_glob(pattern):
            return any(patterns.covers(pattern, text) for text in (report.id, report.target))
        return pattern in report.id or pattern == report.target

    for pattern in select:
        if not any(takes(pattern, report) for report in reports):
            raise UsageError(f"--select must match at least one report; received {pattern!r}")
    return tuple(r for r in reports if not select or any(takes(p, r) for p in select))


def problems(
    reports: Sequence[Published],
    cases: Mapping[str, Case],
    findings: Sequence[Finding],
    number: int = REPORTS,
) -> Iterator[str]:
    """A sentence for each thing that `conformance lint` finds wrong; `number`: how many there must be."""
    if len(reports) != number:
        yield f"{FILE}: it must have {number} reports; it has {len(reports)}"
    for what, said in (("id", "id"), ("source and link", "link")):
        counted = Counter((r.id,) if said == "id" else (r.source, r.link) for r in reports)
        for key, times in counted.items():
            if times > 1:
                yield f"{FILE}: the {what} of a report must be unique; {' '.join(key)} is there {times} times"
    known = {finding.id: finding for finding in findings}
    for report in reports:
        where = f"report {report.id}"
        if report.case and report.case not in cases:
            yield f"{where}: case {report.case!r} is no case"
        elif report.case and report.wrong and not _named(report, cases[report.case]):
            yield (
                f"{where}: wrong must begin with the class of its case and end with one of its dialects; "
                f"received {report.wrong!r}"
            )
        if report.finding and report.finding not in known:
            yield f"{where}: finding {report.finding!r} is no finding"
        elif report.how is How.FINDING and not told(known[report.finding], report.case):
            yield f"{where}: the finding {report.finding} does not tell of {report.case}"


def _named(report: Published, case: Case) -> bool:
    target, dialects = case.target, [d for d in DIALECTS if d in case.dialects]
    return report.wrong.startswith(f"{target}-") and report.wrong.endswith(
        tuple(f"-{d}" for d in dialects)
    )


def told(finding: Finding, case_id: str) -> bool:
    """Whether a finding is about a case: that shows it, leaves its budget, or may be answered otherwise."""
    globs = (finding.cases, *finding.beyond, *finding.answers, *finding.rejections)
    return any(patterns.covers(glob, case_id) for glob in globs)
