"""Keras 2."""

from impl.keras2 import constraints, initializers, saving, utils

__all__ = ["constraints", "initializers", "saving", "utils"]
