"""Convolution layers of both dialects: outputs, gradients, weights, configurations, saved models."""

import json

import numpy as np
import pytest
import tensorflow as tf
from impl_helpers.convolution_layers import (
    CLASSES,
    DEPTHWISE,
    PAIRS,
    PLAIN,
    SEPARABLE,
    TRANSPOSED,
    inputs_of,
    make,
    rank_of,
    same_bits,
    shared_weights,
    twins,
)

FLOATS = ["float16", "bfloat16", "float32", "float64"]


EVERYWHERE = [
    {},
    {"padding": "SAME", "activation": "relu"},
    {"kernel_size": 2, "use_bias": False},
    {"strides": 2, "activation": "softmax"},
    {"strides": 2, "padding": "same", "bias_initializer": "ones"},
    {"kernel_size": 1},
]
ROWS = [
    *((name, row) for name in CLASSES for row in EVERYWHERE),
    *(
        (name, row)
        for name in [*PLAIN, *SEPARABLE, *DEPTHWISE]
        for row in ({"dilation_rate": 2}, {"dilation_rate": 3, "padding": "same"})
    ),
    *((name, {"groups": 2, "padding": "same"}) for name in PLAIN),
    ("Conv1D", {"padding": "causal"}),
    ("Conv1D", {"padding": "causal", "dilation_rate": 2}),
    ("Conv2D", {"kernel_size": (3, 1), "strides": (1, 2)}),
    ("Conv3D", {"kernel_size": [1, 2, 3], "strides": (3, 2, 1), "padding": "valid"}),
    ("Conv2D", {"dilation_rate": (1, 2), "padding": "same"}),
    *(
        (name, {"strides": 2, "output_padding": extra, "padding": padding})
        for name in TRANSPOSED
        for extra in (0, 1)
        for padding in ("valid", "same")
    ),
    ("Conv2DTranspose", {"strides": (2, 3), "output_padding": (0, 2)}),
    *((name, {"depth_multiplier": 3}) for name in [*SEPARABLE, *DEPTHWISE]),
    ("DepthwiseConv2D", {"kernel_size": (2, 3), "padding": "same"}),
]


@pytest.mark.parametrize("dtype", [*FLOATS, "mixed_float16"])
@pytest.mark.parametrize(("name", "row"), ROWS, ids=str)
def test_outputs_have_the_bits_of_official(dialect, name, row, dtype):
    official, ours = twins(dialect, name, dtype=dtype, **row)
    x = inputs_of(name, "float32" if dtype == "mixed_float16" else dtype)
    shared_weights(official, ours, x)
    expected = official(x)
    assert same_bits(ours(x), expected)
    assert tuple(ours.compute_output_shape(x.shape)) == tuple(expected.shape)


SAVED = [
    {},
    {"padding": "same", "data_format": "channels_first", "activation": "relu"},
    {"strides": 2, "use_bias": False, "dtype": "float16", "trainable": False},
    {"bias_initializer": "ones", "bias_regularizer": "l2", "bias_constraint": "NonNeg"},
    {"activity_regularizer": "l1", "dtype": "mixed_bfloat16", "activation": "gelu"},
]


