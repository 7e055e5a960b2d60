"""`keras.layers` of Keras 3."""

from collections.abc import Mapping
from typing import Any

from impl.keras3.convolutions import *  # noqa: F403 because its `__all__` are layers
from impl.keras3.dense import Dense as Dense
from impl.keras3.inputs import Input as Input
from impl.keras3.inputs import InputLayer as InputLayer
from impl.keras3.inputs import InputSpec as InputSpec
from impl.keras3.layer import Layer
from impl.keras3.saving import REGISTRY
from impl.shared.saving import Family

# By class, and under the longer names that are aliases.
_NAMES = {name: x for name, x in vars().items() if isinstance(x, type) and issubclass(x, Layer)}
__all__ = sorted([*_NAMES, "Input", "InputSpec", "deserialize", "serialize"])

REGISTRY.add_built_in("keras.layers", *_NAMES.values())
REGISTRY.add_built_in("keras", Layer)
FAMILY = Family("layer", Layer, _NAMES, REGISTRY, finds_custom_names=False)


def serialize(layer: Any) -> Any:
    """A layer as data, with the shape that it is built for: see `Family.serialize`."""
    return FAMILY.serialize(layer)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """A layer from data, built and compiled as it was: see `Family.deserialize`. None gives None.

    Raises ValueError for what is no data, or data of something else.
    """
    if config is None:
        return None
    with REGISTRY.custom_object_scope(custom_objects or {}):
        layer = FAMILY.deserialize(config)
    if not isinstance(config, dict) or not isinstance(layer, Layer):
        raise ValueError(f"config must be the data of a layer, got {config!r}")
    layer.build_from_config(config.get("build_config") or {})
    if config.get("compile_config"):
        layer.compile_from_config(config["compile_config"])
    return layer
