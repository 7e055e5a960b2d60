"""Examines a saved model: official Keras runs it, and each subject is asked each layer, and then the whole."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from conformance.changes.deployed import answering, feeding, judging, known, truth, vectors
from conformance.changes.deployed.answering import Asked, Progress, parts
from conformance.changes.deployed.files import Source, source
from conformance.changes.deployed.judging import Truth
from conformance.changes.deployed.results import Examined, Judged, Node, Told
from conformance.model.errors import UsageError
from conformance.subjects import of_dialect
from conformance.subjects.base import ANYWHERE, Place
from conformance.subjects.saved import structure
from conformance.subjects.saved.client import Worker

# How often the errors of all layers are drawn anew, to see how they grow through the model.
_TRIALS: Final = 6
_MADE_UP: Final = " (inputs that are made up may be none for it; --inputs gives others)"


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for.

    Attributes:
        inputs: a .npz file; None makes them up, from `seed`, for `batch` examples.
        record: the directory for golden vectors of the model.
        imports: modules with classes and functions of the user's own, beside those that the file names.

    """

    path: Path
    subjects: tuple[str, ...]
    inputs: Path | None = None
    code: bool = False
    seed: int = 0
    batch: int = 1
    record: Path | None = None
    imports: tuple[str, ...] = ()
    place: Place = ANYWHERE


