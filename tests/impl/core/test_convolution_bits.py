"""Convolutions bit for bit against official layers."""

import keras
import pytest
import tensorflow as tf
import tf_keras
from impl_helpers.convolution_grid import GRID, PLANS, SHAPES, SIZES, wave, window

from impl.core import convolution as core

FLOATS = ["float16", "bfloat16", "float32", "float64"]
OFFICIAL = {"keras2": tf_keras.layers, "keras3": keras.layers}


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
