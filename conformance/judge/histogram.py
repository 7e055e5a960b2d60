"""Draws in few numbers: a histogram, and the density of the law that they are drawn from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from conformance.judge.distribution import CUT
from conformance.model import Array, Law, Tensor

_BINS: Final = 40
# A plot shows the law, and so much of its width on both sides; farther draws are counted only.
_BESIDE: Final = 0.5
_LEAST: Final = 0.06
# Where a normal law is cut for the eye, in standard deviations.
_NORMAL: Final = 4.0
_POINTS: Final = 97


@dataclass(frozen=True, slots=True)
class Histogram:
    """Draws counted in bins of one width between two ends.

    Attributes:
        name, parameters: of the law.
        dimension: of an orthogonal law, the length of the vectors of which the draws are coordinates.
        outside: the draws beyond the ends, or not finite.

    """

    name: str
    parameters: tuple[float, ...]
    dimension: int
    low: float
    high: float
    counts: tuple[int, ...]
    outside: int

    @property
    def total(self) -> int:
        """How many draws there are."""
        return sum(self.counts) + self.outside

    @property
    def heights(self) -> list[float]:
        """The density of the draws in each bin; of integers the share of each."""
        width = 1.0 if self.name == "integers" else (self.high - self.low) / len(self.counts)
        return [count / self.total / width for count in self.counts]

    def density(self) -> list[tuple[float, float]]:
        """The exact density of the law, at points from end to end; of integers the share of each."""
        low, high = _range(self.name, self.parameters)
        if self.name == "integers":
            share = 1 / (high - low)
            middles = [self.low + n + 0.5 for n in range(len(self.counts))]
            return [(at, share if low <= at < high else 0.0) for at in middles]
        # Both sides of where a density jumps.
        edges = [low, np.nextafter(low, -np.inf), high, np.nextafter(high, np.inf)]
        inside = [edge for edge in edges if self.low <= edge <= self.high]
        at = np.sort(np.concatenate([np.linspace(self.low, self.high, _POINTS), inside]))
        with np.errstate(divide="ignore", invalid="ignore"):
            value = _density(at, self.name, self.parameters, self.dimension)
        value = np.where((at < low) | (at > high) | ~np.isfinite(value), 0.0, value)
        return list(zip(at.tolist(), value.tolist(), strict=True))


def histogram(drawn: Tensor, law: Law) -> Histogram | None:
    """The histogram of draws of a law; None where the law has one value, or nothing was drawn."""
    parameters = tuple(map(float, law.parameters.values()))
    low, high = _range(law.name, parameters)
    values = drawn.values()
    if not low < high or not values.size:
        return None
    flat = values.astype(np.float64).reshape(-1)
    finite = flat[np.isfinite(flat)]
    width = 1.0 if law.name == "integers" else (high - low) / _BINS
    if (high - low) / width > 2 * _BINS:  # too many integers for a bar each
        return None
    # The ends of the law are ends of bins: else a bin that lies across one would be low.
    # An integer has the bin that begins with it.
    reach = finite + 1 if law.name == "integers" else finite
    below, above = _beside(finite, reach, low, high, width)
    first, last = low - below * width, high + above * width
    bins = below + round((high - low) / width) + above
    shape = drawn.shape[1:]
    dimension = max(math.prod(shape[:-1]), shape[-1]) if law.name == "orthogonal" else 0
    counts, _ = np.histogram(finite, bins=bins, range=(first, last))
    told = tuple(counts.tolist())
    return Histogram(law.name, parameters, dimension, first, last, told, flat.size - sum(told))


def _range(name: str, parameters: Sequence[float]) -> tuple[float, float]:
    """Where the law has its draws, or nearly all of them."""
    if name in ("uniform", "integers"):
        return min(parameters), max(parameters)
    if name == "orthogonal":
        return -abs(parameters[0]), abs(parameters[0])
    mean, stddev = parameters
    reach = (CUT if name == "truncated_normal" else _NORMAL) * abs(stddev)
    return mean - reach, mean + reach


def _beside(finite: Array, reach: Array, low: float, high: float, width: float) -> tuple[int, int]:
    """How many bins are shown on both sides of the law: a few, or where draws are, up to `_BESIDE` of its width."""
    least = float(finite.min()) if finite.size else low
    most = float(reach.max()) if finite.size else high
    limit = math.ceil(_BESIDE * (high - low) / width)
    some = math.ceil(_LEAST * (high - low) / width)
    below, above = (math.ceil(gap / width) for gap in (low - least, most - high))
    return min(max(below, some), limit), min(max(above, some), limit)


def _density(at: Array, name: str, parameters: Sequence[float], dimension: int) -> Array:
    """The density where the law has draws."""
    if name == "uniform":
        return np.full(at.shape, 1 / (max(parameters) - min(parameters)))
    if name == "orthogonal":
        gain = abs(parameters[0])
        ratio = math.exp(math.lgamma(dimension / 2) - math.lgamma((dimension - 1) / 2))
        found: Array = (
            ratio / (math.sqrt(math.pi) * gain) * (1 - (at / gain) ** 2) ** ((dimension - 3) / 2)
        )
        return found
    mean, stddev = parameters[0], abs(parameters[1])
    z = (at - mean) / stddev
    normal: Array = np.exp(-z * z / 2) / (stddev * math.sqrt(2 * math.pi))
    return normal / math.erf(CUT / math.sqrt(2)) if name == "truncated_normal" else normal
