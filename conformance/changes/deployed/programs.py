"""Programs in any language as subjects: each layer is a case of the worker protocol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

import numpy as np

from conformance.changes.deployed import judging, truth
from conformance.changes.deployed.judging import Truth
from conformance.changes.deployed.results import Answer, Node, Status, Told
from conformance.model import Fault, Raised, Returned, Tensor, Unsupported
from conformance.subjects import resolve
from conformance.subjects.saved import structure

# So many numbers fit into a line of the protocol.
_MOST: Final = 400_000


class Made(Protocol):
    """What of an examination is needed here."""

    raw: list[dict[str, Any]]
    nodes: list[Node]

    def truths(self, number: int) -> dict[str, Truth]:
        """What a layer should give."""

    def step(self, done: int) -> None:
        """So many layers more are done."""


def is_program(name: str) -> bool:
    """Whether a subject is asked by cases alone."""
    return name.startswith("command:") or name == "tfjs"


def told(made: Made, name: str) -> Told:
    """What a program makes of each layer; it is not asked the whole model."""
    (subject,) = resolve(name)
    found = Told(name, subject.provenance())
    found.whole = Answer(Status.UNSUPPORTED, why="a program is asked layer by layer alone")
    for number, raw in enumerate(made.raw):
        found.layers[number] = _layer(made, number, raw, subject)
        made.step(1)
    if hasattr(subject, "close"):
        subject.close()
    return found


def _layer(made: Made, number: int, raw: Mapping[str, Any], subject: Any) -> Answer:
    if "alone" in raw:
        return Answer(Status.UNSUPPORTED, why=f"it cannot be asked alone: {raw['alone']}")
    held, arrays = structure.load(raw["weights"]), structure.load(raw["inputs"])
    official = structure.load(raw["result"])
    sizes = [each.size for each in (*held.values(), *arrays.values(), *official.values())]
    if sum(sizes) > _MOST:
        return Answer(Status.UNSUPPORTED, why=f"more than {_MOST:,} numbers fit no line")
    case = truth.case_of(raw, [held[key] for key in sorted(held)], arrays)
    if isinstance(case, str):
        return Answer(Status.UNSUPPORTED, why=case)
    outcome = subject.answer(case)[-1]
    if isinstance(outcome, Unsupported):
        return Answer(Status.UNSUPPORTED, why=outcome.reason)
    if isinstance(outcome, Raised) and outcome.category == "not-implemented":
        return Answer(Status.UNSUPPORTED, why=outcome.message)
    if not isinstance(outcome, Returned):
        why = getattr(outcome, "message", "") or getattr(
            outcome, "reason", "does not answer in time"
        )
        return Answer(Status.RAISED, fault=Fault.SUBJECT, why=f"raises {why}")
    value = outcome.values.get(truth.VALUE)
    if not isinstance(value, Tensor):
        return Answer(Status.OVER, np.inf, np.inf, Fault.SUBJECT, "gives no tensor")
    return judging.judged(
        {truth.VALUE: value.values()},
        official,
        made.truths(number),
        ({truth.VALUE: value.dtype}, raw["dtypes"]),
        made.nodes[number].official,
    )
