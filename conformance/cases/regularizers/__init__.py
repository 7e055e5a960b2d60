"""The cases of the weight regularizers.

Sources: the Keras documentation "Layer weight regularizers" (Keras 3 and Keras 2), and what the
official packages were seen to do.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.cases.regularizers import (
    documented,
    identifiers,
    orthogonal,
    others,
    serialization,
    settings_global,
    sizes,
    sums,
)
from conformance.cases.regularizers.common import SUMS
from conformance.cases.rows import flagged
from conformance.model import Case

__all__ = ["rows"]


def rows() -> Iterator[Case]:
    """Every case about regularizers."""
    yield from others.base()
    for name in SUMS:
        yield from sums.argument_rows(name)
        yield from sums.input_rows(name)
        yield from sums.edge_rows(name)
        yield from sums.rejection_rows(name)
    yield from others.shortcut()
    yield from orthogonal.argument_rows()
    yield from orthogonal.input_rows()
    yield from orthogonal.edge_rows()
    yield from orthogonal.rejection_rows()
    yield from others.description()
    yield from identifiers.identifiers()
    yield from serialization.serialization()
    yield from documented.documented()
    yield from sizes.rows()
    yield from flagged("setting", settings_global.rows())
