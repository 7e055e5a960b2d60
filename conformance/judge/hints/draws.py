"""Hints about random values: another law, of which they would be draws."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from conformance.judge import distribution
from conformance.judge.hints.hint import Hint
from conformance.model import Array, Law, Tensor

# The deviation of a normal of deviation 1 that is cut at 2.
CORRECTION: Final = 0.87962566103423978
_SCALES: Final = (
    (math.sqrt(2.0), "the variance is twice as large: {of} {he}, not {lecun}"),
    (math.sqrt(0.5), "the variance is half as large: {of} {lecun}, not {he}"),
    (2.0, "the deviation is twice as large"),
    (0.5, "the deviation is half as large"),
    (
        math.sqrt(3.0),
        "the deviation is the square root of 3 times as large: a limit where a deviation is meant",
    ),
    (
        math.sqrt(1 / 3),
        "the deviation is smaller by the square root of 3: a deviation where a limit is meant",
    ),
)
# The roots that differ by 2 in the variance.
_ROOTS: Final = {
    "uniform": {"of": "a limit of", "he": "sqrt(6 / fan)", "lecun": "sqrt(3 / fan)"},
    "normal": {"of": "a deviation of", "he": "sqrt(2 / fan)", "lecun": "sqrt(1 / fan)"},
}
# By how much the moments of draws may differ from those of a law that is worth a full test.
_NEAR: Final = 0.05
_MANY: Final = 2000


def hints(drawn: Tensor, law: Law, fans: Mapping[str, float], right: str = "") -> Iterator[Hint]:
    """Laws that the draws keep, and the right one of which they do not.

    `fans`: the sizes that a variance may be divided by, each with its name; `right`: the name of that which it is to
    be divided by. Of few draws nothing is sure.
    """
    values = drawn.values()
    if values.dtype.kind != "f" or not np.isfinite(values).all() or values.size < 2:
        return
    flat = values.astype(np.float64).ravel()
    if (flat == flat[0]).all():
        if deviation(law) > 0:
            yield Hint("every draw is the same number", flat.size >= 3)
        return
    sure = flat.size >= _MANY
    found: Law | None = None
    for text, other in _laws(law, fans, right):
        if found is not None:
            # Two fans can be the same number: another case tells them apart.
            if _same(found, other) and right and text.endswith(f"instead of {right}"):
                yield Hint(text, sure)
            continue
        if sure and not _looks(flat, other):
            continue
        broken = (
            distribution.judge(drawn, other)[0] if sure else distribution.contract(drawn, other)
        )
        if not broken:
            yield Hint(text, sure)
            found = other if sure else None


def _same(one: Law, other: Law) -> bool:
    """Whether two laws are one, but for rounding."""
    pairs = zip(one.parameters.values(), other.parameters.values(), strict=False)
    return one.name == other.name and all(math.isclose(a, b, rel_tol=1e-9) for a, b in pairs)


def deviation(law: Law) -> float:
    """The standard deviation of a law."""
    first, second = tuple(law.parameters.values())[:2] if len(law.parameters) > 1 else (0.0, 1.0)
    if law.name in ("uniform", "integers"):
        return abs(second - first) / math.sqrt(12)
    return abs(second) * (CORRECTION if law.name == "truncated_normal" else 1.0)


def _mean(law: Law) -> float:
    first, second = law.parameters.values()
    return (first + second) / 2 if law.name == "uniform" else first


def _looks(flat: Array, law: Law) -> bool:
    """Whether mean and deviation are about those of a law."""
    spread = deviation(law)
    if not spread:
        return False
    off = abs(float(flat.mean()) - _mean(law)) / spread
    return off < _NEAR and abs(float(flat.std()) / spread - 1) < _NEAR


def _law(name: str, mean: float, spread: float) -> Law:
    """The law of that name, mean and standard deviation."""
    if name == "uniform":
        reach = math.sqrt(3.0) * spread
        return Law(name, {"low": mean - reach, "high": mean + reach})
    if name == "truncated_normal":
        return Law(name, {"mean": mean, "stddev": spread / CORRECTION})
    return Law(name, {"mean": mean, "stddev": spread})


def _laws(law: Law, fans: Mapping[str, float], right: str) -> Iterator[tuple[str, Law]]:
    """Other laws, the likeliest mistakes first."""
    if law.name not in ("uniform", "normal", "truncated_normal"):
        return
    mean, spread = _mean(law), deviation(law)
    if not spread:
        return
    names = {"uniform": "uniform", "normal": "normal", "truncated_normal": "truncated normal"}
    if law.name == "truncated_normal":
        yield (
            "a truncated normal without the correction of its deviation (divide by 0.8796)",
            _law(law.name, mean, spread * CORRECTION),
        )
        yield (
            "normal, not truncated, of the deviation before it is cut",
            _law("normal", mean, spread / CORRECTION),
        )
        yield (
            "a truncated normal that is corrected twice",
            _law(law.name, mean, spread / CORRECTION),
        )
    for name, words in names.items():
        if name != law.name:
            yield f"{words} instead of {names[law.name]}", _law(name, mean, spread)
    if right in fans:
        for name, number in fans.items():
            if name != right and number > 0 and number != fans[right]:
                factor = math.sqrt(fans[right] / number)
                yield f"{name} instead of {right}", _law(law.name, mean, spread * factor)
    for factor, text in _SCALES:
        yield (
            text.format(**_ROOTS[law.name.removeprefix("truncated_")]),
            _law(law.name, mean, spread * factor),
        )
    yield "the variance in place of the deviation", _law(law.name, mean, spread * spread)
    yield "the root of the deviation in place of it", _law(law.name, mean, math.sqrt(spread))
    if law.name == "uniform":
        _low, high = law.parameters.values()
        yield (
            "uniform from 0: the lower limit is ignored",
            Law("uniform", {"low": 0.0, "high": high}),
        )
        yield "uniform between 0 and 1", Law("uniform", {"low": 0.0, "high": 1.0})
        yield "uniform between -1 and 1", Law("uniform", {"low": -1.0, "high": 1.0})
    if mean:
        yield "the mean is ignored", _law(law.name, 0.0, spread)
    yield "deviation 1: the scale is ignored", _law(law.name, mean, 1.0)
    yield "deviation 0.05, the default", _law(law.name, mean, 0.05)
