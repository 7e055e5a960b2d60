"""The convolution layers of Keras 3."""

from typing import Any

from impl.keras3.layer import Layer
from impl.shared import convolutions as shared
from impl.shared.convolution_base import Rules

_RULES = Rules(
    read_filters=lambda filters: filters,
    read_groups=lambda groups: groups,
    idle_arguments=False,
    smallest_output=1,
    built_short=(),
    batch_axes=False,
    exact_rank=(),
    channel_axis=lambda rank: 1,
    dilated_strides=True,
    causal=("plain",),
    depthwise_kernel="kernel",
)


class Conv1D(shared.Conv, Layer, rank=1, rules=_RULES):
    """See `impl.shared.convolutions.Conv`."""


class Conv2D(shared.Conv, Layer, rank=2, rules=_RULES):
    """See `impl.shared.convolutions.Conv`."""


class Conv3D(shared.Conv, Layer, rank=3, rules=_RULES):
    """See `impl.shared.convolutions.Conv`."""


class Conv1DTranspose(shared.ConvTranspose, Layer, rank=1, rules=_RULES):
    """See `impl.shared.convolutions.ConvTranspose`."""


class Conv2DTranspose(shared.ConvTranspose, Layer, rank=2, rules=_RULES):
    """See `impl.shared.convolutions.ConvTranspose`."""


class Conv3DTranspose(shared.ConvTranspose, Layer, rank=3, rules=_RULES):
    """See `impl.shared.convolutions.ConvTranspose`; two arguments have changed places."""

    def __init__(
        self, filters: Any, kernel_size: Any, strides: Any = 1, padding: Any = "valid",
        data_format: Any = None, output_padding: Any = None, *args: Any, **kwargs: Any,
    ) -> None:  # fmt: skip  # as in `shared.ConvTranspose`
        super().__init__(
            filters, kernel_size, strides, padding, output_padding, data_format, *args, **kwargs
        )


class DepthwiseConv1D(shared.DepthwiseConv, Layer, rank=1, rules=_RULES):
    """See `impl.shared.convolutions.DepthwiseConv`."""


class DepthwiseConv2D(shared.DepthwiseConv, Layer, rank=2, rules=_RULES):
    """See `impl.shared.convolutions.DepthwiseConv`."""


class SeparableConv1D(shared.SeparableConv, Layer, rank=1, rules=_RULES):
    """See `impl.shared.convolutions.SeparableConv`."""


class SeparableConv2D(shared.SeparableConv, Layer, rank=2, rules=_RULES):
    """See `impl.shared.convolutions.SeparableConv`."""


Convolution1D, Convolution2D, Convolution3D = Conv1D, Conv2D, Conv3D
Convolution1DTranspose, Convolution2DTranspose = Conv1DTranspose, Conv2DTranspose
Convolution3DTranspose = Conv3DTranspose
SeparableConvolution1D, SeparableConvolution2D = SeparableConv1D, SeparableConv2D

__all__ = [name for name in dir() if "Conv" in name]
