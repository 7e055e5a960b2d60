"""Claims: official packages and others on every one, and files that are wrong."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from claims.answers import FILES, GOLDEN, value
from harness import PLAIN

from conformance.claims import claims, expect
from conformance.claims.claims import Claim, Judged, Verdict
from conformance.model import Case, Outcome, Raised, Returned, Unsupported
from conformance.model.errors import UsageError
from conformance.subjects import OFFICIAL, Subject, resolve_all

CLAIMS = claims.load(GOLDEN)
ENTRIES = {entry.case.id: entry for file in FILES for entry in file.cases}


@dataclass(frozen=True)
class Trained:
    """An official package whose trainings are those that were recorded: to trace them takes half a minute.

    `conformance run --against both` holds the package to the recorded ones.
    """

    official: Subject
    name: str
    dialect: str
    tensors: Any
    draws: Any

    def provenance(self) -> Any:
        return self.official.provenance()

    def answer(self, case: Case) -> Sequence[Outcome]:
        if any(step.do == "fit" for step in case.steps):
            return ENTRIES[case.id].expected[self.dialect]
        return self.official.answer(case)


def test_official_packages_and_impl_on_every_claim() -> None:
    """One test, since to judge every claim takes a minute."""
    officials = [
        Trained(s, s.name, s.dialect, s.tensors, s.draws) for s in resolve_all([*OFFICIAL.values()])
    ]
    judged = claims.judge(CLAIMS, FILES, [*officials, *resolve_all(["impl"])])
    every_claim_is_decided_on_every_subject_of_its_dialects(judged)
    every_breach_is_a_finding_and_one_of_rule_1_where_impl_has_it(judged)
    findings_name_what_official_packages_break(judged)
    impl_breaks_nothing_that_official_packages_honour(judged)


def every_claim_is_decided_on_every_subject_of_its_dialects(judged: Judged) -> None:
    expected = {
        (claim.id, subject)
        for claim in CLAIMS.claims
        for dialect in claim.dialects
        for subject in (OFFICIAL[dialect], f"impl.{dialect}")
    }
    assert {(j.claim.id, j.subject) for j in judged.judgements} == expected
    assert [(j.claim.id, j.message) for j in judged.judgements if j.verdict == "undecided"] == []


def every_breach_is_a_finding_and_one_of_rule_1_where_impl_has_it(judged: Judged) -> None:
    left = [f"{j.claim.id} ({j.subject}): {j.message}" for j in judged.unexplained()]
    assert left == []
    rules = {finding.id: finding.rule for finding in CLAIMS.findings}
    for judgement in judged.judgements:
        if judgement.verdict is Verdict.BROKEN and judgement.subject.startswith("impl"):
            assert {rules[name] for name in judgement.findings} == {1}, judgement.claim.id
    assert judged.exit_status() == 0


def findings_name_what_official_packages_break(judged: Judged) -> None:
    broken = {
        j.claim.id
        for j in judged.judgements
        if j.verdict is Verdict.BROKEN and j.subject in OFFICIAL.values()
    }
    assert {name for finding in CLAIMS.findings for name in finding.claims} == broken


def impl_breaks_nothing_that_official_packages_honour(judged: Judged) -> None:
    by = {(j.claim.id, j.subject): j.verdict for j in judged.judgements}
    for (claim, subject), verdict in by.items():
        if subject.startswith("impl") and verdict is Verdict.BROKEN:
            assert by[claim, OFFICIAL[subject.removeprefix("impl.")]] is Verdict.BROKEN, claim


def test_there_are_at_least_250_and_30_of_each_document() -> None:
    assert len(CLAIMS.claims) >= 250
    for name in CLAIMS.documents:
        assert sum(claim.document == name for claim in CLAIMS.claims) >= 30, name


def test_claims_findings_and_cases_fit_one_another() -> None:
    assert list(CLAIMS.problems(FILES)) == []


def test_no_statement_is_there_twice() -> None:
    seen: dict[Any, str] = {}
    for claim in CLAIMS.claims:
        key = (claim.document, claim.dialects, claim.cases, repr(claim.expect), claim.text)
        assert seen.setdefault(key, claim.id) == claim.id


@dataclass(frozen=True)
class Fake:
    """Answers every case alike."""

    name: str
    dialect: str
    reply: Callable[[Case], Sequence[Outcome]]
    tensors = "numpy"
    draws = "none"

    def provenance(self) -> dict[str, Any]:
        return {}

    def answer(self, case: Case) -> list[Outcome]:
        return list(self.reply(case))


def honoured(reply: Callable[[Case], Sequence[Outcome]]) -> list[Claim]:
    fakes = [Fake(f"fake.{dialect}", dialect, reply) for dialect in OFFICIAL]
    found = claims.judge(CLAIMS, FILES, fakes)
    assert found.exit_status() == 1
    return [j.claim for j in found.judgements if j.verdict is Verdict.HONOURED]


def test_who_rejects_everything_honours_rejections_only() -> None:
    kinds = {
        claim.expect.kind for claim in honoured(lambda case: [Raised("construct", "value", "")])
    }
    assert kinds == {"rejected"}


def test_who_returns_nothing_honours_acceptance_only() -> None:
    kinds = {claim.expect.kind for claim in honoured(lambda case: [Returned({})] * len(case.steps))}
    assert kinds == {"accepted"}


def test_who_returns_nonsense_honours_next_to_nothing() -> None:
    nonsense = value(np.full((1, 2, 1), np.nan))
    kept = honoured(lambda case: [nonsense] * len(case.steps))
    # One nonsense is like the other, and has a dtype.
    assert {claim.expect.kind for claim in kept} <= {"accepted", "equals", "form", "same"}
    assert len(kept) < len(CLAIMS.claims) / 4


def test_who_offers_nothing_is_undecided() -> None:
    found = claims.judge(CLAIMS, FILES, [Fake("fake", "keras3", lambda case: [Unsupported("no")])])
    assert {j.verdict for j in found.judgements} == {Verdict.UNDECIDED}
    assert found.exit_status() == 1


def test_ctrl_c_keeps_what_was_judged() -> None:
    def interrupted() -> Iterator[Sequence[Outcome]]:
        yield [Raised("construct", "value", "")]
        raise KeyboardInterrupt

    replies = interrupted()
    found = claims.judge(CLAIMS, FILES, [Fake("fake", "keras3", lambda case: next(replies))])
    assert found.interrupted
    assert found.exit_status() == 130
    assert len(found.judgements) < len(CLAIMS.claims)


def test_a_finding_of_rule_2_excuses_official_packages_only() -> None:
    rule_2 = next(f for f in CLAIMS.findings if f.id == "radial-1x1")
    asked = CLAIMS.selected([rule_2.claims[0]])
    for name, status in (("tf_keras", 0), ("fake", 1)):
        fake = Fake(name, "keras2", lambda case: [Raised("call", "value", "")])
        assert claims.judge(asked, FILES, [fake]).exit_status() == status


GOOD = """
[documents.d]
title = "A document"
seed = "000"
lines = 9

