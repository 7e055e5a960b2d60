"""`tf.keras.regularizers` of Keras 2."""

from typing import Any

import tensorflow as tf

from impl.core import penalties
from impl.keras2.backend import SETTINGS
from impl.keras2.saving import REGISTRY
from impl.shared import regularizers as shared
from impl.shared.saving import Custom, by_name, exported


def _renamed(factor: Any, legacy: dict[str, Any]) -> Any:
    factor = legacy.pop("l", factor)
    if legacy:
        raise TypeError(f"a regularizer must be given no other keywords, got {legacy!r}")
    return factor


class Regularizer(shared.Regularizer):
    """See `impl.shared.regularizers.Regularizer`."""

    _factors = shared.Factors(
        invert=penalties.floored,
        absolute=penalties.absolute,
        square=penalties.halved_square,
        l1_l2_needs_floats=True,
        without_factors=(tf.complex64, tf.complex128),
        may_be_negative=True,
        may_be_infinite=True,
        exact=(),
        rounded_to=SETTINGS.floatx,
    )


class L1(shared.L1, Regularizer):
    """See `impl.shared.regularizers.L1`. The factor may be given as `l`, its name in Keras 1."""

    def __init__(self, l1: Any = 0.01, **legacy: Any) -> None:
        super().__init__(_renamed(l1, legacy))


class L2(shared.L2, Regularizer):
    """See `impl.shared.regularizers.L2`. The factor may be given as `l`, its name in Keras 1."""

    def __init__(self, l2: Any = 0.01, **legacy: Any) -> None:
        super().__init__(_renamed(l2, legacy))


class L1L2(shared.L1L2, Regularizer):
    """See `impl.shared.regularizers.L1L2`."""


class OrthogonalRegularizer(shared.OrthogonalRegularizer, Regularizer):
    """See `impl.shared.regularizers.OrthogonalRegularizer`."""


l1, l2 = L1, L2
orthogonal_regularizer = OrthogonalRegularizer


def l1_l2(l1: Any = 0.01, l2: Any = 0.01) -> L1L2:
    """An `L1L2`, with defaults that are not those of the class."""
    return L1L2(l1, l2)


_CLASSES: list[type] = [Regularizer, *Regularizer.__subclasses__()]
_NAMES = {cls.__name__: cls for cls in _CLASSES} | by_name(L1, L2, OrthogonalRegularizer)
_NAMES |= {"l1_l2": l1_l2}
_FAMILY = REGISTRY.family("regularizer", Regularizer, "regularizers", _NAMES, custom=True)
__all__ = exported(vars(), Regularizer, "l1_l2")
get = _FAMILY.get


def serialize(regularizer: Any, use_legacy_format: bool = False) -> Any:
    """A regularizer as data: see `Family.serialize`."""
    return _FAMILY.serialize(regularizer, use_legacy_format)


def deserialize(config: Any, custom_objects: Custom = None, use_legacy_format: bool = False) -> Any:
    """A regularizer from data: see `Family.deserialize_either`."""
    return _FAMILY.deserialize_either(config, custom_objects, use_legacy_format)