class Examination:
    """One model on official Keras: recorded, in float64, and ready for subjects to be compared with."""

    def __init__(
        self, request: Request, folder: Path, progress: Progress, known: Source | None = None
    ) -> None:
        self.request = request
        self.folder = folder
        self.source: Source = known or source(request.path, code=request.code)
        self.file = self._named()
        self._done, self._progress = 0, progress
        self._total = 1
        self.raw: list[dict[str, Any]] = []
        self.nodes: list[Node] = []
        self.inputs: list[str] = []
        self.grows = ""
        self.vectors = vectors.Vectors()

    def trust(self) -> dict[str, Any]:
        """The request to let code run: what is imported, and from where an environment of its own does not look."""
        own = dict.fromkeys((*self.request.imports, *self.source.modules))
        path = [str(Path.cwd()), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
        return {"modules": list(own), "path": [each for each in path if each]}

    def _named(self) -> str:
        """The file under a name that says what it is, whatever the user calls it; the one that is made of a configuration."""
        if self.source.configuration:
            return str(self.folder / "made.keras")
        suffix = ".h5" if self.source.hdf5 else ".keras"
        if self.source.path.suffix in (suffix, ".hdf5" if self.source.hdf5 else suffix):
            return str(self.source.path.resolve())
        link = self.folder / f"model{suffix}"
        link.symlink_to(self.source.path.resolve())
        return str(link)

    def step(self, done: int) -> None:
        """So many layers more are done."""
        self._done += done
        self._progress(self._done, self._total)

    def recorded(self) -> None:
        """Runs the model on official Keras, and each layer in float64."""
        with worker(self.source.package, self.request.place) as official:
            if self.request.code:
                self._must(official.ask("trust", **self.trust()))
            if self.source.configuration:
                self._must(official.ask("make", config=str(self.source.path), file=self.file))
            loaded = self._must(official.ask("load", file=self.file, code=self.request.code))
            asked, request = loaded["inputs"], self.request
            fed = (
                feeding.given(request.inputs, asked)
                if request.inputs
                else feeding.made(asked, request.seed, request.batch, embeds=self._embeds())
            )
            self.inputs = [
                f"{each['name']} {tuple(array.shape)} {array.dtype}"
                for each, array in zip(asked, fed, strict=True)
            ]
            structure.save(self.fed, {f"{n}": each for n, each in enumerate(fed)})
            answer = official.ask("record", inputs=str(self.fed), folder=str(self.folder))
            self.raw = self._must(answer, _MADE_UP if request.inputs is None else "")["nodes"]
            if not self.raw:
                raise UsageError(f"FILE {request.path} has no layer that computes anything")
            self._total = len(self.raw) * (2 + len(request.subjects))
            self._truths(official)
            self.grows = self._spread(official)
            if request.record is not None:
                self.vectors = vectors.record(self.raw, self.source.package, official, self.folder)

    def _embeds(self) -> bool:
        return bool(self.source.uses.used("layers.Embedding"))

    @property
    def fed(self) -> Path:
        """The file with the inputs."""
        return self.folder / "fed.npz"

    def load(self) -> dict[str, Any]:
        """The request to load the model: its file, and its configuration for who does not read that."""
        return {
            "file": self.file,
            "code": self.request.code,
            "described": str(self.folder / "model.json"),
            "weights": str(self.folder / "model.npz"),
        }

    def _must(self, answer: Mapping[str, Any], hint: str = "") -> Mapping[str, Any]:
        why = answer.get("raised") or answer.get("unsupported")
        if why:
            raise UsageError(
                f"FILE {self.request.path} does not run on {self.source.package}: {why}{hint}"
            )
        return answer

    def _truths(self, official: Worker) -> None:
        for chunk in parts(range(len(self.raw))):
            asked = [self.asked(n, f"{n}.wide.npz") for n in chunk if "alone" not in self.raw[n]]
            answer = official.ask("wide", asked=asked) if asked else {"layers": []}
            told = iter(answer.get("layers") or [{"none": answer.get("raised", "")}] * len(asked))
            for n in chunk:
                here = {"none": self.raw[n]["alone"]} if "alone" in self.raw[n] else next(told)
                self.nodes.append(self._settled(n, here))
            self.step(len(chunk))

    def asked(self, number: int, out: str) -> dict[str, Any]:
        """The request for one layer."""
        held = self.raw[number]
        keys = ("call", "described", "weights", "inputs", "dtypes")
        return {**{key: held[key] for key in keys}, "out": str(self.folder / out)}

    def _settled(self, number: int, told: Mapping[str, Any]) -> Node:
        """Writes down what a layer should give, and what official Keras makes of it."""
        raw, official = self.raw[number], structure.load(self.raw[number]["result"])
        shape = next(iter(official.values())).shape if official else ()
        node = Node(number, raw["key"], f"{raw.get('family', 'layers')}.{raw['class']}", shape)
        truths: dict[str, Truth] = {}
        if "length" in told:
            held = structure.load(self.folder / f"{number}.wide.npz")
            for name in official:
                sigma = held.get(f"sigma.{name}")
                truths[name] = judging.wide(held[f"wide.{name}"], sigma, len(self.raw))
            node.judged, node.why = Judged.WIDE, f"sums of {told['length']}"
            self._by_oracle(node, truths, told["length"])
        else:
            for name, each in official.items():
                truths[name] = judging.stated(each, raw["dtypes"][name])
            node.why = str(told.get("none", ""))
        node.official = judging.itself(official, truths)
        structure.save(
            self.folder / f"{number}.truth.npz",
            {f"value.{k}": t.value for k, t in truths.items()}
            | {f"budget.{k}": t.budget for k, t in truths.items()},
        )
        return node

    def _by_oracle(self, node: Node, truths: dict[str, Truth], length: int) -> None:
        """The truth of the suite's oracle in the place of Keras' float64, where it has one of this layer."""
        if list(truths) != [truth.VALUE] or np.prod(node.shape) * length > truth.MOST_WORK:
            return
        raw = self.raw[node.number]
        weights = structure.load(raw["weights"])
        made = truth.case_of(
            raw, [weights[k] for k in sorted(weights)], structure.load(raw["inputs"])
        )
        if isinstance(made, str):
            return
        bounded = truth.asked(made, self.source.dialect)
        if bounded is None or bounded.value.shape != node.shape:
            return
        # Both hold of a right answer: the worst case, and what is likely.
        budget = np.fmin(bounded.error, truths[truth.VALUE].budget)
        truths[truth.VALUE] = Truth(bounded.value, budget)
        node.judged = Judged.ORACLE

    def truths(self, number: int) -> dict[str, Truth]:
        """What a layer should give."""
        held = structure.load(self.folder / f"{number}.truth.npz")
        names = [k.removeprefix("value.") for k in held if k.startswith("value.")]
        return {name: Truth(held[f"value.{name}"], held[f"budget.{name}"]) for name in names}

    def _spread(self, official: Worker) -> str:
        """Lets official Keras say how errors grow through the model; why not, where it cannot."""
        for node, raw in zip(self.nodes, self.raw, strict=True):
            if node.judged is Judged.STATED and any("float" in d for d in raw["dtypes"].values()):
                return f"{node.key} has no float64"
        (self.folder / "spread").mkdir()
        sigmas = [str(self.folder / f"{n.number}.wide.npz") for n in self.nodes]
        answer = official.ask(
            "spread",
            inputs=str(self.fed),
            folder=str(self.folder / "spread"),
            sigmas=sigmas,
            trials=_TRIALS,
        )
        self.step(len(self.raw))
        if answer.get("layers") == len(self.nodes):
            return ""
        return f"the model has no float64 ({answer.get('raised', 'its calls differ')})"

    def spread(self, name: str) -> dict[str, Truth]:
        """What a tensor inside the whole model should be: of a layer by its number, or `outputs`."""
        held = structure.load(self.folder / "spread" / f"{name}.npz")
        names = [k.removeprefix("wide.") for k in held if k.startswith("wide.")]
        return {
            k: judging.wide(held[f"wide.{k}"], held.get(f"sigma.{k}"), len(self.raw)) for k in names
        }


def examine(request: Request, progress: Progress) -> Examined:
    """Examines a model; UsageError for a file, inputs or a subject that cannot be asked, and without room for tensors."""
    try:
        return _examined(request, progress)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        folder = tempfile.gettempdir()
        raise UsageError(
            f"no space left for the tensors of the model in {folder} (TMPDIR names another folder)"
        ) from error


def _examined(request: Request, progress: Progress) -> Examined:
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="conformance-model-") as folder:
        made = Examination(request, Path(folder), progress)
        names = [of_dialect(name, made.source.dialect) for name in request.subjects]
        # Who cannot start is told before the model runs, which takes longest.
        with contextlib.ExitStack() as stack:
            asked: dict[str, tuple[Asked, contextlib.ExitStack]] = {}
            for name in dict.fromkeys(names):
                own = stack.enter_context(contextlib.ExitStack())
                asked[name] = own.enter_context(answering.asked(name, request.place, worker)), own
            made.recorded()
            told = []
            for name, (subject, own) in asked.items():
                told.append(_subject(made, name, subject))
                own.close()
        found = Examined(
            str(request.path),
            made.source.package,
            "",
            made.source.version,
            made.inputs,
            made.nodes,
            told,
        )
        if request.record is not None:
            vectors.write(made.vectors, request.record)
            found.recorded, found.unrecorded = made.vectors.count, made.vectors.left
    found.seconds = time.monotonic() - started
    return found


def _subject(made: Examination, name: str, subject: Asked) -> Told:
    started = time.monotonic()
    if made.request.code and subject.process is not None:
        # What it cannot import it does not have: that shows layer by layer.
        subject.process.ask("trust", **made.trust())
    told = Told(name, subject.provenance)
    out = made.folder / "subject"
    out.mkdir(exist_ok=True)
    for number, got in subject.layers(made, range(len(made.raw)), out):
        told.layers[number] = answering.judged(made, number, got)
    answering.whole(made, subject, told)
    told.known = known.explained(told, made.nodes, made.source.uses)
    told.seconds = time.monotonic() - started
    return told


@contextlib.contextmanager
def worker(name: str, place: Place) -> Iterator[Worker]:
    """The worker of a subject, ended afterwards."""
    made = Worker(name, place)
    try:
        yield made
    finally:
        made.close()
