"""Known failures: what is expected to fail must fail, in the aspect named, and match something."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from expectations.known import (
    CASES,
    CLIPPED,
    NONNEG,
    OFF,
    REJECTED,
    RIGHT,
    SUBJECT,
    Run,
    entry,
    some_entry,
    verdicts,
)
from harness import Ended

from conformance.expectations import Ledger, entries
from conformance.model import Result, Verdict
from conformance.runner.report import Plan
from conformance.runner.run import run
from conformance.subjects.base import Mode
from conformance.subjects.provenance import here


def test_without_an_entry_it_fails(expecting: Run) -> None:
    report = expecting(select=(CLIPPED, REJECTED, RIGHT))
    assert report.exit_status() == 1
    assert verdicts(report)["value"] is Verdict.FAIL
    assert verdicts(report, REJECTED)["accepted"] is Verdict.FAIL
    assert set(verdicts(report, RIGHT).values()) == {Verdict.PASS}


def test_an_expected_failure_is_known(expecting: Run) -> None:
    report = expecting(entry())
    assert report.exit_status() == 0
    found = verdicts(report)
    assert found.pop("value") is Verdict.KNOWN_FAILURE
    assert set(found.values()) == {Verdict.PASS}
    (known,) = (r for r in report.results if r.verdict is Verdict.KNOWN_FAILURE)
    assert "clipped at 1 (https://example.org/1)" in known.message
    (tally,) = report.tallies().values()
    assert (tally.cases, tally.known, tally.bitwise, tally.failed) == (1, 1, 0, 0)


def test_a_glob_covers_every_case_it_matches(expecting: Run) -> None:
    report = expecting(entry(f"{CASES}wave-*-float32"), select=(f"{CASES}wave-*-float32",))
    assert report.exit_status() == 0
    known = [r.id for r in report.results if r.verdict is Verdict.KNOWN_FAILURE]
    assert len(known) == len(set(known)) == report.planned > 1


def test_a_failure_that_nobody_expects_fails_beside_a_known_one(expecting: Run) -> None:
    report = expecting(entry(), select=(CLIPPED, f"{CASES}wave-3x4-float32"))
    assert report.exit_status() == 1
    assert verdicts(report, f"{CASES}wave-3x4-float32")["value"] is Verdict.FAIL


def test_an_unexpected_pass_fails(expecting: Run) -> None:
    report = expecting(entry(RIGHT), select=(RIGHT,))
    assert report.exit_status() == 1
    assert verdicts(report, RIGHT)["value"] is Verdict.UNEXPECTED_PASS
    (tally,) = report.tallies().values()
    assert tally.failed == 1


@pytest.mark.parametrize("case_id", [CLIPPED, RIGHT])
def test_without_strictness_failing_and_passing_are_right(expecting: Run, case_id: str) -> None:
    report = expecting(entry(case_id, strict=False), select=(case_id,))
    assert report.exit_status() == 0
    assert report.stale == []
    wanted = Verdict.KNOWN_FAILURE if case_id == CLIPPED else Verdict.PASS
    assert verdicts(report, case_id)["value"] is wanted


def test_a_failure_in_another_aspect_fails(expecting: Run) -> None:
    report = expecting(entry(aspects=("zero-sign",), strict=False))
    assert report.exit_status() == 1
    assert verdicts(report)["value"] is Verdict.FAIL


def test_what_a_known_failure_blocks_does_not_fail(expecting: Run) -> None:
    report = expecting(entry(REJECTED, ("accepted",)), select=(REJECTED,))
    assert report.exit_status() == 0
    found = verdicts(report, REJECTED)
    assert found.pop("accepted") is Verdict.KNOWN_FAILURE
    assert set(found.values()) == {Verdict.BLOCKED}
    assert "value" in found


def test_a_blocked_aspect_is_not_the_failure_that_was_expected(expecting: Run) -> None:
    report = expecting(entry(REJECTED, ("value",)), select=(REJECTED,))
    assert report.exit_status() == 1
    assert len(report.stale) == 1
    assert verdicts(report, REJECTED)["accepted"] is Verdict.FAIL


@pytest.mark.parametrize(
    ("stale", "says"),
    [
        (entry("constraints.NonNeg/nothing/*"), "'constraints.NonNeg/nothing/*' matches no case"),
        (entry("constraints.RadialConstraint/*"), "matches no case"),  # not of this dialect
        (entry(aspects=("losses",)), "aspect losses"),
    ],
)
def test_an_entry_that_matches_nothing_is_stale(expecting: Run, stale: str, says: str) -> None:
    report = expecting(entry(), stale)
    assert report.exit_status() == 1
    (line,) = report.stale
    assert line.startswith(f"{SUBJECT}: known.toml entry 2: ")
    assert says in line
    assert not {Verdict.FAIL, Verdict.UNEXPECTED_PASS} & set(verdicts(report).values())


def test_goldens_of_ones_own_need_not_have_what_the_entries_of_the_suite_are_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entries, "HERE", tmp_path)
    (tmp_path / "keras.toml").write_text(entry())
    ledger = Ledger(entries.for_subject("keras", "eager", facts={}))
    assert ledger.stale(["constraints.Mine/value/wave"]) == []
    of = (CLIPPED, "keras", "keras3", "constraints.NonNeg", "golden")
    ledger.judge([Result(*of, "zero-sign", Verdict.PASS)])
    assert len(ledger.stale([CLIPPED])) == 1


def test_an_entry_about_cases_that_were_not_selected_is_not_stale(expecting: Run) -> None:
    report = expecting(entry(), select=(RIGHT,))
    assert report.stale == []
    assert report.exit_status() == 0


def test_an_entry_holds_for_its_comparison_only() -> None:
    """What a trace changes in official Keras as well differs from golden vectors only."""
    (only,) = entries.parse(entry(against=["golden"], fails=OFF), Path("known.toml"))

    def result(against: str, verdict: Verdict) -> Result:
        signature = (OFF,) if verdict is Verdict.FAIL else ()
        of = (CLIPPED, "impl.keras3", "keras3", "constraints.NonNeg", against, "value", verdict)
        return Result(*of, signature=signature)

    both = [result("golden", Verdict.FAIL), result("official", Verdict.PASS)]
    assert [r.verdict for r in Ledger([only]).judge(both)] == [Verdict.KNOWN_FAILURE, Verdict.PASS]
    other = [result("golden", Verdict.PASS), result("official", Verdict.FAIL)]
    assert [r.verdict for r in Ledger([only]).judge(other)] == [
        Verdict.UNEXPECTED_PASS,
        Verdict.FAIL,
    ]
    live = Ledger([only])
    live.judge(both[1:])
    assert live.stale([CLIPPED]) == []


def test_an_entry_holds_in_its_modes_only(expecting: Run) -> None:
    limited = entry(modes=["graph", "xla"])
    (known,) = entries.parse(limited, Path("known.toml"))
    assert [known.applies(SUBJECT, mode, {}) for mode in Mode] == [False, True, True]
    assert expecting(entry(modes=["eager"])).exit_status() == 0
    eager = expecting(limited)
    assert eager.exit_status() == 1
    assert verdicts(eager)["value"] is Verdict.FAIL
    assert eager.stale == []


def test_an_entry_holds_for_its_subjects_only(expecting: Run) -> None:
    assert expecting(entry(subjects=[SUBJECT])).exit_status() == 0
    other = expecting(entry(subjects=["impl.keras3"]))
    assert other.exit_status() == 1
    assert verdicts(other)["value"] is Verdict.FAIL
    assert other.stale == []


def test_the_first_entry_that_fits_is_the_one_that_counts(expecting: Run) -> None:
    report = expecting(entry(aspects=("zero-sign",), strict=False), entry())
    assert report.exit_status() == 0
    assert verdicts(report)["value"] is Verdict.KNOWN_FAILURE


@pytest.mark.parametrize(
    ("cases", "status"),
    [
        ([CLIPPED], 0),
        ([CLIPPED, f"{CASES}wave-3x4-*"], 0),
        (["constraints.MaxNorm/*", f"{CASES}wave-5-*"], 0),
        (["constraints.MaxNorm/*"], 1),
    ],
)
def test_cases_may_be_several_globs(expecting: Run, cases: list[str], status: int) -> None:
    report = expecting(entry(cases))
    assert report.exit_status() == status


def test_a_failure_that_looks_as_expected_is_known(expecting: Run) -> None:
    report = expecting(entry(fails=OFF))
    assert report.exit_status() == 0
    assert verdicts(report)["value"] is Verdict.KNOWN_FAILURE


@pytest.mark.parametrize(
    "fails", ["value off, up to 16 ULP", ["crashed", "null instead of a tensor"]]
)
def test_a_failure_that_looks_otherwise_fails_and_says_so(
    expecting: Run, fails: str | list[str]
) -> None:
    report = expecting(entry(fails=fails))
    assert report.exit_status() == 1
    assert report.stale == []
    (failed,) = (r for r in report.results if r.verdict is Verdict.FAIL)
    assert failed.message.startswith(
        "fails differently than expected (known.toml entry 1; expected: "
    )
    assert OFF in failed.message
    assert (fails if isinstance(fails, str) else fails[0]) in failed.message


def test_a_failure_may_look_as_another_entry_says(expecting: Run) -> None:
    report = expecting(entry(fails="crashed"), entry(fails=["timed out", OFF]))
    assert verdicts(report)["value"] is Verdict.KNOWN_FAILURE
    assert len(report.stale) == 1  # nothing is as the first one says


def test_what_passes_does_not_look_as_expected(expecting: Run) -> None:
    report = expecting(entry(RIGHT, fails=OFF), select=(RIGHT,))
    assert verdicts(report, RIGHT)["value"] is Verdict.UNEXPECTED_PASS


def test_the_version_is_that_of_the_package(expecting: Run) -> None:
    sys.modules["known_failures"].__version__ = "2.5"  # type: ignore[attr-defined]
    assert expecting(entry(versions=">=2,<3")).exit_status() == 0
    assert expecting(entry(versions=">=3")).exit_status() == 1


def test_the_platform_is_that_of_the_run(expecting: Run) -> None:
    machine = here()["machine"]
    assert expecting(entry(platform={"machine": machine})).exit_status() == 0
    assert expecting(entry(platform={"machine": f"not {machine}"})).exit_status() == 1


def test_part_of_a_run_does_not_tell_that_an_entry_is_stale(expecting: Run) -> None:
    """Of the cases that this one covers some have no losses; but that is not all of them."""
    both = entry(f"{CASES}*", aspects=("losses",), strict=False)
    assert expecting(both, select=(RIGHT,)).stale == []
    assert len(expecting(both, select=(f"{CASES}*",)).stale) == 1


def test_a_shard_does_not_tell_that_an_entry_is_stale(tmp_path: Path, golden: Path) -> None:
    file = tmp_path / "known.toml"
    file.write_text(entry([CLIPPED, REJECTED], ("accepted",)))
    select = (CLIPPED, REJECTED)
    for shard in ((1, 2), (2, 2)):
        plan = Plan(
            (SUBJECT,), golden, select=select, shard=shard, expectations=(file,), in_process=True
        )
        report = run(plan)
        assert report.stale == []
        assert report.planned == 1


def test_untriaged_failures_are_counted_and_do_not_fail(
    tmp_path: Path, conformance: Callable[..., Ended]
) -> None:
    file = tmp_path / "known.toml"
    file.write_text(entry(reason="untriaged: something", link=""))
    ended = conformance(
        "run", "--subject", SUBJECT, "--in-process", "--select", CLIPPED, "--expectations", file
    )
    assert ended.status == 0
    assert "1 failed as known (1 of them untriaged" in " ".join(ended.out.split())


NOT_OFFERED = some_entry(unsupported=True).replace('aspects = ["value"]\n', "")


def _accepted(verdict: Verdict, number: int = 0) -> Result:
    signature = ("rejected",) if verdict is Verdict.FAIL else ()
    case_id = CLIPPED if not number else f"{CASES}other-{number}"
    of = (case_id, "impl.keras3", "keras3", NONNEG, "golden", "accepted", verdict)
    return Result(*of, signature=signature)


def test_an_entry_may_say_what_is_unsupported() -> None:
    (only,) = entries.parse(NOT_OFFERED, Path("known.toml"))
    ledger = Ledger([only])
    unsupported = _accepted(Verdict.UNSUPPORTED)
    # It is no pass, and no known failure either.
    assert ledger.judge([unsupported]) == [unsupported]
    assert ledger.judge([_accepted(Verdict.UNSUPPORTED, 1)])
    assert ledger.excused == {CLIPPED}
    assert ledger.stale([CLIPPED]) == []


def test_what_is_answered_after_all_is_unexpected() -> None:
    (only,) = entries.parse(NOT_OFFERED, Path("known.toml"))
    (judged,) = Ledger([only]).judge([_accepted(Verdict.PASS)])
    assert judged.verdict is Verdict.UNEXPECTED_PASS
    assert judged.message == "expected to be unsupported: because (known.toml entry 1)"


def test_what_is_unsupported_may_not_fail_instead() -> None:
    (only,) = entries.parse(NOT_OFFERED, Path("known.toml"))
    ledger = Ledger([only])
    (judged,) = ledger.judge([_accepted(Verdict.FAIL)])
    assert (judged.verdict, ledger.excused) == (Verdict.FAIL, set())
    assert len(ledger.stale([CLIPPED])) == 1


def test_a_known_failure_does_not_excuse_what_is_unsupported() -> None:
    ledger = Ledger(entries.parse(entry(aspects=("accepted",)), Path("known.toml")))
    unsupported = _accepted(Verdict.UNSUPPORTED)
    assert ledger.judge([unsupported]) == [unsupported]
    assert ledger.excused == set()
    assert len(ledger.stale([CLIPPED])) == 1
