"""What an example is drawn for: something of a class that nothing covers yet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hypothesis import strategies as st

from conformance.strength.explore.tensors import Draw, seldom, within
from conformance.strength.explore.traits import LARGE

# An example in so many is drawn for what is lacking.
_TIMES: Final = 2
_SIZES: Final = ("single", "hundreds", "thousands", "equal-axes", "unequal-axes")


@dataclass(frozen=True, slots=True)
class Aim:
    """One thing to be covered. What is None or empty may be anything.

    Attributes:
        argument: a name and a kind of its values.
        number: a kind of numbers, `zero` and `empty` included.
        size: a kind of sizes.

    """

    argument: tuple[str, str] | None = None
    dtype: str = ""
    rank: int | None = None
    number: str = ""
    size: str = ""

    def shape(self, found: tuple[int, ...]) -> tuple[int, ...]:
        """A shape as it is aimed at, as near to one that was drawn as can be."""
        if self.number and not math.prod(found):
            found = tuple(each or 1 for each in found)
        if not found:
            return found
        match "empty" if self.number == "empty" else self.size:
            case "empty":
                return (0, *found[1:])
            case "single":
                return (1,) * len(found)
            case "hundreds" | "thousands" as many:
                rest = max(1, math.prod(found[1:]))
                least = LARGE if many == "thousands" else 100
                return within((-(-least // rest), *(each or 1 for each in found[1:])))
            case "equal-axes":
                return within((found[-1] or 2,) * len(found))
        return found


NOTHING: Final = Aim()


def aimed(draw: Draw, lacking: Sequence[Aim]) -> Aim:
    """One of what is lacking, or nothing in particular."""
    if not lacking or not seldom(draw, _TIMES):
        return NOTHING
    aim: Aim = draw(st.sampled_from(tuple(lacking)))
    return aim


def read(target: str, text: str) -> Aim | None:
    """The aim that a text of `coverage` about a class stands for; None for one of another class."""
    if text.startswith(f"{target}("):
        name, _, kind = text.removeprefix(f"{target}(").partition("): ")
        return Aim(argument=(name, kind))
    if not text.startswith(f"{target}: "):
        return None
    what, _, dtype = text.removeprefix(f"{target}: ").partition(" of ")
    if what in _SIZES:
        return Aim(size=what)
    if what.startswith("rank "):
        return Aim(rank=int(what.removeprefix("rank ")), dtype=dtype)
    return Aim(number=what, dtype=dtype) if dtype else None
