"""`tf.keras.initializers` of Keras 2."""

from typing import Any

from impl.core import sampling
from impl.keras2.backend import SEEDS, SETTINGS
from impl.keras2.saving import REGISTRY
from impl.shared import fixed_initializers as fixed
from impl.shared import initializer as shared
from impl.shared import random_initializers as drawn
from impl.shared.saving import Custom, as_given, by_name, exported


class Initializer(shared.Initializer):
    """See `impl.shared.initializer.Initializer`."""

    _rules = shared.Rules(
        SETTINGS,
        config_may_have_dtype=True,
        partitions=("partition_shape", "partition_offset", "layout"),
        matrices_need_floats=True,
    )
    _constants = fixed.Constants(fill=sampling.fill, save=as_given, read=as_given)
    _draws = drawn.Draws(
        read_seed=as_given,
        save_seed=as_given,
        seed_pair=sampling.seed_pair,
        fresh=lambda: SEEDS.next(),
        seed_attribute_is_saved=True,
        reuse_warns=True,
        uniform_bound=sampling.scalar,
        none_maxval_is_one=True,
        fan_axes=False,
    )


class _SeedOnly:
    """A constructor without the axes that Keras 3 has."""

    def __init__(self, seed: Any = None) -> None:
        super().__init__(seed)  # type: ignore[call-arg]


class Zeros(fixed.Zeros, Initializer):
    """See `impl.shared.fixed_initializers.Zeros`."""


class Ones(fixed.Ones, Initializer):
    """See `impl.shared.fixed_initializers.Ones`."""


class Constant(fixed.Constant, Initializer):
    """See `impl.shared.fixed_initializers.Constant`."""

    def __init__(self, value: Any = 0) -> None:
        super().__init__(value)


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

    def __init__(
        self,
        scale: Any = 1.0,
        mode: Any = "fan_in",
        distribution: Any = "truncated_normal",
        seed: Any = None,
    ) -> None:
        super().__init__(scale, mode, distribution, seed)


class GlorotNormal(_SeedOnly, drawn.GlorotNormal, Initializer):
    """See `impl.shared.random_initializers.GlorotNormal`."""


class GlorotUniform(_SeedOnly, drawn.GlorotUniform, Initializer):
    """See `impl.shared.random_initializers.GlorotUniform`."""


class HeNormal(_SeedOnly, drawn.HeNormal, Initializer):
    """See `impl.shared.random_initializers.HeNormal`."""


class HeUniform(_SeedOnly, drawn.HeUniform, Initializer):
    """See `impl.shared.random_initializers.HeUniform`."""


class LecunNormal(_SeedOnly, drawn.LecunNormal, Initializer):
    """See `impl.shared.random_initializers.LecunNormal`."""


class LecunUniform(_SeedOnly, drawn.LecunUniform, Initializer):
    """See `impl.shared.random_initializers.LecunUniform`."""


class Orthogonal(drawn.Orthogonal, Initializer):
    """See `impl.shared.random_initializers.Orthogonal`."""


constant, identity, ones, zeros = Constant, Identity, Ones, Zeros
glorot_normal, glorot_uniform = GlorotNormal, GlorotUniform
he_normal, he_uniform = HeNormal, HeUniform
lecun_normal, lecun_uniform = LecunNormal, LecunUniform
orthogonal, variance_scaling = Orthogonal, VarianceScaling
random_normal, random_uniform, truncated_normal = RandomNormal, RandomUniform, TruncatedNormal

_CLASSES = Initializer.__subclasses__()
_NAMES = by_name(Initializer, *_CLASSES)
_NAMES |= {"one": Ones, "zero": Zeros, "normal": RandomNormal, "uniform": RandomUniform}
# As TensorFlow 1 and 2 told them apart.
_PRESETS = [cls for cls in _CLASSES if issubclass(cls, drawn.Preset)]
_NAMES |= {f"{name}V2": cls for name, cls in by_name(*_PRESETS).items()}
_NAMES |= {f"{cls.__name__}V2": cls for cls in _CLASSES}
_FAMILY = REGISTRY.family("weight initializer", Initializer, "initializers", _NAMES, custom=True)
__all__ = exported(vars(), Initializer)


def get(identifier: Any) -> Any:
    """The initializer for a name, dict, class or callable: see `Family.get`."""
    return identifier() if isinstance(identifier, type) else _FAMILY.get(identifier)


def serialize(initializer: Any, use_legacy_format: bool = False) -> Any:
    """An initializer as data: see `Family.serialize`."""
    return _FAMILY.serialize(initializer, use_legacy_format)


def deserialize(config: Any, custom_objects: Custom = None, use_legacy_format: bool = False) -> Any:
    """An initializer from data: see `Family.deserialize_either`."""
    return _FAMILY.deserialize_either(config, custom_objects, use_legacy_format)
