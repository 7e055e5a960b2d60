"""Sequences of operations on layers and models: what happens after the first call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from conformance.cases.layers import (
    sequences_constraints,
    sequences_copies,
    sequences_files,
    sequences_state,
    sequences_training,
)
from conformance.model import Case


def rows() -> Iterator[Case]:
    """Every case of a sequence of operations."""
    for module in (sequences_state, sequences_training, sequences_constraints):
        for case in module.rows():
            yield replace(case, flags=("sequence", *case.flags))
    yield from sequences_files.rows()
    yield from sequences_copies.rows()
