"""`keras.optimizers` of Keras 2: SGD and Adam, without clipping, decay and averages."""

from typing import Any

from impl.keras2.backend import SETTINGS
from impl.keras2.saving import REGISTRY
from impl.shared import optimizers as shared
from impl.shared.optimizers import Optimizer
from impl.shared.saving import by_name

__all__ = ["SGD", "Adam", "Optimizer", "deserialize", "get", "serialize"]


class SGD(shared.SGD):
    """See `impl.shared.optimizers.SGD`."""

    settings = SETTINGS


class Adam(shared.Adam):
    """See `impl.shared.optimizers.Adam`."""

    settings = SETTINGS


_NAMES = by_name(SGD, Adam)
_FAMILY = REGISTRY.family("optimizer", Optimizer, "optimizers", _NAMES, custom=True)
get, deserialize = _FAMILY.get, _FAMILY.deserialize


def serialize(optimizer: Any) -> Any:
    """An optimizer as data: see `Family.serialize`."""
    return _FAMILY.serialize(optimizer)
