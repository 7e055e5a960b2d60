"""What a subject answered to a case, and the parts of it that tests of claims need."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from conformance.model import Array, Case, Outcome, Returned, Tensor, Unsupported, patterns

# Documents print float32 numbers: two numbers are the same when this many digits are.
_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class Answered:
    """A case, the answer of one subject, and `ask` for its answer to another case."""

    case: Case
    dialect: str
    outcomes: Sequence[Outcome]
    ask: Callable[[str], Answered]

    def other(self, case_id: str) -> Answered:
        """The answer to another case; Undecided where the subject has not what that asks about."""
        theirs = self.ask(case_id)
        if isinstance(theirs.outcomes[-1], Unsupported):
            raise Undecided(theirs.outcomes[-1].reason)
        return theirs


class Undecided(Exception):
    """The subject does not have what the case asks about."""


def tensors(answered: Answered, options: Mapping[str, Any]) -> list[tuple[str, Tensor]]:
    """The tensors that an expectation is about (option `of`), in the order of the steps."""
    glob = options.get("of", "value")
    return [
        (name, value)
        for outcome in answered.outcomes
        if isinstance(outcome, Returned)
        for name, value in outcome.values.items()
        if isinstance(value, Tensor) and patterns.covers(glob, name)
    ]


def none_named(answered: Answered, options: Mapping[str, Any]) -> str:
    """The message where no tensor has the name that is asked for."""
    names = ", ".join(n for o in answered.outcomes if isinstance(o, Returned) for n in o.values)
    return f"no tensor {options.get('of', 'value')!r} among {names or 'nothing'}"


def facts(answered: Answered) -> Iterator[tuple[str, Any]]:
    """Every value that the steps gave, with its name."""
    for outcome in answered.outcomes:
        if isinstance(outcome, Returned):
            yield from outcome.values.items()


def near(got: Array, wanted: Array, options: Mapping[str, Any]) -> Array:
    """Where two numbers are the same to the digits that the document prints."""
    if "decimals" in options:
        room = np.full(wanted.shape, 0.5 * 10.0 ** -options["decimals"])
    else:
        room = 0.5 * 10.0 ** (1 - _DIGITS) * np.where(np.isfinite(wanted), np.abs(wanted), 0.0)
    with np.errstate(invalid="ignore"):
        same: Array = (got == wanted) | (np.abs(got - wanted) <= room * (1 + 1e-9))
    return same
