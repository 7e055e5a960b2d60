"""What a subject makes of layers of a model, and of the whole: a Keras in a process of its own, or a program in any language."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np

from conformance.changes.deployed import judging, programs
from conformance.changes.deployed.files import Source
from conformance.changes.deployed.judging import Truth
from conformance.changes.deployed.results import Answer, Node, Status, Told
from conformance.model import Array, Fault
from conformance.subjects.base import Place
from conformance.subjects.saved import structure
from conformance.subjects.saved.client import Worker

# How many layers are asked at a time: what they give lies in files until it is judged.
_AT_A_TIME: Final = 16
Progress = Callable[[int, int], None]
# Starts the worker of a subject, and ends it.
Started = Callable[[str, Place], AbstractContextManager[Worker]]


@dataclass(frozen=True, slots=True)
class Got:
    """What a subject made of a layer.

    Attributes:
        file: its tensors; None where it refuses.
        why: of what is refused. `unsupported`: whether it does not have that at all.
        phase: what it was doing when it refused.
        note: what it makes of the configuration as it was written, where it needed other words for it.

    """

    file: Path | None = None
    dtypes: Mapping[str, str] = field(default_factory=dict)
    why: str = ""
    unsupported: bool = False
    phase: str = "call"
    note: str = ""


class Made(Protocol):
    """What of an examination is needed here."""

    folder: Path
    source: Source
    raw: list[dict[str, Any]]
    nodes: list[Node]
    grows: str

    def asked(self, number: int, out: str) -> dict[str, Any]:
        """The request for one layer."""

    def truths(self, number: int) -> dict[str, Truth]:
        """What a layer should give."""

    def spread(self, name: str) -> dict[str, Truth]:
        """What a tensor inside the whole model should be."""

    def load(self) -> dict[str, Any]:
        """The request to load the model."""

    @property
    def fed(self) -> Path:
        """The file with the inputs."""

    def step(self, done: int) -> None:
        """So many layers more are done."""


class Asked(Protocol):
    """A subject that is asked about a model. `process`: its worker; None of a program, which loads no models."""

    provenance: Mapping[str, Any]
    process: Worker | None

    def layers(self, made: Made, numbers: Sequence[int], out: Path) -> Iterator[tuple[int, Got]]:
        """What it makes of layers; tensors go into files of the folder `out`."""


@contextlib.contextmanager
def asked(name: str, place: Place, started: Started) -> Iterator[Asked]:
    """A subject, ended afterwards; UsageError where there is none of this name."""
    if programs.is_program(name):
        with programs.started(name) as subject:
            yield _Program(subject)
        return
    with started(name, place) as worker:
        yield _Process(worker)


class _Program:
    """A program: each layer is a case."""

    process: Worker | None = None

    def __init__(self, subject: Any) -> None:
        self._subject = subject
        self.provenance: Mapping[str, Any] = subject.provenance()

    def layers(self, made: Made, numbers: Sequence[int], out: Path) -> Iterator[tuple[int, Got]]:
        for n in numbers:
            told = programs.layer(made.raw[n], self._subject, out / f"{n}.npz")
            yield n, _got(told, out / f"{n}.npz")
            made.step(1)


class _Process:
    """A Keras in a process of its own."""

    def __init__(self, process: Worker) -> None:
        self.process: Worker | None = process
        self._worker = process
        self.provenance: Mapping[str, Any] = process.hello.get("provenance", {})

    def layers(self, made: Made, numbers: Sequence[int], out: Path) -> Iterator[tuple[int, Got]]:
        for chunk in parts(numbers):
            able = [n for n in chunk if "alone" not in made.raw[n]]
            asked = [made.asked(n, str((out / f"{n}.npz").relative_to(made.folder))) for n in able]
            answer = self._worker.ask("layers", asked=asked) if asked else {"layers": []}
            if "layers" not in answer:
                # The process ended: which of them did it shows when each is asked alone.
                each = [self._worker.ask("layers", asked=[one]) for one in asked]
                answer = {"layers": [one.get("layers", [one])[0] for one in each]}
            for n, got in zip(able, answer["layers"], strict=True):
                yield n, _got(got, out / f"{n}.npz")
            for n in chunk:
                if "alone" in made.raw[n]:
                    yield n, _got({"unsupported": alone(made.raw[n])}, out)
            made.step(len(chunk))


def alone(raw: Mapping[str, Any]) -> str:
    """Why a layer is asked by nobody."""
    return f"it cannot be asked alone: {raw['alone']}"


def _got(told: Mapping[str, Any], file: Path) -> Got:
    phase = str(told.get("in", "call"))
    if "unsupported" in told:
        return Got(why=str(told["unsupported"]), unsupported=True, phase=phase)
    if "raised" in told:
        return Got(why=str(told["raised"]), phase=phase)
    return Got(file, told["dtypes"], note=str(told.get("note", "")))


def judged(made: Made, number: int, got: Got) -> Answer:
    """What a subject made of a layer, judged."""
    if got.unsupported:
        return Answer(Status.UNSUPPORTED, why=got.why)
    if got.file is None:
        return Answer(Status.RAISED, fault=Fault.SUBJECT, why=f"raises {got.why}")
    found = structure.load(got.file)
    got.file.unlink()
    raw = made.raw[number]
    return judging.judged(
        found,
        structure.load(raw["result"]),
        made.truths(number),
        (got.dtypes, raw["dtypes"]),
        made.nodes[number].official,
    )


def whole(made: Made, subject: Asked, told: Told) -> None:
    """The whole model on the subject, against float64 with the errors that all layers may make."""
    if subject.process is None:
        told.whole = Answer(Status.UNSUPPORTED, why="a program is asked layer by layer alone")
        return
    if made.grows:
        told.whole = Answer(Status.UNSUPPORTED, why=f"no budget for the whole: {made.grows}")
        return
    folder = made.folder / "whole"
    folder.mkdir(exist_ok=True)
    got, told.note, keys = ran(made, subject.process, folder)
    if got.file is None:
        foreign = subject.process.hello.get("dialect") not in (None, made.source.dialect)
        if got.phase == "load" and foreign:
            # Nobody promises that one dialect reads the files of the other.
            why = f"does not read the file: {got.why}"
            told.whole = Answer(Status.UNSUPPORTED, why=why)
        elif got.unsupported:
            told.whole = Answer(Status.UNSUPPORTED, why=got.why)
        else:
            told.whole = Answer(Status.RAISED, fault=Fault.SUBJECT, why=f"raises {got.why}")
        return
    numbers = {node.key: node.number for node in made.nodes}
    for place, key in enumerate(keys):
        if key in numbers:
            told.grown[numbers[key]] = _grown(
                structure.load(folder / f"{place}.npz"), made.spread(f"{numbers[key]}")
            )
    found, right = structure.load(got.file), made.spread("outputs")
    told.whole = outputs(found, right, structure.load(made.folder / "outputs.npz"))


def ran(made: Made, process: Worker, folder: Path) -> tuple[Got, str, list[str]]:
    """What the whole model gives on a subject; how it came to the model, where not by the file; and the calls inside."""
    answer = process.ask("load", **made.load())
    note = str(answer.get("note", ""))
    if "inputs" not in answer:
        return _got({"in": "load", **answer}, folder), note, []
    answer = process.ask("whole", inputs=str(made.fed), folder=str(folder))
    if "keys" not in answer:
        return _got(answer, folder), note, []
    return Got(folder / "outputs.npz"), note, list(answer["keys"])


def _grown(found: Mapping[str, Array], right: Mapping[str, Truth]) -> tuple[float, float]:
    pairs = [
        judging.off(found[name], each)
        for name, each in right.items()
        if name in found and found[name].shape == each.value.shape
    ]
    return max((r for r, _ in pairs), default=0.0), max((e for _, e in pairs), default=0.0)


def outputs(
    found: Mapping[str, Array], right: Mapping[str, Truth], official: Mapping[str, Array]
) -> Answer:
    """What a subject makes of the whole model, by its outputs."""
    for name, each in official.items():
        if name not in found or found[name].shape != each.shape:
            had = found[name].shape if name in found else "none"
            why = f"gives an output of the shape {had} instead of {each.shape}"
            return Answer(Status.OVER, np.inf, np.inf, Fault.SUBJECT, why)
    same = dict.fromkeys(official, "")
    return judging.judged(found, official, right, (same, same), judging.itself(official, right))


def parts(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    """The numbers of layers, a few at a time."""
    for start in range(0, len(numbers), _AT_A_TIME):
        yield numbers[start : start + _AT_A_TIME]
