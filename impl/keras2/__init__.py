"""Keras 2."""

from impl.keras2 import activations, constraints, initializers, regularizers, saving, utils

__all__ = ["activations", "constraints", "initializers", "regularizers", "saving", "utils"]
