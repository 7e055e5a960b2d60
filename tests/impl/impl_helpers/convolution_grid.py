"""Windows of convolutions, with sizes, strides, paddings and dilations that meet each other."""

import numpy as np
import tensorflow as tf

from impl.core import convolution as core


def window(rank, strides=1, padding="valid", dilation=1, groups=1, first=False):
    def each(value):
        return tuple(value)[:rank] if isinstance(value, tuple) else (value,) * rank

    return core.Window(each(strides), padding, each(dilation), groups, first)


def wave(shape, dtype="float64", phase=0.0):
    values = np.sin(np.arange(np.prod(shape)) * 1.7 + phase) * 2
    return tf.cast(values.reshape(shape), dtype)


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
