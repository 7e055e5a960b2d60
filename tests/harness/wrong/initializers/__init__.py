"""Wrong initializers: one plausible mistake in one place, in official Keras and in the NumPy subject."""

from __future__ import annotations

from typing import Final

import numpy as np
from plain_numpy.initializers import fans_of

from wrong.initializers import description, laws, seeds, values
from wrong.initializers.making import Mistake, call, edited

MISTAKES: Final[tuple[Mistake, ...]] = (
    *laws.MISTAKES,
    *seeds.MISTAKES,
    *values.MISTAKES,
    *description.MISTAKES,
)

# What is no mistake, in the pieces of which mistakes are made: these must pass.
CONTROLS: Final = (
    ("RandomNormal", edited(lambda asked, x: x)),
    ("RandomNormal", laws.normal_where(np.isfinite)),
    ("RandomUniform", call(lambda asked: asked.right(asked.again()))),
    ("HeNormal", laws.spread_of("truncated_normal")),
    ("GlorotUniform", laws.fanned(fans_of)),
    ("Orthogonal", laws.orthogonal()),
    ("Constant", values.by_value(lambda value: value)),
)
