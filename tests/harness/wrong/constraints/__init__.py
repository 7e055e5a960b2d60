"""Wrong constraints: official Keras with one plausible mistake in one place."""

from __future__ import annotations

from typing import Final

from wrong.constraints import base, identifiers, nonneg, norm_arguments, norms, radial
from wrong.constraints.making import Mistake

MISTAKES: Final[tuple[Mistake, ...]] = (
    *norms.MISTAKES,
    *norm_arguments.MISTAKES,
    *nonneg.MISTAKES,
    *radial.MISTAKES,
    *base.MISTAKES,
    *identifiers.MISTAKES,
)
