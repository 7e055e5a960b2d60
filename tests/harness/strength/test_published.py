"""What comes of published reports: detected, missed, quiet, a false alarm, not asked; and how that is printed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from conformance.claims import claims
from conformance.claims.findings import Finding, load_findings
from conformance.model import Case, Outcome, Result, Returned, Tensor, Verdict
from conformance.model.errors import UsageError
from conformance.report import published as printed
from conformance.runner.report import Plan, Report
from conformance.strength import published
from conformance.strength.published import Ending, Ground, Judged
from conformance.strength.reports import Published
from conformance.subjects import Mode
from conformance.vectors import store
from conformance.vectors.store import GoldenCase

CASE = "constraints.MaxNorm/edge/nan-float32"
OTHER = "constraints.MaxNorm/by-hand/called-thrice"
REPORT = Published(
    "some",
    "a fuzzer",
    "https://example.org",
    "constraints.MaxNorm",
    "Bad.",
    "wrong-value",
    case=CASE,
)
REPLAYED = replace(REPORT, subject="keras==3.10.0", aspect="value")
WRONG = replace(REPORT, id="wrong", wrong="constraints.MaxNorm-x-keras3", aspect="value")
FOUND = replace(REPORT, id="found", finding="norm")
QUIET = replace(REPORT, id="quiet", kind="false-positive", quiet=True, note="It was rounding.")
OUTSIDE = replace(REPORT, id="outside", case="", outside="Nothing asks that.")

Fake = Callable[[Plan], Report]


@pytest.fixture(scope="module")
def entries(golden: Path) -> dict[str, GoldenCase]:
    file = store.load(golden / "constraints" / "MaxNorm.json")
    return {entry.case.id: entry for entry in file.cases}


@pytest.fixture
def ground(golden: Path, entries: dict[str, GoldenCase]) -> Ground:
    return Ground(golden, entries, [replace(Finding("norm", (), 1, ()), cases="*/edge/*")])


def result(verdict: Verdict, case: str = CASE, aspect: str = "value") -> Result:
    return Result(
        id=case,
        subject="keras==3.10.0",
        dialect="keras3",
        target="constraints.MaxNorm",
        against="golden",
        aspect=aspect,
        verdict=verdict,
        message="far off",
    )


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Plan]]:
    """Makes every run give these results; gives the plans that were run."""

    def give(*results: Result, interrupted: bool = False, error: str = "") -> list[Plan]:
        plans: list[Plan] = []

        def run(plan: Plan) -> Report:
            plans.append(plan)
            if error:
                raise UsageError(error)
            return Report(plan, results=list(results), interrupted=interrupted)

        monkeypatch.setattr(published, "run", run)
        return plans

    return give


def ending(report: Published, ground: Ground) -> tuple[Ending, str]:
    (judgement,) = published.judge([report], ground).judgements
    return judgement.ending, judgement.message


def test_what_the_tests_run_is_detected_where_the_case_is_there(ground: Ground) -> None:
    assert ending(WRONG, ground) == (Ending.DETECTED, "constraints.MaxNorm-x-keras3")
    assert ending(OUTSIDE, ground) == (Ending.OUTSIDE, "Nothing asks that.")
    nowhere = replace(WRONG, case="constraints.MaxNorm/none")
    assert ending(nowhere, ground)[0] is Ending.MISSED


OVERFLOWS = "constraints.MaxNorm/edge/sum-overflows-float16"


def test_official_keras_must_be_seen_to_be_wrong(golden: Path, ground: Ground) -> None:
    """It is asked, live: that a finding names the case is not enough."""
    real = [f for f in load_findings(golden) if f.id == "norm-overflow"]
    found = replace(FOUND, finding="norm-overflow", case=OVERFLOWS)
    shown = replace(ground, findings=real)
    assert ending(found, shown) == (Ending.DETECTED, "norm-overflow")
    # Of the same case without its globs, and of a case in which official Keras is right, nothing is seen.
    unseen = replace(ground, findings=[replace(real[0], beyond=(), cases=OVERFLOWS)])
    assert ending(found, unseen)[0] is Ending.MISSED
    right = replace(ground, findings=[replace(real[0], beyond=(OTHER,))])
    assert ending(replace(found, case=OTHER), right)[0] is Ending.MISSED
    taken = replace(ground, findings=[replace(real[0], beyond=(), answers=(OTHER,))])
    assert ending(replace(found, case=OTHER), taken)[0] is Ending.MISSED
    refused = replace(ground, findings=[replace(real[0], beyond=(), rejections=(OTHER,))])
    assert ending(replace(found, case=OTHER), refused)[0] is Ending.DETECTED
    assert ending(replace(found, case="constraints.MaxNorm/none"), shown)[0] is Ending.MISSED


def test_a_claim_that_official_keras_breaks_shows_a_finding(golden: Path, ground: Ground) -> None:
    stated = claims.load(golden)
    (claim,) = (c for c in stated.claims if c.id == "regularizers/orthogonal-signed")
    (case,) = claim.cases
    file = store.load(golden / "regularizers" / "OrthogonalRegularizer.json")
    entries = {entry.case.id: entry for entry in file.cases}
    found = replace(FOUND, finding="orthogonal-absolute", case=case)
    shown = Ground(golden, entries, stated.findings, claims=stated.claims)
    assert ending(found, shown) == (Ending.DETECTED, "orthogonal-absolute")
    assert ending(found, replace(shown, claims=()))[0] is Ending.MISSED


@pytest.mark.parametrize("changed", [{"finding": "none"}, {"case": OTHER}])
def test_a_finding_must_tell_of_the_case(changed: dict[str, str], ground: Ground) -> None:
    assert ending(replace(FOUND, **changed), ground)[0] is Ending.MISSED


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (Verdict.FAIL, Ending.DETECTED),
        (Verdict.MISSING, Ending.DETECTED),
        (Verdict.KNOWN_FAILURE, Ending.DETECTED),
        (Verdict.PASS, Ending.MISSED),
        (Verdict.UNSUPPORTED, Ending.MISSED),
        (Verdict.BLOCKED, Ending.MISSED),
    ],
)
def test_a_version_must_fail_the_case_in_the_aspect(
    verdict: Verdict, expected: Ending, ground: Ground, runs: Callable[..., list[Plan]]
) -> None:
    plans = runs(result(verdict), result(Verdict.FAIL, OTHER), result(Verdict.PASS, aspect="shape"))
    assert ending(REPLAYED, ground)[0] is expected
    assert [(plan.subjects, plan.select) for plan in plans] == [(("keras==3.10.0",), (CASE,))]


def test_a_version_is_run_once_for_each_mode(
    ground: Ground, runs: Callable[..., list[Plan]]
) -> None:
    plans = runs(result(Verdict.FAIL), result(Verdict.FAIL, OTHER))
    several = [
        REPLAYED,
        replace(REPLAYED, id="other", case=OTHER),
        replace(REPLAYED, id="traced", mode=Mode.GRAPH),
    ]
    judged = published.judge(several, ground)
    assert judged.exit_status() == 0
    assert [(plan.mode, plan.select) for plan in plans] == [
        (Mode.EAGER, (CASE, OTHER)),
        (Mode.GRAPH, (CASE,)),
    ]


def test_what_cannot_run_is_not_asked(ground: Ground, runs: Callable[..., list[Plan]]) -> None:
    runs(error="there is no such version")
    assert ending(REPLAYED, ground) == (Ending.NOT_ASKED, "there is no such version")
    runs()
    assert ending(REPLAYED, ground)[0] is Ending.NOT_ASKED


def test_offline_nothing_is_installed(
    ground: Ground,
    runs: Callable[..., list[Plan]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CONFORMANCE_CACHE", str(tmp_path))
    plans = runs(result(Verdict.FAIL))
    offline = replace(ground, offline=True)
    assert ending(REPLAYED, offline) == (Ending.NOT_ASKED, "keras==3.10.0 is not installed")
    assert ending(replace(REPLAYED, subject="keras==3.10.0@torch"), offline)[0] is Ending.NOT_ASKED
    assert plans == []
    assert ending(replace(REPLAYED, subject="tf_keras"), offline)[0] is Ending.DETECTED


def test_official_keras_keeps_quiet_where_the_reporter_was_mistaken(ground: Ground) -> None:
    """It is asked, live, and held against golden vectors and the truth."""
    assert ending(QUIET, ground) == (Ending.QUIET, "It was rounding.")


def test_a_case_that_official_keras_fails_is_a_false_alarm(
    ground: Ground, runs: Callable[..., list[Plan]]
) -> None:
    runs(result(Verdict.PASS, aspect="shape"), result(Verdict.FAIL))
    assert ending(QUIET, ground) == (Ending.FALSE_ALARM, "keras==3.10.0, value: far off")
    runs(result(Verdict.UNSUPPORTED))
    assert ending(QUIET, ground)[0] is Ending.FALSE_ALARM


class Answering:
    """A subject that answers what it is given."""

    name, dialect = "a subject", "keras3"

    def __init__(self, outcomes: Sequence[Outcome]) -> None:
        self.outcomes = outcomes

    def answer(self, case: Case) -> Sequence[Outcome]:
        return self.outcomes


def said(entries: dict[str, GoldenCase], case: str, factor: float) -> str:
    """What is untrue of golden outcomes whose last value is multiplied by `factor`."""
    entry = entries[case]
    *before, last = entry.expected["keras3"]
    assert isinstance(last, Returned)
    value: Any = last.values["value"]
    changed = Tensor.of(value.values() * np.float32(factor), value.dtype)
    outcomes = [*before, Returned({**last.values, "value": changed})]
    subject: Any = Answering(outcomes)
    return published.untrue(entry.case, subject)


def test_the_truth_is_asked_as_well(entries: dict[str, GoldenCase]) -> None:
    assert said(entries, OTHER, 1.0) == ""
    assert "value leaves its error budget" in said(entries, OTHER, 1.01)
    raised = next(e for e in entries.values() if not isinstance(e.expected["keras3"][-1], Returned))
    subject: Any = Answering(raised.expected["keras3"])
    assert "the oracle has no value" in published.untrue(raised.case, subject)


def test_after_ctrl_c_what_was_judged_remains(
    ground: Ground, runs: Callable[..., list[Plan]]
) -> None:
    runs(result(Verdict.FAIL), interrupted=True)
    seen: list[tuple[int, int]] = []
    several = [QUIET, REPLAYED, replace(REPLAYED, id="other", case=OTHER), OUTSIDE]
    judged = published.judge(several, ground, lambda done, total: seen.append((done, total)))
    assert [j.report.id for j in judged.judgements] == ["some", "outside"]
    assert seen == [(1, 4), (2, 4)]
    assert judged.exit_status() == 130
    assert printed.closing(judged).startswith("interrupted after 2 of 4: 1 of 2 reported bugs")


@pytest.mark.parametrize(
    ("endings", "status"),
    [
        ((Ending.DETECTED, Ending.QUIET, Ending.OUTSIDE), 0),
        ((Ending.DETECTED, Ending.MISSED), 1),
        ((Ending.NOT_ASKED,), 1),
        ((Ending.FALSE_ALARM,), 1),
        ((), 1),
    ],
)
def test_the_exit_status_is_0_only_where_every_row_holds(
    endings: Sequence[Ending], status: int
) -> None:
    made = [published.Judgement(WRONG, ending) for ending in endings]
    assert Judged(len(endings), made).exit_status() == status
    assert Judged(len(endings) + 1, made).exit_status() == 1


def test_the_table_has_a_row_for_each_and_says_what_is_not_detected() -> None:
    made = [
        published.Judgement(WRONG, Ending.DETECTED, WRONG.wrong),
        published.Judgement(FOUND, Ending.MISSED, "norm does not tell of it"),
        published.Judgement(OUTSIDE, Ending.OUTSIDE, OUTSIDE.outside),
        published.Judgement(QUIET, Ending.FALSE_ALARM, "keras, value: far off"),
    ]
    console = Console(record=True, width=200)
    printed.show(Judged(4, made), console)
    text = console.export_text()
    for line in (
        "missed found: norm does not tell of it",
        "outside outside: Nothing asks that.",
        "false alarm quiet: keras, value: far off",
        "1 of 3 reported bugs detected, 33% (1 by a wrong subject), 1 outside, 1 missed; "
        "1 false alarms of 1 false positives, 0 quiet; 4 reports",
    ):
        assert line in text
    assert WRONG.wrong in text


def test_the_command_judges_a_selection(conformance: Callable[..., Any]) -> None:
    ended = conformance("strength", "published", "--select", "audee*", "--offline")
    assert (ended.status, ended.err) == (0, "")
    assert "1 of 1 reported bugs detected, 100% (1 by a wrong subject)" in ended.out
    ended = conformance("strength", "published", "--select", "none")
    assert ended.status == 2
    assert "must match at least one report" in ended.sentence()
