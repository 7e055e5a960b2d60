"""User-defined classes as the documentation shows them, and plain callables.

They derive from the subject's own base classes, so that its `get`, its serialization and its layers treat them
exactly as classes of a user. `golden/README.md` defines them for ports in other languages.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from conformance.model import Input, Tensor
from conformance.subjects.custom_activations import activate
from conformance.subjects.custom_layers import unusual
from conformance.subjects.custom_losses import gap, nameless
from conformance.subjects.initializer_steps import applied
from conformance.subjects.tensors import TensorLibrary


def classes(
    base: type[Any], library: TensorLibrary, operations: Any = None, namespace: Any = None
) -> Mapping[str, type[Any]]:
    """The user-defined classes of a family by name; `base` is the base class of the family.

    `operations`: that module of the subject, where it has it; `namespace`: what all its modules are in.
    """
    families = {
        "Constraint": _constraints,
        "Initializer": _initializers,
        "Regularizer": _regularizers,
        "Layer": _layers,
    }
    made = families[base.__name__](base, library)
    if base.__name__ == "Layer":
        few = unusual(base, library)
        made = (*made, *few, *_masks(base, library, operations), activate(base, namespace))
    for cls in made:
        # As in a user's script; so the name of this module does not show in configurations.
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
        """Scales by `factor`. It has no `get_config` of its own; that of the base class is empty."""

        def __init__(self, factor: float = 2.0) -> None:
            self.factor = factor

        def __call__(self, w: Any) -> Any:
            return w * self.factor

    return CenterAround, NonNegative, Forgetful


def _initializers(base: type[Any], library: TensorLibrary) -> tuple[type[Any], ...]:
    def line(start: float, step: float, shape: Any, dtype: Any) -> Any:
        values = start + step * np.arange(math.prod(shape))
        return library.make(Input(Tensor.of(values.reshape(shape), name_of(dtype))))

    class ExampleRandomNormal(base):  # type: ignore[misc]
        """Normal values, new ones at each call."""

        def __init__(self, mean: float, stddev: float) -> None:
            self.mean = mean
            self.stddev = stddev

        def __call__(self, shape: Any, dtype: Any = None) -> Any:
            values = np.random.default_rng().normal(self.mean, self.stddev, shape)
            return library.make(Input(Tensor.of(values, name_of(dtype))))

        def get_config(self) -> dict[str, Any]:
            return {"mean": self.mean, "stddev": self.stddev}

    class Ramp(base):  # type: ignore[misc]
        """`start + step * i`, where i counts the elements row-major from 0."""

        def __init__(self, start: float, step: float) -> None:
            self.start = start
            self.step = step

        def __call__(self, shape: Any, dtype: Any = None) -> Any:
            return line(self.start, self.step, shape, dtype)

        def get_config(self) -> dict[str, Any]:
            return {"start": self.start, "step": self.step}

    class Countdown(base):  # type: ignore[misc]
        """`start - i`. It has no `get_config` of its own; that of the base class is empty."""

        def __init__(self, start: float = 10.0) -> None:
            self.start = start

        def __call__(self, shape: Any, dtype: Any = None) -> Any:
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


def _layers(base: type[Any], library: TensorLibrary) -> tuple[type[Any], ...]:
    class SimpleDense(base):  # type: ignore[misc]
        """`inputs @ kernel + bias`, as the documents show it."""

        def __init__(self, units: int = 32) -> None:
            super().__init__()
            self.units = units

        def build(self, input_shape: Any) -> None:
            self.kernel = self.add_weight(
                shape=(input_shape[-1], self.units),
                initializer="glorot_uniform",
                trainable=True,
                name="kernel",
            )
            self.bias = self.add_weight(
                shape=(self.units,), initializer="zeros", trainable=True, name="bias"
            )

        def call(self, inputs: Any) -> Any:
            return inputs @ self.kernel + self.bias

    class ComputeSum(base):  # type: ignore[misc]
        """The sum of all elements of all inputs so far, as the documents show it."""

        def __init__(self, input_dim: int) -> None:
            super().__init__()
            self.total = self.add_weight(
                shape=(), initializer="zeros", trainable=False, name="total"
            )

        def call(self, inputs: Any) -> Any:
            self.total.assign(self.total + library.total(inputs))
            return self.total

    class MyLayer(base):  # type: ignore[misc]
        """Returns its inputs, and adds their sum as a loss, as the documents show it."""

        def call(self, x: Any) -> Any:
            self.add_loss(library.total(x))
            return x

    class Linear(base):  # type: ignore[misc]
        """`inputs @ kernel + bias`; it can be saved."""

        def __init__(self, units: int, kernel_regularizer: Any = None, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.units = units
            self.penalty = kernel_regularizer

        def build(self, input_shape: Any) -> None:
            self.kernel = self.add_weight(
                shape=(input_shape[-1], self.units),
                initializer="ones",
                regularizer=self.penalty,
                name="kernel",
            )
            self.bias = self.add_weight(shape=(self.units,), initializer="zeros", name="bias")
            super().build(input_shape)

        def call(self, inputs: Any) -> Any:
            return inputs @ self.kernel + self.bias

        def compute_output_shape(self, input_shape: Any) -> Any:
            return (*input_shape[:-1], self.units)

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "units": self.units, "kernel_regularizer": self.penalty}

    class Block(base):  # type: ignore[misc]
        """Two `Linear` in a list, times a weight of its own. It also has a count that is not trained."""

        def __init__(self, units: int, kernel_regularizer: Any = None, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.units = units
            self.parts = [
                Linear(2, kernel_regularizer, name="first"),
                Linear(units, kernel_regularizer, name="second"),
            ]
            self.count = self.add_weight(
                shape=(), initializer="zeros", trainable=False, name="count"
            )
            self.scale = self.add_weight(shape=(), initializer="ones", name="scale")

        def call(self, inputs: Any) -> Any:
            for part in self.parts:
                inputs = part(inputs)
            return inputs * self.scale

    class Around(base):  # type: ignore[misc]
        """Calls the layer that it is given."""

        def __init__(self, inner: Any, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.inner = inner

        def call(self, inputs: Any) -> Any:
            return self.inner(inputs)

    class Switch(base):  # type: ignore[misc]
        """Twice its inputs in training, three times with a mask, six times with both."""

        def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
            outputs = inputs * 2 if training else inputs
            return outputs if mask is None else outputs * 3

    class Mixed(base):  # type: ignore[misc]
        """Four weights, made in the order a, b in `__init__`, c, d in `build`; a, d not trained."""

        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.a = self.add_weight(shape=(1,), initializer="ones", trainable=False, name="a")
            self.b = self.add_weight(shape=(2,), initializer="ones", name="b")

        def build(self, input_shape: Any) -> None:
            self.c = self.add_weight(shape=(3,), initializer="ones", name="c")
            self.d = self.add_weight(shape=(4,), initializer="ones", trainable=False, name="d")

        def call(self, inputs: Any) -> Any:
            return inputs * self.a

    class Weighted(base):  # type: ignore[misc]
        """`inputs * w`, where `w` is made in `__init__` with the arguments given for it."""

        def __init__(self, weight: Mapping[str, Any], **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.w = applied(self.add_weight, weight)

        def call(self, inputs: Any) -> Any:
            return inputs * self.w

    class Alone(Weighted):
        """`w + w`, whatever the inputs. It also tells how replicas of `w` are aggregated."""

        @property
        def aggregation(self) -> str:
            way = self.w.aggregation
            return str(getattr(way, "name", way)).lower()

        def call(self, inputs: Any) -> Any:
            return self.w + self.w

    class Reach(Weighted):
        """`inputs` times 1 if the largest magnitude in `w` is 0.98 to 1 times `limit`, otherwise times 0."""

        def __init__(self, weight: Mapping[str, Any], limit: float, **kwargs: Any) -> None:
            super().__init__(weight, **kwargs)
            largest = float(np.abs(self.get_weights()[0]).max())
            self.reached = 0.98 * limit < largest <= limit

        def call(self, inputs: Any) -> Any:
            return inputs * float(self.reached)

    class Both(base):  # type: ignore[misc]
        """The sum and the difference of two inputs."""

        def call(self, inputs: Any, other: Any) -> Any:
            return inputs + other, inputs - other

    return (
        *(SimpleDense, ComputeSum, MyLayer),
        *(Linear, Block, Around, Switch, Mixed, Weighted, Alone, Reach, Both),
    )


def _masks(base: type[Any], library: TensorLibrary, ops: Any) -> tuple[type[Any], ...]:
    any_nonzero, floats = library.any_nonzero, library.floats
    if hasattr(ops, "any") and hasattr(ops, "not_equal"):

        def any_nonzero(value: Any) -> Any:
            return ops.any(ops.not_equal(value, 0), axis=-1)

        def floats(value: Any) -> Any:
            return ops.cast(value, "float32")

    class MaskZeros(base):  # type: ignore[misc]
        """Its inputs, with a mask that is false where all elements along the last axis are 0."""

        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.supports_masking = True

        def call(self, inputs: Any) -> Any:
            return inputs

        def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
            return any_nonzero(inputs)

    class ShowMask(base):  # type: ignore[misc]
        """The mask that it is given, as float32; -1 for each input where it is given none."""

        def call(self, inputs: Any, mask: Any = None) -> Any:
            return inputs * 0 - 1 if mask is None else floats(mask)

    return MaskZeros, ShowMask


def name_of(dtype: Any) -> str:
    """The name of the dtype that an initializer is called with; Keras 2 passes an object."""
    return str(getattr(dtype, "name", dtype or "float32"))


def double(w: Any) -> Any:
    """A constraint that is a plain function."""
    return w + w


def count_up(shape: Any, dtype: Any = None) -> Any:
    """An initializer that is a plain function: 0, 1, 2, ..., as a NumPy array."""
    return np.arange(math.prod(shape)).reshape(shape).astype(name_of(dtype))


def twos(shape: Any, dtype: Any = None) -> Any:
    """An initializer that takes no notice of the dtype: 2 everywhere, as a NumPy array of float64."""
    return np.full(shape, 2.0)


def my_init(shape: Any, dtype: Any = None) -> Any:
    """The function of the documentation: normal values, new ones at each call, as a NumPy array."""
    return np.random.default_rng().normal(size=shape).astype(name_of(dtype))


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    **{each.__name__: each for each in (double, count_up, twos, my_init, gap)},
    "nameless": nameless,
}


def functions(library: TensorLibrary) -> Mapping[str, Callable[..., Any]]:
    """The plain callables by name: `FUNCTIONS`, and those that need the subject's tensors."""

    def l1_reg(weight_matrix: Any) -> Any:
        return 0.01 * library.total(abs(weight_matrix))

    def my_regularizer(x: Any) -> Any:
        return 1e-3 * library.total(x * x)

    for function in (l1_reg, my_regularizer):
        function.__qualname__ = function.__name__  # as in a user's script
    return {**FUNCTIONS, "l1_reg": l1_reg, "my_regularizer": my_regularizer}
