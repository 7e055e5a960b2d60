"""The user-defined layer that calls a function: so a case reaches its arguments, and inputs that are no floats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.subjects.base import NotOffered


def activate(base: type[Any], namespace: Any) -> type[Any]:
    """`Activate`; `namespace`: what the modules of the subject are in, `activations` and others."""

    class Activate(base):  # type: ignore[misc]
        """An activation of its inputs, or what a function of another module makes of them.

        One that is given a `shape` makes something of that, and not of the inputs.
        """

        def __init__(
            self, function: str, options: Mapping[str, Any] | None = None, **kwargs: Any
        ) -> None:
            super().__init__(**kwargs)
            module, name = f"activations.{function}".split(".")[-2:]
            self.called: Any = getattr(getattr(namespace, module, None), name, None)
            if self.called is None:
                raise NotOffered(f"it has no {module}.{name}")
            self.given = tuple((options or {}).items())

        def call(self, inputs: Any) -> Any:
            given = dict(self.given)
            return self.called(**given) if "shape" in given else self.called(inputs, **given)

    return Activate
