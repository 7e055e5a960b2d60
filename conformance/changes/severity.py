"""How much a change matters to whoever upgrades."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from conformance.changes.differences import Group


class Severity(StrEnum):
    """The worst first."""

    TRAINING = "training"
    VALUES = "values"
    LOADING = "loading"
    ERRORS = "errors"
    NAMES = "names"
    COSMETICS = "cosmetics"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return tuple(Severity).index(self)


# What a row is about that tells of the training of a model.
_TRAINING: Final = re.compile(r"(loss|losses|gradient|weights after fit|losses of fit)\b")
# The steps that read what was written.
_READING: Final = re.compile(
    r"in (from_config|deserialize|roundtrip|save|load|get|set_weights|copy|lookup)$"
)


def severity(group: Group, what: str) -> Severity:
    """That of a change: `what` as rows tell it."""
    if what.endswith(": sign of zero"):
        return Severity.COSMETICS
    match group:
        case Group.VALUES:
            return Severity.TRAINING if _TRAINING.match(what) else Severity.VALUES
        case Group.ACCEPTANCE:
            return Severity.LOADING if _READING.search(what) else Severity.ERRORS
        case Group.DEFAULTS:
            return Severity.VALUES
        case Group.CONFIG:
            return Severity.COSMETICS if what.endswith(" added") else Severity.LOADING
        case Group.WEIGHTS:
            named = what.startswith("name of ") or " renamed " in what
            return Severity.NAMES if named else Severity.LOADING
    if what.startswith(("shape of ", "dtype of ", "output shape", "number of ", "the input")):
        return Severity.VALUES
    if what in ("warned", "printed"):
        return Severity.COSMETICS
    if what.startswith("attribute "):
        return Severity.NAMES
    return Severity.LOADING if _is_reading(what) else Severity.NAMES


def _is_reading(what: str) -> bool:
    return what.startswith(("serialized", "resolved", "same", "config", "kind of"))
