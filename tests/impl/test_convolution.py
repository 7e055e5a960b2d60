"""Convolutions: against direct sums in float64, and bit for bit against official layers."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from tensorflow.python.framework.kernels import get_registered_kernels_for_op

from impl.core import convolution as core

FLOATS = ["float16", "bfloat16", "float32", "float64"]
OFFICIAL = {"keras2": tf_keras.layers, "keras3": keras.layers}


def window(rank, strides=1, padding="valid", dilation=1, groups=1, first=False):
    def each(value):
        return tuple(value)[:rank] if isinstance(value, tuple) else (value,) * rank

    return core.Window(each(strides), padding, each(dilation), groups, first)


def wave(shape, dtype="float64", phase=0.0):
    values = np.sin(np.arange(np.prod(shape)) * 1.7 + phase) * 2
    return tf.cast(values.reshape(shape), dtype)


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


SHAPES = {1: (2, 9), 2: (2, 9, 7), 3: (2, 7, 6, 5)}
SIZES = {1: [(3,), (1,), (4,)], 2: [(3, 3), (2, 3), (1, 4)], 3: [(2, 2, 2), (3, 1, 2)]}
PLANS = [
    {},
    {"padding": "same"},
    {"strides": 2},
    {"strides": 2, "padding": "same"},
    {"strides": (1, 3, 2), "padding": "same"},
    {"strides": (3, 1, 2)},
    {"dilation": 2},
    {"dilation": 2, "padding": "same"},
    {"dilation": (1, 2, 1), "padding": "same"},
    {"dilation": (2, 1, 2)},
]
CAUSAL = [
    {"padding": "causal"},
    {"padding": "causal", "dilation": 3},
    {"padding": "causal", "strides": 2},
]
GRID = [
    (rank, size, plan)
    for rank in (1, 2, 3)
    for i, plan in enumerate(PLANS + CAUSAL if rank == 1 else PLANS)
    # Each plan meets the first size, and one of the others.
    for size in (SIZES[rank][0], SIZES[rank][1 + i % (len(SIZES[rank]) - 1)])
]


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


def official_layer(dialect, name, w, size, **kwargs):
    return getattr(OFFICIAL[dialect], name)(
        kernel_size=size,
        strides=w.strides,
        padding=w.padding,
        dilation_rate=w.dilation,
        data_format="channels_first" if w.channels_first else "channels_last",
        bias_initializer="random_normal",
        **kwargs,
    )


def weights_of(layer):
    return [
        tf.convert_to_tensor(
            getattr(v, "value", v) if not callable(getattr(v, "value", v)) else v.value()
        )
        for v in layer.weights
    ]


def assert_same_bits(dialect, layer, x, compute):
    """`compute(x, *weights)` has the bits of the official layer, which must not raise."""
    layer.build(tuple(x.shape))
    expected = layer(x)
    actual = compute(x, *weights_of(layer))
    assert (actual.dtype, actual.shape) == (expected.dtype, expected.shape)
    assert actual.numpy().tobytes() == expected.numpy().tobytes()


def works_officially(plan, rank, kind):
    """What official Keras computes on a CPU: it raises for the rest, or computes another thing."""
    strides, dilation = plan.get("strides", 1), plan.get("dilation", 1)
    if kind == "transposed":
        return dilation == 1 and plan.get("padding") != "causal"
    if kind == "depthwise":
        return plan.get("padding") != "causal" and not (isinstance(strides, tuple) and rank == 2)
    return True


def official_rows(kind):
    for rank, size, plan in GRID:
        if size != SIZES[rank][0]:
            continue
        if works_officially(plan, rank, kind) and not (kind == "depthwise" and rank == 3):
            yield rank, size, plan


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize(("rank", "size", "plan"), list(official_rows("plain")), ids=str)
@pytest.mark.parametrize("dialect", OFFICIAL)
def test_convolve_has_the_bits_of_official(dialect, rank, size, plan, dtype):
    w = window(rank, **plan)
    layer = official_layer(dialect, f"Conv{rank}D", w, size, filters=5, dtype=dtype)
    x = wave([*SHAPES[rank], 3], dtype)
    assert_same_bits(dialect, layer, x, lambda x, k, b: core.convolve(x, k, b, w))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize(
    ("rank", "plan", "first"),
    [
        (1, PLANS[3], False),
        (2, PLANS[3], True),
        (3, PLANS[3], False),
        (1, PLANS[7], True),
        (2, PLANS[7], False),
        (3, PLANS[7], True),
    ],
    ids=str,
)
@pytest.mark.parametrize("dialect", OFFICIAL)
@pytest.mark.filterwarnings("ignore:.*triggered tf.function retracing.*")
def test_groups_have_the_bits_of_official(dialect, plan, rank, first, dtype):
    w = window(rank, **plan, groups=2, first=first)
    layer = official_layer(
        dialect, f"Conv{rank}D", w, SIZES[rank][0], filters=8, dtype=dtype, groups=2
    )
    x = wave([2, 4, *SHAPES[rank][1:]] if first else [*SHAPES[rank], 4], dtype)
    assert_same_bits(dialect, layer, x, lambda x, k, b: core.convolve(x, k, b, w))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize(("rank", "size", "plan"), list(official_rows("transposed")), ids=str)
@pytest.mark.parametrize("dialect", OFFICIAL)
def test_transposed_has_the_bits_of_official(dialect, rank, size, plan, dtype):
    w = window(rank, **plan)
    layer = official_layer(dialect, f"Conv{rank}DTranspose", w, size, filters=5, dtype=dtype)
    x = wave([*SHAPES[rank], 3], dtype)
    nothing = (None,) * rank
    assert_same_bits(dialect, layer, x, lambda x, k, b: core.transposed(x, k, b, w, nothing))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("dialect", OFFICIAL)
def test_output_padding_has_the_bits_of_official(dialect, rank, padding, dtype):
    for size, strides, extra in ((3, 2, 1), (3, 2, 0), (2, 3, 2), (5, 3, 1)):
        w = window(rank, strides, padding)
        layer = official_layer(
            dialect,
            f"Conv{rank}DTranspose",
            w,
            (size,) * rank,
            filters=2,
            dtype=dtype,
            output_padding=(extra,) * rank,
        )
        x, given = wave([1, *[4] * rank, 3], dtype), (extra,) * rank

        def run(x, kernel, bias, w=w, given=given):
            return core.transposed(x, kernel, bias, w, given)

        assert_same_bits(dialect, layer, x, run)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("first", [False, True], ids=["last", "first"])
def test_dilated_transposed_images_have_the_bits_of_keras2(padding, first, dtype):
    w = window(2, 1, padding, 2, first=first)
    layer = official_layer("keras2", "Conv2DTranspose", w, (3, 2), filters=5, dtype=dtype)
    x = wave([2, 3, 6, 5] if first else [2, 6, 5, 3], dtype)
    assert_same_bits("keras2", layer, x, lambda x, k, b: core.transposed(x, k, b, w, (None, None)))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize(("rank", "size", "plan"), list(official_rows("depthwise")), ids=str)
@pytest.mark.parametrize("dialect", OFFICIAL)
def test_depthwise_and_separable_have_the_bits_of_official(dialect, rank, size, plan, dtype):
    w = window(rank, **plan)
    x = wave([*SHAPES[rank], 3], dtype)
    deep = {"depth_multiplier": 2, "dtype": dtype}
    layer = official_layer(dialect, f"DepthwiseConv{rank}D", w, size, **deep)
    assert_same_bits(dialect, layer, x, lambda x, k, b: core.depthwise(x, k, b, w))
    layer = official_layer(dialect, f"SeparableConv{rank}D", w, size, filters=5, **deep)
    assert_same_bits(dialect, layer, x, lambda x, k, p, b: core.separable(x, k, p, b, w))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("rank", [1, 2])
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_strides_with_dilation_have_the_bits_of_keras3(padding, rank, dtype):
    w = window(rank, 2, padding, 2)
    layer = official_layer("keras3", f"DepthwiseConv{rank}D", w, SIZES[rank][0], dtype=dtype)
    x = wave([*SHAPES[rank], 3], dtype)
    assert_same_bits("keras3", layer, x, lambda x, k, b: core.depthwise(x, k, b, w))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", ["Conv3D", "DepthwiseConv1D", "DepthwiseConv2D"])
@pytest.mark.parametrize("plan", [PLANS[0], PLANS[3], PLANS[7]], ids=str)
def test_channels_first_has_the_bits_of_keras3(plan, name, dtype):
    rank = int(name[-2])
    w = window(rank, **plan, first=True)
    extra = {"filters": 8} if name == "Conv3D" else {}
    layer = official_layer("keras3", name, w, SIZES[rank][0], dtype=dtype, use_bias=False, **extra)
    function = core.convolve if name == "Conv3D" else core.depthwise
    x = wave([2, 3, *SHAPES[rank][1:]], dtype)
    assert_same_bits("keras3", layer, x, lambda x, k: function(x, k, None, w))


@pytest.mark.parametrize("plan", [PLANS[3], PLANS[7]], ids=str)
def test_causal_separable_has_the_bits_of_keras2(plan):
    w = window(1, **{**plan, "padding": "causal"})
    layer = official_layer("keras2", "SeparableConv1D", w, (3,), filters=5)
    x = wave([2, 9, 3], "float32")
    assert_same_bits("keras2", layer, x, lambda x, k, p, b: core.separable(x, k, p, b, w))


def test_more_batch_axes():
    w, kernel, bias = window(1, padding="same"), wave([3, 2, 4]), wave([4])
    x = wave([2, 3, 5, 2])
    flat = core.convolve(tf.reshape(x, [6, 5, 2]), kernel, bias, w)
    assert np.array_equal(core.convolve(x, kernel, bias, w), tf.reshape(flat, [2, 3, 5, 4]))


KINDS = {
    "convolve": lambda x, k, w: core.convolve(x, k, None, w),
    "depthwise": lambda x, k, w: core.depthwise(x, k, None, w),
    "transposed": lambda x, k, w: core.transposed(x, k, None, w, (None,) * w.rank),
}
ANYWHERE = [
    (kind, rank, plan, 1, first)
    for kind in KINDS
    for rank in ((1, 2) if kind == "depthwise" else (1, 2, 3))
    for plan, first in ((PLANS[4], False), (PLANS[7], True))
]
ANYWHERE += [("convolve", rank, PLANS[3], 2, rank == 2) for rank in (1, 2, 3)]


@pytest.mark.parametrize(("kind", "rank", "plan", "groups", "first"), ANYWHERE, ids=str)
def test_graphs_xla_unknown_sizes_and_gradients(kind, rank, plan, groups, first):
    w = window(rank, **plan, groups=groups, first=first)
    shape = [2, 4, *SHAPES[rank][1:]] if first else [*SHAPES[rank], 4]
    x, kernel = wave(shape, "float32"), wave([*SIZES[rank][0], 4 // groups, 4], "float32")

    def run(x, kernel):
        return KINDS[kind](x, kernel, w)

    def gradients(run):
        with tf.GradientTape() as tape:
            tape.watch([x, kernel])
            y = run(x, kernel)
        return [y, *tape.gradient(y, [x, kernel])]

    expected = gradients(run)
    unknown = [None] * (rank + 2)
    unknown[1 if first else -1] = 4
    ways = [
        tf.function(run),
        tf.function(run, jit_compile=True),
        tf.function(run, input_signature=[tf.TensorSpec(unknown), tf.TensorSpec(kernel.shape)]),
    ]
    if groups > 1 or (first and rank == 3 and kind == "convolve"):
        ways.pop()  # what XLA compiles needs sizes that are known
    for way in ways:
        for actual, wanted in zip(gradients(way), expected, strict=True):
            np.testing.assert_allclose(actual, wanted, rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize(("kind", "rank", "plan", "groups", "first"), ANYWHERE, ids=str)
def test_every_op_has_a_kernel_for_gpus(kind, rank, plan, groups, first):
    w = window(rank, **plan, groups=groups, first=first)
    shape = [2, 4, *SHAPES[rank][1:]] if first else [*SHAPES[rank], 4]
    kernel = wave([*SIZES[rank][0], 4 // groups, 4], "float32")
    graph = (
        tf.function(lambda x: KINDS[kind](x, kernel, w))
        .get_concrete_function(tf.TensorSpec(shape))
        .graph
    )
    for op in graph.get_operations():
        if "Call" in op.type or op.type in ("Placeholder", "NoOp"):
            continue  # a call has the kernels of what it calls, or is compiled for the device
        devices = {k.device_type for k in get_registered_kernels_for_op(op.type).kernel}
        assert "GPU" in devices or "DEFAULT" in devices, op.type


def test_nothing_is_compiled_twice():
    w = window(2, groups=2)
    x, kernel = wave([1, 5, 5, 4], "float32"), wave([2, 2, 2, 4], "float32")
    core.convolve(x, kernel, None, w)
    before = core._compiled_for.cache_info().misses
    for _ in range(3):
        core.convolve(x, kernel, None, w)
    assert core._compiled_for.cache_info().misses == before


def test_volumes_with_strides_over_the_kernel():
    # On a CPU, TensorFlow's Conv3D takes the inputs 1 and 4 here, official Keras with it.
    x, kernel = tf.reshape(tf.range(6.0), [1, 6, 1, 1, 1]), tf.ones([1, 1, 1, 1, 1])
    w = window(3, (3, 1, 1), "same")
    layer = keras.layers.Conv3D(1, 1, (3, 1, 1), "same", kernel_initializer="ones")
    assert np.array_equal(core.convolve(x, kernel, None, w), layer(x))
    assert direct(x.numpy(), kernel.numpy(), w).ravel().tolist() == [0, 3]
