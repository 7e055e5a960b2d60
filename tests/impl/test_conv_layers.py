"""Convolution layers of both dialects: outputs, weights, configurations, shapes and rejections."""

import inspect
import json

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras

import impl.keras2
import impl.keras3
from impl.keras2 import layers as keras2_layers
from impl.keras3 import layers as keras3_layers

PAIRS = {
    "keras2": (tf_keras.layers, keras2_layers),
    "keras3": (keras.layers, keras3_layers),
}
FLOATS = ["float16", "bfloat16", "float32", "float64"]
PLAIN = ["Conv1D", "Conv2D", "Conv3D"]
TRANSPOSED = ["Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"]
SEPARABLE = ["SeparableConv1D", "SeparableConv2D"]
DEPTHWISE = ["DepthwiseConv1D", "DepthwiseConv2D"]
CLASSES = [*PLAIN, *TRANSPOSED, *SEPARABLE, *DEPTHWISE]
ALIASES = {
    **{f"Convolution{i}D": f"Conv{i}D" for i in (1, 2, 3)},
    **{f"Convolution{i}DTranspose": f"Conv{i}DTranspose" for i in (1, 2, 3)},
    **{f"SeparableConvolution{i}D": f"SeparableConv{i}D" for i in (1, 2)},
}
MAX_NORM = {"class_name": "MaxNorm", "config": {"max_value": 1, "axis": 0}}


@pytest.fixture(params=PAIRS)
def dialect(request):
    return request.param


def rank_of(name):
    return int(next(letter for letter in name if letter.isdigit()))


def make(layers, name, /, **kwargs):
    needed = {"kernel_size": 3} | ({} if name in DEPTHWISE else {"filters": 4})
    return getattr(layers, name)(**needed | kwargs)


def wave(shape, dtype="float32"):
    return tf.cast(np.sin(np.arange(np.prod(shape)) * 1.7).reshape(shape) * 2, dtype)


def inputs_of(name, dtype="float32", channels=2, size=7, first=False):
    sizes = [size] * rank_of(name)
    return wave([2, channels, *sizes] if first else [2, *sizes, channels], dtype)


def same_bits(actual, expected):
    assert (actual.dtype, actual.shape) == (expected.dtype, expected.shape)
    return actual.numpy().tobytes() == expected.numpy().tobytes()


def twins(dialect, name, /, **kwargs):
    """An official layer and ours, for the same arguments."""
    return [make(layers, name, **kwargs) for layers in PAIRS[dialect]]


def shared_weights(official, ours, x):
    official.build(tuple(x.shape))
    ours.build(tuple(x.shape))
    for i, weight in enumerate(official.weights):
        weight.assign(wave(weight.shape, weight.dtype) + i)
    ours.set_weights(official.get_weights())


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


def test_hierarchy():
    for i in (1, 2, 3):
        transposed = getattr(keras2_layers, f"Conv{i}DTranspose")
        assert issubclass(transposed, getattr(keras2_layers, f"Conv{i}D"))
        transposed = getattr(keras3_layers, f"Conv{i}DTranspose")
        assert not issubclass(transposed, getattr(keras3_layers, f"Conv{i}D"))
    assert issubclass(tf_keras.layers.Conv2DTranspose, tf_keras.layers.Conv2D)
    assert not issubclass(keras.layers.Conv2DTranspose, keras.layers.Conv2D)


def test_aliases_names_and_positional_arguments(dialect):
    official, ours = PAIRS[dialect]
    for alias, name in ALIASES.items():
        assert getattr(ours, alias) is getattr(ours, name)
        assert getattr(official, alias) is getattr(official, name)
    for name in CLASSES:
        expected = list(inspect.signature(getattr(official, name)).parameters.values())
        given = ["filters"] if expected[0].name == "filters" else []
        arguments = [4, 3] if given else [3]
        others = {"strides": 2, "padding": "same", "data_format": "channels_first"}
        others |= {"dilation_rate": 1, "groups": 1, "depth_multiplier": 2, "output_padding": 1}
        for parameter in expected[len(arguments) :]:
            if parameter.name not in others:
                break
            arguments.append(others[parameter.name])
        layers = [getattr(family, name)(*arguments, name="x") for family in (official, ours)]
        assert layers[0].get_config() == layers[1].get_config()
    first, second = make(ours, "Conv2DTranspose"), make(ours, "Conv2DTranspose")
    assert first.name.startswith("conv2d_transpose")
    assert first.name != second.name


