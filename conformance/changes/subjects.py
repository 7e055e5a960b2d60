"""Two subjects of one dialect on the same cases: what changes for whom goes from OLD to NEW."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from conformance import oracle
from conformance.changes import used
from conformance.judge import signature
from conformance.judge.compare import compare, stem
from conformance.judge.differences import shown
from conformance.model import (
    Array,
    Budget,
    Case,
    Crashed,
    Grade,
    Kind,
    Outcome,
    Raised,
    Reference,
    Returned,
    Step,
    Tensor,
    TimedOut,
    Tolerance,
    Unsupported,
    Value,
    Verdict,
)
from conformance.model.errors import SubjectGone, UsageError
from conformance.runner.processes import Progress, in_processes
from conformance.subjects import Mode, Subject, resolve
from conformance.vectors import store


class Group(StrEnum):
    """What a change is to someone who upgrades."""

    VALUES = "values"
    ACCEPTANCE = "acceptance"
    DEFAULTS = "defaults"
    CONFIG = "config"
    WEIGHTS = "weights"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference that one case shows. `target`: the class that it is about.

    `ulp` and `relative` are of the worst element of a value; the error is relative to the largest
    element of the old value.
    """

    group: Group
    target: str
    what: str
    id: str
    old: str = ""
    new: str = ""
    ulp: float | None = None
    relative: float | None = None


@dataclass(frozen=True, slots=True)
class Rounding:
    """A value that has other bits, within its error budget or the tolerance of its case."""

    target: str
    id: str
    what: str
    ulp: float
    headroom: float


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of one case. `lacking`: neither subject has what it asks about."""

    id: str
    target: str
    changes: tuple[Change, ...] = ()
    roundings: tuple[Rounding, ...] = ()
    lacking: bool = False


@dataclass(slots=True)
class Row:
    """The same change over the cases that show it; `example` is the largest."""

    group: Group
    target: str
    what: str
    example: Change
    ids: list[str] = field(default_factory=list)
    ulp: float | None = None
    relative: float | None = None


@dataclass(slots=True)
class Rounded:
    """What moved by rounding alone in a class."""

    target: str
    ids: list[str] = field(default_factory=list)
    what: Counter[str] = field(default_factory=Counter)
    ulp: float = 0.0
    headroom: float = 0.0


@dataclass(frozen=True, slots=True)
class Request:
    """What is compared, how. Plain values: worker processes receive it."""

    old: str
    new: str
    golden: Path
    select: tuple[str, ...] = ()
    mode: Mode = Mode.EAGER
    device: str | None = None
    model: Path | None = None


@dataclass(slots=True)
class Upgrade:
    """What was found. `planned` counts the cases to ask, `asked` those that were."""

    request: Request
    old: str
    new: str
    dialect: str
    provenance: Mapping[str, Mapping[str, Any]]
    draws: Mapping[str, str]
    rows: list[Row] = field(default_factory=list)
    roundings: list[Rounded] = field(default_factory=list)
    planned: int = 0
    asked: int = 0
    alike: int = 0
    lacking: int = 0
    coverage: used.Coverage | None = None
    seconds: float = 0.0
    interrupted: bool = False
    crashed: str = ""

    def of(self, group: Group) -> list[Row]:
        """The rows of a group: by class, the most frequent first."""
        return [row for row in self.rows if row.group is group]

    def changed(self) -> int:
        """How many cases show a change beyond rounding."""
        return len({case_id for row in self.rows for case_id in row.ids})

    def exit_status(self) -> int:
        """0 nothing changed beyond rounding, 1 something did, 130 interrupted."""
        if self.interrupted:
            return 130
        return int(bool(self.rows or self.crashed or not self.asked))


class Asker:
    """One process's share: both subjects, and the cases that both are asked."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.old, self.new = (self._one(spec) for spec in (request.old, request.new))
        if self.old.dialect != self.new.dialect:
            raise UsageError(
                f"OLD and NEW must speak the same dialect; received {self.old.name}, which speaks "
                f"{self.old.dialect}, and {self.new.name}, which speaks {self.new.dialect}"
            )
        self.dialect = self.old.dialect
        files = store.load_all(request.golden)
        self.coverage: used.Coverage | None = None
        if request.model is not None:
            model = used.read(request.model)
            self.coverage = used.coverage(model, files, self.dialect)
        chosen = store.selected(files, request.select)
        cases = [e.case for f in chosen for e in f.cases if self.dialect in e.expected]
        if self.coverage is not None:
            cases = [case for case in cases if case.id in self.coverage.relevant]
        self.cases = cases

    def _one(self, spec: str) -> Subject:
        found = resolve(spec, mode=self.request.mode, device=self.request.device)
        if len(found) > 1:
            raise UsageError(
                f"OLD and NEW must be one subject each; received {spec!r}, which is "
                f"{' and '.join(subject.name for subject in found)}"
            )
        return found[0]

    def answered(self, position: int) -> Answered:
        """Puts one case to both."""
        case = self.cases[position]
        other = self.old.draws != self.new.draws
        return judged(
            case, self.dialect, self.old.answer(case), self.new.answer(case), other_draws=other
        )


