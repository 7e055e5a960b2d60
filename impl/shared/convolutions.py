"""The convolution layers. Source: https://keras.io/api/layers/convolution_layers/.

What their common arguments mean is said in `Convolution`. Each dialect makes layers of one, two
and three spatial axes of these.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from impl.core import convolution as core
from impl.shared.convolution_base import Convolution, positive


class Conv(Convolution):
    """Convolves the inputs with `filters` kernels.

    The weights are `kernel`, (*kernel_size, channels / groups, filters), and `bias`, (filters,).
    """

    kind = "plain"

    def __init__(
        self,
        filters: Any,
        kernel_size: Any,
        strides: Any = 1,
        padding: Any = "valid",
        data_format: Any = None,
        dilation_rate: Any = 1,
        groups: Any = 1,
        activation: Any = None,
        use_bias: Any = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        self.filters = positive("filters", self.rules.read_filters(filters))
        parts = {
            "kernel": (kernel_initializer, kernel_regularizer, kernel_constraint),
            "bias": (bias_initializer, bias_regularizer, bias_constraint),
        }
        Convolution.__init__(
            self,
            kernel_size,
            strides,
            padding,
            data_format,
            dilation_rate,
            positive("groups", self.rules.read_groups(groups)),
            activation,
            use_bias,
            parts,
            activity_regularizer,
            **kwargs,
        )

    def _make_window(self) -> core.Window:
        return core.Window(self.strides, self.padding, self.dilation_rate, self.groups, self._first)

    def build(self, input_shape: Any) -> None:
        """Makes `kernel` and `bias` for inputs whose number of channels is known."""
        channels = self._channels(input_shape)
        if channels % self.groups:
            raise ValueError(
                f"the channels of layer {self._name!r} must be a multiple of groups, "
                f"{self.groups}, got {channels}"
            )
        shape = (*self.kernel_size, channels // self.groups, self.filters)
        self.kernel = self._add_part("kernel", shape)
        self._finish_build(channels, self.filters)

    def _compute_outputs(self, x: tf.Tensor) -> tf.Tensor:
        return core.convolve(x, self.kernel, self.bias, self._window)

    def _outputs(self, channels: int | None) -> int | None:
        return self.filters

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name, which make the same layer, without its weights."""
        return {**Convolution.get_config(self), "filters": self.filters}