BAD = [
    ("Conv2D", {"filters": 0}, "filters must be a positive integer, got 0"),
    ("Conv2D", {"filters": -1}, "filters must be"),
    ("Conv1DTranspose", {"filters": 0}, "filters must be"),
    ("SeparableConv2D", {"filters": -2}, "filters must be"),
    *(
        ("Conv2D", {argument: value}, f"{argument} must be an integer or 2 integers of 1 or more")
        for argument in ("kernel_size", "strides", "dilation_rate")
        for value in (0, -1, (3,), (3, 3, 3), "a", None, 1.5, (0, 1), (-1, 2))
    ),
    ("Conv1D", {"kernel_size": (1, 2)}, "kernel_size must be an integer of 1 or more, got"),
    *((name, {"padding": "foo"}, "padding must be one of valid, same") for name in CLASSES),
    *((name, {"padding": "causal"}, "padding must be one of") for name in DEPTHWISE),
    ("Conv2D", {"padding": "causal"}, "padding must be one of"),
    ("Conv2D", {"padding": None}, "padding must be one of"),
    ("Conv2D", {"data_format": "foo"}, "data_format must be one of"),
    ("Conv2D", {"groups": 3}, "filters must be a multiple of groups, 3, got 4"),
    ("Conv2D", {"groups": 1.5}, "groups must be a positive integer, got 1.5"),
    *(
        (
            name,
            {"strides": 2, "dilation_rate": 2},
            "strides must be 1 where dilation_rate is over 1",
        )
        for name in [*PLAIN, *TRANSPOSED]
    ),
    *(
        ("Conv2DTranspose", {"strides": 2, "output_padding": value}, "output_padding must be")
        for value in (2, -1, (1,), 1.5, "a")
    ),
    ("Conv2DTranspose", {"output_padding": 1}, "output_padding must be less than strides"),
    ("Conv2D", {"activation": "foo"}, "activation must be"),
    ("Conv2D", {"kernel_initializer": "foo"}, "foo"),
    ("Conv2D", {"kernel_constraint": "foo"}, "foo"),
    ("Conv2D", {"foo": 1}, "foo"),
    ("DepthwiseConv2D", {"filters": 4}, "filters"),
]


@pytest.mark.parametrize(("name", "arguments", "message"), BAD, ids=str)
def test_rejected_arguments(dialect, name, arguments, message):
    official, ours = PAIRS[dialect]
    # Official Keras 2 finds out about "causal" in a call.
    with pytest.raises((TypeError, ValueError, AttributeError, AssertionError)):
        make(official, name, **arguments)(inputs_of(name))
    with pytest.raises((TypeError, ValueError), match=message) as caught:
        make(ours, name, **arguments)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("value", [-1, None, 1.5, "a"], ids=repr)
def test_rejected_depth_multipliers(dialect, value):
    official, ours = PAIRS[dialect]
    for name in (*SEPARABLE, *DEPTHWISE):
        with pytest.raises((TypeError, ValueError)):
            make(official, name, depth_multiplier=value)(inputs_of(name))
        with pytest.raises(ValueError, match="depth_multiplier must be a positive integer, got"):
            make(ours, name, depth_multiplier=value)


