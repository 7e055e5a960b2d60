"""Converts tensors of the suite to tensors of a subject and back, for each tensor library.

Only the library that a subject needs is imported.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from conformance.model import Array, Given, Input, Tensor, Value
from conformance.subjects.base import Mode, NotOffered


class TensorLibrary(Protocol):
    """Makes a subject's tensors, and reads them."""

    @property
    def name(self) -> str:
        """The name of the library: `tensorflow`, `numpy`, or a backend of Keras 3."""
        ...

    def dtypes(self) -> tuple[str, ...] | None:
        """The dtypes that its tensors can have; None means all."""
        ...

    def make(self, given: Input) -> Any:
        """The object that the subject is given for an input."""
        ...

    def observe(self, value: Any) -> Value:
        """The value of an object that the subject returned."""
        ...

    def compiled(self, function: Callable[[Any], Any], mode: Mode) -> Callable[[Any], Any]:
        """`function`, executed as the mode says."""
        ...

    def gradients(
        self,
        call: Callable[[Any], Any],
        value: Any,
        weights: Sequence[Any],
        cotangent: Callable[[Sequence[int], str], Input],
    ) -> list[Any]:
        """Gradients of sum(call(value) * cotangent(shape, dtype)), for `value` and each of the weights."""
        ...

    def check_training(self) -> None:
        """NotOffered where nothing can be trained on this library."""
        ...

    def mean(self, value: Any) -> Any:
        """The mean of all elements."""
        ...

    def total(self, value: Any) -> Any:
        """The sum of all elements."""
        ...

    def step_function(self, value: Any) -> Any:
        """1 where an element is at least 0, else 0, in the dtype of `value`."""
        ...

    def any_nonzero(self, value: Any) -> Any:
        """Whether any element along the last axis is not 0."""
        ...

    def floats(self, value: Any) -> Any:
        """As float32."""
        ...


def _array(tensor: Tensor) -> Array:
    if tensor.dtype == "bfloat16":
        import ml_dtypes

        bfloat16: Array = tensor.storage().view(ml_dtypes.bfloat16)
        return bfloat16.copy()
    return tensor.storage().copy()


def python_form(given: Input) -> Any:
    """An input in Python and NumPy alone: as a list, a NumPy scalar, or else an array."""
    if given.given is Given.LIST:
        return given.tensor.values().tolist()
    array = _array(given.tensor)
    return array[()] if given.given is Given.SCALAR else array


def observe_plain(value: Any) -> Value:
    """Arrays and scalars of NumPy as tensors, anything else as JSON."""
    if isinstance(value, np.ndarray | np.generic):
        array = np.asarray(value)
        if array.dtype.name == "bfloat16":
            return Tensor("bfloat16", array.shape, array.view(np.uint16).tobytes())
        return Tensor.of(array)
    seen: Value = plain(value)
    return seen


