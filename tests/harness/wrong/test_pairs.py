"""Of two subjects that differ in one mistake, the run fails the wrong one by name, and passes the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from conformance.model import Fault, Result, Verdict
from conformance.runner.report import Plan, Report
from conformance.runner.run import run
from conformance.subjects import provenance
from wrong import OFFICIAL, GoldenOf, in_turn
from wrong.layers.making import Change
from wrong.pairs import PAIRS
from wrong.pairs.making import Pair, make

Asked = Callable[[Pair, Change, str], Report]


@pytest.fixture
def asked(golden_of: GoldenOf, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """The report of official Keras with a change.

    What is known of official Keras where TensorFlow uses oneDNN, that it computes what other kernels refuse, is
    not known of a twin: it is right, or wrong, by its change.
    """
    monkeypatch.setattr(provenance, "_onednn", lambda: False)

    def ask(pair: Pair, change: Change, dialect: str) -> Report:
        golden = golden_of(pair.select)
        make(pair, change, dialect, monkeypatch)
        plan = Plan(
            (OFFICIAL[dialect],), golden, select=pair.select, follow=pair.follow, mode=pair.mode
        )
        return run(plan)

    return ask


def by_id(pair: Pair, report: Report) -> dict[str, list[Result]]:
    """The results of the cases of a pair, by their ids."""
    found: dict[str, list[Result]] = {}
    for result in report.results:
        if pair.asks(result.id):
            found.setdefault(result.id, []).append(result)
    assert found
    return found


@pytest.mark.parametrize(("pair", "dialect"), in_turn(PAIRS))
def test_the_wrong_one_is_failed(pair: Pair, dialect: str, asked: Asked) -> None:
    report = asked(pair, pair.wrong, dialect)
    assert report.exit_status() == 1
    for case_id, results in by_id(pair, report).items():
        failed = {r.aspect for r in results if r.verdict in (Verdict.FAIL, Verdict.MISSING)}
        assert failed >= set(pair.aspects), case_id
        # Who answers by the truth has no fault, and whoever is failed here has it.
        assert Fault.OFFICIAL not in {r.fault for r in results if r.aspect in pair.aspects}


def twins(pairs: Iterable[Pair]) -> Iterable[Pair]:
    """The pairs whose right twins differ: often that is official Keras as it is, asked the same."""
    return {
        (p.select, p.right, p.dialects, p.grade, p.mode): p for p in reversed([*pairs])
    }.values()


@pytest.mark.parametrize(("pair", "dialect"), in_turn(twins(PAIRS)))
def test_the_right_one_passes(pair: Pair, dialect: str, asked: Asked) -> None:
    report = asked(pair, pair.right, dialect)
    assert report.exit_status() == 0
    for case_id, results in by_id(pair, report).items():
        assert {r.verdict for r in results} == {Verdict.PASS}, case_id
        if pair.grade:
            assert {r.grade for r in results if r.aspect in pair.aspects} == {pair.grade}, case_id


def test_every_pair_has_a_name_and_fails_something() -> None:
    names = [(pair.target, pair.name, dialect) for pair in PAIRS for dialect in pair.dialects]
    assert len(set(names)) == len(names)
    assert all(pair.aspects for pair in PAIRS)
