"""`keras.config` of Keras 3."""

from impl.shared.policies import DTypePolicy as _Policy
from impl.shared.policies import Settings

__all__ = [
    "dtype_policy",
    "epsilon",
    "floatx",
    "image_data_format",
    "set_dtype_policy",
    "set_epsilon",
    "set_floatx",
    "set_image_data_format",
]


class DTypePolicy(_Policy):
    """See `impl.shared.policies.DTypePolicy`. Without a name it is of `floatx`."""

    def __init__(self, name: str | None = None, source_name: str | None = None) -> None:
        super().__init__(SETTINGS.floatx() if name is None else name)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.name == self.name


SETTINGS = Settings(DTypePolicy, ("float16", "bfloat16", "float32", "float64"), keeps_first=True)

dtype_policy = SETTINGS.dtype_policy
epsilon = SETTINGS.epsilon
floatx = SETTINGS.floatx
image_data_format = SETTINGS.image_data_format
set_dtype_policy = SETTINGS.set_dtype_policy
set_epsilon = SETTINGS.set_epsilon
set_floatx = SETTINGS.set_floatx
set_image_data_format = SETTINGS.set_image_data_format
