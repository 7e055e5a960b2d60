"""`keras.utils`: here, another place to find what is in `saving`, and automatic names."""

from impl.keras3.saving import CustomObjectScope as CustomObjectScope
from impl.keras3.saving import custom_object_scope as custom_object_scope
from impl.keras3.saving import get_custom_objects as get_custom_objects
from impl.keras3.saving import get_registered_name as get_registered_name
from impl.keras3.saving import get_registered_object as get_registered_object
from impl.keras3.saving import register_keras_serializable as register_keras_serializable
from impl.keras3.saving import serialize_keras_object as serialize_keras_object
from impl.shared.scope import Names

NAMES = Names()

clear_session = NAMES.clear
