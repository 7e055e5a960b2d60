"""What is asked, as rows: a folder for each family. No assertions, no implementation.

Others ask for `every_case()`, for the formulas of `inputs`, the `coverage` of arguments, or the `levels` of cases. Who makes cases of their own has `rows`, `steps` and `references`. Imports `model` only.
"""

from __future__ import annotations

from functools import cache

from conformance.cases import constraints, initializers, layers, regularizers
from conformance.model import Case

__all__ = ["FAMILIES", "coverage", "every_case", "inputs", "levels", "references", "rows", "steps"]

FAMILIES = (constraints, initializers, regularizers, layers)


@cache
def every_case() -> tuple[Case, ...]:
    """All cases of all families, in a fixed order."""
    return tuple(case for family in FAMILIES for case in family.rows())
