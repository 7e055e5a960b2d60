"""`--follow`: who is right where official Keras and its documentation disagree."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.model import Fault, Grade, Result, Verdict
from conformance.runner.report import Follow, Plan
from conformance.runner.run import run

KEEP = "initializers.Constant/value/subnormal-float32-float32"  # TensorFlow flushes it
NUMPY = "module:plain_numpy:keras3"


def asked(golden: Path, subject: str, select: str, follow: Follow | None = None) -> list[Result]:
    return run(Plan((subject,), golden, select=(select,), follow=follow)).results


def value(results: list[Result]) -> Result:
    (found,) = [result for result in results if result.aspect == "value"]
    return found


def test_who_keeps_to_the_truth_passes_unless_told_to_follow_official_keras(golden: Path) -> None:
    by_default = value(asked(golden, NUMPY, KEEP))
    assert (by_default.verdict, by_default.grade) == (Verdict.PASS, Grade.TRUTH)
    told = value(asked(golden, NUMPY, KEEP, Follow.OFFICIAL))
    assert told.verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("subject", "follow"),
    [
        *[(name, Follow.OFFICIAL) for name in ("impl", "impl.keras2", "keras", "tf_keras")],
        *[(name, Follow.OFFICIAL) for name in ("keras==3.10.0", "tf_keras==2.16.0")],
        *[(name, Follow.DOCUMENTED) for name in ("keras@jax", "keras==3.10.0@torch", "tfjs")],
        *[(name, Follow.DOCUMENTED) for name in ("module:keras:keras3", "command:keras")],
    ],
)
def test_the_default_is_official_keras_for_those_who_want_to_be_it(
    subject: str, follow: Follow
) -> None:
    plan = Plan((subject,), Path())
    assert plan.follows(subject) is follow
    for asked_for in Follow:
        assert Plan((subject,), Path(), follow=asked_for).follows(subject) is asked_for


def test_the_report_says_what_was_followed(tmp_path: Path, conformance: Callable[..., Any]) -> None:
    report = tmp_path / "report.json"
    for asked_for, status, counts in (
        ((), 0, "1 right where official Keras is not"),
        (("--follow", "official"), 1, "1 failed"),
    ):
        ended = conformance(
            "run", "--subject", NUMPY, "--select", KEEP, *asked_for, "--json", report
        )
        assert (ended.status, counts in ended.out) == (status, True), ended.out
        followed = json.loads(report.read_text())["options"]["follow"]
        assert followed == {NUMPY: asked_for[1] if asked_for else "documented"}


def test_impl_is_judged_by_the_truth_where_official_keras_raises(golden: Path) -> None:
    select = "layers.DepthwiseConv2D/unequal-strides/*"
    results = asked(golden, "impl.keras3", select)
    accepted = {r.verdict for r in results if r.aspect == "accepted"}
    assert accepted == {Verdict.KNOWN_FAILURE}
    judged = [r for r in results if r.aspect in ("value", "gradient")]
    assert len(judged) >= 12
    assert {(r.verdict, r.grade) for r in judged} == {(Verdict.PASS, Grade.TRUTH)}
    strict = [r for r in results if r.verdict is Verdict.KNOWN_FAILURE]
    assert {r.fault for r in strict} == {Fault.PLATFORM}


def test_show_tells_what_else_is_right(conformance: Callable[..., Any]) -> None:
    case_id = "regularizers.L1/arguments/defaults-float64"
    subject = ("--subject", "keras")
    ended = conformance("show", case_id, *subject, "--follow", "documented")
    assert "or        the true value (golden/findings.toml, factor-float32: fault" in ended.out
    assert "or        the true" not in conformance("show", case_id, *subject).out
