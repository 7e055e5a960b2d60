"""`Layer`: the base class, and the layers that the documents and users derive from it."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.cases.layers import base_calling, base_nesting, base_state
from conformance.model import Case


def rows() -> Iterator[Case]:
    """Every case about the base class."""
    yield from base_state.plain()
    yield from base_state.documented()
    yield from base_state.state()
    yield from base_nesting.nesting()
    yield from base_nesting.adding()
    yield from base_calling.calling()
    yield from base_calling.configs()
    yield from base_calling.rejected()
