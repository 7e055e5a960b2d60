"""The oracle of layers and models: official answers against it, and errors that it must see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Final

import numpy as np
import pytest

from conformance import oracle
from conformance.claims.findings import load_findings
from conformance.judge.compare import compare
from conformance.model import (
    SAMPLE,
    Budget,
    Case,
    Outcome,
    Returned,
    Tensor,
    Tolerance,
    Value,
    Verdict,
    patterns,
)
from conformance.oracle import Truth, Unknown, truths
from conformance.oracle.bounded import Bounded
from conformance.oracle.judge import worst
from conformance.record.admission import explained
from conformance.vectors import store

TARGETS: Final = tuple(
    f"{path.parent.name}.{path.stem}"
    for path in store.paths(store.default_directory())
    if path.parent.name in ("layers", "models")
)

# Where a relative error of 1e-5 may be rounding: a glob over "id step name", for how many tensors
# at most, and why.
BLIND: Final = (
    ("*mixed_* gradient *", 88, "float32 gradients of a computation in 8 or 11 bits"),
    (
        "layers.Dense/fit* fit *",
        150,
        "each update starts from errors; Adam divides by its gradient",
    ),
    ("models.Sequential/fit/* fit *", 24, "the same, and through two layers"),
    ("layers.*/sequence-* fit *", 200, "Adam again, constraints after it, several trainings"),
    ("models.Sequential/sequence-* fit *", 350, "the same, and through two layers or more"),
    ("models.Sequential/setting-epsilon/* fit *", 32, "Adam, whose epsilon is its own"),
    ("models.Sequential/shared/* *", 26, "a layer twice: its errors add, and grow over epochs"),
    ("models.Sequential/loss/Huber-*float16 method *", 4, "a loss computed in 8 or 11 bits"),
    ("models.Sequential/mask/* fit *", 4, "two layers, of mixed precision"),
    ("models.Sequential/nested/* evaluate *", 2, "the loss after two epochs of three levels"),
    ("*tanh* gradient *", 18, "1 - y ** 2 cancels where y is near 1"),
    ("*softmax* gradient *", 18, "g - sum(g y) cancels; softmax makes relative errors of absolute"),
    ("layers.Dense/pairs/* gradient *", 10, "a relu at 0, within rounding, and softmax as above"),
)


@cache
def _entries(target: str) -> tuple[tuple[Case, str, str, str, Tensor, Truth], ...]:
    """Case, dialect, step, name, official value and truth of every tensor of a target."""
    golden = store.load(store.default_directory() / store.relative_path(target))
    found = []
    for entry in golden.cases:
        for dialect, outcomes in entry.expected.items():
            known = truths(entry.case, dialect, outcomes)
            for step, outcome, here in zip(entry.case.steps, outcomes, known, strict=False):
                for name, truth in here.items():
                    assert isinstance(outcome, Returned)
                    tensor = outcome.values[name]
                    assert isinstance(tensor, Tensor)
                    found.append((entry.case, dialect, step.do, name, tensor, truth))
    return tuple(found)


@pytest.mark.parametrize("target", TARGETS)
def test_official_values_are_within_their_budgets_or_a_finding(target: str) -> None:
    findings = load_findings(store.default_directory())
    beyond = {
        f"{case.id} {dialect} {step} {name}: {worst(truth, tensor):.3g}"
        for case, dialect, step, name, tensor, truth in _entries(target)
        if isinstance(truth, Bounded) and worst(truth, tensor) > 1
        if not explained(case.id, findings)
    }
    assert not beyond


def _injected(tensor: Tensor) -> Tensor | None:
    """The tensor with a relative error of 1e-5 in all elements; None where that changes none."""
    values = tensor.values()
    chosen = np.isfinite(values) & (np.abs(values) > np.finfo(np.float32).tiny)
    if tensor.dtype != "float32" or not chosen.any():
        return None
    return Tensor.of(np.where(chosen, values.astype(np.float64) * (1 + 1e-5), values), "float32")


def _is_sampled(case: Case) -> bool:
    """Whether it may have sums of hundreds of terms, which rounding moves by more; see test_sampled."""
    return any(SAMPLE in step.options for step in case.steps)


def _seen(tensor: Tensor, truth: Bounded) -> bool | None:
    """Whether this error is seen; None where there is nothing to see."""
    wrong = _injected(tensor)
    return None if wrong is None or tensor.shape != truth.shape else worst(truth, wrong) > 1


def test_an_error_of_1e_5_is_seen_but_where_rounding_can_make_it() -> None:
    seen = [
        (f"{case.id} {step} {name}", _seen(tensor, truth))
        for target in TARGETS
        for case, _, step, name, tensor, truth in _entries(target)
        if isinstance(truth, Bounded) and not _is_sampled(case)
    ]
    unseen = [one for one, found in seen if found is False]
    assert not {one for one in unseen if not any(patterns.covers(g, one) for g, *_ in BLIND)}
    for glob, most, why in BLIND:
        assert 0 < sum(patterns.covers(glob, one) for one in unseen) <= most, why
    assert len(unseen) < 0.07 * sum(found is not None for _, found in seen)


def test_an_output_that_is_off_by_1e_5_fails() -> None:
    """In a run, by the tolerance of its case, and with `--strict` all the more."""
    missed, asked = [], 0
    for target in TARGETS:
        golden = store.load(store.default_directory() / store.relative_path(target))
        for entry in (e for e in golden.cases if not _is_sampled(e.case)):
            for dialect, outcomes in entry.expected.items():
                for step, name, wrong in _wrong_outputs(entry.case, outcomes):
                    asked += 1
                    answer = list(outcomes)
                    answer[step] = Returned({**_values_of(outcomes[step]), name: wrong})
                    tolerances = (entry.case.tolerance, Tolerance())
                    seen = [_fails(answer, outcomes, entry.case, dialect, t) for t in tolerances]
                    assert seen[1], entry.case.id
                    if not seen[0]:
                        missed.append(f"{entry.case.id} {dialect}")
    assert asked > 2000
    assert not missed


def _wrong_outputs(case: Case, outcomes: Sequence[Outcome]) -> Iterator[tuple[int, str, Tensor]]:
    """Step, name and a wrong tensor, for all that calls return in float32."""
    for number, (step, outcome) in enumerate(zip(case.steps, outcomes, strict=False)):
        for name, value in _values_of(outcome).items() if step.do == "call" else ():
            wrong = _injected(value) if isinstance(value, Tensor) else None
            if wrong is not None:
                yield number, name, wrong


def _values_of(outcome: Outcome) -> Mapping[str, Value]:
    return outcome.values if isinstance(outcome, Returned) else {}


def _fails(
    answer: Sequence[Outcome],
    expected: Sequence[Outcome],
    case: Case,
    dialect: str,
    tolerance: Tolerance,
) -> bool:
    def budgets() -> Sequence[Mapping[str, Budget]]:
        return oracle.budgets(case, dialect, expected, tolerance)

    found = compare(answer, expected, tolerance, budgets=budgets)
    return Verdict.FAIL in {comparison.verdict for comparison in found}


def test_how_many_have_a_truth_and_how_tight_it_is() -> None:
    every = [row for target in TARGETS for row in _entries(target)]
    reasons = {truth.reason for *_, truth in every if isinstance(truth, Unknown)}
    assert {r for r in reasons if not r.startswith(REASONS)} == set()
    known = [(t, truth) for *_, t, truth in every if isinstance(truth, Bounded)]
    assert len(known) > 0.95 * len(every)
    used = [
        worst(truth, tensor)
        for tensor, truth in known
        if tensor.dtype == "float32" and tensor.shape == truth.shape and truth.error.any()
    ]
    assert float(np.median(used)) > 0.02


REASONS: Final = (
    "a random draw: ",
    "the error bound grows beyond ",
    "complex numbers ",
    "the documents do not say ",
    "its inputs themselves",
    "the oracle of layers has no ",
    # Whose cases ask for shapes, dtypes and what is refused.
    "the oracle has no layer TwoShapes",
    "the oracle has no layer Narrows",
    "the oracle has no layer Hands",
    "the oracle has no layer Decides",
    "the oracle has masks of the mean squared error alone",
    # Of draws, which have laws of their own, and of functions of integers and booleans.
    "the oracle knows no ",
    "the oracle does not answer it",
    "the oracle has no optimizer o",
    "the largest prediction may be another after rounding",
    "the oracle has no weights among the arguments",
    # Of what official Keras answers although the documents do not have it, and of copies with other weights.
    "the step set_weights or an earlier one is not possible",
    "the step fit or an earlier one is not possible",
    "the step method or an earlier one is not possible",
    "the step evaluate or an earlier one is not possible",
)
