"""`keras.utils`: here, another place to find what is in `saving`, and automatic names."""

from impl.keras3.saving import (
    CustomObjectScope,
    custom_object_scope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
    serialize_keras_object,
)
from impl.shared.scope import Names

__all__ = [
    "CustomObjectScope",
    "clear_session",
    "custom_object_scope",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "register_keras_serializable",
    "serialize_keras_object",
]

NAMES = Names()

clear_session = NAMES.clear
