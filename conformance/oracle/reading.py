"""What a case asks about, read from the case alone: the object that its steps leave standing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from conformance.model import Array, Case, Given, Input, Reference, Step
from conformance.oracle.bounded import Bounded, constant
from conformance.oracle.truths import Unknown

# User-defined classes of the suite that say nothing of their arguments: they are rebuilt without.
_FORGETFUL: Final = ("Forgetful", "Unsaved", "Countdown")
Signatures = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Thing:
    """A class by the name that the documents give it, or a function, and all its arguments."""

    name: str
    arguments: Mapping[str, Any]


def things(
    case: Case, signatures: Signatures, aliases: Mapping[str, str]
) -> Iterator[tuple[Step, Thing | None, Mapping[str, Any]]]:
    """Each step with what it is done to, and the settings; None where the documents do not say what that is.

    `signatures` has the parameters of each class, in order, with their defaults; `aliases` the
    classes that other names stand for. A round trip gives the same object again.
    """
    name = case.custom or case.target.partition(".")[2]
    thing = _made(name, case.arguments, signatures, aliases)
    settings: dict[str, Any] = {}
    for step in case.steps:
        match step.do:
            case "get" | "deserialize":
                given = step.options.get("identifier", step.options.get("config"))
                thing = _identified(given, signatures, aliases)
            case "from_config" if thing is not None:
                config = step.options["config"]
                known = config if isinstance(config, Mapping) else {"": config}
                thing = _made(thing.name, known, signatures, aliases)
            case "set" if thing is not None:
                thing = replace(thing, arguments={**thing.arguments, **step.options})
            case "roundtrip" if thing is not None and thing.name in _FORGETFUL:
                thing = _made(thing.name, {}, signatures, aliases)
            case "new":
                thing = _made(name, case.arguments, signatures, aliases)
            case "setting":
                settings |= step.options
        yield step, thing, settings


def unshared(reference: Reference) -> Reference:
    """What a reference to a shared object stands for."""
    if reference.kind != "shared":
        return reference
    inner = reference.arguments["object"]
    assert isinstance(inner, Reference)
    return inner


def _made(
    name: str, given: Mapping[str, Any], signatures: Signatures, aliases: Mapping[str, str]
) -> Thing | None:
    name = aliases.get(name, name)
    if name not in signatures:
        return None
    parameters = signatures[name]
    positional = given.get("*", ())
    named = {key: value for key, value in given.items() if key != "*"}
    if len(positional) > len(parameters) or not named.keys() <= parameters.keys():
        return None
    placed = dict(zip(parameters, positional, strict=False))
    return Thing(name, {**parameters, **placed, **named})


def _identified(given: Any, signatures: Signatures, aliases: Mapping[str, str]) -> Thing | None:
    if isinstance(given, str):
        return _made(given, {}, signatures, aliases)
    if isinstance(given, Input):
        return Thing("values", {"values": given})
    if isinstance(given, Reference):
        given = unshared(given)
        return _made(given.name.rpartition(".")[2], given.arguments, signatures, aliases)
    if isinstance(given, Mapping) and isinstance(given.get("config", {}), Mapping):
        name = given.get("class_name")
        return _made(str(name), given.get("config", {}), signatures, aliases)
    return None


def undecided(given: Input, settings: Mapping[str, Any]) -> Unknown | None:
    """Why nobody can say what a constraint or penalty of `given` is after settings were changed."""
    if isinstance(settings.get("epsilon", 0.0), bool | str | None):
        return Unknown("its fuzz factor is no number")
    plain = given.given in (Given.LIST, Given.ARRAY)
    if "floatx" in settings and (plain or "float" not in given.tensor.dtype):
        return Unknown("the documents do not say which dtype becomes of numbers without one")
    return None


def array(given: Any) -> Array | None:
    """Real numbers of an argument as float64, whatever form they have; None where it has none."""
    if isinstance(given, Input):
        values = given.tensor.values()
        return None if values.dtype.kind not in "fiub" else values.astype(np.float64)
    if isinstance(given, bool | int | float):
        try:
            return np.float64(given) * np.ones(())
        except OverflowError:
            return None
    if isinstance(given, list | tuple):
        parts = [array(each) for each in given]
        known = [part for part in parts if part is not None]
        alike = len({part.shape for part in known}) <= 1
        return np.array(known, dtype=np.float64) if len(known) == len(parts) and alike else None
    return None


def floating(given: Input) -> str | None:
    """The dtype that an input is computed in; None for complex numbers.

    Nested lists, and whole numbers where a fraction is computed of them, become float32.
    """
    dtype = given.tensor.dtype
    if dtype.startswith("complex"):
        return None
    if given.given is Given.LIST or "float" not in dtype:
        return "float32"
    return dtype


def weights(given: Input, dtype: str) -> Bounded:
    """The numbers of an input in `dtype`, where kernels may take subnormal ones for zero."""
    return constant(given.tensor.values().astype(np.float64), dtype)
