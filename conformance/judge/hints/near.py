"""All hints about what an answer is near to, by aspect, without asking any definition again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from conformance.judge.hints import draws, numbers, places, records, refusals, special
from conformance.judge.hints.hint import Hint, Pair
from conformance.model import (
    INTEGERS,
    Case,
    Outcome,
    Returned,
    Tensor,
    Value,
)

# The aspects that a tensor of an answer is compared in, beside that of its name.
_OF_TENSORS = ("shape", "dtype", "nonfinite", "zero-sign")
_BY_LAW = ("contract", "distribution")
KEPT_WHOLE: Final = "the dtype of whole numbers is kept, which must become a float"


def hints(
    case: Case, actual: Sequence[Outcome], expected: Sequence[Outcome], aspects: Iterable[str]
) -> dict[str, list[Hint]]:
    """By aspect that fails, each hint that accounts for all that differs in it.

    Several tensors of one aspect must all have the hint that is told.
    """
    found = {}
    for aspect in aspects:
        if aspect == "accepted":
            told = _endings(actual, expected)
        elif aspect in _BY_LAW:
            told = _common([_of_draws(case, value) for value in _draws(case, actual)])
        else:
            told = _common(
                [_of(case, aspect, *each) for each in _different(aspect, actual, expected)]
            )
        if told:
            found[aspect] = told
    return found


def _endings(actual: Sequence[Outcome], expected: Sequence[Outcome]) -> list[Hint]:
    number = len(actual) - 1
    if 0 <= number < len(expected):
        return list(refusals.hints(actual[number], expected[number]))
    return []


def _different(
    aspect: str, actual: Sequence[Outcome], expected: Sequence[Outcome]
) -> list[tuple[int, str, Value, Value]]:
    """Step, name, answer and expected value of what differs and is of an aspect."""
    found = []
    for step, (got, wanted) in enumerate(zip(actual, expected, strict=False)):
        if not (isinstance(got, Returned) and isinstance(wanted, Returned)):
            continue
        for name, value in wanted.values.items():
            mine = got.values.get(name)
            if name not in got.values or mine == value or not _has(aspect, name, mine, value):
                continue
            found.append((step, name, mine, value))
    return found


def _has(aspect: str, name: str, got: Value, wanted: Value) -> bool:
    """Whether a value that differs may be what an aspect failed for."""
    if aspect == "dtype":
        return isinstance(got, Tensor) and isinstance(wanted, Tensor) and got.dtype != wanted.dtype
    if aspect == "shape" and isinstance(wanted, Tensor):
        return isinstance(got, Tensor) and got.shape != wanted.shape
    if aspect in _OF_TENSORS and isinstance(wanted, Tensor):
        return True
    return name.partition(":")[0] == aspect


def _of(case: Case, aspect: str, step: int, name: str, got: Value, wanted: Value) -> list[Hint]:
    if not isinstance(wanted, Tensor):
        return list(records.hints(got, wanted))
    if not isinstance(got, Tensor):
        return []
    if aspect == "dtype":
        return _dtypes(case, got.dtype, wanted.dtype)
    inputs = [given.tensor for given in case.inputs if isinstance(given.tensor, Tensor)]
    pair = Pair(got, wanted, case.tolerance.at(step).of(name), inputs, counts(case))
    if _cut(pair):
        return [Hint(KEPT_WHOLE)]
    if aspect in ("nonfinite", "zero-sign"):
        return list(special.hints(pair))
    if pair.blunt:
        return list(special.hints(pair))
    return [*special.hints(pair), *numbers.hints(pair), *places.hints(pair)]


def counts(case: Case) -> dict[str, float]:
    """The numbers of a case that a sum may be divided by, each with its name."""
    if not case.inputs:
        return {}
    shape = case.inputs[0].tensor.shape
    size = case.inputs[0].tensor.size
    found: dict[str, float] = {}
    if shape:
        found["the size of the batch (the first axis)"] = shape[0]
        found["the size of the last axis"] = shape[-1]
        found["the number of elements"] = size
    return found


def _cut(pair: Pair) -> bool:
    """Whether an answer is of whole numbers, where the expected ones are none: its numbers say nothing more."""
    whole = (*INTEGERS, "bool")
    if pair.got.dtype not in whole or pair.wanted.dtype in whole or pair.g.shape != pair.w.shape:
        return False
    return any(given.dtype == pair.got.dtype for given in pair.inputs)


def _dtypes(case: Case, got: str, wanted: str) -> list[Hint]:
    given = {each.tensor.dtype for each in case.inputs}
    if got == "float64" and wanted != "float64" and "float64" not in given:
        return [Hint("float64, which NumPy computes in unless told otherwise")]
    if wanted == "float64" and got == "float32" and "float64" in given:
        return [Hint("float32 whatever the input: float64 is not kept")]
    if wanted in ("float16", "bfloat16") and got == "float32" and wanted in given:
        return [
            Hint("float32: what is computed in it is not converted back to the dtype of the input")
        ]
    if got in given and got in (*INTEGERS, "bool"):
        return [Hint(KEPT_WHOLE)]
    if wanted in given:
        return [Hint("not the dtype of the input")]
    return []


def _draws(case: Case, actual: Sequence[Outcome]) -> list[Tensor]:
    return [
        value
        for outcome in actual
        if isinstance(outcome, Returned)
        for name, value in outcome.values.items()
        if isinstance(value, Tensor) and name in ("value", "sample") and case.tolerance.law
    ]


_PRESETS: Mapping[str, str] = {"Glorot": "fan_avg", "He": "fan_in", "Lecun": "fan_in"}


def _of_draws(case: Case, value: Tensor) -> list[Hint]:
    law = case.tolerance.law
    if law is None:
        return []
    sampled = any(step.do == "sample" for step in case.steps)
    shape = value.shape[1:] if sampled else value.shape
    fans, right = _fans(shape), ""
    if case.target.endswith("VarianceScaling"):
        right = str(case.arguments.get("mode", "fan_in"))
    for start, mode in _PRESETS.items():
        if case.target.rpartition(".")[2].startswith(start):
            right = mode
    return list(draws.hints(value, law, fans, right))


def _fans(shape: Sequence[int]) -> dict[str, float]:
    """The fans of a kernel, and what may be taken for them."""
    if len(shape) < 2:
        return {}
    field = 1
    for size in shape[:-2]:
        field *= size
    into, out = field * shape[-2], field * shape[-1]
    return {
        "fan_in": into,
        "fan_out": out,
        "fan_avg": (into + out) / 2,
        "fan_in + fan_out": into + out,
        "fan_in without the kernel's size": shape[-2],
        "fan_out without the kernel's size": shape[-1],
        "the first axis": shape[0],
    }


def _common(told: Sequence[Sequence[Hint]]) -> list[Hint]:
    """The hints that all have."""
    if not told:
        return []
    return [hint for hint in told[0] if all(hint in other for other in told[1:])]
