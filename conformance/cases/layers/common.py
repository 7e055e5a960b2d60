"""What the files of this family share: steps, tolerances of sums of products, ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from conformance.cases.inputs import wave
from conformance.cases.rows import Rows as Rows
from conformance.model import (
    EPSILON,
    Given,
    Input,
    Kind,
    Reference,
    Step,
    Tolerance,
)

KERAS2: Final = ("keras2",)
KERAS3: Final = ("keras3",)
CALL: Final = Step("call", 0)
CONFIG: Final = Step("config")
GRADIENT: Final = Step("gradient", 0)
LOSSES: Final = Step("losses")
WEIGHTS: Final = Step("weights")
GET_WEIGHTS: Final = Step("get_weights")

# Dtypes of the computation and of the weights, by the name of the policy.
POLICIES: Final[Mapping[str, tuple[str, str]]] = {
    "float16": ("float16", "float16"),
    "bfloat16": ("bfloat16", "bfloat16"),
    "float32": ("float32", "float32"),
    "float64": ("float64", "float64"),
    "mixed_float16": ("float16", "float32"),
    "mixed_bfloat16": ("bfloat16", "float32"),
}


def layer(class_name: str, /, **arguments: Any) -> Reference:
    """An instance of a layer of the subject."""
    return Reference("instance", f"layers.{class_name}", arguments)


def custom(class_name: str, /, **arguments: Any) -> Reference:
    """An instance of a user-defined class."""
    return Reference("custom", class_name, arguments)


def regularizer(class_name: str, /, **arguments: Any) -> Reference:
    """An instance of a regularizer of the subject."""
    return Reference("instance", f"regularizers.{class_name}", arguments)


def constraint(class_name: str, /, **arguments: Any) -> Reference:
    """An instance of a constraint of the subject."""
    return Reference("instance", f"constraints.{class_name}", arguments)


def initializer(class_name: str, /, **arguments: Any) -> Reference:
    """An instance of an initializer of the subject."""
    return Reference("instance", f"initializers.{class_name}", arguments)


def build(*shape: int | None) -> Step:
    """Builds for a shape, a tuple; the first size, the batch, is mostly None."""
    return Step("build", options={"shape": shape})


def set_weights(*values: Input) -> Step:
    """Gives the weights these values."""
    return Step("set_weights", options={"values": list(values)})


def attributes(*names: str) -> Step:
    """Looks at attributes."""
    return Step("attributes", options={"names": list(names)})


def output_shape(*shape: int | None) -> Step:
    """Asks for the shape of the outputs."""
    return Step("output_shape", options={"shape": shape})


def roundtrip(via: str) -> Step:
    """Describes and rebuilds the layer."""
    return Step("roundtrip", options={"via": via})


def array(shape: Sequence[int], dtype: str = "float32", formula: Any = wave) -> Input:
    """The value of a weight, by a formula of `inputs`."""
    given: Input = formula(shape, dtype, Given.ARRAY)
    return given


def shape_text(shape: Sequence[int | None]) -> str:
    """A shape in an id."""
    return "x".join("?" if size is None else str(size) for size in shape) or "scalar"


def largest(*given: Input) -> float:
    """The largest magnitude among the finite elements."""
    found = 0.0
    for each in given:
        values = np.abs(each.tensor.values().astype(np.float64))
        found = max(found, float(values[np.isfinite(values)].max(initial=0.0)))
    return found


# Of `gradient`: the largest magnitude among its cotangents.
COTANGENT: Final = 1.25


def dense_tolerance(
    x: Input,
    kernel: Input,
    bias: Input | None = None,
    *,
    policy: str = "float32",
    gradient: bool = False,
    activation: str | None = None,
) -> Tolerance:
    """What rounding can do to `x @ kernel + bias`, to an activation of it, and to its gradients.

    Of an output the bound is 8 eps S, of a gradient 4 eps S, where S is the same sum over absolute
    values and eps the distance from 1 to the next number in the dtype of the *computation*; twice
    and more than what was measured against float64 between CPUs and kernels. An activation that
    is no piecewise linear function adds 16 ULP, and its slope (for `exponential` the largest value
    that there can be, for others at most 2) multiplies S. Weights of another dtype than that of the
    computation have gradients that are rounded as the computation is.
    """
    n, units = kernel.tensor.shape
    rows = max(x.tensor.size // max(n, 1), 1)
    compute, variable = POLICIES[policy]
    w = largest(kernel)
    s = n * largest(x) * w + (largest(bias) if bias else 0.0)
    sums = [f"sums of {n} products and a bias"]
    slope, curved = 1.0, 0
    if activation not in (None, "linear", "relu"):
        slope, curved = (float(np.exp(s)) if activation == "exponential" else 2.0), 16
        sums.append(f"an activation of slope {slope:.3g} at most, to 16 ULP")
    scale = s * slope
    if gradient:
        g = COTANGENT * slope * max(units * w, rows * largest(x), rows)
        scale = max(scale, g)
        sums.append(f"gradients, sums of {max(units, rows)} products")
        scale *= EPSILON[compute] / EPSILON[variable]
    if scale == 0.0:
        return Tolerance()
    why = f"{', '.join(sums)}: 8 eps of their terms' magnitudes in {compute}"
    return Tolerance(Kind.BOUND, why=why, eps=8 + curved, scale=float(f"{scale:.3g}"))


def penalty_bound(terms: int, magnitude: float, factor: float, dtype: str = "float32") -> Tolerance:
    """What rounding can do to `factor` times a sum of |x| or x ** 2 over `terms` elements of x.

    The x may be outputs, off by 8 eps of `magnitude`, a bound on the sum of the magnitudes of what
    made them: their squares are off by 16 eps of its square. Each of the `terms` additions, the
    square, the product and a division adds at most eps of the total.
    """
    total = factor * terms * max(magnitude, magnitude**2)
    why = f"{terms} squares or magnitudes of outputs or weights off by 8 eps, then their sum"
    eps = min(16 + terms + 4, 64)
    scale = total * max(1.0, (16 + terms + 4) / 64)
    return Tolerance(Kind.BOUND, why=f"{why}, in {dtype}", eps=eps, scale=float(f"{scale:.3g}"))
