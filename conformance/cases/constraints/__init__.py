"""The cases of the weight constraints.

Sources: the Keras documentation "Layer weight constraints" (Keras 3 and Keras 2), and what the
official packages were seen to do.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.cases.constraints import documented, identifiers, norms, others
from conformance.cases.constraints.common import KERAS2, NORMS, description
from conformance.model import Case

__all__ = ["rows"]


def rows() -> Iterator[Case]:
    """Every case about constraints."""
    yield from others.base()
    for name in NORMS:
        yield from norms.argument_rows(name)
        yield from norms.input_rows(name)
        yield from norms.edge_rows(name)
        yield from norms.rejection_rows(name)
        yield from description(name, NORMS[name])
    yield from others.non_negative()
    yield from description("NonNeg", {})
    yield from others.radial()
    yield from description("RadialConstraint", {}, KERAS2)
    yield from identifiers.identifiers()
    yield from identifiers.serialization()
    yield from documented.documented()
