"""What is true of a case: for each tensor its value and error budget, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Final, Protocol, TypeAlias

import numpy as np

from conformance.model import (
    EPSILON,
    SAMPLE,
    SHAPE,
    Array,
    Budget,
    Case,
    Kind,
    Outcome,
    Returned,
    Tensor,
    Tolerance,
    allowance,
)
from conformance.model.formulas import places
from conformance.oracle.bounded import Bounded, exact


@dataclass(frozen=True, slots=True)
class Unknown:
    """Why the oracle has no value for a tensor, in one clause that a reader can act on."""

    reason: str

    @property
    def drawn(self) -> bool:
        """Whether there is none because the value is a random draw, or made of some."""
        return self.reason.startswith("a random draw")

    @property
    def grown(self) -> bool:
        """Whether there is none because rounding may lead too far to say anything."""
        return self.reason.startswith("the error bound grows beyond")


class AnyDraw:
    """The budget of a random draw by another generator, of which no law says more: any number."""

    def headroom(self, actual: Tensor) -> Array:
        """Per element, 0 for a number, infinite for what is none."""
        return np.where(np.isfinite(actual.values()), 0.0, np.inf)


Truth: TypeAlias = Bounded | Unknown


class Oracle(Protocol):
    """What a family's module offers."""

    def answer(self, case: Case, dialect: str) -> Sequence[Mapping[str, Truth]] | Unknown:
        """For each step, the tensors that it gives, by the names that outcomes use.

        `Unknown` where nothing can be said of the whole case.
        """
        ...


def truths(case: Case, dialect: str, expected: Sequence[Outcome]) -> list[dict[str, Truth]]:
    """For each expected outcome, the truth of each tensor in it (none for other values)."""
    held = _answer(case, dialect)
    made: list[dict[str, Truth]] = []
    for step, outcome in enumerate(expected):
        values = outcome.values if isinstance(outcome, Returned) else {}
        here: Mapping[str, Truth] = {}
        if not isinstance(held, Unknown) and step < len(held):
            here = held[step]
        missing = held if isinstance(held, Unknown) else Unknown("the oracle does not answer it")
        made.append({n: here.get(n, missing) for n, v in values.items() if isinstance(v, Tensor)})
    return made


def told(case: Case, dialect: str) -> list[dict[str, Bounded]]:
    """For each step, what is known of its tensors, whether or not anybody answers it."""
    answer = _answer(case, dialect)
    if isinstance(answer, Unknown):
        return []
    return [
        {name: truth for name, truth in step.items() if isinstance(truth, Bounded)}
        for step in answer
    ]


def known(
    case: Case, dialect: str, answer: Sequence[Outcome], expected: Sequence[Outcome]
) -> list[dict[str, Bounded]]:
    """For each outcome of a subject, what is known of its tensors, by their names.

    The error budgets of those that are expected too are cut as in `budgets`.
    """
    made: list[dict[str, Bounded]] = []
    for number, step in enumerate(truths(case, dialect, answer)):
        outcome = expected[number] if number < len(expected) else None
        values = outcome.values if isinstance(outcome, Returned) else {}
        own = case.tolerance.at(number)
        here = {}
        for name, truth in step.items():
            if not isinstance(truth, Unknown):
                wanted = values.get(name)
                if isinstance(wanted, Tensor) and wanted.shape == truth.shape:
                    truth = _cut(truth, own.of(name), wanted)
                here[name] = truth
        made.append(here)
    return made


def budgets(
    case: Case,
    dialect: str,
    expected: Sequence[Outcome],
    tolerance: Tolerance,
    *,
    other_draws: bool = False,
) -> list[dict[str, Budget]]:
    """For each expected outcome, what judges its values of the expected shape, by their names.

    Nothing judges what must be exact: copies, choices, constants, or strictly the same bits.
    `other_draws`: random numbers come from another generator than official Keras' is; draws inside
    of a layer, which have no law to be judged by, may then be any.

    A budget is not above half of what the tolerance of its tensor allows, unless the expected value
    errs by more: beyond it says nothing.
    """
    bounded = tolerance.kind is not Kind.EXACT
    free = other_draws and tolerance.law is None
    made: list[dict[str, Budget]] = []
    if not bounded and not free:
        return made
    answered = enumerate(zip(expected, truths(case, dialect, expected), strict=True))
    for number, (outcome, step) in answered:
        values = outcome.values if isinstance(outcome, Returned) else {}
        own = tolerance.at(number)
        here: dict[str, Budget] = {}
        for name, truth in step.items():
            wanted = values[name]
            if isinstance(truth, Unknown):
                if free and truth.drawn:
                    here[name] = AnyDraw()
            elif bounded and isinstance(wanted, Tensor) and truth.shape == wanted.shape:
                here[name] = _cut(truth, own.of(name), wanted)
        made.append(here)
    return made


def _cut(truth: Bounded, tolerance: Tolerance, expected: Tensor) -> Bounded:
    """With errors of half the tolerance at most, or of what the expected value errs by.

    Infinite errors stay, since they say of an overflow.
    """
    if tolerance.kind not in (Kind.ULP, Kind.BOUND) or expected.dtype not in EPSILON:
        return truth
    # Where the units in the last place are smaller nearer to zero, these count.
    size = np.abs(truth.value)
    nearer = np.maximum(size - allowance.allowed(tolerance, size, expected.dtype) / 2, 0.0)
    most = allowance.allowed(tolerance, nearer, expected.dtype) / 2
    with np.errstate(all="ignore"):
        most = np.fmax(most, np.abs(expected.values() - truth.value))
    over = np.isfinite(truth.error) & (truth.error > most)
    return replace(truth, error=np.where(over, most, truth.error)) if over.any() else truth


# The last case of each dialect with its answer: whoever asks for a truth mostly asks again at once.
_last: dict[str, tuple[Case, Sequence[Mapping[str, Truth]] | Unknown]] = {}


def _answer(case: Case, dialect: str) -> Sequence[Mapping[str, Truth]] | Unknown:
    held = _last.get(dialect)
    if held is None or held[0] is not case:
        held = _last[dialect] = (case, _sampled(case, _family(case).answer(case, dialect)))
    return held[1]


def _sampled(
    case: Case, answer: Sequence[Mapping[str, Truth]] | Unknown
) -> Sequence[Mapping[str, Truth]] | Unknown:
    """The whole truth of each step; where a step asks for a sample of large tensors, that and their shapes."""
    if isinstance(answer, Unknown):
        return answer
    found = list(answer)
    for number, step in enumerate(case.steps[: len(found)]):
        count = step.options.get(SAMPLE)
        if not isinstance(count, int):
            continue
        for name, truth in list(found[number].items()):
            if isinstance(truth, Bounded) and truth.value.size > count:
                taken = truth.reshape(truth.value.size)[places(truth.value.size, count)]
                shape = exact(np.array(truth.shape, dtype=np.float64))
                found[number] = {**found[number], name: taken, SHAPE + name: shape}
    return found


# By family of the case, the module that knows it. Each is imported when it is asked: some need much of SciPy.
_FAMILIES: Final[Mapping[str, str]] = {
    **{name: name for name in ("constraints", "initializers", "regularizers", "layers")},
    "models": "layers",
    "activations": "layers",
}


def _family(case: Case) -> Oracle:
    found: Oracle = import_module(f"conformance.oracle.{_FAMILIES[case.family]}")
    return found
