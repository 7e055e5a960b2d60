"""Keras 2."""

from impl.keras2 import (
    activations,
    backend,
    constraints,
    initializers,
    layers,
    losses,
    mixed_precision,
    models,
    optimizers,
    regularizers,
    saving,
    utils,
)
from impl.keras2.layers import Input
from impl.keras2.models import Sequential

__all__ = [
    "Input",
    "Sequential",
    "activations",
    "backend",
    "constraints",
    "initializers",
    "layers",
    "losses",
    "mixed_precision",
    "models",
    "optimizers",
    "regularizers",
    "saving",
    "utils",
]
