"""A hint, and the pair of tensors that it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from conformance.model import (
    EPSILON,
    LEAST_NORMAL,
    STORAGE,
    Array,
    Kind,
    Tensor,
    Tolerance,
    allowance,
)

# Units in the last place in which a guess may be off beside the tolerance of the tensor: it is rounded once more.
_UNITS = 4.0
# Of the largest number, what is allowed where a guess says something.
_BLUNT = 0.05
# How many times that much the expected value has to be away from a guess, which else would prove nothing.
_CLEARLY = 4.0


@dataclass(frozen=True, slots=True)
class Hint:
    """What a wrong answer would be right for, in a clause that has nothing of the case in it.

    `sure`: whether it says so by itself. What is not sure counts only beside the same hint of another case.
    """

    text: str
    sure: bool = True


@dataclass(frozen=True)
class Pair:
    """A tensor of an answer that is wrong, and the expected one.

    Attributes:
        inputs: the tensors that the case gives.
        counts: numbers of the case that a value may be multiplied with or divided by, each with its name.

    """

    got: Tensor
    wanted: Tensor
    tolerance: Tolerance = Tolerance()  # noqa: RUF009  (frozen)
    inputs: Sequence[Tensor] = ()
    counts: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def g(self) -> Array:
        """The numbers of the answer in float64, or complex ones."""
        return wide(self.got)

    @cached_property
    def w(self) -> Array:
        """Likewise the expected ones."""
        return wide(self.wanted)

    @property
    def real(self) -> bool:
        """Whether both are real numbers."""
        return self.g.dtype.kind == "f" and self.w.dtype.kind == "f"

    def room(self, guess: Array, terms: Array | float = 0.0) -> Array:
        """Per element of a guess, how far an answer may be from it.

        `terms`: the size of what was added up for each element, where it is a sum.
        """
        dtype = self.wanted.dtype if self.wanted.dtype in EPSILON else "float64"
        eps, least = EPSILON[dtype], LEAST_NORMAL[dtype]
        finite = np.where(np.isfinite(guess), guess, 0.0)
        own = np.zeros(guess.shape)
        if self.tolerance.kind in (Kind.ULP, Kind.BOUND):
            sizes = np.abs(finite) if np.iscomplexobj(finite) else finite
            own = allowance.allowed(self.tolerance, sizes, dtype)
        return own + _UNITS * eps * np.maximum(np.abs(finite), terms) + least * eps

    def alike(self, got: Array, guess: Array, terms: Array | float = 0.0) -> bool:
        """Whether an answer is a guess, element by element, but for rounding. `terms`: as of `room`."""
        if got.shape != guess.shape or not got.size:
            return False
        with np.errstate(all="ignore"):
            same = (got == guess) | (np.isnan(got) & np.isnan(guess))
            return bool((same | (np.abs(got - guess) <= self.room(guess, terms))).all())

    def is_(self, guess: Array) -> bool:
        """Whether the answer is a guess in all elements, and the expected value clearly is not."""
        if not self.alike(self.g, guess):
            return False
        if self.w.shape != guess.shape:
            return True
        with np.errstate(all="ignore"):
            off = np.abs(self.w - guess) > _CLEARLY * self.room(guess)
            return bool((off | (np.isfinite(self.w) != np.isfinite(guess))).any())

    @cached_property
    def blunt(self) -> bool:
        """Whether so much is allowed that many a guess would do."""
        sizes = np.abs(self.w[np.isfinite(self.w)])
        if not sizes.size or not sizes.max():
            return False
        return bool(self.room(self.w.real).max(initial=0.0) > _BLUNT * sizes.max())

    @cached_property
    def varied(self) -> bool:
        """Whether the expected numbers say something of each other: three or more, not all of one size."""
        sizes = np.abs(self.w[np.isfinite(self.w) & (self.w != 0)]).ravel()
        return bool(sizes.size >= 3 and sizes.max() > 1.001 * sizes.min())


def wide(tensor: Tensor) -> Array:
    """The elements in float64, complex ones in complex128."""
    complex_ = STORAGE[tensor.dtype].kind == "c"
    return tensor.values().astype(np.complex128 if complex_ else np.float64)
