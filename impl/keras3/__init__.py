"""Keras 3."""

from impl.keras3 import constraints, initializers, ops, random, saving, utils

__all__ = ["constraints", "initializers", "ops", "random", "saving", "utils"]
