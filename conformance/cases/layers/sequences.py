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
            yield _trimmed(replace(case, flags=("sequence", *case.flags)))
    for module in (sequences_files, sequences_copies):
        for case in module.rows():
            yield _trimmed(case)


def _trimmed(case: Case) -> Case:
    """Without the inputs that no step needs: tables give all of them an input and its target values."""
    trained = any("target" in step.options for step in case.steps)
    called = any(step.input is not None for step in case.steps)
    return replace(case, inputs=case.inputs[: 2 if trained else 1 if called else 0])
