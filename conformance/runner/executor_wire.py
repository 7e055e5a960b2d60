"""Values as text between this process and the workers of a cluster: JSON, and nothing that runs when it is read.

Beside plain values it holds records and enumerations of a fixed list of classes. Floats keep their bits but for the
payload of a NaN, tensors all of them.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any


class Wire:
    """Writes and reads the values of some classes."""

    def __init__(self, *classes: type[Any]) -> None:
        self._classes = {each.__name__: each for each in classes}

    def dumps(self, value: Any) -> str:
        """The value as one line; TypeError where it holds what the classes do not have."""
        return json.dumps(self._plain(value), separators=(",", ":"))

    def loads(self, text: str) -> Any:
        """The value that `dumps` wrote."""
        return self._value(json.loads(text))

    def _plain(self, value: Any) -> Any:
        name = type(value).__name__
        known = self._classes.get(name) is type(value)
        if known and isinstance(value, Enum):
            return {f"${name}": value.value}
        if value is None or type(value) in (bool, str, int, float):
            return value
        if known:
            return {f"${name}": [self._plain(getattr(value, f.name)) for f in fields(value)]}
        if isinstance(value, float):  # NumPy's double
            return float(value)
        if isinstance(value, list):
            return [self._plain(each) for each in value]
        if isinstance(value, tuple):
            return {"$": "tuple", "of": [self._plain(each) for each in value]}
        if isinstance(value, frozenset):
            return {"$": "frozenset", "of": [self._plain(each) for each in sorted(value)]}
        if isinstance(value, bytes):
            return {"$": "bytes", "of": base64.b64encode(value).decode()}
        if isinstance(value, Path):
            return {"$": "path", "of": str(value)}
        if isinstance(value, Mapping):
            return {
                "$": "dict",
                "of": [[self._plain(k), self._plain(v)] for k, v in value.items()],
            }
        raise TypeError(f"{type(value).__name__} does not go to a worker")

    def _value(self, given: Any) -> Any:
        if isinstance(given, list):
            return [self._value(each) for each in given]
        if not isinstance(given, dict):
            return given
        if "$" not in given:
            ((name, held),) = given.items()
            made = self._classes[name[1:]]
            if is_dataclass(made):
                return made(*(self._value(each) for each in held))
            return made(held)
        kind, held = given["$"], given["of"]
        if kind == "tuple":
            return tuple(map(self._value, held))
        if kind == "frozenset":
            return frozenset(map(self._value, held))
        if kind == "bytes":
            return base64.b64decode(held)
        if kind == "path":
            return Path(held)
        return {self._value(k): self._value(v) for k, v in held}
