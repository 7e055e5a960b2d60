"""The truth of a step that asks for a sample: the same elements of the whole truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from cases.asked import CASES

from conformance.model import SAMPLE, Case
from conformance.model.formulas import places
from conformance.oracle import told

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
        assert few.keys() == all_.keys()
        for name, truth in few.items():
            full = all_[name]
            if full.value.size > 64:
                at = places(full.value.size, 64)
                assert truth.shape == (64,)
                assert (truth.value == full.value.reshape(-1)[at]).all()
                assert (truth.error == full.error.reshape(-1)[at]).all()
                assert np.isfinite(truth.error).all()
                count += 1
    assert count >= 1
