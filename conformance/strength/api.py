"""Which part of the API of both official packages the cases ask, and what is excused from being asked.

A release that adds a name, an argument, a method or a property thereby adds an item that nobody asks: then
`conformance strength api` fails.
"""

from __future__ import annotations

import json
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any, Final

from conformance.model import DIALECTS, Case, Reference, codec
from conformance.model.errors import UsageError
from conformance.strength.inventory import Inventory, inventory
from conformance.subjects import OFFICIAL, official_package

EXCUSED: Final = Path(__file__).with_name("excused.toml")
# What each step asks of a target, beside what its options name.
_ASKS: Final[Mapping[str, tuple[str, ...]]] = {
    "call": ("call",),
    "config": ("get_config",),
    "roundtrip": ("get_config", "from_config"),
    "from_config": ("get_config", "from_config"),
    "build": ("build", "weights"),
    "weights": ("weights", "trainable_weights"),
    "get_weights": ("get_weights",),
    "set_weights": ("set_weights",),
    "losses": ("losses",),
    "gradient": ("call", "trainable_weights"),
    "output_shape": ("compute_output_shape",),
    "symbolic": ("call", "compute_output_spec"),
    "compile": ("compile",),
    "fit": ("compile", "fit", "get_weights"),
    "evaluate": ("evaluate",),
    "predict": ("predict",),
}
# By the format of a `save` step.
_SAVES: Final[Mapping[str, tuple[str, ...]]] = {
    "keras": ("save",),
    "h5": ("save",),
    "weights": ("save_weights", "load_weights"),
}
# A layer is trained in a model around it.
_TRAINED: Final = ("compile", "fit", "evaluate", "predict", "save", "save_weights", "load_weights")


@dataclass(frozen=True, slots=True)
class Excuse:
    """Items that no case asks, and why."""

    items: tuple[str, ...]
    dialects: tuple[str, ...]
    reason: str


@dataclass(slots=True)
class Coverage:
    """What the cases ask of one package.

    Attributes:
        items: every item that the package offers.
        asked: those that a case asks.
        excused: by item that no case asks, why.
        values: by argument that is asked, how many values of it are.
        pairs: by class, how many pairs of values of two arguments are asked together.

    """

    dialect: str
    package: str
    version: str
    items: tuple[str, ...]
    asked: frozenset[str]
    excused: Mapping[str, str]
    values: Mapping[str, int] = field(default_factory=dict)
    pairs: Mapping[str, int] = field(default_factory=dict)

    @property
    def missing(self) -> list[str]:
        """What nobody asks or excuses."""
        return [item for item in self.items if item not in self.asked and item not in self.excused]


def measure(cases: Mapping[str, Sequence[Case]], excuses: Sequence[Excuse]) -> list[Coverage]:
    """The coverage of both packages. `cases`: by dialect, those that official Keras of it was asked."""
    return [_covered(dialect, cases[dialect], excuses) for dialect in DIALECTS]


def problems(found: Sequence[Coverage], excuses: Sequence[Excuse]) -> list[str]:
    """A sentence for each item that is neither asked nor excused, and for each idle excuse."""
    said = [
        f"{each.package} {each.version}: {item} is asked by no case and excused nowhere"
        for each in found
        for item in each.missing
    ]
    by_dialect = {each.dialect: each for each in found}
    for excuse in excuses:
        for dialect in excuse.dialects:
            one = by_dialect[dialect]
            for item in excuse.items:
                if item not in one.items:
                    said.append(f"{one.package} {one.version} has no {item}, which is excused")
                elif item in one.asked:
                    said.append(f"{one.package}: {item} is excused, and asked by a case")
    return said


def excuses(file: Path = EXCUSED) -> list[Excuse]:
    """The excuses of a file; UsageError where it is no such file."""
    try:
        parsed = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{file}: cannot be read: {error}") from error
    listed = parsed.pop("excused", [])
    if parsed or not isinstance(listed, list):
        raise UsageError(f"{file}: must hold [[excused]] tables only; received {', '.join(parsed)}")
    return [_excuse(given, f"{file.name} entry {n}") for n, given in enumerate(listed, 1)]


def _excuse(given: Any, where: str) -> Excuse:
    rules = {"items": list, "dialects": list, "reason": str}
    wrong = not isinstance(given, dict) or set(given) != set(rules)
    if wrong or not all(isinstance(given[key], kind) and given[key] for key, kind in rules.items()):
        raise UsageError(
            f"{where}: must have items, dialects and reason, none of them empty; received {given!r}"
        )
    unknown = [each for each in given["dialects"] if each not in DIALECTS]
    if unknown:
        raise UsageError(f"{where}: dialects must be of {', '.join(DIALECTS)}; received {unknown}")
    return Excuse(tuple(given["items"]), tuple(given["dialects"]), given["reason"])


