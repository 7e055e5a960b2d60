"""Programs in any language as subjects: each layer is a case of the worker protocol."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from conformance.changes.deployed import truth
from conformance.model import Raised, Returned, Tensor, Unsupported
from conformance.subjects import resolve
from conformance.subjects.saved import structure

# So many numbers fit into a line of the protocol.
_MOST: Final = 400_000


def is_program(name: str) -> bool:
    """Whether a subject is asked by cases alone."""
    return name.startswith("command:") or name.partition("@")[0] == "tfjs"


@contextlib.contextmanager
def started(name: str) -> Iterator[Any]:
    """The program, ended afterwards."""
    (subject,) = resolve(name)
    try:
        yield subject
    finally:
        if hasattr(subject, "close"):
            subject.close()


def layer(raw: Mapping[str, Any], subject: Any, out: Path) -> dict[str, Any]:
    """What a program makes of a layer: its dtypes, with the tensor in the file `out`; or why there is none."""
    if "alone" in raw:
        return {"unsupported": f"it cannot be asked alone: {raw['alone']}"}
    held, arrays = structure.load(raw["weights"]), structure.load(raw["inputs"])
    official = structure.load(raw["result"])
    sizes = [each.size for each in (*held.values(), *arrays.values(), *official.values())]
    if sum(sizes) > _MOST:
        return {"unsupported": f"more than {_MOST:,} numbers fit no line"}
    case = truth.case_of(raw, [held[key] for key in sorted(held)], arrays)
    if isinstance(case, str):
        return {"unsupported": case}
    outcome = subject.answer(case)[-1]
    if isinstance(outcome, Unsupported):
        return {"unsupported": outcome.reason}
    if isinstance(outcome, Raised) and outcome.category == "not-implemented":
        return {"unsupported": outcome.message}
    if not isinstance(outcome, Returned):
        why = getattr(outcome, "message", "") or getattr(
            outcome, "reason", "does not answer in time"
        )
        return {"raised": why, "in": getattr(outcome, "phase", "call")}
    value = outcome.values.get(truth.VALUE)
    if not isinstance(value, Tensor):
        return {"raised": "gives no tensor"}
    structure.save(out, {truth.VALUE: value.values()})
    return {"dtypes": {truth.VALUE: value.dtype}}
