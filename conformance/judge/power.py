"""What the distribution level is worth: its false-alarm rate, and its power against known errors.

All figures are guaranteed, not simulated: a false alarm is at most, and a detection at least, as
probable as they say, by the inequalities that `distribution` takes its thresholds from.
`simulate` draws from correct generators to see that it holds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from conformance.judge import distribution
from conformance.judge.distribution import ALPHA, CAPACITY, CUT, FAMILY_WISE
from conformance.model import Array, Case, Kind, Law

# The detection that every sample is large enough for.
ENOUGH: Final = 0.999
NAMES: Final = ("uniform", "normal", "truncated_normal")


@dataclass(frozen=True, slots=True)
class Row:
    """One error, and with what probability at least a sample of `size` draws shows it."""

    law: str
    error: str
    test: str
    size: int
    missed: float

    @property
    def power(self) -> float:
        """The probability of a detection, at least."""
        return 1 - self.missed


def scaled(name: str, size: int, factor: float, alpha: float = ALPHA) -> float:
    """At most the probability that draws `factor` times too wide pass the test of deviation."""
    cumulants = distribution.cumulants(name, "square")
    low, high = distribution.square_thresholds(name, size, alpha)
    # The mean of squares of what would be right draws, at which the wrong ones just pass.
    at = (high if factor > 1 else low) / factor**2
    if (at >= cumulants.mean) == (factor > 1):
        return 1.0
    return math.exp(-size * cumulants.rate(at))


def shifted(name: str, size: int, by: float, alpha: float = ALPHA) -> float:
    """At most the probability that draws `by` standard deviations off pass the test of the mean."""
    t = distribution.threshold(name, "mean", size, alpha)
    off = by * distribution.deviation(name)
    if off <= t:
        return 1.0
    return math.exp(-size * distribution.cumulants(name, "mean").rate(off - t))


def replaced(size: int, distance: float, alpha: float = ALPHA) -> float:
    """At most the probability that draws of a law at `distance` pass the distribution function."""
    t = distribution.largest_distance(size, alpha)
    return 2 * math.exp(-2 * size * (distance - t) ** 2) if distance > t else 1.0


def correlated(size: int, by: float, alpha: float = ALPHA) -> float:
    """Likewise for normal draws whose halves have the correlation `by`."""
    half = size // 2
    t = distribution.threshold("normal", "product", half, alpha)
    if by <= t:
        return 1.0

    # ln E exp(theta z z') = -ln(1 - 2 theta by - theta^2 (1 - by^2)) / 2, for theta < 0.
    def log_mgf(theta: float) -> float:
        return -0.5 * math.log(1 - 2 * theta * by - theta * theta * (1 - by * by))

    thetas = -np.geomspace(1e-6, 0.9, 400)
    rate = max(theta * t - log_mgf(theta) for theta in thetas.tolist())
    return math.exp(-half * rate)


def outside(size: int, cut: float) -> float:
    """The probability that no draw of a normal cut at `cut` deviations lies beyond the right cut."""
    inside = math.erf(CUT / math.sqrt(2)) / math.erf(cut / math.sqrt(2))
    return float(inside**size)


def _distance_between(first: Callable[[Array], Array], second: Callable[[Array], Array]) -> float:
    z = np.linspace(-6, 6, 240_001)
    return float(np.abs(first(z) - second(z)).max())


def _function(name: str, spread: float = 1.0) -> Callable[[Array], Array]:
    return lambda z: distribution.distribution_function(z / spread, name)


def rows(sizes: dict[str, int], ensemble: int) -> Iterator[Row]:
    """Every error that is claimed to be found, by law; `sizes`: the least sample of each law."""
    for name in NAMES:
        size = sizes[name]
        for factor in (1.02, 0.98):
            error = f"standard deviation wrong by a factor of {factor}"
            yield Row(name, error, "deviation", size, scaled(name, size, factor))
        error = "mean off by 0.05 standard deviations"
        yield Row(name, error, "mean", size, shifted(name, size, 0.05))
    size, spread = sizes["truncated_normal"], distribution.deviation("truncated_normal")
    cut = "truncated_normal"
    error = f"deviation not corrected for the truncation ({spread:.4f})"
    yield Row(cut, error, "deviation", size, scaled(cut, size, spread))
    error = "deviation corrected twice"
    yield Row(cut, error, "deviation", size, scaled(cut, size, 1 / spread))
    yield Row(cut, "cut at 2.05 standard deviations", "range", size, outside(size, 2.05))
    yield Row(cut, "not truncated", "range", size, outside(size, math.inf))
    gap = float(distribution.distribution_function(np.asarray(-1.95), cut))
    yield Row(cut, "cut at 1.95 standard deviations", "reach", size, _gap_open(size, gap))
    width = spread * math.sqrt(12)
    distance = _distance_between(_function(cut), _function("uniform", width))
    error = "uniform with the same standard deviation"
    yield Row(cut, error, "distribution function", size, replaced(size, distance))
    size = sizes["normal"]
    distance = _distance_between(_function("normal"), _function("uniform", math.sqrt(12)))
    yield Row("normal", error, "distribution function", size, replaced(size, distance))
    distance = _distance_between(_function("normal"), _function(cut, 1 / spread))
    error = "truncated with the same standard deviation"
    yield Row("normal", error, "distribution function", size, replaced(size, distance))
    error = "two calls with a correlation of 0.05"
    yield Row("normal", error, "independence of halves", size, correlated(size, 0.05))
    size = sizes["uniform"]
    distance = _distance_between(_function("uniform"), _function("normal", 1 / math.sqrt(12)))
    error = "normal with the same standard deviation"
    yield Row("uniform", error, "distribution function", size, replaced(size, distance))
    yield Row("uniform", "upper bound 1% too low", "reach", size, _gap_open(size, 0.01))
    error = "QR without the sign convention (first element never positive)"
    yield Row("orthogonal", error, "distribution function", ensemble, replaced(ensemble, 0.5))


def _gap_open(size: int, probability: float) -> float:
    """0 where a gap of this probability at an end of the law is wider than is allowed, else 1."""
    return 0.0 if probability > -math.expm1(math.log(ALPHA) / size) else 1.0


def samples(cases: Sequence[Case]) -> Iterator[tuple[Case, Law, tuple[int, ...]]]:
    """The cases of the distribution level, with their law and the shape of their draws."""
    for case in cases:
        for step in case.steps:
            if step.do == "sample" and case.tolerance.kind is Kind.DISTRIBUTION:
                assert case.tolerance.law is not None
                # The shape of a weight is that of its draws; `shape` is that of the layer's input.
                named = "weight_shape" if "weight" in step.options else "shape"
                shape: list[int] = list(step.options[named])  # type: ignore[arg-type]
                first = step.options.get("seeds", step.options.get("calls", 1))
                yield case, case.tolerance.law, (int(str(first)), *shape)


def counts_of_tests(cases: Sequence[Case]) -> dict[str, int]:
    """By dialect, how many tests with a false-alarm rate a run makes."""
    counts: dict[str, int] = {}
    for case, law, shape in samples(cases):
        for dialect in case.dialects:
            tests = distribution.count_tests(shape, law)
            counts[dialect] = counts.get(dialect, 0) + tests
    return counts


def least_sizes(cases: Sequence[Case]) -> dict[str, int]:
    """By law, the size of the smallest sample; `orthogonal`: of the smallest set of seeds."""
    sizes: dict[str, int] = {}
    for _, law, shape in samples(cases):
        size = shape[0] if law.name == "orthogonal" else math.prod(shape)
        if size > 1:
            sizes[law.name] = min(sizes.get(law.name, size), size)
    return sizes


def simulate(
    runs: int, size: int, alpha: float = ALPHA, seed: int = 0, batch: int = 64
) -> Iterator[tuple[str, int]]:
    """(law, false alarms) of `runs` samples of each standardised law, from NumPy's generator.

    Yields once for each sample, so that a caller can count, show progress and stop.
    """
    from scipy.special import ndtr, ndtri

    generator = np.random.default_rng(seed)
    tail = float(ndtr(-CUT))
    for name in NAMES:
        for start in range(0, runs, batch):
            count = min(batch, runs - start)
            if name == "normal":
                drawn = generator.standard_normal((count, size))
            else:
                u = generator.random((count, size))
                drawn = u - 0.5 if name == "uniform" else ndtri(tail + (1 - 2 * tail) * u)
            for z in drawn:
                tests = distribution.standard_tests(z, name, alpha)
                yield name, sum(test.used > 1 for test in tests)


def markdown(cases: Sequence[Case]) -> str:
    """The document: rates and power for the samples of these cases."""
    counts, sizes = counts_of_tests(cases), least_sizes(cases)
    several = sum(1 for _ in samples(cases))
    lines = [
        "# What the distribution level finds, and how often it is wrong",
        "",
        "Computed by `conformance power`; a test checks that it is up to date.",
        "",
        "A subject whose generator is its own draws other numbers than official Keras. Its random",
        "values are judged by what their law promises of every draw, and samples by the tests below.",
        "",
        "## False alarms",
        "",
        f"- {several} cases take a sample. Tests with a false-alarm rate: "
        + ", ".join(f"{count} for {dialect}" for dialect, count in sorted(counts.items()))
        + ".",
        f"- Each has a rate of at most {ALPHA:g}, so a run raises a false alarm with a probability of "
        f"at most {ALPHA * sum(counts.values()):.1g} (both dialects). The limit is {FAMILY_WISE:g}, "
        f"which {CAPACITY:,} tests would reach.",
        "- The thresholds are guaranteed for every sample size: Chernoff bounds for the mean, the mean",
        "  square and the mean product of draws, the Dvoretzky-Kiefer-Wolfowitz inequality for the",
        "  distribution function. What every draw must keep (range, truncation, orthonormality) has no",
        "  false alarms.",
        "",
        "## Power",
        "",
        "The probability that an error is found, at least, in the smallest sample of its law (float32",
        "and float64; float16 and bfloat16 leave room for their own rounding).",
        "",
        "| law | error | found by | draws | power at least |",
        "|---|---|---|---|---|",
    ]
    for row in rows({n: sizes[n] for n in NAMES}, sizes["orthogonal"]):
        power = "1 - 1e-12" if row.missed < 1e-12 else f"1 - {row.missed:.1e}"
        lines.append(f"| {row.law} | {row.error} | {row.test} | {row.size:,} | {power} |")
    return "\n".join(lines) + "\n"