@pytest.mark.parametrize("row", SAVED, ids=str)
@pytest.mark.parametrize("name", CLASSES)
def test_configurations_weights_and_specifications_of_official(dialect, name, row):
    prefixes = ["depthwise"] if name in [*SEPARABLE, *DEPTHWISE] else ["kernel"]
    prefixes += ["pointwise"] if name in SEPARABLE else []
    for prefix in prefixes:
        row = row | {
            f"{prefix}_initializer": "he_normal",
            f"{prefix}_regularizer": "l2",
            f"{prefix}_constraint": "UnitNorm",
        }
    official, ours = twins(dialect, name, **row, name="layer")
    assert ours.get_config() == official.get_config()
    assert json.loads(json.dumps(ours.get_config())) is not None
    copy = type(ours).from_config(ours.get_config())
    assert copy.get_config() == ours.get_config()
    first = row.get("data_format") == "channels_first"
    shape = tuple(inputs_of(name, first=first).shape)
    official.build(shape)
    ours.build(shape)
    assert [tuple(v.shape) for v in ours.weights] == [tuple(v.shape) for v in official.weights]
    assert [v.dtype for v in ours.get_weights()] == [v.dtype for v in official.get_weights()]
    assert [v.name.split(":")[0].split("/")[-1] for v in ours.weights] == [
        v.name.split(":")[0].split("/")[-1] for v in official.weights
    ]
    assert repr(ours.input_spec) == repr(official.input_spec)
    assert ours.count_params() == official.count_params()
    for attribute in ("kernel_size", "strides", "padding", "data_format", "dilation_rate", "rank"):
        assert getattr(ours, attribute) == getattr(official, attribute)


@pytest.mark.parametrize("name", CLASSES)
def test_penalties_and_constraints(dialect, name):
    kwargs = {"bias_regularizer": "l2", "bias_initializer": "ones", "activity_regularizer": "l2"}
    kwargs["bias_constraint"] = "NonNeg"
    official, ours = twins(dialect, name, **kwargs)
    x = inputs_of(name)
    shared_weights(official, ours, x)
    official(x), ours(x)
    assert sorted(float(v) for v in ours.losses) == sorted(float(v) for v in official.losses)
    assert ours.bias.constraint(tf.constant([-1.0, 1])).numpy().tolist() == [0, 1]


@pytest.mark.parametrize("name", CLASSES)
def test_gradients_have_the_bits_of_official(dialect, name):
    official, ours = twins(dialect, name, activation="tanh")
    x = inputs_of(name)
    shared_weights(official, ours, x)
    expected, actual = [], []
    for layer, found in ((official, expected), (ours, actual)):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x)
        variables = [getattr(v, "_value", v) for v in layer.trainable_weights]
        found += tape.gradient(y, [x, *variables], output_gradients=tf.ones_like(y) / 3)
    for one, other in zip(actual, expected, strict=True):
        assert same_bits(one, other)


@pytest.mark.parametrize("name", CLASSES)
def test_channels_first_are_the_transposed_channels_last(dialect, name):
    layers = PAIRS[dialect][1]
    kwargs = {"strides": 2, "padding": "same", "bias_initializer": "random_normal"}
    last, first = (
        make(layers, name, **kwargs),
        make(layers, name, data_format="channels_first", **kwargs),
    )
    x = inputs_of(name)
    moved = tf.constant(np.moveaxis(x.numpy(), -1, 1))
    y = last(x)
    first.build(tuple(moved.shape))
    first.set_weights(last.get_weights())
    z = first(moved)
    np.testing.assert_allclose(np.moveaxis(z.numpy(), 1, -1), y, rtol=1e-5, atol=1e-6)
    assert tuple(first.compute_output_shape(moved.shape)) == tuple(z.shape)


@pytest.mark.parametrize(
    "name", ["DepthwiseConv1D", "DepthwiseConv2D", "SeparableConv2D", "Conv3D"]
)
def test_the_bias_of_channels_first(name):
    # Where the last axis is as long as there are filters, official Keras 3 adds the bias to that.
    kwargs = {"data_format": "channels_first", "kernel_size": 1, "dtype": "float32"}
    official, ours = twins("keras3", name, **kwargs)
    x = tf.zeros([1, 4, *[4] * rank_of(name)])
    bias = np.arange(4, dtype="float32")
    for layer in (official, ours):
        layer.build(tuple(x.shape))
        layer.bias.assign(bias)
    per_channel = np.broadcast_to(bias.reshape([1, 4] + [1] * rank_of(name)), x.shape)
    assert np.array_equal(ours(x), per_channel)
    assert np.array_equal(official(x), np.broadcast_to(bias, x.shape))


