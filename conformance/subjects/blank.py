"""A namespace that computes next to nothing: what its cases cost is the cost of asking."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

conformance_tensors = "numpy"


class NonNeg:
    """Gives back what it is given."""

    def __call__(self, w: Any) -> Any:
        return w


constraints = SimpleNamespace(NonNeg=NonNeg)
