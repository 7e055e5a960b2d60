"""`keras.initializers` of Keras 3."""

from typing import Any

import numpy as np
import tensorflow as tf

from impl.core import sampling
from impl.keras3 import random
from impl.keras3.saving import REGISTRY
from impl.shared import fixed_initializers as fixed
from impl.shared import initializer as shared
from impl.shared import random_initializers as drawn
from impl.shared.saving import Custom, Family, by_name, exported, read_value


class Initializer(shared.Initializer):
    """See `impl.shared.initializer.Initializer`."""

    _rules = shared.Rules()
    _constants = fixed.Constants(
        fill=sampling.broadcast, save=REGISTRY.serialize_keras_object, read=read_value
    )
    _draws = drawn.Draws(
        read_seed=random.read_seed,
        save_seed=REGISTRY.serialize_keras_object,
        seed_pair=random.next_pair,
        seed_attribute_is_saved=False,
        reuse_warns=False,
        uniform_bound=sampling.recast_scalar,
        none_maxval_is_one=False,
        fan_axes=True,
    )


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


zeros = Zeros
ones = Ones
constant = Constant
identity = Identity
random_uniform = RandomUniform
random_normal = RandomNormal
truncated_normal = TruncatedNormal
variance_scaling = VarianceScaling
glorot_normal = GlorotNormal
glorot_uniform = GlorotUniform
he_normal = HeNormal
he_uniform = HeUniform
lecun_normal = LecunNormal
lecun_uniform = LecunUniform
orthogonal = Orthogonal
stft = STFT
IdentityInitializer = Identity
OrthogonalInitializer = Orthogonal
STFTInitializer = STFT

_CLASSES = Initializer.__subclasses__()
_NAMES = by_name(Initializer, *_CLASSES)
_NAMES |= {"one": Ones, "zero": Zeros, "normal": RandomNormal, "uniform": RandomUniform}
_NAMES |= {f"{cls.__name__}Initializer": cls for cls in (Identity, Orthogonal, STFT)}
REGISTRY.add_built_in("keras", Initializer)
REGISTRY.add_built_in("keras.initializers", *_CLASSES)
_FAMILY = Family("weight initializer", Initializer, _NAMES, REGISTRY, finds_custom_names=True)
__all__ = exported(vars(), Initializer)


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


def deserialize(config: Any, custom_objects: Custom = None) -> Any:
    """An initializer from data: see `Family.deserialize`."""
    return _FAMILY.deserialize(config, custom_objects)
