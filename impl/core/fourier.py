"""The short-time Fourier transform as a convolution: its kernel, and the weights of its frames."""

from __future__ import annotations

import math
from typing import Any

import tensorflow as tf

from impl.core.convert import made_once
from impl.core.windows import window

_op = tf.raw_ops

# Frame weights of shape (frames, 1, 1) in the dtype of the kernel, and what to divide by.
Weights = tuple[tf.Tensor, tf.Tensor | None]


def kernel(
    frames: int, bins: int, side: str, weights: Weights | None, dtype: tf.DType
) -> tf.Tensor:
    """One `side`, "real" or "imag", of `exp(-2 pi i t f / F)`, weighted.

    `t` counts `frames`, `f` counts `bins`, and `F` is `2 (bins - 1)`; the shape is (frames, 1,
    bins). `dtype` is a float dtype, or an integer dtype with sign: then the wave is cut to
    integers, and the result is float32 where there are weights.

    The counts are rounded to `dtype` too, so waves are steps beyond 2048 frames or bins in
    float16 and beyond 256 in bfloat16, as those of official Keras are.
    """
    time, turn, circle = _axes(frames, bins, _computed(dtype))
    angle = _op.Mul(x=circle, y=_op.Mul(x=turn, y=time))
    wave = _op.Cos(x=angle) if side == "real" else _op.Sin(x=angle)
    wave = wave if wave.dtype is dtype else tf.cast(wave, dtype)
    if weights is None:
        return wave
    factors, norm = weights
    values = _op.Mul(x=wave, y=factors)
    values = values if dtype.is_floating else tf.cast(values, tf.float32)
    return values if norm is None else _op.Div(x=values, y=norm)


def _computed(dtype: tf.DType) -> tf.DType:
    return dtype if dtype.is_floating else tf.float32


@made_once
def _axes(frames: int, bins: int, dtype: tf.DType) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    # Not tf.range in the dtype: in bfloat16 it rounds the number of frames as well.
    time = tf.reshape(tf.cast(tf.range(frames), dtype), [frames, 1, 1])
    turn = _op.Div(x=tf.cast(tf.range(bins), dtype), y=tf.cast(2 * (bins - 1), dtype))
    return time, turn, tf.constant(-2.0 * math.pi, dtype)


@made_once
def named_weights(
    name: str, periodic: bool, frames: int, scaling: str | None, dtype: tf.DType
) -> Weights:
    """`weights` of the window that `name` stands for."""
    return weights(window(name, frames, periodic), frames, scaling, dtype)


def weights(values: Any, frames: int, scaling: str | None, dtype: tf.DType) -> Weights:
    """`values`, an array-like of shape (frames,), as weights of a kernel of `dtype`.

    They are divided by the square root of the sum of squares for a `scaling` of "density", by the
    sum of absolute values for "spectrum". Raises ValueError for another shape and for what is no
    array of numbers.
    """
    try:
        factors = _numbers(values, dtype)
    except (TypeError, ValueError, tf.errors.OpError):
        raise ValueError(f"window must be an array of numbers, got {values!r}") from None
    if factors.shape != (frames,):
        raise ValueError(f"window must have shape ({frames},), got {tuple(factors.shape)}")
    column = tf.reshape(factors, [frames, 1, 1])
    if scaling is None:
        return column, None
    terms = _op.Square(x=factors) if scaling == "density" else _op.Abs(x=factors)
    if dtype.is_integer and dtype.size < 4:
        terms = tf.cast(terms, tf.int32)
    total = tf.cast(tf.reduce_sum(terms), _computed(dtype))
    return column, _op.Sqrt(x=total) if scaling == "density" else total


def _numbers(values: Any, dtype: tf.DType) -> tf.Tensor:
    if isinstance(values, (list, tuple)):
        values = tf.convert_to_tensor(values, dtype if dtype.is_floating else None)
    return tf.cast(values, dtype)