@pytest.mark.parametrize("name", CLASSES)
def test_rejected_inputs(dialect, name):
    official, ours = PAIRS[dialect]
    rank = rank_of(name)
    shapes = [
        ((None, *[7] * rank, None), "must have a known number of channels"),
        ((2, *[7] * (rank - 1), 2), "must have rank"),
    ]
    for shape, message in shapes:
        with pytest.raises(ValueError, match=message):
            make(ours, name).build(shape)
    with pytest.raises(ValueError, match="must have rank"):
        make(ours, name)(tf.zeros([7] * rank + [2]))
    built = make(ours, name)
    built(inputs_of(name))
    with pytest.raises(ValueError, match="must have size 2 on axis -1"):
        built(inputs_of(name, channels=3))
    for layers in (official, ours):
        with pytest.raises((TypeError, ValueError, tf.errors.InvalidArgumentError)):
            make(layers, name)(tf.zeros([2, *[7] * rank, 2], tf.int32))
    if name not in TRANSPOSED:
        message = "must be as long as its kernel reaches, 3 on spatial axis 0"
        for layers in (official, ours):
            with pytest.raises((ValueError, tf.errors.InvalidArgumentError)):
                make(layers, name)(inputs_of(name, size=1))
        with pytest.raises(ValueError, match=message):
            make(ours, name)(inputs_of(name, size=1))
        with pytest.raises(ValueError, match=message):
            built(inputs_of(name, size=1))
        with pytest.raises(ValueError, match=message):
            built.compute_output_shape((2, *[1] * rank, 2))


def test_channels_must_be_parted_into_the_groups(dialect):
    for layers in PAIRS[dialect]:
        with pytest.raises(ValueError, match="groups"):
            make(layers, "Conv2D", groups=2)(inputs_of("Conv2D", channels=3))


@pytest.mark.parametrize("name", [*PLAIN, *SEPARABLE, *DEPTHWISE])
def test_outputs_of_length_zero(dialect, name):
    for layers in PAIRS[dialect]:
        layer = make(layers, name)
        if dialect == "keras2":
            assert layer(inputs_of(name, size=2)).shape[1] == 0
        else:
            with pytest.raises(ValueError, match=r"zero or negative|kernel reaches"):
                layer(inputs_of(name, size=2))


@pytest.mark.parametrize("name", CLASSES)
def test_empty_batches(dialect, name):
    official, ours = twins(dialect, name)
    x = inputs_of(name)[:0]
    assert ours(x).shape == official(x).shape


@pytest.mark.parametrize("name", PLAIN)
def test_more_batch_axes(dialect, name):
    official, ours = twins(dialect, name, padding="same")
    x = wave([2, 3, *[4] * rank_of(name), 2])
    if dialect == "keras2":
        shared_weights(official, ours, x)
        assert same_bits(ours(x), official(x))
        assert ours.compute_output_shape(x.shape) == official.compute_output_shape(x.shape)
        return
    for layer in (official, ours):
        with pytest.raises(ValueError, match=r"rank|length"):
            layer(x)


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


def test_the_image_data_format_is_the_default(dialect):
    settings = {"keras2": impl.keras2.layers.Layer.kit, "keras3": impl.keras3.layers.Layer.kit}
    settings = settings[dialect].settings
    ours = PAIRS[dialect][1]
    settings.set_image_data_format("channels_first")
    try:
        assert make(ours, "Conv2D").data_format == "channels_first"
        # Only this one names a format of its own.
        named = "channels_last" if dialect == "keras2" else "channels_first"
        assert make(ours, "Conv1D").data_format == named
    finally:
        settings.set_image_data_format("channels_last")
    assert make(ours, "Conv2D").data_format == "channels_last"


def test_what_keras2_lets_pass():
    for name in (*TRANSPOSED, *SEPARABLE, *DEPTHWISE):
        official, ours = twins("keras2", name, groups=2, name="x")
        assert ours.get_config() == official.get_config()
    assert make(keras2_layers, "Conv2D", filters=2.7).filters == 2
    assert make(keras2_layers, "Conv2D", groups=None).groups == 1
    for arguments in ({"filters": 2.7}, {"groups": 0}):
        with pytest.raises(ValueError, match="must be a positive integer"):
            make(keras3_layers, "Conv2D", **arguments)


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
