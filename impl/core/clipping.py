"""Gradients made shorter. Source: https://keras.io/api/optimizers/, `clipnorm` and the like."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf


def by_value(gradient: tf.Tensor, limit: float) -> tf.Tensor:
    """Each element brought into [-limit, limit]."""
    return tf.clip_by_value(gradient, -limit, limit)


def by_norm(gradient: tf.Tensor, limit: float) -> tf.Tensor:
    """As it is, or, if its length is over `limit`, of that length."""
    return tf.clip_by_norm(gradient, limit)


def by_global_norm(gradients: Sequence[tf.Tensor], limit: float) -> list[tf.Tensor]:
    """As they are, or, if all together are longer than `limit`, of that length together."""
    clipped, _ = tf.clip_by_global_norm(gradients, limit)
    return list(clipped)
