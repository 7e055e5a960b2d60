"""Pure functions on TensorFlow ops: no Keras, no dialect, no state."""

from impl.core import (
    activations,
    convert,
    convolution,
    fans,
    fourier,
    penalties,
    projections,
    sampling,
    tape,
    windows,
)

__all__ = [
    "activations",
    "convert",
    "convolution",
    "fans",
    "fourier",
    "penalties",
    "projections",
    "sampling",
    "tape",
    "windows",
]
