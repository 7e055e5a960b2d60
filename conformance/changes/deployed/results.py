"""What was found out about a model: its layers, and what each subject made of each."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from conformance.model import Fault


class Judged(StrEnum):
    """By what a layer is judged."""

    ORACLE = "oracle"  # the suite's own truth of this class
    WIDE = "float64"  # the same layer in float64, on official Keras
    STATED = "stated"  # a tolerance that is stated, with nothing to compute it from


class Status(StrEnum):
    """What became of one layer on one subject."""

    WITHIN = "within"
    OVER = "over"
    RAISED = "raised"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a subject made of one layer, or of the whole model.

    Attributes:
        ratio: the largest error over budget; 1 is the most that rounding explains.
        error: the largest error, relative to the largest magnitude of the tensor.
        fault: whose fault it is, where it is over.
        why: of what is not within.

    """

    status: Status
    ratio: float = 0.0
    error: float = 0.0
    fault: Fault | None = None
    why: str = ""

    @property
    def blamed(self) -> bool:
        """Whether it is the subject's fault."""
        wrong = self.status in (Status.OVER, Status.RAISED)
        return wrong and self.fault is not Fault.OFFICIAL


@dataclass(slots=True)
class Node:
    """One call of a layer.

    Attributes:
        key: the name of the layer; with #2 where it is called again.
        target: the class, as the suite names it.
        judged: by what; `why` explains where it is not by the oracle.
        official: what official Keras itself makes of it.

    """

    number: int
    key: str
    target: str
    shape: tuple[int, ...]
    judged: Judged = Judged.STATED
    why: str = ""
    official: Answer = field(default_factory=lambda: Answer(Status.WITHIN))


@dataclass(slots=True)
class Told:
    """One subject: by number of the layer what it made of it, then the whole model.

    Attributes:
        grown: by number of the layer the error inside the whole model, where the subject shows it: error over budget,
            and relative error.
        known: by class an expectation of the suite that may explain a deviation: reason and link.
        note: how it came to the whole model, where not by the file.
        seconds: how long it took.

    """

    subject: str
    provenance: Mapping[str, Any] = field(default_factory=dict)
    layers: dict[int, Answer] = field(default_factory=dict)
    whole: Answer = field(default_factory=lambda: Answer(Status.UNSUPPORTED))
    grown: dict[int, tuple[float, float]] = field(default_factory=dict)
    known: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    note: str = ""
    seconds: float = 0.0

    def counts(self) -> dict[Status, int]:
        """How many layers have each status."""
        return {s: sum(each.status is s for each in self.layers.values()) for s in Status}

    def blamed(self) -> list[int]:
        """The layers that are this subject's fault, in order."""
        return [number for number, each in sorted(self.layers.items()) if each.blamed]

    def worst(self) -> int | None:
        """The layer with the largest error over budget."""
        asked = {
            n: a.ratio for n, a in self.layers.items() if a.status in (Status.WITHIN, Status.OVER)
        }
        return max(asked, key=lambda n: asked[n]) if asked else None

    @property
    def mute(self) -> bool:
        """Whether it answered nothing."""
        asked = (*self.layers.values(), self.whole)
        return all(each.status is Status.UNSUPPORTED for each in asked)

    @property
    def lost(self) -> bool:
        """Whether something is blamed, or nothing was answered."""
        return bool(self.blamed()) or self.whole.blamed or self.mute


@dataclass(slots=True)
class Examined:
    """A model, its layers, and what each subject made of it.

    Attributes:
        recorded: how many golden vectors were made of it.
        unrecorded: layers that have none, and why.

    """

    path: str
    package: str
    version: str
    written_by: str
    inputs: list[str]
    nodes: list[Node]
    subjects: list[Told] = field(default_factory=list)
    recorded: int = 0
    unrecorded: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    def exit_status(self) -> int:
        """1 where something is blamed, or where a subject answered nothing."""
        return int(any(each.lost for each in self.subjects))

    def official_faults(self) -> list[Node]:
        """The layers at which official Keras itself leaves the budget."""
        return [each for each in self.nodes if each.official.status is Status.OVER]


def shown(ratio: float) -> str:
    """An error over budget in a few characters."""
    if math.isinf(ratio):
        return "inf"
    return f"{ratio:.2g}" if ratio < 100 else f"{ratio:,.0f}"
