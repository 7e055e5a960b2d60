"""What becomes of the values that subjects return."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from conformance.model import Tensor
from conformance.subjects.tensors import observe_plain, plain


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
