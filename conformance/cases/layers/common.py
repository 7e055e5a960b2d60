"""What the files of this family share: steps, weights, ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from conformance.cases import rows
from conformance.cases.inputs import wave
from conformance.model import (
    Given,
    Input,
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


class Rows(rows.Rows):
    """Rows of a layer."""

    def tolerance(self, steps: Sequence[Step], arguments: Mapping[str, Any]) -> Tolerance:
        return Tolerance()
