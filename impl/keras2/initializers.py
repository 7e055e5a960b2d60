"""`tf.keras.initializers` of Keras 2."""

from collections.abc import Mapping
from typing import Any

from impl.keras2.dialect import DIALECT
from impl.keras2.saving import REGISTRY
from impl.shared import initializers as shared
from impl.shared.saving import Family, by_name

__all__ = [
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
    "RandomNormal",
    "RandomUniform",
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

    def __init__(self, value: Any = 0) -> None:
        super().__init__(value)


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

    def __init__(
        self,
        scale: Any = 1.0,
        mode: Any = "fan_in",
        distribution: Any = "truncated_normal",
        seed: Any = None,
    ) -> None:
        super().__init__(scale, mode, distribution, seed)


class GlorotNormal(shared.GlorotNormal, Initializer):
    """See `impl.shared.initializers.GlorotNormal`."""

    def __init__(self, seed: Any = None) -> None:
        super().__init__(seed)


class GlorotUniform(shared.GlorotUniform, Initializer):
    """See `impl.shared.initializers.GlorotUniform`."""

    def __init__(self, seed: Any = None) -> None:
        super().__init__(seed)


class HeNormal(shared.HeNormal, Initializer):
    """See `impl.shared.initializers.HeNormal`."""

    def __init__(self, seed: Any = None) -> None:
        super().__init__(seed)


class HeUniform(shared.HeUniform, Initializer):
    """See `impl.shared.initializers.HeUniform`."""

    def __init__(self, seed: Any = None) -> None:
        super().__init__(seed)


class LecunNormal(shared.LecunNormal, Initializer):
    """See `impl.shared.initializers.LecunNormal`."""

    def __init__(self, seed: Any = None) -> None:
        super().__init__(seed)


class LecunUniform(shared.LecunUniform, Initializer):
    """See `impl.shared.initializers.LecunUniform`."""

    def __init__(self, seed: Any = None) -> None:
        super().__init__(seed)


class Orthogonal(shared.Orthogonal, Initializer):
    """See `impl.shared.initializers.Orthogonal`."""


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
)
_NAMES = by_name(Initializer, *_CLASSES) | {
    "one": Ones,
    "zero": Zeros,
    "normal": RandomNormal,
    "uniform": RandomUniform,
}
# As TensorFlow 1 and 2 told them apart.
_NAMES |= {f"{cls.__name__}V2": cls for cls in _CLASSES}
_NAMES |= {
    f"{name}V2": _NAMES[name]
    for name in by_name(GlorotNormal, GlorotUniform, HeNormal, HeUniform, LecunNormal, LecunUniform)
}
REGISTRY.add_built_in("keras.initializers", Initializer, *_CLASSES)
_FAMILY = Family(
    "weight initializer", Initializer, _NAMES, REGISTRY, DIALECT, finds_custom_names=True
)


def get(identifier: Any) -> Any:
    """The initializer for a name, dict, class or callable: see `Family.get`."""
    return identifier() if isinstance(identifier, type) else _FAMILY.get(identifier)


def serialize(initializer: Any, use_legacy_format: bool = False) -> Any:
    """An initializer as data: see `Family.serialize` and `Family.serialize_legacy`."""
    if use_legacy_format:
        return _FAMILY.serialize_legacy(initializer)
    return _FAMILY.serialize(initializer)


def deserialize(
    config: Any,
    custom_objects: Mapping[str, Any] | None = None,
    use_legacy_format: bool = False,
) -> Any:
    """An initializer from data: see `Family.deserialize` and `Family.deserialize_legacy`."""
    if use_legacy_format:
        return _FAMILY.deserialize_legacy(config, custom_objects)
    return _FAMILY.deserialize(config, custom_objects)
