"""Sequences of operations on layers and models: what happens after the first call."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.cases.layers import (
    sequences_constraints,
    sequences_copies,
    sequences_files,
    sequences_optimizers,
    sequences_state,
    sequences_training,
)
from conformance.cases.rows import flagged, trimmed
from conformance.model import Case


def rows() -> Iterator[Case]:
    """Every case of a sequence of operations."""
    for module in (
        sequences_state,
        sequences_training,
        sequences_constraints,
        sequences_optimizers,
    ):
        yield from flagged("sequence", module.rows())
    for module in (sequences_files, sequences_copies):
        yield from map(trimmed, module.rows())
