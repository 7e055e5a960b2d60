"""Direct sums of convolutions: what SciPy correlates, their adjoints, and transposed layers."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import pytest
from oracle.layers.drawn import drawn
from scipy import signal

from conformance.model import Array
from conformance.oracle.bounded import exact
from conformance.oracle.layers.convolution import Convolution, plain, transposed


def _correlated(x: Array, w: Array, sums: Convolution) -> Array:
    """The same by SciPy: whole correlations of zero-padded, dilated kernels, then every stride-th."""
    rank = len(sums.kernel)
    after = [
        (o - 1) * s + (k - 1) * d + 1 - n - b
        for n, k, s, d, b, o in zip(
            sums.lengths,
            sums.kernel,
            sums.strides,
            sums.dilation,
            sums.before,
            sums.outputs,
            strict=True,
        )
    ]
    sides = [(b, max(a, 0)) for b, a in zip(sums.before, after, strict=True)]
    padded = np.pad(x, [(0, 0), *sides, (0, 0)])
    dilated = np.zeros(
        [(k - 1) * d + 1 for k, d in zip(sums.kernel, sums.dilation, strict=True)]
        + list(w.shape[rank:])
    )
    dilated[tuple(slice(None, None, d) for d in sums.dilation)] = w
    y = np.zeros((len(x), *sums.outputs, w.shape[-1]))
    inside, outside = w.shape[-2], w.shape[-1] // sums.groups
    for b in range(len(x)):
        for f in range(w.shape[-1]):
            for c in range(inside):
                channel = f // outside * inside + c
                whole = signal.correlate(padded[b, ..., channel], dilated[..., c, f], "valid")
                strided = whole[tuple(slice(None, None, s) for s in sums.strides)]
                y[b, ..., f] += strided[tuple(slice(o) for o in sums.outputs)]
    return y


GEOMETRIES: Final = (
    ((6,), (3,), (1,), (1,), "valid", 1),
    ((7,), (3,), (2,), (1,), "same", 1),
    ((6,), (2,), (1,), (2,), "causal", 2),
    ((5, 4), (3, 2), (2, 1), (1, 1), "same", 2),
    ((6, 5), (2, 3), (1, 1), (2, 1), "valid", 4),
    ((4, 3, 2), (2, 1, 2), (1, 2, 1), (1, 1, 1), "same", 1),
)


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_direct_sums_are_what_scipy_correlates(geometry: Any) -> None:
    sums = plain(*geometry)
    x = drawn((2, *geometry[0], 4), 1)
    w = drawn((*geometry[1], 4 // geometry[5], 4), 2)
    y = sums.forward(exact(x), exact(w), "float64")
    np.testing.assert_allclose(y.value, _correlated(x, w, sums), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_adjoints_are_the_finite_differences_of_the_sums(geometry: Any) -> None:
    sums = plain(*geometry)
    x, w = drawn((1, *geometry[0], 4), 3), drawn((*geometry[1], 4 // geometry[5], 4), 4)
    g = drawn((1, *sums.outputs, 4), 5)

    def total(a: Array, b: Array) -> float:
        return float((sums.forward(exact(a), exact(b), "float64").value * g).sum())

    by_x = sums.backward_input(exact(g), exact(w), "float64").value
    by_w = sums.backward_kernel(exact(x), exact(g), "float64").value
    for array, gradient, of in ((x, by_x, 0), (w, by_w, 1)):
        for place in range(0, array.size, 5):
            moved = array.copy()
            moved.flat[place] += 0.5
            changed = total(moved, w) if of == 0 else total(x, moved)
            assert math.isclose(
                (changed - total(x, w)) / 0.5, gradient.flat[place], rel_tol=1e-9, abs_tol=1e-9
            )


@pytest.mark.parametrize(
    ("padding", "extra", "length"),
    [("valid", None, 9), ("same", None, 8), ("valid", (1,), 10), ("same", (1,), 8)],
)
def test_a_transposed_layer_scatters(padding: str, extra: Any, length: int) -> None:
    sums = transposed((4,), (3,), (2,), (1,), padding, extra)
    x, w = drawn((1, 4, 1), 6), drawn((3, 1, 1), 7)
    y = sums.backward_input(exact(x), exact(w), "float64").value[0, :, 0]
    scattered = np.zeros(20)
    for place, number in enumerate(x[0, :, 0]):
        scattered[place * 2 : place * 2 + 3] += number * w[:, 0, 0]
    start = sums.before[0]
    assert len(y) == length
    np.testing.assert_allclose(y, scattered[start : start + length], rtol=1e-12, atol=1e-12)