def upgrade(
    request: Request, *, jobs: int = 1, progress: Progress = lambda done, total: None
) -> Upgrade:
    """Asks both subjects every case. On Ctrl-C the answer is about the cases that were asked."""
    started = time.perf_counter()
    asker = Asker(request)
    made = Upgrade(
        request,
        asker.old.name,
        asker.new.name,
        asker.dialect,
        {each.name: each.provenance() for each in (asker.old, asker.new)},
        {each.name: each.draws for each in (asker.old, asker.new)},
        planned=len(asker.cases),
        coverage=asker.coverage,
    )
    found: dict[int, list[Answered]] = {}
    try:
        if jobs == 1:
            for position in range(made.planned):
                found[position] = [asker.answered(position)]
                progress(position + 1, made.planned)
        else:
            starts = range(0, made.planned, _CHUNK)
            for start, answers in in_processes(jobs, _work, starts, _start, (request,)):
                found[start] = answers
                made.asked += len(answers)
                progress(made.asked, made.planned)
    except KeyboardInterrupt:
        made.interrupted = True
    except SubjectGone as gone:
        made.crashed = str(gone)
    except BrokenProcessPool:
        made.crashed = "a subject ended its process"
    _gather(made, [each for start in sorted(found) for each in found[start]])
    made.seconds = time.perf_counter() - started
    return made


_CHUNK: Final = 50
_asker: Asker | None = None


def _start(request: Request) -> None:
    global _asker
    _asker = Asker(request)


def _work(start: int) -> tuple[int, list[Answered]]:
    assert _asker is not None
    end = min(start + _CHUNK, len(_asker.cases))
    return start, [_asker.answered(position) for position in range(start, end)]


def judged(
    case: Case,
    dialect: str,
    old: Sequence[Outcome],
    new: Sequence[Outcome],
    *,
    other_draws: bool = False,
) -> Answered:
    """How the answers of two subjects to one case differ, up to the first step that one rejects.

    `other_draws`: they have different generators; random values are then judged by their law.
    """
    if all(isinstance(each[0], Unsupported) for each in (old, new) if each):
        return Answered(case.id, case.target, lacking=True)
    comparison = _Comparison(case, dialect, tuple(old), other_draws)
    for number, (was, now) in enumerate(zip(old, new, strict=False)):
        if not (isinstance(was, Returned) and isinstance(now, Returned)):
            comparison.acceptance(was, now)
            break
        comparison.step(number, was, now)
    else:
        if len(old) != len(new):  # one stopped without saying why
            both = min(len(old), len(new))
            comparison.acceptance(
                old[both] if len(old) > both else None, new[both] if len(new) > both else None
            )
    return Answered(case.id, case.target, tuple(comparison.changes), tuple(comparison.roundings))


