"""Wrong layers: official Keras with one plausible mistake in one place."""

from __future__ import annotations

from typing import Final

from wrong.layers import description, outputs, training, weights
from wrong.layers.making import Mistake

MISTAKES: Final[tuple[Mistake, ...]] = (
    *outputs.MISTAKES,
    *weights.MISTAKES,
    *description.MISTAKES,
    *training.MISTAKES,
)
