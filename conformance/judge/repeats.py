"""Draws that repeat each other where they must not, or do not where they must."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conformance.judge.differences import Difference, OtherValue, of_records
from conformance.model import Json, Value


@dataclass(frozen=True, slots=True)
class OtherRepeat:
    """Of several draws one repeats what it must not, or is another where it must repeat.

    `got` and `wanted` are the numbers of the first draw that has, or must have, the bits of draw `number`.
    """

    number: int
    got: int
    wanted: int

    @property
    def message(self) -> str:
        """Which draw, and of which one it must have the bits."""
        draw = f"draw {self.number + 1} must"
        if self.wanted == self.number:
            return f"{draw} be a new one; it has the bits of draw {self.got + 1}"
        other = self.got == self.number
        has = "it is another" if other else f"it has those of draw {self.got + 1}"
        return f"{draw} have the bits of draw {self.wanted + 1}; {has}"

    @property
    def phrases(self) -> Sequence[str]:
        """As of any other value of a record."""
        return OtherValue((self.number,), self.got, self.wanted).phrases


def of_repeats(got: Value, wanted: Json) -> Iterator[Difference]:
    """Each draw that differs in whether it repeats another one."""
    for each in of_records(got, wanted):
        if isinstance(each, OtherValue) and type(each.got) is type(each.wanted) is int:
            (number,) = each.path
            yield OtherRepeat(int(number), int(each.got), int(each.wanted))
        else:
            yield each
