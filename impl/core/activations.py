"""Activation functions, elementwise unless they take an axis.

Every function takes a float tensor, or what converts to one, and returns a tensor of the same shape
and dtype, eagerly, in a graph or under XLA. What holds no floats is a TypeError, unless integers are
said to be allowed. Dialects take over what they share; their own are made of the rest. The order of the operations is part of the contract: it makes the result equal to that
of official Keras, bit for bit, and so does the rounding of constants.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from impl.core.convert import as_tensor
from impl.core.sampling import Bound, recast_scalar
from impl.core.tape import may_be_differentiated

# An eager raw op costs a third of the tf.math function or operator around it.
_op = tf.raw_ops

# 1 / sqrt(2) and the cubic term of Hendrycks and Gimpel (https://arxiv.org/abs/1606.08415), which
# TensorFlow rounds to float32 before any other dtype.
_SQRT_HALF = float(np.float32(math.sqrt(0.5)))
_GELU_CUBIC = float(np.float32(0.044715))
# sqrt(2 / pi), to the digits that TensorFlow has of it.
_GELU_SCALE = 0.7978845608028654


def floats(x: Any) -> tf.Tensor:
    """`x` as a tensor. Raises TypeError when it holds neither floats nor complex numbers."""
    x = as_tensor(x)
    dtype = x.dtype
    if dtype is tf.float32 or dtype.is_floating or dtype.is_complex:
        return x
    raise TypeError(f"x must be a float tensor, got {dtype.name}")


def floats_from_integers(x: Any) -> tf.Tensor:
    """`x` as a tensor, where integers and booleans become float32."""
    x = as_tensor(x)
    return tf.cast(x, tf.float32) if x.dtype.is_integer or x.dtype is tf.bool else floats(x)


def linear(x: Any) -> Any:
    """`x`, as it is."""
    return x


def mask_below(x: tf.Tensor, threshold: Any) -> tf.Tensor:
    """`x` times whether it is over the threshold: -0.0 for negatives, NaN for -inf."""
    return _op.Mul(x=x, y=_op.Cast(x=_op.Greater(x=x, y=threshold), DstT=x.dtype))


def zero_below(x: tf.Tensor, threshold: Any) -> tf.Tensor:
    """`x` where it is over the threshold, which is rounded to float32 first, otherwise zero."""
    return select_over(x, recast_scalar(threshold, x.dtype), 0)


def select_over(x: tf.Tensor, threshold: Any, default: Any) -> tf.Tensor:
    """`x` where it is over the threshold, otherwise the default."""
    over = _op.Greater(x=x, y=threshold)
    return _op.SelectV2(condition=over, t=x, e=tf.convert_to_tensor(default, x.dtype))


def relu(
    x: Any, slope: Any, max_value: Any, threshold: Any, over: Callable[..., tf.Tensor], bound: Bound
) -> tf.Tensor:
    """`x` over the threshold and up to `max_value`; `slope * (x - threshold)` below it.

    `over` (`mask_below` or `zero_below`) does the first, `bound` makes a scalar of `max_value`.
    Integers keep their dtype, or become float32 where only a slope is given.
    """
    x = as_tensor(x)
    if max_value is None and slope == 0 and threshold == 0:
        return _op.Relu(features=x)
    negative = None
    if slope != 0:
        if max_value is None and threshold == 0:
            return leaky_relu(x, slope)
        negative = _op.Neg(x=x)
        if threshold != 0:
            negative = _op.AddV2(x=negative, y=threshold)
        negative = _op.Relu(features=negative)
    if threshold != 0:
        x = over(x, threshold)
    elif max_value == 6:
        x, max_value = _op.Relu6(features=x), None
    else:
        x = _op.Relu(features=x)
    if max_value is not None:
        x = _op.Maximum(x=_op.Minimum(x=x, y=bound(max_value, x.dtype)), y=bound(0, x.dtype))
    return x if negative is None else _op.Sub(x=x, y=_op.Mul(x=negative, y=slope))


def leaky_relu(x: Any, negative_slope: Any = 0.2) -> tf.Tensor:
    """`x`, or `negative_slope * x` where that is negative; integers become float32."""
    x = as_tensor(x)
    if x.dtype is not tf.float32 and x.dtype.is_integer:
        x = tf.cast(x, tf.float32)
    return _op.LeakyRelu(features=x, alpha=negative_slope)


def relu6(x: Any) -> tf.Tensor:
    """`x` clipped to [0, 6]. Integers are allowed."""
    return _op.Relu6(features=as_tensor(x))


def elu(x: Any, alpha: Any = 1.0) -> tf.Tensor:
    """`x` where positive, otherwise `alpha * (exp(x) - 1)`."""
    x = floats(x)
    y = _op.Elu(features=x)
    if alpha == 1:
        return y
    return _op.SelectV2(condition=_op.Greater(x=x, y=0), t=y, e=_op.Mul(x=y, y=alpha))


def celu(x: Any, alpha: Any = 1.0) -> tf.Tensor:
    """`max(x, 0) + alpha * (exp(min(x, 0) / alpha) - 1)` (https://arxiv.org/abs/1704.07483)."""
    x = floats(x)
    negative = _op.Expm1(x=_op.RealDiv(x=_op.Minimum(x=x, y=0), y=alpha))
    return _op.AddV2(x=_op.Maximum(x=x, y=0), y=_op.Mul(x=negative, y=alpha))


def selu(x: Any) -> tf.Tensor:
    """`elu` scaled so that signals keep mean 0 and variance 1 (Klambauer et al., 2017)."""
    return _op.Selu(features=floats(x))


def softplus(x: Any) -> tf.Tensor:
    """`log(exp(x) + 1)`."""
    return _op.Softplus(features=floats(x))


def softsign(x: Any) -> tf.Tensor:
    """`x / (abs(x) + 1)`."""
    return _op.Softsign(features=floats(x))


def sigmoid(x: Any) -> tf.Tensor:
    """`1 / (1 + exp(-x))`."""
    return _op.Sigmoid(x=floats(x))


def gelu(x: Any, approximate: bool = False) -> tf.Tensor:
    """`x * P(X <= x)` for X of a normal distribution, or its approximation by tanh."""
    x = floats(x)
    if not x.dtype.is_floating:
        raise TypeError(f"x must be a float tensor, got {x.dtype.name}")
    half = _op.Mul(x=x, y=0.5)
    if not approximate:
        return _op.Mul(x=half, y=_op.Erfc(x=_op.Mul(x=_op.Neg(x=x), y=_SQRT_HALF)))
    cubic = _op.Mul(x=_op.Pow(x=x, y=3.0), y=_GELU_CUBIC)
    inner = _op.Mul(x=_op.AddV2(x=x, y=cubic), y=_GELU_SCALE)
    return _op.Mul(x=half, y=_op.AddV2(x=_op.Tanh(x=inner), y=1.0))


def silu(x: Any) -> tf.Tensor:
    """`x * sigmoid(x)` (https://arxiv.org/abs/1710.05941)."""
    x = floats(x)
    if tf.is_symbolic_tensor(x) or may_be_differentiated():
        return tf.nn.silu(x)  # which has a gradient of its own, one that keeps less in memory
    return _op.Mul(x=x, y=_op.Sigmoid(x=x))


def mish(x: Any) -> tf.Tensor:
    """`x * tanh(softplus(x))` (https://arxiv.org/abs/1908.08681)."""
    x = floats(x)
    return _op.Mul(x=x, y=_op.Tanh(x=_op.Softplus(features=x)))


def hard_sigmoid_fifth(x: Any) -> tf.Tensor:
    """`0.2 * x + 0.5`, clipped to [0, 1]: Keras 2."""
    line = _op.AddV2(x=_op.Mul(x=floats(x), y=0.2), y=0.5)
    return _op.Maximum(x=_op.Minimum(x=line, y=1.0), y=0.0)


def hard_sigmoid_sixth(x: Any) -> tf.Tensor:
    """`relu6(x + 3) / 6`: Keras 3."""
    return _op.RealDiv(x=_op.Relu6(features=_op.AddV2(x=floats(x), y=3.0)), y=6.0)


def hard_silu(x: Any) -> tf.Tensor:
    """`x * hard_sigmoid_sixth(x)` (https://arxiv.org/abs/1905.02244)."""
    x = floats(x)
    return _op.Mul(x=hard_sigmoid_sixth(x), y=x)


def hard_tanh(x: Any) -> tf.Tensor:
    """`x` clipped to [-1, 1]."""
    return _op.Maximum(x=_op.Minimum(x=floats(x), y=1.0), y=-1.0)


def hard_shrink(x: Any, threshold: Any = 0.5) -> tf.Tensor:
    """`x` where its absolute value is over the threshold, otherwise zero."""
    x = floats(x)
    over = _op.Greater(x=_op.Abs(x=x), y=threshold)
    return _op.SelectV2(condition=over, t=x, e=_op.ZerosLike(x=x))


def soft_shrink(x: Any, threshold: Any = 0.5) -> tf.Tensor:
    """`x` brought nearer to zero by the threshold, zero within it."""
    x = floats(x)
    under = _op.Less(x=x, y=-threshold)
    below = _op.SelectV2(condition=under, t=_op.AddV2(x=x, y=threshold), e=_op.ZerosLike(x=x))
    over = _op.Greater(x=x, y=threshold)
    return _op.SelectV2(condition=over, t=_op.Sub(x=x, y=threshold), e=below)


def tanh_shrink(x: Any) -> tf.Tensor:
    """`x - tanh(x)`."""
    x = floats(x)
    return _op.Sub(x=x, y=_op.Tanh(x=x))


def log_sigmoid(x: Any) -> tf.Tensor:
    """`log(sigmoid(x))`."""
    return _op.Neg(x=_op.Softplus(features=_op.Neg(x=floats(x))))


def squareplus(x: Any, b: Any = 4) -> tf.Tensor:
    """`(x + sqrt(x**2 + b)) / 2` (https://arxiv.org/abs/2112.11687)."""
    x = floats(x)
    root = _op.Sqrt(x=_op.AddV2(x=_op.Square(x=x), y=b))
    return _op.RealDiv(x=_op.AddV2(x=x, y=root), y=2.0)


def sparse_plus(x: Any) -> tf.Tensor:
    """Zero up to -1, `(x + 1)**2 / 4` up to 1, then `x`."""
    x = floats(x)
    curve = _op.Mul(x=_op.Pow(x=_op.AddV2(x=x, y=1.0), y=2.0), y=0.25)
    inner = _op.SelectV2(condition=_op.Less(x=x, y=1.0), t=curve, e=x)
    return _op.SelectV2(condition=_op.LessEqual(x=x, y=-1.0), t=_op.ZerosLike(x=x), e=inner)


def sparse_sigmoid(x: Any) -> tf.Tensor:
    """Zero up to -1, `(x + 1) / 2` up to 1, then one."""
    x = floats(x)
    line = _op.Mul(x=_op.AddV2(x=x, y=1.0), y=0.5)
    inner = _op.SelectV2(condition=_op.GreaterEqual(x=x, y=1.0), t=_op.OnesLike(x=x), e=line)
    return _op.SelectV2(condition=_op.LessEqual(x=x, y=-1.0), t=_op.ZerosLike(x=x), e=inner)


def glu(x: Any, axis: int = -1) -> tf.Tensor:
    """The first half along the axis times the sigmoid of the second: half as long as `x`.

    Raises ValueError when the axis is not of even size (https://arxiv.org/abs/1612.08083).
    """
    x = floats(x)
    axis = checked_axis(x, axis)
    if x.shape.rank is not None and (x.shape[axis] or 0) % 2:
        raise ValueError(f"axis must have an even size, got axis {axis} of shape {x.shape}")
    first, second = _op.Split(axis=axis, value=x, num_split=2)
    return _op.Mul(x=first, y=_op.Sigmoid(x=second))


def checked_axis(x: tf.Tensor, axis: Any) -> int:
    """`axis` as a Python integer. Raises TypeError or ValueError when it is no axis of `x`."""
    try:
        index = int(axis.__index__())
    except (AttributeError, TypeError):
        raise TypeError(f"axis must be an integer, got {axis!r}") from None
    rank = x.shape.rank
    if rank is not None and not -rank <= index < rank:
        raise ValueError(f"axis must be from {-rank} to {rank - 1}, got {index}")
    return index


def _checked_axes(x: tf.Tensor, axes: Any) -> list[int]:
    checked = [checked_axis(x, axis) % len(x.shape) for axis in axes]
    if len(set(checked)) < len(checked):
        raise ValueError(f"axis must name no axis twice, got {axes!r}")
    return checked


def along_last(function: Callable[[tf.Tensor], tf.Tensor], x: tf.Tensor, axis: Any) -> tf.Tensor:
    """`function`, which works on the last axis, along another one: the two change places."""
    if axis == -1 and x.shape.rank:
        return function(x)
    axis = checked_axis(x, axis)
    order = list(range(len(x.shape)))
    order[axis], order[-1] = order[-1], order[axis]
    if order[-1] == len(order) - 1:
        return function(x)
    return _op.Transpose(x=function(_op.Transpose(x=x, perm=order)), perm=order)


def along(function: Callable[[tf.Tensor], tf.Tensor], x: tf.Tensor, axis: Any) -> tf.Tensor:
    """`function`, which works on the last axis, along an axis, a tuple of them as one, or all (None)."""
    if axis is None:
        return tf.reshape(function(tf.reshape(x, [-1])), tf.shape(x))
    if not isinstance(axis, tuple):
        return along_last(function, x, axis)
    rank = len(x.shape)
    merged = _checked_axes(x, axis)
    order = [each for each in range(rank) if each not in merged] + merged
    moved = _op.Transpose(x=x, perm=order)
    shape = tf.shape(moved)
    kept = shape[: rank - len(merged)]
    length = tf.reduce_prod(shape[rank - len(merged) :])[None]
    flat = function(tf.reshape(moved, tf.concat([kept, length], 0)))
    return _op.Transpose(x=tf.reshape(flat, shape), perm=[order.index(i) for i in range(rank)])


def softmax_last(x: tf.Tensor) -> tf.Tensor:
    """`exp(x) / sum(exp(x))` along the last axis, which says of what, for a loss that takes logits."""
    outputs = _op.Softmax(logits=x)
    outputs._keras_logits = x
    return outputs


def log_softmax(x: Any, axis: Any = -1) -> tf.Tensor:
    """The logarithm of `softmax_last`, along an axis, a tuple of them, or all (None).

    Raises TypeError or ValueError for a bad axis.
    """
    return along(lambda x: _op.LogSoftmax(logits=x), floats(x), axis)


def softmax_over(x: tf.Tensor, axes: Any) -> tf.Tensor:
    """`exp(x) / sum(exp(x))` over several axes (None: all), term by term."""
    axes = None if axes is None else _checked_axes(x, axes)
    exps = tf.exp(x - tf.reduce_max(x, axes, keepdims=True))
    return exps / tf.reduce_sum(exps, axes, keepdims=True)


def sparsemax(x: Any, axis: int = -1) -> tf.Tensor:
    """Keras 3's sparsemax along an axis.

    Meant is the projection onto the simplex (https://arxiv.org/abs/1602.02068), where the threshold
    is one less than the sum of the support, over its size. Official Keras adds up the *running
    sums* of the support instead, so what it returns adds up to 1 only for a support of one element.
    """
    return along_last(_sparsemax_last, floats(x), axis)


def _sparsemax_last(x: tf.Tensor) -> tf.Tensor:
    length = tf.shape(x)[-1]
    ordered = tf.math.top_k(x, length).values
    sums = tf.cumsum(ordered, -1)
    in_support = ordered - (sums - 1) / tf.cast(tf.range(1, length + 1), x.dtype) > 0
    size = tf.reduce_sum(tf.cast(in_support, x.dtype), -1, keepdims=True)
    total = tf.reduce_sum(tf.where(in_support, sums, tf.zeros([], x.dtype)), -1, keepdims=True)
    return tf.maximum(x - (total - 1) / size, 0)
