"""The cases as tests: collected by `pytest conformance`, not by the tests of the suite itself."""

from __future__ import annotations

import pytest

from conformance.model import Verdict
from conformance.runner.judging import Judge
from conformance.runner.report import case_ending
from conformance.runner.run import Runner


def test_case(
    conformance_runner: Runner, conformance_judge: Judge, position: int, subject: str
) -> None:
    """The subject answers the case as expected in every aspect."""
    for asked, case, results in conformance_runner.results(position, only=subject):
        judged = conformance_judge.apply(asked.name, results)
        ending = case_ending(judged)
        text = "\n".join(
            f"{r.aspect} against {r.against}: {r.verdict}: {r.message}"
            for r in judged
            if r.verdict not in (Verdict.PASS, Verdict.BLOCKED)
        )
        lost = ending == "unsupported" and not conformance_judge.may_lack(asked.name, case.id)
        if ending == "failed" or lost:
            command = f"conformance show '{case.id}' --subject {subject}"
            pytest.fail(f"{text}\n{command}", pytrace=False)
        if ending == "unsupported":
            pytest.skip(text)
        if ending == "known":
            pytest.xfail(text)


def test_expectations(conformance_judge: Judge) -> None:
    """Every expectation is about a case that exists."""
    conformance_judge.finish()
    assert conformance_judge.stale == []
