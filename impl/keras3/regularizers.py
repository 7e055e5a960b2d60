"""`keras.regularizers` of Keras 3."""

from functools import partial
from typing import Any

from impl.core import penalties
from impl.keras3.config import SETTINGS
from impl.keras3.saving import REGISTRY
from impl.shared import regularizers as shared
from impl.shared.saving import by_name, exported


class Regularizer(shared.Regularizer):
    """See `impl.shared.regularizers.Regularizer`."""

    _factors = shared.Factors(lambda squares: penalties.bounded(squares, SETTINGS.epsilon()))


class L1(shared.L1, Regularizer):
    """See `impl.shared.regularizers.L1`."""


class L2(shared.L2, Regularizer):
    """See `impl.shared.regularizers.L2`."""


class L1L2(shared.L1L2, Regularizer):
    """See `impl.shared.regularizers.L1L2`."""


class OrthogonalRegularizer(shared.OrthogonalRegularizer, Regularizer):
    """See `impl.shared.regularizers.OrthogonalRegularizer`."""


l1, l2, l1_l2 = L1, L2, L1L2
orthogonal_regularizer = OrthogonalRegularizer


# What the identifier "l1_l2" stands for: its defaults are not those of the class.
_NAMES = by_name(Regularizer, *Regularizer.__subclasses__())
_NAMES["l1_l2"] = partial(L1L2, l1=0.01, l2=0.01)
_FAMILY = REGISTRY.family("regularizer", Regularizer, "regularizers", _NAMES, custom=False)
__all__ = exported(vars(), Regularizer)
get, deserialize = _FAMILY.get, _FAMILY.deserialize


def serialize(regularizer: Any) -> Any:
    """A regularizer as data: see `Family.serialize`."""
    return _FAMILY.serialize(regularizer)
