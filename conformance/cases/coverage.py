"""Which values of each argument of a constructor are asked: counted from the cases alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from conformance.cases.rows import text
from conformance.model import Case, Input

# Cases with these flags are about what an argument refuses, or about its form, not its value.
_NO_VALUES: Final = ("bad-argument", "unusual-argument")


@dataclass(slots=True)
class Asked:
    """The distinct values of one argument of one target, as text, in the order in which they first come.

    `integers`: those of it that are integers. A tuple or list counts by each integer in it.
    """

    target: str
    argument: str
    values: dict[str, None] = field(default_factory=dict)
    integers: set[int] = field(default_factory=set)
    others: bool = False

    @property
    def integral(self) -> bool:
        """Whether the argument takes integers, or tuples of them, and nothing else but None."""
        return bool(self.integers) and not self.others

    def add(self, value: Any) -> None:
        """One more value."""
        self.values.setdefault(text(value))
        for each in _leaves(value):
            if type(each) is int:
                self.integers.add(each)
            elif each is not None:
                self.others = True


def asked(cases: Iterable[Case]) -> list[Asked]:
    """Every argument by name of every target, in the order of the cases.

    Left out are arguments by position, whose names the cases do not say, and cases of what is refused.
    """
    found: dict[tuple[str, str], Asked] = {}
    for case in cases:
        if case.custom is not None or any(flag in case.flags for flag in _NO_VALUES):
            continue
        for name, value in case.arguments.items():
            if name != "*":
                key = case.target, name
                found.setdefault(key, Asked(*key)).add(value)
    return sorted(found.values(), key=lambda each: each.target)


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        for each in value:
            yield from _leaves(each)
    elif isinstance(value, Input) and "int" in value.tensor.dtype:
        yield from map(int, value.tensor.values().ravel())
    elif isinstance(value, Mapping):
        yield value
    else:
        yield value
