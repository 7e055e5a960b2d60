"""One tensor of a layer: how far it is off, how far it may be, and whose fault it is.

What a layer may be off by is measured, see `subjects/saved/wide.py`: a standard deviation `sigma` of each element. The budget is as many
of them as all elements of all tensors of a run together exceed with a probability of at most `FALSE_ALARM`, if the errors are normal.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from conformance.changes.deployed.results import Answer, Status
from conformance.model import EPSILON, Array, Fault

# The probability that a run blames a subject whose roundings are no worse than they may be.
FALSE_ALARM: Final = 1e-6
# Without float64: units in the last place of the largest element, as many as a sum of 2^18 terms
# comes to whose roundings are independent.
STATED: Final = 512


@dataclass(frozen=True, slots=True)
class Truth:
    """What a tensor should be, and by how much a right answer may differ; of what is exact by 0."""

    value: Array
    budget: Array


def deviations(elements: int, tensors: int) -> float:
    """How many standard deviations the budget has. `tensors`: how many the run compares."""
    return math.sqrt(2 * math.log(2 * max(1, elements) * max(1, tensors) / FALSE_ALARM))


def wide(value: Array, sigma: Array | None, tensors: int) -> Truth:
    """The truth in float64."""
    if sigma is None:
        return Truth(value, np.zeros(value.shape))
    return Truth(value, sigma * deviations(value.size, tensors))


def stated(official: Array, dtype: str) -> Truth:
    """What official Keras gives, with a tolerance that is stated."""
    if dtype not in EPSILON:
        return Truth(official, np.zeros(official.shape))
    finite = np.abs(official[np.isfinite(official)].astype(np.float64))
    room = STATED * EPSILON[dtype] * float(finite.max(initial=0.0))
    return Truth(official, np.full(official.shape, room))


def off(value: Array, truth: Truth) -> tuple[float, float]:
    """The largest error over budget, and the largest error over the largest magnitude."""
    found, right = np.asarray(value), np.asarray(truth.value)
    if found.dtype.kind in "iub" and right.dtype.kind in "iub":
        same = bool((found == right).all())
        return (0.0, 0.0) if same else (math.inf, 1.0)
    found, right = found.astype(np.float64), right.astype(np.float64)
    finite = np.isfinite(right)
    with np.errstate(invalid="ignore", over="ignore"):
        error = np.abs(found - right)
    # What is not finite must be the same; where the truth is finite, so must be the answer.
    if not np.array_equal(found[~finite], right[~finite], equal_nan=True):
        return math.inf, math.inf
    error, budget = error[finite], np.broadcast_to(truth.budget, right.shape)[finite]
    if not error.size:
        return 0.0, 0.0
    if not np.isfinite(error).all():
        return math.inf, math.inf
    ratio = np.divide(error, budget, out=np.where(error > 0, math.inf, 0.0), where=budget > 0)
    largest = float(np.abs(right[finite]).max())
    return float(ratio.max()), float(error.max()) / largest if largest else float(error.max())


def judged(
    found: Mapping[str, Array],
    official: Mapping[str, Array],
    truths: Mapping[str, Truth],
    dtypes: tuple[Mapping[str, str], Mapping[str, str]],
    excuse: Answer,
) -> Answer:
    """What a subject made of a layer.

    `dtypes`: those that the subject gave, and those of official Keras. `excuse`: what official Keras made of it.
    """
    if found.keys() != official.keys():
        return _wrong(f"gives {len(found)} tensors instead of {len(official)}")
    ratio = error = 0.0
    for name, expected in official.items():
        here = found[name]
        if here.shape != expected.shape:
            return _wrong(f"gives the shape {here.shape} instead of {expected.shape}")
        if dtypes[0].get(name, "") != dtypes[1].get(name, ""):
            return _wrong(f"gives {dtypes[0].get(name)} instead of {dtypes[1].get(name)}")
        for n, each in enumerate(off(here, truths[name])):
            ratio, error = (max(ratio, each), error) if n == 0 else (ratio, max(error, each))
    if ratio <= 1:
        fault = Fault.OFFICIAL if excuse.status is Status.OVER else None
        return Answer(Status.WITHIN, ratio, error, fault)
    fault = Fault.BOTH if excuse.status is Status.OVER else Fault.SUBJECT
    return Answer(Status.OVER, ratio, error, fault, f"is off by {error:.1e} of the largest value")


def _wrong(why: str) -> Answer:
    return Answer(Status.OVER, math.inf, math.inf, Fault.SUBJECT, why)


def itself(found: Mapping[str, Array], truths: Mapping[str, Truth]) -> Answer:
    """What official Keras itself made of a layer."""
    ratio = error = 0.0
    for name, each in found.items():
        if name not in truths or truths[name].value.shape != each.shape:
            return Answer(Status.WITHIN)
        r, e = off(each, truths[name])
        ratio, error = max(ratio, r), max(error, e)
    if ratio <= 1:
        return Answer(Status.WITHIN, ratio, error)
    return Answer(Status.OVER, ratio, error, Fault.OFFICIAL, "official Keras leaves the budget")
