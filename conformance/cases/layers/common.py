"""What the files of this family share: dtypes of policies, values of weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from conformance.cases.inputs import wave
from conformance.model import Given, Input

# Dtypes of the computation and of the weights, by the name of the policy.
POLICIES: Final[Mapping[str, tuple[str, str]]] = {
    "float16": ("float16", "float16"),
    "bfloat16": ("bfloat16", "bfloat16"),
    "float32": ("float32", "float32"),
    "float64": ("float64", "float64"),
    "mixed_float16": ("float16", "float32"),
    "mixed_bfloat16": ("bfloat16", "float32"),
}


def array(shape: Sequence[int], dtype: str = "float32", formula: Any = wave) -> Input:
    """The value of a weight, by a formula of `inputs`."""
    given: Input = formula(shape, dtype, Given.ARRAY)
    return given
