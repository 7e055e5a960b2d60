"""Convolutions over one, two or three spatial axes: plain, grouped, depthwise, separable, transposed.

`x` is (batch, *sizes, channels), or (batch, channels, *sizes) with `Window.channels_first`; kernels
have their spatial axes first. Every function takes tensors and returns a tensor of the same dtype,
eagerly, in a graph or under XLA, on every device: where TensorFlow has no kernel for the CPU, axes
are transposed or the kernel is spread out instead. The choice of ops, and their order, is part of
the contract: it makes the result equal to that of official Keras, bit for bit, wherever that
returns one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from typing import Any

import numpy as np
import tensorflow as tf

# An eager raw op costs a third of the tf.nn function around it.
_op = tf.raw_ops

Extra = Sequence[int | None]  # an output padding, or None, along each spatial axis
_Function = Callable[..., tf.Tensor]

_LAST = {1: "NWC", 2: "NHWC", 3: "NDHWC"}
_FIRST = {1: "NCW", 2: "NCHW", 3: "NCDHW"}


def _array(values: Any) -> Any:
    """Integers as an array, which makes a tensor in a tenth of the time that a list takes."""
    return np.asarray(values, np.int32)


# By rank: the orders of axes in which the channels come last, and first again.
_TO_LAST = {rank: _array([0, *range(2, rank + 2), 1]) for rank in (1, 2, 3)}
_TO_FIRST = {rank: _array([0, rank + 1, *range(1, rank + 1)]) for rank in (1, 2, 3)}


@dataclass(frozen=True)
class Window:
    """How a kernel is moved over the input.

    Attributes:
        strides: the step along each spatial axis.
        padding: "valid" (none), "same" (to ceil(size / stride) outputs, the odd zero at the end),
            or "causal" (all zeros at the start, for one spatial axis).
        dilation: the distance between the elements that the kernel meets, along each axis.
        groups: the channels are parted into so many, each with filters of its own.
        channels_first: the channels are axis 1 of inputs and outputs, not the last.

    """

    strides: tuple[int, ...]
    padding: str
    dilation: tuple[int, ...]
    groups: int = 1
    channels_first: bool = False

    @cached_property
    def rank(self) -> int:
        """The number of spatial axes."""
        return len(self.strides)

    @cached_property
    def dilated(self) -> bool:
        """Whether the elements are apart along any axis."""
        return max(self.dilation) > 1

    @cached_property
    def moves(self) -> dict[str, Any]:
        """Strides and padding as TensorFlow's ops get them."""
        return {"strides": [1, *self.strides, 1], "padding": self.padding.upper()}

    @cached_property
    def in_plane(self) -> Window:
        """For two axes, of which the first has length 1, what this is for the second alone."""
        return Window((1, *self.strides), self.padding, (1, *self.dilation))

    @cached_property
    def even_plane(self) -> Window:
        """`in_plane` with equal strides: the depthwise kernel has no others.

        The stride along an axis of length 1 does nothing.
        """
        return replace(self.in_plane, strides=self.strides * 2)


_STEP = {rank: Window((1,) * rank, "valid", (1,) * rank) for rank in (1, 2, 3)}


def reach(size: int, dilation: int) -> int:
    """How many inputs a kernel of `size` spans."""
    return (size - 1) * dilation + 1


