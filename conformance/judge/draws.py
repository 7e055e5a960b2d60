"""Random values, of a subject whose generator may be another than that of official Keras."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from conformance.judge import distribution, tensors
from conformance.judge.differences import FiniteDraws, LawBroken, NotATensor, shown
from conformance.judge.verdicts import blocked, failed, passed
from conformance.model import Comparison, Grade, Kind, Tensor, Tolerance, Value, Verdict, digest

# Of values which are others than the expected ones, and of many values.
DRAW_ASPECTS = ("shape", "dtype", "contract")
SAMPLE_ASPECTS = ("shape", "dtype", "distribution")


def draw(got: Value, wanted: Tensor, tolerance: Tolerance) -> Iterator[Comparison]:
    """A random value, by what its law promises of every draw."""
    assert tolerance.law is not None
    if not isinstance(got, Tensor):
        yield from _no_tensor(got, shown(wanted), DRAW_ASPECTS)
        return
    yield (of_shape := tensors.shape(got, wanted.shape))
    yield (of_dtype := tensors.dtype(got, wanted.dtype))
    if Verdict.FAIL in (of_shape.verdict, of_dtype.verdict):
        yield blocked("contract", "shape or dtype differs")
    elif not np.isfinite(wanted.values()).all():
        # The law has no finite draws (a deviation of NaN), or its values leave the dtype.
        finite = np.isfinite(got.values()).all()
        yield failed("contract", [FiniteDraws()]) if finite else passed("contract", Grade.WITHIN)
    elif broken := distribution.contract(got, tolerance.law):
        yield failed("contract", [LawBroken([broken])])
    else:
        yield passed("contract", Grade.WITHIN)


def sample(got: Value, wanted: Value, tolerance: Tolerance, by_law: bool) -> Iterator[Comparison]:
    """Many random values: the very ones that are expected, or others of the same law.

    A golden file has their digest only; an official package that is asked live, the values.
    """
    assert tolerance.law is not None
    kept: Any = digest(wanted) if isinstance(wanted, Tensor) else wanted
    if not isinstance(got, Tensor):
        yield from _no_tensor(got, f"{kept['dtype']}{kept['shape']}", SAMPLE_ASPECTS)
        return
    yield (of_shape := tensors.shape(got, kept["shape"]))
    yield (of_dtype := tensors.dtype(got, kept["dtype"]))
    if Verdict.FAIL in (of_shape.verdict, of_dtype.verdict):
        yield blocked("distribution", "shape or dtype differs")
        return
    if digest(got) == kept:
        yield passed("distribution", headroom=0.0)
        return
    broken, used = distribution.judge(got, tolerance.law)
    others = tolerance.kind is Kind.EXACT and not by_law
    if broken or others:
        yield failed("distribution", [LawBroken(broken, others)], headroom=used)
    else:
        yield passed("distribution", Grade.WITHIN, headroom=used)


def _no_tensor(got: Value, wanted: str, names: Sequence[str]) -> Iterator[Comparison]:
    for aspect in names:
        if aspect in ("shape", "dtype"):
            yield blocked(aspect, "the answer is not a tensor")
        else:
            yield failed(aspect, [NotATensor(got, wanted)])
