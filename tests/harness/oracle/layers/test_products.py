"""Sums of products stay within their budget, in any order."""

from __future__ import annotations

import numpy as np
import pytest

from conformance.model import Tensor
from conformance.oracle.bounded import exact
from conformance.oracle.judge import worst
from conformance.oracle.layers.products import products


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_sums_in_a_narrow_dtype_stay_within_the_budget(dtype: str) -> None:
    """In any order, one rounding an operation."""
    random = np.random.default_rng(8)
    kind = np.dtype(dtype).type
    for terms in (1, 2, 7, 30):
        a = random.normal(size=(20, terms)).astype(kind)
        b = random.normal(size=(terms, 5)).astype(kind)
        truth = products(lambda x, y: x @ y, exact(a, dtype), exact(b, dtype), dtype)
        order = random.permutation(terms)
        total = np.zeros((20, 5), kind)
        for term in order:
            total = (total + (a[:, term, None] * b[None, term])).astype(kind)
        assert worst(truth, Tensor.of(total)) <= 1
        assert float(truth.error.max()) <= (terms + 1) * np.finfo(kind).eps * terms * 16


def test_sums_that_fit_the_significand_have_no_budget() -> None:
    quarters = np.arange(-8, 8).reshape(4, 4) / 4
    truth = products(
        lambda x, y: x @ y, exact(quarters, "float16"), exact(quarters, "float16"), "float16"
    )
    assert not truth.error.any()
    long = np.full((1, 3000), 1.0)
    truth = products(
        lambda x, y: x @ y.T, exact(long, "float16"), exact(long, "float16"), "float16"
    )
    assert truth.error.all()
