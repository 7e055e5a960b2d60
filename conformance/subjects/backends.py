"""Keras 3 on a backend other than TensorFlow: its tensors, by `keras.ops` alone, and its gradients.

Nothing here imports TensorFlow. The user's settings of a backend stay as they are: JAX without 64 bits, for
example, has no float64, and the worker says so.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any, Final

import numpy as np

from conformance.model import FLOATS, STORAGE, Given, Input, Tensor, Value
from conformance.model.errors import UsageError
from conformance.subjects import plugins
from conformance.subjects.base import Mode, NotOffered
from conformance.subjects.namespace import NamespaceSubject
from conformance.subjects.tensors import observe_plain, python_form

# Environment variables that change results. Reports show those that are set.
_SETTINGS: Final = (
    *("JAX_ENABLE_X64", "JAX_DEFAULT_MATMUL_PRECISION", "JAX_PLATFORMS", "XLA_FLAGS"),
    *("OMP_NUM_THREADS", "MKL_NUM_THREADS", "KERAS_TORCH_DEVICE", "CUDA_VISIBLE_DEVICES"),
    *("NVIDIA_TF32_OVERRIDE", "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE", "DEV"),
)
# How a provenance names a graphics processor, whatever the backend calls it.
_GPU: Final = "gpu"
# The backends that Keras documents for inference only.
_INFERENCE: Final = ("numpy", "openvino")


def subject(
    backend: str, mode: Mode, device: str | None, module: str | None = None
) -> NamespaceSubject:
    """Keras with this backend; UsageError where the Keras of this process has another, or another device.

    `module`: what makes the backend known to Keras, where it is not its package.
    """
    keras = plugins.keras(backend, module)
    try:
        library = _LIBRARIES.get(backend, KerasTensors)(keras, backend)
        facts = library.facts()
    except (Exception, SystemExit) as error:  # each backend refuses a device in its own way
        said = str(error).strip().splitlines() or [""]
        why = f"{type(error).__name__}: {said[0]}" if said[0] else type(error).__name__
        if device is None:
            raise UsageError(f"cannot make a tensor of {backend}: {why}") from error
        raise UsageError(
            f"--device must be a device that {backend} has here; received {device!r} ({why})"
        ) from error
    if device not in (None, facts["device"]):
        raise UsageError(
            f"--device must be a device that {backend} has here; received {device!r}, and "
            f"{backend} computes on {facts['device']}"
        )
    return NamespaceSubject(
        "keras",
        "keras3",
        keras,
        library,
        mode=mode,
        package="keras",
        version=keras.__version__,
        facts={"backend": backend, **facts, **settings()},
    )


def settings() -> Mapping[str, Any]:
    """The environment variables that change results and are set."""
    found = [f"{name}={os.environ[name]}" for name in _SETTINGS if name in os.environ]
    return {"settings": found} if found else {}


class KerasTensors:
    """For subjects that compute on the tensors of a backend of Keras 3."""

    def __init__(self, keras: ModuleType, backend: str) -> None:
        self._keras = keras
        self._ops = keras.ops
        self.name = backend
        self._type = type(self._ops.convert_to_tensor(0.0))

    def facts(self) -> Mapping[str, Any]:
        """The facts of the backend for the provenance."""
        return {**plugins.versions(self.name), "device": "cpu"}

    def dtypes(self) -> tuple[str, ...]:
        """The dtypes that a tensor of the backend can have with the user's settings."""
        return tuple(dtype for dtype in STORAGE if self._has(dtype))

    def _has(self, dtype: str) -> bool:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # JAX warns that it makes another one
                held = self.observe(self.make(Input(Tensor.of(np.zeros(1), dtype))))
        except Exception:  # each backend refuses in its own way
            return False
        return isinstance(held, Tensor) and held.dtype == dtype

    def make(self, given: Input) -> Any:
        """A tensor of the backend, a variable of Keras, an array, a list or a scalar."""
        if given.given not in (Given.TENSOR, Given.VARIABLE):
            return python_form(given)
        dtype = given.tensor.dtype
        # Without an explicit dtype Keras on NumPy narrows 64 bits to 32.
        tensor = self._ops.convert_to_tensor(python_form(Input(given.tensor)), dtype=dtype)
        if given.given is Given.TENSOR:
            return tensor
        return self._keras.Variable(tensor, dtype=dtype, trainable=dtype in FLOATS)

    def observe(self, value: Any) -> Value:
        """The value of a tensor or variable; the name of the type of anything without a value."""
        if isinstance(value, self._keras.Variable | self._type):
            value = self._ops.convert_to_numpy(value)
        return observe_plain(value)

    def compiled(self, function: Callable[[Any], Any], mode: Mode) -> Callable[[Any], Any]:
        """`function` itself: only TensorFlow has other modes."""
        return function

    def gradients(
        self,
        call: Callable[[Any], Any],
        value: Any,
        weights: Sequence[Any],
        cotangent: Callable[[Sequence[int], str], Input],
    ) -> list[Any]:
        """There are none."""
        raise NotOffered(f"Keras on {self.name} has no gradients")

    def check_training(self) -> None:
        """NotOffered where Keras does not train on this backend."""
        if self.name in _INFERENCE:
            raise NotOffered(f"Keras does not train on {self.name}")

    def mean(self, value: Any) -> Any:
        """The mean of all elements."""
        return self._ops.mean(value)

    def total(self, value: Any) -> Any:
        """The sum of all elements."""
        return self._ops.sum(value)

    def step_function(self, value: Any) -> Any:
        """1 where an element is at least 0, else 0, in the dtype of `value`."""
        return self._ops.cast(value >= 0, self._dtype(value))

    def any_nonzero(self, value: Any) -> Any:
        """Whether any element along the last axis is not 0."""
        return self._ops.any(self._ops.not_equal(value, 0), -1)

    def floats(self, value: Any) -> Any:
        """As float32."""
        return self._ops.cast(value, "float32")

    def _dtype(self, value: Any) -> str:
        return str(self._keras.backend.standardize_dtype(value.dtype))

    def _weighed(self, output: Any, cotangent: Callable[[Sequence[int], str], Input]) -> Any:
        """The sum of output times cotangent."""
        factors = self.make(cotangent(tuple(output.shape), self._dtype(output)))
        return self._ops.sum(output * factors)


