"""What is asked, as rows: a folder for each family. No assertions, no implementation.

Others ask for `every_case()`, for the formulas of `inputs`, the `coverage` of arguments, or the `levels` of cases. Who makes cases of their own has `rows`, `steps` and `references`. Imports `model` only.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from types import ModuleType

from conformance.model import Case

__all__ = ["coverage", "every_case", "families", "inputs", "levels", "references", "rows", "steps"]


@cache
def families() -> tuple[ModuleType, ...]:
    """The folders, imported: who only wants to know of levels or inputs needs none of the rows."""
    names = ("constraints", "initializers", "regularizers", "layers")
    return tuple(import_module(f"{__name__}.{name}") for name in names)


@cache
def every_case() -> tuple[Case, ...]:
    """All cases of all families, in a fixed order."""
    return tuple(case for family in families() for case in family.rows())
