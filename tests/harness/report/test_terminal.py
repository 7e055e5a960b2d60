"""The summary on the terminal."""

from __future__ import annotations

from pathlib import Path

from report.made import every_ending, result, summary

from conformance.model import Verdict
from conformance.runner.report import Plan, Report


def test_the_table_shows_every_class_with_its_counts() -> None:
    text = summary(every_ending())
    (toy,) = [line for line in text.splitlines() if line.startswith("   constraints.Toy ")]
    assert toy.split()[1:] == ["8", "7", "1", "1", "0", "0", "4", "1", "1", "2.25"]
    (other,) = [line for line in text.splitlines() if "constraints.Other" in line]
    assert other.split()[1:] == ["3", "3", "1", "0", "1", "1", "0", "0", "0", "-"]
    (whole,) = [line for line in text.splitlines() if line.startswith(" all ")]
    assert whole.split()[1:] == ["11", "10", "2", "1", "1", "1", "4", "1", "1"]
    header = text.splitlines()[1].split()
    assert header == [
        *("class", "cases", "ran", "bitwise", "within", "truth", "rejected"),
        *("failed", "unsupported", "known"),
        "headroom",
    ]
    assert "failed constraints.Toy/group/3 (toy.keras3 against golden)" in text
    assert "value: 9 ULP where 4 are allowed" in text
    assert "failed constraints.Toy/group/1" not in text
    assert (
        "not as expected: 11 comparisons of 11 cases in 1.2 s: 5 passed "
        "(2 bit for bit, 1 right where official Keras is not, 1 rejected by both)"
    ) in text


def test_the_terminal_counts_what_it_does_not_list() -> None:
    report = Report(Plan(subjects=("toy",), golden=Path()))
    report.results = [result(n, Verdict.FAIL, message=f"wrong {n}") for n in range(25)]
    text = summary(report)
    assert text.count("failed constraints.Toy/group/") == 20
    assert "and 5 more" in text


def test_an_interrupted_run_says_what_it_is_about() -> None:
    report = every_ending()
    report.interrupted = True
    report.planned = 1000
    text = summary(report)
    assert "interrupted: 11 of 1000 cases were finished" in text
    assert "as expected" not in text
