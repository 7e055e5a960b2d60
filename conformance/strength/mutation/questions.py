"""One case asked of one dialect of `impl`, and judged twice: by computed tolerances, and by `allclose`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from conformance import oracle
from conformance.judge.compare import compare
from conformance.judge.documented import Permitted
from conformance.judge.tensors import ASPECTS
from conformance.model import Budget, Comparison, Outcome, Raised, Returned, Tensor, Verdict
from conformance.subjects.tensors import TensorFlowTensors
from conformance.vectors.store import GoldenCase, GoldenFile

# What a suite without computed tolerances would ask: the tolerance of `numpy.allclose`, both ways.
ALLCLOSE: Final = 1e-6
# Aspects of numbers which `allclose` judges in its own way.
_NUMBERS: Final = frozenset(ASPECTS) - {"shape", "dtype"}


def prepare() -> None:
    """Imports what asking and judging import when they need it: forked processes then have it."""
    TensorFlowTensors()
    for module in pkgutil.walk_packages(oracle.__path__, f"{oracle.__name__}."):
        importlib.import_module(module.name)


class Killed(StrEnum):
    """By what a case fails."""

    VALUE = "value"  # numbers, their shape or dtype
    OTHER = "other"  # something else that was asserted: a configuration, a name, what is rejected
    CRASH = "crash"  # an error where official Keras answers; or the process died
    TIMEOUT = "timeout"


@dataclass(frozen=True, slots=True)
class Question:
    """A case in one dialect."""

    entry: GoldenCase
    dialect: str

    @property
    def id(self) -> str:
        """The id of the case."""
        return self.entry.case.id

    @property
    def trains(self) -> bool:
        """Whether it traces a function, which takes ten times as long as anything else."""
        return any(step.traces for step in self.entry.case.steps)

    @property
    def group(self) -> tuple[str, str, str]:
        """What it is one of many of: dialect, target, and the part of its id that follows."""
        return self.dialect, self.entry.case.target, self.id.split("/")[1]


def questions(files: Sequence[GoldenFile]) -> list[Question]:
    """Every case in each of its dialects."""
    return [
        Question(entry, dialect)
        for file in files
        for entry in file.cases
        for dialect in entry.expected
    ]


@dataclass(frozen=True, slots=True)
class Judged:
    """What is wrong with an answer.

    Attributes:
        wrong: by aspect, by what it fails under computed tolerances.
        close: whether nothing is wrong when numbers are judged by `allclose`.

    """

    wrong: Mapping[str, Killed]
    close: bool


def judged(question: Question, answer: Sequence[Outcome]) -> Judged:
    """The answer against the golden one, as a run judges it, and by `allclose`.

    Where `impl` is not to do as official Keras, which a finding says, only a judge who follows the documentation can
    tell a right answer from a wrong one; so what fails is judged in that way, too.
    """
    expected = question.entry.expected[question.dialect]
    bad = _failing(question, answer, followed=False)
    if not bad:
        return Judged({}, close=close(answer, expected))
    crashed = _crashed(answer, expected)
    wrong = {c.aspect: Killed.CRASH if crashed else _by(c) for c in bad}
    for c in _failing(question, answer, followed=True):
        wrong[f"documented {c.aspect}"] = Killed.CRASH if crashed else _by(c)
    return Judged(wrong, close=all(map(_is_number, bad)) and close(answer, expected))


def _failing(question: Question, answer: Sequence[Outcome], *, followed: bool) -> list[Comparison]:
    entry, dialect = question.entry, question.dialect
    case, expected = entry.case, entry.expected[dialect]
    permitted = Permitted(
        truths=lambda: oracle.known(case, dialect, answer, expected),
        alternatives=entry.alternatives.get(dialect, ()),
        followed=followed,
        flags=case.flags,
    )

    def budgets() -> Sequence[Mapping[str, Budget]]:
        return oracle.budgets(case, dialect, expected, case.tolerance)

    found = compare(answer, expected, case.tolerance, budgets=budgets, permitted=permitted)
    return [c for c in found if c.verdict is not Verdict.PASS]


def _crashed(answer: Sequence[Outcome], expected: Sequence[Outcome]) -> bool:
    """Whether a step was refused which official Keras answers."""
    last = len(answer) - 1
    return (
        last < len(expected)
        and isinstance(answer[last], Raised)
        and not isinstance(expected[last], Raised)
    )


def _is_number(comparison: Comparison) -> bool:
    return comparison.aspect in _NUMBERS or bool(comparison.dtype)


def _by(comparison: Comparison) -> Killed:
    number = comparison.aspect in ASPECTS or comparison.dtype
    return Killed.VALUE if number else Killed.OTHER


def close(answer: Sequence[Outcome], expected: Sequence[Outcome]) -> bool:
    """Whether all tensors of an answer are those expected, to `ALLCLOSE`, relative or absolute."""
    for got, wanted in zip(answer, expected, strict=False):
        if not (isinstance(got, Returned) and isinstance(wanted, Returned)):
            continue
        for name, value in wanted.values.items():
            mine = got.values.get(name)
            if not (isinstance(value, Tensor) and isinstance(mine, Tensor)):
                continue
            if mine == value:
                continue
            a, b = mine.values(), value.values()
            with np.errstate(all="ignore"):
                if a.shape != b.shape or not np.allclose(
                    a, b, rtol=ALLCLOSE, atol=ALLCLOSE, equal_nan=True
                ):
                    return False
    return True
