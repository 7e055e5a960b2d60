"""Values that a weight starts with: constants, random draws, orthogonal matrices.

Every random function is a pure function of `seed`, two integers as a tensor of shape (2,): the
same on every call, eagerly and in graphs (under XLA the numbers are others). `shape` is a
sequence of sizes or an integer tensor, `dtype` a tf.DType. The order of the operations is part
of the contract: it makes the result equal to that of official Keras, bit for bit.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from operator import index
from typing import Any

import numpy as np
import tensorflow as tf

from impl.core.convert import kept_vector, made_once

_op = tf.raw_ops

# A number to a tensor of a dtype: `scalar` or `recast_scalar`.
Bound = Callable[[Any, tf.DType], Any]

_FLOATS = (tf.float16, tf.bfloat16, tf.float32, tf.float64)

_constant, _zero, _one = made_once(tf.constant), made_once(tf.zeros), made_once(tf.ones)

# Standard deviation of a standard normal truncated at two deviations, so what a truncated draw is
# divided by: sqrt(1 - 4 pdf(2) / (2 cdf(2) - 1)), scipy.stats.truncnorm.std(-2, 2).
TRUNCATED_STDDEV = 0.87962566103423978

# What Keras 3 takes seeds modulo: 2**31 - 2, the largest int32 less one.
_SEED_MODULUS = 2**31 - 2


def dims(shape: Any) -> Any:
    """`shape` in the form that is cheapest to hand to an op: a tensor, made once, if it can be."""
    if isinstance(shape, tf.Tensor):
        return shape
    sizes = tuple(shape)
    if not sizes:
        if isinstance(shape, dict):
            raise TypeError(f"shape must be a sequence of sizes, got {shape!r}")
        return tf.zeros([0], tf.int32)
    if all(type(size) is int for size in sizes) and tf.executing_eagerly():
        return kept_vector(sizes, tf.int32 if max(sizes) < 2**31 > -min(sizes) else tf.int64)
    return shape


def seed_pair(seed: Any) -> Any:
    """(seed, 0) for a seed of 64 bits with sign. ValueError beyond, TypeError if not an integer."""
    if type(seed) is not int:
        tensor = _integer_seed(seed)
        return tf.stack([tensor, tf.zeros_like(tensor)])
    if not -(2**63) <= seed < 2**63:
        raise ValueError(f"seed must fit in 64 bits, got {seed}")
    return kept_vector((seed, 0), tf.int64) if tf.executing_eagerly() else [seed, 0]


def folded_seed_pair(seed: Any) -> Any:
    """(seed mod 2**31 - 2, 0) for a seed of 64 bits; `seed_pair` for what is not a Python int."""
    if type(seed) is int and -(2**63) <= seed < 2**63:
        seed %= _SEED_MODULUS
    return seed_pair(seed)


def fold_state(state: tf.Tensor) -> tf.Tensor:
    """A generator's state (seed, count), int64, as the seed of a draw."""
    return _op.FloorMod(x=state, y=tf.constant([_SEED_MODULUS, 2**63 - 1], tf.int64))


def part_seed(seed: Any, offset: Any) -> tf.Tensor:
    """`seed` for the part of a weight that begins at `offset`, a tuple of integers."""
    return tf.random.experimental.stateless_fold_in(seed, hash(offset))


def _integer_seed(seed: Any) -> tf.Tensor:
    tensor = tf.convert_to_tensor(seed) if hasattr(seed, "dtype") else None
    if tensor is None or not tensor.dtype.is_integer or tensor.shape.rank:
        raise TypeError(f"seed must be an integer, got {seed!r}")
    return tf.cast(tensor, tf.int64)


def scalar(value: Any, dtype: tf.DType) -> Any:
    """`value`, rounded to `dtype` at once. TypeError or ValueError if it has no such value."""
    if type(value) in (int, float) and value:
        return _constant(value, dtype)
    return tf.convert_to_tensor(_signed(value, dtype), dtype)


def _signed(value: Any, dtype: tf.DType) -> Any:
    """`value`, where a zero is a NumPy one: TensorFlow remembers 0.0 and -0.0 as the same scalar."""
    is_zero = type(value) is float and not value
    return np.float32(value) if is_zero and not dtype.is_integer and dtype is not tf.bool else value


