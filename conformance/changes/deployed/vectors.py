"""Golden vectors of a model: each layer with its true weights, on its true input or a corner of that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np

from conformance.changes.deployed import judging, truth
from conformance.model import EPSILON, SAMPLE, Array, Case, Kind, Returned, Step, Tolerance
from conformance.subjects import Subject, resolve
from conformance.subjects.saved import structure
from conformance.vectors import store
from conformance.vectors.store import GoldenCase, GoldenFile

# A case is a line of the worker protocol, which has at most 16 MiB.
_MOST: Final = 400_000
# Of each axis of an image so many places are kept, of layers that work the same everywhere.
_CORNER: Final = 12
_EVERYWHERE: Final = ("Conv", "Pool", "BatchNormalization", "ReLU", "Activation", "ZeroPadding")
# Arguments that Keras had long ago and has again since 3.15.
_LATE: Final = ("renorm", "renorm_clipping", "renorm_momentum")
# How the id of a case ends that asks for weights again.
_AGAIN: Final = "/weights"
# A file holds so many elements of an output.
_SAMPLED: Final = 64
_WHY: Final = (
    "twice the roundings of this layer, measured in float64, at a false-alarm rate of "
    f"{judging.FALSE_ALARM:g} for all layers together"
)


class Official(Protocol):
    """The worker of the official package."""

    def ask(self, do: str, **request: Any) -> dict[str, Any]:
        """The answer to a request."""


@dataclass(slots=True)
class Vectors:
    """The files, and for each layer that is in none the reason."""

    files: list[GoldenFile] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many layers there are."""
        ids = [entry.case.id for file in self.files for entry in file.cases]
        return sum(not each.endswith(_AGAIN) for each in ids)


def record(
    raw: Sequence[Mapping[str, Any]], package: str, official: Official, folder: Path
) -> Vectors:
    """What official Keras gives for each layer, with the error budget that a reader needs."""
    (subject,) = resolve(package)
    made = Vectors()
    cases: dict[str, list[GoldenCase]] = {}
    for number, node in enumerate(raw):
        if "#" in node["key"]:  # the weights are those of the first call
            continue
        asked = _question(node)
        if isinstance(asked, str):
            made.left[node["key"]] = asked
            continue
        case, arrays = asked
        budget = _budget(node, arrays, official, folder / f"vector-{number}", len(raw))
        if isinstance(budget, str):
            made.left[node["key"]] = budget
            continue
        outcomes = subject.answer(case)
        if len(outcomes) < len(case.steps) or not all(isinstance(o, Returned) for o in outcomes):
            made.left[node["key"]] = "official Keras does not answer it as a case"
            continue
        settled = replace(case, tolerance=budget, dialects=(subject.dialect,))
        held = cases.setdefault(case.target, [])
        held.append(GoldenCase(settled, {subject.dialect: tuple(outcomes)}))
        if any(step.do == "set_weights" for step in case.steps):
            held.append(_weights(settled, subject))
    facts = {subject.dialect: dict(subject.provenance())}
    made.files = [GoldenFile(target, facts, tuple(held)) for target, held in sorted(cases.items())]
    return made


def _weights(case: Case, subject: Subject) -> GoldenCase:
    """The case that asks for the weights again: one among many shows, which no output of a long sum tells."""
    steps = tuple(step for step in case.steps if step.do != "call")
    asked = replace(
        case,
        id=f"{case.id}{_AGAIN}",
        inputs=(),
        steps=(*steps, Step("get_weights")),
        tolerance=Tolerance(),
    )
    return GoldenCase(asked, {subject.dialect: tuple(subject.answer(asked))})


def _question(node: Mapping[str, Any]) -> tuple[Case, dict[str, Array]] | str:
    """The case of a layer and what it is called with; or why there is none."""
    if "alone" in node:
        return f"it cannot be asked alone: {node['alone']}"
    if node.get("family") == "ops":
        return "an operator is no layer"
    arrays, held = structure.load(node["inputs"]), structure.load(node["weights"])
    arrays = {
        name: _corner(node["class"], node["described"], each) for name, each in arrays.items()
    }
    weights = [held[key] for key in sorted(held)]
    if sum(each.size for each in (*weights, *arrays.values())) > _MOST:
        return f"it has more than {_MOST:,} numbers, which fit no line"
    made = truth.case_of(
        node, weights, arrays, f"layers.{node['class']}{store.OF_MODEL}{node['key']}"
    )
    if isinstance(made, str):
        return made
    steps = [
        Step("call", 0, {SAMPLE: _SAMPLED}) if step.do == "call" else step for step in made.steps
    ]
    # Readers of other versions do not know these, which say nothing at their default.
    silent = set(_LATE) & set(node["described"].get("defaults", ()))
    arguments = {k: v for k, v in made.arguments.items() if k not in silent}
    arguments["name"] = "layer"
    return replace(made, arguments=arguments, steps=tuple(steps)), arrays


def _corner(name: str, described: Mapping[str, Any], array: Array) -> Array:
    """The first places of each axis of an image: a layer that works the same everywhere is not asked of all."""
    first = described["config"].get("data_format") == "channels_first"
    if array.ndim < 4 or first or not any(each in name for each in _EVERYWHERE):
        return array
    places = tuple(slice(0, _CORNER) for _ in range(array.ndim - 2))
    kept: Array = np.ascontiguousarray(array[(slice(0, 1), *places)])
    return kept


def _budget(
    node: Mapping[str, Any],
    arrays: Mapping[str, Array],
    official: Official,
    file: Path,
    layers: int,
) -> Tolerance | str:
    """How far an answer may lie from the recorded one: either may be off by the budget of the layer."""
    inputs, out = file.with_suffix(".inputs.npz"), file.with_suffix(".wide.npz")
    structure.save(inputs, arrays)
    asked = {key: node[key] for key in ("call", "described", "weights", "dtypes")}
    asked |= {"inputs": str(inputs), "out": str(out)}
    answer = official.ask("wide", asked=[asked]).get("layers", [{"none": "it has no float64"}])[0]
    dtype = node["dtypes"].get(truth.VALUE)
    if dtype is None:
        return "it gives more than one tensor"
    if "length" not in answer:
        return str(answer["none"])
    held = structure.load(out)
    if f"sigma.{truth.VALUE}" not in held:
        return Tolerance()
    right = judging.wide(held[f"wide.{truth.VALUE}"], held[f"sigma.{truth.VALUE}"], layers)
    largest, room = float(np.abs(right.value).max()), 2 * float(right.budget.max())
    if not (np.isfinite(largest) and largest > 0 and np.isfinite(room)):
        return "what it gives is not finite, or zero alone"
    units = float(f"{room / (EPSILON[dtype] * largest):.3g}")
    bound = Tolerance(Kind.BOUND, why=_WHY, eps=units, scale=float(f"{largest:.3g}"))
    return Tolerance(Kind.EACH, why=_WHY, tensors={truth.VALUE: bound})


def write(made: Vectors, directory: Path) -> None:
    """Writes the files as `golden/README.md` describes them."""
    for file in made.files:
        store.write(directory / file.relative_path, store.dumps(file))
