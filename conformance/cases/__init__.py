"""What is asked, as rows: one file per family. No assertions, no implementation."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.cases import constraints, initializers, layers, regularizers
from conformance.model import Case

FAMILIES = (constraints, initializers, regularizers, layers)


def every_case() -> Iterator[Case]:
    """All cases of all families, in a fixed order."""
    for family in FAMILIES:
        yield from family.rows()