def recast_scalar(value: Any, dtype: tf.DType) -> Any:
    """`value` in the dtype TensorFlow gives it (float32 for a Python float), then cast to `dtype`."""
    if dtype is tf.float32 and type(value) is float and abs(value) < 1e38:
        return scalar(value, dtype)
    if type(value) in (int, float) and value:
        return _recast(value, dtype)
    return tf.cast(tf.convert_to_tensor(_signed(value, tf.float32)), dtype)


@made_once
def _recast(value: float, dtype: tf.DType) -> tf.Tensor:
    return tf.cast(tf.convert_to_tensor(value), dtype)


def zeros(shape: Any, dtype: tf.DType) -> tf.Tensor:
    """All zeros, of any dtype."""
    return _op.Fill(dims=dims(shape), value=_zero((), dtype))


def ones(shape: Any, dtype: tf.DType) -> tf.Tensor:
    """All ones, of any numeric dtype or booleans."""
    return _op.Fill(dims=dims(shape), value=_one((), dtype))


def fill(shape: Any, value: Any, dtype: tf.DType) -> tf.Tensor:
    """`value` everywhere, rounded to `dtype` at once; an array must have as many elements."""
    plain = type(value) in (int, float) and value and dtype in _FLOATS
    if plain and shape is not None and tf.executing_eagerly():
        return _op.Fill(dims=dims(shape), value=_constant(value, dtype))
    return tf.constant(_signed(value, dtype), dtype, shape)


def broadcast(shape: Any, value: Any, dtype: tf.DType) -> tf.Tensor:
    """`value` times ones, cast to `dtype` from the dtype TensorFlow gives it; arrays broadcast."""
    cast = recast_scalar(value, dtype)
    if dtype is tf.bool:
        return tf.logical_and(cast, ones(shape, dtype))
    if type(value) in (int, float):
        # Multiplied before it is spread, which flushes a subnormal all the same.
        return _op.Fill(dims=dims(shape), value=_op.Mul(x=cast, y=_one((), dtype)))
    return _op.Mul(x=cast, y=ones(shape, dtype))


def identity(shape: Any, gain: Any, dtype: tf.DType) -> tf.Tensor:
    """`gain` times the identity matrix, which need not be square: -0.0 is off a negative diagonal."""
    rows, columns = shape
    if type(gain) not in (int, float) or type(rows) is not int or 0 in (rows, columns):
        return _op.Mul(x=scalar(gain, dtype), y=tf.eye(rows, columns, dtype=dtype))
    number = scalar(gain, dtype)
    on = number if gain == 1 else _op.Mul(x=number, y=_one((), dtype))
    off = _zero((), dtype) if gain == 1 else _op.Mul(x=number, y=_zero((), dtype))
    on = _op.Fill(dims=dims((min(rows, columns),)), value=on)
    return _op.MatrixDiagV3(diagonal=on, k=0, num_rows=rows, num_cols=columns, padding_value=off)


# Each standard draw by a single op, and for graphs, of the same numbers: XLA compiles the second
# only, unless the seed is a constant.
_UNIFORM = _op.StatelessRandomUniform, tf.random.stateless_uniform
_NORMAL = _op.StatelessRandomNormal, tf.random.stateless_normal
_TRUNCATED = _op.StatelessTruncatedNormal, tf.random.stateless_truncated_normal


def _draw(kind: tuple[Any, Any], shape: Any, seed: Any, dtype: tf.DType) -> tf.Tensor:
    draw = kind[0] if tf.executing_eagerly() else kind[1]
    return draw(shape=dims(shape), seed=seed, dtype=dtype)


def uniform(shape: Any, low: Any, high: Any, bound: Bound, seed: Any, dtype: tf.DType) -> tf.Tensor:
    """Draws from [low, high), which `bound` rounds to `dtype`; integers if that is int32 or int64.

    ValueError for any other dtype. Where `low` is above `high`, draws from (high, low].
    """
    if dtype not in _FLOATS:
        if dtype not in (tf.int32, tf.int64):
            raise ValueError(f"dtype must be a float dtype, int32 or int64, got {dtype.name}")
        ends = bound(low, dtype), bound(high, dtype)
        return tf.random.stateless_uniform(dims(shape), seed, *ends, dtype)
    draws = _draw(_UNIFORM, shape, seed, dtype)
    nonzero = type(low) is type(high) is float and low and high
    start, span = (_kept_interval if nonzero else _interval)(low, high, bound, dtype)
    return _op.AddV2(x=_op.Mul(x=draws, y=span), y=start)


