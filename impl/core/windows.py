"""Window functions, as `scipy.signal.get_window` names and computes them, on NumPy in float64.

Sources: F. J. Harris, "On the use of windows for harmonic analysis with the discrete Fourier
transform" (1978), for all but those with a source of their own, and the documentation of
`scipy.signal.windows`. The order of the operations makes the values equal to SciPy's bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

Window = NDArray[np.float64]


def _cosine_sum(size: int, weights: tuple[float, ...]) -> Window:
    x = np.linspace(-np.pi, np.pi, size)
    return np.asarray(sum(weight * np.cos(order * x) for order, weight in enumerate(weights)))


def _triangle(size: int) -> Window:
    n = np.arange(1, (size + 1) // 2 + 1)
    rise = 2 * n / (size + 1.0) if size % 2 else (2 * n - 1.0) / size
    return np.concatenate([rise, rise[::-1][size % 2 :]])


def _bartlett(size: int) -> Window:
    ramp = 2.0 * np.arange(size) / (size - 1)
    return np.minimum(ramp, 2.0 - ramp)


def _bartlett_hann(size: int) -> Window:
    distance = np.abs(np.arange(size) / (size - 1.0) - 0.5)
    return 0.62 - 0.48 * distance + 0.38 * np.cos(2 * np.pi * distance)


def _bohman(size: int) -> Window:
    x = np.abs(np.linspace(-1, 1, size)[1:-1])
    inner = (1 - x) * np.cos(np.pi * x) + 1.0 / np.pi * np.sin(np.pi * x)
    return np.concatenate([[0.0], inner, [0.0]])


def _cosine(size: int) -> Window:
    return np.asarray(np.sin(np.pi / size * (np.arange(size) + 0.5)))


def _exponential(size: int) -> Window:
    return np.asarray(np.exp(-np.abs(np.arange(size) - (size - 1) / 2)))


def _lanczos(size: int) -> Window:
    # Mirrored, to be symmetric to the last bit.
    half = np.sinc(2.0 * np.arange((size + 1) // 2, size) / (size - 1) - 1.0)
    return np.concatenate([half[::-1], np.ones(size % 2), half])


def _parzen(size: int) -> Window:
    n = np.arange(size) - (size - 1) / 2.0
    outer = n[n < -(size - 1) / 4.0]
    inner = n[np.abs(n) <= (size - 1) / 4.0]
    slope = 2 * (1 - np.abs(outer) / (size / 2.0)) ** 3.0
    x = np.abs(inner) / (size / 2.0)
    return np.concatenate([slope, 1 - 6 * x**2.0 + 6 * x**3.0, slope[::-1]])


def _taylor(size: int) -> Window:
    """Four nearly constant sidelobes, 30 dB down (Carrara et al., "Spotlight SAR", 1995)."""
    sidelobes, decibels = 4, 30
    amplitude = np.arccosh(10 ** (decibels / 20)) / np.pi
    dilation = sidelobes**2 / (amplitude**2 + (sidelobes - 0.5) ** 2)
    order = np.arange(1, sidelobes)
    weights = np.empty(sidelobes - 1)
    poles = amplitude**2 + (order - 0.5) ** 2
    squares = order * order
    for i, square in enumerate(squares):
        above = (-1) ** i * np.prod(1 - square / dilation / poles)
        below = 2 * np.prod(1 - square / squares[:i]) * np.prod(1 - square / squares[i + 1 :])
        weights[i] = above / below

    def response(n: Any) -> Any:
        x = np.cos(2 * np.pi * order[:, None] * (n - size / 2.0 + 0.5) / size)
        return 1 + 2 * np.dot(weights, x)

    return np.asarray(response(np.arange(size)) * (1.0 / response((size - 1) / 2)[0]))


def _tukey(size: int) -> Window:
    """Half of it tapered by cosines."""
    n = np.arange(size)
    width = (size - 1) // 4
    rise = 4.0 * n[: width + 1] / (size - 1) - 1
    fall = 4.0 * n[size - width - 1 :] / (size - 1) - 3
    start, end = (0.5 * (1 + np.cos(np.pi * x)) for x in (rise, fall))
    return np.concatenate([start, np.ones(size - 2 * (width + 1)), end])


# Coefficients of cosine sums: the weights of cos(0), cos(x), cos(2x), ...
_COSINE_SUMS = {
    "hann han": (0.5, 0.5),
    "hamming hamm ham": (0.54, 1.0 - 0.54),
    "blackman black blk": (0.42, 0.50, 0.08),
    "blackmanharris blackharr bkh": (0.35875, 0.48829, 0.14128, 0.01168),
    # Nuttall (1981), minimum 4-term.
    "nuttall nutl nut": (0.3635819, 0.4891775, 0.1365995, 0.0106411),
    # D'Antona and Ferrero, "Digital Signal Processing for Measurement Systems" (2006).
    "flattop flat flt": (0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368),
}
_BY_NAMES: dict[str, Callable[[int], Window]] = {
    "barthann brthan bth": _bartlett_hann,
    "bartlett bart brt": _bartlett,
    "bohman bman bmn": _bohman,
    "boxcar box ones rect rectangular": np.ones,
    "cosine halfcosine": _cosine,
    "exponential poisson": _exponential,
    "lanczos sinc": _lanczos,
    "parzen parz par": _parzen,
    "taylor taylorwin": _taylor,
    "triang triangle tri": _triangle,
    "tukey tuk": _tukey,
}
_BY_NAMES |= {names: partial(_cosine_sum, weights=w) for names, w in _COSINE_SUMS.items()}
_WINDOWS = {name: make for names, make in _BY_NAMES.items() for name in names.split()}


def is_window(name: str) -> bool:
    """Whether `window` knows `name`, with or without a suffix."""
    return _parse(name)[0] in _WINDOWS


def _parse(name: str) -> tuple[str, bool | None]:
    base, _, suffix = name.rpartition("_")
    return (base, suffix == "periodic") if suffix in ("periodic", "symmetric") else (name, None)


@lru_cache(maxsize=256)
def window(name: str, size: int, periodic: bool) -> Window:
    """The `size` values, float64, of the window that `name` stands for.

    A symmetric window ends as it begins, a periodic one is the symmetric window of one more
    value without its last. A name that ends in `_periodic` or `_symmetric` says which itself.
    Raises KeyError for a name that `is_window` does not know.
    """
    base, told = _parse(name)
    extended = size + (periodic if told is None else told)
    return np.ones(size) if size <= 1 else _WINDOWS[base](extended)[:size]
