"""What a report counts, and the exit status that it gives; baselines."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harness import SUBJECT
from report.made import TALLY, every_ending, result

from conformance.model import Result, Verdict
from conformance.report import machine
from conformance.runner.baseline import compare_with_baseline
from conformance.runner.report import Against, Plan, Report


def test_a_case_ends_as_its_worst_aspect() -> None:
    tallies = every_ending().tallies()
    toy = tallies["toy.keras3", "golden", "constraints.Toy"]
    assert {name: getattr(toy, name) for name in TALLY} == TALLY
    assert tallies["toy.keras3", "golden", "constraints.Other"].bitwise == 1


@pytest.mark.parametrize(
    ("verdict", "strict", "status"),
    [
        (Verdict.PASS, True, 0),
        (Verdict.FAIL, False, 1),
        (Verdict.MISSING, False, 1),
        (Verdict.UNEXPECTED_PASS, False, 1),
        (Verdict.KNOWN_FAILURE, True, 0),
        (Verdict.UNSUPPORTED, False, 0),
        (Verdict.UNSUPPORTED, True, 1),
    ],
)
def test_exit_status(verdict: Verdict, strict: bool, status: int) -> None:
    report = Report(Plan(subjects=("toy",), golden=Path(), strict=strict))
    report.results = [result(1, Verdict.PASS), result(2, verdict)]
    assert report.exit_status() == status


def test_strict_says_where_it_could_not_ask_for_bits() -> None:
    def notes(**plan: Any) -> list[str]:
        report = Report(Plan(subjects=("toy",), golden=Path(), **plan))
        report.recorded = {"a": {"onednn on": 5}, "b": {"onednn on": 5, "no x": 2}, "c": {}}
        return report.notes()

    assert notes() == notes(strict=True, against=Against.OFFICIAL) == []
    assert [note.partition(" platform ")[::2] for note in notes(strict=True)] == [
        ("a, b: 5 cases were recorded on another", WITHIN.format("onednn on")),
        ("b: 2 cases were recorded on another", WITHIN.format("no x")),
    ]


WITHIN = "({}); values were held against these within their tolerance, not bit for bit"


def test_exit_status_of_what_is_no_result() -> None:
    report = Report(Plan(subjects=("toy",), golden=Path()))
    assert report.exit_status() == 1  # nothing ran: nothing was shown
    report.results = [result(1, Verdict.UNSUPPORTED), result(2, Verdict.UNSUPPORTED)]
    assert report.exit_status() == 1
    # What comes after an unsupported step is blocked by it, and shows no more.
    report.results += [result(1, Verdict.BLOCKED)]
    assert report.exit_status() == 1
    report.results = [result(1, Verdict.PASS)]
    assert report.exit_status() == 0
    report.stale = ["an entry that matches nothing"]
    assert report.exit_status() == 1
    report.stale, report.shrunk = [], ["a class that ran fewer cases"]
    assert report.exit_status() == 1
    report.interrupted = True
    assert report.exit_status() == 130


FEW, MANY = "constraints.NonNeg/value/wave-?-*", "constraints.NonNeg/value/wave-*"


@pytest.mark.parametrize(
    ("options", "gone", "status"),
    [
        # Nothing is missing of what is asked.
        ((), False, 0),
        (("--select", FEW), False, 0),
        (("--select", MANY), False, 0),
        (("--select", MANY, "--shard", "2/3"), False, 0),
        (("--select", FEW), True, 0),
        # There are 4 of 20 cases left.
        (("--select", MANY), True, 1),
        ((), True, 1),
    ],
)
def test_running_fewer_cases_than_the_baseline_fails(
    options: tuple[str, ...],
    gone: bool,
    status: int,
    tmp_path: Path,
    conformance: Callable[..., Any],
    golden_of: Callable[[tuple[str, ...]], Path],
) -> None:
    baseline, path = tmp_path / "baseline.json", tmp_path / "now.json"
    whole, left = golden_of((MANY,)), golden_of((FEW if gone else MANY,))
    first = conformance("run", *SUBJECT, "--golden", whole, "--json", baseline)
    assert first.status == 0, first.out
    asked = (*SUBJECT, "--golden", left, *options)
    ended = conformance("run", *asked, "--baseline", baseline, "--json", path)
    assert ended.status == status, ended.out
    shrunk = json.loads(path.read_text())["shrunk"]
    assert len(shrunk) == status
    if status:
        said = "module:plain_numpy:keras3 against golden: constraints.NonNeg ran 4 cases, 20 in"
        assert shrunk[0].startswith(said)
        assert said in ended.out


def test_a_class_that_is_gone_or_turned_unsupported_ran_fewer_cases() -> None:
    report = Report(Plan(subjects=("toy",), golden=Path()))
    report.results = [result(1, Verdict.PASS), result(2, Verdict.FAIL)]
    baseline = machine.to_json(report)
    assert compare_with_baseline(report, baseline) == []
    report.results = [result(1, Verdict.PASS), result(2, Verdict.UNSUPPORTED)]
    assert compare_with_baseline(report, baseline) == [
        "toy.keras3 against golden: constraints.Toy ran 1 cases, 2 in the baseline; "
        "1 cases are unsupported that were not (constraints.Toy/group/2, for example)"
    ]
    report.results = [result(1, Verdict.PASS, target="constraints.Other")]
    assert compare_with_baseline(report, baseline) == [
        "toy.keras3 against golden: constraints.Toy ran 0 cases, 2 in the baseline"
    ]


@pytest.mark.parametrize("lost", [Verdict.UNSUPPORTED, Verdict.BLOCKED, Verdict.MISSING])
def test_a_case_that_lost_an_answer_is_told_though_another_won_one(lost: Verdict) -> None:
    report = Report(Plan(subjects=("toy",), golden=Path()))
    gone = {"aspect": "accepted"} if lost is Verdict.UNSUPPORTED else {}

    def of(*losing: int) -> list[Result]:
        return [
            result(n, lost, **gone) if n in losing else result(n, Verdict.PASS) for n in (1, 2, 3)
        ]

    report.results = of(1)
    baseline = machine.to_json(report)
    assert compare_with_baseline(report, baseline) == []
    report.results = of(2)
    sentence = f"1 cases are {lost} that were not (constraints.Toy/group/2, for example)"
    assert compare_with_baseline(report, baseline) == [
        f"toy.keras3 against golden: constraints.Toy {sentence}"
    ]
    report.results = [*of(1), result(4, lost, **gone)]  # it is new
    assert compare_with_baseline(report, baseline) == []


def test_json_counts_what_ran_and_what_did_not() -> None:
    rows = machine.to_json(every_ending())["counts"]["classes"]
    (toy,) = (row for row in rows if row["target"] == "constraints.Toy")
    assert [toy[name] for name in ("ran", "unsupported", "blocked", "missing")] == [7, 1, 1, 1]
