"""`keras.constraints` of Keras 3."""

from typing import Any

from impl.keras3.config import SETTINGS
from impl.keras3.saving import REGISTRY
from impl.shared import constraints as shared
from impl.shared.saving import by_name, exported


class Constraint(shared.Constraint):
    """See `impl.shared.constraints.Constraint`."""

    _norms = shared.Norms(SETTINGS)


class MaxNorm(shared.MaxNorm, Constraint):
    """See `impl.shared.constraints.MaxNorm`."""


class MinMaxNorm(shared.MinMaxNorm, Constraint):
    """See `impl.shared.constraints.MinMaxNorm`."""


class NonNeg(shared.NonNeg, Constraint):
    """See `impl.shared.constraints.NonNeg`."""


class UnitNorm(shared.UnitNorm, Constraint):
    """See `impl.shared.constraints.UnitNorm`."""


max_norm, min_max_norm, non_neg, unit_norm = MaxNorm, MinMaxNorm, NonNeg, UnitNorm

_NAMES = by_name(Constraint, *Constraint.__subclasses__())
_FAMILY = REGISTRY.family("constraint", Constraint, "constraints", _NAMES, custom=False)
__all__ = exported(vars(), Constraint)
get, deserialize = _FAMILY.get, _FAMILY.deserialize


def serialize(constraint: Any) -> Any:
    """A constraint as data: see `Family.serialize`."""
    return _FAMILY.serialize(constraint)
