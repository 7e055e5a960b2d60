"""Penalties of weights of the sizes that networks have: long sums, in every dtype."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from conformance.cases import rows as forms
from conformance.cases.inputs import large
from conformance.cases.regularizers.common import ORTHOGONAL, SUMS, Rows
from conformance.cases.rows import KERAS2
from conformance.cases.steps import CALL
from conformance.model import FLOATS, Case

_SHAPES: Final = ((65537,), (513, 257), (7, 7, 3, 67))
_MATRICES: Final = ((65, 129), (127, 33))


def rows() -> Iterator[Case]:
    """Every penalty, of several sizes, in every dtype; the largest is half of what float16 holds."""
    for dtype in FLOATS:
        for name, factors in SUMS.items():
            row = Rows(name, arguments=factors, flags="large")
            given = {forms.sizes(shape): large(shape, dtype, over=4) for shape in _SHAPES}
            yield from row.table("large", given, CALL, suffix=f"-{dtype}")
        for mode in ("rows", "columns"):
            row = Rows(ORTHOGONAL, arguments={"factor": 0.3, "mode": mode}, flags="large")
            given = {forms.sizes(shape): large(shape, dtype) for shape in _MATRICES}
            if dtype in ("float16", "bfloat16"):
                # Keras 3 has no answer, and beside none a budget of so many terms would take any number.
                row = row.given(dialects=KERAS2)
            yield from row.table("large", given, CALL, suffix=f"-{mode}-{dtype}")
