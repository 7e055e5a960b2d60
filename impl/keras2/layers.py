"""`tf.keras.layers` of Keras 2."""

from collections.abc import Mapping
from typing import Any

from impl.keras2.convolutions import (
    Conv1D,
    Conv1DTranspose,
    Conv2D,
    Conv2DTranspose,
    Conv3D,
    Conv3DTranspose,
    Convolution1D,
    Convolution1DTranspose,
    Convolution2D,
    Convolution2DTranspose,
    Convolution3D,
    Convolution3DTranspose,
    DepthwiseConv1D,
    DepthwiseConv2D,
    SeparableConv1D,
    SeparableConv2D,
    SeparableConvolution1D,
    SeparableConvolution2D,
)
from impl.keras2.dense import Dense
from impl.keras2.inputs import Input, InputLayer
from impl.keras2.layer import Layer
from impl.keras2.saving import REGISTRY
from impl.shared.input_spec import InputSpec
from impl.shared.saving import Family

__all__ = [
    "Conv1D",
    "Conv1DTranspose",
    "Conv2D",
    "Conv2DTranspose",
    "Conv3D",
    "Conv3DTranspose",
    "Convolution1D",
    "Convolution1DTranspose",
    "Convolution2D",
    "Convolution2DTranspose",
    "Convolution3D",
    "Convolution3DTranspose",
    "Dense",
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "Input",
    "InputLayer",
    "InputSpec",
    "Layer",
    "SeparableConv1D",
    "SeparableConv2D",
    "SeparableConvolution1D",
    "SeparableConvolution2D",
    "deserialize",
    "serialize",
]

_CLASSES = (
    Conv1D,
    Conv1DTranspose,
    Conv2D,
    Conv2DTranspose,
    Conv3D,
    Conv3DTranspose,
    Dense,
    DepthwiseConv1D,
    DepthwiseConv2D,
    InputLayer,
    Layer,
    SeparableConv1D,
    SeparableConv2D,
)
# By class, and under the longer names that are aliases.
_NAMES = {name: globals()[name] for name in __all__ if globals().get(name) in _CLASSES}
REGISTRY.add_built_in("keras.layers", *_CLASSES)
_FAMILY = Family("layer", Layer, _NAMES, REGISTRY, finds_custom_names=True)


def serialize(layer: Any, use_legacy_format: bool = False) -> Any:
    """A layer as data, with the shape that it is built for: see `Family.serialize`.

    `use_legacy_format` leaves the shape out.
    """
    return _FAMILY.serialize(layer, use_legacy_format)


def deserialize(
    config: Any,
    custom_objects: Mapping[str, Any] | None = None,
    use_legacy_format: bool = False,
) -> Any:
    """A layer from data: see `Family.deserialize_either`."""
    return _FAMILY.deserialize_either(config, custom_objects, use_legacy_format)
