"""How a failure looks, in a few words that stay the same while its numbers move.

A signature is a set of such phrases, sorted: one for each way in which an aspect of a case is not as
expected. Known failures are recognised by it, so that what fails differently is not taken for them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeAlias

import numpy as np

from conformance.model import Array, Crashed, Outcome, Raised, Tensor, TimedOut, Value

Signature: TypeAlias = tuple[str, ...]

NO_ANSWER: Final = "no answer"
TOO_MANY_ANSWERS: Final = "more answers than steps"
ACCEPTED: Final = "accepted"
OTHER_DRAWS: Final = "not the draws of official Keras"
FINITE: Final = "finite everywhere"
NO_TENSOR: Final = "{} instead of a tensor"

# A difference of that many units in the last place is rounding, whatever its relative size.
_ROUNDING: Final = 16
_OFF: Final = "value off, "
_IN_ULP: Final = f"{_OFF}up to {_ROUNDING} ULP"
_RELATIVE: Final = f"{_OFF}relative error up to "
_LARGE: Final = f"{_OFF}relative error above 1"
_FINEST: Final = -16
# Magnitudes within that factor may be of one kind; what is said in ULP counts as the first of them.
_NEAR: Final = 100.0 * (1 + 1e-9)
_LIKE_ROUNDING: Final = 1e-6

_MOST: Final = 8
_MORE: Final = "and more"
_NUMBER: Final = re.compile(r"(?<![\w.])-?(\d[\d.]*(e[+-]?\d+)?|inf|nan)\b")


def of(phrases: Iterable[str]) -> Signature:
    """The signature that these phrases make: of magnitudes the largest, and not too many."""
    every = set(phrases)
    sizes = {phrase for phrase in every if _size(phrase) is not None}
    largest = sorted(sizes, key=lambda phrase: _size(phrase) or 0.0)[-1:]
    kept = sorted({*every - sizes - {_MORE}, *largest})
    if _MORE in every or len(kept) > _MOST:
        kept = [*kept[: _MOST - 1], _MORE]
    return tuple(kept)


def covers(expected: Sequence[str], seen: Sequence[str]) -> bool:
    """Whether every phrase of `seen` is among those expected; a value may be off by less."""
    sizes = [size for phrase in expected if (size := _size(phrase)) is not None]
    most = max(sizes, default=-math.inf)
    return all(
        phrase in expected or ((size := _size(phrase)) is not None and size <= most)
        for phrase in seen
    )


def includes(wider: Sequence[str], narrower: Sequence[str]) -> bool:
    """Whether two signatures may be of one kind, of which `wider` shows all that there is.

    It covers the other one, and where both are off, by magnitudes that are not far apart.
    """
    sizes = [
        max(
            (_size(phrase) or _LIKE_ROUNDING for phrase in each if _size(phrase) is not None),
            default=0.0,
        )
        for each in (wider, narrower)
    ]
    return covers(wider, narrower) and sizes[0] <= _NEAR * sizes[1]


def _size(phrase: str) -> float | None:
    """The upper end of a magnitude; rounding is the least. None for any other phrase."""
    if not phrase.startswith(_OFF):
        return None
    if phrase == _IN_ULP:
        return 0.0
    if phrase == _LARGE:
        return math.inf
    try:
        return float(phrase.removeprefix(_RELATIVE))
    except ValueError:
        return None


def answer(got: Outcome, wanted: Outcome) -> str:
    """Of a step that ended otherwise than expected: accepted, rejected, crashed, ..."""
    if isinstance(got, Raised):
        if isinstance(wanted, Raised):
            return f"rejected in {got.phase} instead of {wanted.phase}"
        return f"rejected in {got.phase} with {kind_of(got)}"
    if isinstance(got, Crashed):
        return "crashed"
    if isinstance(got, TimedOut):
        return "timed out"
    return ACCEPTED


def shape(got: Sequence[int], wanted: Sequence[int]) -> str:
    """Of a tensor of another shape."""
    if len(got) != len(wanted):
        return f"rank {len(got)} instead of {len(wanted)}"
    return "another shape"


def no_tensor(got: Value) -> str:
    """Of what is no tensor and must be one."""
    return NO_TENSOR.format(_kind(got))


def nonfinite(got: Array, wanted: Array) -> list[str]:
    """Of elements of which one is not finite, or both in different ways."""
    pairs = {(_element(g), _element(w)) for g, w in zip(got.flat, wanted.flat, strict=True)}
    return [f"{g} instead of {w}" for g, w in pairs]


def _element(value: Any) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return "a number"


def zeros(got: Array) -> list[str]:
    """Of zeros of the wrong sign."""
    signs = set(np.signbit(got).flat)
    return ["-0.0 instead of 0.0" if sign else "0.0 instead of -0.0" for sign in signs]


def magnitude(got: Array, wanted: Array, ulp: float = math.inf) -> str:
    """Of values that are off: by how much at most, in ULP where it is rounding.

    Otherwise the largest error of a finite element over the largest finite magnitude expected,
    rounded up to a power of ten: of one element near zero the relative error says little.
    """
    if ulp <= _ROUNDING:
        return _IN_ULP
    with np.errstate(invalid="ignore", over="ignore"):
        g, w = got.astype(np.float64), wanted.astype(np.float64)
        both = np.isfinite(g) & np.isfinite(w)
        error = float(np.abs(g - w)[both].max(initial=0.0))
        scale = float(np.abs(w)[both].max(initial=0.0))
    if not error <= scale:
        return _LARGE
    # Where a subnormal is lost among large values nothing is left of the quotient.
    relative = max(error / scale, 10.0**_FINEST) if scale else 10.0**_FINEST
    exponent = math.ceil(math.log10(relative))
    return _RELATIVE + ("1" if exponent == 0 else f"1e{exponent}")


def law(sentence: str) -> str:
    """Of a promise that random values break, as `distribution` puts it, without its numbers."""
    return "law broken: " + _NUMBER.sub("#", sentence.partition(";")[0])


def place(path: Sequence[str | int]) -> str:
    """Where in a record something is, as `kernel.config.axis[]`: no indices, they are numbers."""
    text = ""
    for step in path:
        text += "[]" if isinstance(step, int) else f".{step}" if text else step
    return text


def lacks(path: Sequence[str | int]) -> str:
    """Of a key that is not there."""
    return f"lacks {place(path)}"


def has(path: Sequence[str | int]) -> str:
    """Of a key that must not be there."""
    return f"has {place(path)}"


def other(got: Value, wanted: Value, path: Sequence[str | int]) -> str:
    """Of another value somewhere in a record."""
    kinds = _kind(got), _kind(wanted)
    text = f"{kinds[0]} instead of {kinds[1]}"
    if kinds[0] == kinds[1]:
        article, _, noun = kinds[0].rpartition(" ")
        text = f"another {noun}" if article else f"other {noun}"
        text = "a list of another length" if noun == "list" else text
    return f"{text} at {place(path)}" if path else text


def kind_of(raised: Raised) -> str:
    """The category of an error with its article: `a value error`."""
    return f"{'an' if raised.category[:1] in 'aeio' else 'a'} {raised.category} error"


def exception(got: Raised, wanted: Raised) -> str | None:
    """Of an error of another kind than expected; None where it is of that kind.

    The category decides, and where both sides name their classes, the class: a subclass will do.
    """
    if got.category != wanted.category:
        return f"{got.category} error instead of {wanted.category} error"
    if got.classes and wanted.classes and wanted.classes[0] not in got.classes:
        return f"{got.classes[0]} instead of {wanted.classes[0]}"
    return None


def _kind(value: Value) -> str:
    if isinstance(value, Tensor):
        return "a tensor"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and not math.isfinite(value):
        return _element(value)
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a text"
    return "a list" if isinstance(value, list | tuple) else "a record"
