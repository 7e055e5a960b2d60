"""What a claim expects: for each kind an answer that is fine, and wrong ones, which are shown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from claims.answers import FILES, value

from conformance.claims import expect
from conformance.claims.answers import Answered
from conformance.model import (
    Array,
    Case,
    Input,
    Law,
    Outcome,
    Raised,
    Returned,
    Step,
    Tensor,
    Tolerance,
)
from conformance.model.errors import UsageError

# What a case is asked in the tests of expectations below.
X = np.array([[3.0, -4.0], [0.0, 1.0]], np.float32)
CASE = Case("a/b/c", "a", inputs=(Input(Tensor.of(X)),), steps=(Step("call", 0),))
UNIFORM = replace(CASE, tolerance=Tolerance(law=Law("uniform", {"low": 0.0, "high": 1.0})))


def answered(*outcomes: Outcome, other: Outcome | None = None, case: Case = CASE) -> Answered:
    def theirs(name: str) -> Answered:
        assert other is not None
        return Answered(CASE, "keras3", [other], theirs)

    return Answered(case, "keras3", outcomes, theirs)


DRAWS: Array = (np.arange(4000.0) + 0.5) / 4000
RNG = np.random.default_rng(1)
RAISED = Raised("call", "value", "no such axis")

FINE: dict[str, tuple[Any, Answered]] = {
    "accepted": ("accepted", answered(value(X))),
    "rejected": ("rejected", answered(RAISED)),
    "preserves": ("preserves", answered(value(X))),
    "form": ({"form": {"shape": [2, 2], "dtype": "float32"}}, answered(value(X))),
    "values": ({"values": [3.0, -4.0, 0.0, 1.0]}, answered(value(X))),
    "values-form": ({"values": [5.0], "shape": [], "dtype": "float32"}, answered(value(5.0))),
    "values-decimals": ({"values": [0.33], "decimals": 2}, answered(value(1 / 3))),
    "values-of": ({"values": [1.0], "of": "losses:*"}, answered(value(1, "losses:0"))),
    "sum": (
        {"sum": 0.75, "of": "losses:*"},
        answered(value(0.5, "losses:0"), value(0.25, "losses:1")),
    ),
    "elements": ({"elements": {"least": -4, "most": 3}}, answered(value(X))),
    "norms": ({"norms": {"axis": 0, "least": 3, "most": 17**0.5}}, answered(value(X))),
    "config": ({"config": {"l1": 0.1}}, answered(Returned({"config": {"l1": 0.1, "l2": 0.0}}))),
    "config-inner": (
        {"config": {"axis": [0, 1]}},
        answered(Returned({"resolved": {"instance": "A", "config": {"axis": [0, 1]}}})),
    ),
    "config-null": ({"config": {"seed": "null"}}, answered(Returned({"config": {"seed": None}}))),
    "config-float32": (
        {"config": {"l1": 0.1}},
        answered(Returned({"config": {"l1": 0.100000001}})),
    ),
    "returned": ({"returned": {"count": 2}}, answered(Returned({"count": 2}))),
    "same": ({"same": "o"}, answered(value(X), other=value(X))),
    "differs": ({"differs": "o"}, answered(value(X), other=value(-X))),
    "equals": ({"equals": "o", "of": "weights:*"}, answered(value(X, "weights:0"), other=value(X))),
    "moments": ({"moments": {"mean": 0.5}}, answered(value([DRAWS], "sample"))),
    "law": ("law", answered(value([RNG.random(4000)], "sample"), case=UNIFORM)),
    "law-one-draw": ("law", answered(value([0.25, 0.5]), case=UNIFORM)),
}

WRONG: dict[str, tuple[Any, Answered, str]] = {
    "accepted": ("accepted", answered(RAISED), "raised a value error in call: no such axis"),
    "rejected": ("rejected", answered(value(X)), "accepted"),
    "preserves-shape": ("preserves", answered(value(X[0])), "float32[2] for float32[2, 2]"),
    "preserves-dtype": ("preserves", answered(value(X, dtype="float64")), "float64[2, 2] for"),
    "preserves-nothing": ("preserves", answered(Returned({}), case=replace(CASE, steps=(Step("config"),))), "no tensor"),
    "form-shape": ({"form": {"shape": [4]}}, answered(value(X)), "float32[2, 2]"),
    "form-dtype": ({"form": {"dtype": "float64"}}, answered(value(X)), "float32[2, 2]"),
    "values": ({"values": [3.0, -4.0, 0.0, 1.00001]}, answered(value(X)), "value float32"),
    "values-count": ({"values": [3.0]}, answered(value(X)), "value float32"),
    "values-infinity": ({"values": [np.inf]}, answered(value(1.0)), "1.0"),
    "values-nan": ({"values": [3.0]}, answered(value(np.nan)), "nan"),
    "values-shape": ({"values": [5.0], "shape": [1]}, answered(value(5.0)), "float32[]"),
    "values-decimals": ({"values": [0.33], "decimals": 3}, answered(value(1 / 3)), "0.333"),
    "values-raised": ({"values": [3.0]}, answered(RAISED), "raised"),
    "values-last": ({"values": [1.0]}, answered(value(1), value(2)), "2.0"),
    "sum": ({"sum": 2.0}, answered(value(X), value(1)), "1 in value, value"),
    "sum-nothing": ({"sum": 0.0}, answered(Returned({})), "nothing"),
    "elements-least": ({"elements": {"least": 0}}, answered(value(X)), "element -4"),
    "elements-most": ({"elements": {"most": 2}}, answered(value(X)), "element 3"),
    "elements-nan": ({"elements": {"least": 0}}, answered(value(np.nan)), "element nan"),
    "elements-nothing": ({"elements": {"least": 0}}, answered(Returned({})), "no tensor"),
    "norms": ({"norms": {"axis": 0, "most": 4.0}}, answered(value(X)), "norm 4.1231"),
    "norms-axis": ({"norms": {"axis": 1, "least": 3}}, answered(value(X)), "norm 1 along axis 1"),
    "norms-nan": ({"norms": {"axis": 0, "most": 4.0}}, answered(value(X * np.nan)), "norm nan"),
    "config": ({"config": {"l1": 0.1}}, answered(Returned({"config": {"l1": 0.2}})), "0.2"),
    "config-key": ({"config": {"l1": 0.0}}, answered(Returned({"config": {}})), "config {}"),
    "config-exact": ({"config": {"l1": 0.1}, "exact": True}, answered(Returned({"config": {"l1": 0.100000001}})), "0.100000001"),
    "config-true": ({"config": {"seed": 1}}, answered(Returned({"config": {"seed": True}})), "True"),
    "config-null": ({"config": {"seed": "null"}}, answered(Returned({"config": {"seed": 0}})), "0"),
    "config-list": ({"config": {"axis": [0]}}, answered(Returned({"config": {"axis": [0, 1]}})), "[0, 1]"),
    "config-missing": ({"config": {"seed": 1}}, answered(value(X)), "no config"),
    "returned": ({"returned": {"count": 2}}, answered(Returned({"count": 3})), "count 3"),
    "returned-missing": ({"returned": {"count": 2}}, answered(value(X)), "count missing"),
    "same": ({"same": "o"}, answered(value(X), other=value(X + 1)), "in o"),
    "same-bits": ({"same": "o"}, answered(value(0.0), other=value(-0.0)), "in o"),
    "same-nothing": ({"same": "o"}, answered(value(X), other=RAISED), "nothing that o gives"),
    "differs": ({"differs": "o"}, answered(value(X), other=value(X)), "the same value as o"),
    "differs-nothing": ({"differs": "o"}, answered(value(X), other=RAISED), "nothing"),
    "equals": ({"equals": "o"}, answered(value(X), other=value(-X)), "in o"),
    "moments": ({"moments": {"mean": 0.6}}, answered(value([DRAWS], "sample")), "mean 0.5"),
    "moments-spread": ({"moments": {"stddev": 0.4}}, answered(value([DRAWS], "sample")), "stddev"),
    "law": ("law", answered(value([RNG.random(4000) ** 2], "sample"), case=UNIFORM), "sample: "),
    "law-one-draw": ("law", answered(value([0.25, 1.5]), case=UNIFORM), "1.5"),
}  # fmt: skip


@pytest.mark.parametrize("name", FINE)
def test_what_is_as_documented_is_honoured(name: str) -> None:
    given, what = FINE[name]
    assert expect.parse(given, "here").broken(what) is None


@pytest.mark.parametrize("name", WRONG)
def test_what_is_not_as_documented_is_broken_and_shown(name: str) -> None:
    given, what, words = WRONG[name]
    message = expect.parse(given, "here").broken(what)
    assert message is not None
    assert words in message


def test_every_kind_has_an_answer_that_is_fine_and_one_that_is_not() -> None:
    tested = {name.partition("-")[0] for name in FINE}, {name.partition("-")[0] for name in WRONG}
    # Below: the truth of `oracle` needs a case that the oracle knows.
    assert tested == (expect.KINDS.keys() - {"oracle"},) * 2


def golden_case(case_id: str) -> Case:
    return next(e.case for file in FILES for e in file.cases if e.case.id == case_id)


@pytest.mark.parametrize(("factor", "good"), [(1.0, True), (1 + 1e-5, False), (np.nan, False)])
def test_the_oracle_finds_an_error_of_one_in_100000(factor: float, good: bool) -> None:
    case = golden_case("constraints.MaxNorm/by-hand/columns")
    exact = np.array([[1.2, 0.3], [1.6, 0.4]]) * (1 - 1e-7 / np.array([5.0, 0.5]))
    message = expect.parse("oracle", "here").broken(answered(value(exact * factor), case=case))
    assert (message is None) == good
    assert good or "error budget" in str(message)


def test_the_oracle_finds_another_shape() -> None:
    case = golden_case("constraints.MaxNorm/by-hand/columns")
    message = expect.parse("oracle", "here").broken(answered(value(X[0]), case=case))
    assert message == "value of shape [2] instead of [2, 2]"


@pytest.mark.parametrize(("name", "case"), [("law", CASE)])
def test_a_case_that_cannot_decide_is_an_error(name: str, case: Case) -> None:
    with pytest.raises(UsageError, match=r"^a/b/c: "):
        expect.parse(name, "here").broken(answered(value(X), case=case))
