"""`keras.optimizers` of Keras 3: SGD and Adam, without clipping, decay and averages."""

from typing import Any

from impl.keras3.config import SETTINGS
from impl.keras3.saving import REGISTRY
from impl.shared import optimizers as shared
from impl.shared.optimizers import Optimizer
from impl.shared.saving import by_name

__all__ = ["SGD", "Adam", "Optimizer", "deserialize", "get", "serialize"]


class SGD(shared.SGD):
    """See `impl.shared.optimizers.SGD`."""

    settings = SETTINGS

    def __init__(
        self,
        learning_rate: float = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        name: str = "sgd",
    ) -> None:
        super().__init__(learning_rate, momentum, nesterov, name)


class Adam(shared.Adam):
    """See `impl.shared.optimizers.Adam`."""

    settings = SETTINGS

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        name: str = "adam",
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, name)


_NAMES = by_name(SGD, Adam)
_FAMILY = REGISTRY.family("optimizer", Optimizer, "optimizers", _NAMES, custom=False)
get, deserialize = _FAMILY.get, _FAMILY.deserialize


def serialize(optimizer: Any) -> Any:
    """An optimizer as data: see `Family.serialize`."""
    return _FAMILY.serialize(optimizer)
