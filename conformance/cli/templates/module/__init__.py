"""A Keras-shaped package in NumPy, to be changed: `conformance run --subject module:my_keras:keras3`."""

from . import constraints, initializers, regularizers

conformance_tensors = "numpy"

__all__ = ["constraints", "initializers", "regularizers"]
