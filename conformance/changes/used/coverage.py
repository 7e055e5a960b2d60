"""What of a model the suite covers, and what it does not: classes, and values of arguments."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from conformance.changes.used.described import (
    Described,
    described_in,
    family_of_argument,
    own_function,
    place_of,
    policy_name,
)
from conformance.changes.used.matching import LABELS, SIZES, matches
from conformance.changes.used.models import Model
from conformance.changes.used.relevance import FED, is_relevant
from conformance.model import Case, Outcome, Returned
from conformance.model.texts import clipped
from conformance.vectors.store import GoldenFile


@dataclass(slots=True)
class Coverage:
    """What of a model the suite covers.

    Attributes:
        relevant: ids of the cases that ask about what the model uses.
        asked: how many cases there were to choose from.
        absent: classes that the suite does not have, with the names of the layers.
        values: argument values that no case of the class has, for example `layers.Dense activation="mish"`.
        custom: classes and functions that are not official.
        holders: for each of `values`, the names of the layers that have it.
        ran: classes and values that no case covers, compared by running the layers that have them.
        why: for what is not covered, why it was not compared by running it.

    """

    source: str
    relevant: frozenset[str] = frozenset()
    asked: int = 0
    covered: list[str] = field(default_factory=list)
    absent: dict[str, list[str]] = field(default_factory=dict)
    values: list[str] = field(default_factory=list)
    custom: dict[str, list[str]] = field(default_factory=dict)
    holders: dict[str, list[str]] = field(default_factory=dict)
    ran: dict[str, list[str]] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)

    def labels(self) -> set[str]:
        """The names of all layers and models that have something which no case covers."""
        held = (*self.absent.values(), *self.holders.values())
        return {label for labels in held for label in labels}


def coverage(model: Model, files: Sequence[GoldenFile], dialect: str) -> Coverage:
    """What of a model the cases of a dialect cover, and what they do not."""
    entries = [(f, e) for f in files for e in f.cases if dialect in e.expected]
    relevant = frozenset(e.case.id for _, e in entries if is_relevant(e.case, model))
    made = Coverage(model.source, relevant, len(entries), custom=dict(model.custom))
    by_key: dict[str, list[tuple[Case, Sequence[Outcome]]]] = {}
    names: dict[str, str] = {}
    for file, entry in entries:
        place = place_of(file.target)
        names.setdefault(place, file.target)  # the class comes before the function: L1L2, l1_l2
        if entry.case.custom is None:
            by_key.setdefault(place, []).append((entry.case, entry.expected[dialect]))
    for place, objects in sorted(model.classes.items()):
        if place not in by_key:
            labels = made.absent.setdefault(objects[0].target, [])
            labels += [each.label for each in objects if each.label and each.label not in labels]
        else:
            made.covered.append(names[place])
            for told, label in _values_without(names[place], objects, by_key[place]):
                labels = made.holders.setdefault(told, [])
                labels += [label] if label and label not in labels else []
    made.values = list(made.holders)
    return made


def _values_without(
    target: str,
    objects: Sequence[Described],
    cases: Sequence[tuple[Case, Sequence[Outcome]]],
) -> Iterator[tuple[str, str]]:
    """The argument values of a class that no case gives and that are not defaults, each with the name of its layer."""
    if target.startswith("models."):
        return
    defaults = _defaults(cases)
    for described in objects:
        for key, value in described.config.items():
            if key in LABELS | SIZES | FED or key == "trainable" or own_function(value):
                continue
            if _judged_apart(key, value):
                continue
            had = [
                *defaults.get(key, ()),
                *(c.arguments[key] for c, _ in cases if key in c.arguments),
            ]
            # An argument that no case gives, and that the model leaves at None, changes nothing.
            if not any(matches(each, value, key) for each in had) and (had or value is not None):
                yield f"{target} {key}={_shown(value, key)}", described.label


def _judged_apart(key: str, value: Any) -> bool:
    """Whether a value is an initializer, a regularizer or a constraint: these are rows of their own."""
    return bool(family_of_argument(key)) and (
        isinstance(value, str) or described_in(value, key) is not None
    )


def _defaults(cases: Sequence[tuple[Case, Sequence[Outcome]]]) -> dict[str, list[Any]]:
    """The default values of arguments, as golden configurations show them."""
    found: dict[str, list[Any]] = {}
    for case, outcomes in cases:
        if "*" in case.arguments or any(s.do in ("set", "from_config") for s in case.steps):
            continue
        for outcome in outcomes:
            config = outcome.values.get("config") if isinstance(outcome, Returned) else None
            for key, value in config.items() if isinstance(config, Mapping) else ():
                if key not in case.arguments and value not in found.setdefault(key, []):
                    found[key].append(value)
    return found


def _shown(value: Any, key: str) -> str:
    """A value of an argument in a few words: `L1L2(l1=0.001, l2=0.01)`."""
    if key == "dtype":
        return json.dumps(policy_name(value) or value)
    if (described := described_in(value, key)) is not None:
        inner = ", ".join(
            f"{k}={_shown(v, k)}" for k, v in described.config.items() if k not in LABELS
        )
        return f"{described.name}({inner})"
    if isinstance(value, Mapping) and isinstance(value.get("config"), str):
        return json.dumps(value["config"])
    return clipped(json.dumps(value, default=str), 80)
