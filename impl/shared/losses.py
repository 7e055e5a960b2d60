"""Losses: one number for the targets and predictions of a batch.

Source: https://keras.io/api/losses/. A loss is called with `y_true`, `y_pred` and optionally
`sample_weight`, a number for each sample.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

import tensorflow as tf

from impl.core.convert import as_tensor
from impl.shared.autograph import converted
from impl.shared.policies import Settings
from impl.shared.saving import Configured


class Loss(Configured):
    """Base class. A subclass defines `call(y_true, y_pred)`, which returns a loss per sample.

    `reduction` is "sum_over_batch_size" (the mean over samples), "sum", or "none". Raises
    ValueError for another.
    """

    settings: ClassVar[Settings]
    keeps_dtype: ClassVar[bool]
    _saved = ("name", "reduction")

    def __init__(self, name: str | None, reduction: Any, dtype: Any = None) -> None:
        if reduction not in ("sum_over_batch_size", "sum", "none", "auto", None):
            rule = "'sum_over_batch_size', 'sum' or 'none'"
            raise ValueError(f"reduction must be {rule}, got {reduction!r}")
        self.name, self.reduction, self.dtype = name, reduction, dtype

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> tf.Tensor:
        """The reduced loss, of what the mask of `y_pred` keeps, if there is one.

        Computed in the dtype of `y_pred`, or as the dialect has it.
        """
        mask = getattr(y_pred, "_keras_mask", None)
        y_pred = as_tensor(y_pred)
        if not self.keeps_dtype:
            y_pred = _cast(y_pred, tf.as_dtype(self.dtype or self.settings.floatx()))
        losses = converted(self.call)(as_tensor(y_true), y_pred)
        dtype, weights = losses.dtype, []
        if sample_weight is not None:
            weights.append(_cast(as_tensor(sample_weight), dtype))
        if mask is not None:
            partial, zero = self.reduction in ("none", "sum", None), not self.keeps_dtype
            weights.append(_cast(mask, dtype) if partial else rescaled_mask(mask, dtype, zero))
        if weights:
            losses *= math.prod(weights[1:], start=weights[0])
        if self.reduction in ("none", None):
            return losses
        total = tf.reduce_sum(losses)
        if self.reduction == "sum":
            return total
        return tf.math.divide_no_nan(total, tf.cast(tf.size(losses), total.dtype))

    def call(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        """The loss of each sample."""
        raise NotImplementedError(f"{type(self).__name__} must define call(y_true, y_pred)")


class MeanSquaredError(Loss):
    """The mean of the squared differences over the last axis."""

    def call(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        """The loss of each sample."""
        difference = _like(y_true, y_pred) - y_pred
        return tf.reduce_mean(tf.square(difference), axis=-1)


class MeanAbsoluteError(Loss):
    """The mean of the absolute differences over the last axis."""

    def call(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        """The loss of each sample."""
        return tf.reduce_mean(tf.abs(_like(y_true, y_pred) - y_pred), axis=-1)


class Huber(Loss):
    """The mean over the last axis of half the squared differences, which goes on straight from `delta`."""

    delta: float

    def call(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        """The loss of each sample."""
        difference = y_pred - _like(y_true, y_pred)
        half, delta = (tf.constant(x, y_pred.dtype) for x in (0.5, self.delta))
        size = tf.abs(difference)
        straight = delta * size - half * tf.square(delta)
        return tf.reduce_mean(tf.where(size <= delta, half * tf.square(difference), straight), -1)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name."""
        return {**super().get_config(), "delta": self.delta}


class SparseCategoricalCrossentropy(Loss):
    """-log of the probability of the class `y_true`, an integer for each sample.

    `y_pred` has one probability for each class in its last axis, or with `from_logits` a logit.
    """

    def __init__(
        self, from_logits: bool, ignore_class: None, name: str, reduction: Any, **dtype: Any
    ) -> None:
        if ignore_class is not None:
            raise ValueError(f"ignore_class must be None, got {ignore_class!r}")
        super().__init__(name, reduction, **dtype)
        self.from_logits = from_logits

    def call(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        """The loss of each sample."""
        if y_true.shape.rank == y_pred.shape.rank and y_true.shape[-1] == 1:
            y_true = tf.squeeze(y_true, -1)
        logits = y_pred if self.from_logits else self.logits_of(y_pred)
        return tf.nn.sparse_softmax_cross_entropy_with_logits(_cast(y_true, tf.int64), logits)

    def logits_of(self, y_pred: tf.Tensor) -> tf.Tensor:
        """Logits whose softmax is `y_pred`: in a graph those that it was taken of."""
        if not tf.executing_eagerly() and y_pred.op.type == "Softmax":
            return y_pred.op.inputs[0]
        epsilon = self.settings.epsilon()
        return tf.math.log(tf.clip_by_value(y_pred, epsilon, 1 - epsilon))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name."""
        return {**super().get_config(), "from_logits": self.from_logits, "ignore_class": None}


def rescaled_mask(mask: tf.Tensor, dtype: tf.DType, of_none_is_zero: bool = False) -> tf.Tensor:
    """The weights whose products with losses have, over all of them, the mean of what the mask keeps.

    Where it keeps nothing they are zeros or, as in Keras 2, NaN.
    """
    kept = _cast(mask, dtype)
    count = tf.reduce_sum(kept)
    total = tf.cast(tf.size(mask), dtype)
    return kept * (tf.math.divide_no_nan(total, count) if of_none_is_zero else total / count)


def _cast(x: tf.Tensor, dtype: tf.DType) -> tf.Tensor:
    return x if x.dtype == dtype else tf.cast(x, dtype)


def _like(y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
    """`y_true` in the dtype of `y_pred`, with or without a last axis of size 1 as it has one."""
    y_true = _cast(y_true, y_pred.dtype)
    ranks = y_true.shape.rank, y_pred.shape.rank
    if None not in ranks and ranks[0] == ranks[1] - 1 and y_pred.shape[-1] == 1:
        return tf.expand_dims(y_true, -1)
    if None not in ranks and ranks[0] == ranks[1] + 1 and y_true.shape[-1] == 1:
        return tf.squeeze(y_true, -1)
    return y_true
