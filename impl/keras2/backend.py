"""`tf.keras.backend` of Keras 2: the settings, and the count of names. `Policy` is `mixed_precision.Policy`."""

from impl.shared.policies import DTypePolicy, Settings
from impl.shared.scope import Names

__all__ = ["clear_session", "epsilon", "floatx", "image_data_format"]
__all__ += ["set_epsilon", "set_floatx", "set_image_data_format"]


class Policy(DTypePolicy):
    """See `impl.shared.policies.DTypePolicy`."""


SETTINGS = Settings(Policy, ("float16", "float32", "float64"), keeps_first=False)

NAMES = Names()

clear_session = NAMES.clear
epsilon = SETTINGS.epsilon
floatx = SETTINGS.floatx
image_data_format = SETTINGS.image_data_format
set_epsilon = SETTINGS.set_epsilon
set_floatx = SETTINGS.set_floatx
set_image_data_format = SETTINGS.set_image_data_format
