"""`tf.keras.backend` of Keras 2: the settings, and the count of names. `Policy` is `mixed_precision.Policy`."""

import random
from typing import Any

from impl.shared.policies import DTypePolicy, Settings
from impl.shared.random_initializers import fresh_seed, set_seeds
from impl.shared.scope import Names

__all__ = ["clear_session", "epsilon", "floatx", "image_data_format"]
__all__ += ["set_epsilon", "set_floatx", "set_image_data_format"]


class Policy(DTypePolicy):
    """See `impl.shared.policies.DTypePolicy`."""

    takes_aliases = True


SETTINGS = Settings(Policy, ("float16", "float32", "float64"), keeps_first=False)

NAMES = Names()


class _Seeds:
    """Where the seeds come from that nobody gave: from Python's generator, until `restart`."""

    _source: Any = random

    def next(self) -> int:
        """The next seed."""
        return fresh_seed(self._source)

    def restart(self, seed: Any) -> None:
        """Seeds all generators: see `set_seeds`. Seeds come from a generator of their own now."""
        set_seeds(seed)
        self._source = random.Random(seed)


SEEDS = _Seeds()

clear_session = NAMES.clear
epsilon = SETTINGS.epsilon
floatx = SETTINGS.floatx
image_data_format = SETTINGS.image_data_format
set_epsilon = SETTINGS.set_epsilon
set_floatx = SETTINGS.set_floatx
set_image_data_format = SETTINGS.set_image_data_format
