"""Answers against the truth: how much of their error budget they use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from conformance.model import Case, Outcome, Returned, Tensor
from conformance.oracle.truths import Truth, Unknown, truths

# The documents of both dialects say the same: one answer for both is judged once.
_ALIKE: Final = ("constraints", "initializers")


@dataclass(frozen=True, slots=True)
class Judged:
    """The worst element of one tensor: its error over its budget, or why there is no truth."""

    id: str
    dialect: str
    step: int
    name: str
    dtype: str
    headroom: float | None
    reason: str = ""


def judged(case: Case, expected: Mapping[str, tuple[Outcome, ...]]) -> Iterator[Judged]:
    """Every tensor of the answers to a case, by dialect."""
    alike = case.family in _ALIKE and len({id(o) for o in expected.values()}) == 1
    found: list[Judged] = []
    for dialect, outcomes in expected.items():
        if not (alike and found):
            found = list(judged_outcomes(case, dialect, outcomes))
        yield from (replace(each, dialect=dialect) for each in found)


def judged_outcomes(case: Case, dialect: str, outcomes: tuple[Outcome, ...]) -> Iterator[Judged]:
    """Every tensor of what a subject of a dialect answered."""
    known = truths(case, dialect, outcomes)
    for step, (outcome, here) in enumerate(zip(outcomes, known, strict=True)):
        values = outcome.values if isinstance(outcome, Returned) else {}
        for name, truth in here.items():
            tensor = values[name]
            assert isinstance(tensor, Tensor)
            place = (case.id, dialect, step, name, tensor.dtype)
            if isinstance(truth, Unknown):
                yield Judged(*place, None, truth.reason)
            else:
                yield Judged(*place, worst(truth, tensor))


def worst(truth: Truth, actual: Tensor) -> float:
    """The largest error of an element over its budget, infinite where shapes differ; 0 for none."""
    assert not isinstance(truth, Unknown)
    values = actual.values()
    if values.shape != truth.shape:
        return float("inf")
    if values.dtype.kind == "c":
        if (values.imag != 0).any():
            return float("inf")
        actual = Tensor.of(values.real.astype(np.float64))
    return float(truth.headroom(actual).max(initial=0.0))