[[claim]]
id = "d/a"
line = 9
text = "It is so."
dialects = ["keras3"]
cases = ["constraints.NonNeg/*"]
expect = "accepted"
"""

BAD = {
    "twice": (GOOD + GOOD[GOOD.index("[[") :], "unique"),
    "no document": (GOOD.replace('"d/a"', '"e/a"'), "start with a document"),
    "no such line": (GOOD.replace("line = 9", "line = 10"), "1 to 9; received 10"),
    "no sentence": (GOOD.replace("so.", "so"), "sentence; received 'It is so'"),
    "dialect": (GOOD.replace("keras3", "keras4"), "received ['keras4']"),
    "no case": (GOOD.replace('"constraints.NonNeg/*"', ""), "globs over ids; received []"),
    "kind": (GOOD.replace('"accepted"', '"perfect"'), "exactly one of oracle"),
    "two kinds": (GOOD.replace('"accepted"', "{sum = 1, values = [1]}"), "exactly one of oracle"),
    "option": (GOOD.replace('"accepted"', '{sum = 1, axis = 0}'), "received axis"),
    "no argument": (GOOD.replace('"accepted"', '"sum"'), "have an argument"),
    "argument": (GOOD.replace('"accepted"', '{accepted = 1}'), "stand alone"),
    "missing key": (GOOD.replace("line = 9\n", ""), "keys must be"),
    "document's keys": (GOOD.replace('seed = "000"\n', ""), "document d: keys must be"),
    "no TOML": ("[[claim", "cannot be read"),
}  # fmt: skip


def directory(tmp_path: Path, content: str) -> Path:
    (tmp_path / "claims.toml").write_text(content)
    (tmp_path / "findings.toml").write_text('[[finding]]\nid = "f"\nclaims = ["d/z"]\nrule = 1\n')
    return tmp_path


@pytest.mark.parametrize("name", BAD)
def test_a_wrong_claim_is_one_sentence(name: str, tmp_path: Path) -> None:
    content, words = BAD[name]
    with pytest.raises(UsageError) as error:
        claims.load(directory(tmp_path, content))
    assert words in str(error.value)
    assert "\n" not in str(error.value).strip()


def test_what_does_not_fit_is_a_sentence_of_lint(tmp_path: Path) -> None:
    content = GOOD.replace("NonNeg/*", "None/*").replace('"accepted"', '{same = "x"}')
    found = list(claims.load(directory(tmp_path, content)).problems(FILES))
    assert found == [
        "claim d/a: cases 'constraints.None/*' matches no case",
        "claim d/a: no case of it has the dialect keras3",
        "claim d/a: expect same names no case: 'x'",
        "finding f: claims has 'd/z', which is no claim",
    ]


def test_select_takes_globs_and_parts_and_refuses_what_takes_none() -> None:
    assert all("norm" in c.id for c in CLAIMS.selected(["norm"]).claims)
    assert {c.document for c in CLAIMS.selected(["regularizers/*"]).claims} == {"regularizers"}
    with pytest.raises(UsageError, match=r"--select must match .* received 'nothing-like-it'"):
        CLAIMS.selected(["nothing-like-it"])


def test_the_command_prints_and_writes_the_tables(
    tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    page, summary = tmp_path / "c.html", tmp_path / "c.md"
    ended = conformance(
        *(
            "findings",
            "--subject",
            PLAIN,
            "--select",
            "constraints-keras3/unit",
        ),
        *("--html", str(page), "--markdown", str(summary)),
    )
    wrong = [f for f in CLAIMS.findings if f.severity == "wrong-value"]
    # It rounds as official Keras does, which has findings.
    assert ended.status == 0, ended.out
    for text in (ended.out, page.read_text(), summary.read_text()):
        assert "as expected" in text or "each breach has its finding" in text
        assert "unit-norm-epsilon" in text
        assert "UnitNorm gives every vector the norm one" in text
        assert f"{len(wrong)} wrong values" in text
    html = page.read_text()
    chosen = CLAIMS.selected(["constraints-keras3/unit"]).claims
    assert html.count('<tr class="filtered">') == len(chosen)
    assert html.count("<details") == len(CLAIMS.findings)
    for finding in CLAIMS.findings:
        assert f'id="{finding.id}"' in html
        assert finding.repro.strip() in unescape(html)
    assert '<a href="#unit-norm-epsilon">' in html


def test_the_kinds_are_described_beside_the_claims() -> None:
    comments = (GOLDEN / "claims.toml").read_text().partition("[documents")[0]
    for name in expect.KINDS:
        assert f'"{name}"' in comments or f"{{{name}}}" in comments, name
    assert tomllib.loads((GOLDEN / "claims.toml").read_text()).keys() == {"documents", "claim"}