def output_length(length: int | None, size: int, window: Window, axis: int) -> int | None:
    """The length of the output along a spatial axis; zero or less where the kernel does not fit."""
    if length is None:
        return None
    stride = window.strides[axis]
    if window.padding != "valid":
        return -(-length // stride)
    return (length - reach(size, window.dilation[axis])) // stride + 1


def transposed_length(length: Any, size: int, window: Window, axis: int, extra: int | None) -> Any:
    """The length of the output of `transposed` along a spatial axis; `length` may be a tensor.

    `extra` is the output padding; without one "same" gives length * stride, "valid" all that the
    kernel touches, and the whole stride where that is larger.
    """
    if length is None:
        return None
    stride, span = window.strides[axis], reach(size, window.dilation[axis])
    if extra is None:
        return length * stride + (max(span - stride, 0) if window.padding == "valid" else 0)
    cut = span // 2 if window.padding == "same" else 0
    return (length - 1) * stride + span - 2 * cut + extra


def convolve(x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor | None, window: Window) -> tf.Tensor:
    """The convolution (cross-correlation) of `x` with a kernel (*sizes, channels / groups, filters).

    `x` may have more than one batch axis. Raises InvalidArgumentError where the shapes do not fit.
    """
    extra = x.shape.rank - window.rank - 2
    if extra:
        shape = tf.shape(x)
        flat = tf.reshape(x, tf.concat([[-1], shape[extra + 1 :]], 0))
        y = convolve(flat, kernel, bias, window)
        return tf.reshape(y, tf.concat([shape[: extra + 1], tf.shape(y)[1:]], 0))
    if window.padding == "causal":
        x, window = _pad_start(x, kernel, window)
    if window.groups > 1 or _is_first_volume(x, kernel, window):
        # The CPU's own kernels have no gradient of groups, and no channels-first volumes.
        y, order = _by_xla(x, kernel, window), "NCHW" if window.channels_first else "NHWC"
        return y if bias is None else _op.BiasAdd(value=y, bias=bias, data_format=order)
    return _last(_convolve, x, kernel, bias, window)


def depthwise(x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor | None, window: Window) -> tf.Tensor:
    """Each channel convolved with its own filters: the kernel is (*sizes, channels, multiplier).

    There are one or two spatial axes. The outputs of a channel lie beside one another. Raises
    ValueError where `x` has more than one batch axis.
    """
    _check_rank(x, window)
    return _last(_depthwise, x, kernel, bias, window)


def _check_rank(x: tf.Tensor, window: Window) -> None:
    # TensorFlow's own kernel refuses another rank; oneDNN's computes something.
    if x.shape.rank not in (window.rank + 2, None):
        raise ValueError(
            f"the input of a depthwise convolution over {window.rank} axes must have rank "
            f"{window.rank + 2}, got shape {tuple(x.shape)}"
        )


def separable(
    x: tf.Tensor, kernel: tf.Tensor, pointwise: tf.Tensor, bias: tf.Tensor | None, window: Window
) -> tf.Tensor:
    """`depthwise`, then a convolution with `pointwise`, (1, channels * multiplier, filters).

    Raises ValueError where `x` has more than one batch axis.
    """
    _check_rank(x, window)
    if window.padding == "causal":
        x, window = _pad_start(x, kernel, window)
    return _last(_separable, x, kernel, bias, window, pointwise)


def _separable(x: tf.Tensor, kernel: tf.Tensor, window: Window, pointwise: tf.Tensor) -> tf.Tensor:
    return _convolve(_depthwise(x, kernel, window), pointwise, _STEP[window.rank])


def transposed(
    x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor | None, window: Window, output_padding: Extra
) -> tf.Tensor:
    """The transpose of `convolve`, as in its gradient, with a kernel (*sizes, filters, channels).

    The lengths of the output are those of `transposed_length`. Strides and dilation cannot both be
    over 1 along an axis, and `window.groups` must be 1.
    """
    return _last(_transposed, x, kernel, bias, window, output_padding)


def _pad_start(x: tf.Tensor, kernel: tf.Tensor, window: Window) -> tuple[tf.Tensor, Window]:
    pads, window = _causal(window, kernel.shape[0])
    return _op.Pad(input=x, paddings=pads), window


@cache
def _causal(window: Window, size: int) -> tuple[Any, Window]:
    pads = np.zeros([3, 2], np.int32)
    pads[2 if window.channels_first else 1, 0] = reach(size, window.dilation[0]) - 1
    return pads, replace(window, padding="valid")


def _is_first_volume(x: tf.Tensor, kernel: tf.Tensor, window: Window) -> bool:
    """Whether there is a channels-first volume to compute on a CPU: an output that is not empty."""
    if window.rank < 3 or not window.channels_first or _on_gpu(x):
        return False
    sizes = [output_length(x.shape[2 + i], kernel.shape[i], window, i) for i in range(3)]
    return all(size is None or size > 0 for size in sizes)


def _on_gpu(x: tf.Tensor) -> bool:
    return not tf.is_symbolic_tensor(x) and "GPU" in x.device


def _last(
    function: _Function, x: tf.Tensor, kernel: Any, bias: Any, window: Window, *rest: Any
) -> tf.Tensor:
    """`function` of an `x` with the channels last, and the bias; the axes are put back."""
    if window.channels_first:
        x = _op.Transpose(x=x, perm=_TO_LAST[window.rank])
    y = function(x, kernel, window, *rest)
    if bias is not None:
        y = _op.BiasAdd(value=y, bias=bias)
    return _op.Transpose(x=y, perm=_TO_FIRST[window.rank]) if window.channels_first else y


def _by_xla(x: tf.Tensor, kernel: tf.Tensor, window: Window) -> tf.Tensor:
    kernel = tf.convert_to_tensor(kernel)  # a function keeps no variable of anybody
    shapes = tuple(x.shape.as_list()), tuple(kernel.shape.as_list())
    return _compiled_for(window, *shapes, x.dtype)(x, kernel)


@lru_cache(maxsize=1024)
def _compiled_for(window: Window, x: Any, kernel: Any, dtype: tf.DType) -> Any:
    """The compiled function for two shapes: looked up faster here than TensorFlow does."""
    names = _FIRST if window.channels_first else _LAST
    fixed = window.strides, window.padding.upper(), names[window.rank], window.dilation
    compiled = tf.function(
        lambda x, kernel: tf.nn.convolution(x, kernel, *fixed), jit_compile=True, autograph=False
    )
    return compiled.get_concrete_function(tf.TensorSpec(x, dtype), tf.TensorSpec(kernel, dtype))


def _in_plane(function: _Function, x: tf.Tensor, kernel: tf.Tensor, *window: Any) -> tf.Tensor:
    """`function` for one spatial axis, by that for two, of which the first has length 1."""
    x, kernel = _op.ExpandDims(input=x, axis=1), _op.ExpandDims(input=kernel, axis=0)
    return _op.Squeeze(input=function(x, kernel, *window), axis=[1])


def _convolve(x: tf.Tensor, kernel: tf.Tensor, window: Window) -> tf.Tensor:
    if window.dilated:
        return _dilated(x, kernel, window, _convolve)
    if window.rank == 1:
        return _in_plane(_convolve, x, kernel, window.in_plane)
    op = _op.Conv2D if window.rank == 2 else _op.Conv3D
    return op(input=x, filter=kernel, **window.moves)


def _sizes(x: tf.Tensor) -> list[Any]:
    """The sizes of `x`, of each axis as an integer where it is known, or else as a tensor."""
    sizes: list[Any] = x.shape.as_list()
    if None not in sizes:
        return sizes
    dynamic = tf.unstack(tf.shape(x))
    return [dynamic[i] if n is None else n for i, n in enumerate(sizes)]


def _dilated(x: tf.Tensor, kernel: tf.Tensor, window: Window, function: _Function) -> tf.Tensor:
    """`function`, with strides of 1, over each of the grids that the dilation parts `x` into.

    The grids become a longer batch: TensorFlow's kernels for the CPU know no dilation.
    """
    lengths, sizes = tuple(_sizes(x)[1:-1]), tuple(kernel.shape.as_list()[: window.rank])
    known = all(type(length) is int for length in lengths)
    pads, crops = (_known_grids if known else _grids)(lengths, sizes, window)
    block = _array(window.dilation)
    x = _op.SpaceToBatchND(input=x, block_shape=block, paddings=pads)
    y = function(x, kernel, _STEP[window.rank])
    return _op.BatchToSpaceND(input=y, block_shape=block, crops=crops)


def _grids(lengths: Any, sizes: Any, window: Window) -> tuple[Any, Any]:
    pads, crops = [], []
    for length, size, rate in zip(lengths, sizes, window.dilation, strict=True):
        total = (size - 1) * rate if window.padding == "same" else 0
        rest = -(length + total) % rate
        pads.append([total // 2, total - total // 2 + rest])
        crops.append([0, rest])
    return pads, crops


@lru_cache(maxsize=1024)
def _known_grids(*arguments: Any) -> tuple[Any, Any]:
    pads, crops = _grids(*arguments)
    return _array(pads), _array(crops)


def _depthwise(x: tf.Tensor, kernel: tf.Tensor, window: Window) -> tf.Tensor:
    if window.rank == 1:
        return _in_plane(_depthwise, x, kernel, window.even_plane)
    down, across = window.strides
    if down != across or (down > 1 and window.dilated):
        return _strided(x, kernel, window)
    if window.dilated:
        return _dilated(x, kernel, window, _depthwise)
    return _op.DepthwiseConv2dNative(input=x, filter=kernel, **window.moves)


def _strided(x: tf.Tensor, kernel: tf.Tensor, window: Window) -> tf.Tensor:
    """Depthwise with any strides: all outputs, of which some are kept."""
    if window.padding == "same":
        pads: list[Any] = [[0, 0]]
        for axis, length in enumerate(_sizes(x)[1:-1]):
            span = reach(kernel.shape[axis], window.dilation[axis])
            stride = window.strides[axis]
            total = (-(-length // stride) - 1) * stride + span - length
            total = tf.maximum(total, 0) if tf.is_tensor(total) else max(total, 0)
            pads.append([total // 2, total - total // 2])
        x = _op.Pad(input=x, paddings=[*pads, [0, 0]])
    down, across = window.strides
    all_of_them = Window((1, 1), "valid", window.dilation)
    return _depthwise(x, kernel, all_of_them)[:, ::down, ::across]


def _transposed(x: tf.Tensor, kernel: tf.Tensor, window: Window, extra: Extra) -> tf.Tensor:
    if window.rank == 1:
        return _in_plane(_transposed, x, kernel, window.in_plane, (None, *extra))
    (batch, *lengths, _), sizes = _sizes(x), kernel.shape.as_list()
    for axis, length in enumerate(lengths):
        lengths[axis] = transposed_length(length, sizes[axis], window, axis, extra[axis])
    target: Any = [batch, *lengths, sizes[-2]]
    if all(type(size) is int for size in target):
        target = _array(target)
    if window.dilated:
        down, *across = window.dilation
        if across == [down]:
            padding = window.padding.upper()
            return tf.nn.atrous_conv2d_transpose(x, kernel, target, down, padding)
        kernel = _spread(kernel, window.dilation)
    op = _op.Conv2DBackpropInput if window.rank == 2 else _op.Conv3DBackpropInputV2
    return op(input_sizes=target, filter=kernel, out_backprop=x, **window.moves)


def _spread(kernel: tf.Tensor, dilation: Sequence[int]) -> tf.Tensor:
    """The kernel with zeros between its elements, so that it needs no dilation."""
    for axis, rate in enumerate(dilation):
        size = kernel.shape[axis]
        if rate == 1 or size == 1:
            continue
        wide = tf.stack([kernel] + [tf.zeros_like(kernel)] * (rate - 1), axis + 1)
        shape = kernel.shape.as_list()
        shape[axis] = size * rate
        wide = tf.reshape(wide, shape)
        keep = [slice(None)] * axis + [slice(reach(size, rate))]
        kernel = wide[tuple(keep)]
    return kernel
