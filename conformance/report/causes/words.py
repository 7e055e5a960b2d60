"""A cause in words, and the command that shows an example of it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Final

from conformance.report.causes import shared
from conformance.report.causes.finding import Cause
from conformance.runner.report import Plan

_MOST_CLASSES: Final = 4
# What the aspect of a phrase says already.
_SELF_EVIDENT: Final = ("accepted", "value")


def what(cause: Cause) -> str:
    """What is wrong, without classes and numbers: the hint, or how it looks."""
    if cause.hints:
        said = " or ".join(cause.hints)
    else:
        phrases = "; ".join(_phrase(phrase) for phrase in cause.signature) or "differs"
        aspect = cause.example.aspect
        said = phrases if aspect in _SELF_EVIDENT else f"{aspect}: {phrases}"
    return f"{said}, where {shared.words(cause.trait)}" if cause.trait else said


def _phrase(phrase: str) -> str:
    return "accepted, and must be refused" if phrase == "accepted" else phrase


def classes(cause: Cause, most: int = _MOST_CLASSES) -> str:
    """The classes, with how many cases of each where there are several."""
    if len(cause.targets) == 1:
        return next(iter(cause.targets))
    told = [f"{target} {count}" for target, count in list(cause.targets.items())[:most]]
    more = len(cause.targets) - most
    return ", ".join(told) + (f" and {more} more classes" if more > 0 else "")


def sentence(cause: Cause) -> str:
    """A cause in one sentence: how many cases, of which classes, and what is wrong."""
    return f"{len(cause.ids)} x {classes(cause)}: {what(cause)}"


def heading(found: Sequence[Cause]) -> str:
    """How many cases failed, of how many classes, for how many causes."""
    cases = {(cause.subject, case_id) for cause in found for case_id in cause.ids}
    targets = {target for cause in found for target in cause.targets}
    return (
        f"{counted(len(cases), 'case')} of {counted(len(targets), 'class', 'classes')} failed, "
        f"for {counted(len(found), 'cause')}:"
    )


def counted(number: int, one: str, several: str = "") -> str:
    """A number of things: `1 case`, `2 cases`."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"


def command(cause: Cause, plan: Plan, case_id: str = "") -> str:
    """The command that shows the example, or another case, for a shell."""
    words = ["conformance", "show", case_id or cause.example.id, "--subject", cause.subject]
    if str(plan.mode) != "eager":
        words += ["--mode", str(plan.mode)]
    if plan.follow is not None:
        words += ["--follow", str(plan.follow)]
    return shlex.join(words)
