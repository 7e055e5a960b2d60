"""The classes of convolution layers, pairs of official ones and ours, and inputs for them."""

import numpy as np
import tensorflow as tf
from impl_helpers.dialects import pairs_of

PAIRS = pairs_of("layers")
PLAIN = ["Conv1D", "Conv2D", "Conv3D"]
TRANSPOSED = ["Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"]
SEPARABLE = ["SeparableConv1D", "SeparableConv2D"]
DEPTHWISE = ["DepthwiseConv1D", "DepthwiseConv2D"]
CLASSES = [*PLAIN, *TRANSPOSED, *SEPARABLE, *DEPTHWISE]


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
