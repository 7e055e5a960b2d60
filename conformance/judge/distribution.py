"""Random values against the law they are drawn from: what holds of every draw, and what of many.

Every test of many draws has a false-alarm rate of at most `ALPHA`, guaranteed and not fitted: the
thresholds come from inequalities that hold for every sample size (Chernoff for means of
independent terms, Dvoretzky-Kiefer-Wolfowitz with Massart's constant for distribution functions),
and a run of `CAPACITY` tests raises a false alarm with a probability of at most 1e-6 (the sum
of theirs). `power` computes what the thresholds are worth.

Draws may be rounded to their dtype, or made on a lattice as fine as its epsilon: thresholds leave room
for that, which is nothing in float32 and hides small errors in bfloat16.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from conformance.model import EPSILON, FLOATS, LAWS, Array, Law, Tensor

ALPHA: Final = 1e-10
CAPACITY: Final = 10_000
FAMILY_WISE: Final = ALPHA * CAPACITY

# Where `truncated_normal` is cut, in standard deviations of the normal.
CUT: Final = 2.0
# Rounding of a matrix with orthonormal columns, times its gain: QR and the products of the check.
_GRAM_EPS: Final = 64.0
_DISTANCE: Final = "distance of the distribution functions"


def contract(drawn: Tensor, law: Law) -> str | None:
    """What a tensor breaks of the promises its law makes about every draw; None where it keeps them.

    Finite values inside the range of the law; for `orthogonal` orthonormal columns (rows, where
    there are fewer), times the gain, of the matrix whose rows are all axes but the last.
    """
    values = drawn.values().astype(np.float64)
    if not values.size:
        return None
    if not np.isfinite(values).all():
        return "every draw must be finite; one is not"
    if law.name == "orthogonal":
        return _orthonormal(values, law.parameters["gain"], _epsilon(drawn.dtype))
    low, high = _range(law, drawn.dtype)
    least, most = float(values.min()), float(values.max())
    if least < low or most > high:
        outside = least if least < low else most
        return f"every draw must lie in [{low:.8g}, {high:.8g}]; one is {outside:.8g}"
    return None


def _epsilon(dtype: str) -> float:
    return EPSILON[dtype] if dtype in FLOATS else 0.0


def _range(law: Law, dtype: str) -> tuple[float, float]:
    """The smallest and the largest value of a draw; infinite where it has none."""
    eps = _epsilon(dtype)
    if law.name in ("uniform", "integers"):
        first, second = (law.parameters[name] for name in LAWS[law.name])
        low, high = min(first, second), max(first, second)
        if law.name == "integers" and low < high:
            return (low, high - 1) if first < second else (low + 1, high)
        room = eps * max(abs(low), abs(high))
        return low - room, high + room
    mean, stddev = law.parameters["mean"], abs(law.parameters["stddev"])
    if law.name == "normal" and stddev:
        return -math.inf, math.inf
    reach = CUT * stddev
    room = 2 * eps * max(abs(mean) + reach, 0.0)
    return mean - reach - room, mean + reach + room


def _orthonormal(values: Array, gain: float, eps: float) -> str | None:
    matrix = values.reshape(-1, values.shape[-1])
    if matrix.shape[0] < matrix.shape[1]:
        matrix = matrix.T
    difference = np.abs(matrix.T @ matrix - gain**2 * np.eye(matrix.shape[1]))
    allowed = _GRAM_EPS * eps * gain**2
    if difference.max() <= allowed:
        return None
    return (
        f"columns must be orthonormal times {gain:g}, within {allowed:.3g}; an element of the Gram "
        f"matrix is off by {difference.max():.3g}"
    )


@dataclass(frozen=True, slots=True)
class Check:
    """One test of many draws. `used` is the share of its threshold: above 1 it has failed."""

    name: str
    sentence: str
    used: float


def _between(name: str, seen: float, low: float, high: float) -> Check:
    middle = (low + high) / 2
    used = abs(seen - middle) / (high - middle)
    return Check(name, f"{name} must be in [{low:.6g}, {high:.6g}]; it is {seen:.6g}", used)


def _at_most(name: str, seen: float, high: float) -> Check:
    return Check(name, f"{name} must be at most {high:.6g}; it is {seen:.6g}", seen / high)


def judge(drawn: Tensor, law: Law, alpha: float = ALPHA) -> tuple[list[str], float | None]:
    """What many draws break of their law, a sentence each, and the most of any threshold used.

    `drawn` has shape (k, ...): k successive draws, or draws for k seeds. A draw
    that the law excludes uses no threshold: None.
    """
    if law.name == "orthogonal":
        broken = [b for each in _slices(drawn) if (b := contract(each, law)) is not None][:1]
    else:
        found = contract(drawn, law)
        broken = [] if found is None else [found]
    if broken:
        return broken, None
    tests = list(_tests(drawn, law, alpha))
    most = max((test.used for test in tests), default=0.0)
    return [test.sentence for test in tests if test.used > 1], most


def _slices(drawn: Tensor) -> Iterator[Tensor]:
    stored = drawn.storage()
    for part in stored:
        yield Tensor(drawn.dtype, drawn.shape[1:], np.ascontiguousarray(part).tobytes())


def _tests(drawn: Tensor, law: Law, alpha: float) -> Iterator[Check]:
    values = drawn.values().astype(np.float64)
    if law.name == "orthogonal":
        yield from _haar(values, law.parameters["gain"], alpha)
        return
    flat = values.reshape(-1)
    if law.name == "integers":
        yield from _uniform_integers(flat, law, alpha)
        return
    standard = _standardised(law)
    if standard is None:  # a law with a single value, which the contract has checked
        return
    centre, spread = standard
    slack = 2 * _epsilon(drawn.dtype) * (1 + abs(centre) / spread)
    yield from standard_tests((flat - centre) / spread, law.name, alpha, slack)


def count_tests(drawn_shape: tuple[int, ...], law: Law) -> int:
    """How many tests with a false-alarm rate `judge` makes of draws of this shape."""
    if law.name == "orthogonal":
        return math.prod(drawn_shape[1:]) if drawn_shape[0] > 1 else 0
    if law.name == "integers":
        return 2
    if _standardised(law) is None:
        return 0
    return 5 if law.name == "normal" else 7


def _standardised(law: Law) -> tuple[float, float] | None:
    """(centre, spread) that make the law uniform on [-1/2, 1/2] or normal of mean 0, deviation 1."""
    first, second = (law.parameters[name] for name in LAWS[law.name])
    if law.name == "uniform":
        return ((first + second) / 2, abs(second - first)) if first != second else None
    return (first, abs(second)) if second else None


def standard_tests(z: Array, name: str, alpha: float, slack: float = 0.0) -> Iterator[Check]:
    """The tests of standardised draws of the law `name`.

    Mean; deviation (root of the mean square); distribution function; independence of neighbours;
    independence of the two halves of the sample, which are two calls where there were two; for a
    bounded law whether the draws reach both of its ends.
    """
    n, spread = z.size, deviation(name)
    t = threshold(name, "mean", n, alpha) + slack
    yield _between("mean, in units of its spread,", float(z.mean()), -t, t)
    low, high = square_thresholds(name, n, alpha)
    yield _between(
        "standard deviation, relative to its law's,",
        math.sqrt(float((z * z).mean())) / spread,
        math.sqrt(low) / spread - slack / spread,
        math.sqrt(high) / spread + slack / spread,
    )
    d = _distance(np.sort(z), name)
    yield _at_most(_DISTANCE, d, largest_distance(n, alpha) + slack)
    half = n // 2
    t = threshold(name, "product", half, alpha) + 2 * slack
    variance = spread**2
    for words, products in (
        ("correlation of neighbours", z[: 2 * half : 2] * z[1 : 2 * half : 2]),
        ("correlation of the first half with the second", z[:half] * z[half : 2 * half]),
    ):
        yield _between(words, float(products.mean()) / variance, -t / variance, t / variance)
    if name != "normal":
        end = _end(name)
        gap = _gap(name, n, alpha) + slack
        yield _at_most("gap between the largest draw and its bound", end - float(z.max()), gap)
        yield _at_most("gap between the smallest draw and its bound", end + float(z.min()), gap)


def _uniform_integers(values: Array, law: Law, alpha: float) -> Iterator[Check]:
    first, second = (law.parameters[name] for name in LAWS[law.name])
    low, high = min(first, second), max(first, second)
    count = round(high - low)
    ordered = np.sort(values)
    # The distribution function at each integer; the inequality holds for steps as well.
    at = low + np.arange(count)
    seen = np.searchsorted(ordered, at, side="right") / values.size
    d = float(np.abs(seen - (np.arange(count) + 1) / count).max())
    yield _at_most(_DISTANCE, d, largest_distance(values.size, alpha))
    t = math.sqrt(math.log(2 / alpha) / (2 * values.size))  # Hoeffding
    mean = (float(values.mean()) - low + 0.5) / count
    yield _between("mean, relative to its range,", mean, 0.5 - t, 0.5 + t)


def _haar(values: Array, gain: float, alpha: float) -> Iterator[Check]:
    """Each element of a Haar-distributed orthogonal matrix is a coordinate of a random unit vector."""
    if values.shape[0] < 2 or not gain:
        return
    from scipy.special import betainc

    flat = values.reshape(values.shape[0], -1, values.shape[-1]) / gain
    dimension = max(flat.shape[1], flat.shape[2])
    half = (dimension - 1) / 2
    for row in range(flat.shape[1]):
        for column in range(flat.shape[2]):
            ordered = np.clip(np.sort(flat[:, row, column]), -1, 1)
            expected = betainc(half, half, (ordered + 1) / 2)
            d = _greatest_step_distance(expected)
            yield _at_most(
                f"{_DISTANCE} of element [{row}, {column}]", d, largest_distance(len(flat), alpha)
            )


def _distance(ordered: Array, name: str) -> float:
    """The Kolmogorov-Smirnov distance of sorted, standardised draws from their law."""
    return _greatest_step_distance(distribution_function(ordered, name))


def _greatest_step_distance(expected: Array) -> float:
    n = expected.size
    steps = np.arange(n + 1) / n
    return float(max((steps[1:] - expected).max(), (expected - steps[:-1]).max()))


def distribution_function(z: Array, name: str) -> Array:
    """P(draw <= z) of the standardised law."""
    if name == "uniform":
        uniform: Array = np.clip(z + 0.5, 0, 1)
        return uniform
    from scipy.special import ndtr

    below: Array = ndtr(z)
    if name == "truncated_normal":
        outside = float(ndtr(-CUT))
        below = np.clip((below - outside) / (1 - 2 * outside), 0, 1)
    return below


def _end(name: str) -> float:
    return 0.5 if name == "uniform" else CUT


@cache
def deviation(name: str) -> float:
    """The standard deviation of the standardised law."""
    return math.sqrt(cumulants(name, "square").mean)


@cache
def _gap(name: str, n: int, alpha: float) -> float:
    """How far from an end of its law the extreme of n draws lies with a probability of `alpha`."""
    from scipy.optimize import brentq

    # (1 - p)^n = alpha, p the probability of a draw within the gap.
    p = -math.expm1(math.log(alpha) / n)
    end = _end(name)

    def missing(gap: float) -> float:
        return float(distribution_function(np.asarray(gap - end), name)) - p

    return float(brentq(missing, 0, 2 * end))


def largest_distance(n: int, alpha: float = ALPHA) -> float:
    """The distribution function of n draws is further from its law's with a probability of `alpha`."""
    return math.sqrt(math.log(2 / alpha) / (2 * n))


