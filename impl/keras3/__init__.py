"""Keras 3."""

from impl.keras3 import (
    activations,
    constraints,
    initializers,
    ops,
    random,
    regularizers,
    saving,
    utils,
)

__all__ = [
    "activations",
    "constraints",
    "initializers",
    "ops",
    "random",
    "regularizers",
    "saving",
    "utils",
]
