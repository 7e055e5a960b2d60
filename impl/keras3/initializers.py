"""`keras.initializers` of Keras 3."""

from typing import Any

import numpy as np
import tensorflow as tf

from impl.keras3 import random
from impl.keras3.config import SETTINGS
from impl.keras3.saving import REGISTRY
from impl.shared import fixed_initializers as fixed
from impl.shared import initializer as shared
from impl.shared import random_initializers as drawn
from impl.shared.saving import by_name, exported


class Initializer(shared.Initializer):
    """See `impl.shared.initializer.Initializer`."""

    _rules = shared.Rules(SETTINGS)
    _constants = fixed.Constants(save=REGISTRY.serialize_keras_object)
    _draws = drawn.Draws(random.read_seed, REGISTRY.serialize_keras_object, random.next_pair)


class Zeros(fixed.Zeros, Initializer):
    """See `impl.shared.fixed_initializers.Zeros`."""


class Ones(fixed.Ones, Initializer):
    """See `impl.shared.fixed_initializers.Ones`."""


class Constant(fixed.Constant, Initializer):
    """See `impl.shared.fixed_initializers.Constant`."""


class Identity(fixed.Identity, Initializer):
    """See `impl.shared.fixed_initializers.Identity`."""


class RandomUniform(drawn.RandomUniform, Initializer):
    """See `impl.shared.random_initializers.RandomUniform`."""


class RandomNormal(drawn.RandomNormal, Initializer):
    """See `impl.shared.random_initializers.RandomNormal`."""


class TruncatedNormal(drawn.TruncatedNormal, Initializer):
    """See `impl.shared.random_initializers.TruncatedNormal`."""


class VarianceScaling(drawn.VarianceScaling, Initializer):
    """See `impl.shared.random_initializers.VarianceScaling`."""


class GlorotNormal(drawn.GlorotNormal, Initializer):
    """See `impl.shared.random_initializers.GlorotNormal`."""


class GlorotUniform(drawn.GlorotUniform, Initializer):
    """See `impl.shared.random_initializers.GlorotUniform`."""


class HeNormal(drawn.HeNormal, Initializer):
    """See `impl.shared.random_initializers.HeNormal`."""


class HeUniform(drawn.HeUniform, Initializer):
    """See `impl.shared.random_initializers.HeUniform`."""


class LecunNormal(drawn.LecunNormal, Initializer):
    """See `impl.shared.random_initializers.LecunNormal`."""


class LecunUniform(drawn.LecunUniform, Initializer):
    """See `impl.shared.random_initializers.LecunUniform`."""


class Orthogonal(drawn.Orthogonal, Initializer):
    """See `impl.shared.random_initializers.Orthogonal`."""


class STFT(fixed.STFT, Initializer):
    """See `impl.shared.fixed_initializers.STFT`."""


constant, identity, ones, zeros = Constant, Identity, Ones, Zeros
glorot_normal, glorot_uniform = GlorotNormal, GlorotUniform
he_normal, he_uniform = HeNormal, HeUniform
lecun_normal, lecun_uniform = LecunNormal, LecunUniform
orthogonal, variance_scaling = Orthogonal, VarianceScaling
random_normal, random_uniform, truncated_normal = RandomNormal, RandomUniform, TruncatedNormal
stft = STFT
IdentityInitializer, OrthogonalInitializer, STFTInitializer = Identity, Orthogonal, STFT

_NAMES = by_name(Initializer, *Initializer.__subclasses__())
_NAMES |= {"one": Ones, "zero": Zeros, "normal": RandomNormal, "uniform": RandomUniform}
_NAMES |= {f"{cls.__name__}Initializer": cls for cls in (Identity, Orthogonal, STFT)}
_FAMILY = REGISTRY.family("weight initializer", Initializer, "initializers", _NAMES, custom=True)
REGISTRY.add_built_in("keras", Initializer)
__all__ = exported(vars(), Initializer)
deserialize = _FAMILY.deserialize


def get(identifier: Any) -> Any:
    """The initializer for a name, dict, class or callable: see `Family.get`.

    An array, tensor or variable gives an initializer that returns its values.
    """
    if isinstance(identifier, np.ndarray | np.generic | tf.Tensor | tf.Variable):
        return fixed.fixed_values(identifier)
    return _FAMILY.get(identifier)


def serialize(initializer: Any) -> Any:
    """An initializer as data: see `Family.serialize`."""
    return _FAMILY.serialize(initializer)
