"""How the cases of one target are made, and what stands in their ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from conformance.model import DIALECTS, Case, Input, Reference, Step


class Rows:
    """Makes the cases of one target, with ids `<family>.<name>/<group>/<detail>`.

    Without a `family`, the name is the whole target.
    """

    family: ClassVar[str] = ""

    def __init__(self, name: str, dialects: tuple[str, ...] = DIALECTS) -> None:
        self.name = name
        self.target = f"{self.family}.{name}" if self.family else name
        self.dialects = dialects

    def __call__(self, group: str, detail: str, *steps: Step, **rest: Any) -> Case:
        rest.setdefault("dialects", self.dialects)
        return Case(f"{self.target}/{group}/{detail}", self.target, steps=steps, **rest)


def sizes(shape: Sequence[int]) -> str:
    """A shape in an id: its sizes, or scalar."""
    return "x".join(map(str, shape)) or "scalar"


def text(value: Any) -> str:
    """A value in an id: no spaces, no slashes."""
    if isinstance(value, Input):
        flat = value.tensor.values().reshape(-1).tolist()
        return f"{value.given}:{value.tensor.dtype}:{sizes(value.tensor.shape)}:{text(flat)}"
    if isinstance(value, Reference):
        return f"{value.name.rpartition('.')[2]}({arguments_text(value.arguments)})"
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{k}:{text(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        inner = ",".join(text(v) for v in value)
        return f"[{inner}]" if isinstance(value, list) else f"({inner})"
    if isinstance(value, str):
        return value.replace(" ", "_") or "empty"
    return str(value)


def arguments_text(arguments: Mapping[str, Any]) -> str:
    """Arguments in an id."""
    return ",".join(f"{name}={text(value)}" for name, value in arguments.items()) or "defaults"
