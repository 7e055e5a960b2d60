"""The truth of a step that asks for a sample: the same elements of the whole truth."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from cases.asked import CASES

from conformance.model import SAMPLE, SHAPE, Case, Returned, Tensor
from conformance.model.formulas import places
from conformance.oracle import budgets, told
from conformance.oracle.bounded import Bounded
from conformance.vectors import store

IDS = (
    "constraints.MaxNorm/large/257x513-axis=1-float32",
    "layers.Dense/large/5x513-to-257-float32",
    "layers.Conv1D/large/2x101x31,filters=67,kernel_size=5-bfloat16",
)


def whole(case: Case) -> Case:
    """The case without samples."""
    steps = [
        replace(s, options={k: v for k, v in s.options.items() if k != SAMPLE}) for s in case.steps
    ]
    return replace(case, steps=tuple(steps))


@pytest.mark.parametrize("case_id", IDS)
def test_a_sampled_truth_has_the_elements_of_the_whole_one(case_id: str) -> None:
    (case,) = (case for case in CASES if case.id == case_id)
    count = 0
    for few, all_ in zip(told(case, "keras2"), told(whole(case), "keras2"), strict=True):
        assert few.keys() >= all_.keys()
        for name, full in all_.items():
            truth = few[name]
            assert (SHAPE + name in few) == (full.value.size > 64)
            if full.value.size > 64:
                at = places(full.value.size, 64)
                assert truth.shape == (64,)
                assert tuple(few[SHAPE + name].value) == full.shape
                assert (truth.value == full.value.reshape(-1)[at]).all()
                assert (truth.error == full.error.reshape(-1)[at]).all()
                assert np.isfinite(truth.error).all()
                count += 1
    assert count >= 1


# By dtype: how much of the largest magnitude in its tensor a budget may be, of which a half is cut off where the
# tolerance is: 8 units of bfloat16, and 1/100 otherwise.
WIDEST = {"float16": 0.005, "bfloat16": 4 / 128, "float32": 5e-3, "float64": 1e-10}


def test_the_budgets_of_large_cases_are_well_below_their_values() -> None:
    asked = Counter[str]()
    for path in store.paths(store.default_directory()):
        for entry in (e for e in store.load(path).cases if "large" in e.case.flags):
            for dialect, outcomes in entry.expected.items():
                held = budgets(entry.case, dialect, outcomes, entry.case.tolerance)
                for outcome, here in zip(outcomes, held, strict=False):
                    for name, budget in here.items():
                        assert isinstance(budget, Bounded)
                        assert isinstance(outcome, Returned)
                        tensor = outcome.values[name]
                        assert isinstance(tensor, Tensor)
                        off = np.abs(tensor.values().astype(np.float64) - budget.value)
                        # Where official Keras itself is off by more, so may others be.
                        room = budget.error[budget.error > off * (1 + 1e-9)].max(initial=0.0)
                        largest = np.abs(budget.value).max()
                        policy = entry.case.arguments.get("dtype", tensor.dtype)
                        dtype = str(policy).removeprefix("mixed_")
                        assert room <= WIDEST[dtype] * largest, (entry.case.id, name)
                        asked[dtype] += 1
    assert all(asked[dtype] > 150 for dtype in WIDEST), asked