def _interval(low: Any, high: Any, bound: Bound, dtype: tf.DType) -> tuple[Any, tf.Tensor]:
    start = bound(low, dtype)
    return start, _op.Sub(x=bound(high, dtype), y=start)


_kept_interval = made_once(_interval)


def untruncated_normal(shape: Any, mean: Any, stddev: Any, seed: Any, dtype: tf.DType) -> tf.Tensor:
    """Normal draws, of a float dtype."""
    return _scaled(_draw(_NORMAL, shape, seed, dtype), mean, stddev, dtype)


def truncated_normal(shape: Any, mean: Any, stddev: Any, seed: Any, dtype: tf.DType) -> tf.Tensor:
    """Normal draws, repeated while they are over two `stddev` from the `mean`, of a float dtype.

    `stddev` is that of the normal: the draws have `stddev * TRUNCATED_STDDEV`.
    """
    return _scaled(_draw(_TRUNCATED, shape, seed, dtype), mean, stddev, dtype)


def _scaled(draws: tf.Tensor, mean: Any, stddev: Any, dtype: tf.DType) -> tf.Tensor:
    if not (type(stddev) is float and stddev == 1):
        draws = _op.Mul(x=draws, y=scalar(stddev, dtype))
    # No draw is zero, nor made zero by a usual deviation, so there is no -0.0 for a zero mean to
    # turn into 0.0. In float16 there may be.
    plain = type(mean) is type(stddev) is float and dtype in (tf.float32, tf.float64)
    if plain and mean == 0 and abs(stddev) > 1e-20:
        return draws
    return _op.AddV2(x=draws, y=scalar(mean, dtype))


def orthogonal(shape: Any, gain: Any, seed: Any, dtype: tf.DType) -> tf.Tensor:
    """A matrix with orthonormal columns, or rows if it has fewer, times `gain`.

    It is the Q factor of normal draws, with the signs that make the diagonal of R positive (Saxe
    et al., 2013, https://arxiv.org/abs/1312.6120). `shape` has rank 2 or more: all axes but the
    last make the rows. bfloat16, which has no QR, is computed in float32.
    """
    sizes = [index(size) for size in shape]
    if any(isinstance(size, bool) for size in shape):
        raise ValueError(f"shape must hold integers only, got {shape!r}")
    rows, columns = math.prod(sizes[:-1]), sizes[-1]
    tall = (max(rows, columns), min(rows, columns))
    drawn = tf.float32 if dtype is tf.bfloat16 else dtype
    q, r = _op.Qr(input=untruncated_normal(tall, 0.0, 1.0, seed, drawn), full_matrices=False)
    q = _op.Mul(x=q, y=_op.Sign(x=_op.DiagPart(input=r)))
    if rows < columns:
        q = _op.Transpose(x=q, perm=dims((1, 0)))
    if len(sizes) > 2:
        q = _op.Reshape(tensor=q, shape=dims(shape))
    if not (type(gain) is float and gain == 1):
        q = _op.Mul(x=scalar(gain, drawn), y=q)
    return tf.cast(q, dtype)


def variance_scaling(
    shape: Any, scale: Any, fan: float, distribution: str, bound: Bound, seed: Any, dtype: tf.DType
) -> tf.Tensor:
    """Draws with mean 0 and variance `scale / max(1, fan)`.

    `distribution` is "uniform", whose limits `bound` rounds to `dtype`, "untruncated_normal", or
    "truncated_normal", which has that variance after the truncation.
    """
    variance = scale / max(1.0, fan)
    if distribution == "uniform":
        limit = math.sqrt(3.0 * variance)
        return uniform(shape, -limit, limit, bound, seed, dtype)
    stddev = math.sqrt(variance)
    if distribution == "untruncated_normal":
        return untruncated_normal(shape, 0.0, stddev, seed, dtype)
    return truncated_normal(shape, 0.0, stddev / TRUNCATED_STDDEV, seed, dtype)
