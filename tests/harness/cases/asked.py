"""Every case, by its target."""

from __future__ import annotations

from typing import Any

from conformance.cases import every_case
from conformance.model import Case, codec

CASES = every_case()
PACKAGES = {"keras2": "tf_keras", "keras3": "keras"}


def of(target: str, group: str | None = None, dialect: str | None = None) -> list[Case]:
    """The cases of a target, and of a group or dialect of it."""
    start = f"{target}/" + (f"{group}/" if group else "")
    return [
        case
        for case in CASES
        if case.id.startswith(start) and (dialect is None or dialect in case.dialects)
    ]


def text(value: Any) -> str:
    return codec.text(codec.literal_to_json(value))
