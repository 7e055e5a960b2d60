"""Numbers for kernels and inputs."""

from __future__ import annotations

import numpy as np

from conformance.model import Array


def drawn(shape: tuple[int, ...], seed: int) -> Array:
    """Normal draws, the same for a seed every time."""
    return np.random.default_rng(seed).normal(size=shape)
