"""User-defined constraints as the documentation shows them, and plain callables.

They are built on the subject's own base class, so that they go through its `get`, its
serialization and its layers exactly as a user's would. `golden/README.md` gives their definitions
for ports in other languages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from conformance.subjects.tensors import TensorLibrary


def classes(base: type[Any], library: TensorLibrary) -> Mapping[str, type[Any]]:
    """The user-defined classes on `base`, by name."""

    class CenterAround(base):  # type: ignore[misc]
        """Moves the weights so that their mean is `ref_value`."""

        def __init__(self, ref_value: float) -> None:
            self.ref_value = ref_value

        def __call__(self, w: Any) -> Any:
            return w - library.mean(w) + self.ref_value

        def get_config(self) -> dict[str, Any]:
            return {"ref_value": self.ref_value}

    class NonNegative(base):  # type: ignore[misc]
        """Multiplies negative weights by zero."""

        def __call__(self, w: Any) -> Any:
            return w * library.step_function(w)

    class Forgetful(base):  # type: ignore[misc]
        """Scales by `factor`, and has no `get_config` of its own: the base class's is empty."""

        def __init__(self, factor: float = 2.0) -> None:
            self.factor = factor

        def __call__(self, w: Any) -> Any:
            return w * self.factor

    made = (CenterAround, NonNegative, Forgetful)
    for cls in made:
        # As in a user's script, and so that the module is no part of what is compared.
        cls.__module__ = "__main__"
    return {cls.__name__: cls for cls in made}


def double(w: Any) -> Any:
    """A constraint that is a plain function."""
    return w + w


FUNCTIONS: Mapping[str, Callable[..., Any]] = {"double": double}
