"""`keras.optimizers` of Keras 2: SGD and Adam."""

from typing import Any

from impl.keras2.backend import SETTINGS
from impl.keras2.saving import REGISTRY
from impl.shared import optimizers as shared
from impl.shared.optimizers import UpdateRules
from impl.shared.saving import by_name

__all__ = ["SGD", "Adam", "Optimizer", "deserialize", "get", "serialize"]


class Optimizer(shared.Optimizer):
    """See `impl.shared.optimizers.Optimizer`. `jit_compile` is taken, and changes nothing here."""

    settings = SETTINGS
    rules = UpdateRules(
        clips_alone=("clipnorm", "global_clipnorm"),
        averages_start_at_weights=True,
        negates_first=True,
    )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name."""
        return {**super().get_config(), "jit_compile": False, "is_legacy_optimizer": False}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The optimizer that `get_config` described."""
        return super().from_config({k: x for k, x in config.items() if k != "is_legacy_optimizer"})


class SGD(shared.SGD, Optimizer):
    """See `impl.shared.optimizers.SGD`."""

    def __init__(
        self, learning_rate: float = 0.01, momentum: float = 0.0, nesterov: bool = False,
        weight_decay: float | None = None, clipnorm: float | None = None,
        clipvalue: float | None = None, global_clipnorm: float | None = None,
        use_ema: bool = False, ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None, jit_compile: bool = True, name: str = "SGD",
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
        ema_overwrite_frequency: int | None = None, jit_compile: bool = True, name: str = "Adam",
    ) -> None:  # fmt: skip  # as the documents list them
        self._take(locals())


_NAMES = by_name(SGD, Adam)
_FAMILY = REGISTRY.family("optimizer", Optimizer, "optimizers", _NAMES, custom=True)
get, deserialize = _FAMILY.get, _FAMILY.deserialize


def serialize(optimizer: Any) -> Any:
    """An optimizer as data: see `Family.serialize`."""
    return _FAMILY.serialize(optimizer)
