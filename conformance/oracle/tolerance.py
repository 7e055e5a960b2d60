"""The tolerance that a golden case carries for readers without the oracle, computed from its budgets."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_CEILING, Context, Decimal
from typing import Final

import numpy as np

from conformance.model import EPSILON, Case, Kind, Outcome, Returned, Tensor, Tolerance
from conformance.oracle.bounded import USEFUL, Bounded
from conformance.oracle.truths import Truth, Unknown, truths

WHY: Final = "twice the largest rounding budget of an element"
# Where the oracle has no truth of a value. Projections and penalties were seen to move by 9 units in
# the last place at most, between processors and under XLA.
_UNKNOWN: Final = 16
# Beyond, units in the last place say little: terms cancel, and the bound is told in absolute terms.
_MOST_ULP: Final = 256


def settled(case: Case, answers: Mapping[str, Sequence[Outcome]]) -> Case:
    """The case of a row as its golden file has it: with a tolerance that is computed, where it asks."""
    if case.tolerance.kind is not Kind.COMPUTED:
        return case
    return replace(case, tolerance=computed(case, answers))


def computed(case: Case, answers: Mapping[str, Sequence[Outcome]]) -> Tolerance:
    """The least tolerance that takes every value within its budget, of all dialects of a case.

    `answers`: what the official packages answered; the names and shapes of their tensors count, and
    their values only where the oracle gave up (`Unknown.grown`), so that every machine computes the
    same. A correct answer and the expected one may lie on either side of the truth: the budget
    counts twice. Elements which may have overflowed are left out.
    """
    notes: list[str] = []
    least = 0
    rooms, sizes = [np.zeros(0)], [np.zeros(0)]
    for tensor, truth in _tensors(case, answers):
        if isinstance(truth, Bounded) and truth.shape == tensor.shape:
            size, room = np.abs(truth.value), 2 * truth.error
        elif isinstance(truth, Unknown) and truth.grown:
            size = np.abs(tensor.values().astype(np.float64))
            room = np.full(size.shape, USEFUL * size.max(initial=0.0))
            notes.append("1/100 of the largest, where it grows on")
        else:
            least = _UNKNOWN
            notes.append(
                f"{_UNKNOWN} ULP where it has no truth: {truth.reason}"
                if isinstance(truth, Unknown)
                else f"{_UNKNOWN} ULP where it has another shape than the documented"
            )
            continue
        kept = np.isfinite(size) & np.isfinite(room) & (room > 0)
        rooms.append(room[kept] / EPSILON[tensor.dtype])
        sizes.append(size[kept])
    room, size = np.concatenate(rooms), np.concatenate(sizes)
    why = "; ".join([WHY, *notes[:1]])
    if not room.size:
        return Tolerance(Kind.ULP, least, why) if least else Tolerance()
    if size.all():
        # A unit in the last place is at least half of eps times the element.
        ulp = max(least, math.ceil(2 * (room / size).max()))
        if ulp <= _MOST_ULP:
            return Tolerance(Kind.ULP, ulp, why)
    scale = float(size.max())
    if scale == 0:
        return Tolerance(Kind.BOUND, why=why, eps=1.0, scale=_rounded_up(float(room.max())))
    eps = float((room / np.maximum(scale, size)).max())
    return Tolerance(
        Kind.BOUND, why=why, eps=_rounded_up(max(eps, least)), scale=_rounded_up(scale)
    )


def _tensors(
    case: Case, answers: Mapping[str, Sequence[Outcome]]
) -> Iterator[tuple[Tensor, Truth]]:
    """Every tensor of the answers that rounding is about, with its truth."""
    for dialect, outcomes in answers.items():
        for outcome, known in zip(outcomes, truths(case, dialect, outcomes), strict=True):
            for name, truth in known.items():
                assert isinstance(outcome, Returned)
                tensor = outcome.values[name]
                assert isinstance(tensor, Tensor)
                if isinstance(truth, Unknown) or tensor.dtype in EPSILON:
                    yield tensor, truth


# A billionth less, so that the last bits of the oracle do not show.
_ALMOST: Final = Decimal(1) - Decimal("1e-9")


def _rounded_up(value: float) -> float:
    """With two significant digits, not below the value; of any size that a double has."""
    return float(Context(prec=2, rounding=ROUND_CEILING).create_decimal(Decimal(value) * _ALMOST))
