"""The tolerance that a case gets of the oracle: as wide as two right answers need, and no wider."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from conformance.cases import every_case
from conformance.judge.compare import compare
from conformance.model import (
    COMPUTED,
    EPSILON,
    MOST,
    Case,
    Kind,
    Outcome,
    Returned,
    Tensor,
    Tolerance,
    Value,
    Verdict,
    allowance,
)
from conformance.oracle import Bounded, Unknown, budgets, truths
from conformance.oracle.tolerance import settled
from conformance.runner.run import live_tolerance
from conformance.subjects import resolve
from conformance.vectors import store
from conformance.vectors.store import GoldenCase

TARGETS = (
    "constraints.MinMaxNorm",
    "regularizers.OrthogonalRegularizer",
    "regularizers.L1L2",
    "initializers.STFT",
    "layers.Dense",
    "layers.Conv2D",
)


def entries(target: str) -> tuple[GoldenCase, ...]:
    return store.load(store.default_directory() / store.relative_path(target)).cases


def ends(entry: GoldenCase) -> Iterator[tuple[Outcome, Outcome, Tolerance]]:
    """For each tensor with a budget: its two ends, a little inside, and the tolerance of the tensor."""
    tolerance = entry.case.tolerance
    for dialect, outcomes in entry.expected.items():
        known = budgets(entry.case, dialect, outcomes, tolerance)
        for step, (outcome, here) in enumerate(zip(outcomes, known, strict=False)):
            for name, budget in here.items():
                assert isinstance(outcome, Returned)
                tensor = outcome.values[name]
                assert isinstance(tensor, Tensor)
                if not isinstance(budget, Bounded) or not np.isfinite(budget.error).all():
                    continue
                if budget.headroom(tensor).max(initial=0.0) > 1:
                    continue
                own = tolerance.at(step).of(name)
                room = allowance.allowed(own, budget.value, tensor.dtype)
                if (2 * budget.error > room * (1 + 1e-9)).any():
                    continue  # official Keras errs by more than half of the tolerance
                low, high = (_end(budget, tensor, sign) for sign in (-1, 1))
                yield Returned({"value": low}), Returned({"value": high}), own


def _end(budget: Bounded, tensor: Tensor, sign: int) -> Tensor:
    """The end of a budget in the dtype of the tensor; the expected number where rounding leads out of it."""
    with np.errstate(over="ignore"):
        end = Tensor.of(budget.value + sign * 0.9 * budget.error, tensor.dtype)
    inside = budget.headroom(end) <= 1
    return Tensor.of(np.where(inside, end.values(), tensor.values()), tensor.dtype)


@pytest.mark.parametrize("target", TARGETS)
def test_two_correct_answers_are_within_the_tolerance_that_golden_cases_carry(target: str) -> None:
    compared = 0
    for entry in entries(target)[::3]:
        for low, high, tolerance in ends(entry):
            found = {c.aspect: c for c in compare([low], [high], tolerance)}
            assert found["value"].verdict is Verdict.PASS, (entry.case.id, found["value"])
            compared += 1
    assert compared > 10


@pytest.mark.parametrize("target", ["constraints.MaxNorm", "regularizers.L2", "layers.Conv1D"])
def test_it_is_no_wider_than_it_need_be(target: str) -> None:
    seen = [
        max(c.headroom or 0.0 for c in compare([low], [high], tolerance))
        for entry in entries(target)[::5]
        for low, high, tolerance in ends(entry)
        if tolerance.kind is not Kind.EXACT
    ]
    # 0.9 of both budgets.
    assert max(seen) > 0.4
    assert float(np.median(seen)) > 0.1


def test_a_row_that_states_its_tolerance_keeps_it() -> None:
    case = Case("layers.X/a/b", "layers.X", tolerance=Tolerance(Kind.ULP, 3, "a reason"))
    assert settled(case, {}) is case


def test_without_a_truth_the_tolerance_says_so() -> None:
    found = [
        entry
        for entry in entries("constraints.MaxNorm")
        if entry.case.id.endswith("arguments/max_value=-inf")
    ]
    (entry,) = found
    tolerance = settled(replace(entry.case, tolerance=COMPUTED), entry.expected).tolerance
    assert (tolerance.kind, tolerance.ulp) == (Kind.ULP, 16)
    assert "no truth" in tolerance.why


def test_what_cannot_be_rounded_is_exact() -> None:
    (entry,) = (e for e in entries("layers.Dense") if e.case.id == "layers.Dense/empty/0x3")
    assert settled(replace(entry.case, tolerance=COMPUTED), entry.expected).tolerance.kind is (
        Kind.EXACT
    )


def test_only_random_draws_and_what_has_no_truth_have_a_tolerance_that_a_person_chose() -> None:
    stated = [
        case
        for case in every_case()
        if case.tolerance.kind in (Kind.ULP, Kind.BOUND, Kind.EACH) and case.tolerance.law is None
    ]
    # These draw a kernel, and look at a bias that is none.
    assert {case.id.rpartition("-")[0] for case in stated} == {"layers.Dense/documented/kernel"}


def test_no_golden_case_waits_for_its_tolerance() -> None:
    for file in store.load_all(store.default_directory()):
        assert all(entry.case.tolerance.kind is not Kind.COMPUTED for entry in file.cases)


@pytest.mark.parametrize(
    ("values", "other_draws", "verdict"),
    [
        (lambda v: v / 2, True, Verdict.PASS),
        (lambda v: v / 2, False, Verdict.FAIL),
        (lambda v: v * np.nan, True, Verdict.BLOCKED),
        (lambda v: v[..., :1], True, Verdict.BLOCKED),
    ],
)
def test_draws_inside_of_a_layer_may_be_those_of_another_generator(
    values: Callable[[Any], Any], other_draws: bool, verdict: Verdict
) -> None:
    name = "layers.SeparableConv1D/initializers/pointwise=GlorotUniform"
    (entry,) = (e for e in entries("layers.SeparableConv1D") if e.case.id == name)
    expected = entry.expected["keras3"]
    (drawn,) = (
        n for n, t in truths(entry.case, "keras3", expected)[1].items() if isinstance(t, Unknown)
    )
    assert isinstance(expected[1], Returned)
    wanted = expected[1].values[drawn]
    assert isinstance(wanted, Tensor)
    got = Tensor.of(values(wanted.values()), wanted.dtype)
    answer = [expected[0], Returned({**expected[1].values, drawn: got})]
    known = budgets(entry.case, "keras3", expected, entry.case.tolerance, other_draws=other_draws)
    found = compare(
        answer, expected, entry.case.tolerance, other_draws=other_draws, budgets=lambda: known
    )
    assert {c.aspect: c.verdict for c in found}["weights"] is verdict


def test_what_official_keras_raised_for_once_and_computes_now_has_a_tolerance() -> None:
    """As with oneDNN, which takes channels first: of it no value was recorded."""
    name = "layers.Conv2D/equal-axes-channels-first/valid"
    (entry,) = (e for e in entries("layers.Conv2D") if e.case.id == name)
    recorded = entry.expected["keras3"]
    assert entry.case.tolerance.kind is Kind.EXACT
    (subject,) = resolve("impl.keras3")
    live = subject.answer(entry.case)
    assert 0 < live_tolerance(entry.case, "keras3", recorded, live).ulp < 100
    assert live_tolerance(entry.case, "keras3", recorded, recorded) is entry.case.tolerance
    assert live_tolerance(entry.case, "keras3", live, live) is entry.case.tolerance


@pytest.mark.parametrize("target", ["layers.Dense", "layers.Conv2D", "constraints.UnitNorm"])
def test_no_budget_is_over_half_of_the_tolerance_that_the_file_carries(target: str) -> None:
    """Worst cases in bfloat16 are: 65 times the largest output of a convolution was one."""
    cut = 0
    for entry in entries(target):
        tolerance = entry.case.tolerance
        for dialect, outcomes in entry.expected.items():
            known = budgets(entry.case, dialect, outcomes, tolerance)
            every = truths(entry.case, dialect, outcomes)
            for step, (here, whole) in enumerate(zip(known, every, strict=False)):
                for name, budget in here.items():
                    truth, own = whole[name], tolerance.at(step).of(name)
                    assert isinstance(budget, Bounded)
                    assert isinstance(truth, Bounded)
                    assert (budget.error <= truth.error).all()
                    cut += bool((budget.error < truth.error).any())
                    outcome = outcomes[step]
                    assert isinstance(outcome, Returned)
                    value = outcome.values[name]
                    assert isinstance(value, Tensor)
                    if own.kind is not Kind.EXACT and value.dtype in EPSILON:
                        room = allowance.allowed(own, budget.value, value.dtype)
                        with np.errstate(invalid="ignore"):
                            room = np.fmax(room, 2 * np.abs(value.values() - budget.value))
                        ends = np.isfinite(budget.error)
                        assert (2 * budget.error[ends] <= room[ends] * (1 + 1e-9)).all()
    assert cut > 10


def test_the_tolerances_of_a_case_are_those_of_its_tensors() -> None:
    name = "layers.Dense/fit/SGD-momentum-mixed_bfloat16"
    (entry,) = (e for e in entries("layers.Dense") if e.case.id == name)
    found = settled(replace(entry.case, tolerance=COMPUTED), entry.expected).tolerance
    assert found == entry.case.tolerance
    (outcome,) = (
        o for o in entry.expected["keras3"] if isinstance(o, Returned) and "losses:0" in o.values
    )
    fitted = found.at(2)
    for key, value in outcome.values.items():
        assert isinstance(value, Tensor)
        numbers = value.values().astype(np.float64)
        room = allowance.allowed(fitted.of(key), numbers, value.dtype)
        assert 0 < room.max() <= MOST * np.abs(numbers).max(), key


def test_where_official_keras_errs_more_than_the_tolerance_a_precise_answer_passes() -> None:
    """Of a window in bfloat16: official Keras is off by 9.5 units where the tolerance allows eight."""
    name = "initializers.STFT/arguments/side=real,window=None,scaling=density,periodic=False-8x1x7-bfloat16"
    (entry,) = (e for e in entries("initializers.STFT") if e.case.id == name)
    expected = entry.expected["keras3"]
    tolerance = entry.case.tolerance
    (known,) = truths(entry.case, "keras3", expected)
    truth = known["value"]
    assert isinstance(truth, Bounded)
    precise = [Returned({**_values(expected[0]), "value": Tensor.of(truth.value, "bfloat16")})]
    found = compare(precise, expected, tolerance)
    assert {c.aspect for c in found if c.verdict is Verdict.FAIL} == {"value"}
    judging = budgets(entry.case, "keras3", expected, tolerance)
    found = compare(precise, expected, tolerance, budgets=lambda: judging)
    assert all(c.verdict is Verdict.PASS for c in found)


def _values(outcome: Outcome) -> Mapping[str, Value]:
    assert isinstance(outcome, Returned)
    return outcome.values
