"""Keras 3."""

from impl.keras3 import (
    activations,
    config,
    constraints,
    initializers,
    layers,
    losses,
    models,
    ops,
    optimizers,
    random,
    regularizers,
    saving,
    utils,
)
from impl.keras3.config import DTypePolicy
from impl.keras3.layers import Input
from impl.keras3.models import Sequential

__all__ = [
    "DTypePolicy",
    "Input",
    "Sequential",
    "activations",
    "config",
    "constraints",
    "initializers",
    "layers",
    "losses",
    "models",
    "ops",
    "optimizers",
    "random",
    "regularizers",
    "saving",
    "utils",
]
