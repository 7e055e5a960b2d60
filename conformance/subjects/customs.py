"""User-defined classes as the documentation shows them, and plain callables.

They are built on the subject's own base class, so that they go through its `get`, its
serialization and its layers exactly as a user's would. `golden/README.md` gives their definitions
for ports in other languages.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from conformance.model import Input, Tensor
from conformance.subjects.tensors import TensorLibrary


def classes(base: type[Any], library: TensorLibrary) -> Mapping[str, type[Any]]:
    """The user-defined classes on `base`, the base class of a family, by name."""
    families = {
        "Constraint": _constraints,
        "Initializer": _initializers,
        "Regularizer": _regularizers,
    }
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


def _initializers(base: type[Any], library: TensorLibrary) -> tuple[type[Any], ...]:
    def line(start: float, step: float, shape: Any, dtype: str | None) -> Any:
        values = start + step * np.arange(math.prod(shape))
        return library.make(Input(Tensor.of(values.reshape(shape), dtype or "float32")))

    class ExampleRandomNormal(base):  # type: ignore[misc]
        """Normal values, others at each call."""

        def __init__(self, mean: float, stddev: float) -> None:
            self.mean = mean
            self.stddev = stddev

        def __call__(self, shape: Any, dtype: str | None = None) -> Any:
            values = np.random.default_rng().normal(self.mean, self.stddev, shape)
            return library.make(Input(Tensor.of(values, dtype or "float32")))

        def get_config(self) -> dict[str, Any]:
            return {"mean": self.mean, "stddev": self.stddev}

    class Ramp(base):  # type: ignore[misc]
        """`start + step * i`, i counting the elements row-major from 0."""

        def __init__(self, start: float, step: float) -> None:
            self.start = start
            self.step = step

        def __call__(self, shape: Any, dtype: str | None = None) -> Any:
            return line(self.start, self.step, shape, dtype)

        def get_config(self) -> dict[str, Any]:
            return {"start": self.start, "step": self.step}

    class Countdown(base):  # type: ignore[misc]
        """`start - i`, without a `get_config` of its own: the base class's is empty."""

        def __init__(self, start: float = 10.0) -> None:
            self.start = start

        def __call__(self, shape: Any, dtype: str | None = None) -> Any:
            return line(self.start, -1.0, shape, dtype)

    return ExampleRandomNormal, Ramp, Countdown


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


def count_up(shape: Any, dtype: str | None = None) -> Any:
    """An initializer that is a plain function: 0, 1, 2, ..., as a NumPy array."""
    return np.arange(math.prod(shape)).reshape(shape).astype(dtype or "float32")


def my_init(shape: Any, dtype: str | None = None) -> Any:
    """The documentation's function: normal values, others at each call, as a NumPy array."""
    return np.random.default_rng().normal(size=shape).astype(dtype or "float32")


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "double": double,
    "count_up": count_up,
    "my_init": my_init,
}


def functions(library: TensorLibrary) -> Mapping[str, Callable[..., Any]]:
    """The plain callables, by name: `FUNCTIONS`, and those which need the subject's tensors."""

    def l1_reg(weight_matrix: Any) -> Any:
        return 0.01 * library.total(abs(weight_matrix))

    def my_regularizer(x: Any) -> Any:
        return 1e-3 * library.total(x * x)

    for function in (l1_reg, my_regularizer):
        function.__qualname__ = function.__name__  # as in a user's script
    return {**FUNCTIONS, "l1_reg": l1_reg, "my_regularizer": my_regularizer}
