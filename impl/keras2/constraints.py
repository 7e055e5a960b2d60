"""`tf.keras.constraints` of Keras 2."""

from typing import Any

from impl.core import projections
from impl.keras2.backend import SETTINGS
from impl.keras2.saving import REGISTRY
from impl.shared import constraints as shared
from impl.shared.saving import Custom, by_name, exported


class Constraint(shared.Constraint):
    """See `impl.shared.constraints.Constraint`."""

    _norms = shared.Norms(
        SETTINGS, projections.float_norm, projections.mask_negative, none_is_unbounded=True
    )


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


max_norm, min_max_norm, non_neg, unit_norm = MaxNorm, MinMaxNorm, NonNeg, UnitNorm
radial_constraint = RadialConstraint

_OLDER = {"Constraint": Constraint, "maxnorm": MaxNorm, "nonneg": NonNeg, "unitnorm": UnitNorm}
_NAMES = by_name(*Constraint.__subclasses__()) | _OLDER
_FAMILY = REGISTRY.family("constraint", Constraint, "constraints", _NAMES, custom=True)
__all__ = exported(vars(), Constraint)
get = _FAMILY.get


def serialize(constraint: Any, use_legacy_format: bool = False) -> Any:
    """A constraint as data: see `Family.serialize`."""
    return _FAMILY.serialize(constraint, use_legacy_format)


def deserialize(config: Any, custom_objects: Custom = None, use_legacy_format: bool = False) -> Any:
    """A constraint from data: see `Family.deserialize_either`."""
    return _FAMILY.deserialize_either(config, custom_objects, use_legacy_format)
