"""The convolution layers of Keras 2."""

from dataclasses import replace
from typing import Any

from impl.core import convolution as core
from impl.keras2.layer import Layer
from impl.shared import convolutions as shared
from impl.shared.convolution_base import Rules


def _read_filters(filters: Any) -> int:
    if isinstance(filters, str):
        raise TypeError(f"filters must be a positive integer, got {filters!r}")
    return int(filters)


_RULES = Rules(
    read_filters=_read_filters,
    read_groups=lambda groups: groups or 1,
    idle_arguments=True,
    smallest_output=0,
    built_short=("depthwise", "separable"),
    batch_axes=True,
    exact_rank=("transposed", "separable"),
    channel_axis=lambda rank: -1 - rank,
    dilated_strides=False,
    causal=("plain", "separable"),
    depthwise_kernel="depthwise_kernel",
)


class Conv1D(shared.Conv, Layer, rank=1, rules=_RULES):
    """See `impl.shared.convolutions.Conv`."""

    def __init__(
        self, filters: Any, kernel_size: Any, strides: Any = 1, padding: Any = "valid",
        data_format: Any = "channels_last", *args: Any, **kwargs: Any,
    ) -> None:  # fmt: skip  # as in `shared.Conv`
        super().__init__(filters, kernel_size, strides, padding, data_format, *args, **kwargs)


class Conv2D(shared.Conv, Layer, rank=2, rules=_RULES):
    """See `impl.shared.convolutions.Conv`."""


class Conv3D(shared.Conv, Layer, rank=3, rules=_RULES):
    """See `impl.shared.convolutions.Conv`."""


class Conv1DTranspose(shared.ConvTranspose, Conv1D):
    """See `impl.shared.convolutions.ConvTranspose`."""


class Conv2DTranspose(shared.ConvTranspose, Conv2D):
    """See `impl.shared.convolutions.ConvTranspose`."""


class Conv3DTranspose(shared.ConvTranspose, Conv3D):
    """See `impl.shared.convolutions.ConvTranspose`. Official Keras 2 does not read `dilation_rate`.

    It is checked, but the outputs are those of a dilation of 1, and it is not saved.
    """

    def _make_window(self) -> core.Window:
        return replace(super()._make_window(), dilation=(1, 1, 1))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name, but for `dilation_rate`."""
        config = super().get_config()
        del config["dilation_rate"]
        return config


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
