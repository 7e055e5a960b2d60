"""The part of `keras.ops` that the documents' own examples are written with."""

from typing import Any

import numpy as np
import tensorflow as tf

from impl.core.convert import as_tensor
from impl.keras3.config import SETTINGS


def convert_to_tensor(x: Any, dtype: Any = None) -> tf.Tensor:
    """`x` as a tensor, cast to `dtype` if one is given."""
    return as_tensor(x) if dtype is None else cast(x, dtype)


def cast(x: Any, dtype: Any) -> tf.Tensor:
    """`x` as a tensor of `dtype`."""
    return tf.cast(as_tensor(x), dtype)


def mean(x: Any, axis: Any = None, keepdims: bool = False) -> tf.Tensor:
    """The mean along `axis` (None: of all elements); float32 where `x` holds no floats."""
    x = as_tensor(x)
    return tf.reduce_mean(x if x.dtype.is_floating else cast(x, tf.float32), axis, keepdims)


def greater_equal(x1: Any, x2: Any) -> tf.Tensor:
    """Elementwise `x1 >= x2` as booleans; both are compared in a dtype that suits the two."""
    x1 = as_tensor(x1)
    if isinstance(x2, (int, float)) and x1.dtype.is_floating:
        return tf.greater_equal(x1, tf.cast(x2, x1.dtype))
    x2 = as_tensor(x2)
    dtype = np.promote_types(x1.dtype.as_numpy_dtype, x2.dtype.as_numpy_dtype)
    return tf.greater_equal(tf.cast(x1, dtype), tf.cast(x2, dtype))


def absolute(x: Any) -> tf.Tensor:
    """Elementwise |x|."""
    return tf.abs(as_tensor(x))


def matmul(x1: Any, x2: Any) -> tf.Tensor:
    """The matrix product over the last axis of `x1` and the last but one of `x2`."""
    return tf.matmul(as_tensor(x1), as_tensor(x2))


def ones(shape: Any, dtype: Any = None) -> tf.Tensor:
    """Ones of `shape`; a `dtype` of None is `floatx`."""
    return tf.ones(shape, dtype or SETTINGS.floatx())


def square(x: Any) -> tf.Tensor:
    """Elementwise x * x."""
    return tf.square(as_tensor(x))


def sum(x: Any, axis: Any = None, keepdims: bool = False) -> tf.Tensor:
    """The sum along `axis` (None: of all elements). `x` may be a list of tensors of one shape."""
    return tf.reduce_sum(as_tensor(x), axis, keepdims)
