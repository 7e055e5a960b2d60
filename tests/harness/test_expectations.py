"""Known failures: what is expected to fail must fail, in the aspect named, and match something."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
import tomlkit
from conftest import Ended

from conformance.claims.claims import load_findings
from conformance.expectations import Expectation, Ledger, checking, entries
from conformance.model import Result, Verdict
from conformance.model.platforms import Platform
from conformance.runner.report import Against, Plan, Report
from conformance.runner.run import run
from conformance.subjects.base import Mode
from conformance.subjects.provenance import platform_facts
from conformance.vectors import store

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
    return tomlkit.dumps({"expectation": [fields]})


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


def test_goldens_of_ones_own_need_not_have_what_the_entries_of_the_suite_are_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entries, "HERE", tmp_path)
    (tmp_path / "keras.toml").write_text(entry())
    ledger = Ledger(entries.for_subject("keras", "eager", facts={}))
    assert ledger.stale(["constraints.Mine/value/wave"]) == []
    of = (CLIPPED, "keras", "keras3", "constraints.NonNeg", "golden")
    ledger.judge([Result(*of, "zero-sign", Verdict.PASS)])
    assert len(ledger.stale([CLIPPED])) == 1


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
    entry = Expectation((bracketed,), ("value",), "reason", "link")
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
        (entry(cases=[]), "cases"),  # type: ignore[arg-type]
        (entry(cases=[""]), "cases"),  # type: ignore[arg-type]
        (entry(link=""), "link"),
        (entry(fails=""), "fails"),
        (entry(fails=[]), "fails"),
        (entry(fails=[1]), "fails"),
        (entry(versions=3), "versions"),
        (entry(versions=""), "versions"),
        (entry(versions="3.13"), "versions"),
        (entry(platform="x86_64"), "platform"),
        (entry(platform={}), "platform"),
        (entry(platform={"onednn": "on"}), "platform"),
        (entry(platform={"intra_op_threads": 2}), "platform"),
        (entry(subjects=["torch"]), "subjects"),
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


OFF = "value off, relative error up to 1"
REFUSED = "rejected in call with a value error"


@pytest.mark.parametrize(
    ("cases", "status"),
    [
        ([CLIPPED], 0),
        ([CLIPPED, f"{CASES}wave-3x4-*"], 0),
        (["constraints.MaxNorm/*", f"{CASES}wave-5-*"], 0),
        (["constraints.MaxNorm/*"], 1),
    ],
)
def test_cases_may_be_several_globs(expecting: Run, cases: list[str], status: int) -> None:
    report = expecting(entry(cases))  # type: ignore[arg-type]
    assert report.exit_status() == status


def test_a_failure_that_looks_as_expected_is_known(expecting: Run) -> None:
    report = expecting(entry(fails=OFF))
    assert report.exit_status() == 0
    assert verdicts(report)["value"] is Verdict.KNOWN_FAILURE


@pytest.mark.parametrize(
    "fails", ["value off, up to 16 ULP", ["crashed", "null instead of a tensor"]]
)
def test_a_failure_that_looks_otherwise_fails_and_says_so(
    expecting: Run, fails: str | list[str]
) -> None:
    report = expecting(entry(fails=fails))
    assert report.exit_status() == 1
    assert report.stale == []
    (failed,) = (r for r in report.results if r.verdict is Verdict.FAIL)
    assert failed.message.startswith(
        "fails differently than expected (known.toml entry 1; expected: "
    )
    assert OFF in failed.message
    assert (fails if isinstance(fails, str) else fails[0]) in failed.message


def test_a_failure_may_look_as_another_entry_says(expecting: Run) -> None:
    report = expecting(entry(fails="crashed"), entry(fails=["timed out", OFF]))
    assert verdicts(report)["value"] is Verdict.KNOWN_FAILURE
    assert len(report.stale) == 1  # nothing is as the first one says


def test_what_passes_does_not_look_as_expected(expecting: Run) -> None:
    report = expecting(entry(RIGHT, fails=OFF), select=(RIGHT,))
    assert verdicts(report, RIGHT)["value"] is Verdict.UNEXPECTED_PASS


@pytest.mark.parametrize(
    ("versions", "version", "applies"),
    [
        ("", None, True),
        ("", "3.10.0", True),
        (">=3.13", "3.15.1", True),
        (">=3.13", "3.10.0", False),
        (">=3.13,!=3.15.1", "3.15.1", False),
        (">=3.13", "3.16.0rc1", True),
        (">=3.13", None, False),
        (">=3.13", "from a checkout", False),
    ],
)
def test_an_entry_holds_for_its_versions_only(
    versions: str, version: str | None, applies: bool
) -> None:
    known = Expectation(("*",), ("value",), "reason", "link", versions=versions)
    assert known.applies("keras", "eager", {"version": version}) is applies


def test_the_version_is_that_of_the_package(expecting: Run) -> None:
    sys.modules["known_failures"].__version__ = "2.5"  # type: ignore[attr-defined]
    assert expecting(entry(versions=">=2,<3")).exit_status() == 0
    assert expecting(entry(versions=">=3")).exit_status() == 1


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("keras", ["keras"]),
        ("keras==3.10.0", ["keras", "keras==3.10.0"]),
        ("keras@jax", ["keras@jax"]),
        ("keras==3.10.0@jax", ["keras@jax", "keras==3.10.0@jax"]),
        ("tf_keras==2.16.0", ["tf_keras", "tf_keras==2.16.0"]),
        ("tfjs", ["tfjs"]),
        ("impl.keras3", ["impl.keras3"]),
        ("module:keras:keras3", []),
        ("command:keras", []),
        ("command:../keras", []),
    ],
)
def test_the_files_of_a_subject(
    name: str, files: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entries, "HERE", tmp_path)
    for each in ("keras", "keras==3.10.0", "keras@jax", "keras==3.10.0@jax", "tfjs", "impl.keras3",
                 "tf_keras", "tf_keras==2.16.0", "module:keras:keras3", "command:keras"):  # fmt: skip
        (tmp_path / f"{each}.toml").write_text("")
    assert [file.stem for file in entries.shipped_files(name)] == files


def test_an_entry_about_a_subject_is_about_all_its_versions() -> None:
    known = Expectation(("*",), ("value",), "reason", "link", subjects=("keras@jax",))
    assert known.applies("keras==3.10.0@jax", "eager", {"version": "3.10.0"})
    assert not known.applies("keras==3.10.0", "eager", {"version": "3.10.0"})


def test_an_entry_holds_on_its_platform_only() -> None:
    known = Expectation(("*",), ("value",), "reason", "link", platform=Platform({"onednn": True}))
    assert known.applies("keras", "eager", {"onednn": True, "machine": "x86_64"})
    assert not known.applies("keras", "eager", {"onednn": False})
    assert not known.applies("keras@numpy", "eager", {"version": "3.15.1"})


def test_the_platform_is_that_of_the_run(expecting: Run) -> None:
    machine = platform_facts()["machine"]
    assert expecting(entry(platform={"machine": machine})).exit_status() == 0
    assert expecting(entry(platform={"machine": f"not {machine}"})).exit_status() == 1


def test_part_of_a_run_does_not_tell_that_an_entry_is_stale(expecting: Run) -> None:
    """Of the cases that this one covers some have no losses; but that is not all of them."""
    both = entry(f"{CASES}*", aspects=("losses",), strict=False)
    assert expecting(both, select=(RIGHT,)).stale == []
    assert len(expecting(both, select=(f"{CASES}*",)).stale) == 1


def test_a_shard_does_not_tell_that_an_entry_is_stale(tmp_path: Path, golden: Path) -> None:
    file = tmp_path / "known.toml"
    file.write_text(entry([CLIPPED, REJECTED], ("accepted",)))  # type: ignore[arg-type]
    select = (CLIPPED, REJECTED)
    for shard in ((1, 2), (2, 2)):
        plan = Plan((SUBJECT,), golden, select=select, shard=shard, expectations=(file,))
        report = run(plan)
        assert report.stale == []
        assert report.planned == 1


def test_untriaged_failures_are_counted_and_do_not_fail(
    tmp_path: Path, conformance: Callable[..., Ended]
) -> None:
    file = tmp_path / "known.toml"
    file.write_text(entry(reason="untriaged: something", link=""))
    ended = conformance("run", "--subject", SUBJECT, "--select", CLIPPED, "--expectations", file)
    assert ended.status == 0
    assert "1 failed as known (1 of them untriaged" in " ".join(ended.out.split())


def test_kinds_of_errors_are_compared_on_request(golden: Path) -> None:
    select = ("constraints.MaxNorm/rejected/*",)
    plan = Plan(("tf_keras",), golden, select=select, against=Against.BOTH)
    assert "exception" not in {r.aspect for r in run(plan).results}
    report = run(replace(plan, exceptions=True))
    found = [r for r in report.results if r.aspect == "exception"]
    assert {r.against for r in found} == {"golden", "official"}
    assert {r.verdict for r in found} == {Verdict.PASS}


CASES_OF_A_FILE = {f"constraints.NonNeg/value/{n}": ("keras2", "keras3") for n in range(3)}
LINT = "constraints.NonNeg/value/"


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ([entry(f"{LINT}*")], None),
        ([entry(f"{LINT}0"), entry(f"{LINT}1")], None),
        ([entry(f"{LINT}*"), entry(f"{LINT}*", ("shape",))], None),
        ([entry(f"{LINT}*", modes=["xla"]), entry(f"{LINT}*", modes=["graph"])], None),
        ([entry(f"{LINT}*", versions="<3"), entry(f"{LINT}*", versions=">=3")], None),
        ([entry(f"{LINT}*", platform={"onednn": on}) for on in (False, True)], None),
        ([entry(f"{LINT}*", platform={"onednn": True}), entry(f"{LINT}*")], "already"),
        ([entry(f"{LINT}9")], "matches no case"),
        ([entry([f"{LINT}1", f"{LINT}9"])], f"'{LINT}9' matches no case"),  # type: ignore[arg-type]
        ([entry(f"{LINT}1", reason="untriaged: x", link="")], "is untriaged"),
        ([entry(f"{LINT}*"), entry(f"{LINT}1")], "entry 2: constraints.NonNeg/value/1 has its aspect"),
    ],
)  # fmt: skip
def test_lint_checks_the_files_that_come_with_the_suite(
    written: list[str], says: str | None, tmp_path: Path
) -> None:
    (tmp_path / "keras@torch.toml").write_text("\n".join(written))
    found = checking.problems(CASES_OF_A_FILE, (), tmp_path)
    assert len(found) == (says is not None)
    assert says is None or says in found[0]


def test_lint_knows_the_dialect_of_a_subject_and_refuses_other_names(tmp_path: Path) -> None:
    cases = {f"{LINT}0": ("keras2",), f"{LINT}1": ("keras3",)}
    (tmp_path / "tf_keras==2.16.0.toml").write_text(entry(f"{LINT}0"))
    (tmp_path / "keras@torch.toml").write_text(entry(f"{LINT}1"))
    assert checking.problems(cases, (), tmp_path) == []
    (tmp_path / "tfjs.toml").write_text(entry(f"{LINT}1"))
    (tmp_path / "something.toml").write_text("")
    assert ["something.toml: must" in f or "matches no case" in f for f in checking.problems(cases, (), tmp_path)] == [True, True]  # fmt: skip


def test_the_files_that_come_with_the_suite_are_in_order(golden: Path) -> None:
    cases = {e.case.id: tuple(e.expected) for f in store.load_all(golden) for e in f.cases}
    findings = {finding.id for finding in load_findings(golden)}
    assert checking.problems(cases, findings) == []


@pytest.mark.parametrize(
    ("link", "told"),
    [
        ("keras@torch.md, a-cause-of-16-bits", []),
        ("https://example.org/1", ["keras@torch.md: no entry links to the section"]),
        ("golden/findings.toml, found", ["keras@torch.md: no entry links to the section"]),
        ("golden/findings.toml, lost", ["entry 1: link must be a URL", "no entry links"]),
        ("keras@torch.md, causes", ["entry 1: link must be a URL", "no entry links"]),
        ("keras@jax.md, a-cause-of-16-bits", ["entry 1: link must be a URL", "no entry links"]),
        ("we know", ["entry 1: link must be a URL", "no entry links"]),
    ],
)
def test_links_lead_somewhere_and_causes_are_linked(
    link: str, told: list[str], tmp_path: Path
) -> None:
    (tmp_path / "keras@torch.toml").write_text(entry(f"{LINT}1", link=link))
    page = "# Keras on PyTorch\n\n## Causes\n\n### A cause, of 16 bits\n\nText.\n"
    (tmp_path / "keras@torch.md").write_text(page)
    found = checking.problems(CASES_OF_A_FILE, {"found"}, tmp_path)
    assert len(found) == len(told)
    for sentence, part in zip(found, told, strict=True):
        assert part in sentence


@pytest.mark.parametrize("name", ["keras", "tf_keras"])
def test_what_official_keras_answers_in_two_ways_is_a_finding(name: str, tmp_path: Path) -> None:
    file = tmp_path / f"{name}.toml"
    cases = {f"{LINT}1": ("keras2", "keras3")}
    file.write_text(entry(f"{LINT}1", modes=["xla"], link="golden/findings.toml, found"))
    assert checking.problems(cases, {"found"}, tmp_path) == []
    file.write_text(entry(f"{LINT}1", modes=["xla"], link="https://example.org/1"))
    (problem,) = checking.problems(cases, {"found"}, tmp_path)
    assert "is a finding; received 'https://example.org/1'" in problem


@pytest.mark.parametrize("option", ["--start-timeout", "--case-timeout"])
def test_limits_are_positive(option: str, conformance: Callable[..., Ended]) -> None:
    ended = conformance("run", "--subject", SUBJECT, "--select", RIGHT, option, "0")
    assert ended.status == 2
    assert option in ended.sentence()


def test_a_subject_may_take_only_so_long_to_start(
    tmp_path: Path, conformance: Callable[..., Ended]
) -> None:
    (tmp_path / "slow.py").write_text("import time\ntime.sleep(60)\n")
    program = f"command:{sys.executable} {tmp_path / 'slow.py'}"
    ended = conformance("run", "--subject", program, "--select", RIGHT, "--start-timeout", "0.5")
    assert ended.status == 2
    assert "within 0.5 s" in ended.sentence()
