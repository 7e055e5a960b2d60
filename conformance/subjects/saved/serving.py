"""Answers requests about saved models in the worker process of a subject."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np

from conformance.model import Array
from conformance.model.errors import UsageError
from conformance.subjects import protocol
from conformance.subjects.base import NotOffered, Subject
from conformance.subjects.exceptions import sentence
from conformance.subjects.namespace import NamespaceSubject
from conformance.subjects.saved import loading, structure, tracing, wide
from conformance.subjects.saved.building import HELD, VALUE, Layers, is_operation
from conformance.subjects.tensors import quiet

# Of a tensor inside a whole model so many elements are kept, evenly spaced.
KEPT: Final = 1 << 16


def sampled(array: Array) -> Array:
    """At most `KEPT` elements of an array, evenly spaced."""
    flat = array.reshape(-1)
    if flat.size <= KEPT:
        return flat
    return flat[np.arange(KEPT, dtype=np.int64) * (flat.size - 1) // (KEPT - 1)]


class Serving:
    """One subject, asked about one model."""

    def __init__(self, subject: NamespaceSubject) -> None:
        self.layers = Layers(subject)
        self.keras = subject.namespace
        self.model: Any = None
        # What of the user's own code could not be imported.
        self.lacking = ""

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a request; any exception where it has none."""
        do = str(request["do"])
        asked: Any = getattr(self, f"do_{do}")
        made: dict[str, Any] = asked(request)
        return made

    def do_trust(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Lets functions run that a file brings, and imports modules, whose classes and functions Keras then finds."""
        self.layers.trusted = True
        allow = getattr(getattr(self.keras, "config", None), "enable_unsafe_deserialization", None)
        if allow is not None:
            allow()
        saving = getattr(self.keras, "saving", None)
        known: dict[str, Any] = getattr(saving, "get_custom_objects", dict)()
        sys.path += [each for each in request["path"] if each not in sys.path]
        for name in request["modules"]:
            try:
                module = importlib.import_module(name)
            except Exception as error:  # code of the user's own raises whatever it likes
                self.lacking = f"cannot import {name}, which the model needs"
                raise ValueError(f"{self.lacking}: {structure.told(error)}") from error
            for key, each in vars(module).items():
                if callable(each) and getattr(each, "__module__", None) == name:
                    known.setdefault(key, each)
        return {}

    def do_load(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Loads the model file."""
        if self.lacking:
            raise NotOffered(self.lacking)
        if not hasattr(getattr(self.keras, "models", None), "load_model"):
            raise NotOffered("it loads no model files")
        note = ""
        try:
            self.model = loading.loaded(self.keras, request["file"], code=request["code"])
        except Exception as error:
            if "described" not in request:
                raise
            note = f"does not load the file itself ({structure.told(error)}): its configuration is made"
            described = json.loads(Path(request["described"]).read_text())
            weights = structure.load(request["weights"])
            kept = [weights[name] for name in sorted(weights)]
            self.model = loading.rebuilt(self.keras, described, kept)
        return {"inputs": loading.inputs(self.model), "note": note}

    def do_make(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Makes the model of a configuration, and saves it."""
        config = Path(request["config"]).read_text()
        loading.made(self.keras, config).save(request["file"])
        return {}

    def _fed(self, file: str) -> Any:
        arrays = structure.load(file)
        return self._as_input(arrays)

    def _as_input(self, arrays: Mapping[str, Array]) -> Any:
        """Tensors in the form in which the model takes its inputs."""
        made = (self.layers.make(arrays[f"{n}"]) for n in range(len(arrays)))
        return structure.like(tracing.form(self.model, "input"), made)

    def do_record(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Runs the model; what each layer was called with, and gave, goes into files of the folder."""
        folder = Path(request["folder"])
        nodes: list[dict[str, Any]] = []
        known: dict[int, tuple[Any, str]] = {}

        def watch(layer: Any, key: str, args: Any, kwargs: Any, masks: Any, result: Any) -> Any:
            nodes.append(
                self._node(len(nodes), folder, known, (layer, key, args, kwargs, masks, result))
            )
            return result

        with tracing.watched(self.keras, watch):
            result = self.model(self._fed(request["inputs"]), training=False)
        structure.save(folder / "outputs.npz", self.layers.result(result))
        (folder / "model.json").write_text(json.dumps(loading.described(self.keras, self.model)))
        weights = {f"{n:05}": each for n, each in enumerate(self.model.get_weights())}
        structure.save(folder / "model.npz", weights)
        return {"nodes": nodes}

    def _node(
        self, number: int, folder: Path, known: dict[int, tuple[Any, str]], called: Any
    ) -> dict[str, Any]:
        layer, key, args, kwargs, masks, result = called
        node: dict[str, Any] = {"key": key, "class": type(layer).__name__}
        # Whatever stops this layer from being asked alone is told of it; the model goes on.
        try:
            arrays: dict[str, Array] = {}
            kwargs = {k: v for k, v in kwargs.items() if v is not None and k != "training"}
            kwargs = {**masks.named, **kwargs}
            node["call"] = {
                "args": structure.taken(list(args), arrays, self.layers.read, "args"),
                "kwargs": structure.taken(kwargs, arrays, self.layers.read, "kwargs"),
            }
            if masks.held:
                structure.taken(masks.held, arrays, self.layers.read, HELD)
                node["call"][HELD] = {name: f"{HELD}.{name}" for name in masks.held}
            node["described"] = self._described(layer)
            node["family"] = "ops" if is_operation(node["described"]) else "layers"
            if id(layer) not in known:
                known[id(layer)] = (layer, str(folder / f"{number}.weights.npz"))
                weights = layer.get_weights() if hasattr(layer, "get_weights") else []
                structure.save(
                    Path(known[id(layer)][1]), {f"{n:05}": w for n, w in enumerate(weights)}
                )
            node["weights"] = known[id(layer)][1]
            node["inputs"] = str(folder / f"{number}.inputs.npz")
            structure.save(Path(node["inputs"]), arrays)
        except Exception as error:  # layers raise whatever they like
            node["alone"] = sentence(error)
        given = self.layers.result(result)
        node["dtypes"] = self.layers.dtypes(result)
        node["result"] = str(folder / f"{number}.result.npz")
        structure.save(Path(node["result"]), given)
        return node

    def _described(self, layer: Any) -> Any:
        written = loading.with_defaults(self.keras, self.keras.saving.serialize_keras_object(layer))
        protocol.line(written)  # which fails where it is no JSON
        return written

    def do_layers(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Each of several layers, with given weights, called with given tensors."""
        return {"layers": [self._alone(each) for each in request["asked"]]}

    def _alone(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        phase = "call"
        try:
            weights, arrays = weights_of(asked), structure.load(asked["inputs"])
            call = self.layers.tensors(asked["call"], arrays)
            phase = "from_config"
            layer = self.layers.made(asked["described"])
            phase = "set_weights"
            self.layers.fill(layer, weights, call)
            phase = "call"
            value = self.layers.called(layer, call)
            result = self.layers.result(value)
            dtypes = self.layers.dtypes(value)
        except NotOffered as absent:
            return {"unsupported": str(absent), "in": "lookup"}
        except Exception as error:
            if self.lacking:
                return {"unsupported": self.lacking, "in": phase}
            return {"raised": structure.told(error), "in": phase}
        structure.save(Path(asked["out"]), result)
        return {"dtypes": dtypes, "note": self.layers.note}

    def do_wide(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Each of several layers in float64, with the spread that roundings give."""
        return {"layers": [self._wide(each) for each in request["asked"]]}

    def _wide(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        try:
            found, length = wide.measured(
                self.layers,
                asked["described"],
                weights_of(asked),
                asked["call"],
                structure.load(asked["inputs"]),
                asked["dtypes"],
            )
        except wide.NotWide as none:
            return {"none": str(none)}
        structure.save(Path(asked["out"]), found)
        return {"length": length}

    def do_whole(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Runs the model; samples of what each layer gave go into the folder."""
        folder = Path(request["folder"])
        keys: list[str] = []

        def watch(layer: Any, key: str, args: Any, kwargs: Any, masks: Any, result: Any) -> Any:
            given = {k: sampled(v) for k, v in self.layers.result(result).items()}
            structure.save(folder / f"{len(keys)}.npz", given)
            keys.append(key)
            return result

        with tracing.watched(self.keras, watch):
            result = self.model(self._fed(request["inputs"]), training=False)
        structure.save(folder / "outputs.npz", self.layers.result(result))
        return {"keys": keys}

    def do_spread(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Runs the model in float64, then with the error of each layer drawn anew: how errors grow through it.

        `sigmas`: for each layer, in the order of calls, the file that has its standard deviations, or null.
        """
        model, folder = loading.wide(self.model), Path(request["folder"])
        arrays = {
            name: each.astype(np.float64) if each.dtype.kind == "f" else each
            for name, each in structure.load(request["inputs"]).items()
        }
        fed = self._as_input(arrays)
        truth: list[dict[str, Array]] = []
        generator = np.random.default_rng(1)
        squares: list[dict[str, Array]] = []
        number, noisy = 0, False

        def watch(layer: Any, key: str, args: Any, kwargs: Any, masks: Any, result: Any) -> Any:
            nonlocal number
            given = self.layers.result(result)
            if noisy and (file := request["sigmas"][number]) is not None and len(given) == 1:
                sigmas = structure.load(file)
                if (sigma := sigmas.get(f"sigma.{VALUE}")) is not None:
                    given[VALUE] = given[VALUE] + sigma * generator.standard_normal(sigma.shape)
                    mask = tracing.mask(result)
                    result = self.layers.make(given[VALUE])
                    if mask is not None:  # which goes with the tensor to the next layer
                        result._keras_mask = mask
            self._noted(truth, squares, number, given, noisy)
            number += 1
            return result

        outputs: list[dict[str, Array]] = []
        for trial in range(request["trials"] + 1):
            number, noisy = 0, trial > 0
            with tracing.watched(self.keras, watch):
                outputs.append(self.layers.result(model(fed, training=False)))
        for place, (here, spread) in enumerate(zip(truth, squares, strict=True)):
            found = {f"wide.{k}": v for k, v in here.items()}
            found |= {
                f"sigma.{k}": wide.pooled(np.sqrt(v / request["trials"])) for k, v in spread.items()
            }
            structure.save(folder / f"{place}.npz", found)
        _ended(folder, outputs)
        return {"layers": len(truth)}

    @staticmethod
    def _noted(
        truth: list[dict[str, Array]],
        squares: list[dict[str, Array]],
        number: int,
        given: Mapping[str, Array],
        noisy: bool,
    ) -> None:
        here = {k: sampled(v).astype(np.float64) for k, v in given.items()}
        if not noisy:
            truth.append(here)
            squares.append({k: np.zeros(v.shape) for k, v in here.items()})
            return
        for name, value in here.items():
            with np.errstate(invalid="ignore"):
                squares[number][name] += (value - truth[number][name]) ** 2


def _ended(folder: Path, outputs: Sequence[Mapping[str, Array]]) -> None:
    """Writes the outputs of the model and their spread."""
    found: dict[str, Array] = {}
    for name, value in outputs[0].items():
        squares = [(each[name] - value) ** 2 for each in outputs[1:]]
        found[f"wide.{name}"] = value
        found[f"sigma.{name}"] = wide.pooled(np.sqrt(np.mean(squares, axis=0)))
    structure.save(folder / "outputs.npz", found)


def weights_of(asked: Mapping[str, Any]) -> list[Array]:
    """The weights of a layer that is asked, in order."""
    held = structure.load(asked["weights"])
    return [held[name] for name in sorted(held)]


def serve(subject: NamespaceSubject, requests: BinaryIO, answers: BinaryIO) -> None:
    """Answers requests until there are no more."""
    hello = {
        "protocol": "saved",
        "dialect": subject.dialect,
        "provenance": dict(subject.provenance()),
    }
    answers.write(protocol.line(hello))
    answers.flush()
    serving = made(subject)
    for received in requests:
        answer = answered(serving, protocol.parse(received))
        sys.stderr.flush()
        answers.write(protocol.line(answer))
        answers.flush()


def answered(serving: Serving, request: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a request; where there is none, `raised` or `unsupported` with the reason."""
    try:
        with quiet():
            return serving.answer(request)
    except NotOffered as absent:
        return {"unsupported": str(absent)}
    except Exception as error:  # whatever Keras raises is an answer
        return {"raised": structure.told(error)}


def able(subject: Subject) -> NamespaceSubject:
    """The subject, as one whose layers are objects of this process; UsageError for any other."""
    if not isinstance(subject, NamespaceSubject):
        raise UsageError(f"--subject {subject.name} has no layers in a Python process")
    return subject


def made(subject: NamespaceSubject) -> Serving:
    """Who answers for a subject: what is exported is asked in another way."""
    if hasattr(subject, "format"):
        from conformance.subjects.saved.side import ExportedServing

        return ExportedServing(subject)
    return Serving(subject)
