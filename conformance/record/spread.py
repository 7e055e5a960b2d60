"""How wide the tolerances of golden tensors are, measured on the tensors, and which have no reason to be so."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from conformance.model import (
    EPSILON,
    LEAST_NORMAL,
    MOST,
    Array,
    Case,
    Kind,
    Over,
    Returned,
    Tensor,
    Tolerance,
    allowance,
)
from conformance.oracle.tolerance import FLUSHED, UNITS, coarsest, tensors_of
from conformance.vectors.store import GoldenCase, GoldenFile

# The powers of ten that tolerances are counted by, up to `MOST`.
_BINS: Final = range(-7, -1)


@dataclass(slots=True)
class Spread:
    """How many golden tensors have a tolerance of which size.

    Attributes:
        exact: those that must be equal bit for bit.
        within: by power of ten, those whose tolerance is at most that part of their largest magnitude.
        over: by its reason, those of more than `MOST`.
        problems: a sentence for each tensor that has no good reason.

    """

    exact: int = 0
    within: Counter[int] = field(default_factory=Counter)
    over: Counter[Over] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


def spread(files: Sequence[GoldenFile]) -> Spread:
    """Measures the tolerance of every tensor of floating-point numbers; equal outcomes count once."""
    found = Spread()
    for file in files:
        for entry in file.cases:
            for dialect, step, name, tensor in _tensors(entry):
                tolerance = entry.case.tolerance.at(step).of(name)
                if tolerance.kind is Kind.DISTRIBUTION:
                    continue
                part = _part(tolerance, tensor)
                if part == 0:
                    found.exact += 1
                elif part <= MOST:
                    power = math.ceil(math.log10(part))
                    found.within[min(max(power, _BINS[0]), _BINS[-1])] += 1
                elif tolerance.over is None or not _fits(tolerance, tensor, entry, step):
                    place = f"{entry.case.id}: {dialect}: {name} of step {step}"
                    found.problems.append(f"{place}: {_sentence(tolerance, part)}")
                else:
                    found.over[tolerance.over] += 1
            found.problems += _unused(entry)
    return found


def _sentence(tolerance: Tolerance, part: float) -> str:
    listed = ", ".join(Over)
    return (
        f"its tolerance must be {MOST:.0%} of its largest magnitude at most, or have one of the reasons "
        f"{listed} and keep to it; it is {part:.3g} of it, and its reason {tolerance.over or 'none'}"
    )


def _unused(entry: GoldenCase) -> Iterator[str]:
    """A sentence for each tolerance that is of no tensor."""
    names = {
        key for _, step, name, _ in _tensors(entry, every=True) for key in (name, f"{step}/{name}")
    }
    for key in entry.case.tolerance.tensors:
        if key not in names:
            yield f"{entry.case.id}: its tolerance of {key} must be of a tensor; none has this name"


def _tensors(entry: GoldenCase, *, every: bool = False) -> Iterator[tuple[str, int, str, Tensor]]:
    """Dialect, step, name and value of the expected tensors of floats; all dialects where they are alike.

    `every`: other dtypes and empty ones, too.
    """
    seen: list[int] = []
    for dialect, outcomes in entry.expected.items():
        if id(outcomes) in seen:
            continue
        seen.append(id(outcomes))
        for step, outcome in enumerate(outcomes):
            for name, value in outcome.values.items() if isinstance(outcome, Returned) else ():
                if isinstance(value, Tensor) and (every or _measured(value)):
                    yield dialect, step, name, value


def _measured(tensor: Tensor) -> bool:
    return bool(tensor.size) and (tensor.dtype in EPSILON or tensor.dtype.startswith("complex"))


def _numbers(tensor: Tensor) -> Array:
    """The finite numbers of a tensor (float64); complex ones as two each."""
    values = tensor.values().reshape(-1)
    if values.dtype.kind == "c":
        values = values.view(values.real.dtype)
    values = values.astype(np.float64)
    return values[np.isfinite(values)]


def _largest(tensor: Tensor) -> float:
    return float(np.abs(_numbers(tensor)).max(initial=0.0))


def _most(tolerance: Tolerance, tensor: Tensor) -> float:
    """The most that an element may be off; 0 where no number of the dtype is that near."""
    dtype = allowance.PARTS.get(tensor.dtype, tensor.dtype)
    numbers = _numbers(tensor)
    if tolerance.kind is Kind.ULP:
        numbers = numbers[numbers != 0]  # the units of zero are the least numbers there are
    most = float(allowance.allowed(tolerance, numbers, dtype).max(initial=0.0))
    return most if most >= EPSILON[dtype] * LEAST_NORMAL[dtype] else 0.0


def _part(tolerance: Tolerance, tensor: Tensor) -> float:
    """The tolerance over the largest magnitude: 0 where it is exact, infinite where all are zero."""
    most, largest = _most(tolerance, tensor), _largest(tensor)
    return most / largest if largest else math.inf if most else 0.0


def _fits(tolerance: Tolerance, tensor: Tensor, entry: GoldenCase, step: int) -> bool:
    """Whether the reason holds, and the tolerance keeps to what it allows at most; see `OVER`."""
    case, most, largest = entry.case, _most(tolerance, tensor), _largest(tensor)
    answered = [each for *_, each in _tensors(entry)]
    match tolerance.over:
        case Over.BFLOAT16:
            units = UNITS * EPSILON["bfloat16"]
            # The expected value may be less than the truth by half of what is allowed.
            narrow = coarsest(case, [each.dtype for each in answered]) == "bfloat16"
            return narrow and most <= units * largest / (1 - units / 2)
        case Over.CANCELS:
            return most <= MOST * max(map(_largest, _given(case, answered)), default=0.0)
        case Over.FLUSHED:
            return most <= FLUSHED * LEAST_NORMAL[tensor.dtype]
        case Over.KINK:
            return case.steps[step].do == "gradient" and most <= largest
    return False


def _given(case: Case, answered: Sequence[Tensor]) -> list[Tensor]:
    return [each for each in (*tensors_of(case), *answered) if _measured(each)]
