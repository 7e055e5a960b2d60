"""Answers that have more, less or something else than a case asks for, whoever gives them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import pytest

from conformance.model import Case, Outcome, Raised, Returned, Tensor, Value
from conformance.runner.report import Follow, Plan
from conformance.runner.run import run
from conformance.subjects.namespace import NamespaceSubject
from wrong import GoldenOf, failures

CASE: Final = "constraints.MaxNorm/by-hand/called-thrice"
ONE: Final = Tensor.of(np.ones(()), "float32")
Edit = Callable[[Mapping[str, Value]], Mapping[str, Value]]


def last(edit: Edit) -> Callable[[Sequence[Returned]], Sequence[Outcome]]:
    """The last step with other values."""
    return lambda answer: [*answer[:-1], replace(answer[-1], values=dict(edit(answer[-1].values)))]


ANSWERS: Final[Mapping[str, tuple[Callable[[Sequence[Returned]], Sequence[Outcome]], set[str]]]] = {
    "one value more": (last(lambda v: {**v, "another": ONE}), {"accepted"}),
    "a tensor under another name": (
        last(lambda v: {"output": v["value"], "input": v["input"]}),
        {"accepted", "value", "shape", "dtype", "nonfinite", "zero-sign"},
    ),
    "one value less": (last(lambda v: {"value": v["value"]}), {"input"}),
    "nothing": (last(lambda v: {}), {"value", "input"}),
    "one step more": (lambda answer: [*answer, answer[-1]], {"accepted"}),
    "one step less": (lambda answer: answer[:-1], {"accepted"}),
    "no step": (lambda answer: [], {"accepted"}),
    "steps in another order": (lambda answer: [answer[1], answer[0], answer[2]], {"value"}),
    "the first answer for all": (lambda answer: [answer[0]] * 3, {"value"}),
    "a number for a tensor": (last(lambda v: {**v, "value": 1.0}), {"value"}),
    "rejected after all": (
        lambda answer: [*answer[:-1], Raised("call", "value", "no")],
        {"accepted"},
    ),
}


@pytest.mark.parametrize("follow", Follow)
@pytest.mark.parametrize("name", ANSWERS)
def test_what_nobody_asked_for_is_failed(
    name: str, follow: Follow, golden_of: GoldenOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit, aspects = ANSWERS[name]
    right = NamespaceSubject.answer

    def wrong(self: NamespaceSubject, case: Case) -> list[Outcome]:
        answer = right(self, case)
        assert all(isinstance(outcome, Returned) for outcome in answer)
        return [*edit([outcome for outcome in answer if isinstance(outcome, Returned)])]

    plan = Plan(("keras",), golden_of((CASE,)), select=(CASE,), follow=follow)
    assert run(plan).exit_status() == 0
    monkeypatch.setattr(NamespaceSubject, "answer", wrong)
    report = run(plan)
    assert report.exit_status() == 1
    assert failures(report)["constraints.MaxNorm"] >= aspects
