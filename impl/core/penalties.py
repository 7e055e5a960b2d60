"""Penalties: one number for a weight tensor, to be added to a loss.

Every function takes tensors and returns a scalar tensor, eagerly, in a graph or under XLA. The order
of the operations is part of the contract: it makes the result equal to that of official Keras, bit
for bit. A factor is a number (or a scalar tensor); it is rounded to the dtype of the sum it scales.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from impl.core.convert import made_once
from impl.core.sampling import recast_scalar, scalar

# An eager raw op costs a third of the tf.math function or operator around it.
_op = tf.raw_ops

_LARGEST = float(np.finfo(np.float32).max)


@made_once
def _axes(rank: int) -> Any:
    return tf.range(rank) if tf.executing_eagerly() else np.arange(rank, dtype=np.int32)


def _total(x: tf.Tensor) -> tf.Tensor:
    rank = x.shape.rank
    return _op.Sum(input=x, axis=tf.range(tf.rank(x)) if rank is None else _axes(rank))


def absolute(x: tf.Tensor, factor: Any) -> tf.Tensor:
    """`factor * sum(|x|)` for floats and signed integers, in their dtype, and for complex numbers.

    Squeezed into an integer dtype, the factor loses its fraction.
    """
    total = _total(tf.abs(x) if x.dtype.is_complex else _op.Abs(x=x))
    rounded = recast_scalar if x.dtype.is_integer else scalar
    return _op.Mul(x=total, y=rounded(factor, total.dtype))


def halved_square(x: tf.Tensor, factor: Any) -> tf.Tensor:
    """`2 * factor * (sum(x ** 2) / 2)` for floats: so it overflows later, and underflows earlier.

    The factor, a float32 number, is doubled in float32.
    """
    twice = 2.0 * factor
    if isinstance(twice, float) and twice > _LARGEST:
        twice = math.inf
    return _op.Mul(x=_op.L2Loss(t=x), y=scalar(twice, x.dtype))


def recast_absolute(x: tf.Tensor, factor: Any) -> tf.Tensor:
    """`factor * sum(|x|)` for floats and `integral` dtypes; the factor is float32 first."""
    if not x.dtype.is_floating:
        return _integral(x, factor, _op.Abs)
    return _op.Mul(x=_total(_op.Abs(x=x)), y=recast_scalar(factor, x.dtype))


def recast_square(x: tf.Tensor, factor: Any) -> tf.Tensor:
    """`factor * sum(x ** 2)` for floats, complex and `integral` dtypes; the factor is float32 first.

    Complex numbers are squared as they are, without their conjugate.
    """
    if not (x.dtype.is_floating or x.dtype.is_complex):
        return _integral(x, factor, _op.Square)
    return _op.Mul(x=_total(_op.Square(x=x)), y=recast_scalar(factor, x.dtype))


def _integral(x: tf.Tensor, factor: Any, size: Any) -> tf.Tensor:
    """The penalty of integers of 32 and 64 bits, in their dtype; of booleans: any, if it counts."""
    weight = recast_scalar(factor, x.dtype)
    if x.dtype is tf.bool:
        return tf.logical_and(tf.reduce_any(x), weight)
    if x.dtype not in (tf.int32, tf.int64, tf.uint32, tf.uint64):
        raise TypeError(f"x must be floats or integers of 32 or 64 bits, got {x.dtype.name}")
    unsigned = x.dtype.is_unsigned and size is _op.Abs
    return _op.Mul(x=_total(x if unsigned else size(x=x)), y=weight)


def floored(squares: tf.Tensor) -> tf.Tensor:
    """One over the root of each, where what is below 1e-12 counts as that."""
    return _op.Rsqrt(x=_op.Maximum(x=squares, y=scalar(1e-12, squares.dtype)))


def bounded(squares: tf.Tensor, epsilon: float) -> tf.Tensor:
    """One over the root of each, at most one over `epsilon`."""
    dtype, most = squares.dtype, 1 / epsilon
    most = most if most < float(dtype.max) else math.inf  # without a warning of NumPy's
    return _op.Minimum(x=_op.Rsqrt(x=squares), y=scalar(most, dtype))


def nonorthogonality(
    x: tf.Tensor, factor: Any, invert: Callable[[tf.Tensor], tf.Tensor], *, columns: bool
) -> tf.Tensor:
    """`factor` times the mean absolute cosine between two different rows (or columns) of a matrix.

    `invert` makes of squared lengths what rows are multiplied by, one over each length. A single row
    has no pair: NaN. Raises ValueError for any rank but 2 and for an unknown number of rows, and
    TypeError for anything but floats.
    """
    axis = 0 if columns else 1
    size = x.shape[1 - axis] if x.shape.rank == 2 else None
    if size is None:
        raise ValueError(f"x must have rank 2 and a known size, got shape {x.shape}")
    dtype = x.dtype
    if not dtype.is_floating:
        raise TypeError(f"x must be a float tensor, got {dtype.name}")
    squares = _op.Sum(input=_op.Square(x=x), axis=axis, keep_dims=True)
    unit = _op.Mul(x=x, y=invert(squares))
    cosines = _op.MatMul(a=unit, b=unit, transpose_a=columns, transpose_b=not columns)
    pairs = scalar(size * (size - 1) / 2, dtype)
    # A row whose squares are lost has no cosine with itself either: NaN, not zero.
    itself = _op.Mul(x=_op.MatrixDiagPart(input=cosines), y=scalar(0.0, dtype))
    total = _total(_op.Abs(x=_op.MatrixSetDiag(input=cosines, diagonal=itself)))
    return _op.RealDiv(x=_op.Mul(x=total, y=scalar(0.5 * factor, dtype)), y=pairs)
