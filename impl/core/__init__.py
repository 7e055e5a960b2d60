"""Pure functions on TensorFlow ops: no Keras, no dialect, no state."""

from impl.core import convert, projections

__all__ = ["convert", "projections"]
