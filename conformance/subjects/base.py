"""What every subject is, wherever it runs."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Protocol

from conformance.model import Case, Outcome


class Mode(StrEnum):
    """How a TensorFlow subject executes the `call` step."""

    EAGER = "eager"
    GRAPH = "graph"
    XLA = "xla"


class Subject(Protocol):
    """An implementation under test that speaks one dialect."""

    @property
    def name(self) -> str:
        """What the user called it, with its dialect, as `impl.keras3`."""
        ...

    @property
    def dialect(self) -> str:
        """`keras2` or `keras3`."""
        ...

    @property
    def tensors(self) -> str:
        """`tensorflow` or `numpy`: what its tensors are."""
        ...

    def provenance(self) -> Mapping[str, Any]:
        """What was run, on what: package, version, platform."""
        ...

    def answer(self, case: Case) -> list[Outcome]:
        """The outcome of each step, up to and with the first that gave no values."""
        ...
