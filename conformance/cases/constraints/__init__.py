"""The cases of the weight constraints.

Sources: the Keras documentation "Layer weight constraints" (Keras 3 and Keras 2), and what the
official packages were seen to do.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.cases.constraints import (
    documented,
    identifiers,
    norms,
    others,
    settings_epsilon,
    sizes,
)
from conformance.cases.constraints.common import NORMS, description
from conformance.cases.rows import flagged
from conformance.model import Case

__all__ = ["rows"]


def rows() -> Iterator[Case]:
    """Every case about constraints."""
    yield from others.base()
    for name in NORMS:
        yield from norms.rows(name)
    yield from others.non_negative()
    yield from description(others.NON_NEGATIVE, {})
    yield from others.radial()
    yield from description(others.RADIAL, {})
    yield from identifiers.identifiers()
    yield from identifiers.serialization()
    yield from documented.documented()
    yield from sizes.rows()
    yield from flagged("setting", settings_epsilon.rows())
