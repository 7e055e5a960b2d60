"""What every subject offers, wherever it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Protocol

from conformance.model import Case, Outcome

# The generator with which official Keras draws the golden random numbers: TensorFlow's stateless one,
# outside XLA. A subject with another generator is not asked for the same numbers.
OFFICIAL_DRAWS: Final = "tensorflow"


# How a subject says of a step that it is none of what it sets out to do.
OUTSIDE: Final = "is outside of what it does"


class Mode(StrEnum):
    """How a TensorFlow subject executes the `call` step."""

    EAGER = "eager"
    GRAPH = "graph"
    XLA = "xla"


@dataclass(frozen=True, slots=True)
class Place:
    """Where backends of Keras are looked for.

    Attributes:
        here: in this Python alone; no environment is made.
        module: what makes a backend known to Keras when it is imported, instead of `keras_NAME`.

    """

    here: bool = False
    module: str | None = None


# In this Python, or else in an environment that is made for them.
ANYWHERE: Final = Place()


class NotOffered(Exception):
    """The subject does not have what a case asks about."""


class Subject(Protocol):
    """An implementation under test that speaks one dialect."""

    @property
    def name(self) -> str:
        """The name that the user gave, with the dialect: `impl.keras3`, for example."""
        ...

    @property
    def dialect(self) -> str:
        """`keras2` or `keras3`."""
        ...

    @property
    def tensors(self) -> str:
        """The library of its tensors: `tensorflow`, `numpy`, or another name."""
        ...

    @property
    def draws(self) -> str:
        """The generator of its random numbers: `OFFICIAL_DRAWS`, or another name."""
        ...

    def provenance(self) -> Mapping[str, Any]:
        """What runs, and on what: package, version, platform."""
        ...

    def answer(self, case: Case) -> list[Outcome]:
        """The outcome of each step, up to and including the first that has no values."""
        ...


def is_official(name: str) -> bool:
    """Whether a subject of this name wants to be official Keras, right or wrong: `impl`, Keras itself, its versions.

    Keras on another backend does not: TensorFlow's refusals and roundings are none of its promises.
    """
    package = name.partition("==")[0].partition(".")[0]
    return package in ("impl", "keras", "tf_keras") and "@" not in name
