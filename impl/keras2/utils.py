"""`keras.utils`: seeds, and another place to find what is in `saving`."""

from impl.keras2.backend import SEEDS
from impl.keras2.saving import CustomObjectScope as CustomObjectScope
from impl.keras2.saving import custom_object_scope as custom_object_scope
from impl.keras2.saving import get_custom_objects as get_custom_objects
from impl.keras2.saving import get_registered_name as get_registered_name
from impl.keras2.saving import get_registered_object as get_registered_object
from impl.keras2.saving import register_keras_serializable as register_keras_serializable
from impl.keras2.saving import serialize_keras_object as serialize_keras_object

set_random_seed = SEEDS.restart
