"""Sequences of operations on layers and models: what happens after the first call."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.cases.layers import sequences_constraints, sequences_state, sequences_training
from conformance.model import Case


def rows() -> Iterator[Case]:
    """Every case of a sequence of operations."""
    yield from sequences_state.rows()
    yield from sequences_training.rows()
    yield from sequences_constraints.rows()
