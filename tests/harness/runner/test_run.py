"""A run, in this process."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from conformance.model import Verdict
from conformance.runner.report import Against, Plan
from conformance.runner.run import run


def test_kinds_of_errors_are_compared_on_request(golden: Path) -> None:
    select = ("constraints.MaxNorm/rejected/*",)
    plan = Plan(("tf_keras",), golden, select=select, against=Against.BOTH)
    assert "exception" not in {r.aspect for r in run(plan).results}
    report = run(replace(plan, exceptions=True))
    found = [r for r in report.results if r.aspect == "exception"]
    assert {r.against for r in found} == {"golden", "official"}
    assert {r.verdict for r in found} == {Verdict.PASS}
