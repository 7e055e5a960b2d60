"""Wrong subjects that behave as published reports tell: each fails the case that `golden/published.toml` names."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.model import DIALECTS, Verdict
from conformance.runner.report import Plan, Report
from conformance.runner.run import run
from conformance.strength.reports import How, Published, load
from conformance.vectors import store
from wrong import OFFICIAL, GoldenOf
from wrong.dying import DYING, Dying
from wrong.pairs import PAIRS
from wrong.pairs.making import make

BY_PAIR = {f"{pair.target}-{pair.name}-{d}": (pair, d) for pair in PAIRS for d in pair.dialects}
BY_DEATH = {dying.test_id: dying for dying in DYING}
ROWS = [row for row in load(store.default_directory()) if row.how is How.WRONG]


def fails(row: Published, report: Report) -> bool:
    verdicts = {r.verdict for r in report.results if (r.id, r.aspect) == (row.case, row.aspect)}
    return bool(verdicts & {Verdict.FAIL, Verdict.MISSING})


@pytest.mark.parametrize("row", [r for r in ROWS if r.wrong in BY_PAIR], ids=lambda row: row.id)
def test_a_pair_fails_the_case_of_the_report(
    row: Published, golden_of: GoldenOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair, dialect = BY_PAIR[row.wrong]
    assert pair.asks(row.case)
    make(pair, pair.wrong, dialect, monkeypatch)
    select = (row.case,)
    plan = Plan(
        (OFFICIAL[dialect],), golden_of(select), select=select, follow=pair.follow, mode=pair.mode
    )
    assert fails(row, run(plan))


@pytest.fixture
def asked(
    tmp_path: Path, golden_of: GoldenOf, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Dying, str], Report]:
    """The report of a module that dies, or of its twin."""
    monkeypatch.syspath_prepend(tmp_path)

    def ask(dying: Dying, text: str) -> Report:
        monkeypatch.delitem(sys.modules, "dying_module", raising=False)
        (tmp_path / "dying_module.py").write_text(text)
        select = (f"{dying.target}/{dying.case}",)
        plan = Plan(("module:dying_module:keras3",), golden_of(select), select=select)
        return run(plan)

    return ask


@pytest.mark.parametrize("dying", DYING, ids=lambda dying: dying.test_id)
def test_a_subject_that_dies_is_failed(dying: Dying, asked: Callable[[Dying, str], Report]) -> None:
    report = asked(dying, dying.text())
    assert report.exit_status() == 1
    failed = next(r for r in report.results if r.verdict is Verdict.FAIL)
    assert failed.aspect == "accepted"
    assert "ended by SIGABRT" in failed.message
    for row in ROWS:
        if row.wrong == dying.test_id:
            assert fails(row, report), row.id


@pytest.mark.parametrize(
    "dying", [d for d in DYING if d.dies == "call"], ids=lambda dying: dying.test_id
)
def test_its_twin_that_lives_passes(dying: Dying, asked: Callable[[Dying, str], Report]) -> None:
    report = asked(dying, dying.text(dies=False))
    assert report.exit_status() == 0
    assert {r.verdict for r in report.results} == {Verdict.PASS}


def test_every_row_names_a_wrong_subject_that_is_there() -> None:
    assert {row.wrong for row in ROWS} <= BY_PAIR.keys() | BY_DEATH.keys()
    assert all(row.wrong.endswith(DIALECTS) for row in ROWS)
