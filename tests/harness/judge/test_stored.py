"""By the tolerances of the golden files alone, as readers without the oracle judge, and by the budgets of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial

import numpy as np
import pytest

from conformance import oracle
from conformance.judge.compare import compare
from conformance.model import (
    Budget,
    Comparison,
    Outcome,
    Returned,
    Tensor,
    Value,
    Verdict,
)
from conformance.subjects import OFFICIAL, Subject, resolve
from conformance.vectors import store
from conformance.vectors.store import GoldenCase

FACTORS = (-50.0, 1.02)


@cache
def entries(part: str) -> tuple[GoldenCase, ...]:
    files = store.load_all(store.default_directory())
    return tuple(e for file in files for e in file.cases if part in e.case.id)


def wrong(
    outcomes: Sequence[Outcome], prefix: str, factor: float
) -> Iterator[tuple[str, list[Outcome]]]:
    """For each tensor whose name starts so and that is not all zeros, the answer with it multiplied."""
    for step, outcome in enumerate(outcomes):
        values: Mapping[str, Value] = outcome.values if isinstance(outcome, Returned) else {}
        for name, value in values.items():
            if not isinstance(value, Tensor) or not name.startswith(prefix):
                continue
            if not value.values().any():
                continue
            times = Tensor.of(value.values().astype(np.float64) * factor, value.dtype)
            answer = list(outcomes)
            answer[step] = Returned({**values, name: times})
            yield f"{step} {name}", answer


def failed(found: Sequence[Comparison]) -> set[str]:
    return {c.aspect for c in found if c.verdict is Verdict.FAIL}


def missed(entry: GoldenCase, prefix: str, factor: float, *, budgets: bool) -> list[str]:
    """The tensors that may be multiplied by `factor`, and pass."""
    case, passed = entry.case, []
    for dialect, outcomes in entry.expected.items():
        for what, answer in wrong(outcomes, prefix, factor):
            ask = partial(oracle.budgets, case, dialect, outcomes, case.tolerance)
            known: Sequence[Mapping[str, Budget]] = ask() if budgets else ()
            found = compare(answer, outcomes, case.tolerance, budgets=lambda known=known: known)  # type: ignore[misc]
            if prefix not in failed(found):
                passed.append(f"{case.id} {dialect} {what}")
    return passed


@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("budgets", [False, True])
def test_wrong_weights_after_training_fail(factor: float, budgets: bool) -> None:
    fits = [e for e in entries("/fit") if any(s.do == "fit" for s in e.case.steps)]
    assert len(fits) > 50
    found = [line for e in fits for line in missed(e, "weights", factor, budgets=budgets)]
    assert found == []


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize("budgets", [False, True])
def test_wrong_gradients_of_a_mixed_policy_fail(policy: str, budgets: bool) -> None:
    mixed = [e for e in entries(policy) if any(s.do == "gradient" for s in e.case.steps)]
    assert len(mixed) > 10
    # Eight units of bfloat16 are 1/16.
    for factor in (-50.0, 1.1):
        found = [line for e in mixed for line in missed(e, "gradient", factor, budgets=budgets)]
        assert found == []


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_wrong_outputs_in_narrow_dtypes_fail(dtype: str) -> None:
    """The worst case of a softmax after a convolution in bfloat16 was 65 times the largest output."""
    found = [
        line
        for e in entries(f"/{dtype}-softmax")
        for line in missed(e, "value", -50.0, budgets=True)
    ]
    assert len(entries(f"/{dtype}-softmax")) >= 6
    assert found == []


@pytest.fixture(scope="module")
def officials() -> dict[str, Subject]:
    return {dialect: resolve(package)[0] for dialect, package in OFFICIAL.items()}


@pytest.mark.parametrize(
    "part",
    ["layers.Dense/fit/SGD", "gradient/dtype=", "constraints.MinMaxNorm/dtype"],
)
def test_official_answers_keep_to_the_tolerances_alone(
    part: str, officials: Mapping[str, Subject]
) -> None:
    """On whatever processor this runs; the golden files were recorded on another."""
    asked = 0
    every = 2 if "/fit/" in part else 1  # a training takes half a second
    for entry in entries(part)[::every]:
        for dialect, outcomes in entry.expected.items():
            found = compare(officials[dialect].answer(entry.case), outcomes, entry.case.tolerance)
            assert not failed(found), (entry.case.id, dialect, found)
            asked += 1
    assert asked >= 20
