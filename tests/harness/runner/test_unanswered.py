"""What is unsupported: only cases that an expectation names, of the subjects that come with the suite."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from report.made import result

from conformance.model import Verdict
from conformance.runner.report import Against, Follow, Plan, Report
from conformance.runner.run import run
from conformance.subjects import Mode, namespace
from conformance.subjects.base import NotOffered

FILES = ("models.Sequential/sequence-file/one-keras",)
COPIES = ("models.Sequential/sequence-copy/clone-config",)
ANSWERED = "constraints.NonNeg/by-hand/*"


@pytest.mark.parametrize("strict", [False, True])
def test_files_are_outside_of_what_impl_does(strict: bool, golden: Path) -> None:
    report = run(Plan(("impl",), golden, select=(*FILES, *COPIES), strict=strict))
    assert report.exit_status() == 0
    unsupported = [r for r in report.results if r.verdict is Verdict.UNSUPPORTED]
    ids = {r.id for r in unsupported}
    assert ids >= set(FILES)
    assert all(case_id.startswith(FILES) for case_id in ids)
    assert all("the step save is outside of what it does" in r.message for r in unsupported)
    assert report.excused == dict.fromkeys(("impl.keras2", "impl.keras3"), ids)


@pytest.mark.parametrize("subject", ["impl.keras3", "keras"])
def test_a_step_that_is_not_answered_any_more_fails_a_run(
    subject: str, golden: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(self: Any, step: Any) -> Any:
        raise NotOffered(f"the step {step.do} is outside of what it does")

    monkeypatch.setattr(namespace.SequenceSteps, "_do_copy", refuses)
    report = run(Plan((subject,), golden, select=(*COPIES, ANSWERED)))
    assert report.exit_status() == 1
    lost = [r.id for r in report.results if r.verdict is Verdict.UNSUPPORTED]
    assert set(COPIES) <= set(lost)
    assert report.errors() == [
        f"{subject}: {len(lost)} cases of models.Sequential are unsupported, and no expectation says so "
        f"({lost[0]}, for example)"
    ]
    assert not any(r.verdict is Verdict.FAIL for r in report.results)


def test_a_case_that_an_earlier_failure_blocks_fails_a_run(
    golden: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Any, step: Any) -> Any:
        raise ValueError("broken")

    select = (*COPIES, ANSWERED)
    plan = Plan(("impl.keras3",), golden, select=select)
    target = "models.Sequential"
    before = run(plan).tallies()["impl.keras3", "golden", target]
    assert before.ran > 0 == before.blocked == before.failed
    monkeypatch.setattr(namespace.SequenceSteps, "_do_copy", broken)
    report = run(plan)
    after = report.tallies()["impl.keras3", "golden", target]
    assert after.ran == after.blocked == after.failed == before.ran
    assert report.exit_status() == 1


@pytest.mark.parametrize(
    ("subject", "plan", "status"),
    [
        ("impl.keras2", {}, 1),
        ("impl.keras3", {}, 1),
        ("keras", {}, 1),
        ("tf_keras", {"against": Against.OFFICIAL}, 1),
        # A compiler, a device or the documentation may leave a case without an answer.
        ("impl.keras3", {"mode": Mode.XLA}, 0),
        ("impl.keras3", {"device": "GPU:0"}, 0),
        ("keras", {"follow": Follow.DOCUMENTED}, 0),
        ("keras@jax", {}, 0),
        ("module:toy:keras3", {}, 0),
        ("module:toy:keras3", {"strict": True}, 1),
        ("impl.keras3", {"mode": Mode.XLA, "strict": True}, 1),
    ],
)
def test_who_must_answer(subject: str, plan: dict[str, Any], status: int) -> None:
    report = Report(Plan((subject,), Path(), **plan))
    name = "toy.keras3"
    report.results = [result(1, Verdict.PASS), result(2, Verdict.UNSUPPORTED)]
    assert report.exit_status() == int(report.plan.strict)
    report.results = [result(n, r.verdict, subject=subject) for n, r in enumerate(report.results)]
    assert report.exit_status() == len(report.unanswered()) == status
    report.excused = {name: {report.results[1].id}}
    assert report.exit_status() == status  # another subject is excused
    report.excused = {subject: {report.results[1].id}}
    assert (report.exit_status(), report.unanswered()) == (0, [])
