"""A run, in this process."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from harness import PLAIN

from conformance.cases import every_case
from conformance.model import Verdict
from conformance.runner.report import Against, Plan
from conformance.runner.run import run, same_bits_expected


def test_kinds_of_errors_are_compared_on_request(golden: Path) -> None:
    select = ("constraints.MaxNorm/rejected/*",)
    plan = Plan(("tf_keras",), golden, select=select, against=Against.BOTH)
    assert "exception" not in {r.aspect for r in run(plan).results}
    report = run(replace(plan, exceptions=True))
    found = [r for r in report.results if r.aspect == "exception"]
    assert {r.against for r in found} == {"golden", "official"}
    assert {r.verdict for r in found} == {Verdict.PASS}


def test_the_bits_of_training_are_asked_of_the_package_only(golden: Path) -> None:
    """The compiled step of another package is another graph, which may sum in another order."""
    fitted = "layers.Dense/fit-penalties/kernel-OrthogonalRegularizer"
    called = "layers.Dense/rank/2x3-to-4"
    cases = {each.id: each for each in every_case() if each.id in (fitted, called)}
    for name, expected in (("keras", True), ("tf_keras", True), ("impl.keras3", False)):
        assert same_bits_expected(cases[fitted], name) is expected
        assert same_bits_expected(cases[called], name)
    plan = Plan(("impl.keras3",), golden, select=(fitted,), against=Against.OFFICIAL, strict=True)
    report = run(plan)
    assert {r.verdict for r in report.results} == {Verdict.PASS}
    assert any(r.aspect == "weights" for r in report.results)


def test_who_watches_is_told_how_many_cases_failed_so_far(golden: Path) -> None:
    plan = Plan((PLAIN,), golden, select=("constraints.NonNeg",), in_process=True)
    told: list[int] = []
    report = run(plan, failed=told.append)
    assert len(told) == report.planned > 0
    assert told == sorted(told)
    (tally,) = report.tallies().values()
    assert told[-1] == tally.failed > 0
