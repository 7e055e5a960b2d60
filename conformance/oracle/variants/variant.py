"""A variant: another case, and what is different in it."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.model import Case

# What the oracle raises for a case that nobody can ask.
IMPOSSIBLE = (ArithmeticError, AssertionError, LookupError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class Variant:
    """A case with one thing changed.

    Attributes:
        text: what is changed, in a clause that has nothing of the case in it.
        before: how many steps it has before the first one of the case that it is a variant of.

    """

    text: str
    case: Case
    before: int = 0
