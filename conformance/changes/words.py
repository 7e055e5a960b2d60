"""Puts values and outcomes in words, each in a line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from conformance.judge import signature
from conformance.judge.compare import stem
from conformance.judge.differences import shown
from conformance.model import Crashed, Outcome, Raised, Returned, Step, TimedOut, Unsupported
from conformance.model.texts import clipped


def label_of(name: str, step: Step) -> str:
    """What a reader calls the value `name` of a step."""
    aspect = stem(name)
    if step.do == "fit":
        return {"weights": "weights after fit", "losses": "losses of fit"}.get(aspect, aspect)
    if step.do == "output_shape" and aspect == "shape":
        return "output shape"
    if aspect == "count":
        return f"number of {step.do.removeprefix('get_')}"
    if aspect == "input":
        return "the input after the call"
    return aspect


def short(value: Any) -> str:
    """A value in at most 120 characters."""
    return clipped(shown(value), 120)


_ANSWERS: Final[Mapping[type[Any], str]] = {
    Returned: "accepted",
    Raised: "rejected",
    Unsupported: "unsupported",
    Crashed: "ends its process",
    TimedOut: "gives no answer in time",
}


def now_answered(old: Outcome | None, new: Outcome | None) -> str:
    """How the new subject answers, where the old one answered in another way."""
    was, now = (_ANSWERS.get(type(each), "without an answer") for each in (old, new))
    if isinstance(new, Raised):
        now = f"{now} with {signature.kind_of(new)} in {new.phase}"
    return f"now {now}" if isinstance(old, Returned) else f"now {now}, was {was}"


def said(outcome: Outcome | None) -> str:
    """The message of an outcome, or its values."""
    if isinstance(outcome, Raised):
        return f"{signature.kind_of(outcome)} in {outcome.phase}: {outcome.message}"
    if isinstance(outcome, Returned):
        return ", ".join(f"{name} {short(value)}" for name, value in outcome.values.items())
    if isinstance(outcome, Unsupported | Crashed):
        return outcome.reason
    return f"{outcome.seconds:g} s" if isinstance(outcome, TimedOut) else ""
