"""Outcomes that tests of comparisons are about, and what a comparison says of them."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np

from conformance.judge.compare import EXACT, compare
from conformance.judge.tensors import ASPECTS
from conformance.model import Comparison, Kind, Outcome, Raised, Returned, Tensor, Tolerance

SCALARS: dict[str, Any] = {
    "float16": np.float16,
    "bfloat16": ml_dtypes.bfloat16,
    "float32": np.float32,
    "float64": np.float64,
}


def tensor(values: Any, dtype: str = "float32") -> Tensor:
    kind = np.complex128 if dtype.startswith("complex") else None
    return Tensor.of(np.array(values, dtype=kind), dtype)


def returned(values: Any, dtype: str = "float32") -> Returned:
    return Returned({"value": tensor(values, dtype)})


def ulps(allowed: int) -> Tolerance:
    return Tolerance(Kind.ULP, allowed, "for this test")


def by_aspect(
    got: Outcome | list[Outcome], wanted: Outcome | list[Outcome], tolerance: Tolerance = EXACT
) -> dict[str, Comparison]:
    answers = got if isinstance(got, list) else [got]
    expected = wanted if isinstance(wanted, list) else [wanted]
    comparisons = compare(answers, expected, tolerance)
    assert len({c.aspect for c in comparisons}) == len(comparisons)
    return {c.aspect: c for c in comparisons}


def verdicts(
    got: Outcome | list[Outcome], wanted: Outcome | list[Outcome], tolerance: Tolerance = EXACT
) -> dict[str, str]:
    return {a: str(c.verdict) for a, c in by_aspect(got, wanted, tolerance).items()}


PASSED = dict.fromkeys(("accepted", *ASPECTS), "pass")


def chain(start: Any, towards: float, length: int) -> list[Any]:
    """`start` and the numbers after it, one representable number at a time."""
    numbers = [start]
    end = type(start)(towards)
    for _ in range(length):
        numbers.append(np.nextafter(numbers[-1], end))
    return numbers


REJECTED = Raised("call", "value", "axis out of range")
CONFIG = Returned({"config": {"axis": 0}})
