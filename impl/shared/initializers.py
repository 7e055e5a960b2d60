"""Weight initializers: callables that give a weight its first values.

Source: https://keras.io/api/layers/initializers/ and its Keras 2 edition. Every class is called
with a `shape` (sizes, or an integer tensor) and a `dtype` (None: float32) and returns a tensor of
them. Random ones return the same values on each call for the same seed; see `Dialect.read_seed`
for what a seed may be. A bad argument is a TypeError or ValueError, of the constructor where the
value alone tells, otherwise of the call.
"""

from impl.shared.fixed_initializers import STFT, Constant, Identity, Ones, Zeros, fixed_values
from impl.shared.initializer import BuiltIn, Initializer
from impl.shared.random_initializers import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    Orthogonal,
    Preset,
    Random,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
    VarianceScaling,
    any_seed,
    as_given,
    fresh_seed,
)

__all__ = [
    "STFT",
    "BuiltIn",
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Identity",
    "Initializer",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "Orthogonal",
    "Preset",
    "Random",
    "RandomNormal",
    "RandomUniform",
    "TruncatedNormal",
    "VarianceScaling",
    "Zeros",
    "any_seed",
    "as_given",
    "fixed_values",
    "fresh_seed",
]
