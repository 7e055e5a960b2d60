"""Exported models: several layers side by side in one model are exported at once, and each is judged alone.

An export takes seconds, whatever it exports, and a model has hundreds of layers. Layers that share nothing are not
changed by one another; where an export or a run of several fails, each half is asked again, down to the layer that fails.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from conformance.model import Array
from conformance.subjects.base import NotOffered
from conformance.subjects.exceptions import sentence
from conformance.subjects.exported.formats import ExportError, Format, NoKernel, RuntimeFault
from conformance.subjects.namespace import NamespaceSubject
from conformance.subjects.saved import structure, tracing
from conformance.subjects.saved.building import HELD, PARTS, VALUE
from conformance.subjects.saved.serving import Serving, weights_of

_BATCHED: Final = "an exported model takes tensors with a batch axis"


@dataclass(frozen=True, slots=True)
class Branch:
    """One layer in the model: its inputs, its outputs, and how these make its result."""

    sources: list[Any]
    given: list[Array]
    outputs: list[Any]
    names: list[str]


class ExportedServing(Serving):
    """Keras prepares the layers, and what it exports is run."""

    def __init__(self, subject: NamespaceSubject) -> None:
        super().__init__(subject)
        exported: Any = subject
        self.format: Format = exported.format

    def do_layers(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Several layers, each in a branch of its own."""
        asked: list[Mapping[str, Any]] = request["asked"]
        told: list[dict[str, Any]] = [{} for _ in asked]
        branches: dict[int, Branch] = {}
        for number, each in enumerate(asked):
            try:
                branches[number] = self._branch(number, each)
            except NotOffered as absent:
                told[number] = {"unsupported": str(absent)}
            except Exception as error:  # layers raise whatever they like
                why = {"unsupported": self.lacking} if self.lacking else None
                told[number] = why or {"raised": structure.told(error)}
        for number, answer in self._answers(branches).items():
            if isinstance(answer, dict):
                told[number] = answer
                continue
            found = dict(zip(branches[number].names, answer, strict=True))
            structure.save(Path(asked[number]["out"]), found)
            told[number] = {"dtypes": {name: each.dtype.name for name, each in found.items()}}
        return {"layers": told}

    def _branch(self, number: int, asked: Mapping[str, Any]) -> Branch:
        if HELD in asked["call"]:
            raise NotOffered("an exported layer alone is given no masks that come with its inputs")
        arrays = structure.load(asked["inputs"])
        call = self.layers.tensors(asked["call"], arrays)
        layer = self.layers.ready(asked["described"], weights_of(asked), call)
        sources: dict[str, Any] = {}
        for place, (name, each) in enumerate(arrays.items()):
            if each.ndim == 0:
                raise NotOffered(_BATCHED)
            sources[name] = self.keras.Input(
                each.shape[1:], dtype=each.dtype.name, name=f"n{number:03}_{place:02}"
            )
        symbolic = {key: structure.put(asked["call"][key], lambda n: sources[n]) for key in PARTS}
        result = self.layers.called(layer, symbolic)
        outputs: dict[str, Any] = {}
        structure.taken(result, outputs, lambda each: each, VALUE)
        # Names of layers are those of the model, of which two may be the same.
        if hasattr(layer, "name"):
            layer._name = f"l{number:03}"
        return Branch(
            list(sources.values()), list(arrays.values()), list(outputs.values()), list(outputs)
        )

    def _answers(self, branches: Mapping[int, Branch]) -> dict[int, Any]:
        """By number the tensors of a branch, or its answer where it fails."""
        if not branches:
            return {}
        try:
            outputs = iter(self._run(list(branches.values())))
        except Exception as error:  # exporters and runtimes raise whatever they like
            if len(branches) == 1:
                return dict.fromkeys(branches, refused(error))
            numbers = list(branches)
            half = len(numbers) // 2
            found: dict[int, Any] = {}
            for some in (numbers[:half], numbers[half:]):
                found |= self._answers({n: branches[n] for n in some})
            return found
        return {n: [next(outputs) for _ in each.names] for n, each in branches.items()}

    def _run(self, branches: Sequence[Branch]) -> Sequence[Array]:
        sources = [each for branch in branches for each in branch.sources]
        given = [each for branch in branches for each in branch.given]
        model = self.keras.Model(sources, [each for b in branches for each in b.outputs])
        self._called(model, given)
        with tempfile.TemporaryDirectory() as folder:
            return self.format.ran(model, Path(folder), given)

    def _called(self, model: Any, given: Sequence[Array]) -> None:
        """Calls a model, without which Keras exports it to no ONNX."""
        model(structure.like(tracing.form(model, "input"), map(self.layers.make, given)))

    def do_whole(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The whole model, exported; of what is inside it nothing is seen."""
        arrays = structure.load(request["inputs"])
        given = [arrays[f"{n}"] for n in range(len(arrays))]
        self._called(self.model, given)
        with tempfile.TemporaryDirectory() as folder:
            try:
                outputs = self.format.ran(self.model, Path(folder), given)
            except Exception as error:
                return refused(error)
        wanted = len(self.model.outputs)
        if len(outputs) != wanted:
            return {"raised": f"it has {len(outputs)} outputs instead of {wanted}"}
        found: dict[str, Array] = {}
        made = structure.like(tracing.form(self.model, "output"), iter(outputs))
        structure.taken(made, found, lambda each: each, VALUE)
        structure.save(Path(request["folder"]) / "outputs.npz", found)
        return {"keys": []}


def refused(error: BaseException) -> dict[str, Any]:
    """What a failure of an export or a run means."""
    if isinstance(error, NoKernel | NotOffered):
        return {"unsupported": sentence(error)}
    if isinstance(error, ExportError | RuntimeFault):
        return {"raised": sentence(error)}
    return {"raised": structure.told(error)}
