"""`keras.constraints` of Keras 3."""

from collections.abc import Mapping
from typing import Any

from impl.keras3.dialect import DIALECT
from impl.keras3.saving import REGISTRY
from impl.shared import constraints as shared
from impl.shared.saving import Family, by_name

__all__ = [
    "Constraint",
    "MaxNorm",
    "MinMaxNorm",
    "NonNeg",
    "UnitNorm",
    "deserialize",
    "get",
    "max_norm",
    "min_max_norm",
    "non_neg",
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


max_norm = MaxNorm
min_max_norm = MinMaxNorm
non_neg = NonNeg
unit_norm = UnitNorm

_CLASSES = (Constraint, MaxNorm, MinMaxNorm, NonNeg, UnitNorm)
REGISTRY.add_built_in("keras.constraints", *_CLASSES)
_FAMILY = Family(
    "constraint", Constraint, by_name(*_CLASSES), REGISTRY, DIALECT, finds_custom_names=False
)


def get(identifier: Any) -> Any:
    """The constraint for a name, dict, class or callable: see `Family.get`."""
    return _FAMILY.get(identifier)


def serialize(constraint: Any) -> Any:
    """A constraint as data: see `Family.serialize`."""
    return _FAMILY.serialize(constraint)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """A constraint from data: see `Family.deserialize`."""
    return _FAMILY.deserialize(config, custom_objects)
