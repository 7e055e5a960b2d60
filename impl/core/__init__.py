"""Pure functions on TensorFlow ops: no Keras, no dialect, no state."""

from impl.core import convert, fans, fourier, projections, sampling, windows

__all__ = ["convert", "fans", "fourier", "projections", "sampling", "windows"]
