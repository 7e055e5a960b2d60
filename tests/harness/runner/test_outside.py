"""Steps that a subject does not set out to do: unsupported, and no failure of a strict run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance.model import Verdict
from conformance.runner.report import Plan
from conformance.runner.run import run
from conformance.subjects import namespace
from conformance.subjects.base import OUTSIDE, NotOffered

FILES = ("models.Sequential/sequence-file/one-keras",)
COPIES = ("models.Sequential/sequence-copy/clone-config",)


@pytest.mark.parametrize("strict", [False, True])
def test_files_are_outside_of_what_impl_does(strict: bool, golden: Path) -> None:
    report = run(Plan(("impl",), golden, select=(*FILES, *COPIES), strict=strict))
    assert report.exit_status() == 0
    unsupported = [r for r in report.results if r.verdict is Verdict.UNSUPPORTED]
    assert {r.id for r in unsupported} >= set(FILES)
    assert all(r.id.startswith(FILES) for r in unsupported)
    assert all("the step save is outside of what it does" in r.message for r in unsupported)


def test_what_is_missing_without_a_word_fails_a_strict_run(
    golden: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(namespace.SequenceSteps, "_do_copy")
    for strict, status in ((False, 0), (True, 1)):
        select = (*COPIES, "constraints.NonNeg/by-hand/*")
        assert (
            run(Plan(("impl.keras3",), golden, select=select, strict=strict)).exit_status()
            == status
        )


def test_no_other_subject_is_excused_by_the_same_words(
    golden: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(self: Any, step: Any) -> Any:
        raise NotOffered(f"the step {step.do} {OUTSIDE}")

    monkeypatch.setattr(namespace.SequenceSteps, "_do_copy", refuses)
    select = (*COPIES, "constraints.NonNeg/by-hand/*")
    for strict, status in ((False, 0), (True, 1)):
        assert run(Plan(("keras",), golden, select=select, strict=strict)).exit_status() == status