@dataclass(frozen=True)
class Cumulants:
    """Of one term of a mean: ln E exp(theta Y) and its derivative, for theta in (low, high)."""

    log_mgf: Callable[[float], float]
    slope: Callable[[float], float]
    low: float
    high: float
    mean: float

    def rate(self, at: float) -> float:
        """The greatest theta at - ln E exp(theta Y): P(mean of n terms beyond `at`) <= exp(-n rate)."""
        if at == self.mean:
            return 0.0
        sign = 1.0 if at > self.mean else -1.0
        theta = self._root(lambda t: sign * (self.slope(t) - at), sign)
        return math.inf if theta is None else theta * at - self.log_mgf(theta)

    def beyond(self, rate: float, *, upwards: bool) -> float:
        """The value, above or below the mean, at which the rate is `rate`."""
        sign = 1.0 if upwards else -1.0
        theta = self._root(lambda t: t * self.slope(t) - self.log_mgf(t) - rate, sign)
        return sign * math.inf if theta is None else self.slope(theta)

    def _root(self, rises: Callable[[float], float], sign: float) -> float | None:
        """Where a function that rises from below 0 along `sign` is 0; None if it is so nowhere."""
        from scipy.optimize import brentq

        # Outwards in doubling steps, or towards the end of the domain in halving ones.
        bound = self.high if sign > 0 else self.low
        endless = math.isinf(bound)
        here, there, step = 0.0, 0.0, sign * (1.0 if endless else abs(bound) / 2)
        while rises(there) < 0:
            here, there = there, there + step
            step = step * 2 if endless else step / 2
            if not 1e-12 < abs(step) < 1e6:
                return None
        return float(brentq(rises, here, there, xtol=1e-15))


