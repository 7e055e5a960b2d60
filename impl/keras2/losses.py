"""`keras.losses` of Keras 2: mean squared and absolute error, Huber, sparse categorical cross-entropy."""

from typing import Any, ClassVar, Self

import tensorflow as tf

from impl.keras2.backend import SETTINGS
from impl.keras2.saving import REGISTRY
from impl.shared import losses as shared
from impl.shared.saving import by_name


class Loss(shared.Loss):
    """See `impl.shared.losses.Loss`."""

    settings = SETTINGS
    keeps_dtype = True
    reductions = ("auto", "sum_over_batch_size", "sum", "none")

    # The name of the function that a built-in class calls, which its configuration has.
    _function: ClassVar[str] = ""

    def __init__(self, name: str | None = None, reduction: Any = "auto") -> None:
        super().__init__(name, reduction)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name, and of a built-in class its function."""
        config = super().get_config()
        return {**config, "fn": self._function} if self._function else config

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The loss that `get_config` described."""
        return super().from_config({name: x for name, x in config.items() if name != "fn"})


class MeanSquaredError(shared.MeanSquaredError, Loss):
    """See `impl.shared.losses.MeanSquaredError`."""

    _function = "mean_squared_error"

    def __init__(self, reduction: Any = "auto", name: str = "mean_squared_error") -> None:
        super().__init__(name, reduction)


class MeanAbsoluteError(shared.MeanAbsoluteError, Loss):
    """See `impl.shared.losses.MeanAbsoluteError`."""

    _function = "mean_absolute_error"

    def __init__(self, reduction: Any = "auto", name: str = "mean_absolute_error") -> None:
        super().__init__(name, reduction)


class Huber(shared.Huber, Loss):
    """See `impl.shared.losses.Huber`."""

    _function = "huber"

    def __init__(
        self, delta: float = 1.0, reduction: Any = "auto", name: str = "huber_loss"
    ) -> None:
        super().__init__(name, reduction)
        self.delta = delta

    def call(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        """The loss of each sample, in `floatx`."""
        return super().call(y_true, tf.cast(y_pred, SETTINGS.floatx()))


class SparseCategoricalCrossentropy(shared.SparseCategoricalCrossentropy, Loss):
    """See `impl.shared.losses.SparseCategoricalCrossentropy`."""

    _function = "sparse_categorical_crossentropy"

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: Any = "auto",
        name: str = "sparse_categorical_crossentropy",
    ) -> None:
        super().__init__(from_logits, ignore_class, name, reduction)


_NAMES = by_name(*Loss.__subclasses__()) | {"mse": MeanSquaredError, "MSE": MeanSquaredError}
_NAMES |= {"mae": MeanAbsoluteError, "MAE": MeanAbsoluteError, "huber_loss": Huber}
_FAMILY = REGISTRY.family("loss", Loss, "losses", _NAMES, custom=True)
get, deserialize = _FAMILY.get, _FAMILY.deserialize


def serialize(loss: Any) -> Any:
    """A loss as data: see `Family.serialize`."""
    return _FAMILY.serialize(loss)
