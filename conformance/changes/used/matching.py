"""When a value that a case gives stands for a value that a model has."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from conformance.changes.used.described import (
    described_in,
    family_of_argument,
    key_of,
    policy_name,
)
from conformance.model import Input, Reference

LABELS: Final = frozenset({"name", "seed"})
SIZES: Final = frozenset({"units", "filters", "kernel_size"})
MULTIPLICITIES: Final = frozenset({"groups", "depth_multiplier"})
MAGNITUDES: Final = frozenset(
    {"mean", "stddev", "minval", "maxval", "scale", "gain", "value", "l", "l1", "l2"}
    | {"factor", "rate", "min_value", "max_value"}
)


@dataclass(frozen=True, slots=True)
class Named:
    """An object by its class and arguments, as a configuration or a case names it.

    `key` is what all names of its class share (`key_of`). `arguments` is None where they are not known.
    """

    key: str
    arguments: Mapping[str, Any] | None = field(default_factory=dict)


def normal(value: Any, key: str) -> Any:
    """The form in which a value of an argument is compared, whether it is of a configuration or of a case."""
    if isinstance(value, Reference):
        if value.kind == "custom":
            return Named(f"custom {value.name}", None)
        arguments = None if "*" in value.arguments else dict(value.arguments)
        if key == "dtype":
            return (arguments or {}).get("name")
        if value.kind == "function":
            return f"function {value.name}"
        named = Named(key_of(value.name.rpartition(".")[2]), arguments)
        return value.name.rpartition(".")[2] if key == "activation" else named
    if isinstance(value, Input):
        elements = value.tensor.values().tolist()
        return normal(elements, key)
    if key == "dtype":
        return policy_name(value) or value
    if key == "activation" or key.endswith("_activation"):
        return _activation(value)
    if isinstance(value, Mapping):
        return _object(value, key)
    if isinstance(value, str) and family_of_argument(key):
        return Named(key_of(value))
    if isinstance(value, list | tuple):
        return tuple(normal(each, key) for each in value)
    return value


def _activation(value: Any) -> Any:
    if value is None:
        return "linear"
    if isinstance(value, Mapping):
        config = value.get("config")
        if isinstance(config, str):
            return config
        return _object(value, "activation")
    return value


def _object(value: Mapping[str, Any], key: str) -> Any:
    described = described_in(value, key)
    return Named(key_of(described.name), described.config) if described else dict(value)


def matches(asked: Any, has: Any, key: str) -> bool:
    """Whether a value that a case gives for the argument `key` stands for the one that a model has."""
    if key in LABELS:
        return True
    asked, has = normal(asked, key), normal(has, key)
    if key in SIZES:
        lengths = asked if isinstance(asked, tuple) and isinstance(has, tuple) else (asked,)
        return all(type(length) is int and length > 0 for length in lengths)
    if isinstance(asked, Named) and isinstance(has, Named):
        if asked.key != has.key or asked.arguments is None:
            return False
        return all_match(asked.arguments, has.arguments or {})
    if isinstance(asked, bool) or isinstance(has, bool):
        return asked is has
    if isinstance(asked, tuple) or isinstance(has, tuple):
        pairs = _aligned(asked, has)
        return pairs is not None and all(matches(a, h, key) for a, h in pairs)
    if _number(asked) and _number(has):
        if key in MULTIPLICITIES:
            return bool(asked >= 1 and has >= 1 and (asked > 1) == (has > 1))
        if key in MAGNITUDES:
            return _sign(asked) == _sign(has)
        return bool(asked == has)
    return type(asked) is type(has) and bool(asked == has)


def all_match(asked: Mapping[str, Any], has: Mapping[str, Any]) -> bool:
    """Whether the model has every argument that a case gives, with a value that matches."""
    for key, value in asked.items():
        if key in LABELS:
            continue
        if key not in has or not matches(value, has[key], key):
            return False
    return True


def _aligned(asked: Any, has: Any) -> Iterable[tuple[Any, Any]] | None:
    """The pairs of elements to compare; a single number of a case is paired with each of the model's."""
    if isinstance(asked, tuple) and isinstance(has, tuple):
        return zip(asked, has, strict=True) if len(asked) == len(has) else None
    if isinstance(has, tuple) and _number(asked):
        return ((asked, each) for each in has) if has else None
    return None


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _sign(value: float) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return "not finite"
    return "zero" if value == 0 else "positive" if value > 0 else "negative"
