"""A report that is made up, in which every ending occurs."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from rich.console import Console

from conformance.model import Grade, Result, Verdict
from conformance.report import terminal
from conformance.runner.report import Plan, Report

# How many cases of its first class end how.
TALLY = {
    "cases": 8, "ran": 7, "bitwise": 1, "within": 1, "truth": 0, "rejected": 0,
    "failed": 4, "unsupported": 1, "known": 1,
}  # fmt: skip
# Options of a run of plain NumPy: classes that it has, with right and wrong answers, and classes that it has not.
SOME = (
    *("--select", "constraints*", "--select", "initializers.*/dtype/*"),
    *("--select", "regularizers.get", "--select", "layers.Dense/config/*"),
)
NASTY = "bell \x07 escape \x1b[31m nul \x00 [bold]no markup[/] [/] <tag> & é \ud800 end"


def result(number: int, verdict: Verdict, **changes: Any) -> Result:
    fields: dict[str, Any] = {
        "id": f"constraints.Toy/group/{number}",
        "subject": "toy.keras3",
        "dialect": "keras3",
        "target": "constraints.Toy",
        "against": "golden",
        "aspect": "value",
        "verdict": verdict,
    }
    return Result(**{**fields, **changes})


def every_ending() -> Report:
    """A report in which each verdict occurs, and a case with two aspects that disagree."""
    report = Report(Plan(subjects=("toy",), golden=Path()))
    report.provenance = {"toy.keras3": {"package": "toy"}}
    report.planned = 11
    report.seconds = 1.23456
    report.results = [
        result(1, Verdict.PASS, grade=Grade.BITWISE, error_ulp=0.0, headroom=0.0),
        result(1, Verdict.PASS, grade=Grade.BITWISE, aspect="shape"),
        result(2, Verdict.PASS, grade=Grade.WITHIN, error_ulp=3.0, headroom=0.75),
        result(2, Verdict.PASS, grade=Grade.BITWISE, aspect="shape"),
        result(3, Verdict.FAIL, message="9 ULP where 4 are allowed", error_ulp=9.0, headroom=2.25),
        result(3, Verdict.PASS, grade=Grade.BITWISE, aspect="shape"),
        result(4, Verdict.UNSUPPORTED, aspect="accepted", message="has no Toy"),
        result(5, Verdict.KNOWN_FAILURE, message="known: rounding"),
        result(6, Verdict.UNEXPECTED_PASS, message="expected to fail"),
        result(7, Verdict.MISSING, message="no value in the answer"),
        result(8, Verdict.FAIL, aspect="accepted", message=NASTY),
        result(8, Verdict.BLOCKED, message="the step was not accepted"),
        result(9, Verdict.PASS, grade=Grade.BITWISE, target="constraints.Other"),
        result(10, Verdict.PASS, grade=Grade.REJECTED, target="constraints.Other"),
        result(11, Verdict.PASS, grade=Grade.REJECTED, target="constraints.Other"),
        result(11, Verdict.PASS, grade=Grade.TRUTH, target="constraints.Other"),
    ]
    return report


def summary(
    report: Report, width: int = 140, detail: terminal.Detail = terminal.Detail.USUAL
) -> str:
    """What the terminal says of it."""
    said = io.StringIO()
    terminal.summary(report, Console(file=said, width=width), detail=detail)
    return said.getvalue()
