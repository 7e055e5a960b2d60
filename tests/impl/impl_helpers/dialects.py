"""Official Keras and `impl`, dialect by dialect."""

from types import ModuleType

import keras
import tf_keras

import impl.keras2
import impl.keras3

PAIRS = {"keras2": (tf_keras, impl.keras2), "keras3": (keras, impl.keras3)}


def pairs_of(family: str) -> dict[str, tuple[ModuleType, ModuleType]]:
    """The official module and ours of one family, as `constraints`, for each dialect."""
    return {
        dialect: (getattr(official, family), getattr(ours, family))
        for dialect, (official, ours) in PAIRS.items()
    }
