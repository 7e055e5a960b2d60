"""Combinations of arguments: every pair of values meets, in few of them."""

from __future__ import annotations

from itertools import combinations, product

from hypothesis import given
from hypothesis import strategies as st

from conformance.cases.inputs import every_pair


@given(st.dictionaries(st.sampled_from("abcd"), st.integers(1, 4), min_size=2, max_size=4))
def test_every_pair_meets_in_few_combinations(sizes: dict[str, int]) -> None:
    values = {name: [f"{name}{n}" for n in range(size)] for name, size in sizes.items()}
    chosen = list(every_pair(**values))
    for one, other in combinations(values, 2):
        met = {(c[one], c[other]) for c in chosen}
        assert met == set(product(values[one], values[other]))
    first, second, *_ = sorted(sizes.values(), reverse=True)
    assert first * second <= len(chosen) <= 2 * first * second
    assert len({tuple(c.items()) for c in chosen}) == len(chosen)
    assert all(list(c) == list(values) for c in chosen)