class _Comparison:
    """One case: what its steps have told so far."""

    def __init__(
        self, case: Case, dialect: str, old: tuple[Outcome, ...], other_draws: bool
    ) -> None:
        self.case = case
        self.changes: list[Change] = []
        self.roundings: list[Rounding] = []
        self._other_draws = other_draws
        self._budgets = cache(
            partial(oracle.budgets, case, dialect, old, case.tolerance, other_draws=other_draws)
        )
        # What is given to the object under test, as far as it is known: None where it is not.
        self._given: Mapping[str, Any] | None = (
            None if "*" in case.arguments else dict(case.arguments)
        )

    def _add(self, group: Group, what: str, old: str = "", new: str = "", **more: Any) -> None:
        target = more.pop("target", self.case.target)
        self.changes.append(Change(group, target, what, self.case.id, old, new, **more))

    def acceptance(self, old: Outcome | None, new: Outcome | None) -> None:
        """One of the outcomes, at least, gave no values."""
        if isinstance(old, Raised) and isinstance(new, Raised):
            if (old.phase, old.category) != (new.phase, new.category):
                what = f"{signature.kind_of(old)} in {old.phase} is {signature.kind_of(new)} in {new.phase}"
                self._add(Group.ACCEPTANCE, what, old.message, new.message)
        elif type(old) is not type(new):
            self._add(Group.ACCEPTANCE, _now(old, new), _said(old), _said(new))

    def step(self, number: int, old: Returned, new: Returned) -> None:
        """Both gave values."""
        step = self.case.steps[number]
        self._learn(step)
        for name in [*old.values, *(name for name in new.values if name not in old.values)]:
            label = _label(name, step)
            if name not in new.values:
                self._add(Group.OTHER, f"{label} is gone", _short(old.values[name]))
            elif name not in old.values:
                self._add(Group.OTHER, f"{label} is new", "", _short(new.values[name]))
            else:
                self._value(number, step, name, old.values[name], new.values[name])

    def _learn(self, step: Step) -> None:
        """Steps that give arguments: to the object, or to another one that they make."""
        if self._given is not None and step.do == "set":
            self._given = {**self._given, **step.options}
        elif step.do == "from_config":
            config = step.options.get("config")
            self._given = dict(config) if isinstance(config, Mapping) else None

    def _value(self, number: int, step: Step, name: str, old: Value, new: Value) -> None:
        label = _label(name, step)
        if isinstance(old, Tensor) and isinstance(new, Tensor):
            if old != new:
                self._tensor(number, name, label, old, new)
        elif isinstance(old, Tensor) or isinstance(new, Tensor):
            self._add(Group.VALUES, f"kind of {label}", _short(old), _short(new))
        elif isinstance(old, list) and isinstance(new, list) and name == "weights":
            self._weights(old, new)
        elif name in ("config", "serialized", "resolved"):
            self._described(step, name, old, new)
        elif name == "attributes" and isinstance(old, dict) and isinstance(new, dict):
            for key in [*old, *(key for key in new if key not in old)]:
                if not _same(old.get(key), new.get(key)):
                    self._add(
                        Group.OTHER, f"attribute {key}", _short(old.get(key)), _short(new.get(key))
                    )
        elif not _same(old, new):
            self._add(Group.OTHER, label, _short(old), _short(new))

    def _tensor(self, number: int, name: str, label: str, old: Tensor, new: Tensor) -> None:
        tolerance = self.case.tolerance
        if tolerance.kind is Kind.DISTRIBUTION and not self._other_draws:
            tolerance = Tolerance(law=tolerance.law)  # the same generator: the same draws

        def budgets() -> Sequence[Mapping[str, Budget]]:
            return self._budgets()[number : number + 1]

        found = compare(
            [Returned({name: new})],
            [Returned({name: old})],
            tolerance,
            other_draws=self._other_draws,
            budgets=budgets,
        )
        for each in found:
            if each.verdict is Verdict.PASS and each.grade is Grade.WITHIN and each.error_ulp:
                self.roundings.append(
                    Rounding(
                        self.case.target, self.case.id, label, each.error_ulp, each.headroom or 0.0
                    )
                )
            if each.verdict is not Verdict.FAIL:
                continue
            if each.aspect in ("shape", "dtype"):
                was, now = getattr(old, each.aspect), getattr(new, each.aspect)
                self._add(Group.OTHER, f"{each.aspect} of {label}", _short(was), _short(now))
            elif each.aspect in ("nonfinite", "zero-sign"):
                what = {"nonfinite": "NaN or infinity", "zero-sign": "sign of zero"}[each.aspect]
                place = _odd(old, new, each.aspect)
                self._add(Group.VALUES, f"{label}: {what}", *_numbers(old, new, place))
            elif each.aspect in ("contract", "distribution"):
                self._add(Group.VALUES, "draws", _short(old), f"{_short(new)}: {each.message}")
            else:
                place, relative = _worst(old, new)
                numbers = _numbers(old, new, place)
                self._add(Group.VALUES, label, *numbers, ulp=each.error_ulp, relative=relative)

    def _weights(self, old: Sequence[Any], new: Sequence[Any]) -> None:
        names = [[w.get("name") for w in side] for side in (old, new)]
        if len(old) != len(new):
            self._add(
                Group.WEIGHTS, "number of weights", *(f"{len(n)}: {_short(n)}" for n in names)
            )
            return
        if names[0] != names[1] and Counter(map(str, names[0])) == Counter(map(str, names[1])):
            self._add(Group.WEIGHTS, "order of weights", *map(_short, names))
            return
        for was, now in zip(old, new, strict=True):
            for key in dict.fromkeys((*was, *now)):
                if not _same(was.get(key), now.get(key)):
                    what = f"{key} of {was.get('name')}"
                    self._add(Group.WEIGHTS, what, _short(was.get(key)), _short(now.get(key)))

    def _described(self, step: Step, name: str, old: Value, new: Value) -> None:
        if isinstance(old, dict) and isinstance(new, dict):
            if "class_name" in old and "class_name" in new:
                self._object(_spoken(step, self._given), old, new, step.do)
                return
            if "instance" in old and old.get("instance") == new.get("instance"):
                family = self.case.family
                target = f"{family}.{old['instance']}"
                given = _arguments(_spoken(step, self._given))
                was, now = (side.get("config") for side in (old, new))
                if isinstance(was, dict) and isinstance(now, dict):
                    self._config(target, given, was, now)
                elif not _same(was, now):
                    self._add(Group.CONFIG, "config", _short(was), _short(now), target=target)
                return
            if name != "resolved":
                self._config(self.case.target, self._given, old, new)
                return
        if not _same(old, new):
            self._add(Group.OTHER, f"{name} of {step.do}", _short(old), _short(new))

    def _object(self, given: Any, old: Mapping[str, Any], new: Mapping[str, Any], key: str) -> None:
        """Two objects of a configuration, `{"class_name", "config", ...}`."""
        described = used.described_in(old, key)
        target = described.target if described else str(old.get("class_name"))
        if old.get("class_name") != new.get("class_name"):
            was, now = (_short(side.get("class_name")) for side in (old, new))
            self._add(Group.CONFIG, "class_name", was, now, target=target)
            return
        for part in dict.fromkeys((*old, *new)):
            if part == "config":
                continue
            if (part in old) != (part in new):
                what = f"{part} beside its config {'added' if part in new else 'removed'}"
                self._add(
                    Group.CONFIG, what, _short(old.get(part)), _short(new.get(part)), target=target
                )
            elif not _same(old[part], new[part]):
                was, now = _short(old[part]), _short(new[part])
                self._add(Group.CONFIG, f"{part} beside its config", was, now, target=target)
        was_config, now_config = old.get("config"), new.get("config")
        if isinstance(was_config, Mapping) and isinstance(now_config, Mapping):
            self._config(target, _arguments(given), was_config, now_config)
        elif not _same(was_config, now_config):
            self._add(Group.CONFIG, "config", _short(was_config), _short(now_config), target=target)

    def _config(
        self,
        target: str,
        given: Mapping[str, Any] | None,
        old: Mapping[str, Any],
        new: Mapping[str, Any],
    ) -> None:
        """Two configurations of a class: entry by entry, and into those of the objects inside."""
        for key in dict.fromkeys((*old, *new)):
            if key not in new:
                self._add(Group.CONFIG, f"{key} removed", _short(old[key]), target=target)
            elif key not in old:
                self._add(Group.CONFIG, f"{key} added", "", _short(new[key]), target=target)
            else:
                self._entry(target, key, given, old[key], new[key])

    def _entry(
        self, target: str, key: str, given: Mapping[str, Any] | None, old: Any, new: Any
    ) -> None:
        if _same(old, new):
            return
        literal = None if given is None else given.get(key)
        if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
            parts = literal if isinstance(literal, list | tuple) else ()
            if all(_is_object(each) for each in (*old, *new)):
                for number, (was, now) in enumerate(zip(old, new, strict=True)):
                    part = parts[number] if number < len(parts) else None
                    self._object(part, was, now, key)
                return
        if _is_object(old) and _is_object(new) and old["class_name"] == new["class_name"]:
            self._object(literal, old, new, key)
        elif given is not None and key not in given:
            self._add(Group.DEFAULTS, key, _short(old), _short(new), target=target)
        else:
            self._add(Group.CONFIG, f"{key} as given", _short(old), _short(new), target=target)


