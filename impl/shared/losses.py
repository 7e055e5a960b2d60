"""Losses: one number for the targets and predictions of a batch.

Source: https://keras.io/api/losses/. A loss is called with `y_true`, `y_pred` and optionally
`sample_weight`, a number for each sample.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar

import tensorflow as tf

from impl.core.convert import as_tensor
from impl.shared.autograph import converted
from impl.shared.policies import Settings
from impl.shared.saving import Configured


class Loss(Configured):
    """Base class. A subclass defines `call(y_true, y_pred)`, which returns a loss per sample.

    `reduction` is "sum_over_batch_size" (the mean over samples), "sum", "none", or another that the
    dialect has. Raises ValueError for what it has not.
    """

    settings: ClassVar[Settings]
    keeps_dtype: ClassVar[bool]
    reductions: ClassVar[tuple[str | None, ...]]
    _saved: ClassVar[tuple[str, ...]] = ("name", "reduction")

    def __init__(self, name: str | None, reduction: Any, dtype: Any = None) -> None:
        if reduction not in self.reductions:
            rule = ", ".join(map(repr, self.reductions))
            raise ValueError(f"reduction must be one of {rule}, got {reduction!r}")
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
        kept = getattr(losses, "_keras_mask", None)  # of a loss that leaves samples out itself
        if kept is not None:
            mask = kept if mask is None else tf.logical_and(mask, kept)
        dtype, weights = losses.dtype, []
        if sample_weight is not None:
            losses, given = alike(losses, _cast(as_tensor(sample_weight), dtype))
            weights.append(given)
        if mask is not None:
            partial, zero = self.reduction in ("none", "sum", None), not self.keeps_dtype
            given = _cast(mask, dtype) if partial else rescaled_mask(mask, dtype, zero)
            losses, given = alike(losses, given)
            weights.append(given)
        weight = math.prod(weights[1:], start=weights[0]) if weights else None
        losses = losses if weight is None else losses * weight
        if self.reduction in ("none", None):
            return losses
        total = tf.reduce_sum(losses)
        if self.reduction == "sum":
            return total
        by_weight = self.reduction == "mean_with_sample_weight" and weight is not None
        count = tf.reduce_sum(weight) if by_weight else tf.cast(tf.size(losses), total.dtype)
        return tf.math.divide_no_nan(total, count)

    def call(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        """The loss of each sample."""
        raise NotImplementedError(f"{type(self).__name__} must define call(y_true, y_pred)")


class MeanSquaredError(Loss):
    """The mean of the squared differences over the last axis."""

    def call(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        """The loss of each sample."""
        y_true, y_pred = alike(_cast(y_true, y_pred.dtype), y_pred)
        return tf.reduce_mean(tf.square(y_true - y_pred), axis=-1)


class MeanAbsoluteError(Loss):
    """The mean of the absolute differences over the last axis."""

    def call(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        """The loss of each sample."""
        y_true, y_pred = alike(_cast(y_true, y_pred.dtype), y_pred)
        return tf.reduce_mean(tf.abs(y_true - y_pred), axis=-1)


class Huber(Loss):
    """The mean over the last axis of half the squared differences, which goes on straight from `delta`."""

    delta: float
    _saved = ("name", "reduction", "delta")

    def call(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        """The loss of each sample."""
        y_true, y_pred = alike(_cast(y_true, y_pred.dtype), y_pred)
        difference = y_pred - y_true
        half, delta = (tf.constant(x, y_pred.dtype) for x in (0.5, self.delta))
        size = tf.abs(difference)
        straight = delta * size - half * tf.square(delta)
        return tf.reduce_mean(tf.where(size <= delta, half * tf.square(difference), straight), -1)


class SparseCategoricalCrossentropy(Loss):
    """-log of the probability of the class `y_true`, an integer for each sample.

    `y_pred` has one probability for each class in its last axis, or with `from_logits` a logit.
    Samples of `ignore_class` do not count.
    """

    _saved = ("name", "reduction", "from_logits", "ignore_class")

    def __init__(
        self, from_logits: bool, ignore_class: int | None, name: str, reduction: Any, **dtype: Any
    ) -> None:
        super().__init__(name, reduction, **dtype)
        self.from_logits, self.ignore_class = from_logits, ignore_class

    def call(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        """The loss of each sample."""
        if y_true.shape.rank == y_pred.shape.rank and y_true.shape[-1] == 1:
            y_true = tf.squeeze(y_true, -1)
        logits = y_pred if self.from_logits else self.logits_of(y_pred)
        labels = _cast(y_true, tf.int64)
        if self.ignore_class is None:
            return tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
        kept = labels != self.ignore_class
        labels = tf.where(kept, labels, 0)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
        losses = tf.where(kept, losses, 0)
        losses._keras_mask = kept
        return losses

    def logits_of(self, y_pred: tf.Tensor) -> tf.Tensor:
        """Logits whose softmax is `y_pred`: those that it was taken of, where it says so."""
        logits = getattr(y_pred, "_keras_logits", None)
        if logits is not None:
            return logits
        epsilon = self.settings.epsilon()
        return tf.math.log(tf.clip_by_value(y_pred, epsilon, 1 - epsilon))


def of_function(loss: Any, base: Callable[[], Any]) -> Any:
    """A loss as it is, and a user's function as one of the `base` class; None for None."""
    if loss is None or isinstance(loss, Loss):
        return loss
    made = base()
    made.call = loss
    return made


def rescaled_mask(mask: tf.Tensor, dtype: tf.DType, of_none_is_zero: bool) -> tf.Tensor:
    """The weights whose products with losses have, over all of them, the mean of what the mask keeps.

    Where it keeps nothing they are zeros or, as in Keras 2, NaN.
    """
    kept = _cast(mask, dtype)
    count = tf.reduce_sum(kept)
    total = tf.cast(tf.size(mask), dtype)
    return kept * (tf.math.divide_no_nan(total, count) if of_none_is_zero else total / count)


def _cast(x: tf.Tensor, dtype: tf.DType) -> tf.Tensor:
    return x if x.dtype == dtype else tf.cast(x, dtype)


def alike(x: tf.Tensor, y: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Both, with a last axis of size 1 or without one alike: a vector gets it, what has more axes loses it."""
    return _like(x, y), _like(y, x)


def _like(x: tf.Tensor, other: tf.Tensor) -> tf.Tensor:
    rank, aim = x.shape.rank, other.shape.rank
    if rank == 1 and aim == 2 and other.shape[-1] == 1:
        return tf.expand_dims(x, -1)
    if aim is not None and aim > 1 and rank == aim + 1 and x.shape[-1] == 1:
        return tf.squeeze(x, -1)
    return x