class ConvTranspose(Convolution):
    """The transpose of a convolution: from the shape of its outputs to that of its inputs.

    The weights are `kernel`, (*kernel_size, filters, channels), and `bias`, (filters,).
    `output_padding` adds to the length of the outputs, by less than the stride.
    """

    kind = "transposed"

    def __init__(
        self,
        filters: Any,
        kernel_size: Any,
        strides: Any = 1,
        padding: Any = "valid",
        output_padding: Any = None,
        data_format: Any = None,
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: Any = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        groups = self._ignored_groups(kwargs)
        self.filters = positive("filters", self.rules.read_filters(filters))
        parts = {
            "kernel": (kernel_initializer, kernel_regularizer, kernel_constraint),
            "bias": (bias_initializer, bias_regularizer, bias_constraint),
        }
        Convolution.__init__(
            self,
            kernel_size,
            strides,
            padding,
            data_format,
            dilation_rate,
            groups,
            activation,
            use_bias,
            parts,
            activity_regularizer,
            **kwargs,
        )
        self.output_padding = None
        if output_padding is not None:
            self.output_padding = self._each("output_padding", output_padding, 0)
            if any(p >= s for p, s in zip(self.output_padding, self.strides, strict=True)):
                raise ValueError(
                    f"output_padding must be less than strides, {self.strides}, "
                    f"got {output_padding!r}"
                )
        self._extra = self.output_padding or (None,) * self.rank

    def build(self, input_shape: Any) -> None:
        """Makes `kernel` and `bias` for inputs whose number of channels is known."""
        channels = self._channels(input_shape)
        self.kernel = self._add_part("kernel", (*self.kernel_size, self.filters, channels))
        self._finish_build(channels, self.filters)

    def _compute_outputs(self, x: tf.Tensor) -> tf.Tensor:
        return core.transposed(x, self.kernel, self.bias, self._window, self._extra)

    def _outputs(self, channels: int | None) -> int | None:
        return self.filters

    def _output_length(self, length: int | None, axis: int) -> int | None:
        size = self.kernel_size[axis]
        found = core.transposed_length(length, size, self._window, axis, self._extra[axis])
        return None if found is None else int(found)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name, which make the same layer, without its weights."""
        config = Convolution.get_config(self)
        return {**config, "filters": self.filters, "output_padding": self.output_padding}


class DepthwiseConv(Convolution):
    """Convolves each channel with `depth_multiplier` kernels of its own.

    The weights are the kernel, (*kernel_size, channels, depth_multiplier), and `bias`, (channels *
    depth_multiplier,).
    """

    kind = "depthwise"

    def __init__(
        self,
        kernel_size: Any,
        strides: Any = 1,
        padding: Any = "valid",
        depth_multiplier: Any = 1,
        data_format: Any = None,
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: Any = True,
        depthwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        groups = self._ignored_groups(kwargs)
        if self.rules.kernel_arguments:
            self._take_ignored(kwargs, "kernel_initializer", "kernel_regularizer")
            self._take_ignored(kwargs, "kernel_constraint")
        self.depth_multiplier = positive("depth_multiplier", depth_multiplier)
        parts = {
            "depthwise": (depthwise_initializer, depthwise_regularizer, depthwise_constraint),
            "bias": (bias_initializer, bias_regularizer, bias_constraint),
        }
        Convolution.__init__(
            self,
            kernel_size,
            strides,
            padding,
            data_format,
            dilation_rate,
            groups,
            activation,
            use_bias,
            parts,
            activity_regularizer,
            **kwargs,
        )

    def build(self, input_shape: Any) -> None:
        """Makes the kernel and `bias` for inputs whose number of channels is known."""
        channels = self._channels(input_shape)
        name = self.rules.depthwise_kernel
        shape = (*self.kernel_size, channels, self.depth_multiplier)
        setattr(self, name, self._add_part("depthwise", shape, name))
        self._finish_build(channels, channels * self.depth_multiplier)

    def _compute_outputs(self, x: tf.Tensor) -> tf.Tensor:
        kernel = getattr(self, self.rules.depthwise_kernel)
        return core.depthwise(x, kernel, self.bias, self._window)

    def _outputs(self, channels: int | None) -> int | None:
        return None if channels is None else channels * self.depth_multiplier

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name, which make the same layer, without its weights."""
        return {**Convolution.get_config(self), "depth_multiplier": self.depth_multiplier}


class SeparableConv(Convolution):
    """A depthwise convolution, then one with `filters` kernels of size 1.

    The weights are `depthwise_kernel`, (*kernel_size, channels, depth_multiplier),
    `pointwise_kernel`, (1, ..., channels * depth_multiplier, filters), and `bias`, (filters,).
    """

    kind = "separable"

    def __init__(
        self,
        filters: Any,
        kernel_size: Any,
        strides: Any = 1,
        padding: Any = "valid",
        data_format: Any = None,
        dilation_rate: Any = 1,
        depth_multiplier: Any = 1,
        activation: Any = None,
        use_bias: Any = True,
        depthwise_initializer: Any = "glorot_uniform",
        pointwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        pointwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        groups = self._ignored_groups(kwargs)
        self.filters = positive("filters", self.rules.read_filters(filters))
        self.depth_multiplier = positive("depth_multiplier", depth_multiplier)
        parts = {
            "depthwise": (depthwise_initializer, depthwise_regularizer, depthwise_constraint),
            "pointwise": (pointwise_initializer, pointwise_regularizer, pointwise_constraint),
            "bias": (bias_initializer, bias_regularizer, bias_constraint),
        }
        if self.rules.kernel_arguments:
            names = ("kernel_initializer", "kernel_regularizer", "kernel_constraint")
            initializer, regularizer, constraint = self._take_ignored(kwargs, *names)
            parts["kernel"] = (initializer, regularizer, constraint)
        Convolution.__init__(
            self,
            kernel_size,
            strides,
            padding,
            data_format,
            dilation_rate,
            groups,
            activation,
            use_bias,
            parts,
            activity_regularizer,
            **kwargs,
        )

    def build(self, input_shape: Any) -> None:
        """Makes both kernels and `bias` for inputs whose number of channels is known."""
        channels = self._channels(input_shape)
        deep = channels * self.depth_multiplier
        depthwise = (*self.kernel_size, channels, self.depth_multiplier)
        self.depthwise_kernel = self._add_part("depthwise", depthwise, "depthwise_kernel")
        pointwise = (*[1] * self.rank, deep, self.filters)
        self.pointwise_kernel = self._add_part("pointwise", pointwise, "pointwise_kernel")
        self._finish_build(channels, self.filters)

    def _compute_outputs(self, x: tf.Tensor) -> tf.Tensor:
        kernels = self.depthwise_kernel, self.pointwise_kernel
        return core.separable(x, *kernels, self.bias, self._window)

    def _outputs(self, channels: int | None) -> int | None:
        return self.filters

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name, which make the same layer, without its weights."""
        config = Convolution.get_config(self)
        return {**config, "filters": self.filters, "depth_multiplier": self.depth_multiplier}
