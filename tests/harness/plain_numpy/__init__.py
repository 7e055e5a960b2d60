"""A Keras-3-shaped package on NumPy alone: a subject that needs no TensorFlow."""

from plain_numpy import constraints, initializers, random

__all__ = ["constraints", "initializers", "random"]
__version__ = "1.0"

conformance_tensors = "numpy"
