"""What the rows of regularizers ask: every argument, rank and edge."""

from __future__ import annotations

import importlib
import inspect
from itertools import combinations, product

import pytest
from cases.asked import CASES, PACKAGES, of, text

from conformance.model import DIALECTS, FLOATS


def test_there_are_at_least_700_cases_of_regularizers() -> None:
    assert sum(case.family == "regularizers" for case in CASES) >= 700


PENALTIES = {
    "L1": {"l1"},
    "L2": {"l2"},
    "L1L2": {"l1", "l2"},
    "OrthogonalRegularizer": {"factor", "mode"},
}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", PENALTIES)
def test_every_argument_of_a_penalty_has_values_and_every_pair_meets(
    name: str, dialect: str
) -> None:
    cls = getattr(importlib.import_module(f"{PACKAGES[dialect]}.regularizers"), name)
    assert set(inspect.signature(cls).parameters) - {"kwargs"} == PENALTIES[name]
    pairwise = [
        c.arguments for c in of(f"regularizers.{name}", "arguments") if "pairwise" in c.flags
    ]
    for argument in PENALTIES[name]:
        enough = 2 if argument == "mode" else 3
        assert len({text(a[argument]) for a in pairwise}) >= enough
    for one, other in combinations(sorted(PENALTIES[name]), 2):
        met = {(text(a[one]), text(a[other])) for a in pairwise}
        assert met == set(product({a for a, _ in met}, {b for _, b in met}))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", PENALTIES)
def test_penalties_are_asked_for_every_rank_and_edge(name: str, dtype: str) -> None:
    tensors = [case.inputs[0].tensor for case in of(f"regularizers.{name}", "dtype")]
    ranks = {len(t.shape) for t in tensors if t.dtype == dtype}
    assert ranks == ({2} if name == "OrthogonalRegularizer" else set(range(6)))
    flags = {
        flag
        for case in of(f"regularizers.{name}", "edge")
        for flag in case.flags
        if case.inputs[0].tensor.dtype == dtype
    }
    assert flags >= {"zero", "negative-zero", "subnormal", "overflow", "infinity", "nan", "empty"}
