"""`tf.keras.mixed_precision` of Keras 2, without loss scaling."""

from impl.keras2.backend import SETTINGS, Policy
from impl.keras2.saving import REGISTRY

__all__ = ["Policy", "global_policy", "set_global_policy"]

REGISTRY.add_built_in("keras.mixed_precision", Policy)

global_policy = SETTINGS.dtype_policy
set_global_policy = SETTINGS.set_dtype_policy
