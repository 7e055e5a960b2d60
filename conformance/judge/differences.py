"""The ways in which an answer can differ from the expected one, and how each is told.

A record for each way: `message` tells a person, with numbers; `phrases` are what is left of it in a
signature (see `signature`), without them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np

from conformance.judge import signature
from conformance.model import (
    Array,
    Crashed,
    Json,
    Outcome,
    Raised,
    Returned,
    Tensor,
    TimedOut,
    Value,
)
from conformance.model.texts import clipped

Path: TypeAlias = tuple[str | int, ...]


class Difference(Protocol):
    """One way in which an aspect of an answer is not as expected."""

    @property
    def message(self) -> str:
        """What was received and what must be, in a clause."""
        ...

    @property
    def phrases(self) -> Sequence[str]:
        """How it looks, without numbers."""
        ...


def shown(value: Value) -> str:
    """A value in at most a line."""
    if isinstance(value, Tensor):
        flat = value.values().reshape(-1)
        listed = ", ".join(str(v) for v in flat[:6]) + (", ..." if flat.size > 6 else "")
        return f"{value.dtype}{list(value.shape)} [{listed}]"
    return clipped(repr(value), 160)


def describe(outcome: Outcome) -> str:
    """An outcome in a few words."""
    if isinstance(outcome, Raised):
        return f"raised {signature.kind_of(outcome)} in {outcome.phase}: {outcome.message}"
    if isinstance(outcome, Returned):
        return "returned " + ", ".join(
            f"{name} {shown(value)}" for name, value in outcome.values.items()
        )
    if isinstance(outcome, Crashed):
        return f"crashed: {outcome.reason}"
    if isinstance(outcome, TimedOut):
        return f"gave no answer in {outcome.seconds:g} s"
    return str(outcome)


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """There is no answer to a step."""

    message: str = signature.NO_ANSWER
    phrases: Sequence[str] = (signature.NO_ANSWER,)


@dataclass(frozen=True, slots=True)
class TooManyAnswers:
    """There are more answers than steps."""

    answers: int
    steps: int
    phrases: Sequence[str] = (signature.TOO_MANY_ANSWERS,)

    @property
    def message(self) -> str:
        """How many of each."""
        return f"{self.answers} answers to {self.steps} steps"


@dataclass(frozen=True, slots=True)
class Absent:
    """An answer lacks a value."""

    name: str

    @property
    def message(self) -> str:
        """Its name."""
        return f"no {self.name} in the answer"

    @property
    def phrases(self) -> Sequence[str]:
        """Without a number in the name."""
        return (f"no {self.name.partition(':')[0]}",)


@dataclass(frozen=True, slots=True)
class SurplusValues:
    """An answer has values that nobody asked for."""

    names: Sequence[str]

    @property
    def message(self) -> str:
        """Their names."""
        return f"must have no other values; got {', '.join(self.names)}"

    @property
    def phrases(self) -> Sequence[str]:
        """Without the numbers in their names."""
        return sorted({f"surplus {name.partition(':')[0]}" for name in self.names})


@dataclass(frozen=True, slots=True)
class Ending:
    """A step ended otherwise: accepted, rejected, crashed, ..."""

    got: Outcome
    wanted: Outcome

    @property
    def message(self) -> str:
        """How it must end, and how it ended."""
        must = "be accepted"
        if isinstance(self.wanted, Raised):
            must = f"be rejected with {signature.kind_of(self.wanted)}"
            if isinstance(self.got, Raised):
                must = f"be rejected in {self.wanted.phase}"
        return f"must {must}; {describe(self.got)}"

    @property
    def phrases(self) -> Sequence[str]:
        """The ending."""
        return (signature.answer(self.got, self.wanted),)


@dataclass(frozen=True, slots=True)
class OtherError:
    """A step was rejected with an error of another kind."""

    got: Raised
    phrase: str
    wanted: Raised

    @property
    def message(self) -> str:
        """Both kinds."""
        return f"must be {_kind(self.wanted)}; got {_kind(self.got)}: {self.got.message}"

    @property
    def phrases(self) -> Sequence[str]:
        """Both kinds."""
        return (self.phrase,)


def _kind(raised: Raised) -> str:
    return signature.kind_of(raised) + (f" ({raised.classes[0]})" if raised.classes else "")


@dataclass(frozen=True, slots=True)
class NotATensor:
    """Where a tensor must be is something else; `wanted` shows it."""

    got: Value
    wanted: str

    @property
    def message(self) -> str:
        """What must be there, and what is."""
        return f"must be a tensor {self.wanted}; got {shown(self.got)}"

    @property
    def phrases(self) -> Sequence[str]:
        """What is there."""
        return (signature.no_tensor(self.got),)


@dataclass(frozen=True, slots=True)
class OtherShape:
    """A tensor has another shape."""

    got: Sequence[int]
    wanted: Sequence[int]

    @property
    def message(self) -> str:
        """Both shapes."""
        return f"must be {list(self.wanted)}; got {list(self.got)}"

    @property
    def phrases(self) -> Sequence[str]:
        """Both ranks, where they differ."""
        return (signature.shape(self.got, self.wanted),)


@dataclass(frozen=True, slots=True)
class OtherDtype:
    """A tensor has another dtype."""

    got: str
    wanted: str

    @property
    def message(self) -> str:
        """Both dtypes."""
        return f"must be {self.wanted}; got {self.got}"

    @property
    def phrases(self) -> Sequence[str]:
        """Both dtypes."""
        return (f"{self.got} instead of {self.wanted}",)


@dataclass(frozen=True, slots=True)
class Elements:
    """Some elements of a float tensor are not as expected: those in the mask `where`.

    `kind`: `nonfinite` or `zero-sign`.
    """

    kind: str
    where: Array
    got: Array
    wanted: Array

    @property
    def message(self) -> str:
        """The first of them."""
        return at(self.where, self.got, self.wanted)

    @property
    def phrases(self) -> Sequence[str]:
        """What stands instead of what."""
        got, wanted = self.got[self.where], self.wanted[self.where]
        return (
            signature.zeros(got) if self.kind == "zero-sign" else signature.nonfinite(got, wanted)
        )


@dataclass(frozen=True, slots=True)
class Off:
    """Values are off by more than they may: most where the mask `where` is.

    `by`: in what measure, as `9 ULP where 0 are allowed`; nothing where values must be equal. `ulp`: the
    largest distance in units in the last place.
    """

    by: str
    where: Array
    got: Array
    wanted: Array
    ulp: float = float("inf")

    @property
    def message(self) -> str:
        """By how much, and where."""
        place = at(self.where, self.got, self.wanted)
        return f"{self.by}: {place}" if self.by else place

    @property
    def phrases(self) -> Sequence[str]:
        """The order of magnitude."""
        return (signature.magnitude(self.got, self.wanted, self.ulp),)


def at(where: Array, got: Array, wanted: Array) -> str:
    """The first element of a mask, in both tensors."""
    index = tuple(int(i) for i in np.argwhere(where)[0])
    return f"at {list(index)} got {got[index]}, must be {wanted[index]}"


@dataclass(frozen=True, slots=True)
class FiniteDraws:
    """Random values are finite everywhere, where their law has no finite ones."""

    message: str = "must not be finite everywhere; it is"
    phrases: Sequence[str] = (signature.FINITE,)


@dataclass(frozen=True, slots=True)
class LawBroken:
    """Random values break promises of their law; `others`: and must be official Keras' very draws."""

    promises: Sequence[str]
    others: bool = False

    @property
    def message(self) -> str:
        """Each broken promise."""
        must = ["must be the very draws of official Keras; they are others"] if self.others else []
        return "; ".join([*must, *self.promises])

    @property
    def phrases(self) -> Sequence[str]:
        """Each broken promise, without its numbers."""
        phrases = [signature.law(promise) for promise in self.promises]
        return [*phrases, signature.OTHER_DRAWS] if self.others else phrases


