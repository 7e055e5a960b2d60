"""What `fit` and `evaluate` report: running means, and the metrics that are known by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from impl.shared.losses import alike


class Mean(tf.Module):  # type: ignore[misc]
    """The running mean of a value over samples, summed in `dtype`."""

    def __init__(self, name: str, dtype: str) -> None:
        super().__init__()
        self.label = name
        with tf.init_scope():
            self.total = tf.Variable(tf.zeros((), dtype), False)
            self.count = tf.Variable(tf.zeros((), dtype), False)

    def add(self, total: Any, count: Any) -> None:
        """Takes in so many values, by their sum."""
        self.total.assign_add(tf.cast(total, self.total.dtype))
        self.count.assign_add(tf.cast(count, self.total.dtype))

    def add_values(self, values: tf.Tensor, mask: tf.Tensor | None) -> None:
        """Takes in `values`, those that the mask keeps."""
        if mask is None:
            self.add(tf.reduce_sum(values), tf.size(values))
            return
        values, weights = alike(values, tf.cast(mask, values.dtype))
        self.add(tf.reduce_sum(values * weights), tf.reduce_sum(weights))

    def reset(self) -> None:
        """Forgets everything."""
        self.total.assign(0.0)
        self.count.assign(0.0)

    def result(self) -> float:
        """The mean; zero of nothing."""
        return float(tf.raw_ops.DivNoNan(x=self.total, y=self.count).numpy())


def squared_error(y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
    """The mean squared difference along the last axis."""
    return tf.reduce_mean(tf.square(tf.cast(y_true, y_pred.dtype) - y_pred), -1)


def absolute_error(y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
    """The mean absolute difference along the last axis."""
    return tf.reduce_mean(tf.abs(tf.cast(y_true, y_pred.dtype) - y_pred), -1)


def accuracy(y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
    """1 where the largest prediction is at the class, or one prediction on its side of 0.5, else 0.

    `y_true` holds classes, or, in the shape of `y_pred`, one-hot rows.
    """
    if y_pred.shape[-1] == 1:
        hits = (tf.cast(y_pred > 0.5, y_pred.dtype) == tf.cast(y_true, y_pred.dtype))[..., 0]
    else:
        same = y_true.shape.rank == y_pred.shape.rank and y_true.shape[-1] != 1
        classes = tf.argmax(y_true, -1) if same else tf.reshape(y_true, tf.shape(y_pred)[:-1])
        hits = tf.argmax(y_pred, -1) == tf.cast(classes, tf.int64)
    return tf.cast(hits, tf.float32)


_METRICS: dict[Any, Callable[..., Any]] = {
    **dict.fromkeys(("mse", "mean_squared_error"), squared_error),
    **dict.fromkeys(("mae", "mean_absolute_error"), absolute_error),
    **dict.fromkeys(("acc", "accuracy"), accuracy),
}


def metric(identifier: Any) -> tuple[str, Callable[..., Any]]:
    """The label and function of a metric. Raises ValueError unless it is a name or a function."""
    if identifier in _METRICS:
        return identifier, _METRICS[identifier]
    if callable(identifier):
        return str(getattr(identifier, "__name__", identifier)), identifier
    raise ValueError(
        f"metrics must be functions or names of {', '.join(_METRICS)}, got {identifier!r}"
    )
