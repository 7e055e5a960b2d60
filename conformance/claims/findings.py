"""Findings: where official Keras breaks a claim, or its own mathematics (`golden/findings.toml`)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from conformance.model import Fault, patterns
from conformance.model.errors import UsageError
from conformance.model.platforms import EVERYWHERE, Platform

_URL: Final = re.compile(r"https://[\w.-]+/\S*")
# The severities of findings, the worst first, and the plural of each.
SEVERITIES: Final[Mapping[str, str]] = {
    "wrong-value": "wrong values",
    "lost-state": "lost states",
    "crash": "crashes",
    "documentation": "differences from the documents only",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Where official Keras breaks a claim, or its own mathematics.

    Attributes:
        claims: ids of the claims that official Keras breaks.
        rule: which rule of the design `impl` follows.
        beyond: globs over the ids of cases in which the official answer leaves its error budget.
        answers: globs over cases that official Keras rejects, and that may be answered by the truth.
        rejections: globs over cases that official Keras answers, and that may be rejected.
        fault: `official` or `platform`: whether Keras or TensorFlow is the cause.
        claim: what should happen.
        documented: where that is stated, if anywhere.
        official: what official Keras does.
        impl: what `impl` does.
        versions: the packages in which it was seen.
        since, until: the first release that was found to have it, and the first later one without it.
        severity: one of `SEVERITIES`.
        repro: a program whose last line asserts the behaviour.
        platform: where the behaviour shows; it need not show on others.
        cases: a glob over the ids of cases that show it; empty where none does.
        links: public reports of it, issues for example.
        novel: whether public issues were searched for it, and none tells of it.

    """

    id: str
    claims: tuple[str, ...]
    rule: int
    beyond: tuple[str, ...]
    answers: tuple[str, ...] = ()
    rejections: tuple[str, ...] = ()
    fault: Fault = Fault.OFFICIAL
    claim: str = ""
    documented: str = ""
    official: str = ""
    impl: str = ""
    versions: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    severity: str = ""
    repro: str = ""
    platform: Platform = EVERYWHERE
    cases: str = ""
    links: tuple[str, ...] = ()
    novel: bool = False

    @property
    def globs(self) -> tuple[str, ...]:
        """All globs over the ids of cases that it is about."""
        return tuple(filter(None, (self.cases, *self.beyond, *self.answers, *self.rejections)))


def load_findings(directory: Path) -> tuple[Finding, ...]:
    """The findings beside the golden files; UsageError in one sentence."""
    texts = (
        "claim",
        "documented",
        "official",
        "impl",
        "severity",
        "repro",
        "since",
        "until",
        "cases",
    )
    return tuple(
        Finding(
            given["id"],
            tuple(given["claims"]),
            given["rule"],
            tuple(given.get("beyond", ())),
            tuple(given.get("answers", ())),
            tuple(given.get("rejections", ())),
            _fault(given),
            versions=tuple(given.get("versions", ())),
            platform=(
                Platform.read(given["platform"], f"finding {given['id']}")
                if "platform" in given
                else EVERYWHERE
            ),
            links=_links(given),
            novel=_novel(given),
            **{key: given.get(key, "") for key in texts},
        )
        for given in parsed(directory / "findings.toml")["finding"]
    )


def _fault(given: Mapping[str, Any]) -> Fault:
    fault = given.get("fault", "official")
    if fault not in (Fault.OFFICIAL, Fault.PLATFORM):
        raise UsageError(
            f"finding {given['id']}: fault must be official or platform; received {fault!r}"
        )
    return Fault(fault)


def _links(given: Mapping[str, Any]) -> tuple[str, ...]:
    links = given.get("links", [])
    texts = isinstance(links, list) and all(isinstance(link, str) for link in links)
    if not texts or ("links" in given and not links) or not all(map(_URL.fullmatch, links)):
        raise UsageError(
            f"finding {given['id']}: links must be a list of addresses that start with https://; "
            f"received {links!r}"
        )
    if len(set(links)) != len(links):
        raise UsageError(f"finding {given['id']}: links must differ; received {links!r}")
    return tuple(links)


def _novel(given: Mapping[str, Any]) -> bool:
    novel = given.get("novel", False)
    if not isinstance(novel, bool):
        raise UsageError(f"finding {given['id']}: novel must be true or false; received {novel!r}")
    if novel and "links" in given:
        raise UsageError(
            f"finding {given['id']}: novel must not be true where links name reports of it; "
            f"received {given['links'][0]}"
        )
    return novel


def taking(
    case_id: str, findings: Sequence[Finding], globs: Callable[[Finding], Sequence[str]]
) -> Finding | None:
    """The first finding one of whose globs (`beyond`, or all `globs`, say) takes the case."""
    for finding in findings:
        if any(patterns.covers(glob, case_id) for glob in globs(finding)):
            return finding
    return None


def elsewhere(findings: Sequence[Finding], provenance: Mapping[str, Any]) -> list[str]:
    """The ids of findings that concern other platforms only: their repros show nothing here."""
    return [finding.id for finding in findings if not finding.platform.holds(provenance)]


def parsed(path: Path) -> dict[str, Any]:
    """The content of a TOML file; UsageError in one sentence."""
    try:
        return tomllib.loads(path.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}") from error
