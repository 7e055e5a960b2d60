"""What golden cases permit beside the answer of official Keras."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from conformance import oracle
from conformance.claims import findings
from conformance.claims.findings import Finding
from conformance.model import Fault, Near, Raised, Returned, Tensor
from conformance.model.errors import UsageError
from conformance.record import alternatives
from conformance.vectors import alternatives as written
from conformance.vectors import store
from conformance.vectors.store import GoldenCase

FINDINGS = findings.load_findings(store.default_directory())
ENTRIES = [e for file in store.load_all(store.default_directory()) for e in file.cases]
BY_ID = {entry.case.id: entry for entry in ENTRIES}

REFUSED = "layers.DepthwiseConv2D/unequal-strides/2x1-same"
BEYOND = "regularizers.L1/arguments/defaults-float64"
NO_TRUTH = "initializers.RandomNormal/dtype/complex64"
MAY_REFUSE = "initializers.get/array/variable"


def takes(near: Near, tensor: Tensor) -> bool:
    """Whether each element lies as near as a reader of the file would want it."""
    if tuple(tensor.shape) != near.shape:
        return False
    got = tensor.values().astype(np.float64).reshape(-1)
    wanted, error = np.array(near.data), np.array(near.error)
    with np.errstate(invalid="ignore"):
        close = np.abs(got - wanted) <= error
    same = (got == wanted) | (np.isnan(got) & np.isnan(wanted))
    return bool((close | same | np.isinf(error)).all())


def made(entry: GoldenCase, findings: Sequence[Finding] = FINDINGS) -> GoldenCase:
    found = alternatives.alternatives(entry.case, entry.expected, entry.finding, findings, {})
    return replace(entry, alternatives=found)


def test_an_answer_is_permitted_where_official_keras_raises_and_a_finding_says_so() -> None:
    (first, *_) = BY_ID[REFUSED].alternatives["keras3"]
    assert (first.finding, first.fault) == ("depthwise-unequal-strides", Fault.PLATFORM)
    raised = BY_ID[REFUSED].expected["keras3"]
    assert isinstance(raised[first.step], Raised)
    assert first.returned is not None
    near = first.returned["value"]
    truth = oracle.told(BY_ID[REFUSED].case, "keras3")[first.step]["value"]
    assert takes(near, Tensor.of(truth.value.astype(np.float32), "float32"))
    assert not takes(near, Tensor.of((truth.value * 1.001).astype(np.float32), "float32"))
    assert not takes(near, Tensor.of(np.zeros((1, 2)), "float32"))


def test_the_truth_is_permitted_where_official_keras_leaves_it() -> None:
    entry = BY_ID[BEYOND]
    (alternative,) = entry.alternatives["keras3"]
    assert alternative.finding == entry.finding == "factor-float32"
    official = entry.expected["keras3"][alternative.step]
    assert isinstance(official, Returned)
    value = official.values["value"]
    assert isinstance(value, Tensor)
    assert alternative.returned is not None
    assert not takes(alternative.returned["value"], value)


def test_any_answer_is_permitted_where_there_is_no_truth() -> None:
    (alternative,) = BY_ID[NO_TRUTH].alternatives["keras3"]
    assert alternative.returned == {}


def test_a_rejection_is_permitted_where_a_finding_says_so() -> None:
    (alternative,) = BY_ID[MAY_REFUSE].alternatives["keras3"]
    assert (alternative.finding, alternative.returned) == ("get-aliases-variable", None)


def test_a_documented_rejection_permits_nothing_else() -> None:
    for case_id in (
        "regularizers.L1/arguments/l1=-0.5",
        "constraints.MaxNorm/rejected/axis-too-large",
        "layers.Conv2D/rejected/kernel_size=0",
    ):
        assert BY_ID[case_id].alternatives == {}


def test_alternatives_are_those_that_the_findings_say() -> None:
    sample = [e for e in ENTRIES if e.case.id in (REFUSED, BEYOND, NO_TRUTH, MAY_REFUSE)]
    mine = [
        f
        for f in FINDINGS
        if f.id in {a.finding for e in sample for s in e.alternatives.values() for a in s}
    ]
    narrow = [replace(f, answers=(), rejections=()) for f in mine]
    assert [made(entry) == entry for entry in sample] == [True] * 4
    problems = [p for p in alternatives.problems(sample, narrow) if "must be those" in p]
    assert len(problems) == 3  # of the fourth the case itself names the finding


def test_a_glob_that_permits_nothing_is_a_problem() -> None:
    finding = next(f for f in FINDINGS if f.id == "depthwise-unequal-strides")
    idle = replace(finding, answers=(finding.answers[0], "layers.Dense/rank/*"))
    problems = list(alternatives.problems([BY_ID[REFUSED]], [idle]))
    assert problems == [
        "finding depthwise-unequal-strides: answers 'layers.Dense/rank/*' takes no case that it permits"
    ]


def test_other_last_digits_of_another_processor_change_nothing() -> None:
    entry = BY_ID[REFUSED]
    (first, *others) = entry.alternatives["keras3"]
    assert first.returned is not None
    near = first.returned["value"]
    nudged = Near(
        near.shape,
        tuple(v + e / 1e4 for v, e in zip(near.data, near.error, strict=True)),
        near.error,
    )
    before = {"keras3": (replace(first, returned={"value": nudged}), *others)}
    kept = alternatives.alternatives(entry.case, entry.expected, "", FINDINGS, before)
    assert kept["keras3"] == before["keras3"]
    moved = Near(
        near.shape, tuple(v + e for v, e in zip(near.data, near.error, strict=True)), near.error
    )
    before = {"keras3": (replace(first, returned={"value": moved}), *others)}
    renewed = alternatives.alternatives(entry.case, entry.expected, "", FINDINGS, before)
    assert renewed["keras3"] == (first, *others)


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ([1 / 3, -2e30, 0.0], [1e-9, 3e22, 1e-12]),
        ([1 / 3, math.nan, math.inf], [0.0, 0.0, 0.0]),
        ([1.0, -math.inf], [math.inf, 0.0]),
        ([5e-324], [5e-324]),
    ],
)
def test_numbers_keep_the_digits_that_mean_something(
    value: list[float], error: list[float]
) -> None:
    near = written.near(np.array(value), np.array(error))
    assert takes(near, Tensor.of(np.array(value), "float64"))
    for short, wide, exact, least in zip(near.data, near.error, value, error, strict=True):
        if math.isfinite(exact) and math.isfinite(least):
            # Nothing that the error permits is lost, and little is gained.
            assert least + abs(short - exact) <= wide <= least * 1.01 + 5e-324


def test_alternatives_survive_their_file() -> None:
    for entry in ENTRIES:
        for several in entry.alternatives.values():
            assert written.from_json(written.to_json(several)) == several  # type: ignore[arg-type]


def test_a_near_must_have_a_number_for_each_element() -> None:
    with pytest.raises(ValueError, match=r"each element of \[2, 2\]; received 3 and 4"):
        Near((2, 2), (1.0, 2.0, 3.0), (0.0,) * 4)


def test_a_finding_must_name_a_known_fault(tmp_path: Path) -> None:
    (tmp_path / "findings.toml").write_text(
        '[[finding]]\nid = "a"\nclaims = []\nrule = 1\nfault = "keras"\n'
    )
    with pytest.raises(UsageError, match="fault must be official or platform; received 'keras'"):
        findings.load_findings(tmp_path)
