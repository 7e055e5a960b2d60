"""Keras 3."""

from impl.keras3 import constraints, ops, saving, utils

__all__ = ["constraints", "ops", "saving", "utils"]
