"""A Keras-3-shaped package on NumPy alone: a subject that needs no TensorFlow."""

from plain_numpy import constraints

__all__ = ["constraints"]
__version__ = "1.0"

conformance_tensors = "numpy"
