"""Comparisons and what comes of them: verdict, grade, fault."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from conformance.model.values import Array, Tensor


class Verdict(StrEnum):
    """What a comparison came to."""

    PASS = "pass"
    FAIL = "fail"
    BLOCKED = "blocked"
    UNSUPPORTED = "unsupported"
    KNOWN_FAILURE = "known_failure"
    UNEXPECTED_PASS = "unexpected_pass"
    MISSING = "missing"


class Grade(StrEnum):
    """How well a comparison passed."""

    BITWISE = "bitwise"
    REJECTED = "rejected"  # official Keras rejects it too
    WITHIN = "within"
    TRUTH = "truth"  # right, where official Keras is not, or cannot say


class Budget(Protocol):
    """How far each element of a value may lie from the truth."""

    def headroom(self, actual: Tensor) -> Array:
        """Per element, the error of `actual` over its budget; above 1 it is wrong."""
        ...


class Known(Budget, Protocol):
    """The truth of a value: what each element is, and how far it may lie from that."""

    @property
    def value(self) -> Array:
        """Per element, in float64."""
        ...

    @property
    def error(self) -> Array:
        """Per element, how far; infinite where nothing can be said."""
        ...

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the value."""
        ...

    @property
    def dtype(self) -> str:
        """The dtype of the computation."""
        ...


class Fault(StrEnum):
    """Who is wrong where an answer differs from the expected one, which is official Keras'."""

    SUBJECT = "subject"
    OFFICIAL = "official"
    BOTH = "both"
    PLATFORM = "platform"  # what TensorFlow has no kernel for, or flushes
    UNKNOWN = "unknown"  # there is no truth to ask


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of comparing one aspect of one outcome with the expected one.

    `signature`: how it fails, in phrases that do not depend on numbers; see `signature`. `fault`: who is
    wrong, where the truth of a value that fails says so.
    """

    aspect: str
    verdict: Verdict
    grade: Grade | None = None
    error_ulp: float | None = None
    headroom: float | None = None
    message: str = ""
    dtype: str = ""
    signature: tuple[str, ...] = ()
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """The verdict on one aspect of one case, as a subject answered it."""

    id: str
    subject: str
    dialect: str
    target: str
    against: str
    aspect: str
    verdict: Verdict
    grade: Grade | None = None
    error_ulp: float | None = None
    headroom: float | None = None
    message: str = ""
    dtype: str = ""
    signature: tuple[str, ...] = ()
    fault: Fault | None = None
