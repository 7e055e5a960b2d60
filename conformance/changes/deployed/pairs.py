"""What the suite has no cases of, compared by running it: layers of a model on two subjects, and the whole model.

Official Keras runs the model and records what each layer is called with. Both subjects are asked each layer with that. A value has
changed where the two differ by more than two right answers can, or where one of them alone is right.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from conformance.changes.deployed import answering, asking, files, judging
from conformance.changes.deployed.answering import Asked, Got, Progress
from conformance.changes.deployed.asking import Examination
from conformance.changes.deployed.files import Source
from conformance.changes.deployed.judging import Truth
from conformance.changes.differences import Answered, Change, Group, Rounding
from conformance.changes.used import Coverage, Model, read
from conformance.model import EPSILON, Array
from conformance.model.errors import UsageError
from conformance.model.texts import clipped
from conformance.subjects.base import ANYWHERE
from conformance.subjects.saved import structure
from conformance.vectors.store import OF_MODEL

_PACKAGES: Final = {"keras2": ("tf_keras", "keras"), "keras3": ("keras", "tf_keras")}
# By tensor: what a subject gave, and of which dtype.
_Values = Mapping[str, tuple[Array, str]]


@dataclass(slots=True)
class Ran:
    """What running a model has shown.

    Attributes:
        answered: for each layer, and for the whole, how the subjects differ.
        compared: names of layers and models that were compared.
        operators: operators of a functional model, which no case is about either, with their names.
        left: what was not compared, by name, and why.
        why: why nothing was.

    """

    answered: list[Answered] = field(default_factory=list)
    compared: set[str] = field(default_factory=set)
    operators: dict[str, list[str]] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)
    why: str = ""


def checked(path: Path) -> None:
    """UsageError where FILE is an archive that is damaged or that Keras does not write; a configuration is looked at by who reads it."""
    read(path)
    if files.is_archive(path):
        files.opened(path, _wanted(path))


def _wanted(path: Path) -> str:
    return f"--model {path}: must be a .keras or .h5 file, or the configuration of a model as JSON"


def compared(
    path: Path,
    model: Model,
    labels: set[str],
    subjects: Sequence[tuple[str, str]],
    progress: Progress,
) -> Ran:
    """Runs the layers of these names on two subjects, and the whole model. `subjects`: name and dialect of each."""
    try:
        sources = _sources(path, model, subjects[0][1])
        reasons = []
        for source in sources:
            with tempfile.TemporaryDirectory(prefix="conformance-diff-") as folder:
                names = tuple(name for name, _ in subjects)
                request = asking.Request(path, names)
                made = Examination(request, Path(folder), progress, source)
                try:
                    made.recorded()
                except UsageError as error:
                    reasons.append(str(error).partition(" does not run on ")[2] or str(error))
                    continue
                return _both(made, labels)
    except UsageError as error:
        return Ran(why=str(error))
    return Ran(why=f"it does not run on {'; nor on '.join(reasons)}")


def _sources(path: Path, model: Model, dialect: str) -> list[Source]:
    """As what the model may be run: of a configuration that does not say whose it is, both packages are tried."""
    if files.is_archive(path):
        source, raw = files.opened(path, _wanted(path))
        version, made = source.version, [source]
    else:
        raw = json.loads(path.read_bytes())
        version = files.version_in(raw)
        packages: Sequence[str] = _PACKAGES[dialect]
        if version:
            packages = _PACKAGES["keras2" if version.startswith("2.") else "keras3"][:1]
        made = [Source(path, each, version, model, configuration=True) for each in packages]
    if own := files.brought(model, raw):
        raise UsageError(f"the model {own}")
    if not version and not made[0].configuration:
        raise UsageError("the file does not say of which Keras it is")
    return made


def _both(made: Examination, labels: set[str]) -> Ran:
    """Asks both subjects what is wanted of a model that is recorded."""
    found = Ran()
    wanted: list[int] = []
    names: dict[int, set[str]] = {}
    for number, raw in enumerate(made.raw):
        names[number] = {raw["key"].partition("#")[0], *_names(raw.get("described"))}
        if raw.get("family") == "ops" or names[number] & labels:
            wanted.append(number)
    with _asked(made, 0) as old:
        was = dict(old.layers(made, wanted, _folder(made, 0)))
        whole = [_whole(made, old, 0)]
    with _asked(made, 1) as new:
        now = dict(new.layers(made, wanted, _folder(made, 1)))
        whole.append(_whole(made, new, 1))
    for number in wanted:
        node = made.nodes[number]
        comparison = _Comparison(node.target, node.key)
        why = comparison.of(made, number, was[number], now[number])
        _note(found, names[number] & labels or {node.key}, comparison, why)
        if made.raw[number].get("family") == "ops" and not why:
            found.operators.setdefault(node.target, []).append(node.key)
    models = {each.label for each in made.source.uses.classes.get("models.functional", ())}
    models |= {each.label for each in made.source.uses.classes.get("models.model", ())}
    comparison = _Comparison("models.Model", "whole")
    why = comparison.whole(made, *whole)
    _note(found, models | {"the whole model"}, comparison, why)
    return found


def _note(found: Ran, names: set[str], comparison: _Comparison, why: str) -> None:
    if why:
        found.left |= dict.fromkeys(names, why)
        return
    found.compared |= names
    found.answered.append(comparison.answered())


def _asked(made: Examination, number: int) -> Any:
    return answering.asked(made.request.subjects[number], ANYWHERE, asking.worker)


def _folder(made: Examination, number: int) -> Path:
    folder = made.folder / f"subject-{number}"
    folder.mkdir()
    return folder


def _names(value: Any) -> Iterator[str]:
    """The names in a description: of a layer, and of those inside it."""
    if isinstance(value, Mapping):
        config = value.get("config")
        if isinstance(config, Mapping) and isinstance(config.get("name"), str):
            yield config["name"]
        for each in value.values():
            yield from _names(each)
    elif isinstance(value, list):
        for each in value:
            yield from _names(each)


def _whole(made: Examination, subject: Asked, number: int) -> tuple[Got, str]:
    """What the whole model gives, and how the subject came to it where not by the file."""
    if subject.process is None:
        return Got(why="a program is asked layer by layer alone", unsupported=True), ""
    folder = made.folder / f"whole-{number}"
    folder.mkdir()
    got, note, _ = answering.ran(made, subject.process, folder)
    # A file that is made of a configuration is not the user's.
    return got, "" if made.source.configuration else note


class _Comparison:
    """How the answers of two subjects to one question differ."""

    def __init__(self, target: str, key: str) -> None:
        self.target, self.id = target, f"{target}{OF_MODEL}{key}"
        self.changes: list[Change] = []
        self.roundings: list[Rounding] = []

    def answered(self) -> Answered:
        """As that of a case."""
        return Answered(self.id, self.target, tuple(self.changes), tuple(self.roundings))

    def of(self, made: Examination, number: int, old: Got, new: Got) -> str:
        """Compares what they make of a layer; why that cannot be, or ""."""
        return self._pair(old, new, lambda: made.truths(number))

    def whole(self, made: Examination, old: tuple[Got, str], new: tuple[Got, str]) -> str:
        """Compares what they make of the whole model; why that cannot be, or ""."""

        def truths() -> Mapping[str, Truth]:
            if not made.grows:
                return made.spread("outputs")
            official = structure.load(made.folder / "outputs.npz")
            return {name: judging.stated(each, each.dtype.name) for name, each in official.items()}

        if new[1] and not old[1] and old[0].file is not None:
            self._add(
                Group.ACCEPTANCE, "file of the model: now rejected in load", "reads it", new[1]
            )
        return self._pair(old[0], new[0], truths)

    def _pair(self, old: Got, new: Got, truths: Callable[[], Mapping[str, Truth]]) -> str:
        if old.file is None and new.file is None:
            alike = (old.unsupported, old.phase, _kind(old.why)) == (
                new.unsupported,
                new.phase,
                _kind(new.why),
            )
            if alike or old.unsupported or new.unsupported:
                return f"neither runs it: in {old.phase} {clipped(old.why, 160)}"
            self._add(
                Group.ACCEPTANCE,
                f"{_kind(old.why)} in {old.phase} is {_kind(new.why)} in {new.phase}",
                old.why,
                new.why,
            )
        elif new.file is None:
            what = "unsupported" if new.unsupported else f"rejected with {_kind(new.why)}"
            self._add(Group.ACCEPTANCE, f"now {what} in {new.phase}", "runs", new.why)
        elif old.file is None:
            what = "unsupported" if old.unsupported else "rejected"
            self._add(Group.ACCEPTANCE, f"now accepted, was {what} in {old.phase}", old.why, "runs")
        else:
            if new.note and not old.note:
                what = f"now rejected with {_kind(new.note)} in from_config"
                self._add(Group.ACCEPTANCE, what, "reads its configuration", new.note)
            self._values(_read(old), _read(new), truths())
        return ""

    def _add(self, group: Group, what: str, old: str, new: str, **more: float) -> None:
        self.changes.append(Change(group, self.target, what, self.id, old, new, **more))

    def _values(self, old: _Values, new: _Values, truths: Mapping[str, Truth]) -> None:
        if old.keys() != new.keys():
            self._add(Group.OTHER, "number of values", f"{len(old)}", f"{len(new)}")
            return
        for name, (was, dtype) in old.items():
            now, other = new[name]
            label = name.replace("value.", "value ")
            if was.shape != now.shape:
                self._add(Group.OTHER, f"shape of {label}", f"{was.shape}", f"{now.shape}")
                continue
            if dtype != other:
                self._add(Group.OTHER, f"dtype of {label}", dtype, other)
            truth = truths.get(name)
            if truth is None or truth.value.shape != was.shape:
                truth = judging.stated(was, dtype or was.dtype.name)
            self._value(label, was, now, truth)

    def _value(self, label: str, old: Array, new: Array, truth: Truth) -> None:
        if np.array_equal(old, new, equal_nan=old.dtype.kind == "f"):
            return
        apart, relative = judging.off(new, Truth(old, 2 * truth.budget))
        right = [judging.off(each, truth)[0] <= 1 for each in (old, new)]
        place, ulp = _worst(old, new)
        if apart > 1 or right[0] != right[1]:
            at = f" at {list(place)}" if place else ""
            told = f"{old[place]}{at}", f"{new[place]}"
            self._add(Group.VALUES, label, *told, ulp=ulp, relative=relative)
        elif np.isfinite(ulp):
            self.roundings.append(Rounding(self.target, self.id, label, ulp, apart))


def _read(got: Got) -> _Values:
    assert got.file is not None
    held = structure.load(got.file)
    return {name: (each, str(got.dtypes.get(name, each.dtype.name))) for name, each in held.items()}


def _kind(why: str) -> str:
    """The type of an exception, in words as other rows have it: `a value error`."""
    first = why.partition(":")[0]
    known = {"TypeError": "a type error", "ValueError": "a value error"}
    return known.get(first, "an error")


def _worst(old: Array, new: Array) -> tuple[tuple[int, ...], float]:
    """The place where two tensors differ most, and how many units in the last place that is there."""
    was, now = old.astype(np.float64), new.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        apart = np.abs(now - was)
    apart = np.where(np.isnan(apart), np.where(np.isnan(was) & np.isnan(now), 0.0, np.inf), apart)
    place = tuple(int(n) for n in np.unravel_index(int(apart.argmax()), apart.shape))
    epsilon = EPSILON.get(old.dtype.name)
    if epsilon is None or not np.isfinite(apart[place]):
        return place, float("inf")
    size = max(abs(float(was[place])), float(np.finfo(old.dtype).tiny))
    return place, float(apart[place] / (epsilon * 2.0 ** np.floor(np.log2(size))))


def settle(coverage: Coverage, found: Ran) -> None:
    """Takes what was compared by running it out of what is not covered; to the rest it adds why it was not."""
    for target, labels in [*coverage.absent.items()]:
        if labels and set(labels) <= found.compared:
            coverage.ran[target] = coverage.absent.pop(target)
    for value, labels in coverage.holders.items():
        if labels and set(labels) <= found.compared:
            coverage.ran[value] = labels
            coverage.values.remove(value)
    coverage.ran |= found.operators
    rest = {**coverage.absent, **{value: coverage.holders[value] for value in coverage.values}}
    for told, labels in rest.items():
        if not labels:  # an object that is no layer
            continue
        reasons = [found.left[label] for label in labels if label in found.left]
        coverage.why[told] = reasons[0] if reasons else found.why or "the model does not call it"
        if told in coverage.absent:
            missing = [label for label in labels if label not in found.compared]
            coverage.absent[told] = missing or labels
