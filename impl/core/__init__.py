"""Pure functions on TensorFlow ops: no Keras, no dialect, no state."""

from impl.core import (
    activations,
    convert,
    convolution,
    fans,
    penalties,
    projections,
    sampling,
    tape,
)

__all__ = [
    "activations",
    "convert",
    "convolution",
    "fans",
    "penalties",
    "projections",
    "sampling",
    "tape",
]
