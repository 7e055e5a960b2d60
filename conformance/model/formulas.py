"""Large tensors: elements by a formula that any language evaluates bit for bit, and samples of answers.

A large input is five integers, not a list of numbers; a large answer is some of its elements and its shape.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Final

import numpy as np

from conformance.model.values import EPSILON, INTEGERS, STORAGE, Array, Json, Tensor, Value

# The option of a step that asks for elements of large tensors instead of the whole: how many.
SAMPLE: Final = "sample"
# Under this and its own name stands the shape of a tensor of which elements were taken.
SHAPE: Final = "shape:"
# The largest integer up to which every language's double is exact.
_EXACT_INTEGER: Final = 2**53
# Beyond, the quotient of 1 is subnormal in float16.
_MOST_OVER: Final = 2**14


@dataclass(frozen=True, slots=True)
class Formula:
    """Element `i`, row-major from 0, is ((times * i + plus) mod modulo - minus) / over.

    All are integers, none is negative, and `over` is a power of two: what stands before the division is exact
    in every language, and so is the division.
    """

    times: int
    plus: int
    modulo: int
    minus: int
    over: int

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if type(value) is not int or value < 0:
                raise ValueError(
                    f"formula: {each.name} must be an integer from 0; received {value!r}"
                )
        if self.modulo < 1:
            raise ValueError(f"formula: modulo must be 1 or more; received {self.modulo}")
        if self.over < 1 or self.over & (self.over - 1):
            raise ValueError(f"formula: over must be a power of two; received {self.over}")

    def elements(self, size: int) -> Array:
        """The first `size` elements: float64 of shape (size,)."""
        i = np.arange(size, dtype=np.int64)
        return ((self.times * i + self.plus) % self.modulo - self.minus) / self.over

    def check(self, dtype: str, size: int) -> None:
        """ValueError where `size` elements are not exact in `dtype`, or not on the way to it."""
        if self.times * max(size - 1, 0) + self.plus > _EXACT_INTEGER:
            raise ValueError(
                f"formula: times * i + plus must be 2^53 at most, which doubles hold; for {size} elements "
                f"it is {self.times * (size - 1) + self.plus}"
            )
        largest = max(self.minus, self.modulo - 1 - self.minus)
        if dtype in EPSILON:
            held, most_over = 2 / EPSILON[dtype], _MOST_OVER if dtype == "float16" else 2**60
        elif dtype in INTEGERS:
            held, most_over = np.iinfo(STORAGE[dtype]).max, 1
        else:
            raise ValueError(
                f"formula: dtype must be one of real numbers or integers; received {dtype!r}"
            )
        if largest > held or (dtype.startswith("uint") and self.minus):
            raise ValueError(
                f"formula: the numerators must be exact in {dtype}; one is {largest}, and the least is "
                f"{-self.minus}"
            )
        if self.over > most_over:
            raise ValueError(
                f"formula: over must be {most_over} at most for {dtype}; received {self.over}"
            )


class FormulaTensor(Tensor):
    """A tensor whose elements are those of a formula, made when they are first asked for.

    Raises ValueError where `dtype` does not hold the elements exactly.
    """

    __slots__ = ("formula",)
    formula: Formula

    def __init__(self, dtype: str, shape: tuple[int, ...], formula: Formula) -> None:
        formula.check(dtype, math.prod(shape))
        object.__setattr__(self, "dtype", dtype)
        object.__setattr__(self, "shape", shape)
        object.__setattr__(self, "formula", formula)

    @property
    def data(self) -> bytes:
        """The elements row-major and little-endian."""
        return _data(self.formula, self.dtype, math.prod(self.shape))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FormulaTensor):
            return NotImplemented
        mine = (self.dtype, self.shape, self.formula)
        return mine == (other.dtype, other.shape, other.formula)

    def __hash__(self) -> int:
        return hash((self.dtype, self.shape, self.formula))

    def __repr__(self) -> str:
        return (
            f"FormulaTensor(dtype={self.dtype!r}, shape={self.shape!r}, formula={self.formula!r})"
        )

    def __reduce__(self) -> tuple[type[FormulaTensor], tuple[str, tuple[int, ...], Formula]]:
        return FormulaTensor, (self.dtype, self.shape, self.formula)


# The steps of a case, and both dialects, ask for the same few; all of them together would take a gigabyte.
@lru_cache(maxsize=32)
def _data(formula: Formula, dtype: str, size: int) -> bytes:
    return Tensor.of(formula.elements(size), dtype).data


def formula_to_json(formula: Formula) -> dict[str, Json]:
    """By the names of the fields."""
    return {each.name: getattr(formula, each.name) for each in fields(formula)}


def formula_from_json(json: Mapping[str, Json]) -> Formula:
    """The formula that `formula_to_json` wrote; ValueError where a field is missing, unknown or no integer."""
    names = {each.name for each in fields(Formula)}
    if not isinstance(json, Mapping) or json.keys() != names:
        raise ValueError(f"formula: its keys must be {', '.join(sorted(names))}; received {json!r}")
    return Formula(**json)  # type: ignore[arg-type]


def places(size: int, count: int) -> Array:
    """Where the `count` sampled elements of `size` stand: floor(j (size - 1) / (count - 1)), j from 0.

    The first and the last are among them; all are distinct, since `size` is larger.
    """
    return np.arange(count, dtype=np.int64) * (size - 1) // (count - 1)


def sampled(values: Mapping[str, Value], count: int) -> dict[str, Value]:
    """The values of a step, of tensors over `count` elements only so many, and their shapes as `shape:NAME`."""
    found: dict[str, Value] = {}
    for name, value in values.items():
        if isinstance(value, Tensor) and value.size > count:
            flat = value.storage().reshape(-1)[places(value.size, count)]
            found[name] = Tensor(value.dtype, (count,), flat.tobytes())
            found[SHAPE + name] = list(value.shape)
        else:
            found[name] = value
    return found
