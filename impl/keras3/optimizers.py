"""`keras.optimizers` of Keras 3: SGD and Adam."""

from typing import Any

from impl.keras3.config import SETTINGS
from impl.keras3.saving import REGISTRY
from impl.shared import optimizers as shared
from impl.shared.optimizers import UpdateRules
from impl.shared.saving import by_name

__all__ = ["SGD", "Adam", "Optimizer", "deserialize", "get", "serialize"]


class Optimizer(shared.Optimizer):
    """See `impl.shared.optimizers.Optimizer`."""

    settings = SETTINGS
    rules = UpdateRules(
        clips_alone=("clipnorm", "clipvalue", "global_clipnorm"),
        averages_start_at_weights=False,
        negates_first=False,
    )

    def __init__(
        self, learning_rate: float, weight_decay: float | None = None,
        clipnorm: float | None = None, clipvalue: float | None = None,
        global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None, loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None, name: str = "optimizer",
    ) -> None:  # fmt: skip  # as the documents list them
        self._take(locals())


class SGD(shared.SGD, Optimizer):
    """See `impl.shared.optimizers.SGD`."""

    def __init__(
        self, learning_rate: float = 0.01, momentum: float = 0.0, nesterov: bool = False,
        weight_decay: float | None = None, clipnorm: float | None = None,
        clipvalue: float | None = None, global_clipnorm: float | None = None,
        use_ema: bool = False, ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None, loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None, name: str = "sgd",
    ) -> None:  # fmt: skip  # as the documents list them
        self._take(locals())


class Adam(shared.Adam, Optimizer):
    """See `impl.shared.optimizers.Adam`."""

    def __init__(
        self, learning_rate: float = 0.001, beta_1: float = 0.9, beta_2: float = 0.999,
        epsilon: float = 1e-7, amsgrad: bool = False,
        weight_decay: float | None = None, clipnorm: float | None = None,
        clipvalue: float | None = None, global_clipnorm: float | None = None,
        use_ema: bool = False, ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None, loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None, name: str = "adam",
    ) -> None:  # fmt: skip  # as the documents list them
        self._take(locals())


_NAMES = by_name(SGD, Adam)
_FAMILY = REGISTRY.family("optimizer", Optimizer, "optimizers", _NAMES, custom=True)
get, deserialize = _FAMILY.get, _FAMILY.deserialize


def serialize(optimizer: Any) -> Any:
    """An optimizer as data: see `Family.serialize`."""
    return _FAMILY.serialize(optimizer)
