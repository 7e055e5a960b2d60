"""Arguments and inputs of convolution layers: names, order, what is rejected, and how."""

import inspect

import keras
import pytest
import tensorflow as tf
import tf_keras
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
    wave,
)

import impl.keras2
import impl.keras3
from impl.keras2 import layers as keras2_layers
from impl.keras3 import layers as keras3_layers

ALIASES = {
    **{f"Convolution{i}D": f"Conv{i}D" for i in (1, 2, 3)},
    **{f"Convolution{i}DTranspose": f"Conv{i}DTranspose" for i in (1, 2, 3)},
    **{f"SeparableConvolution{i}D": f"SeparableConv{i}D" for i in (1, 2)},
}


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
    if dialect == "keras2" and name in ("Conv1D", "Conv2D", "Conv3D"):
        shapes.pop()  # for which official Keras 2 builds them
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
