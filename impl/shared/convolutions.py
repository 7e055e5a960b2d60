"""The convolution layers. Source: https://keras.io/api/layers/convolution_layers/.

What their common arguments mean is said in `Convolution`. Each dialect makes layers of one, two
and three spatial axes of these. A base class between two of these may stand in between: Keras 2's
`Conv2DTranspose` is a `Conv2D` too. So none of them calls `super()`: what they share is in
`Convolution`, under names that none of them defines.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from impl.core import convolution as core
from impl.shared.convolution_base import Convolution


class Conv(Convolution):
    """Convolves the inputs with `filters` kernels.

    The weights are `kernel`, (*kernel_size, channels / groups, filters), and `bias`, (filters,).
    """

    kind = "plain"

    def __init__(
        self, filters: Any, kernel_size: Any, strides: Any = 1, padding: Any = "valid",
        data_format: Any = None, dilation_rate: Any = 1, groups: Any = 1,
        activation: Any = None, use_bias: Any = True,
        kernel_initializer: Any = "glorot_uniform", bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None, bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None, bias_constraint: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip  # a row for each role of a weight
        self._take(locals())

    def build(self, input_shape: Any) -> None:
        """Makes `kernel` and `bias` for inputs whose number of channels is known."""
        channels = self._channels(input_shape)
        if channels % self.groups:
            raise ValueError(
                f"the channels of layer {self._name!r} must be a multiple of groups, "
                f"{self.groups}, got {channels}"
            )
        shape = (*self.kernel_size, channels // self.groups, self.filters)
        self.kernel = self._add("kernel", shape)
        self._finish_build(channels, self.filters)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """The outputs, in the dtype of the inputs."""
        kernel = self._operand(self.kernel)
        y = self._checked(core.convolve, inputs, kernel, self._used_bias(), self._window)
        return self.activation(y)


class ConvTranspose(Convolution):
    """The transpose of a convolution: from the shape of its outputs to that of its inputs.

    The weights are `kernel`, (*kernel_size, filters, channels), and `bias`, (filters,).
    `output_padding` adds to the length of the outputs, by less than the stride.
    """

    kind = "transposed"

    def __init__(
        self, filters: Any, kernel_size: Any, strides: Any = 1, padding: Any = "valid",
        output_padding: Any = None, data_format: Any = None, dilation_rate: Any = 1,
        activation: Any = None, use_bias: Any = True,
        kernel_initializer: Any = "glorot_uniform", bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None, bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None, bias_constraint: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip  # a row for each role of a weight
        self._take(locals())
        extra = self._extra
        if any(p is not None and p >= s for p, s in zip(extra, self.strides, strict=True)):
            raise ValueError(
                f"output_padding must be less than strides, {self.strides}, got {output_padding!r}"
            )

    def build(self, input_shape: Any) -> None:
        """Makes `kernel` and `bias` for inputs whose number of channels is known."""
        channels = self._channels(input_shape)
        self.kernel = self._add("kernel", (*self.kernel_size, self.filters, channels))
        self._finish_build(channels, self.filters)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """The outputs, in the dtype of the inputs."""
        weights = self._operand(self.kernel), self._used_bias()
        y = self._checked(core.transposed, inputs, *weights, self._window, self._extra)
        return self.activation(y)

    @property
    def _extra(self) -> core.Extra:
        return self.output_padding or (None,) * self.rank

    def _output_length(self, length: int | None, axis: int) -> int | None:
        size = self.kernel_size[axis]
        found = core.transposed_length(length, size, self._window, axis, self._extra[axis])
        return None if found is None else int(found)


class DepthwiseConv(Convolution):
    """Convolves each channel with `depth_multiplier` kernels of its own.

    The weights are the kernel, (*kernel_size, channels, depth_multiplier), and `bias`, (channels *
    depth_multiplier,).
    """

    kind = "depthwise"

    def __init__(
        self, kernel_size: Any, strides: Any = 1, padding: Any = "valid",
        depth_multiplier: Any = 1, data_format: Any = None, dilation_rate: Any = 1,
        activation: Any = None, use_bias: Any = True,
        depthwise_initializer: Any = "glorot_uniform", bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None, bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None, bias_constraint: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip  # a row for each role of a weight
        self._take(locals())

    def build(self, input_shape: Any) -> None:
        """Makes the kernel and `bias` for inputs whose number of channels is known."""
        channels = self._channels(input_shape)
        name = self.rules.depthwise_kernel
        shape = (*self.kernel_size, channels, self.depth_multiplier)
        setattr(self, name, self._add("depthwise", shape, name))
        self._finish_build(channels, channels * self.depth_multiplier)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """The outputs, in the dtype of the inputs."""
        kernel = self._operand(getattr(self, self.rules.depthwise_kernel))
        y = self._checked(core.depthwise, inputs, kernel, self._used_bias(), self._window)
        return self.activation(y)

    def _outputs(self, channels: int | None) -> int | None:
        return None if channels is None else channels * self.depth_multiplier


class SeparableConv(Convolution):
    """A depthwise convolution, then one with `filters` kernels of size 1.

    The weights are `depthwise_kernel`, (*kernel_size, channels, depth_multiplier),
    `pointwise_kernel`, (1, ..., channels * depth_multiplier, filters), and `bias`, (filters,).
    """

    kind = "separable"

    def __init__(
        self, filters: Any, kernel_size: Any, strides: Any = 1, padding: Any = "valid",
        data_format: Any = None, dilation_rate: Any = 1, depth_multiplier: Any = 1,
        activation: Any = None, use_bias: Any = True,
        depthwise_initializer: Any = "glorot_uniform",
        pointwise_initializer: Any = "glorot_uniform", bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None, pointwise_regularizer: Any = None,
        bias_regularizer: Any = None, activity_regularizer: Any = None,
        depthwise_constraint: Any = None, pointwise_constraint: Any = None,
        bias_constraint: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip  # a row for each role of a weight
        self._take(locals())

    def build(self, input_shape: Any) -> None:
        """Makes both kernels and `bias` for inputs whose number of channels is known."""
        channels = self._channels(input_shape)
        depthwise = (*self.kernel_size, channels, self.depth_multiplier)
        self.depthwise_kernel = self._add("depthwise", depthwise, "depthwise_kernel")
        pointwise = (*[1] * self.rank, channels * self.depth_multiplier, self.filters)
        self.pointwise_kernel = self._add("pointwise", pointwise, "pointwise_kernel")
        self._finish_build(channels, self.filters)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """The outputs, in the dtype of the inputs."""
        kernels = self._operand(self.depthwise_kernel), self._operand(self.pointwise_kernel)
        y = self._checked(core.separable, inputs, *kernels, self._used_bias(), self._window)
        return self.activation(y)
