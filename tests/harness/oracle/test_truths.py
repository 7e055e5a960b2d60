"""Official values keep to the truth, but where a finding says that they do not."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from conformance.claims.findings import load_findings
from conformance.model import Returned, Tensor
from conformance.oracle import Unknown, truths
from conformance.oracle.bounded import Bounded
from conformance.oracle.judge import Judged, judged, worst
from conformance.record.admission import explained
from conformance.vectors import store
from conformance.vectors.store import GoldenCase

FAMILIES = ("constraints", "initializers", "regularizers")
ENTRIES = [
    entry
    for path in store.paths(store.default_directory())
    if path.parent.name in FAMILIES
    for entry in store.load(path).cases
]


@pytest.fixture(scope="module")
def results() -> list[Judged]:
    return [each for entry in ENTRIES for each in judged(entry.case, entry.expected)]


def test_official_values_keep_to_the_truth_but_where_a_finding_says_so(
    results: list[Judged],
) -> None:
    over = {each.id for each in results if each.headroom is not None and each.headroom > 1}
    findings = load_findings(store.default_directory())
    assert {case_id for case_id in over if not explained(case_id, findings)} == set()
    assert {e.case.id: e.finding for e in ENTRIES if e.finding} == {
        case_id: explained(case_id, findings) for case_id in over
    }


def test_what_has_no_truth_says_why(results: list[Judged]) -> None:
    without = [each for each in results if each.headroom is None]
    assert all(each.reason for each in without)
    drawn = [each for each in without if each.reason.startswith("a random draw")]
    assert {each.id.partition(".")[0] for each in drawn} == {"initializers"}
    assert len(without) - len(drawn) < len(results) / 20
    assert not [each for each in without if each.reason == "the oracle does not answer it"]


def test_budgets_are_neither_loose_nor_used_up(results: list[Judged]) -> None:
    for family in ("constraints.", "regularizers."):
        used = [
            each.headroom
            for each in results
            if each.id.startswith(family) and each.dtype == "float32" and each.headroom is not None
        ]
        kept = [headroom for headroom in used if headroom <= 1]
        assert len(kept) > 900
        assert 0.02 < float(np.median(kept)) < 0.5


def sound() -> Iterator[tuple[GoldenCase, Bounded, Tensor]]:
    """Float32 values, of one dialect of each case, that agree with their truth."""
    for entry in ENTRIES:
        dialect, outcomes = list(entry.expected.items())[-1]
        for here, outcome in zip(truths(entry.case, dialect, outcomes), outcomes, strict=True):
            for name, truth in here.items():
                assert isinstance(outcome, Returned)
                tensor = outcome.values[name]
                assert isinstance(tensor, Tensor)
                if isinstance(truth, Unknown) or tensor.dtype != "float32":
                    continue
                if tensor.shape == truth.shape and worst(truth, tensor) <= 1:
                    yield entry, truth, tensor


def test_a_relative_error_of_1e_5_in_any_float32_value_is_found() -> None:
    asked = elements = missed = 0
    for entry, truth, tensor in sound():
        if "large" in entry.case.flags:
            continue  # sums of hundreds of terms; see test_sampled
        values = tensor.values().astype(np.float64)
        usable = np.isfinite(values) & (np.abs(values) >= 2.0**-126) & np.isfinite(truth.error)
        if not usable.any():
            continue
        asked += 1
        # A cosine of a right angle, which should be zero, may be off by all that it is.
        usable &= np.abs(values) > 1e-6 * np.abs(values[usable]).max()
        for factor in (1 + 1e-5, 1 - 1e-5):
            wrong = truth.headroom(Tensor.of(values * factor, "float64"))
            assert wrong[usable].max() > 1, entry.case.id
            elements += int(usable.sum())
            missed += int((wrong[usable] <= 1).sum())
    assert asked > 900
    # What is missed is a cosine of nearly a right angle, a difference of nearly equal numbers, or the end of a window.
    assert missed < elements / 90


def test_another_shape_and_a_number_that_is_not_real_are_wrong() -> None:
    truth = Bounded(np.ones((2, 2)), np.zeros((2, 2)), "float32")
    assert worst(truth, Tensor.of(np.ones((2, 2), np.float32))) == 0
    assert worst(truth, Tensor.of(np.ones(4, np.float32))) == np.inf
    assert worst(truth, Tensor.of(np.full((2, 2), 1 + 0j))) == 0
    assert worst(truth, Tensor.of(np.full((2, 2), 1 + 1j))) == np.inf


@pytest.mark.parametrize(
    ("identifier", "shape"),
    [("constraints.MaxNorm/arguments/defaults", (3, 4)), ("regularizers.L2/edge/one-float32", ())],
)
def test_a_truth_has_the_shape_of_what_it_is_about(identifier: str, shape: tuple[int, ...]) -> None:
    (entry,) = (each for each in ENTRIES if each.case.id == identifier)
    outcomes = entry.expected["keras3"]
    truth = truths(entry.case, "keras3", outcomes)[0]["value"]
    assert isinstance(truth, Bounded)
    assert truth.shape == truth.error.shape == shape
