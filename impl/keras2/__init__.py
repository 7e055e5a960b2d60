"""Keras 2."""

from impl.keras2 import constraints, saving, utils

__all__ = ["constraints", "saving", "utils"]