@dataclass(frozen=True, slots=True)
class Lacks:
    """A record lacks a key."""

    path: Path
    key: str

    @property
    def message(self) -> str:
        """Where, and which."""
        return f"{_place(self.path)} lacks the key {self.key!r}"

    @property
    def phrases(self) -> Sequence[str]:
        """Where, and which."""
        return (signature.lacks((*self.path, self.key)),)


@dataclass(frozen=True, slots=True)
class Surplus:
    """A record has a key that it must not have."""

    path: Path
    key: str

    @property
    def message(self) -> str:
        """Where, and which."""
        return f"{_place(self.path)} has the key {self.key!r}, which it must not have"

    @property
    def phrases(self) -> Sequence[str]:
        """Where, and which."""
        return (signature.has((*self.path, self.key)),)


@dataclass(frozen=True, slots=True)
class OtherValue:
    """A record has another value somewhere."""

    path: Path
    got: Value
    wanted: Json

    @property
    def message(self) -> str:
        """Where, and both values."""
        return f"{_place(self.path)} must be {shown(self.wanted)}; got {shown(self.got)}"

    @property
    def phrases(self) -> Sequence[str]:
        """Where, and what kind of value instead of what kind."""
        return (signature.other(self.got, self.wanted, self.path),)


def _place(path: Path) -> str:
    return "".join(f"[{step!r}]" for step in path) or "the answer"


def of_records(got: Value, wanted: Json, path: Path = ()) -> Iterator[Difference]:
    """Each place where two JSON values differ; numbers by value."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        for key in sorted(wanted.keys() ^ got.keys()):
            yield Lacks(path, key) if key in wanted else Surplus(path, key)
        for key, value in wanted.items():
            if key in got:
                yield from of_records(got[key], value, (*path, key))
        return
    if isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
        for i, (g, w) in enumerate(zip(got, wanted, strict=True)):
            yield from of_records(g, w, (*path, i))
        return
    if _is_number(wanted) and _is_number(got):
        same = got == wanted or (got != got and wanted != wanted)
    else:
        same = type(got) is type(wanted) and got == wanted
    if not same:
        yield OtherValue(path, got, wanted)


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
