"""The words of the suite, as frozen values: cases, steps, tensors, outcomes, tolerances.

Standard library and NumPy only: whatever reads or writes these values (a golden file, a foreign
process, a report) needs no implementation of Keras.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from conformance.model.tolerances import EXACT, Tolerance

Array: TypeAlias = NDArray[Any]
Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

DIALECTS: Final = ("keras2", "keras3")

# How the elements of each dtype lie in `Tensor.data`. NumPy has no bfloat16, so its bit patterns
# are kept; they are the upper halves of float32 patterns, which makes widening exact.
STORAGE: Final[Mapping[str, np.dtype[Any]]] = {
    "float16": np.dtype("<f2"),
    "bfloat16": np.dtype("<u2"),
    "float32": np.dtype("<f4"),
    "float64": np.dtype("<f8"),
    "int8": np.dtype("i1"),
    "int16": np.dtype("<i2"),
    "int32": np.dtype("<i4"),
    "int64": np.dtype("<i8"),
    "uint8": np.dtype("u1"),
    "uint16": np.dtype("<u2"),
    "uint32": np.dtype("<u4"),
    "uint64": np.dtype("<u8"),
    "bool": np.dtype("?"),
    "complex64": np.dtype("<c8"),
    "complex128": np.dtype("<c16"),
}

FLOATS: Final = ("float16", "bfloat16", "float32", "float64")
# By float dtype: the distance from 1 to the next number.
EPSILON: Final[Mapping[str, float]] = {
    "float16": 2.0**-10,
    "bfloat16": 2.0**-7,
    "float32": 2.0**-23,
    "float64": 2.0**-52,
}
# Likewise the least positive normal number, and the largest number.
LEAST_NORMAL: Final[Mapping[str, float]] = {
    "float16": 2.0**-14,
    "bfloat16": 2.0**-126,
    "float32": 2.0**-126,
    "float64": 2.0**-1022,
}
LARGEST: Final[Mapping[str, float]] = {
    "float16": 65504.0,
    "bfloat16": (2 - 2.0**-7) * 2.0**127,
    "float32": (2 - 2.0**-23) * 2.0**127,
    "float64": (2 - 2.0**-52) * 2.0**1023,
}
INTEGERS: Final = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")


def bfloat16_bits(values: Array) -> Array:
    """Bit patterns (uint16) of `values` rounded to bfloat16, to nearest, ties to even."""
    wide = np.asarray(values, dtype=np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        single = np.asarray(wide, dtype=np.float32)
        # Rounding twice errs where the first lands on a tie of the second. Rounded to odd, towards
        # zero and with the last bit set where anything was lost, the first never does.
        outward = np.abs(single.astype(np.float64)) > np.abs(wide)
        single = np.where(outward, np.nextafter(single, np.float32(0)), single)
        lost = single.astype(np.float64) != wide
    bits = single.view(np.uint32) | lost.astype(np.uint32)
    rounded = (bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))) >> np.uint32(16)
    # The carry of the rounding would turn some NaN patterns into infinities.
    return np.where(np.isnan(values), np.uint16(0x7FC0), rounded.astype(np.uint16))


@dataclass(frozen=True, slots=True)
class Tensor:
    """A dense tensor by value: `data` holds its elements row-major and little-endian."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes

    @classmethod
    def of(cls, array: Array, dtype: str | None = None) -> Tensor:
        """The tensor that holds `array`, rounded to `dtype` (default: the array's own)."""
        name = dtype or array.dtype.name
        if name not in STORAGE:
            raise ValueError(f"dtype must be one of {', '.join(STORAGE)}; received {name!r}")
        shape = tuple(array.shape)
        if name == "bfloat16":
            array = bfloat16_bits(array)
        else:
            with np.errstate(over="ignore", invalid="ignore"):
                array = array.astype(STORAGE[name], copy=False)
        return cls(name, shape, np.ascontiguousarray(array).tobytes())

    def storage(self) -> Array:
        """The elements as NumPy keeps them; bfloat16 as uint16 bit patterns."""
        return np.frombuffer(self.data, dtype=STORAGE[self.dtype]).reshape(self.shape)

    def values(self) -> Array:
        """The elements by value in a dtype that NumPy has; bfloat16 widened to float32, exactly."""
        stored = self.storage()
        if self.dtype == "bfloat16":
            return (stored.astype(np.uint32) << np.uint32(16)).view(np.float32)
        return stored

    @property
    def size(self) -> int:
        """The number of elements."""
        return int(np.prod(self.shape, dtype=np.int64))