class _Torch(KerasTensors):
    def facts(self) -> Mapping[str, Any]:
        import torch

        used = self._ops.convert_to_tensor(0.0).device.type
        found = {"torch": torch.__version__, "intra_op_threads": torch.get_num_threads()}
        if used != "cuda":
            return {**found, "device": used}
        # TensorFloat-32 rounds the factors of float32 products to 10 bits.
        able = {"matmul": torch.backends.cuda.matmul, "cudnn": torch.backends.cudnn}
        off = os.environ.get("NVIDIA_TF32_OVERRIDE") == "0"
        tf32 = [name for name, backend in able.items() if backend.allow_tf32 and not off]
        return {**found, "device": _GPU, "accelerator": torch.cuda.get_device_name(), "tf32": tf32}

    def gradients(
        self,
        call: Callable[[Any], Any],
        value: Any,
        weights: Sequence[Any],
        cotangent: Callable[[Sequence[int], str], Input],
    ) -> list[Any]:
        """By autograd; None where it gives no gradient."""
        import torch

        if value.is_floating_point() or value.is_complex():
            value = value.detach().clone().requires_grad_()
        total = self._weighed(call(value), cotangent)
        asked = [value, *(weight.value for weight in weights)]
        able = [each for each in asked if each.requires_grad]
        if not total.requires_grad:
            return [None] * len(asked)
        found = iter(torch.autograd.grad(total, able, allow_unused=True))
        return [next(found) if each.requires_grad else None for each in asked]


class _Jax(KerasTensors):
    def facts(self) -> Mapping[str, Any]:
        import jax

        found = {
            "jax": jax.__version__,
            "x64": bool(jax.config.jax_enable_x64),
            "device": jax.default_backend(),
        }
        if found["device"] != _GPU:
            return found
        # Without a word from the user JAX lets TensorFloat-32 round the factors of float32 products.
        precision = jax.config.jax_default_matmul_precision
        return {**found, "accelerator": jax.devices()[0].device_kind, "precision": precision}

    def gradients(
        self,
        call: Callable[[Any], Any],
        value: Any,
        weights: Sequence[Any],
        cotangent: Callable[[Sequence[int], str], Input],
    ) -> list[Any]:
        """By `jax.grad`, with the weights as arguments; None where it gives no gradient."""
        import jax

        # This call changes the layer as any call does; the traced call below changes nothing.
        call(value)
        able = self._dtype(value) in FLOATS

        def total(asked: Sequence[Any]) -> Any:
            held = asked[1:] if able else asked
            scope = self._keras.StatelessScope(state_mapping=list(zip(weights, held, strict=True)))
            with scope:
                return self._weighed(call(asked[0] if able else value), cotangent)

        found = jax.grad(total)([*([value] if able else []), *(w.value for w in weights)])
        return found if able else [None, *found]


class _Tinygrad(KerasTensors):
    def facts(self) -> Mapping[str, Any]:
        from tinygrad import Device

        return {**super().facts(), "runtime": Device.DEFAULT}

    def gradients(
        self,
        call: Callable[[Any], Any],
        value: Any,
        weights: Sequence[Any],
        cotangent: Callable[[Sequence[int], str], Input],
    ) -> list[Any]:
        """By `Tensor.gradient`, which gives zeros for what the sum does not depend on, as far as it gives any."""
        total = self._weighed(call(value), cotangent)
        asked = [value, *(weight.value for weight in weights)]
        found: list[Any] = []
        for each in asked:
            try:
                found.extend(total.gradient(each))
            except RuntimeError:  # the sum does not depend on it
                found.append(None)
        return found


class _NumPy(KerasTensors):
    def facts(self) -> Mapping[str, Any]:
        import jax  # the NumPy backend takes some functions from JAX

        return {"jax": jax.__version__, "device": "cpu"}


_LIBRARIES: Final[Mapping[str, type[KerasTensors]]] = {
    "torch": _Torch,
    "jax": _Jax,
    "numpy": _NumPy,
    "tinygrad": _Tinygrad,
}
