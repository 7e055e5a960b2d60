"""`keras.layers` of Keras 3."""

from collections.abc import Mapping
from typing import Any

from impl.keras3.convolutions import (
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
from impl.keras3.dense import Dense
from impl.keras3.inputs import Input, InputLayer
from impl.keras3.layer import Layer
from impl.keras3.saving import REGISTRY
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
REGISTRY.add_built_in("keras", Layer)
_FAMILY = Family("layer", Layer, _NAMES, REGISTRY, finds_custom_names=False)


def serialize(layer: Any) -> Any:
    """A layer as data, with the shape that it is built for: see `Family.serialize`."""
    return _FAMILY.serialize(layer)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """A layer from data: see `Family.deserialize`."""
    layer = _FAMILY.deserialize(config, custom_objects)
    if isinstance(config, dict) and hasattr(layer, "build_from_config"):
        layer.build_from_config(config.get("build_config") or {})
    return layer
