"""User-defined classes as the documentation shows them, and plain callables.

They are built on the subject's own base class, so that they go through its `get`, its
serialization and its layers exactly as a user's would. `golden/README.md` gives their definitions
for ports in other languages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from conformance.subjects.tensors import TensorLibrary


def classes(base: type[Any], library: TensorLibrary) -> Mapping[str, type[Any]]:
    """The user-defined classes on `base`, the base class of a family, by name."""
    families = {"Constraint": _constraints, "Regularizer": _regularizers}
    made = families[base.__name__](base, library)
    for cls in made:
        # As in a user's script, and so that the module is no part of what is compared.
        cls.__module__ = "__main__"
    return {cls.__name__: cls for cls in made}


def _constraints(base: type[Any], library: TensorLibrary) -> tuple[type[Any], ...]:
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

    return CenterAround, NonNegative, Forgetful


def _regularizers(base: type[Any], library: TensorLibrary) -> tuple[type[Any], ...]:
    class L2Regularizer(base):  # type: ignore[misc]
        """`l2` times the sum of squares."""

        def __init__(self, l2: float = 0.0) -> None:
            self.l2 = l2

        def __call__(self, x: Any) -> Any:
            return self.l2 * library.total(x * x)

        def get_config(self) -> dict[str, Any]:
            return {"l2": float(self.l2)}

    class MyRegularizer(base):  # type: ignore[misc]
        """`strength` times the sum of squares."""

        def __init__(self, strength: float) -> None:
            self.strength = strength

        def __call__(self, x: Any) -> Any:
            return self.strength * library.total(x * x)

        def get_config(self) -> dict[str, Any]:
            return {"strength": self.strength}

    class Unsaved(base):  # type: ignore[misc]
        """`strength` times the sum of absolute values; it has no `get_config` of its own."""

        def __init__(self, strength: float = 2.0) -> None:
            self.strength = strength

        def __call__(self, x: Any) -> Any:
            return self.strength * library.total(abs(x))

    return L2Regularizer, MyRegularizer, Unsaved


def double(w: Any) -> Any:
    """A constraint that is a plain function."""
    return w + w


FUNCTIONS: Mapping[str, Callable[..., Any]] = {"double": double}


def functions(library: TensorLibrary) -> Mapping[str, Callable[..., Any]]:
    """The plain callables, by name: `FUNCTIONS`, and those which need the subject's tensors."""

    def l1_reg(weight_matrix: Any) -> Any:
        return 0.01 * library.total(abs(weight_matrix))

    def my_regularizer(x: Any) -> Any:
        return 1e-3 * library.total(x * x)

    return {**FUNCTIONS, "l1_reg": l1_reg, "my_regularizer": my_regularizer}
