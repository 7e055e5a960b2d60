"""Projections of a weight tensor onto the set a constraint allows.

Every function takes tensors and returns a tensor, eagerly, in a graph or under XLA. `w` is the
weight; `n` its norm, reduced axes kept, so the two broadcast. The order of the operations is
part of the contract: it makes the result equal to that of official Keras, bit for bit.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import tensorflow as tf

from impl.core.convert import as_tensor, as_tensor_of
from impl.core.tape import may_be_differentiated

# An eager raw op costs a third of the tf.math function or operator around it.
_op = tf.raw_ops

# Up to this many elements Eigen never splits a reduction between threads (a split pays from
# about 1e5 cycles), so one op adds in the same order as three. Above it they may differ by 1 ULP.
_ONE_SHARD = 4096

# What the squares of an integer weight are added up in; the squares themselves wrap around.
_SUM_DTYPES = {tf.int8: tf.int32, tf.int16: tf.int32, tf.uint8: tf.uint32, tf.uint16: tf.uint32}


@cache
def _cpu_only() -> bool:
    return {d.device_type for d in tf.config.list_logical_devices()} == {"CPU"}


def _reduction_axes(w: tf.Tensor, axis: Any) -> Any:
    if axis is None:
        return tf.range(tf.rank(w))
    if isinstance(axis, (list, tuple, range)):
        axes = np.asarray(axis)
        if axes.size and axes.dtype.kind not in "iub":
            raise TypeError(f"axis must hold integers, got {axis!r}")
        return axes.astype(np.int32)
    return axis


def float_norm(w: tf.Tensor, axis: Any) -> tuple[tf.Tensor, tf.Tensor]:
    """A float weight and its Euclidean norm along `axis`, in its own dtype.

    `axis` is an integer, integers (list, tuple, array, tensor), or None for all axes; no axes at
    all make the norm the absolute value. Raises TypeError for any dtype that is not a float.
    """
    axes = axis if type(axis) is int else _reduction_axes(w, axis)
    dtype = w.dtype  # compared by identity: equality and hashing of a DType cost as much as an op
    if dtype is tf.float32 or dtype is tf.float16:
        # bfloat16 and float64 round differently in the fused op; so may any kernel but the CPU's,
        # and so does its gradient.
        fused = not tf.is_symbolic_tensor(w) and _cpu_only() and not may_be_differentiated()
        if fused and math.prod(w.shape.as_list()) <= _ONE_SHARD:
            return w, _op.EuclideanNorm(input=w, axis=axes, keep_dims=True)
    elif not dtype.is_floating:
        raise TypeError(f"w must be a float tensor, got {dtype.name}")
    return w, _op.Sqrt(x=_op.Sum(input=_op.Square(x=w), axis=axes, keep_dims=True))


def promoting_norm(w: tf.Tensor, axis: Any) -> tuple[tf.Tensor, tf.Tensor]:
    """`float_norm`, where integers and booleans come out as float32 and complex as complex64.

    Squares of integers wrap around in their own dtype, booleans count as int32.
    """
    if w.dtype is tf.float32 or w.dtype.is_floating:
        return float_norm(w, axis)
    squares = _op.Square(x=tf.cast(w, tf.int32) if w.dtype is tf.bool else w)
    squares = tf.cast(squares, _SUM_DTYPES.get(w.dtype, squares.dtype))
    total = _op.Sum(input=squares, axis=_reduction_axes(w, axis), keep_dims=True)
    dtype = tf.complex64 if w.dtype.is_complex else tf.float32
    return tf.cast(w, dtype), _op.Sqrt(x=tf.cast(total, dtype))


def clip_norm(n: tf.Tensor, low: Any, high: Any) -> tf.Tensor:
    """`max(min(n, high), low)`: the lower bound wins where the two cross; NaN stays NaN."""
    clipped = _op.Minimum(x=n, y=high)
    # A norm is never negative, so the usual lower bound of zero changes nothing.
    if type(low) in (int, float) and low == 0 and type(high) in (int, float) and high > 0:
        return clipped
    clipped = _op.Maximum(x=clipped, y=low)
    if not clipped.shape.is_compatible_with(n.shape):
        raise ValueError(f"bounds must broadcast to the norms, of shape {n.shape}")
    return clipped


def approach(n: tf.Tensor, target: tf.Tensor, rate: Any) -> tf.Tensor:
    """`rate * target + (1 - rate) * n`. An infinite `n` gives NaN, also for a rate of 1."""
    rest = _op.Mul(x=n, y=1 - rate)
    whole = type(rate) in (int, float) and rate == 1
    return _op.AddV2(x=target if whole else _op.Mul(x=target, y=rate), y=rest)


def rescale(w: tf.Tensor, n: tf.Tensor, target: tf.Tensor, epsilon: float) -> tf.Tensor:
    """`w` with its norm changed from `n` to `target`; zeros stay zeros."""
    return _op.Mul(x=w, y=_op.RealDiv(x=target, y=_op.AddV2(x=n, y=epsilon)))


def unit_norm(w: tf.Tensor, n: tf.Tensor, epsilon: float) -> tf.Tensor:
    """`w` over its norm `n`; zeros stay zeros."""
    return _op.RealDiv(x=w, y=_op.AddV2(x=n, y=epsilon))


def rectify(w: Any, floatx: str = "float32") -> tf.Tensor:
    """`max(w, 0)`, negatives become +0.0; booleans come out as int32, uint64 as uint32.

    It needs no `floatx`, which `mask_negative` is given.
    """
    w = as_tensor(w)
    dtype = w.dtype
    if dtype is tf.bool or dtype is tf.uint64:
        w = tf.cast(w, tf.int32 if dtype is tf.bool else tf.uint32)
    return _op.Maximum(x=w, y=0)


def mask_negative(w: Any, floatx: str) -> tf.Tensor:
    """`w * (w >= 0)` for a float weight: negatives become -0.0, and -inf becomes NaN.

    Arrays and lists of floats become `floatx`.
    LeakyRelu(alpha=0) gives the same bits in one op, but its gradient at zero is 0, not 1.
    """
    w = as_tensor_of(floatx, w)
    dtype = w.dtype
    if dtype is not tf.float32 and not dtype.is_floating:
        raise TypeError(f"w must be a float tensor, got {dtype.name}")
    return _op.Mul(x=w, y=_op.Cast(x=_op.GreaterEqual(x=w, y=0), DstT=dtype))


@cache
def _rings(size: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """For each cell of a `size` x `size` kernel the cell that fills its ring, and the centre.

    Ring k, counted from the centre, takes the diagonal cell s(k), where s(0) = size // 2 - 1 and
    s(k) = size // 2 + k - size % 2. The second array, (size, size, 1, 1), tells the centre,
    ring 0.
    """
    i = np.arange(size, dtype=np.int32)
    edge = np.minimum(i, size - 1 - i)
    ring = (size - 1) // 2 - np.minimum(edge[:, None], edge)
    diagonal = np.where(ring == 0, size // 2 - 1, size // 2 + ring - size % 2)
    return np.stack([diagonal, diagonal], axis=-1), (ring == 0)[:, :, None, None]


def radial(w: tf.Tensor) -> tf.Tensor:
    """The kernel with one value per ring around its centre, of any dtype.

    A copy, but for the centre of an even kernel, to which official Keras adds zero: there -0.0
    becomes 0.0, and a subnormal what the processor makes of it.

    `w` has shape (size, size, input_depth, output_depth), whose depths may be unknown in a graph.
    Raises ValueError for another rank, and for rows that are not as many as columns, or unknown.
    """
    if w.shape.rank != 4:
        raise ValueError(f"w must have rank 4, got shape {w.shape}")
    rows, columns = w.shape[:2]
    if rows is None or rows != columns:
        raise ValueError(f"w must have as many rows as columns, got shape {w.shape}")
    if 0 in w.shape or rows == 1:
        return w
    sources, centre = _rings(rows)
    filled = _op.GatherNd(params=w, indices=sources)
    if rows % 2 == 0 and (w.dtype.is_floating or w.dtype.is_complex):
        zero = tf.zeros([], w.dtype)
        if w.dtype.is_complex:
            added = _op.AddV2(x=filled, y=zero)
        else:
            # What adding zero does; but graphs and XLA would drop an addition of zero.
            added = _op.SelectV2(condition=_op.Equal(x=filled, y=zero), t=zero, e=filled)
        filled = _op.SelectV2(condition=centre, t=added, e=filled)
    return filled
