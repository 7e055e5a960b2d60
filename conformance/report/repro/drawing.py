"""What the last line of a repro asserts of random values: what the law promises, where the draws break it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import numpy as np

from conformance.judge import distribution
from conformance.model import EPSILON, Array, Law, Tensor

# Of a sample, how near mean and deviation are to be, in parts of the deviation, and correlations to 0.
_NEAR: Final = 0.02
# The standard deviation of a normal variable that is cut at two of its standard deviations.
_TRUNCATED: Final = 0.8796256610342398
_GRAM: Final = 64
_SCIPY: Final = {
    "uniform": "uniform({low!r}, {width!r})",
    "normal": "norm({mean!r}, {stddev!r})",
    "truncated_normal": "truncnorm(-2, 2, {mean!r}, {stddev!r})",
}


def draws(law: Law, name: str, got: Tensor) -> Iterator[str]:
    """Lines, of which the last asserts what each of some draws must keep to; `name`: what holds them."""
    values = got.values().astype(np.float64)
    if values.size and not np.isfinite(values).all():
        yield f"assert np.isfinite({name}).all()"
    elif law.name == "orthogonal":
        yield from _columns(law, name, values, got.dtype)
    elif law.name != "normal":
        low, high = _limits(law, got.dtype)
        yield f"assert {low!r} <= {name}.min() and {name}.max() <= {high!r}, ({name}.min(), {name}.max())"


def samples(law: Law, got: Tensor) -> Iterator[str]:
    """Lines, of which the last asserts what is wrong first with many draws, which `sample` holds; none where nothing is."""
    values = got.values().astype(np.float64)
    low, high = _limits(law, got.dtype)
    if not np.isfinite(values).all() or values.min() < low or values.max() > high:
        yield from draws(law, "sample", got)
        return
    if law.name == "orthogonal":
        for number, each in enumerate(values):
            if distribution.contract(Tensor.of(each, got.dtype), law) is not None:
                yield from _columns(law, f"sample[{number}]", each, got.dtype)
                return
        return
    mean, stddev = _moments(law)
    if not stddev:
        return
    wide = "sample.astype('float64')"
    if not abs(values.std() / stddev - 1) < _NEAR:
        yield f"assert abs({wide}.std() / {stddev:.6g} - 1) < {_NEAR}"
    elif not abs(values.mean() - mean) < _NEAR * stddev:
        yield f"assert abs({wide}.mean() - {mean:.6g}) < {_NEAR * stddev:.1g}"
    elif correlated := _correlated(values.reshape(-1)):
        yield f"flat = {wide}.ravel()"
        yield f"assert abs(np.corrcoef({correlated})[0, 1]) < {_NEAR}"
    elif law.name in _SCIPY:
        yield from _far(law, values.reshape(-1), wide)


def _columns(law: Law, name: str, values: Array, dtype: str) -> Iterator[str]:
    """That columns (rows, where there are fewer) are orthonormal, times the gain."""
    gain = law.parameters["gain"]
    matrix = values.reshape(-1, values.shape[-1])
    turned = ".T" if matrix.shape[0] < matrix.shape[1] else ""
    size = min(matrix.shape)
    near = _GRAM * EPSILON.get(dtype, 0.0) * gain**2
    yield f"q = {name}.astype('float64').reshape(-1, {values.shape[-1]}){turned}"
    yield f"np.testing.assert_allclose(q.T @ q, {gain**2!r} * np.eye({size}), rtol=0, atol={near:.1g})"


def _limits(law: Law, dtype: str) -> tuple[float, float]:
    """The least and the greatest draw, with room for rounding."""
    given = law.parameters
    if law.name == "integers":
        return min(given.values()), max(given.values()) - 1
    if law.name == "uniform":
        low, high = min(given.values()), max(given.values())
    elif law.name == "truncated_normal":
        reach = distribution.CUT * abs(given["stddev"])
        low, high = given["mean"] - reach, given["mean"] + reach
    else:
        return -math.inf, math.inf
    room = 2 * EPSILON.get(dtype, 0.0) * max(abs(low), abs(high))
    return float(f"{low - room:.9g}"), float(f"{high + room:.9g}")


def _moments(law: Law) -> tuple[float, float]:
    """Mean and standard deviation."""
    given = law.parameters
    if law.name in ("uniform", "integers"):
        low, high = min(given.values()), max(given.values())
        if law.name == "integers":
            return (low + high - 1) / 2, (((high - low) ** 2 - 1) / 12) ** 0.5
        return (low + high) / 2, (high - low) / 12**0.5
    part = 1.0 if law.name == "normal" else _TRUNCATED
    return given["mean"], part * abs(given["stddev"])


def _correlated(flat: Array) -> str:
    """Two parts of the draws that hang together; empty where none do."""
    half = flat.size // 2
    for words, one, other in (
        (
            f"flat[:{2 * half}:2], flat[1:{2 * half}:2]",
            flat[: 2 * half : 2],
            flat[1 : 2 * half : 2],
        ),
        (f"flat[:{half}], flat[{half}:{2 * half}]", flat[:half], flat[half : 2 * half]),
    ):
        if one.std() and other.std() and not abs(np.corrcoef(one, other)[0, 1]) < _NEAR:
            return words
    return ""


def _far(law: Law, flat: Array, wide: str) -> Iterator[str]:
    """That the distribution function is near that of the law, where it is not."""
    first, second = law.parameters.values()
    low, width = min(first, second), abs(second - first)
    made = _SCIPY[law.name].format(low=low, width=width, mean=first, stddev=abs(second))
    centre, spread = (low + width / 2, width) if law.name == "uniform" else (first, abs(second))
    ordered = np.sort((flat - centre) / spread)
    below = distribution.distribution_function(ordered, law.name)
    steps = np.arange(flat.size + 1) / flat.size
    seen = max(float((steps[1:] - below).max()), float((below - steps[:-1]).max()))
    most = float(f"{distribution.largest_distance(flat.size):.2g}")
    if seen > most:
        yield "from scipy import stats"
        yield f"assert stats.kstest({wide}.ravel(), stats.{made}.cdf).statistic < {most}"