def plain(value: Any) -> Any:
    """A Python value as JSON: tuples as lists, NumPy values and tensors as Python numbers."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, np.generic):
        return value.item() if value.dtype.name != "bfloat16" else float(value)
    if isinstance(value, float):
        return value
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    # PyTorch makes no array of a tensor on a GPU, or of one with a gradient.
    if hasattr(value, "detach") and hasattr(value, "cpu"):
        value = value.detach().cpu()
        if str(getattr(value, "dtype", "")) == "torch.bfloat16":  # which NumPy does not have
            value = value.float()
    if hasattr(value, "numpy"):
        value = value.numpy()
    elif hasattr(value, "__array__"):  # an array of JAX has no other way
        value = np.asarray(value)
    if isinstance(value, np.ndarray | np.generic):
        return np.asarray(value).tolist()
    return {"object": type(value).__name__}


class NumpyTensors:
    """For subjects that compute on NumPy arrays."""

    name = "numpy"

    def __init__(self) -> None:
        # Which makes "bfloat16" a dtype of NumPy, for the first case as for the last.
        import ml_dtypes  # noqa: F401

    def dtypes(self) -> tuple[str, ...] | None:
        """None, for all; bfloat16 comes from ml_dtypes."""
        return None

    def make(self, given: Input) -> Any:
        """An input; `tensor` and `variable` are arrays too."""
        return python_form(given)

    def observe(self, value: Any) -> Value:
        """Arrays as tensors, and objects that hold one, as weights may; anything else as JSON."""
        return observe_plain(np.asarray(value) if hasattr(value, "__array__") else value)

    def compiled(self, function: Callable[[Any], Any], mode: Mode) -> Callable[[Any], Any]:
        """`function` itself: NumPy has one mode."""
        return function

    def gradients(
        self,
        call: Callable[[Any], Any],
        value: Any,
        weights: Sequence[Any],
        cotangent: Callable[[Sequence[int], str], Input],
    ) -> list[Any]:
        """NotOffered: NumPy has no gradients."""
        raise NotOffered("a subject on NumPy arrays has no gradients to ask for")

    def check_training(self) -> None:
        """A subject on NumPy may train."""

    def mean(self, value: Any) -> Any:
        """The mean of all elements."""
        return np.mean(value)

    def total(self, value: Any) -> Any:
        """The sum of all elements."""
        return np.sum(value)

    def step_function(self, value: Any) -> Any:
        """1 where an element is at least 0, else 0."""
        return (value >= 0).astype(value.dtype)

    def any_nonzero(self, value: Any) -> Any:
        """Whether any element along the last axis is not 0."""
        return (value != 0).any(-1)

    def floats(self, value: Any) -> Any:
        """As float32."""
        return np.asarray(value, np.float32)


class TensorFlowTensors:
    """For subjects that compute on TensorFlow tensors."""

    name = "tensorflow"

    def __init__(self) -> None:
        import tensorflow as tf

        self._tf = tf
        # Every case is traced anew in the compiled modes, on purpose: TensorFlow need not warn.
        tf.get_logger().setLevel(logging.ERROR)
        # TensorFlow 2.12 tells by the missing method alone.
        self._is_symbolic: Callable[[Any], bool] = getattr(
            tf, "is_symbolic_tensor", lambda value: not hasattr(value, "numpy")
        )
        # Nor Keras that a format of files is an old one.
        logging.getLogger("absl").setLevel(logging.ERROR)

    def dtypes(self) -> tuple[str, ...] | None:
        """None, for all."""
        return None

    def has_device(self, name: str) -> bool:
        """Whether TensorFlow has this device; if not, it would silently use another."""
        short = name.rpartition("device:")[2].removeprefix("/")
        devices = self._tf.config.list_logical_devices()
        return any(
            short.upper() in (d.device_type, d.name.rpartition("device:")[2]) for d in devices
        )

    def make(self, given: Input) -> Any:
        """A tensor, variable, array, list or scalar."""
        if given.given not in (Given.TENSOR, Given.VARIABLE):
            return python_form(given)
        tensor = self._tf.constant(_array(given.tensor))
        return self._tf.Variable(tensor) if given.given is Given.VARIABLE else tensor

    def observe(self, value: Any) -> Value:
        """The value of a tensor or variable; of ragged and sparse ones the name of the type."""
        tf = self._tf
        if isinstance(value, tf.Variable):
            value = value.read_value()
        elif hasattr(value, "__tf_tensor__"):  # a variable of Keras 3
            value = tf.convert_to_tensor(value)
        if isinstance(value, tf.Tensor):
            if self._is_symbolic(value):  # left from a trace, without a value
                return {"object": "symbolic tensor"}
            if value.dtype == tf.bfloat16:
                bits = tf.bitcast(value, tf.uint16).numpy()
                return Tensor("bfloat16", tuple(value.shape), np.asarray(bits).tobytes())
            if value.dtype == tf.string:
                return {"object": "string tensor"}
            return Tensor.of(np.asarray(value.numpy()))
        return observe_plain(value)

    def compiled(self, function: Callable[[Any], Any], mode: Mode) -> Callable[[Any], Any]:
        """`function` itself, or traced, or compiled by XLA, as the mode says."""
        tf = self._tf
        if mode is Mode.EAGER:
            return function

        def run(value: Any) -> Any:
            # An argument that is not a tensor becomes part of the traced program, as in a user's function.
            if isinstance(value, tf.Tensor):
                return tf.function(function, jit_compile=mode is Mode.XLA)(value)
            return tf.function(lambda: function(value), jit_compile=mode is Mode.XLA)()

        return run

    def gradients(
        self,
        call: Callable[[Any], Any],
        value: Any,
        weights: Sequence[Any],
        cotangent: Callable[[Sequence[int], str], Input],
    ) -> list[Any]:
        """Gradients by a tape."""
        tf = self._tf
        with tf.GradientTape() as tape:
            tape.watch(value)
            output = call(value)
            factors = self.make(cotangent(output.shape, output.dtype.name))
            total = tf.reduce_sum(output * factors)
        given: list[Any] = tape.gradient(total, [value, *weights])
        return given

    def check_training(self) -> None:
        """TensorFlow can train."""

    def mean(self, value: Any) -> Any:
        """The mean of all elements."""
        return self._tf.reduce_mean(value)

    def total(self, value: Any) -> Any:
        """The sum of all elements."""
        return self._tf.reduce_sum(value)

    def step_function(self, value: Any) -> Any:
        """1 where an element is at least 0, else 0."""
        return self._tf.cast(value >= 0, value.dtype)

    def any_nonzero(self, value: Any) -> Any:
        """Whether any element along the last axis is not 0."""
        return self._tf.reduce_any(self._tf.not_equal(value, 0), -1)

    def floats(self, value: Any) -> Any:
        """As float32."""
        return self._tf.cast(value, "float32")


def quiet() -> warnings.catch_warnings[None]:
    """A context that hides the warnings of subjects."""
    return warnings.catch_warnings(action="ignore")
