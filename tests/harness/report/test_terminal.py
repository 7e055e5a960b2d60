"""The summary on the terminal."""

from __future__ import annotations

import io
import re
from collections.abc import Container
from dataclasses import replace
from pathlib import Path

import pytest
from report.made import every_ending, result, summary
from rich.console import Console

from conformance.model import Verdict
from conformance.report import terminal
from conformance.report.terminal import Detail
from conformance.runner.report import Plan, Report


def test_the_table_shows_every_class_with_its_counts() -> None:
    text = summary(every_ending())
    (toy,) = [line for line in text.splitlines() if line.startswith("constraints.Toy ")]
    assert toy.split()[1:] == ["8", "7", "1", "1", "0", "0", "4", "1", "1", "2.25"]
    (other,) = [line for line in text.splitlines() if "constraints.Other" in line]
    assert other.split()[1:] == ["3", "3", "1", "0", "1", "1", "0", "0", "0", "-"]
    (whole,) = [line for line in text.splitlines() if line.startswith("all ")]
    assert whole.split()[1:] == ["11", "10", "2", "1", "1", "1", "4", "1", "1"]
    assert text.splitlines()[0] == "toy.keras3 against golden"
    header = text.splitlines()[1].split()
    assert header == [
        *("class", "cases", "ran", "bitwise", "within", "truth", "rejected"),
        *("failed", "unsupported", "known"),
        "headroom",
    ]
    assert "4 cases of 1 class failed, for 4 causes:" in text
    assert "conformance show constraints.Toy/group/3 --subject toy.keras3" in text
    assert "value: 9 ULP where 4 are allowed" in text
    assert "constraints.Toy/group/1 " not in text
    assert (
        "not as expected: 11 comparisons of 11 cases in 1.2 s: 5 passed "
        "(2 bit for bit, 1 right where official Keras is not, 1 rejected by both)"
    ) in text


def test_the_terminal_counts_what_it_does_not_list() -> None:
    report = Report(Plan(subjects=("toy",), golden=Path()))
    report.results = [
        result(n, Verdict.FAIL, message=f"wrong {n}", aspect=f"aspect-{n}") for n in range(25)
    ]
    text = summary(report)
    assert text.count("conformance show constraints.Toy/group/") == 10
    assert "and 15 more causes" in text
    every = summary(report, detail=Detail.ALL)
    assert every.count("conformance show constraints.Toy/group/") == 25
    assert every.count("failed constraints.Toy/group/") == 25
    little = summary(report, detail=Detail.LITTLE).splitlines()
    assert len(little) == 13
    assert little[-1].startswith("not as expected")


def test_no_width_takes_the_names_of_classes() -> None:
    report = every_ending()
    long = "initializers.VarianceScalingOfOrthogonal"
    report.results = [replace(r, target=long) for r in report.results]
    for width in (60, 80, 100, 140, 200):
        lines = summary(report, width).splitlines()
        (row,) = [line for line in lines if line.startswith(f"{long} ")]
        (head,) = [line for line in lines if line.startswith("class ")]
        assert len(row.split()) == len(head.split())
        if width >= 80:
            assert "\u2026" not in head + row
            assert len(row) <= width


def test_classes_that_a_subject_lacks_are_one_line() -> None:
    report = every_ending()
    for number, name in enumerate(("A", "B", "C")):
        target = f"layers.{name}"
        report.results.append(result(90 + number, Verdict.UNSUPPORTED, target=target))
    text = summary(report)
    assert "layers.A" not in text
    assert "toy.keras3 lacks 3 classes (all of layers (3)): 3 cases are unsupported" in text


def test_an_interrupted_run_says_what_it_is_about() -> None:
    report = every_ending()
    report.interrupted = True
    report.planned = 1000
    text = summary(report)
    assert "interrupted: 11 of 1000 cases were finished" in text
    assert "as expected" not in text


def test_a_narrow_terminal_breaks_a_cause_between_words_and_a_pipe_nowhere() -> None:
    report = Report(Plan(subjects=("toy",), golden=Path()))
    phrase = "a phrase with brackets [] and so many words that two lines are needed for all of it"
    report.results = [result(1, Verdict.FAIL, signature=(phrase,), message=phrase)]
    said = io.StringIO()
    console = Console(file=said, width=60, height=24, force_terminal=True, color_system=None)
    terminal.summary(report, console)
    folded = [line for line in said.getvalue().splitlines() if "x constraints.Toy" in line]
    after = said.getvalue().partition(folded[0])[2].splitlines()[1]
    assert len(folded[0].rstrip()) <= 60
    assert f"{folded[0].strip()} {after.strip()}" in " ".join(said.getvalue().split())
    assert after.startswith("    ")
    assert (folded[0].split(": ", 1)[1].strip() + " " + after.strip()).startswith(phrase[:60])
    assert f"1 x constraints.Toy: {phrase}" in summary(report, 60)


@pytest.mark.parametrize(
    ("height", "examples"), [(24, range(0, 5)), (34, range(2, 10)), (99, [10])]
)
def test_every_cause_is_named_on_the_screen_with_as_many_examples_as_fit(
    height: int, examples: Container[int]
) -> None:
    report = Report(Plan(subjects=("toy",), golden=Path()))
    report.provenance = {"toy.keras3": {}}
    report.results = [
        result(
            *(n, Verdict.FAIL),
            target=f"constraints.Toy{n}",
            message=f"off by {n} ULP " * 4,
            signature=(f"value off {n}",),
        )
        for n in range(12)
    ]
    said = io.StringIO()
    console = Console(file=said, width=80, height=height, force_terminal=True, color_system=None)
    terminal.summary(report, console)
    text = re.sub(r"\x1b\[[0-9;]*m", "", said.getvalue())
    _, _, causes = text.partition("failed, for 12 causes:")
    lines = causes.splitlines()
    wrapped = sum(max(1, -(-len(line) // 80)) for line in lines)
    assert [line.split()[1:4:2] for line in lines if " x constraints.Toy" in line] == [
        ["1", f"constraints.Toy{n}:"] for n in range(10)
    ]
    shown = sum("conformance show" in line for line in lines)
    assert shown in examples
    assert wrapped <= height or shown == 10
    assert ("an example of each: -v" in causes) == (shown < 10)
