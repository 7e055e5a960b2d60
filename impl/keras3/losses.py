"""`keras.losses` of Keras 3: mean squared and absolute error, Huber, sparse categorical cross-entropy."""

from typing import Any

import tensorflow as tf

from impl.keras3.config import SETTINGS
from impl.keras3.saving import REGISTRY
from impl.shared import losses as shared
from impl.shared.saving import by_name


class Loss(shared.Loss):
    """See `impl.shared.losses.Loss`."""

    settings = SETTINGS
    keeps_dtype = False
    reductions = ("sum_over_batch_size", "sum", "none", None, "mean", "mean_with_sample_weight")

    def __init__(
        self, name: str | None = None, reduction: Any = "sum_over_batch_size", dtype: Any = None
    ) -> None:
        super().__init__(name, reduction, dtype)


class MeanSquaredError(shared.MeanSquaredError, Loss):
    """See `impl.shared.losses.MeanSquaredError`."""

    def __init__(
        self,
        reduction: Any = "sum_over_batch_size",
        name: str = "mean_squared_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)


class MeanAbsoluteError(shared.MeanAbsoluteError, Loss):
    """See `impl.shared.losses.MeanAbsoluteError`."""

    def __init__(
        self,
        reduction: Any = "sum_over_batch_size",
        name: str = "mean_absolute_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)


class Huber(shared.Huber, Loss):
    """See `impl.shared.losses.Huber`."""

    def __init__(
        self,
        delta: float = 1.0,
        reduction: Any = "sum_over_batch_size",
        name: str = "huber_loss",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.delta = delta


class SparseCategoricalCrossentropy(shared.SparseCategoricalCrossentropy, Loss):
    """See `impl.shared.losses.SparseCategoricalCrossentropy`."""

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: Any = "sum_over_batch_size",
        axis: int = -1,
        name: str = "sparse_categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(from_logits, ignore_class, name, reduction, dtype=dtype)
        self.axis = axis

    def call(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        """The loss of each sample. Raises ValueError for another axis than the last."""
        if self.axis not in (-1, y_pred.shape.rank - 1):
            raise ValueError(f"axis must be -1, got {self.axis!r}")
        return super().call(y_true, y_pred)


_NAMES = by_name(*Loss.__subclasses__()) | {"mse": MeanSquaredError, "MSE": MeanSquaredError}
_NAMES |= {"mae": MeanAbsoluteError, "MAE": MeanAbsoluteError}
_FAMILY = REGISTRY.family("loss", Loss, "losses", _NAMES, custom=False)
get, deserialize = _FAMILY.get, _FAMILY.deserialize


def serialize(loss: Any) -> Any:
    """A loss as data: see `Family.serialize`."""
    return _FAMILY.serialize(loss)
