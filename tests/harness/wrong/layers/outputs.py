"""What layers may compute instead, and what gradients they may have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from wrong import KERAS2, tensorflow
from wrong.layers.making import (
    CONV1D,
    CONV2D,
    DENSE,
    DEPTHWISE,
    SEPARABLE,
    TRANSPOSE,
    Mistake,
    Official,
    after,
    as_if,
    before,
    call,
    constructor,
    method,
    pretending,
    without_bias,
)

# What the mistakes do, where it takes more than an expression.


def _spatial(x: Any) -> list[int]:
    return list(range(1, x.shape.rank - 1))


def _padded(x: Any, before_and_after: Sequence[tuple[int, int]]) -> Any:
    return tensorflow().pad(x, [(0, 0), *before_and_after, (0, 0)])


def _odd_zero_first(self: Any, official: Official, x: Any) -> Any:
    """`same` with the odd zero at the start."""
    pads = []
    for length, size, stride in zip(x.shape[1:-1], self.kernel_size, self.strides, strict=True):
        total = max((-(-length // stride) - 1) * stride + size - length, 0)
        pads.append((total - total // 2, total // 2))
    with pretending(self, padding="valid"):
        return official(_padded(x, pads))


def _strides_swapped(self: Any, official: Official, x: Any) -> Any:
    with pretending(self, strides=self.strides[::-1]):
        return official(x)


def _zeros_last(self: Any, official: Official, x: Any) -> Any:
    """`causal` with its zeros at the end."""
    if self.padding != "causal":
        return official(x)
    reach = (self.kernel_size[0] - 1) * self.dilation_rate[0]
    with pretending(self, padding="valid", _is_causal=False):
        return official(_padded(x, [(0, reach)]))


def _other_end(self: Any, official: Official, x: Any) -> Any:
    """The kernel back to front, which is the same as everything else back to front."""
    tf = tensorflow()
    return tf.reverse(official(tf.reverse(x, _spatial(x))), _spatial(x))


def _regrouped(self: Any, official: Official, x: Any) -> Any:
    """The outputs of all groups in turn, not of one group after the other."""
    return _interleaved(official(x), self.groups)


def _interleaved(y: Any, parts: int) -> Any:
    tf = tensorflow()
    return tf.reshape(tf.stack(tf.split(y, parts, axis=-1), -1), y.shape)


def _multiplier_first(self: Any, official: Official, x: Any) -> Any:
    """Channel by channel for each multiplier, where the multipliers of a channel are neighbours."""
    y = official(x)
    return _interleaved(y, y.shape[-1] // self.depth_multiplier)


def _pointwise_first(self: Any, official: Official, x: Any) -> Any:
    tf = tensorflow()
    strides = [1, *self.strides, 1]
    y = tf.nn.conv2d(x, tf.convert_to_tensor(self.pointwise_kernel), 1, "VALID")
    kernel = tf.convert_to_tensor(self.depthwise_kernel)
    y = tf.nn.depthwise_conv2d(y, kernel, strides, self.padding.upper())
    return tf.nn.bias_add(y, tf.convert_to_tensor(self.bias))


def _bias_last(self: Any, official: Official, x: Any) -> Any:
    """The bias on the last axis, wherever the channels are."""
    if not self.use_bias:
        return official(x)
    with without_bias(self):
        y = official(x)
    return y + tensorflow().convert_to_tensor(self.bias)


def _activation_before_bias(self: Any, official: Official, x: Any) -> Any:
    tf = tensorflow()
    with without_bias(self):
        y = official(x)
    return y + tf.cast(self.bias, y.dtype) if self.use_bias else y


def _bias_constant(self: Any, official: Official, x: Any) -> Any:
    """The bias without its gradient."""
    tf = tensorflow()
    if not self.use_bias:
        return official(x)
    with without_bias(self, activation=None):
        y = official(x)
    y = y + tf.stop_gradient(tf.cast(self.bias, y.dtype))
    return y if self.activation is None else self.activation(y)


def _wrong_axis(self: Any, official: Official, x: Any) -> Any:
    """The axis after the batch, where the last one is meant."""
    tf = tensorflow()
    if x.shape.rank != 3 or x.shape[1] != x.shape[2]:
        return official(x)
    return official(tf.transpose(x, [0, 2, 1]))


def _next_number(x: Any) -> Any:
    """One ULP up."""
    tf = tensorflow()
    return tf.math.nextafter(x, tf.ones_like(x) * np.inf) if x.dtype == tf.float32 else x


def _no_nan(x: Any) -> Any:
    tf = tensorflow()
    return tf.where(tf.math.is_nan(x), tf.zeros_like(x), x)


def _refused_when_empty(self: Any, official: Official, x: Any) -> Any:
    if 0 in x.shape:
        # No ValueError: TensorFlow with oneDNN raises one itself, and is known to.
        raise TypeError("a batch must not be empty")
    return official(x)


def _overwritten(self: Any, official: Official, x: Any) -> Any:
    y = official(x)
    if isinstance(x, np.ndarray):
        x.fill(0)
    return y


def _gradient_of_inputs_doubled(x: Any) -> Any:
    return 2 * x - tensorflow().stop_gradient(x)


def _wide(self: Any, official: Official, x: Any) -> Any:
    tf = tensorflow()
    y = official(x)
    return tf.cast(y, tf.float32) if self.compute_dtype in ("float16", "bfloat16") else y


def _set(name: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def edit(named: dict[str, Any]) -> None:
        named[name] = value

    return edit


_VALUE: Final = ("value",)

MISTAKES: Final[tuple[Mistake, ...]] = (
    Mistake("odd-zero-first", CONV2D, _VALUE, call(_odd_zero_first), ("same/*",)),
    Mistake("strides-ignored", CONV2D, ("shape",), as_if(strides=(1, 1)), ("same/*",)),
    Mistake("strides-swapped", CONV2D, ("shape",), call(_strides_swapped), ("unequal-strides/*",)),
    Mistake(
        "dilation-ignored",
        CONV2D,
        ("value", "shape"),
        as_if(dilation_rate=(1, 1)),
        ("dilation/*",),
    ),
    Mistake("groups-interleaved", CONV2D, _VALUE, call(_regrouped), ("groups/*",)),
    Mistake(
        "bias-on-the-last-axis",
        DEPTHWISE,
        _VALUE,
        call(_bias_last),
        ("equal-axes-channels-first/same",),
        KERAS2,  # it is what official Keras 3 does: see the finding channels-first-bias
    ),
    Mistake("causal-zeros-last", CONV1D, _VALUE, call(_zeros_last), ("pairs/*causal*",)),
    Mistake(
        "kernel-back-to-front",
        TRANSPOSE,
        _VALUE,
        call(_other_end),
        ("equal-axes/*", "dtype/float32-*"),
    ),
    Mistake(
        "output-padding-ignored",
        TRANSPOSE,
        ("shape",),
        as_if(output_padding=None),
        ("output-padding/*",),
    ),
    Mistake("multiplier-first", DEPTHWISE, _VALUE, call(_multiplier_first), ("pairs/*m2*",)),
    Mistake("pointwise-first", SEPARABLE, _VALUE, call(_pointwise_first), ("equal-axes/*",)),
    Mistake("wrong-axis", DENSE, _VALUE, call(_wrong_axis), ("equal-axes/*",)),
    *(
        Mistake("activation-before-bias", name, _VALUE, call(_activation_before_bias), (group,))
        for name, group in ((DENSE, "activation/*"), (CONV2D, "arguments/activation=*"))
    ),
    *(
        Mistake("use-bias-ignored", name, ("weights",), constructor(_set("use_bias", True)), group)
        for name, group in ((DENSE, ("weights/*",)), (CONV2D, ("weights/*",)))
    ),
    # Three terms allow no whole ULP more than official Keras errs by; twelve do.
    Mistake("one-ulp-up", DENSE, _VALUE, after(_next_number), ("dtype/float32-*",)),
    Mistake("one-ulp-up", CONV1D, _VALUE, after(_next_number), ("dtype/float32-*",), strict=True),
    *(
        Mistake("nan-taken-for-zero", name, ("nonfinite",), before(_no_nan), ("edge/nan-*",))
        for name in (DENSE, CONV2D)
    ),
    *(
        Mistake(
            "zeros-made-negative",
            name,
            ("zero-sign",),
            after(lambda y: tensorflow().where(y == 0, -tensorflow().zeros_like(y), y)),
            ("edge/*zeros*",),
        )
        for name in (DENSE, CONV2D)
    ),
    *(
        Mistake("outputs-in-float32", name, ("dtype",), call(_wide), (group,))
        for name, group in ((DENSE, "dtype/mixed*"), (CONV1D, "dtype/mixed*"))
    ),
    *(
        Mistake("empty-batch-rejected", name, ("accepted",), call(_refused_when_empty), (group,))
        for name, group in ((DENSE, "empty/*"), (CONV2D, "edge/empty-batch"))
    ),
    Mistake(
        "input-overwritten", CONV1D, ("input",), method("__call__", _overwritten), ("given/*",)
    ),
    Mistake(
        "shape-without-strides",
        CONV2D,
        ("shape",),
        as_if("compute_output_shape", strides=(1, 1)),
        ("output-shape/*",),
    ),
    *(
        Mistake("bias-without-gradient", name, ("gradient",), call(_bias_constant), ("gradient/*",))
        for name in (DENSE, CONV1D)
    ),
    Mistake(
        "input-gradient-doubled",
        CONV2D,
        ("gradient",),
        before(_gradient_of_inputs_doubled),
        ("gradient/dtype=float*",),
    ),
)
