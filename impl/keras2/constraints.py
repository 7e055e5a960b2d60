"""`tf.keras.constraints` of Keras 2."""

from collections.abc import Mapping
from typing import Any

from impl.keras2.dialect import DIALECT
from impl.keras2.saving import REGISTRY
from impl.shared import constraints as shared
from impl.shared.saving import Family, by_name

__all__ = [
    "Constraint",
    "MaxNorm",
    "MinMaxNorm",
    "NonNeg",
    "RadialConstraint",
    "UnitNorm",
    "deserialize",
    "get",
    "max_norm",
    "min_max_norm",
    "non_neg",
    "radial_constraint",
    "serialize",
    "unit_norm",
]


class Constraint(shared.Constraint):
    """See `impl.shared.constraints.Constraint`."""

    dialect = DIALECT


class MaxNorm(shared.MaxNorm, Constraint):
    """See `impl.shared.constraints.MaxNorm`."""


class MinMaxNorm(shared.MinMaxNorm, Constraint):
    """See `impl.shared.constraints.MinMaxNorm`."""


class NonNeg(shared.NonNeg, Constraint):
    """See `impl.shared.constraints.NonNeg`."""


class UnitNorm(shared.UnitNorm, Constraint):
    """See `impl.shared.constraints.UnitNorm`."""


class RadialConstraint(shared.RadialConstraint, Constraint):
    """See `impl.shared.constraints.RadialConstraint`."""


max_norm = MaxNorm
min_max_norm = MinMaxNorm
non_neg = NonNeg
unit_norm = UnitNorm
radial_constraint = RadialConstraint

_CLASSES = (MaxNorm, MinMaxNorm, NonNeg, RadialConstraint, UnitNorm)
_NAMES = by_name(*_CLASSES) | {
    "Constraint": Constraint,
    "maxnorm": MaxNorm,
    "nonneg": NonNeg,
    "unitnorm": UnitNorm,
}
REGISTRY.add_built_in("keras.constraints", Constraint, *_CLASSES)
_FAMILY = Family("constraint", Constraint, _NAMES, REGISTRY, DIALECT, finds_custom_names=True)


def get(identifier: Any) -> Any:
    """The constraint for a name, dict or callable: see `Family.get`."""
    return _FAMILY.get(identifier)


def serialize(constraint: Any, use_legacy_format: bool = False) -> Any:
    """A constraint as data: see `Family.serialize` and `Family.serialize_legacy`."""
    if use_legacy_format:
        return _FAMILY.serialize_legacy(constraint)
    return _FAMILY.serialize(constraint)


def deserialize(
    config: Any,
    custom_objects: Mapping[str, Any] | None = None,
    use_legacy_format: bool = False,
) -> Any:
    """A constraint from data: see `Family.deserialize` and `Family.deserialize_legacy`."""
    if use_legacy_format:
        return _FAMILY.deserialize_legacy(config, custom_objects)
    return _FAMILY.deserialize(config, custom_objects)
