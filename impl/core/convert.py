"""What users pass as a weight, turned into a tensor."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, TypeVar

import numpy as np
import tensorflow as tf

T = TypeVar("T")

# What TensorFlow raises for a weight, or an argument, that it cannot compute with.
REFUSALS = (TypeError, ValueError, tf.errors.InvalidArgumentError, tf.errors.UnimplementedError)


def made_once(make: Callable[..., T]) -> Callable[..., T]:
    """`make`, a function of hashable arguments, whose tensors are kept in eager mode.

    To make a small tensor costs more than most ops on it. One of a graph belongs to that graph, and
    is made anew. 1 and 1.0 are told apart; 0.0 and -0.0 are not.
    """
    keep: Any = lru_cache(maxsize=1024, typed=True)(make)

    @wraps(make)
    def made(*args: Any) -> T:
        return keep(*args) if tf.executing_eagerly() else make(*args)

    return made


def as_tensor(x: Any) -> tf.Tensor:
    """`x` (tensor, variable, NumPy array, number, nested list) as a tensor of its own dtype.

    A tensor is returned as it is. Python floats become float32, Python integers int32, NumPy
    keeps its dtype. Raises TypeError or ValueError when there is no such tensor.
    """
    return x if isinstance(x, tf.Tensor) else tf.convert_to_tensor(x)


def as_tensor_of(floatx: str, x: Any) -> tf.Tensor:
    """`as_tensor`, except that float arrays and lists become `floatx`."""
    tensor = as_tensor(x)
    plain = isinstance(x, (np.ndarray, np.generic, list, tuple)) and tensor.dtype.is_floating
    return tf.cast(tensor, floatx) if plain else tensor


def shape_operand(sizes: tuple[int, ...]) -> Any:
    """`sizes` for an op that takes a shape. In eager mode one tensor is kept for each.

    To make that tensor costs eight times what the reshape costs.
    """
    return kept_vector(sizes, tf.int32) if tf.executing_eagerly() else sizes


@lru_cache(maxsize=4096)
def kept_vector(values: tuple[int, ...], dtype: tf.DType) -> tf.Tensor:
    """`values` as an eager tensor, which is kept. It is where ops read shapes and seeds."""
    with tf.device("CPU"):
        return tf.constant(values, dtype)
