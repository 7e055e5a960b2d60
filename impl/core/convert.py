"""What users pass as a weight, turned into a tensor."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import tensorflow as tf


def as_tensor(x: Any) -> tf.Tensor:
    """`x` (tensor, variable, NumPy array, number, nested list) as a tensor of its own dtype.

    A tensor is returned as it is. Python floats become float32, Python integers int32, NumPy
    keeps its dtype. Raises TypeError or ValueError when there is no such tensor.
    """
    return x if isinstance(x, tf.Tensor) else tf.convert_to_tensor(x)


def as_float32_unless_tensor(x: Any) -> tf.Tensor:
    """`as_tensor`, except that float arrays and lists become float32."""
    tensor = as_tensor(x)
    if isinstance(x, (np.ndarray, np.generic, list, tuple)) and tensor.dtype.is_floating:
        return tf.cast(tensor, tf.float32)
    return tensor


def shape_operand(sizes: tuple[int, ...]) -> Any:
    """`sizes` for an op that takes a shape. In eager mode one tensor is kept for each.

    To make that tensor costs eight times what the reshape costs.
    """
    return _kept(sizes) if tf.executing_eagerly() else sizes


@lru_cache(maxsize=256)
def _kept(sizes: tuple[int, ...]) -> tf.Tensor:
    return tf.constant(sizes, tf.int32)
