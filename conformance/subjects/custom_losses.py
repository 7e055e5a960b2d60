"""A loss, or a metric, that is a plain function."""

from __future__ import annotations

from typing import Any


def gap(y_true: Any, y_pred: Any) -> Any:
    """The magnitude of each difference, in the shape of the predictions."""
    return abs(y_true - y_pred)
