"""The convolution layers of Keras 3."""

from typing import Any

from impl.keras3.layer import Layer
from impl.keras3.saving import REGISTRY
from impl.shared import convolutions as shared
from impl.shared.convolution_base import Rules

_RULES = Rules(
    read_filters=lambda filters: filters,
    read_groups=lambda groups: groups,
    any_groups=False,
    kernel_arguments=False,
    smallest_output=1,
    batch_axes=False,
    exact_rank=(),
    channel_axis=lambda rank: 1,
    dilated_strides=True,
    causal_separable=False,
    depthwise_kernel="kernel",
    shape=tuple,
)


class Conv1D(shared.Conv, Layer):
    """See `impl.shared.convolutions.Conv`."""

    rules = _RULES
    rank = 1


class Conv2D(shared.Conv, Layer):
    """See `impl.shared.convolutions.Conv`."""

    rules = _RULES
    rank = 2


class Conv3D(shared.Conv, Layer):
    """See `impl.shared.convolutions.Conv`."""

    rules = _RULES
    rank = 3


class Conv1DTranspose(shared.ConvTranspose, Layer):
    """See `impl.shared.convolutions.ConvTranspose`."""

    rules = _RULES
    rank = 1


class Conv2DTranspose(shared.ConvTranspose, Layer):
    """See `impl.shared.convolutions.ConvTranspose`."""

    rules = _RULES
    rank = 2


class Conv3DTranspose(shared.ConvTranspose, Layer):
    """See `impl.shared.convolutions.ConvTranspose`; two arguments have changed places."""

    rules = _RULES
    rank = 3

    def __init__(
        self,
        filters: Any,
        kernel_size: Any,
        strides: Any = 1,
        padding: Any = "valid",
        data_format: Any = None,
        output_padding: Any = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            filters, kernel_size, strides, padding, output_padding, data_format, *args, **kwargs
        )


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