@pytest.mark.parametrize("name", TRANSPOSED)
def test_dilated_transposed_layers(dialect, name):
    # Official Keras raises on a CPU, but for Conv2DTranspose and Conv3DTranspose in Keras 2.
    official, ours = twins(dialect, name, dilation_rate=2)
    x = inputs_of(name)
    if dialect == "keras2" and name != "Conv1DTranspose":
        shared_weights(official, ours, x)
        assert same_bits(ours(x), official(x))
        if name == "Conv3DTranspose":  # which does not read it, nor save it
            assert ours(x).shape[1] == 9
            assert "dilation_rate" not in official.get_config()
        return
    with pytest.raises(tf.errors.InvalidArgumentError):
        official(x)
    rank = rank_of(name)
    impulse = np.zeros([1, *[3] * rank, 2], "float32")
    impulse[(0, *[1] * rank, 0)] = 1
    y = ours(tf.constant(impulse)).numpy()
    assert y.shape == (1, *[7] * rank, 4)
    # The input in the middle puts the kernel around the middle, each second element a zero.
    kernel = ours.get_weights()[0][..., 0]
    expected = np.zeros_like(y)
    expected[(0, *[slice(1, 6, 2)] * rank)] = kernel
    assert np.array_equal(y, expected)


def test_strides_that_depthwise_has_no_kernel_for(dialect):
    for name in ("DepthwiseConv2D", "SeparableConv2D"):
        official, ours = twins(dialect, name, strides=(1, 2))
        x = inputs_of(name)
        with pytest.raises(tf.errors.InvalidArgumentError):
            official(x)
        plain = make(PAIRS[dialect][1], name)
        plain.build(tuple(x.shape))
        ours.build(tuple(x.shape))
        ours.set_weights(plain.get_weights())
        np.testing.assert_allclose(ours(x), plain(x)[:, :, ::2], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", CLASSES)
def test_graphs_with_unknown_sizes(dialect, name):
    layer = make(PAIRS[dialect][1], name, padding="same", activation="relu")
    x = inputs_of(name)
    expected = layer(x)
    unknown = tf.TensorSpec([None] * (rank_of(name) + 1) + [2])
    np.testing.assert_allclose(
        tf.function(layer, input_signature=[unknown])(x), expected, rtol=1e-5, atol=1e-6
    )
    shape = layer.compute_output_shape((None,) * (rank_of(name) + 1) + (2,))
    assert list(shape)[:-1] == [None] * (rank_of(name) + 1)


@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
@pytest.mark.parametrize("row", [{}, {"groups": 2}, {"dilation_rate": 2}], ids=str)
def test_saved_models_and_checkpoints(dialect, row, policy, tmp_path):
    layer = make(PAIRS[dialect][1], "Conv2D", dtype=policy, **row)
    x = inputs_of("Conv2D")
    expected = layer(x)
    serve = tf.function(layer, input_signature=[tf.TensorSpec(x.shape)])
    np.testing.assert_allclose(serve(x), expected, rtol=2e-3, atol=2e-3)
    with tf.GradientTape() as tape:
        y = serve(x)
    gradients = tape.gradient(y, layer.trainable_weights)
    assert [g.shape for g in gradients] == [v.shape for v in layer.trainable_weights]
    tf.saved_model.save(layer, str(tmp_path / "model"), signatures=serve)
    loaded = tf.saved_model.load(str(tmp_path / "model"))
    outputs = loaded.signatures["serving_default"](x)
    assert np.array_equal(next(iter(outputs.values())), serve(x))
    path = tf.train.Checkpoint(layer=layer).write(str(tmp_path / "checkpoint"))
    other = make(PAIRS[dialect][1], "Conv2D", dtype=policy, **row)
    other.build(tuple(x.shape))
    tf.train.Checkpoint(layer=other).read(path).expect_partial()
    assert same_bits(other(x), expected)
