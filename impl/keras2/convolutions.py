"""The convolution layers of Keras 2."""

from typing import Any

import tensorflow as tf

from impl.core import convolution as core
from impl.keras2.layer import Layer
from impl.keras2.saving import REGISTRY
from impl.shared import convolutions as shared
from impl.shared.convolution_base import Rules


def _read_filters(filters: Any) -> int:
    if isinstance(filters, str):
        raise TypeError(f"filters must be a positive integer, got {filters!r}")
    return int(filters)


_RULES = Rules(
    read_filters=_read_filters,
    read_groups=lambda groups: groups or 1,
    any_groups=True,
    kernel_arguments=True,
    smallest_output=0,
    batch_axes=True,
    exact_rank=("transposed", "separable"),
    channel_axis=lambda rank: -1 - rank,
    dilated_strides=False,
    causal_separable=True,
    depthwise_kernel="depthwise_kernel",
    shape=tf.TensorShape,
)


class Conv1D(shared.Conv, Layer):
    """See `impl.shared.convolutions.Conv`."""

    rules = _RULES
    rank = 1

    def __init__(
        self,
        filters: Any,
        kernel_size: Any,
        strides: Any = 1,
        padding: Any = "valid",
        data_format: Any = "channels_last",
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(filters, kernel_size, strides, padding, data_format, *args, **kwargs)


class Conv2D(shared.Conv, Layer):
    """See `impl.shared.convolutions.Conv`."""

    rules = _RULES
    rank = 2


class Conv3D(shared.Conv, Layer):
    """See `impl.shared.convolutions.Conv`."""

    rules = _RULES
    rank = 3


class Conv1DTranspose(shared.ConvTranspose, Conv1D):
    """See `impl.shared.convolutions.ConvTranspose`."""

    rules = _RULES
    rank = 1


class Conv2DTranspose(shared.ConvTranspose, Conv2D):
    """See `impl.shared.convolutions.ConvTranspose`."""

    rules = _RULES
    rank = 2


class Conv3DTranspose(shared.ConvTranspose, Conv3D):
    """See `impl.shared.convolutions.ConvTranspose`. Official Keras 2 does not read `dilation_rate`.

    It is checked, but the outputs are those of a dilation of 1, and it is not saved.
    """

    def _make_window(self) -> core.Window:
        return core.Window(self.strides, self.padding, (1, 1, 1), 1, self._first)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name, but for `dilation_rate`."""
        config = super().get_config()
        del config["dilation_rate"]
        return config


class DepthwiseConv1D(shared.DepthwiseConv, Layer):
    """See `impl.shared.convolutions.DepthwiseConv`."""

    rules = _RULES
    rank = 1


class DepthwiseConv2D(shared.DepthwiseConv, Layer):
    """See `impl.shared.convolutions.DepthwiseConv`."""

    rules = _RULES
    rank = 2


class SeparableConv1D(shared.SeparableConv, Layer):
    """See `impl.shared.convolutions.SeparableConv`."""

    rules = _RULES
    rank = 1


class SeparableConv2D(shared.SeparableConv, Layer):
    """See `impl.shared.convolutions.SeparableConv`."""

    rules = _RULES
    rank = 2


Convolution1D = Conv1D
Convolution2D = Conv2D
Convolution3D = Conv3D
Convolution1DTranspose = Conv1DTranspose
Convolution2DTranspose = Conv2DTranspose
Convolution3DTranspose = Conv3DTranspose
SeparableConvolution1D = SeparableConv1D
SeparableConvolution2D = SeparableConv2D

REGISTRY.add_built_in(
    "keras.layers",
    Conv1D,
    Conv2D,
    Conv3D,
    Conv1DTranspose,
    Conv2DTranspose,
    Conv3DTranspose,
    DepthwiseConv1D,
    DepthwiseConv2D,
    SeparableConv1D,
    SeparableConv2D,
)