@cache
def cumulants(name: str, term: str) -> Cumulants:
    """Of a draw (`mean`), its square, or the product of two of them, for a standardised law."""
    inf = math.inf
    if name == "normal":
        if term == "mean":
            return Cumulants(lambda t: t * t / 2, lambda t: t, -inf, inf, 0.0)
        if term == "square":
            return Cumulants(
                lambda t: -0.5 * math.log1p(-2 * t), lambda t: 1 / (1 - 2 * t), -inf, 0.5, 1.0
            )
        return Cumulants(
            lambda t: -0.5 * math.log1p(-t * t), lambda t: t / (1 - t * t), -1.0, 1.0, 0.0
        )
    # A bounded law has all moments; Gauss-Legendre with 96 nodes integrates these to 1e-14.
    nodes, weights = np.polynomial.legendre.leggauss(96)
    z = nodes * _end(name)
    density = np.ones_like(z) if name == "uniform" else np.exp(-z * z / 2)
    p = weights * density / (weights * density).sum()
    if term == "product":
        y, q = np.outer(z, z).reshape(-1), np.outer(p, p).reshape(-1)
    else:
        y, q = (z if term == "mean" else z * z), p

    def log_mgf(theta: float) -> float:
        top = float((theta * y).max())
        return top + math.log(float((q * np.exp(theta * y - top)).sum()))

    def slope(theta: float) -> float:
        tilted = q * np.exp(theta * y - (theta * y).max())
        return float((tilted * y).sum() / tilted.sum())

    return Cumulants(log_mgf, slope, -inf, inf, float((q * y).sum()))


@cache
def threshold(name: str, term: str, n: int, alpha: float = ALPHA) -> float:
    """The mean of n terms, symmetric about 0, is beyond it with a probability below `alpha`."""
    return cumulants(name, term).beyond(math.log(2 / alpha) / n, upwards=True)


@cache
def square_thresholds(name: str, n: int, alpha: float = ALPHA) -> tuple[float, float]:
    """The mean of n squares is outside with a probability below `alpha`."""
    square, rate = cumulants(name, "square"), math.log(2 / alpha) / n
    return square.beyond(rate, upwards=False), square.beyond(rate, upwards=True)
