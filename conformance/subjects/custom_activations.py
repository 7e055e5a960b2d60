"""The user-defined layer that calls an activation: so a case reaches its arguments, and inputs that are no floats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.subjects.base import NotOffered


def activate(base: type[Any], activations: Any) -> type[Any]:
    """`Activate`; `activations`: the module of the subject that has them, if it has one."""

    class Activate(base):  # type: ignore[misc]
        """An activation of its inputs, by its name in the module, with other arguments."""

        def __init__(
            self, function: str, options: Mapping[str, Any] | None = None, **kwargs: Any
        ) -> None:
            super().__init__(**kwargs)
            self.called: Any = getattr(activations, function, None)
            if self.called is None:
                raise NotOffered(f"it has no activation {function}")
            self.given = tuple((options or {}).items())

        def call(self, inputs: Any) -> Any:
            return self.called(inputs, **dict(self.given))

    return Activate
