"""What is special about a case, in words: what a cause needs, and what coverage counts.

The traits of a smallest example are what its failure needs. A case that has them all, and fails alike, fails for the
same cause.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from conformance.model import (
    EPSILON,
    INTEGERS,
    LARGEST,
    LEAST_NORMAL,
    Case,
    Given,
    Input,
    Reference,
    Step,
    Tensor,
)

# Steps that every case about a layer has; what is asked of it tells more.
_COMMON: Final = ("call", "build", "set_weights", "initialize")
# Arguments that only name things, or keep chance out.
_SILENT: Final = ("units", "filters", "kernel_size", "seed", "layers")
_SIZES: Final = ("kernel_size", "strides", "dilation_rate", "output_padding")
_FLOAT: Final = re.compile(r"^(dtype|step-dtype):(?:b?float)\d+$")
_GENERAL: Final = re.compile(r"^(form|optimizer|loss|\w*_?regularizer|\w*_?constraint)[:=].*")
# The layer that only calls an activation.
_ACTIVATE: Final = "Activate"
# From this size on a tensor counts as large.
LARGE: Final = 1000
# By the flag of a case, the kinds of numbers that it is for.
_FLAGS: Final[Mapping[str, str]] = {
    "nan": "nan",
    "infinite": "infinity",
    "subnormal": "subnormal",
    "negative-zero": "negative-zero",
    "huge": "overflow",
    "tiny": "underflow",
    "empty": "empty",
}


def numbers(tensor: Tensor) -> frozenset[str]:
    """Which kinds of numbers a tensor holds: `nan`, `infinite`, `huge` (its square overflows), ..."""
    if not tensor.size:
        return frozenset({"empty"})
    if tensor.dtype not in EPSILON:
        return frozenset({"complex" if tensor.dtype.startswith("complex") else "integer"})
    x = tensor.values().astype(np.float64)
    with np.errstate(all="ignore"):
        size = np.abs(x)
        found = {
            "nan": np.isnan(x),
            "infinite": np.isinf(x),
            "huge": np.isfinite(x) & (size * size > LARGEST[tensor.dtype]),
            "tiny": (size > 0) & (size * size < LEAST_NORMAL[tensor.dtype]),
            "subnormal": (size > 0) & (size < LEAST_NORMAL[tensor.dtype]),
            "negative-zero": (x == 0) & np.signbit(x),
            "zero": x == 0,
        }
    return frozenset(name for name, where in found.items() if where.any())


def of(case: Case) -> frozenset[str]:
    """All traits of a case."""
    found: set[str] = set()
    if case.custom and case.custom != _ACTIVATE:
        found.add(f"custom:{case.custom}")
    for name, value in case.arguments.items():
        found.update(argument(name, value))
    for given in case.inputs:
        found.update(_of_input(given))
    for step in case.steps:
        found.update(_of_step(step))
    if short(case):
        found.add("short-input")
    if case.inputs and "Conv" in case.target and "D" in case.target:
        spatial = next(n for n in (1, 2, 3) if f"{n}D" in case.target)
        if len(case.inputs[0].tensor.shape) > spatial + 2:
            found.add("batch-axes")
    return frozenset(found)


def general(found: frozenset[str]) -> frozenset[str]:
    """The traits without what is one cause whatever it is: which dtype, form, optimizer, regularizer, ..."""
    return frozenset(_GENERAL.sub(r"\1", _FLOAT.sub(r"\1:float", trait)) for trait in found)


def flagged(case: Case) -> Case:
    """The case with the flags of `golden/schema.json` that its inputs call for."""
    found: set[str] = set()
    for given in case.inputs:
        kinds = numbers(given.tensor)
        found.update(flag for kind, flag in _FLAGS.items() if kind in kinds)
        if given.given is not Given.TENSOR:
            found.add("input-form")
        if given.tensor.dtype in INTEGERS or given.tensor.dtype == "bool":
            found.add("integer")
        if given.tensor.dtype.startswith("complex"):
            found.add("complex")
    return replace(case, flags=tuple(sorted(found)))


def argument(name: str, value: Any) -> Iterator[str]:
    """The traits of an argument, or of the arguments of the layers in a model."""
    if name == "layers" and isinstance(value, list):
        for layer in value:
            if isinstance(layer, Reference):
                yield f"layer:{layer.name.rpartition('.')[2]}"
                for inner, each in layer.arguments.items():
                    yield from argument(inner, each)
        return
    if name == "options" and isinstance(value, Mapping):
        for inner, each in value.items():
            yield from argument(inner, each)
        return
    text = described(value)
    if name in _SIZES and isinstance(value, tuple | list):
        text = "unequal" if len(set(map(repr, value))) > 1 else "number"
    if name == "name" and isinstance(value, str) and value.isidentifier():
        return
    if name == "function":
        name = "activation"
    plain = name.endswith("initializer") and text in ("ones", "glorot_uniform", "zeros")
    if not plain and not (name in _SILENT and text in ("number", "text", "unequal")):
        yield f"{name}={text}"


def described(value: Any) -> str:
    """A value in a word: names as they are, numbers by what is special about them."""
    if value is None or isinstance(value, bool | str):
        return str(value).lower() if not isinstance(value, str) else value or "empty"
    if isinstance(value, int | float):
        if isinstance(value, float) and not math.isfinite(value):
            return "nan" if math.isnan(value) else "infinite"
        if value == 0:
            return "negative-zero" if math.copysign(1.0, value) < 0 else "zero"
        if abs(value) > 1e15:
            return "huge"
        if isinstance(value, int) and value >= 2**31 - 2:
            return "large"
        return "negative" if value < 0 else "tiny" if abs(value) < 1e-15 else "number"
    if isinstance(value, Reference):
        return value.name.rpartition(".")[2]
    if isinstance(value, Input):
        return f"{value.given}:{value.tensor.dtype}"
    if isinstance(value, Mapping):
        return str(value.get("class_name", "record"))
    return type(value).__name__


def _of_input(given: Input) -> Iterator[str]:
    tensor = given.tensor
    if tensor.dtype != "float32":
        # What refuses one kind of integers refuses most.
        yield f"dtype:{'integer' if tensor.dtype in INTEGERS else tensor.dtype}"
    if given.given is not Given.TENSOR:
        yield f"form:{given.given}"
    if not tensor.shape:
        yield "rank:0"
    if tensor.size > LARGE:
        yield "large"
    special = numbers(tensor) - {"zero", "integer", "complex"}
    yield from special - ({"tiny"} if "subnormal" in special else set())


def short(case: Case) -> bool:
    """Whether the input of a convolution is shorter than what its kernel reaches."""
    kernel, name = case.arguments.get("kernel_size"), case.target
    if kernel is None or not case.inputs or name.endswith("Transpose"):
        return False
    spatial = next((n for n in (1, 2, 3) if f"{n}D" in name), 0)
    first = case.arguments.get("data_format") == "channels_first"
    shape = case.inputs[0].tensor.shape
    lengths = shape[2:] if first else shape[1:-1]
    sizes = _each(kernel, spatial)
    rates = _each(case.arguments.get("dilation_rate", 1), spatial)
    if len(sizes) != len(lengths) or len(rates) != len(lengths):
        return False
    valid = case.arguments.get("padding", "valid") in ("valid", "VALID", "Valid")
    return valid and any(
        type(size) is int and type(rate) is int and length < (size - 1) * rate + 1
        for size, rate, length in zip(sizes, rates, lengths, strict=True)
    )


def _each(value: Any, spatial: int) -> Sequence[Any]:
    """A size along each axis; none where it is none."""
    if isinstance(value, int):
        return [value] * spatial
    return value if isinstance(value, tuple | list) else ()


def _of_step(step: Step) -> Iterator[str]:
    if step.do in _COMMON:
        for name, value in step.options.items():
            if name == "dtype":
                yield f"step-dtype:{value}"
            elif name not in ("shape", "values", "sample", "overwrite"):
                yield f"option:{name}"
        return
    if step.do == "repeats" and "dtype" in step.options:
        yield f"step-dtype:{step.options['dtype']}"
    if step.do == "set":
        for path in step.options:
            yield f"set:{path.rpartition('.')[2]}"
    elif step.do == "setting":
        for name, value in step.options.items():
            yield f"setting:{name}={described(value)}"
    elif step.do in ("save", "copy", "roundtrip"):
        yield f"{step.do}:{step.options.get('format') or step.options.get('via', 'serialize')}"
    elif step.do == "compile":
        yield "compile"
        for name in ("optimizer", "loss"):
            yield f"{name}:{described(step.options.get(name))}"
    else:
        yield step.do
