"""`keras.initializers` of Keras 3."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from impl.keras3.dialect import DIALECT
from impl.keras3.saving import REGISTRY
from impl.shared import initializers as shared
from impl.shared.saving import Family, by_name

__all__ = [
    "STFT",
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Identity",
    "IdentityInitializer",
    "Initializer",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "Orthogonal",
    "OrthogonalInitializer",
    "RandomNormal",
    "RandomUniform",
    "STFTInitializer",
    "TruncatedNormal",
    "VarianceScaling",
    "Zeros",
    "constant",
    "deserialize",
    "get",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "identity",
    "lecun_normal",
    "lecun_uniform",
    "ones",
    "orthogonal",
    "random_normal",
    "random_uniform",
    "serialize",
    "stft",
    "truncated_normal",
    "variance_scaling",
    "zeros",
]


class Initializer(shared.Initializer):
    """See `impl.shared.initializers.Initializer`."""

    dialect = DIALECT


class Zeros(shared.Zeros, Initializer):
    """See `impl.shared.initializers.Zeros`."""


class Ones(shared.Ones, Initializer):
    """See `impl.shared.initializers.Ones`."""


class Constant(shared.Constant, Initializer):
    """See `impl.shared.initializers.Constant`."""


class Identity(shared.Identity, Initializer):
    """See `impl.shared.initializers.Identity`."""


class RandomUniform(shared.RandomUniform, Initializer):
    """See `impl.shared.initializers.RandomUniform`."""


class RandomNormal(shared.RandomNormal, Initializer):
    """See `impl.shared.initializers.RandomNormal`."""


class TruncatedNormal(shared.TruncatedNormal, Initializer):
    """See `impl.shared.initializers.TruncatedNormal`."""


class VarianceScaling(shared.VarianceScaling, Initializer):
    """See `impl.shared.initializers.VarianceScaling`."""


class GlorotNormal(shared.GlorotNormal, Initializer):
    """See `impl.shared.initializers.GlorotNormal`."""


class GlorotUniform(shared.GlorotUniform, Initializer):
    """See `impl.shared.initializers.GlorotUniform`."""


class HeNormal(shared.HeNormal, Initializer):
    """See `impl.shared.initializers.HeNormal`."""


class HeUniform(shared.HeUniform, Initializer):
    """See `impl.shared.initializers.HeUniform`."""


class LecunNormal(shared.LecunNormal, Initializer):
    """See `impl.shared.initializers.LecunNormal`."""


class LecunUniform(shared.LecunUniform, Initializer):
    """See `impl.shared.initializers.LecunUniform`."""


class Orthogonal(shared.Orthogonal, Initializer):
    """See `impl.shared.initializers.Orthogonal`."""


class STFT(shared.STFT, Initializer):
    """See `impl.shared.initializers.STFT`."""


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

_CLASSES = (
    Zeros,
    Ones,
    Constant,
    Identity,
    RandomUniform,
    RandomNormal,
    TruncatedNormal,
    VarianceScaling,
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    Orthogonal,
    STFT,
)
_NAMES = by_name(Initializer, *_CLASSES) | {
    "one": Ones,
    "zero": Zeros,
    "normal": RandomNormal,
    "uniform": RandomUniform,
    "IdentityInitializer": Identity,
    "OrthogonalInitializer": Orthogonal,
    "STFTInitializer": STFT,
}
REGISTRY.add_built_in("keras", Initializer)
REGISTRY.add_built_in("keras.initializers", *_CLASSES)
_FAMILY = Family(
    "weight initializer", Initializer, _NAMES, REGISTRY, DIALECT, finds_custom_names=True
)


def get(identifier: Any) -> Any:
    """The initializer for a name, dict, class or callable: see `Family.get`.

    An array, tensor or variable gives an initializer that returns its values.
    """
    if isinstance(identifier, np.ndarray | np.generic | tf.Tensor | tf.Variable):
        return shared.fixed_values(identifier)
    return _FAMILY.get(identifier)


def serialize(initializer: Any) -> Any:
    """An initializer as data: see `Family.serialize`."""
    return _FAMILY.serialize(initializer)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """An initializer from data: see `Family.deserialize`."""
    return _FAMILY.deserialize(config, custom_objects)
