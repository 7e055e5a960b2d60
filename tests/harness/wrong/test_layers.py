"""Whatever is wrong with a layer, the run fails it, by the name of the class and the aspect."""

from __future__ import annotations

from collections import Counter

import pytest

from conformance.model import Grade, Verdict
from conformance.runner.report import Plan
from conformance.runner.run import run
from wrong import OFFICIAL, GoldenOf, failures, in_turn, parameters
from wrong.layers import MISTAKES
from wrong.layers.making import Mistake, make


@pytest.mark.parametrize(("mistake", "dialect"), in_turn(MISTAKES))
def test_a_mistake_is_failed(
    mistake: Mistake,
    dialect: str,
    golden_of: GoldenOf,
    recorded_of: GoldenOf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without the mistake the same cases pass, so that it is the mistake which fails."""
    subject = OFFICIAL[dialect]
    golden = (recorded_of if mistake.strict else golden_of)(mistake.select)
    plan = Plan((subject,), golden, select=mistake.select, strict=mistake.strict)
    assert failures(run(plan)) == {}
    make(mistake, dialect, monkeypatch)
    report = run(plan)
    assert report.exit_status() == 1
    found = failures(report)
    assert set(found) == {mistake.target}
    assert found[mistake.target] >= set(mistake.aspects)
    others = [result for result in report.results if result.target != mistake.target]
    assert others
    assert {result.verdict for result in others} == {Verdict.PASS}


@pytest.mark.parametrize(
    ("mistake", "dialect"), [p for p in parameters(MISTAKES) if p.values[0].strict]
)
def test_a_small_mistake_is_within_the_tolerance(
    mistake: Mistake, dialect: str, golden_of: GoldenOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What only `--strict` sees is graded `within` otherwise, and its headroom says how far."""
    make(mistake, dialect, monkeypatch)
    plan = Plan((OFFICIAL[dialect],), golden_of(mistake.select), select=mistake.select)
    report = run(plan)
    assert failures(report) == {}
    values = [r for r in report.results if r.target == mistake.target and r.aspect == "value"]
    within = [r for r in values if r.grade is Grade.WITHIN]
    assert within
    assert all(r.headroom is not None and 0 < r.headroom <= 1 for r in within)


def test_every_aspect_and_every_kind_of_layer_has_mistakes() -> None:
    aspects = {aspect for mistake in MISTAKES for aspect in mistake.aspects}
    assert aspects == {
        *("accepted", "value", "shape", "dtype", "nonfinite", "zero-sign", "weights", "losses"),
        *("count", "gradient", "attributes", "config", "serialized", "input"),
    }
    by_target = Counter(mistake.target for mistake in MISTAKES)
    assert by_target["layers.Dense"] >= 12
    assert by_target["layers.Conv2D"] >= 12
    assert len(by_target) >= 7
    names = [(mistake.target, mistake.name, d) for mistake in MISTAKES for d in mistake.dialects]
    assert len(set(names)) == len(names)
    assert len({mistake.name for mistake in MISTAKES}) >= 36
