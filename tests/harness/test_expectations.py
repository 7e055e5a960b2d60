"""Known failures: what is expected to fail must fail, in the aspect named, and match something."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from conftest import Ended

from conformance.expectations import Expectation
from conformance.model import Verdict
from conformance.run import Plan, Report, run
from conformance.subjects.base import Mode

SUBJECT = "module:known_failures:keras3"
CASES = "constraints.NonNeg/value/"
# What the subject below gets wrong, rejects, and gets right.
CLIPPED = f"{CASES}wave-5-float32"
REJECTED = f"{CASES}rank-0-float32"
RIGHT = f"{CASES}least-normals-float32"


class NonNeg:
    """On NumPy, clipped at 1 by mistake; a number without a shape is refused."""

    def __call__(self, w: Any) -> Any:
        if w.ndim == 0:
            raise ValueError("weights must have a shape")
        return np.clip(w, np.float32(0), np.float32(1))


@pytest.fixture(autouse=True)
def subject(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("known_failures")
    module.constraints = SimpleNamespace(NonNeg=NonNeg)  # type: ignore[attr-defined]
    module.conformance_tensors = "numpy"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)


def entry(cases: str = CLIPPED, aspects: tuple[str, ...] = ("value",), **more: Any) -> str:
    fields = {
        "cases": cases,
        "aspects": list(aspects),
        "reason": "clipped at 1",
        "link": "https://example.org/1",
        **more,
    }
    lines = [f"{name} = {json.dumps(value)}" for name, value in fields.items()]
    return "\n".join(["[[expectation]]", *lines, ""])


Run = Callable[..., Report]


@pytest.fixture
def expecting(tmp_path: Path, golden: Path) -> Run:
    """A run of the subject over `select` with the entries given."""

    def go(*entries: str, select: tuple[str, ...] = (CLIPPED,), mode: Mode = Mode.EAGER) -> Report:
        file = tmp_path / "known.toml"
        file.write_text("\n".join(entries))
        return run(Plan((SUBJECT,), golden, select=select, mode=mode, expectations=(file,)))

    return go


def verdicts(report: Report, case_id: str = CLIPPED) -> dict[str, Verdict]:
    """By aspect."""
    return {r.aspect: r.verdict for r in report.results if r.id == case_id}


def test_without_an_entry_it_fails(expecting: Run) -> None:
    report = expecting(select=(CLIPPED, REJECTED, RIGHT))
    assert report.exit_status() == 1
    assert verdicts(report)["value"] is Verdict.FAIL
    assert verdicts(report, REJECTED)["accepted"] is Verdict.FAIL
    assert set(verdicts(report, RIGHT).values()) == {Verdict.PASS}


def test_an_expected_failure_is_known(expecting: Run) -> None:
    report = expecting(entry())
    assert report.exit_status() == 0
    found = verdicts(report)
    assert found.pop("value") is Verdict.KNOWN_FAILURE
    assert set(found.values()) == {Verdict.PASS}
    (known,) = (r for r in report.results if r.verdict is Verdict.KNOWN_FAILURE)
    assert "clipped at 1 (https://example.org/1)" in known.message
    (tally,) = report.tallies().values()
    assert (tally.cases, tally.known, tally.bitwise, tally.failed) == (1, 1, 0, 0)


def test_a_glob_covers_every_case_it_matches(expecting: Run) -> None:
    report = expecting(entry(f"{CASES}wave-*-float32"), select=(f"{CASES}wave-*-float32",))
    assert report.exit_status() == 0
    known = [r.id for r in report.results if r.verdict is Verdict.KNOWN_FAILURE]
    assert len(known) == len(set(known)) == report.planned > 1


def test_a_failure_that_nobody_expects_fails_beside_a_known_one(expecting: Run) -> None:
    report = expecting(entry(), select=(CLIPPED, f"{CASES}wave-3x4-float32"))
    assert report.exit_status() == 1
    assert verdicts(report, f"{CASES}wave-3x4-float32")["value"] is Verdict.FAIL


def test_an_unexpected_pass_fails(expecting: Run) -> None:
    report = expecting(entry(RIGHT), select=(RIGHT,))
    assert report.exit_status() == 1
    assert verdicts(report, RIGHT)["value"] is Verdict.UNEXPECTED_PASS
    (tally,) = report.tallies().values()
    assert tally.failed == 1


@pytest.mark.parametrize("case_id", [CLIPPED, RIGHT])
def test_without_strictness_failing_and_passing_are_right(expecting: Run, case_id: str) -> None:
    report = expecting(entry(case_id, strict=False), select=(case_id,))
    assert report.exit_status() == 0
    assert report.stale == []
    wanted = Verdict.KNOWN_FAILURE if case_id == CLIPPED else Verdict.PASS
    assert verdicts(report, case_id)["value"] is wanted


def test_a_failure_in_another_aspect_fails(expecting: Run) -> None:
    report = expecting(entry(aspects=("zero-sign",), strict=False))
    assert report.exit_status() == 1
    assert verdicts(report)["value"] is Verdict.FAIL


def test_what_a_known_failure_blocks_does_not_fail(expecting: Run) -> None:
    report = expecting(entry(REJECTED, ("accepted",)), select=(REJECTED,))
    assert report.exit_status() == 0
    found = verdicts(report, REJECTED)
    assert found.pop("accepted") is Verdict.KNOWN_FAILURE
    assert set(found.values()) == {Verdict.BLOCKED}
    assert "value" in found


def test_a_blocked_aspect_is_not_the_failure_that_was_expected(expecting: Run) -> None:
    report = expecting(entry(REJECTED, ("value",)), select=(REJECTED,))
    assert report.exit_status() == 1
    assert len(report.stale) == 1
    assert verdicts(report, REJECTED)["accepted"] is Verdict.FAIL


@pytest.mark.parametrize(
    ("stale", "says"),
    [
        (entry("constraints.NonNeg/nothing/*"), "'constraints.NonNeg/nothing/*' matches no case"),
        (entry("constraints.RadialConstraint/*"), "matches no case"),  # not of this dialect
        (entry(aspects=("losses",)), "aspect losses"),
    ],
)
def test_an_entry_that_matches_nothing_is_stale(expecting: Run, stale: str, says: str) -> None:
    report = expecting(entry(), stale)
    assert report.exit_status() == 1
    (line,) = report.stale
    assert line.startswith(f"{SUBJECT}: known.toml entry 2: ")
    assert says in line
    assert not {Verdict.FAIL, Verdict.UNEXPECTED_PASS} & set(verdicts(report).values())


def test_an_entry_about_cases_that_were_not_selected_is_not_stale(expecting: Run) -> None:
    report = expecting(entry(), select=(RIGHT,))
    assert report.stale == []
    assert report.exit_status() == 0


def test_an_entry_holds_in_its_modes_only(expecting: Run) -> None:
    limited = entry(modes=["graph", "xla"])
    assert expecting(limited, mode=Mode.GRAPH).exit_status() == 0
    assert expecting(limited, mode=Mode.XLA).exit_status() == 0
    eager = expecting(limited)
    assert eager.exit_status() == 1
    assert verdicts(eager)["value"] is Verdict.FAIL
    assert eager.stale == []


def test_an_entry_holds_for_its_subjects_only(expecting: Run) -> None:
    assert expecting(entry(subjects=[SUBJECT])).exit_status() == 0
    other = expecting(entry(subjects=["impl.keras3"]))
    assert other.exit_status() == 1
    assert verdicts(other)["value"] is Verdict.FAIL
    assert other.stale == []


def test_the_first_entry_that_fits_is_the_one_that_counts(expecting: Run) -> None:
    report = expecting(entry(aspects=("zero-sign",), strict=False), entry())
    assert report.exit_status() == 0
    assert verdicts(report)["value"] is Verdict.KNOWN_FAILURE


def test_an_id_with_brackets_covers_its_own_case() -> None:
    """`axis=[0]` is part of an id, though a glob reads it as a set of characters."""
    bracketed = "constraints.UnitNorm/arguments/axis=[0]"
    entry = Expectation(bracketed, ("value",), "reason", "link")
    assert entry.covers(bracketed)
    assert not entry.covers("constraints.UnitNorm/arguments/axis=[0,1]")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("[[expectation]\n", "cannot be read"),
        ("a = \n", "cannot be read"),
        ("\xff".encode("latin-1"), "cannot be read"),
        ("[[expectations]]\n", "expectations"),
        ("[expectation]\ncases = '*'\n", "[[expectation]]"),
        ("expectation = 'all'\n", "[[expectation]]"),
        ("expectation = [1]\n", "entry 1"),
        ("expectation = ['constraints.*']\n", "entry 1"),
        (entry(because="of that"), "because"),
        (entry(cases=""), "cases"),
        (entry(cases=3), "cases"),  # type: ignore[arg-type]
        (entry(reason=" "), "reason"),
        (entry(link=["https://example.org"]), "link"),
        (entry().replace("reason", "#reason"), "reason"),
        (entry().replace("link", "#link"), "link"),
        (entry().replace("cases", "#cases"), "cases"),
        (entry().replace("aspects", "#aspects"), "aspects"),
        (entry(aspects=()), "aspects"),
        (entry().replace('["value"]', '"value"'), "aspects"),
        (entry().replace('["value"]', "[1]"), "aspects"),
        (entry(modes="graph"), "modes"),
        (entry(subjects=[1]), "subjects"),
        (entry(strict="no"), "strict"),
        (entry(strict=1), "strict"),
    ],
)
def test_a_file_that_is_not_as_it_must_be_ends_in_one_sentence(
    text: str | bytes, names: str, tmp_path: Path, conformance: Callable[..., Ended]
) -> None:
    file = tmp_path / "known.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    ended = conformance("run", "--subject", SUBJECT, "--select", CLIPPED, "--expectations", file)
    assert ended.status == 2
    sentence = ended.sentence()
    assert sentence.startswith("conformance: expectations ")
    assert "known.toml" in sentence
    assert names in sentence


def test_a_file_that_is_not_there_ends_in_one_sentence(
    tmp_path: Path, conformance: Callable[..., Ended]
) -> None:
    file = tmp_path / "missing.toml"
    ended = conformance("run", "--subject", SUBJECT, "--select", CLIPPED, "--expectations", file)
    assert ended.status == 2
    assert ended.sentence().startswith(f"conformance: expectations {file}: ")


@pytest.mark.parametrize(
    ("text", "status", "shows"),
    [
        (entry(), 0, "as expected"),
        (entry(RIGHT), 1, "expected to fail"),
        (entry() + entry("constraints.NonNeg/nothing/*"), 1, "matches no case"),
    ],
)
def test_the_command_line_ends_and_says_so(
    text: str, status: int, shows: str, tmp_path: Path, conformance: Callable[..., Ended]
) -> None:
    file = tmp_path / "known.toml"
    file.write_text(text)
    select = RIGHT if RIGHT in text else CLIPPED
    ended = conformance("run", "--subject", SUBJECT, "--select", select, "--expectations", file)
    assert ended.status == status
    assert ended.err == ""
    assert shows in " ".join(ended.out.split())
