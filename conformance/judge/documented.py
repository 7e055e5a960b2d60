"""Answers by the truth: what official Keras gets wrong, or cannot do, and a subject gets right.

Where the documentation is followed, a case permits more than the answer of official Keras: the truth, where
that answer leaves its error budget; an answer by the truth, or a rejection, where a finding says so; and a
subnormal number kept or flushed to zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

import numpy as np

from conformance.judge import tensors
from conformance.judge.differences import (
    Absent,
    Elements,
    Ending,
    NoAnswer,
    NotATensor,
    Off,
    OtherShape,
)
from conformance.judge.verdicts import failed, missing, passed
from conformance.model import (
    EPSILON,
    LARGEST,
    LEAST_NORMAL,
    SHAPE,
    Alternative,
    Array,
    Budget,
    Comparison,
    Fault,
    Grade,
    Known,
    Outcome,
    Raised,
    Returned,
    Tensor,
    Tolerance,
    Verdict,
    texts,
)

_OF_ELEMENTS = frozenset({"value", "nonfinite", "zero-sign"})
_OTHER_INPUTS = frozenset({"integer", "complex", "input-form", "unusual-argument"})
# By step and name of a tensor of the answer, what is true of it. Nothing where nobody knows.
Truths: TypeAlias = Sequence[Mapping[str, Known]]


@dataclass(frozen=True)
class Permitted:
    """What counts as right beside the answer of official Keras.

    Attributes:
        truths: asked only where an answer is not that of official Keras.
        alternatives: those of the case in the dialect of the subject.
        flags: what the case is for.
        bits: whether the bits of official Keras are asked for, wherever it is right.
        followed: whether the documentation is followed. Otherwise nothing more is permitted, but a value
            is still judged where official Keras gives none.

    """

    truths: Callable[[], Truths] = tuple
    alternatives: Sequence[Alternative] = ()
    followed: bool = False
    bits: bool = False
    flags: Sequence[str] = ()

    @property
    def subnormals(self) -> bool:
        """Whether the sign of a zero may be that of a number that was flushed."""
        return "subnormal" in self.flags

    @property
    def retyped(self) -> bool:
        """Whether the dtype of the answer is open: of what is no tensor of floats."""
        return not _OTHER_INPUTS.isdisjoint(self.flags)

    @cached_property
    def known(self) -> Truths:
        """The truths."""
        return self.truths()

    def truth(self, step: int, name: str) -> Known | None:
        """What is true of a tensor of the answer."""
        return self.known[step].get(name) if step < len(self.known) else None

    def answer(self, step: int) -> Alternative | None:
        """What permits an answer to a step that official Keras rejects."""
        found = (a for a in self.alternatives if a.returned is not None and a.step == step)
        return next(found, None)

    @property
    def rejection(self) -> Alternative | None:
        """What permits a rejection."""
        return next((a for a in self.alternatives if a.returned is None), None)


def answered(
    actual: Sequence[Outcome], number: int, wanted: Raised, permitted: Permitted
) -> Iterator[Comparison]:
    """A step that official Keras rejects, and a subject answers; and the steps after it.

    The truth judges what it knows. Without any, an answer that is permitted is left open.
    """
    alternative = permitted.answer(number)
    judged = [*_values(actual, number, permitted), *_lacking(actual, number, permitted)]
    if not (permitted.followed and alternative):
        ending = failed("accepted", [Ending(actual[number], wanted)])
        yield replace(ending, fault=alternative.fault if alternative else None)
    elif judged:
        yield passed("accepted", Grade.TRUTH)
    else:
        yield Comparison(
            "accepted",
            Verdict.UNSUPPORTED,
            message=f"official Keras raises here ({alternative.finding}), and no truth judges the answer",
        )
    yield from judged


def _values(actual: Sequence[Outcome], number: int, permitted: Permitted) -> Iterator[Comparison]:
    """The values of the steps from `number` on that the truth knows."""
    for step, outcome in enumerate(actual[number:], number):
        for name, value in outcome.values.items() if isinstance(outcome, Returned) else ():
            truth = permitted.truth(step, name)
            if truth is not None and isinstance(value, Tensor):
                yield from by_truth(name, value, truth, retyped=permitted.retyped)


def _lacking(actual: Sequence[Outcome], number: int, permitted: Permitted) -> Iterator[Comparison]:
    """What answers from the step `number` on should hold, as far as they were given, and do not."""
    for alternative in permitted.alternatives:
        step = alternative.step
        if alternative.returned is None or step < number:
            continue
        if step >= len(actual):
            if isinstance(actual[-1], Returned):
                yield missing("accepted", NoAnswer())
            continue
        outcome = actual[step]
        if not isinstance(outcome, Returned):
            continue
        for name, near in alternative.returned.items():
            aspect, found = name.partition(":")[0], outcome.values.get(name)
            if name not in outcome.values:
                yield missing(aspect, Absent(name))
            elif name.startswith(SHAPE):
                whole = [int(size) for size in near.data]
                sizes = [s for s in found if isinstance(s, int)] if isinstance(found, list) else []
                if found != whole:
                    yield _wrong(failed(aspect, [OtherShape(sizes, whole)]))
            elif not isinstance(found, Tensor):
                shape = f"of shape {list(near.shape)}"
                yield _wrong(failed(aspect, [NotATensor(found, shape)]))


def by_truth(name: str, got: Tensor, truth: Known, *, retyped: bool) -> Iterator[Comparison]:
    """A tensor without an expected one, by the truth alone; nothing but its shape where that says nothing.

    `retyped`: as of `Permitted`.
    """
    aspect = name.partition(":")[0]
    if tuple(got.shape) != truth.shape:
        yield _wrong(failed("shape", [OtherShape(got.shape, truth.shape)]))
        return
    if truth.error.size and np.isinf(truth.error).all():
        return
    if not retyped and not _holds(got.dtype, truth.dtype):
        yield _wrong(tensors.dtype(got, truth.dtype))
    g, used = got.values(), _used(got, truth)
    wanted = truth.value
    if g.dtype.kind == "c":  # told in their parts
        wanted = np.stack([wanted, np.zeros_like(wanted)], -1)
        g = np.stack([g.real, g.imag], -1)
        used = np.stack([used, used], -1)
    strange: Array = (used > 1) & ~(np.isfinite(g) & np.isfinite(wanted))
    if strange.any():
        yield _wrong(failed("nonfinite", [Elements("nonfinite", strange, g, wanted)]))
    used = np.where(strange, 0.0, used)
    most = float(used.max(initial=0.0))
    headroom = most if np.isfinite(most) else None
    if most > 1:
        off = Off(texts.over(headroom, "the error budget"), used == most, g, wanted)
        yield _wrong(replace(failed(aspect, [off], None, headroom), dtype=got.dtype))
    elif not strange.any():
        yield replace(passed(aspect, Grade.TRUTH, headroom=headroom), dtype=got.dtype)


def _holds(wide: str, narrow: str) -> bool:
    """Whether a dtype has every number of another one. Nobody documents that penalties are not widened."""
    if wide not in EPSILON or narrow not in EPSILON:
        return wide == narrow
    return EPSILON[wide] <= EPSILON[narrow] and LARGEST[wide] >= LARGEST[narrow]


def _wrong(comparison: Comparison) -> Comparison:
    return replace(comparison, fault=Fault.SUBJECT)


def blamed(
    found: Sequence[Comparison], got: Tensor, wanted: Tensor, truth: Known | None
) -> Iterator[Comparison]:
    """The comparisons of a tensor, with whose fault a wrong value is where it must be exact and the truth is known."""
    reals = wanted.dtype in EPSILON and _comparable(got, wanted)
    for each in found:
        asked = reals and each.aspect == "value" and each.fault is Fault.UNKNOWN
        if asked and truth is not None and truth.shape == tuple(got.shape):
            yield replace(each, fault=tensors.fault(truth, got, wanted))
        else:
            yield each


def excused(
    found: Sequence[Comparison],
    got: Tensor,
    wanted: Tensor,
    tolerance: Tolerance,
    budget: Callable[[], Budget | None],
    truth: Known | None,
    permitted: Permitted,
) -> Iterator[Comparison]:
    """The comparisons of a tensor, passed where only official Keras or its platform is wrong.

    `budget`: as of `tensors.tensor`.
    """
    wrong = {c.aspect for c in found if c.verdict is Verdict.FAIL} & _OF_ELEMENTS
    if not wrong or not _comparable(got, wanted):
        yield from found
        return
    of_reals = wanted.dtype in EPSILON
    mask = _flushed(got, wanted)
    fitting = truth is not None and truth.shape == tuple(got.shape)
    if truth is not None and fitting:
        # A number that is kept where official Keras flushes it must be the true one.
        mask &= (got.values() == 0) | np.isinf(truth.error)
        # Of two zeros the sign differs, if anything; it is open where the truth is none.
        zeros = (got.values() == 0) & (wanted.values() == 0)
        right = _right(got, truth)
        if _of_both(got, wanted, truth, right):
            right &= _right(wanted, truth)
        if permitted.bits:
            right &= ~_right(wanted, truth)
        mask |= np.where(zeros, permitted.subnormals | (truth.value != 0), right)
    adjusted = Tensor.of(np.where(mask, wanted.values(), got.values()), wanted.dtype)
    again = {c.aspect: c for c in tensors.tensor(adjusted, wanted, tolerance, budget)}
    for each in found:
        now = again[each.aspect]
        if each.verdict is Verdict.PASS or each.aspect not in _OF_ELEMENTS:
            yield each
        elif now.verdict is Verdict.PASS:
            yield replace(now, grade=Grade.TRUTH)
        elif now.verdict is Verdict.FAIL and each.aspect == "value" and fitting and of_reals:
            yield replace(now, fault=tensors.fault(truth, adjusted, wanted))
        else:
            yield now


def _comparable(got: Tensor, wanted: Tensor) -> bool:
    """Whether elements can be held against each other: real numbers of any width, or complex ones of one."""
    if tuple(got.shape) != tuple(wanted.shape):
        return False
    of_reals = {got.dtype, wanted.dtype} <= EPSILON.keys()
    return of_reals or (got.dtype == wanted.dtype and got.dtype.startswith("complex"))


def _right(got: Tensor, truth: Known) -> Array:
    """The elements that keep to their error budgets. The truth is of real numbers."""
    right: Array = (_used(got, truth) <= 1) & np.isfinite(truth.error)
    return right


def _of_both(got: Tensor, wanted: Tensor, truth: Known, right: Array) -> bool:
    """Whether an answer takes some elements from the truth and some from official Keras, where these differ.

    It is neither then.
    """
    g, w = got.values(), wanted.values()
    official = (g == w) | (np.isnan(g) & np.isnan(w))
    wrong = ~right & np.isfinite(truth.error)
    return bool((official & wrong).any() and (right & ~official & ~_right(wanted, truth)).any())


def _used(got: Tensor, truth: Known) -> Array:
    """Per element, the error over its budget.

    A subnormal number whose budget is that it may be flushed is zero or itself, not anything in between, nor
    as far on the other side.
    """
    if got.dtype not in EPSILON:
        values = got.values()
        if values.dtype.kind != "c":
            return truth.headroom(got)
        reals = truth.headroom(Tensor.of(values.real.astype(np.float64)))
        return np.where(values.imag == 0, reals, np.inf)
    used = truth.headroom(got)
    least, unit = LEAST_NORMAL[got.dtype], LEAST_NORMAL[got.dtype] * EPSILON[got.dtype]
    g, size = got.values().astype(np.float64), np.abs(truth.value)
    with np.errstate(all="ignore"):
        flushed = (size < least) & (size > 0) & (truth.error <= size * (1 + EPSILON[got.dtype]))
        another = flushed & (g != 0) & (np.abs(g - truth.value) > unit)
    return np.where(another, np.inf, used)


def _flushed(got: Tensor, wanted: Tensor) -> Array:
    """The elements of which one side is a subnormal number and the other zero."""
    if wanted.dtype not in EPSILON:
        return np.zeros(wanted.shape, dtype=bool)
    g, w = np.abs(got.values()), np.abs(wanted.values())
    least = LEAST_NORMAL[wanted.dtype]
    flushed: Array = (g < least) & (w < least) & ((g == 0) != (w == 0))
    return flushed
