"""How far each activation and its gradient are from the truth, in units in the last place, over a whole dtype.

Float16 and bfloat16: every finite number is asked. Float32: numbers of every binade and both signs, drawn with a seed.
The truth is the definition in float64. Where the rounding of float64 itself could move the truth by more than an
eighth of a unit of the dtype, an element is left out and counted; so are subnormal numbers and
those whose truth is subnormal, which TensorFlow may flush to zero.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from conformance.model import (
    LARGEST,
    LEAST_NORMAL,
    Array,
    Case,
    Given,
    Input,
    Raised,
    Returned,
    Step,
    Tensor,
)
from conformance.oracle.curves import CURVES, Curve, curve_of
from conformance.subjects import Subject

DTYPES: Final = ("float16", "bfloat16", "float32")
# How many bits of a number follow the leading one.
_FRACTION: Final = {"float16": 10, "bfloat16": 7, "float32": 23}
# The parts of a unit in the last place that float64 may move the truth by.
_SURE: Final = 1 / 8
# Elements of one question.
_CHUNK: Final = 1 << 14
# Numbers that are judged at once.
_PART: Final = 1 << 20
# The step `gradient` multiplies element i by (7 i mod 11 - 5) / 4. In these places that is 1 and -1.
_PERIOD: Final = 11
_ONES: Final = tuple(
    (place, sign)
    for sign in (1, -1)
    for place in range(_PERIOD)
    if (7 * place) % _PERIOD - 5 == 4 * sign
)


@dataclass(frozen=True, slots=True)
class Row:
    """One activation of one subject, its value or its gradient, over one dtype.

    Attributes:
        asked: how many numbers were asked.
        judged: how many of them are normal or zero, with a truth that is, too, and that float64 decides.
        exact: how many of the judged are correctly rounded.
        worst: the largest error in units in the last place of the truth; 0.5 is the least that is possible.
        at, got, true: the number where it is, the answer, the truth; 0 where there is no error.
        nonfinite: how many answers are infinite or NaN where the truth is not.
        lost: the first number with such an answer; None where there is none.
        refused: why the subject gave no answer; empty where it gave one.

    """

    subject: str
    activation: str
    gradient: bool
    dtype: str
    asked: int = 0
    judged: int = 0
    exact: int = 0
    worst: float = 0.0
    at: float = 0.0
    got: float = 0.0
    true: float = 0.0
    nonfinite: int = 0
    lost: float | None = None
    refused: str = ""


def numbers(dtype: str, samples: int, seed: int) -> Array:
    """The numbers that are asked, ascending, in float64. `samples`: about how many of float32."""
    if dtype == "float32":
        return _stratified(samples, seed)
    bits = np.arange(1 << 16, dtype=np.uint16)
    half = bits.view(np.float16) if dtype == "float16" else bits.astype(np.uint32) << 16
    every = half if dtype == "float16" else half.view(np.float32)
    return np.unique(every[np.isfinite(every)].astype(np.float64))


def _stratified(samples: int, seed: int) -> Array:
    """Float32 numbers of every binade, the subnormal one included, and both signs."""
    generator = np.random.default_rng(seed)
    exponents = np.arange(255, dtype=np.uint32)
    each = max(1, samples // (2 * len(exponents)))
    fraction = generator.integers(0, 1 << 23, (2, len(exponents), each), dtype=np.uint32)
    fraction[..., 0] = 0  # powers of two, and zero
    sign = np.array([0, 1], np.uint32)[:, None, None] << 31
    bits = sign | (exponents[None, :, None] << 23) | fraction
    return np.unique(bits.view(np.float32).astype(np.float64))


def parts(dtype: str, samples: int, seed: int) -> Iterator[Array]:
    """The numbers that are asked, in parts that fit into memory; `samples` 0: all of float32, too."""
    if dtype != "float32" or samples:
        yield numbers(dtype, samples, seed)
        return
    for start in range(0, 1 << 32, _PART):
        bits = np.arange(start, start + _PART, dtype=np.uint64).astype(np.uint32)
        found = bits.view(np.float32)
        if np.isfinite(found).any():
            yield found[np.isfinite(found)].astype(np.float64)


def measure(
    subject: Subject, dtypes: Sequence[str] = DTYPES, samples: int = 1 << 18, seed: int = 0
) -> Iterator[Row]:
    """A row for every elementwise activation of the documents, dtype, value and gradient."""
    for name in CURVES:
        for dtype in dtypes:
            for gradient in (False, True):
                rows = [
                    _row(subject, name, dtype, x, gradient=gradient)
                    for x in parts(dtype, samples, seed)
                ]
                yield functools.reduce(_together, rows)


def count(dtypes: Sequence[str]) -> int:
    """How many rows `measure` gives for these dtypes."""
    return 2 * len(CURVES) * len(dtypes)


def _row(subject: Subject, name: str, dtype: str, x: Array, *, gradient: bool) -> Row:
    found = Row(subject.name, name, gradient, dtype, asked=len(x))
    answers = []
    for start in range(0, len(x), _CHUNK):
        answer = _answer(subject, name, dtype, x[start : start + _CHUNK], gradient=gradient)
        if isinstance(answer, str):
            return replace(found, refused=answer)
        answers.append(answer)
    return _judged(found, curve_of(name, subject.dialect), x, np.concatenate(answers))


def _together(one: Row, other: Row) -> Row:
    """One row for two parts of the numbers."""
    worse = max(one, other, key=lambda row: row.worst)
    return replace(
        worse,
        asked=one.asked + other.asked,
        judged=one.judged + other.judged,
        exact=one.exact + other.exact,
        nonfinite=one.nonfinite + other.nonfinite,
        lost=other.lost if one.lost is None else one.lost,
        refused=one.refused or other.refused,
    )


def _answer(subject: Subject, name: str, dtype: str, x: Array, *, gradient: bool) -> Array | str:
    """The values or slopes at `x`, in float64; a sentence where there are none.

    Asked of a Dense layer of one unit whose weight is 1: it multiplies by 1, and adds nothing.
    """
    given = Tensor.of((_spread(x) if gradient else x)[:, None], dtype)
    one = Input(Tensor.of(np.ones((1, 1)), dtype), Given.ARRAY)
    step = Step("gradient", 0) if gradient else Step("call", 0)
    case = Case(
        id=f"layers.Dense/ulp/{name}-{dtype}",
        target="layers.Dense",
        dialects=(subject.dialect,),
        arguments={"units": 1, "activation": name, "use_bias": False, "dtype": dtype},
        inputs=(Input(given),),
        steps=(
            Step("build", options={"shape": (None, 1)}),
            Step("set_weights", options={"values": [one]}),
            step,
        ),
    )
    last = subject.answer(case)[-1]
    if isinstance(last, Raised):
        return f"{last.category}: {last.message}"
    if not isinstance(last, Returned):
        return str(getattr(last, "reason", last))
    wanted: Any = last.values.get("gradient:0-input" if gradient else "value")
    if not isinstance(wanted, Tensor) or wanted.shape != given.shape:
        return "it gave no tensor of the shape of the input"
    seen = wanted.values().astype(np.float64).ravel()
    return _gathered(seen, len(x)) if gradient else seen


def _spread(x: Array) -> Array:
    """The numbers where their slopes are multiplied by 1 or -1, zeros elsewhere."""
    rows = np.zeros((-(-len(x) // len(_ONES)), _PERIOD))
    for number, (place, _) in enumerate(_ONES):
        mine = x[number :: len(_ONES)]
        rows[: len(mine), place] = mine
    return rows.ravel()


def _gathered(seen: Array, count: int) -> Array:
    """The slopes at the numbers that were spread, in their order."""
    rows = seen.reshape(-1, _PERIOD)
    return np.stack([sign * rows[:, place] for place, sign in _ONES], axis=1).ravel()[:count]


def _judged(row: Row, curve: Curve, x: Array, got: Array) -> Row:
    with np.errstate(all="ignore"):
        true = (curve.slope if row.gradient else curve.value)(x)
        cancelled = (curve.cancels if row.gradient else curve.terms)(x)
        own = 8 * 2.0**-53 * (np.abs(true) + np.abs(cancelled))
        unit = _units(true, row.dtype)
        # Beyond the largest number the right answer is infinite, or within half a unit the largest.
        finite = np.isfinite(true) & (np.abs(true) < LARGEST[row.dtype])
        sure = own <= _SURE * unit
        # The slope at a kink is what one chooses; the value at a jump as well.
        smooth = _smooth(curve, x) if row.gradient or curve.jump else np.ones_like(finite)
        normal = np.ones_like(finite)
        for each in (x, true):
            normal &= (np.abs(each) >= LEAST_NORMAL[row.dtype]) | (each == 0)
        judged = finite & sure & normal & smooth
        error = np.where(judged & np.isfinite(got), np.abs(got - true) / unit, 0.0)
    lost = judged & ~np.isfinite(got)
    found = replace(
        row,
        judged=int(np.count_nonzero(judged)),
        exact=int(np.count_nonzero(judged & ~lost & (error <= 0.5 + _SURE))),
        nonfinite=int(np.count_nonzero(lost)),
        lost=float(x[np.argmax(lost)]) if lost.any() else None,
    )
    place = int(np.argmax(error))
    if error[place] == 0:
        return found
    return replace(
        found,
        worst=float(error[place]),
        at=float(x[place]),
        got=float(got[place]),
        true=float(true[place]),
    )


def _units(true: Array, dtype: str) -> Array:
    """The distance of the numbers of `dtype` around the truth."""
    magnitude = np.maximum(np.abs(true), LEAST_NORMAL[dtype])
    units: Array = np.exp2(np.floor(np.log2(magnitude)) - _FRACTION[dtype])
    return units


def _smooth(curve: Curve, x: Array) -> Array:
    """Where the slope does not jump: just beside `x` it is what it is at `x`, but for little."""
    beside = np.maximum(np.abs(x) * 2.0**-40, 2.0**-1000)
    before, after = curve.slope(x - beside), curve.slope(x + beside)
    near: Array = np.abs(after - before) <= 2.0**-20 * np.maximum(np.abs(before), np.abs(after))
    if curve.jump is not None:
        near &= np.abs(np.abs(x) - curve.jump[0]) > beside
    return near
