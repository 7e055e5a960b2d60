"""Pure functions on TensorFlow ops: no Keras, no dialect, no state."""

from impl.core import convert, fans, projections, sampling

__all__ = ["convert", "fans", "projections", "sampling"]
