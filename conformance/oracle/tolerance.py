"""The tolerances that a golden case carries for readers without the oracle, computed from its budgets.

Each named tensor has its own, in units of its own dtype, and none is more than 1/100 of the largest magnitude
in its tensor but for one of the reasons of `Over`. Budgets are worst cases. Where many roundings in a narrow
dtype follow each other they grow beyond all use; official Keras was never seen to need them, so what is over
the limit is cut, and the budgets of a run with it (`truths.budgets`).
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import Any, Final

import numpy as np

from conformance.model import (
    EPSILON,
    LEAST_NORMAL,
    MOST,
    Array,
    Case,
    Input,
    Kind,
    Outcome,
    Over,
    Reference,
    Returned,
    Tensor,
    Tolerance,
)
from conformance.oracle.bounded import Bounded
from conformance.oracle.truths import Truth, Unknown, truths

WHY: Final = "twice the largest rounding budget of an element"
# Where the oracle has no truth of a value. Projections and penalties were seen to move by 9 units in
# the last place at most, between processors and under XLA.
_UNKNOWN: Final = 16
# Beyond, units in the last place say little: terms cancel, and the bound is told in absolute terms.
_MOST_ULP: Final = 256
# What is cut is cut a little below `MOST`, so that neither an expected value that is smaller than the truth
# nor a size that was rounded up brings it over.
_CUT: Final = 0.9 * MOST
# In bfloat16 one unit is nearly `MOST`. Where nothing over- or underflows, official Keras errs by less than
# 2 units in nearly all of 1,500 values computed in narrow dtypes, and by 4.3 in the worst, but for STFT
# (9.5) and a training in float16 (5.8); a right answer may err as much to the other side.
UNITS: Final = 8
_CUT_AT: Final[Mapping[Over | None, str]] = {
    None: "cut at 1/100 of the largest magnitude",
    Over.BFLOAT16: f"cut at {UNITS} units of bfloat16",
}
# Flushed numbers may be terms of a sum.
FLUSHED: Final = 64


def settled(case: Case, answers: Mapping[str, Sequence[Outcome]]) -> Case:
    """The case of a row as its golden file has it: with a tolerance that is computed, where it asks."""
    if case.tolerance.kind is not Kind.COMPUTED:
        return case
    return replace(case, tolerance=computed(case, answers))


def computed(case: Case, answers: Mapping[str, Sequence[Outcome]]) -> Tolerance:
    """For each tensor, the least tolerance that takes every value within its budget, of all dialects.

    `answers`: what the official packages answered; the names and shapes of their tensors count, and
    their values only where the oracle gave up (`Unknown.grown`), so that every machine computes the
    same. A correct answer and the expected one may lie on either side of the truth: the budget counts
    twice. Elements which may have overflowed are left out.
    """
    needs: dict[tuple[str, int], _Need] = {}
    terms = [float(np.abs(v).max(initial=0.0)) for v in map(_finite, _given(case))]
    for step, name, tensor, truth in _tensors(case, answers):
        needs.setdefault((name, step), _Need(tensor.dtype)).add(tensor, truth)
        if isinstance(truth, Bounded):
            terms.append(float(np.abs(_finite(truth.value)).max(initial=0.0)))
    narrow = coarsest(case, [each.dtype for each in needs.values()])
    found: dict[str, dict[int, Tolerance]] = {}
    for (name, step), need in needs.items():
        limit = _limit(need, case, step, narrow, max(terms, default=0.0))
        found.setdefault(name, {})[step] = need.tolerance(*limit)
    return _shared(found)


def _shared(found: Mapping[str, Mapping[int, Tolerance]]) -> Tolerance:
    """One tolerance where all tensors have the same, or one for each name; for each step where steps differ."""
    every = [each for steps in found.values() for each in steps.values()]
    if all(each == every[0] for each in every):
        return every[0] if every else Tolerance()
    tensors: dict[str, Tolerance] = {}
    for name, steps in found.items():
        alike = len(set(map(repr, steps.values()))) == 1
        for step, each in steps.items():
            if each.kind is not Kind.EXACT:
                tensors[name if alike else f"{step}/{name}"] = each
    return Tolerance(Kind.EACH, why=WHY, tensors=tensors)


@dataclass
class _Need:
    """What the answers of all dialects to one step need for one tensor: room for elements of a size.

    `largest`: the largest magnitude in the tensor, of elements that need no room, too.
    """

    dtype: str
    size: Array = field(default_factory=lambda: np.zeros(0))
    room: Array = field(default_factory=lambda: np.zeros(0))
    largest: float = 0.0
    note: str = ""
    unknown: bool = False

    def add(self, tensor: Tensor, truth: Truth) -> None:
        """The elements of a tensor that rounding moves."""
        if isinstance(truth, Bounded) and truth.shape == tensor.shape:
            size, room = np.abs(truth.value), 2 * truth.error
        elif isinstance(truth, Unknown) and truth.grown:
            size = np.abs(tensor.values().astype(np.float64))
            room = np.full(size.shape, _CUT * _finite(size).max(initial=0.0))
            self.note = "1/100 of the largest, where it grows on"
        else:
            self.unknown = True
            self.note = (
                f"{_UNKNOWN} ULP where it has no truth: {truth.reason}"
                if isinstance(truth, Unknown)
                else f"{_UNKNOWN} ULP where it has another shape than the documented"
            )
            return
        kept = np.isfinite(size) & np.isfinite(room)
        self.largest = max(self.largest, float(size[kept].max(initial=0.0)))
        # Less than half of the least number there is makes no difference.
        kept &= room > EPSILON[self.dtype] * LEAST_NORMAL[self.dtype] / 2
        self.size = np.concatenate([self.size, size[kept]])
        self.room = np.concatenate([self.room, room[kept]])

    @property
    def most(self) -> float:
        """The most room that an element needs."""
        return float(self.room.max(initial=0.0))

    def tolerance(self, limit: float, over: Over | None) -> Tolerance:
        """The tolerance, not above `limit` times the largest magnitude. `over`: why that is over `MOST`."""
        why = "; ".join(filter(None, [WHY, self.note]))
        shorter = "; ".join([why, _CUT_AT[over]]) if over in _CUT_AT else why
        eps = EPSILON.get(self.dtype, EPSILON["float32"])
        most_ulp = max(1, math.floor(min(limit / eps, _MOST_ULP)))
        least = min(_UNKNOWN, most_ulp) if self.unknown else 0
        if least < _UNKNOWN and self.unknown:
            why = shorter
        if not self.room.size:
            return Tolerance(Kind.ULP, least, why) if least else Tolerance()
        with np.errstate(divide="ignore", over="ignore"):
            each = float((self.room / self.size).max())
        # The room of a subnormal number may be more than any dtype has units for.
        if self.size.all() and math.isfinite(2 * each / eps):
            # A unit in the last place is at least half of eps times the element.
            ulp = max(least, math.ceil(2 * each / eps))
            # Where the room is no part of each element, units of the smallest would cut off too much.
            even = each <= 2 * self.most / self.largest
            if ulp <= most_ulp or (even and ulp <= _MOST_ULP):
                reason = over if min(ulp, most_ulp) * eps > _CUT else None
                return Tolerance(
                    Kind.ULP,
                    min(ulp, most_ulp),
                    shorter if ulp > most_ulp else why,
                    over=reason,
                )
        scale = _rounded(self.largest)
        if scale == 0:
            return Tolerance(
                Kind.BOUND, why=why, eps=1.0, scale=_rounded(self.most / eps), over=over
            )
        # Of less than the least normal number nobody can tell the units.
        part = float((self.room / np.maximum(scale, self.size)).max())
        needed = max(part, least * eps, sys.float_info.min)
        allowed = limit * self.largest / scale
        if needed > allowed:
            units, why = _rounded(allowed / eps, up=False), shorter
        else:
            units = _rounded(needed / eps)
        reason = over if units * eps * scale > _CUT * self.largest else None
        return Tolerance(Kind.BOUND, why=why, eps=units, scale=scale, over=reason)


def _limit(
    need: _Need, case: Case, step: int, narrow: str, terms: float
) -> tuple[float, Over | None]:
    """The part of the largest magnitude that the tolerance may come to, and why it may be over `MOST`."""
    do = case.steps[step].do
    if need.most <= _CUT * need.largest:
        return _CUT, None
    if need.most <= FLUSHED * LEAST_NORMAL[need.dtype]:
        return math.inf, Over.FLUSHED
    if do == "fit":
        return _CUT, None
    if narrow == "bfloat16":
        return UNITS * EPSILON[narrow], Over.BFLOAT16
    if narrow == "float16":
        return _CUT, None
    if need.most <= _CUT * terms:
        return math.inf, Over.CANCELS
    if do == "gradient" and need.most <= need.largest:
        return 1.0, Over.KINK
    return _CUT, None


def _tensors(
    case: Case, answers: Mapping[str, Sequence[Outcome]]
) -> Iterator[tuple[int, str, Tensor, Truth]]:
    """Every tensor of floating-point numbers in the answers: step, name, value and truth."""
    for dialect, outcomes in answers.items():
        known = truths(case, dialect, outcomes)
        for step, (outcome, here) in enumerate(zip(outcomes, known, strict=True)):
            for name, truth in here.items():
                assert isinstance(outcome, Returned)
                tensor = outcome.values[name]
                assert isinstance(tensor, Tensor)
                unknown = isinstance(truth, Unknown) and tensor.dtype.startswith("complex")
                if tensor.dtype in EPSILON or unknown:
                    yield step, name, tensor, truth


def coarsest(case: Case, answered: Iterable[str]) -> str:
    """The coarsest dtype of floating-point numbers that a case speaks of; `answered`: those of its answers."""
    named = [*answered, *(tensor.dtype for tensor in tensors_of(case))]
    named += [str(text).removeprefix("mixed_") for text in _texts(case)]
    return max((d for d in named if d in EPSILON), key=lambda d: EPSILON[d], default="")


def tensors_of(case: Case) -> Iterator[Tensor]:
    """The tensors that a case gives: its inputs, and those in arguments and steps."""
    for leaf in _leaves([case.inputs, case.arguments, *(step.options for step in case.steps)]):
        if isinstance(leaf, Input):
            yield leaf.tensor


def _texts(case: Case) -> Iterator[str]:
    for leaf in _leaves([case.arguments, *(step.options for step in case.steps)]):
        if isinstance(leaf, str):
            yield leaf


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Reference):
        yield from _leaves(value.arguments)
    elif isinstance(value, Mapping):
        yield from _leaves(list(value.values()))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _leaves(each)
    else:
        yield value


def _given(case: Case) -> Iterator[Array]:
    for tensor in tensors_of(case):
        if tensor.dtype in EPSILON:
            yield tensor.values().astype(np.float64)


def _finite(values: Array) -> Array:
    return values[np.isfinite(values)]


# A billionth less, so that the last bits of the oracle do not show.
_ALMOST: Final = Decimal(1) - Decimal("1e-9")


def _rounded(value: float, *, up: bool = True) -> float:
    """With two significant digits, not below the value (not above it); of any size that a double has."""
    rounding, off = (ROUND_CEILING, _ALMOST) if up else (ROUND_FLOOR, 1 / _ALMOST)
    return float(Context(prec=2, rounding=rounding).create_decimal(Decimal(value) * off))
