"""What the `call` of a layer takes."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any


class Signature:
    """What `call` of a class takes."""

    def __init__(self, call: Callable[..., Any]) -> None:
        parameters = list(inspect.signature(call).parameters.values())[1:]
        self.names = [p.name for p in parameters]
        anything = any(p.kind is p.VAR_KEYWORD for p in parameters)
        self.training = anything or "training" in self.names
        self.mask = anything or "mask" in self.names
        self.default_training = {p.name: p.default for p in parameters}.get("training")
        self.plain = not self.training and not self.mask

    def has_place(self, name: str, among: int) -> bool:
        """Whether the argument `name` is one of so many positional ones."""
        return name in self.names[:among]