class Given(StrEnum):
    """The form in which a subject receives a tensor."""

    TENSOR = "tensor"  # the subject's own tensor type
    VARIABLE = "variable"  # the subject's variable type
    ARRAY = "array"  # a NumPy array
    LIST = "list"  # nested lists of Python numbers
    SCALAR = "scalar"  # a NumPy scalar; shape () only


@dataclass(frozen=True, slots=True)
class Input:
    """A tensor and the form it is handed over in."""

    tensor: Tensor
    given: Given = Given.TENSOR


@dataclass(frozen=True, slots=True)
class Reference:
    """Something that is named, not written: a class or an instance of the subject, a function.

    `kind` is `class` (of the subject), `instance` (of a class of the subject, built with
    `arguments`), `custom` (a user-defined class of the suite, on the subject's base class),
    `function` (a plain callable of the suite) or `shared` (the argument `object`, which is one and
    the same object wherever a case has this name).
    """

    kind: str
    name: str
    arguments: Mapping[str, Literal] = field(default_factory=dict)


Literal: TypeAlias = """(
    bool | int | float | str | tuple[Literal, ...] | list[Literal] | Mapping[str, Literal] | Input | Reference | None
)"""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do with the target, for example `call` on the case's input number 0."""

    do: str
    input: int | None = None
    options: Mapping[str, Literal] = field(default_factory=dict)

    @property
    def traces(self) -> bool:
        """Whether a model runs what it was compiled with, for which TensorFlow traces a function."""
        named = self.do == "method" and "of" not in self.options
        called = str(self.options["name"]).rpartition(".")[2] if named else self.do
        return called in ("fit", "evaluate", "predict", "train_on_batch", "test_on_batch")


@dataclass(frozen=True, slots=True)
class Case:
    """One question, asked of every subject that speaks one of its dialects.

    `id` is stable and never changes meaning. `target` is a name in the subject's namespace, as
    `constraints.MaxNorm`. `custom` names a user-defined class of the suite that stands in for the
    target (a subclass of it that the documentation shows).
    """

    id: str
    target: str
    dialects: tuple[str, ...] = DIALECTS
    arguments: Mapping[str, Literal] = field(default_factory=dict)
    inputs: tuple[Input, ...] = ()
    steps: tuple[Step, ...] = ()
    tolerance: Tolerance = EXACT
    flags: tuple[str, ...] = ()
    custom: str | None = None

    @property
    def family(self) -> str:
        """The first part of the target, as `constraints`."""
        return self.target.partition(".")[0]


Value: TypeAlias = "Tensor | Json"


def digest(tensor: Tensor) -> Json:
    """What a golden file keeps of a tensor that is too large for it."""
    content = hashlib.sha256(tensor.data).hexdigest()
    return {"dtype": tensor.dtype, "shape": list(tensor.shape), "sha256": content}


@dataclass(frozen=True, slots=True)
class Returned:
    """The step gave values, by name: `value`, `config`, `serialized`, `resolved`, ..."""

    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Raised:
    """The subject rejected the step. `phase` says when: `construct` or the step itself.

    `classes` are the names of the exception's class and of those it derives from, nearest first.
    """

    phase: str
    category: str
    message: str
    classes: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Unsupported:
    """The subject does not have what the case asks about."""

    reason: str


@dataclass(frozen=True, slots=True)
class Crashed:
    """The subject's process ended while it held the case."""

    reason: str


@dataclass(frozen=True, slots=True)
class TimedOut:
    """The subject did not answer in time."""

    seconds: float


Outcome: TypeAlias = Returned | Raised | Unsupported | Crashed | TimedOut
