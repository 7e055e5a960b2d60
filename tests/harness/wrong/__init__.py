"""Wrong subjects: implementations with one plausible mistake in one place, a row for each.

The mistake replaces a method of the official class itself (or a function of the namespace), so
that `get`, `serialize` and every alias lead to it too, as they would in an implementation that has
it. For each family: how a mistake is made (`making`, `classes`), and tables of mistakes.

`pairs` has tables of another kind: what a run could take for right, or for wrong, by mistake. Each
wrong subject has a right twin there, often one that answers where official Keras raises.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import ml_dtypes  # noqa: F401  (registers bfloat16 with NumPy)
import pytest

from conformance.model import DIALECTS, Verdict
from conformance.runner.report import Report

OFFICIAL: Final = {"keras2": "tf_keras", "keras3": "keras"}
KERAS2: Final = ("keras2",)
KERAS3: Final = ("keras3",)
GoldenOf = Callable[[tuple[str, ...]], Path]


@dataclass(frozen=True)
class Mistake:
    """One mistake: where it is, what it must be failed for, and in which cases to look.

    `change` gives what to replace. `groups` are globs over ids after the target; `bystander` are
    cases of another target, which must pass. `strict`: the mistake is below the tolerance, and only
    `--strict` can see it.
    """

    name: str
    target: str
    aspects: tuple[str, ...]
    change: Callable[[Any], Any]
    groups: tuple[str, ...]
    dialects: tuple[str, ...] = DIALECTS
    strict: bool = False
    bystander: str = ""

    @property
    def path(self) -> str:
        """The target with its family."""
        return self.target

    @property
    def select(self) -> tuple[str, ...]:
        # A pattern over the goldens of both dialects always matches: the run checks that.
        return (*(f"{self.path}/{group}" for group in self.groups), self.bystander)


@cache
def tensorflow() -> Any:
    return importlib.import_module("tensorflow")


def parameters(mistakes: Iterable[Any], made_in: str = "dialects") -> list[Any]:
    """Every mistake in everything that it is made in, as parameters of a test."""
    return [
        pytest.param(mistake, name, id=f"{mistake.target}-{mistake.name}-{name}")
        for mistake in mistakes
        for name in getattr(mistake, made_in)
    ]


def in_turn(mistakes: Iterable[Any]) -> list[Any]:
    """Every mistake in one of its dialects, in turn: who judges it is the same in both."""
    made = [parameters([mistake]) for mistake in mistakes]
    return [each[number % len(each)] for number, each in enumerate(made)]


def failures(report: Report) -> dict[str, set[str]]:
    """The aspects that failed, by target."""
    found: dict[str, set[str]] = {}
    for result in report.results:
        if result.verdict in (Verdict.FAIL, Verdict.MISSING):
            found.setdefault(result.target, set()).add(result.aspect)
    return found