def _covered(dialect: str, cases: Sequence[Case], excuses: Sequence[Excuse]) -> Coverage:
    package = official_package(dialect)
    offered = inventory(package, {case.target for case in cases})
    items = tuple(offered.items())
    asked = _Asked(offered)
    for case in cases:
        asked.take(case)
    excused = {
        item: excuse.reason
        for excuse in excuses
        if dialect in excuse.dialects
        for item in excuse.items
    }
    return Coverage(
        dialect,
        OFFICIAL[dialect],
        package.__version__,
        items,
        frozenset(asked.items),
        {item: excused[item] for item in items if item in excused and item not in asked.items},
        {item: len(values) for item, values in asked.values.items()},
        {name: len(pairs) for name, pairs in asked.pairs.items()},
    )


class _Asked:
    """Collects what cases ask of an inventory."""

    def __init__(self, offered: Inventory) -> None:
        self._offered = offered
        self.items: set[str] = set()
        self.values: defaultdict[str, set[str]] = defaultdict(set)
        self.pairs: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)

    def take(self, case: Case) -> None:
        self._name(case.target)
        self._arguments(case.target, case.arguments)
        for step in case.steps:
            if step.do == "lookup":
                self._name(f"{case.family}.{step.options['name']}")
            self._literal(step.options)
            for member in _members(step.do, step.options):
                self._member(case.target, member)

    def _name(self, name: str) -> None:
        if name in self._offered.names:
            self.items.add(name)

    def _arguments(self, name: str, given: Mapping[str, Any]) -> None:
        known = self._offered.arguments.get(name, ())
        positional = given.get("*", ())
        named = (
            dict(zip(known, positional, strict=False))
            if isinstance(positional, list | tuple)
            else {}
        )
        named |= {key: value for key, value in given.items() if key != "*"}
        valued = [(f"{name}({key})", _text(value)) for key, value in named.items() if key in known]
        for item, value in valued:
            self.items.add(item)
            self.values[item].add(value)
        self.pairs[name].update(
            (f"{one}={first}", f"{other}={second}")
            for (one, first), (other, second) in combinations(sorted(valued), 2)
        )
        self._literal(given)

    def _member(self, target: str, member: str) -> None:
        known = self._offered.members
        if member in _TRAINED and member not in known.get(target, {}):
            target = "models.Sequential"
        if member in known.get(target, {}):
            self.items.add(f"{known[target][member]}.{member}")

    def _literal(self, value: Any) -> None:
        """The objects and names inside of a value, an identifier of `get` included."""
        if isinstance(value, Reference):
            self._name(value.name)
            self._arguments(value.name, value.arguments)
        elif isinstance(value, Mapping):
            for each in value.values():
                self._literal(each)
        elif isinstance(value, list | tuple):
            for each in value:
                self._literal(each)


def _text(value: Any) -> str:
    return json.dumps(codec.literal_to_json(value), sort_keys=True)


def _members(step: str, options: Mapping[str, Any]) -> Iterator[str]:
    """The methods and properties that a step asks of the target."""
    yield from _ASKS.get(step, ())
    if step == "save":
        yield from _SAVES.get(str(options.get("format")), ())
    names: Iterable[Any] = ()
    if step == "attributes":
        names = options.get("names", ())
    elif step == "method" and "of" not in options:
        names = (options["name"],)
    elif step == "set":
        names = options
    for name in names:
        yield str(name).removeprefix("model.").partition(".")[0]


@dataclass(slots=True)
class Row:
    """What is asked of one class, or of the names of one family, of one package.

    Attributes:
        counts: how many items are `asked`, `excused` and `missing`.
        values: by argument that is asked, how many values of it are.
        pairs: how many pairs of values of two arguments are asked together.

    """

    place: str
    counts: Counter[str] = field(default_factory=Counter)
    values: dict[str, int] = field(default_factory=dict)
    pairs: int = 0


def rows(coverage: Coverage) -> list[Row]:
    """A row for the names of each family, then one for each class, in the order of the items."""
    found: dict[str, Row] = {}
    for item in coverage.items:
        name, _, argument = item.removesuffix(")").partition("(")
        parts = name.split(".")
        of_class = bool(argument) or len(parts) > 2
        place = ".".join(parts[:2]) if of_class else parts[0]
        row = found.setdefault(place, Row(place, pairs=coverage.pairs.get(place, 0)))
        if item in coverage.asked:
            row.counts["asked"] += 1
        else:
            row.counts["excused" if item in coverage.excused else "missing"] += 1
        if argument and item in coverage.values:
            row.values[argument] = coverage.values[item]
    return list(found.values())
