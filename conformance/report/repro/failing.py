"""Which value of which step is wrong: what the last line of a repro asserts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.judge.compare import stem
from conformance.judge.differences import of_records
from conformance.model import Case, Outcome, Raised, Returned, Tensor, Value

# The aspects of a tensor, in the order in which they are told.
_OF_TENSORS = ("shape", "dtype", "nonfinite", "value", "zero-sign", "contract", "distribution")


@dataclass(frozen=True, slots=True)
class Failing:
    """What is wrong first in the answer to a case.

    Attributes:
        step: the number of the step.
        name: of the value; empty where the step did not end as it must.
        aspect: of the value, as `shape`.
        got, wanted: the values, or the outcomes where there is no name.

    """

    step: int
    name: str
    aspect: str
    got: Value | Outcome
    wanted: Value | Outcome

    @property
    def constructs(self) -> bool:
        """Whether it is about making the object."""
        wanted = _phase(self.wanted) if isinstance(self.wanted, Raised) else ""
        got = _phase(self.got) if isinstance(self.got, Raised) else ""
        return not self.name and (wanted == "construct" or (got == "construct" and not wanted))


def first(
    case: Case, answer: Sequence[Outcome], expected: Sequence[Outcome], aspects: Sequence[str]
) -> Failing | None:
    """What fails first, of the aspects that do; None where nothing is found."""
    if not aspects:
        return None
    for number, (got, wanted) in enumerate(zip(answer, expected, strict=False)):
        if not isinstance(got, Returned) or not isinstance(wanted, Returned):
            alike = isinstance(got, Raised) and isinstance(wanted, Raised)
            if not alike or _phase(got) != _phase(wanted):
                return Failing(number, "", "accepted", got, wanted)
            continue
        if found := _of_values(number, got, wanted, aspects):
            return found
    return None


def _phase(outcome: Outcome) -> str:
    return outcome.phase if isinstance(outcome, Raised) else ""


def _of_values(
    number: int, got: Returned, wanted: Returned, aspects: Sequence[str]
) -> Failing | None:
    for name, value in wanted.values.items():
        if name not in got.values:
            continue
        mine = got.values[name]
        if isinstance(value, Tensor) and isinstance(mine, Tensor):
            # Values, and what is told of them, go by the name where it is not `value`: `gradient`.
            for aspect in _OF_TENSORS:
                told = {aspect, stem(name)} if aspect == "value" else {aspect}
                if told & set(aspects) and _differs(aspect, mine, value):
                    return Failing(number, name, aspect, mine, value)
        elif name == "sample" and "distribution" in aspects:
            return Failing(number, name, "distribution", mine, value)
        elif stem(name) in aspects and _is_other(mine, value):
            return Failing(number, name, stem(name), mine, value)
    return None


def _is_other(got: Value, wanted: Value) -> bool:
    """Whether a record differs; True is not 1.0."""
    if isinstance(wanted, Tensor):
        return got != wanted
    return next(iter(of_records(got, wanted)), None) is not None


def _differs(aspect: str, got: Tensor, wanted: Tensor) -> bool:
    if aspect == "shape":
        return got.shape != wanted.shape
    if aspect == "dtype":
        return got.dtype != wanted.dtype
    return got != wanted
