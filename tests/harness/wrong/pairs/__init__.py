"""Wrong subjects with right twins: by what a run could take for right, or for wrong, by mistake."""

from __future__ import annotations

from typing import Final

from wrong.pairs import (
    answering,
    dtypes,
    numbers,
    optimizers,
    published,
    published_models,
    refused,
    sequences,
    sizes,
    state,
    surroundings,
    training,
)
from wrong.pairs.making import Pair

PAIRS: Final[tuple[Pair, ...]] = (
    *refused.PAIRS,
    *numbers.PAIRS,
    *optimizers.PAIRS,
    *answering.PAIRS,
    *dtypes.PAIRS,
    *sequences.PAIRS,
    *sizes.PAIRS,
    *state.PAIRS,
    *surroundings.PAIRS,
    *training.PAIRS,
    *published.PAIRS,
    *published_models.PAIRS,
)
