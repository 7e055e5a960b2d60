"""The values of a case as source: arguments, tensors, references to objects."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from conformance.model import Case, FormulaTensor, Given, Input, Reference, Tensor, codec


class Literals:
    """Writes values for one tensor library.

    `tensors`: `tensorflow`, `numpy`, or `keras` where Keras runs on another `backend`.
    """

    def __init__(self, tensors: str, backend: str | None = None) -> None:
        self._numpy = tensors != "tensorflow"
        self._backend = backend

    def arguments(self, arguments: Mapping[str, Any]) -> str:
        """The arguments of a call: those under `*` by position, the others by name."""
        given = [self.source(v) for v in arguments.get("*", ())]
        given += [f"{name}={self.source(v)}" for name, v in arguments.items() if name != "*"]
        return ", ".join(given)

    def shared(self, value: Any) -> list[str]:
        """The lines that make the objects which stand in several places of `value`, each once."""
        lines: dict[str, str] = {}
        for found in _references(value):
            if found.kind == "shared" and found.name not in lines:
                made = self.source(found.arguments["object"])
                lines[found.name] = f"{_variable(found.name)} = {made}"
        return list(lines.values())

    def customs(self, case: Case) -> list[str]:
        """The names of the user-defined classes of a case."""
        asked: list[Any] = [case.arguments, *(step.options for step in case.steps)]
        names = {r.name for r in _references(asked) if r.kind == "custom"}
        return sorted(names | ({case.custom} if case.custom else set()))

    def sizes(self, shape: Any) -> list[int | None]:
        """The sizes of a shape of a case."""
        return [None if size is None else int(size) for size in shape]

    def source(self, value: Any) -> str:
        """An expression for a value of a case."""
        if isinstance(value, Input):
            return self._input(value)
        if isinstance(value, Reference):
            match value.kind:
                case "class":
                    return f"K.{value.name}"
                case "instance":
                    return f"K.{value.name}({self.arguments(value.arguments)})"
                case "custom":
                    return f"{value.name}({self.arguments(value.arguments)})"
                case "shared":
                    return _variable(value.name)
            return value.name
        if isinstance(value, float) and not math.isfinite(value):
            return f'float("{value}")'
        if isinstance(value, list):
            return f"[{', '.join(self.source(v) for v in value)}]"
        if isinstance(value, tuple):
            return f"({', '.join(self.source(v) for v in value)}{',' if len(value) == 1 else ''})"
        if isinstance(value, Mapping):
            return "{" + ", ".join(f"{k!r}: {self.source(v)}" for k, v in value.items()) + "}"
        return repr(value)

    def _input(self, given: Input) -> str:
        tensor = given.tensor
        by_formula = isinstance(tensor, FormulaTensor)
        numbers = (
            _formula(tensor) if isinstance(tensor, FormulaTensor) else self.source(_nested(tensor))
        )
        if tensor.size == 0:
            numbers = f"np.zeros({tensor.shape})"
        if given.given is Given.LIST:
            return f"{numbers}.tolist()" if by_formula else numbers
        array = self._array(tensor.dtype, numbers)
        if given.given is Given.SCALAR:
            return f"{array}[()]"
        if self._backend is not None and given.given in (Given.TENSOR, Given.VARIABLE):
            held = f"K.ops.convert_to_tensor({array})"
            return f"K.Variable({held})" if given.given is Given.VARIABLE else held
        if given.given is Given.ARRAY or self._numpy:
            return array
        made = f"tf.constant({numbers}, tf.{tensor.dtype})"
        if tensor.size == 0:
            made = f"tf.zeros({list(tensor.shape)}, tf.{tensor.dtype})"
        return f"tf.Variable({made})" if given.given is Given.VARIABLE else made

    def _array(self, dtype: str, numbers: str) -> str:
        if self._numpy:
            name = "ml_dtypes.bfloat16" if dtype == "bfloat16" else repr(dtype)
        else:
            name = f"tf.{dtype}.as_numpy_dtype"
        return f"np.array({numbers}, {name})"


def _references(value: Any) -> Iterator[Reference]:
    """All references in a value, inner ones first."""
    if isinstance(value, Reference):
        yield from _references(value.arguments)
        yield value
    elif isinstance(value, Mapping):
        yield from _references(list(value.values()))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _references(each)


def _variable(key: str) -> str:
    """A name of Python for a shared object."""
    return "shared_" + "".join(c if c.isalnum() else "_" for c in key)


def _formula(tensor: FormulaTensor) -> str:
    f, size = tensor.formula, tensor.size
    numerators = f"({f.times} * np.arange({size}) + {f.plus}) % {f.modulo} - {f.minus}"
    return f"(({numerators}) / {f.over}).reshape({tensor.shape})"


def _nested(tensor: Tensor) -> Any:
    """The elements as nested lists of the shortest numbers that give the same bits."""
    if tensor.dtype.startswith("complex"):
        return tensor.values().tolist()
    kind = {"b": bool, "f": float}.get(tensor.values().dtype.kind, int)
    numbers = np.empty(tensor.size, dtype=object)
    data: Any = codec.tensor_to_json(tensor)["data"]
    numbers[:] = [kind(v) for v in data]
    return numbers.reshape(tensor.shape).tolist()
