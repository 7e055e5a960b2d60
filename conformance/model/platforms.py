"""Limits to platforms, of known failures and of findings: what TensorFlow computes by other kernels.

Also `CONFORMANCE_PLATFORM`, by which a process states what its provenances say of the platform.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from conformance.model.errors import UsageError

_FACTS: Final[Mapping[str, type]] = {
    "system": str,
    "machine": str,
    "onednn": bool,
    "device": str,  # of backends other than TensorFlow: "cpu" or "gpu"
}
_FEATURES: Final = "cpu_features"
# What a process may state, and the types of these facts.
VARIABLE: Final = "CONFORMANCE_PLATFORM"
_STATED: Final[Mapping[str, type]] = {
    **_FACTS,
    _FEATURES: list,
    "python": str,
    "numpy": str,
    "intra_op_threads": int,
}


@dataclass(frozen=True, slots=True)
class Platform:
    """The platforms that something holds on: all whose provenance has these facts.

    `has` and `lacks` are names of CPU features, as NumPy spells them (`X86_V4` is AVX-512).
    """

    facts: Mapping[str, str | bool] = field(default_factory=dict)
    has: frozenset[str] = frozenset()
    lacks: frozenset[str] = frozenset()

    @classmethod
    def read(cls, value: Any, where: str) -> Platform:
        """What a TOML table says, as `{ onednn = true, cpu_features = ["X86_V4"] }`; `!` negates.

        UsageError, which begins with `where`, for anything else.
        """
        if not isinstance(value, Mapping) or not value or not all(map(_is_fact, value.items())):
            raise UsageError(
                f"{where}: platform must be a table of facts of a provenance "
                f"({', '.join((*_FACTS, _FEATURES))}), "
                '{ onednn = true, cpu_features = ["X86_V3", "!X86_V4"] } for example; '
                f"received {value!r}"
            )
        features = value.get(_FEATURES, ())
        return cls(
            {key: fact for key, fact in value.items() if key != _FEATURES},
            frozenset(name for name in features if not name.startswith("!")),
            frozenset(name[1:] for name in features if name.startswith("!")),
        )

    def holds(self, provenance: Mapping[str, Any]) -> bool:
        """Whether it is one of these platforms. Facts that a provenance lacks are not these."""
        features = provenance.get(_FEATURES)
        if (self.has or self.lacks) and not isinstance(features, list | tuple):
            return False
        found = set(features or ())
        return (
            all(provenance.get(key) == fact for key, fact in self.facts.items())
            and self.has <= found
            and not self.lacks & found
        )

    def meets(self, other: Platform) -> bool:
        """Whether a platform may be one of both."""
        same = all(
            self.facts[key] == other.facts[key] for key in self.facts.keys() & other.facts.keys()
        )
        return same and not (self.has & other.lacks or self.lacks & other.has)


EVERYWHERE: Final = Platform()


def _is_fact(item: tuple[str, Any]) -> bool:
    key, fact = item
    if key != _FEATURES:
        return isinstance(fact, _FACTS.get(key, ()))
    return (
        isinstance(fact, list)
        and bool(fact)
        and all(isinstance(name, str) and name.removeprefix("!").isidentifier() for name in fact)
    )


def stated() -> dict[str, Any]:
    """The facts that the environment variable states instead of those found; UsageError in a sentence.

    A test sets it, to be on a platform like the one where golden vectors were recorded, or on another.
    """
    text = os.environ.get(VARIABLE, "")
    if not text:
        return {}
    try:
        facts = json.loads(text)
    except ValueError:
        facts = None
    right = isinstance(facts, dict) and all(
        type(fact) is _STATED.get(key) and _names(fact) for key, fact in facts.items()
    )
    if not right:
        raise UsageError(
            f"{VARIABLE} must be a JSON object of facts of a platform ({', '.join(_STATED)}); "
            f"received {text!r}"
        )
    return dict(facts)


def _names(fact: Any) -> bool:
    return not isinstance(fact, list) or all(isinstance(name, str) for name in fact)
