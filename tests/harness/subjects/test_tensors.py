"""What becomes of the values that subjects return."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from conformance.model import Tensor
from conformance.subjects.tensors import NumpyTensors, observe_plain, plain
from conformance.subjects.weights import held


class ArrayOfJax:
    """It has no `numpy`, as tensors of TensorFlow and PyTorch do."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.array([0.5, 2.0], "float32")


class TensorOfTorch:
    def numpy(self) -> Any:
        return np.array(3, "int64")


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        (True, True),
        ((1, [2.5, "a"]), [1, [2.5, "a"]]),
        (OrderedDict({1: None}), {"1": None}),
        (np.float32(0.5), 0.5),
        (ml_dtypes.bfloat16(1.5), 1.5),
        (np.array([[1, 2]]), [[1, 2]]),
        (ArrayOfJax(), [0.5, 2.0]),
        ({"axis": TensorOfTorch()}, {"axis": 3}),
        (len, {"object": "builtin_function_or_method"}),
    ],
)
def test_a_value_as_json(value: Any, seen: Any) -> None:
    found = plain(value)
    assert found == seen
    assert type(found) is type(seen)


@pytest.mark.parametrize("dtype", ["float16", ml_dtypes.bfloat16, "float64", "uint64", "bool"])
def test_arrays_keep_their_dtype_and_bits(dtype: Any) -> None:
    array = np.array([0, 1, 3]).astype(dtype)
    seen = observe_plain(array)
    assert isinstance(seen, Tensor)
    assert (seen.dtype, seen.shape, seen.data) == (array.dtype.name, (3,), array.tobytes())


def test_an_object_that_holds_an_array_is_a_weight() -> None:
    seen = held(ArrayOfJax(), NumpyTensors().observe)
    assert seen == Tensor.of(np.array([0.5, 2.0], "float32"))
    with pytest.raises(TypeError, match=r"^a weight must be a tensor; received an object of list$"):
        held([0.5, 2.0], NumpyTensors().observe)


FULL = """
from types import SimpleNamespace
import numpy as np

conformance_tensors = "numpy"


class Constant:
    def __init__(self, value=0.0):
        self.value = value

    def __call__(self, shape, dtype=None):
        return np.full(shape, self.value, dtype or "float32")

    def get_config(self):
        return {"value": self.value}


initializers = SimpleNamespace(Constant=Constant)
"""


def test_bfloat16_is_a_dtype_of_the_first_case_too(
    tmp_path: Path, python: Callable[..., Any]
) -> None:
    """It is known by its name once `ml_dtypes` is imported: not only after a case that needed it."""
    (tmp_path / "full.py").write_text(FULL)
    case = "initializers.Constant/dtype/bfloat16-3x4"
    ended = python("-m", "conformance", "run", "--subject", "module:full:keras3", "--select", case)
    assert (ended.status, ended.err) == (0, ""), ended.out


class OnAGpu:
    """A tensor as PyTorch has it in the memory of a GPU: an array is made of its copy alone."""

    def __init__(self, numbers: Any = None, copied: bool = False) -> None:
        self.numbers, self.copied = numbers, copied

    def detach(self) -> Any:
        return self

    def cpu(self) -> Any:
        return OnAGpu(self.numbers, copied=True)

    def numpy(self) -> Any:
        if not self.copied:
            raise TypeError("can't convert cuda:0 device type tensor to numpy")
        return self.numbers


def test_a_tensor_on_a_gpu_is_seen_in_configurations() -> None:
    held = OnAGpu(np.array([0.5, 1.5], np.float32))
    assert plain({"max_value": held, "axis": 0}) == {"max_value": [0.5, 1.5], "axis": 0}