def _is_object(value: Any) -> bool:
    return isinstance(value, Mapping) and "class_name" in value and "config" in value


def _spoken(step: Step, given: Mapping[str, Any] | None) -> Any:
    """The object whose description a step gives: named by the step, or the one under test."""
    for key in ("identifier", "config", "object"):
        if key in step.options:
            return step.options[key]
    return given


def _arguments(literal: Any) -> Mapping[str, Any] | None:
    """The arguments that a case gives to an object inside; None where that cannot be told."""
    if isinstance(literal, Reference):
        return None if "*" in literal.arguments else literal.arguments
    if isinstance(literal, Mapping):
        inner = literal.get("config")
        return inner if "class_name" in literal and isinstance(inner, Mapping) else literal
    return {} if literal is None or isinstance(literal, str) else None


def _same(old: Any, new: Any) -> bool:
    """Whether two plain values are one; true is not 1, NaN is NaN, 1 is 1.0."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return old.keys() == new.keys() and all(_same(old[k], new[k]) for k in old)
    if isinstance(old, list | tuple) and isinstance(new, list | tuple):
        return len(old) == len(new) and all(map(_same, old, new))
    if isinstance(old, bool) or isinstance(new, bool):
        return old is new
    if isinstance(old, int | float) and isinstance(new, int | float):
        return old == new or (old != old and new != new)
    return type(old) is type(new) and bool(old == new)


def _label(name: str, step: Step) -> str:
    aspect = stem(name)
    if step.do == "fit":
        return {"weights": "weights after fit", "losses": "losses of fit"}.get(aspect, aspect)
    if step.do == "output_shape" and aspect == "shape":
        return "output shape"
    if aspect == "count":
        return f"number of {step.do.removeprefix('get_')}"
    if aspect == "input":
        return "the input after the call"
    return aspect


def _short(value: Any) -> str:
    text = shown(value)
    return text if len(text) <= 120 else text[:117] + "..."


_ANSWERS: Final[Mapping[type[Any], str]] = {
    Returned: "accepted",
    Raised: "rejected",
    Unsupported: "unsupported",
    Crashed: "ends its process",
    TimedOut: "gives no answer in time",
}


def _now(old: Outcome | None, new: Outcome | None) -> str:
    was, now = (_ANSWERS.get(type(each), "without an answer") for each in (old, new))
    if isinstance(new, Raised):
        now = f"{now} with {signature.kind_of(new)} in {new.phase}"
    return f"now {now}" if isinstance(old, Returned) else f"now {now}, was {was}"


def _said(outcome: Outcome | None) -> str:
    if isinstance(outcome, Raised):
        return f"{signature.kind_of(outcome)} in {outcome.phase}: {outcome.message}"
    if isinstance(outcome, Returned):
        return ", ".join(f"{name} {_short(value)}" for name, value in outcome.values.items())
    if isinstance(outcome, Unsupported | Crashed):
        return outcome.reason
    return f"{outcome.seconds:g} s" if isinstance(outcome, TimedOut) else ""


def _wide(tensor: Tensor) -> Array:
    values = tensor.values()
    return values.astype(np.complex128 if values.dtype.kind == "c" else np.float64)


def _worst(old: Tensor, new: Tensor) -> tuple[tuple[int, ...], float]:
    """Where two values differ most, and by how much of the largest element of the old one."""
    was, now = _wide(old), _wide(new)
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        distance = np.abs(now - was)
        distance = np.where(np.isfinite(distance), distance, 0.0)
        scale = np.abs(was[np.isfinite(was)]).max(initial=0.0)
        relative = float(distance.max() / scale) if scale else float("inf")
    return tuple(int(i) for i in np.unravel_index(int(distance.argmax()), distance.shape)), relative


def _odd(old: Tensor, new: Tensor, aspect: str) -> tuple[int, ...]:
    was, now = _wide(old), _wide(new)
    if aspect == "nonfinite":
        where = (np.isnan(was) != np.isnan(now)) | ((np.isinf(was) | np.isinf(now)) & (was != now))
    else:
        where = (was == 0) & (now == 0) & (np.signbit(was.real) != np.signbit(now.real))
    found = np.argwhere(where)
    return tuple(int(i) for i in found[0]) if len(found) else (0,) * was.ndim


def _numbers(old: Tensor, new: Tensor, place: tuple[int, ...]) -> tuple[str, str]:
    at = f" at {list(place)}" if place else ""
    return f"{old.values()[place]}{at}", f"{new.values()[place]}"


_Key = tuple[Any, ...]


def _gather(made: Upgrade, answers: Sequence[Answered]) -> None:
    """Cases to rows: the same change, told once."""
    rows: dict[_Key, Row] = {}
    rounded: dict[str, Rounded] = {}
    made.asked = len(answers)
    for answer in answers:
        made.lacking += answer.lacking
        made.alike += not (answer.changes or answer.roundings or answer.lacking)
        for change in answer.changes:
            _take(rows, change)
        for each in answer.roundings:
            row = rounded.setdefault(each.target, Rounded(each.target))
            row.what[each.what] += 1
            row.ulp, row.headroom = max(row.ulp, each.ulp), max(row.headroom, each.headroom)
            if each.id not in row.ids:
                row.ids.append(each.id)
    order = list(Group)
    made.rows = sorted(
        _renamed(list(rows.values())),
        key=lambda row: (order.index(row.group), row.target, -len(row.ids)),
    )
    made.roundings = sorted(rounded.values(), key=lambda row: row.target)


def _take(rows: dict[_Key, Row], change: Change) -> None:
    key: _Key = (change.group, change.target, change.what)
    if change.group is Group.DEFAULTS:  # the old and the new default are what is told
        key += (change.old, change.new)
    row = rows.setdefault(key, Row(change.group, change.target, change.what, change))
    if change.id not in row.ids:
        row.ids.append(change.id)
    for name in ("ulp", "relative"):
        value, largest = getattr(change, name), getattr(row, name)
        if value is not None and (largest is None or value > largest):
            setattr(row, name, value)
            if name == "relative":
                row.example = change


def _renamed(rows: list[Row]) -> list[Row]:
    """An entry removed and one added, by the same cases and with the same value, are one renamed."""
    ends: dict[str, list[Row]] = {" removed": [], " added": []}
    for row in rows:
        for end, found in ends.items():
            if row.group is Group.CONFIG and row.what.endswith(end):
                found.append(row)
    pairs = [
        (gone, come)
        for gone in ends[" removed"]
        for come in ends[" added"]
        if gone.target == come.target
        and set(gone.ids) == set(come.ids)
        and gone.example.old == come.example.new
    ]
    for gone, come in pairs:
        alone = sum(gone is g or come is c for g, c in pairs) == 1
        if not alone:
            continue  # several entries have this value: which one it became cannot be told
        names = gone.what.removesuffix(" removed"), come.what.removesuffix(" added")
        what = f"{names[0]} renamed {names[1]}"
        example = replace(gone.example, what=what, old=names[0], new=names[1])
        rows = [r for r in rows if r is not gone and r is not come]
        rows.append(Row(Group.CONFIG, gone.target, what, example, gone.ids))
    return rows
