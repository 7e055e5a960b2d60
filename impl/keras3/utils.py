"""`keras.utils`: seeds, automatic names, and another place to find what is in `saving`."""

from typing import Any

from impl.keras3.config import SETTINGS
from impl.keras3.random import global_generator
from impl.keras3.saving import CustomObjectScope as CustomObjectScope
from impl.keras3.saving import custom_object_scope as custom_object_scope
from impl.keras3.saving import get_custom_objects as get_custom_objects
from impl.keras3.saving import get_registered_name as get_registered_name
from impl.keras3.saving import get_registered_object as get_registered_object
from impl.keras3.saving import register_keras_serializable as register_keras_serializable
from impl.keras3.saving import serialize_keras_object as serialize_keras_object
from impl.shared.random_initializers import set_seeds
from impl.shared.scope import Names

NAMES = Names()


def clear_session() -> None:
    """Forgets the counts of names, the policy that was set, and the generator that draws share."""
    NAMES.clear()
    SETTINGS.forget_policy()
    global_generator.cache_clear()


def set_random_seed(seed: Any) -> None:
    """Seeds all generators: see `set_seeds`. The generator that draws share begins again."""
    set_seeds(seed)
    global_generator.cache_clear()
