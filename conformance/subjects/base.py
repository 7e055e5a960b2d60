"""What every subject is, wherever it runs."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, Protocol

from conformance.model import Case, Outcome

# The generator of the numbers that official Keras draws where goldens are recorded: TensorFlow's
# stateless one, outside XLA. A subject with another is not asked for the same numbers.
OFFICIAL_DRAWS: Final = "tensorflow"


class Mode(StrEnum):
    """How a TensorFlow subject executes the `call` step."""

    EAGER = "eager"
    GRAPH = "graph"
    XLA = "xla"


class NotOffered(Exception):
    """The subject does not have what a case asks about."""


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
        """What its tensors are: `tensorflow`, `numpy`, or another library by its name."""
        ...

    @property
    def draws(self) -> str:
        """The generator of its random numbers: `OFFICIAL_DRAWS`, or another name."""
        ...

    def provenance(self) -> Mapping[str, Any]:
        """What was run, on what: package, version, platform."""
        ...

    def answer(self, case: Case) -> list[Outcome]:
        """The outcome of each step, up to and with the first that gave no values."""
        ...
