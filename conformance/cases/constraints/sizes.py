"""Constraints of weights of the sizes that networks have, odd ones included; 64 elements are asked of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from conformance.cases import rows as forms
from conformance.cases.constraints.common import Rows
from conformance.cases.constraints.others import NON_NEGATIVE, RADIAL
from conformance.cases.inputs import large
from conformance.cases.steps import CALL_SAMPLED
from conformance.model import FLOATS, Case

# The kernel of a Dense of 513 inputs, one whose rows are normed, and that of a convolution.
_SHAPES: Final[Sequence[tuple[tuple[int, ...], Any]]] = (
    ((513, 257), 0),
    ((257, 513), 1),
    ((7, 7, 3, 67), [0, 1, 2]),
)
# Norms are about 13, 13 and 7: some are over, some under the bounds.
_BOUNDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "MaxNorm": {"max_value": 7.0},
    "MinMaxNorm": {"min_value": 7.0, "max_value": 9.0, "rate": 0.75},
    "UnitNorm": {},
}


def rows() -> Iterator[Case]:
    """Every constraint, of several sizes, in every dtype."""
    for dtype in FLOATS:
        for name, bounds in _BOUNDS.items():
            for shape, axis in _SHAPES:
                row = Rows(name, arguments={**bounds, "axis": axis}, flags="large")
                detail = f"{forms.sizes(shape)}-axis={row.text(axis)}-{dtype}"
                yield row("large", detail, CALL_SAMPLED, inputs=large(shape, dtype))
        for made, shapes in (
            (NON_NEGATIVE, ((513, 257), (7, 7, 3, 67))),
            (RADIAL, ((8, 8, 5, 7), (33, 33, 2, 3))),
        ):
            given = {forms.sizes(shape): large(shape, dtype) for shape in shapes}
            yield from made.table("large", given, CALL_SAMPLED, suffix=f"-{dtype}", flags="large")
