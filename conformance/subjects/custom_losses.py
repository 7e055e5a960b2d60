"""Losses and metrics that are plain functions."""

from __future__ import annotations

from typing import Any, Final


def gap(y_true: Any, y_pred: Any) -> Any:
    """The magnitude of each difference, in the shape of the predictions."""
    return abs(y_true - y_pred)


# A function without a name, which a layer can add as a loss.
nameless: Final = lambda: 0.5  # noqa: E731 because it must have no name
