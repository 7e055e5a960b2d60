"""Error bounds: what is computed in a narrow dtype, in whatever way, keeps to them; not by far."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.model import LEAST_NORMAL, Tensor
from conformance.oracle.bounded import Bounded, concatenate, constant, exact, gamma, gammas

DTYPES = ("float16", "float32")
Narrow = Any
quick = settings(max_examples=60, deadline=None)
dtypes = st.sampled_from(DTYPES)
seeds = st.integers(0, 2**32 - 1)


def numbers(seed: int, dtype: str, count: int, *, signs: bool = True, spread: int = 5) -> Narrow:
    """Numbers of several magnitudes that `dtype` holds."""
    source = np.random.default_rng(seed)
    values = source.uniform(0.5, 1, count) * 2.0 ** source.integers(-spread, spread, count)
    return np.asarray(values * (source.choice([-1, 1], count) if signs else 1)).astype(dtype)


def flushed(values: Narrow, flush: bool) -> Narrow:
    """Without subnormal numbers, as many kernels compute."""
    small = np.abs(values.astype(np.float64)) < LEAST_NORMAL[values.dtype.name]
    return np.where(small, np.zeros_like(values), values) if flush else values


def within(truth: Bounded, computed: Narrow) -> bool:
    return bool((truth.headroom(Tensor.of(np.asarray(computed))) <= 1).all())


BINARY: dict[str, tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]]] = {
    "sum": (lambda a, b: a + b, lambda a, b: a + b),
    "difference": (lambda a, b: a - b, lambda a, b: a - b),
    "product": (lambda a, b: a * b, lambda a, b: a * b),
    "quotient": (lambda a, b: a / b, lambda a, b: a / b),
    "quotient-by-reciprocal": (lambda a, b: a / b, lambda a, b: a * (1 / b).astype(a.dtype)),
    "larger": (lambda a, b: a.maximum(b), np.maximum),
    "smaller": (lambda a, b: a.minimum(b), np.minimum),
}


@pytest.mark.parametrize("name", BINARY)
@quick
@given(seed=seeds, dtype=dtypes, flush=st.booleans())
def test_one_operation_keeps_to_its_bound(name: str, seed: int, dtype: str, flush: bool) -> None:
    truth, compute = BINARY[name]
    a, b = numbers(seed, dtype, 8), numbers(seed + 1, dtype, 8)
    assert within(
        truth(exact(a, dtype), exact(b, dtype)), flushed(compute(a, b).astype(dtype), flush)
    )


@quick
@given(seed=seeds, dtype=dtypes, count=st.integers(0, 60), signs=st.booleans())
def test_sums_keep_to_their_bound_in_any_order(
    seed: int, dtype: str, count: int, signs: bool
) -> None:
    terms = numbers(seed, dtype, count, signs=signs, spread=3)
    truth = exact(terms, dtype).sum()
    order = np.random.default_rng(seed).permutation(count)
    total = np.zeros((), dtype)
    for term in terms[order]:
        total = (total + term).astype(dtype)
    assert within(truth, total)
    parts = list(terms[order])
    while len(parts) > 1:  # in pairs, as a tree
        pairs = [
            np.asarray(a + b).astype(dtype) for a, b in zip(parts[::2], parts[1::2], strict=False)
        ]
        parts = pairs + parts[len(pairs) * 2 :]
    assert within(truth, parts[0] if parts else np.zeros((), dtype))
    assert within(truth, terms.astype(np.float64).sum().astype(dtype))


@quick
@given(seed=seeds, dtype=dtypes, by_root=st.booleans(), flush=st.booleans())
def test_a_chain_of_operations_keeps_to_its_bound(
    seed: int, dtype: str, by_root: bool, flush: bool
) -> None:
    """Rows brought to length one, by quotients or by reciprocal roots."""
    w = numbers(seed, dtype, 12, spread=2).reshape(3, 4)
    x = exact(w, dtype)
    truth = x / (x * x).sum(1, keepdims=True).sqrt()
    squares = flushed(w * w, flush)
    total = np.zeros((3, 1), dtype)
    for column in range(4):
        total = flushed((total + squares[:, column : column + 1]).astype(dtype), flush)
    root = np.sqrt(total).astype(dtype)
    made = w * (1 / root).astype(dtype) if by_root else w / root
    assert within(truth, flushed(made.astype(dtype), flush))
    assert within(truth.cast("float16"), made.astype(np.float16))


@quick
@given(seed=seeds)
def test_a_cast_to_bfloat16_keeps_to_its_bound(seed: int) -> None:
    w = numbers(seed, "float32", 8)
    truth = (exact(w, "float32") * 3.0).cast("bfloat16")
    narrow = Tensor.of(w * np.float32(3), "bfloat16")
    assert (truth.headroom(narrow) <= 1).all()
    widened = truth.cast("float32")
    assert (widened.error == truth.error).all()


def test_bounds_are_reached() -> None:
    # 1 + u, again and again, is a tie that goes to 1: every addition errs by u.
    for dtype in DTYPES:
        u = float(np.finfo(dtype).eps) / 2
        terms = np.array([1.0] + [u] * 40, dtype)
        total = np.ones((), dtype)
        for term in terms[1:]:
            total = (total + term).astype(dtype)
        used = exact(terms, dtype).sum().headroom(Tensor.of(total))
        assert 0.9 < float(used) <= 1
        # 1 + eps is held; its square, 1 + 2 eps + eps ** 2, is not.
        one = np.array([1 + 2 * u], dtype)
        assert float((exact(one, dtype) * exact(one, dtype)).error[0]) < 1.1 * u
    # A product of two thirds, each rounded: two errors come in, one is added.
    third = constant(1 / 3, "float32")
    assert 2.9 * 2.0**-24 / 9 < float((third * third).error) < 3.1 * 2.0**-24 / 9
    # A quotient may be off by 2 units in the last place beside its own rounding, no more.
    quotient = exact(1.0, "float32") / exact(3.0, "float32")
    assert float(quotient.error) < 2.6 * 2.0**-23 / 3


def test_copies_and_choices_are_exact() -> None:
    x = exact([[1.0, -2.0], [0.1, 4.0]], "float64")
    whole = [
        *(x.abs(), -x, x.transpose(), x.reshape(4), x[0], x.scaled(0.5), x.maximum(0.0)),
        *(concatenate([x, x], 1), x.where(x.value > 0, 0.0)),
    ]
    assert not any(each.error.any() for each in whole)
    assert float(x.maximum(0.0).value[0, 1]) == 0.0


def test_what_may_overflow_has_no_limit_and_what_is_infinite_stays() -> None:
    large = exact([60000.0, 2.0], "float16")
    doubled = large + large
    assert doubled.error.tolist() == [np.inf, 0.0]
    infinite = Tensor.of(np.array([np.inf, 4.0], np.float16))
    assert doubled.headroom(infinite).tolist() == [0.0, 0.0]
    # A zero times what may be infinite may be NaN.
    assert (doubled * exact([0.0, 0.0], "float16")).error.tolist() == [np.inf, 0.0]
    certain = constant([np.inf, -np.inf, np.nan], "float32") * 0.3
    right = Tensor.of(np.array([np.inf, -np.inf, np.nan], np.float32))
    assert certain.headroom(right).tolist() == [0.0, 0.0, 0.0]
    wrong = Tensor.of(np.array([-np.inf, 1.0, 1.0], np.float32))
    assert certain.headroom(wrong).tolist() == [np.inf] * 3
    assert constant(70000.0, "float16").value == np.inf


def test_what_is_subnormal_may_be_zero() -> None:
    tiny = constant([1e-40, 1.0], "float32")
    assert (tiny.headroom(Tensor.of(np.array([0.0, 1.0], np.float32))) <= 1).all()
    product = exact([1e-20], "float64").cast("float32") * exact([1e-20], "float32")
    assert (product.headroom(Tensor.of(np.array([0.0], np.float32))) <= 1).all()


def test_a_value_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"must have the shape \(2,\); received \(3,\)"):
        exact([1.0, 2.0], "float32").headroom(Tensor.of(np.zeros(3, np.float32)))


@given(seeds, st.sampled_from((257, 513, 2049, 8193)))
@settings(max_examples=10, deadline=None)
def test_long_sums_in_narrow_dtypes_keep_to_a_bound_that_says_something(
    seed: int, count: int
) -> None:
    terms = numbers(seed, "float16", count, spread=1)
    one_by_one = np.float16(0)
    for term in terms:
        one_by_one = one_by_one + term
    found = exact(terms, "float16").sum()
    assert np.isfinite(found.error)
    assert found.headroom(Tensor.of(np.asarray(one_by_one))).max() <= 1
    # The worst case is at least the number of terms times the unit roundoff, which is of no use.
    assert gamma(count, "float16") < count * 2.0**-11


def test_the_bound_of_short_sums_is_that_of_the_worst_case() -> None:
    n = np.array([0, 1, 64, 128])
    u = 2.0**-11 + 2.0**-53
    assert gammas(n, "float16").tolist() == (n * u / (1 - n * u)).tolist()
    assert np.isfinite(gammas(np.array([10**6]), "bfloat16")).all()
