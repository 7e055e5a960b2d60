"""`tf.keras.layers` of Keras 2."""

from collections.abc import Mapping
from typing import Any

from impl.keras2.convolutions import *  # noqa: F403 because its `__all__` are layers
from impl.keras2.dense import Dense as Dense
from impl.keras2.inputs import Input as Input
from impl.keras2.inputs import InputLayer as InputLayer
from impl.keras2.layer import Layer
from impl.keras2.saving import REGISTRY
from impl.shared.input_spec import InputSpec as InputSpec
from impl.shared.saving import Family

# By class, and under the longer names that are aliases.
_NAMES = {name: x for name, x in vars().items() if isinstance(x, type) and issubclass(x, Layer)}
__all__ = sorted([*_NAMES, "Input", "InputSpec", "deserialize", "serialize"])

REGISTRY.add_built_in("keras.layers", *_NAMES.values())
# Any object is one of this family: official Keras does not warn of strangers here.
FAMILY = Family("layer", object, _NAMES, REGISTRY, finds_custom_names=True)


def serialize(layer: Any, use_legacy_format: bool = False) -> Any:
    """A layer as data, with the shape that it is built for: see `Family.serialize`.

    `use_legacy_format` leaves the shape out.
    """
    return FAMILY.serialize(layer, use_legacy_format)


def deserialize(
    config: Any,
    custom_objects: Mapping[str, Any] | None = None,
    use_legacy_format: bool = False,
) -> Any:
    """A layer from data: see `Family.deserialize_either`."""
    with REGISTRY.custom_object_scope(custom_objects or {}):
        return FAMILY.deserialize_either(config, None, use_legacy_format)
