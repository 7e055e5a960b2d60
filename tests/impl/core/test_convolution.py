"""Convolutions against direct sums in float64."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf
from impl_helpers.convolution_grid import GRID, SHAPES, SIZES, wave, window

from impl.core import convolution as core


def taps(sizes):
    return itertools.product(*map(range, sizes))


def padded(x, sizes, w):
    pads = [(0, 0)]
    for axis, size in enumerate(sizes):
        span = (size - 1) * w.dilation[axis] + 1
        length, stride = x.shape[axis + 1], w.strides[axis]
        if w.padding == "valid":
            pads.append((0, 0))
        elif w.padding == "causal":
            pads.append((span - 1, 0))
        else:
            total = max((-(-length // stride) - 1) * stride + span - length, 0)
            pads.append((total // 2, total - total // 2))
    return np.pad(x, [*pads, (0, 0)])


def seen(x, tap, w, sizes):
    """For each output, the input that one element of the kernel meets."""
    index = [slice(None)]
    for axis, at in enumerate(tap):
        span = (sizes[axis] - 1) * w.dilation[axis] + 1
        count = (x.shape[axis + 1] - span) // w.strides[axis] + 1
        start = at * w.dilation[axis]
        index.append(slice(start, start + (count - 1) * w.strides[axis] + 1, w.strides[axis]))
    return x[tuple(index)]


def direct(x, kernel, w):
    """The sum that defines a convolution, one element of the kernel after another."""
    sizes = kernel.shape[: w.rank]
    x = padded(x, sizes, w)
    y = []
    for xs, ks in zip(np.split(x, w.groups, -1), np.split(kernel, w.groups, -1), strict=True):
        y.append(sum(seen(xs, tap, w, sizes) @ ks[tap] for tap in taps(sizes)))
    return np.concatenate(y, -1)


def direct_depthwise(x, kernel, w):
    sizes = kernel.shape[: w.rank]
    x = padded(x, sizes, w)
    y = sum(seen(x, tap, w, sizes)[..., None] * kernel[tap] for tap in taps(sizes))
    return y.reshape(*y.shape[:-2], -1)


def direct_transposed(x, kernel, w, output_padding):
    """Each input adds the kernel, times itself, to the outputs around it."""
    sizes = kernel.shape[: w.rank]
    lengths = x.shape[1:-1]
    spans = [(k - 1) * d + 1 for k, d in zip(sizes, w.dilation, strict=True)]
    full = [(n - 1) * s + span + s for n, s, span in zip(lengths, w.strides, spans, strict=True)]
    y = np.zeros([x.shape[0], *full, kernel.shape[-2]])
    for tap in taps(sizes):
        index = [slice(None)]
        for axis, at in enumerate(tap):
            start = at * w.dilation[axis]
            stop = start + (lengths[axis] - 1) * w.strides[axis] + 1
            index.append(slice(start, stop, w.strides[axis]))
        y[tuple(index)] += x @ kernel[tap].T
    crop = [slice(None)]
    for axis in range(w.rank):
        n, s, span, extra = lengths[axis], w.strides[axis], spans[axis], output_padding[axis]
        if extra is not None:
            cut = span // 2 if w.padding == "same" else 0
            length = (n - 1) * s + span - 2 * cut + extra
        else:
            length = n * s if w.padding == "same" else n * s + max(span - s, 0)
        start = max((n - 1) * s + span - length, 0) // 2 if w.padding == "same" else 0
        crop.append(slice(start, start + length))
    return y[tuple(crop)]


def to_first(x):
    return np.moveaxis(x, -1, 1)


def close(actual, expected):
    np.testing.assert_allclose(actual.numpy(), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("rank", "size", "plan", "groups", "first"),
    [
        *((*row, 1, False) for row in GRID),
        # What XLA compiles takes longer.
        *((*row, 1, True) for row in GRID if row[0] < 3 or row[1] == SIZES[3][0]),
        *((*row, 2, i % 2 == 0) for i, row in enumerate(GRID) if row[1] == SIZES[row[0]][0]),
    ],
    ids=str,
)
def test_convolve_is_the_sum_that_defines_it(rank, size, plan, groups, first):
    w = window(rank, **plan, groups=groups, first=first)
    by_xla = groups > 1 or first
    if rank == 3 and not by_xla and any(s > k for s, k in zip(w.strides, size, strict=True)):
        w = window(rank)  # see test_volumes_with_strides_over_the_kernel
    x, kernel = wave([*SHAPES[rank], 4]), wave([*size, 4 // groups, 6], phase=1)
    bias = wave([6], phase=2)
    expected = direct(x.numpy(), kernel.numpy(), w) + bias.numpy()
    given = tf.constant(to_first(x.numpy())) if first else x
    close(core.convolve(given, kernel, bias, w), to_first(expected) if first else expected)
    for axis in range(rank):
        length = core.output_length(SHAPES[rank][axis + 1], size[axis], w, axis)
        assert length == expected.shape[axis + 1]


@pytest.mark.parametrize("first", [False, True], ids=["last", "first"])
@pytest.mark.parametrize("multiplier", [1, 3])
@pytest.mark.parametrize(
    ("rank", "size", "plan"),
    [
        *((r, s, p) for r, s, p in GRID if r < 3 and p.get("padding") != "causal"),
        (1, (3,), {"strides": 2, "dilation": 2, "padding": "same"}),
        (2, (3, 3), {"strides": 2, "dilation": 2}),
        (2, (2, 3), {"strides": (2, 3), "dilation": (2, 1), "padding": "same"}),
    ],
    ids=str,
)
def test_depthwise_and_separable_are_the_sums_that_define_them(rank, size, plan, multiplier, first):
    w = window(rank, **plan, first=first)
    x, kernel = wave([*SHAPES[rank], 2]), wave([*size, 2, multiplier], phase=1)
    given = tf.constant(to_first(x.numpy())) if first else x
    expected = direct_depthwise(x.numpy(), kernel.numpy(), w)
    actual = core.depthwise(given, kernel, None, w)
    close(actual, to_first(expected) if first else expected)
    point, bias = wave([*[1] * rank, 2 * multiplier, 5], phase=2), wave([5], phase=3)
    expected = expected @ point.numpy().reshape(-1, 5) + bias.numpy()
    actual = core.separable(given, kernel, point, bias, w)
    close(actual, to_first(expected) if first else expected)


@pytest.mark.parametrize("rank", [1, 2])
def test_depthwise_and_separable_have_one_batch_axis(rank):
    """oneDNN would compute a part of the others."""
    w, x = window(rank), wave([1, 2, *SHAPES[rank][1:], 2])
    kernel, point = wave([*[2] * rank, 2, 1]), wave([*[1] * rank, 2, 3])
    with pytest.raises(ValueError, match=rf"must have rank {rank + 2}, got shape \(1, 2, "):
        core.depthwise(x, kernel, None, w)
    with pytest.raises(ValueError, match=rf"must have rank {rank + 2}, got shape \(1, 2, "):
        core.separable(x, kernel, point, None, w)


@pytest.mark.parametrize("first", [False, True], ids=["last", "first"])
@pytest.mark.parametrize(
    ("rank", "size", "plan", "extra"),
    [
        *((r, s, p, None) for r, s, p in GRID if p.get("padding") != "causal"),
        *(
            (r, SIZES[r][0], {"strides": 2, "padding": p}, 1)
            for r in SIZES
            for p in ("same", "valid")
        ),
        *((r, SIZES[r][0], {"strides": 3}, 2) for r in SIZES),
        *((r, SIZES[r][-1], {"strides": 3, "padding": "same"}, 1) for r in (1, 2)),
    ],
    ids=str,
)
def test_transposed_is_the_sum_that_defines_it(rank, size, plan, extra, first):
    w = window(rank, **plan, first=first)
    x, kernel, bias = wave([*SHAPES[rank], 2]), wave([*size, 3, 2], phase=1), wave([3], phase=2)
    output_padding = (extra,) * rank
    expected = direct_transposed(x.numpy(), kernel.numpy(), w, output_padding) + bias.numpy()
    given = tf.constant(to_first(x.numpy())) if first else x
    actual = core.transposed(given, kernel, bias, w, output_padding)
    close(actual, to_first(expected) if first else expected)


def test_more_batch_axes():
    w, kernel, bias = window(1, padding="same"), wave([3, 2, 4]), wave([4])
    x = wave([2, 3, 5, 2])
    flat = core.convolve(tf.reshape(x, [6, 5, 2]), kernel, bias, w)
    assert np.array_equal(core.convolve(x, kernel, bias, w), tf.reshape(flat, [2, 3, 5, 4]))


def test_volumes_with_strides_over_the_kernel():
    # On a CPU, TensorFlow's Conv3D takes the inputs 1 and 4 here, official Keras with it.
    x, kernel = tf.reshape(tf.range(6.0), [1, 6, 1, 1, 1]), tf.ones([1, 1, 1, 1, 1])
    w = window(3, (3, 1, 1), "same")
    layer = keras.layers.Conv3D(1, 1, (3, 1, 1), "same", kernel_initializer="ones")
    assert np.array_equal(core.convolve(x, kernel, None, w), layer(x))
    assert direct(x.numpy(), kernel.numpy(), w).ravel().tolist() == [0, 3]
