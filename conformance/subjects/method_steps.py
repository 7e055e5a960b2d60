"""The step about a method: of the target, of something at a path from it, or of an object made for it."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from conformance.model import Reference, Step, Tensor, Value
from conformance.subjects.base import NotOffered
from conformance.subjects.description_steps import describe
from conformance.subjects.initializer_steps import applied
from conformance.subjects.sequence_steps import shapes_and_dtypes
from conformance.subjects.tensors import TensorFlowTensors, TensorLibrary, plain

# Counts of steps and epochs, and what stands before a number: the words that reports of progress have in common.
_TOLD: Final = re.compile(r"\d+/\d+(?!\w)|[a-z_]+(?=: )")

# The classes of tensors without values: of official Keras, and of `impl`.
_SYMBOLIC: Final = ("KerasTensor", "SymbolicTensor")


class MethodSteps:
    """The part of a conversation that takes this step; `Conversation` has the attributes."""

    target: Any
    _library: TensorLibrary

    def _real(self, literal: Any) -> Any:
        raise NotImplementedError

    def _made(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        raise NotImplementedError

    def _owner(self, path: str) -> tuple[Any, str]:
        raise NotImplementedError

    def _do_method(self, step: Step) -> dict[str, Value]:
        """Calls the method `name` with `arguments`, and gives what it returns."""
        of, name = step.options.get("of"), str(step.options["name"])
        arguments: Any = step.options.get("arguments", {})
        if isinstance(of, Reference):
            owner = self._real(of)
            if step.options.get("rebuilt"):
                owner = type(owner).from_config(owner.get_config())
        else:
            owner, name = self._owner(name)
        method = getattr(owner, name, None)
        if method is None:
            raise NotOffered(f"a {type(owner).__name__} of it has no {name}")
        made, said = self._made(arguments), io.StringIO()
        if "batches" in step.options:
            made = self._as_dataset(made, step)
        with contextlib.redirect_stdout(said):
            values = self._seen(applied(method, made))
        return (
            {**values, "printed": _lines(said.getvalue())} if "printed" in step.options else values
        )

    def _as_dataset(self, made: Mapping[str, Any], step: Step) -> dict[str, Any]:
        """`x` and `y` of arguments as one dataset of batches."""
        if not isinstance(self._library, TensorFlowTensors):
            raise NotOffered("datasets are those of TensorFlow")
        import tensorflow as tf

        rest = {name: value for name, value in made.items() if name not in ("x", "y")}
        given = (made["x"], made["y"]) if "y" in made else made["x"]
        data = tf.data.Dataset.from_tensor_slices(given).batch(step.options["batches"])
        if step.options.get("uncounted"):
            data = data.filter(lambda *_: True)
        return {"x": data, **rest}

    def _seen(self, value: Any) -> dict[str, Value]:
        """Numbers and tensors as tensors; those of a dict, or of the history of a training, by name.

        Symbolic ones by their shapes and dtypes.
        """
        first = value[0] if isinstance(value, list) and value else value
        if type(first).__name__ in _SYMBOLIC:
            return shapes_and_dtypes(value)
        if type(value).__name__ == "History":
            facts = {"epochs": plain(value.epoch), "params": plain(value.params)}
            return {**self._seen(value.history), **facts}
        if isinstance(value, dict) and value and all(map(_is_numbers, value.values())):
            return {f"value:{name}": _tensor(value[name]) for name in sorted(value)}
        if _is_numbers(value):
            return {"value": _tensor(value)}
        if hasattr(value, "shape") and hasattr(value, "dtype"):
            return {"value": self._library.observe(value)}
        return {"resolved": describe(value)}


def _lines(text: str) -> Any:
    """What each line tells when it is complete; it may have been written anew from its start."""
    lines = [re.split(r"[\r\x08]", line)[-1] for line in text.split("\n")]
    return [_TOLD.findall(line) for line in lines if line.strip()]


def _is_numbers(value: Any) -> bool:
    """Whether it is a float of Python or of NumPy, or a list of them: what a training reports."""
    if isinstance(value, list):
        return bool(value) and all(map(_is_numbers, value))
    return isinstance(value, float | np.floating) or (
        isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind == "f"
    )


def _tensor(value: Any) -> Tensor:
    # Keras averages in float32, whatever the dtype of the loss.
    return Tensor.of(np.asarray(value, dtype=np.float32))
