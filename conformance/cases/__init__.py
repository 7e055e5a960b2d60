"""What is asked, as rows: one file per family. No assertions, no implementation."""

from __future__ import annotations

from functools import cache

from conformance.cases import constraints, initializers, layers, regularizers
from conformance.model import Case

FAMILIES = (constraints, initializers, regularizers, layers)


@cache
def every_case() -> tuple[Case, ...]:
    """All cases of all families, in a fixed order."""
    return tuple(case for family in FAMILIES for case in family.rows())
