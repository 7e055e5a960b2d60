"""`tf.keras.regularizers` of Keras 2."""

from collections.abc import Mapping
from typing import Any

from impl.keras2.dialect import DIALECT
from impl.keras2.saving import REGISTRY
from impl.shared import regularizers as shared
from impl.shared.saving import Family

__all__ = [
    "L1",
    "L1L2",
    "L2",
    "OrthogonalRegularizer",
    "Regularizer",
    "deserialize",
    "get",
    "l1",
    "l1_l2",
    "l2",
    "orthogonal_regularizer",
    "serialize",
]


def _renamed(factor: Any, legacy: dict[str, Any]) -> Any:
    factor = legacy.pop("l", factor)
    if legacy:
        raise TypeError(f"a regularizer must be given no other keywords, got {legacy!r}")
    return factor


class Regularizer(shared.Regularizer):
    """See `impl.shared.regularizers.Regularizer`."""

    dialect = DIALECT


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


l1 = L1
l2 = L2
orthogonal_regularizer = OrthogonalRegularizer


def l1_l2(l1: Any = 0.01, l2: Any = 0.01) -> L1L2:
    """An `L1L2`, with defaults that are not those of the class."""
    return L1L2(l1, l2)


_CLASSES = (Regularizer, L1, L2, L1L2, OrthogonalRegularizer)
REGISTRY.add_built_in("keras.regularizers", *_CLASSES)
_NAMES: dict[str, Any] = {
    **{cls.__name__: cls for cls in _CLASSES},
    "l1": L1,
    "l2": L2,
    "l1_l2": l1_l2,
    "orthogonal_regularizer": OrthogonalRegularizer,
}
_FAMILY = Family("regularizer", Regularizer, _NAMES, REGISTRY, DIALECT, finds_custom_names=True)


def get(identifier: Any) -> Any:
    """The regularizer for a name, dict or callable: see `Family.get`."""
    return _FAMILY.get(identifier)


def serialize(regularizer: Any, use_legacy_format: bool = False) -> Any:
    """A regularizer as data: see `Family.serialize` and `Family.serialize_legacy`."""
    if use_legacy_format:
        return _FAMILY.serialize_legacy(regularizer)
    return _FAMILY.serialize(regularizer)


def deserialize(
    config: Any,
    custom_objects: Mapping[str, Any] | None = None,
    use_legacy_format: bool = False,
) -> Any:
    """A regularizer from data: see `Family.deserialize` and `Family.deserialize_legacy`."""
    if use_legacy_format:
        return _FAMILY.deserialize_legacy(config, custom_objects)
    return _FAMILY.deserialize(config, custom_objects)
