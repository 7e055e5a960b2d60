"""A golden value is confirmed by the oracle, or explained by a finding, or not there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import plain_numpy
import pytest

from conformance.claims import findings
from conformance.claims.findings import Finding
from conformance.model import Case, Outcome, Returned, Tensor
from conformance.record import admission, record
from conformance.subjects.namespace import NamespaceSubject
from conformance.subjects.tensors import NumpyTensors
from conformance.vectors import store

DIALECT = {"tf_keras": "keras2", "keras": "keras3"}
UNIT_NORM = ("--select", "constraints.UnitNorm")
WRONG = "constraints.UnitNorm/arguments/defaults"


def off(outcome: Outcome, factor: float) -> Outcome:
    """The outcome with its float32 tensors multiplied."""
    if not isinstance(outcome, Returned):
        return outcome
    values = {
        name: Tensor.of(value.values() * np.float32(factor))
        if isinstance(value, Tensor) and value.dtype == "float32"
        else value
        for name, value in outcome.values.items()
    }
    return Returned(values)


class Official(NamespaceSubject):
    """Stands in for an official package: right, but for one case."""

    wrong: str = ""

    def answer(self, case: Case) -> list[Outcome]:
        outcomes = list(super().answer(case))
        return [off(o, 1.00001) for o in outcomes] if case.id == self.wrong else outcomes


@pytest.fixture
def officials(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes `record` ask packages that are wrong about one case."""

    def use(wrong: str) -> None:
        def resolve(package: str) -> list[Official]:
            subject = Official(package, DIALECT[package], plain_numpy, NumpyTensors())
            subject.wrong = wrong
            return [subject]

        monkeypatch.setattr(record, "resolve", resolve)

    return use


def snapshot(directory: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in store.paths(directory)}


@pytest.mark.parametrize("option", ["--check", "--write"])
def test_a_value_that_leaves_its_budget_is_not_recorded(
    option: str,
    golden_copy: Path,
    officials: Callable[[str], None],
    conformance: Callable[..., Any],
) -> None:
    officials(WRONG)
    before = snapshot(golden_copy)
    ended = conformance("record", option, *UNIT_NORM, "--golden", golden_copy)
    assert ended.status == 1
    assert f"not admitted {WRONG}: keras2: value of step 0 errs" in ended.out
    assert f"not admitted {WRONG}: keras3: value of step 0 errs" in ended.out
    assert ended.out.count("not admitted") == 2
    assert "nothing was written" in ended.out
    assert snapshot(golden_copy) == before


def test_a_finding_that_takes_the_case_admits_it(
    golden_copy: Path,
    officials: Callable[[str], None],
    conformance: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    officials(WRONG)
    known = findings.load_findings(golden_copy)
    more = (*known, Finding("off-by-a-little", (), 1, (WRONG,)))
    monkeypatch.setattr(findings, "load_findings", lambda directory: more)
    ended = conformance("record", "--write", *UNIT_NORM, "--golden", golden_copy)
    assert ended.status == 0, ended.out
    files = store.load_all(golden_copy)
    (file,) = [file for file in files if file.target == "constraints.UnitNorm"]
    named = {entry.case.id for entry in file.cases if entry.finding == "off-by-a-little"}
    assert named == {WRONG}
    assert admission.covered([file], more[-1:]).found.keys() >= {WRONG}


def problems(
    entry_change: Callable[[store.GoldenCase], store.GoldenCase],
    case_id: str,
    findings: Sequence[Finding],
) -> list[str]:
    """What is held against the golden file of a case that was changed."""
    directory = store.default_directory()
    file = store.load(directory / store.relative_path(case_id.partition("/")[0]))
    (entry,) = [entry for entry in file.cases if entry.case.id == case_id]
    alone = replace(file, cases=(entry_change(entry),))
    return admission.covered([alone], findings).problems


def test_a_golden_file_says_which_of_its_values_leave_their_budgets() -> None:
    wrong = "constraints.RadialConstraint/place/4x4"
    finding = Finding("radial-order", (), 1, ("constraints.RadialConstraint/place/4x4",))
    assert problems(lambda e: e, wrong, [finding]) == []
    (unnamed,) = problems(lambda e: replace(e, finding=""), wrong, [finding])
    assert unnamed.startswith(f"{wrong}: keras2: value of step 0 ")
    (other,) = problems(lambda e: replace(e, finding="other"), wrong, [finding])
    assert "must name the finding that takes it, radial-order; names other" in other
    gone = problems(lambda e: e, wrong, [])
    assert gone == [
        f"{wrong}: must name the finding that takes it, and none does; names radial-order"
    ]


def test_a_finding_names_no_case_that_keeps_to_its_budget() -> None:
    (kept,) = problems(lambda e: replace(e, finding="x"), WRONG, [])
    assert kept == f"{WRONG}: names the finding x, and keeps to its budget"
    (idle,) = problems(lambda e: e, WRONG, [Finding("x", (), 1, (WRONG,))])
    assert idle == f"finding x: beyond {WRONG!r} takes no case that leaves its budget"


def test_every_value_is_counted_with_its_truth_or_the_reason_why_it_has_none() -> None:
    directory = store.default_directory()
    file = store.load(directory / "initializers" / "RandomNormal.json")
    found = admission.covered([file], ())
    tensors = sum(
        isinstance(value, Tensor)
        for entry in file.cases
        for outcomes in entry.expected.values()
        for outcome in outcomes
        if isinstance(outcome, Returned)
        for value in outcome.values.values()
    )
    assert tensors == found.unknown.total() + sum(map(len, found.known.values()))
    assert found.unknown["a random draw: judged by its law"] > 100
    assert all(found.unknown)
