from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from rich.console import Console

from conformance.model import Grade, Result, Verdict
from conformance.report import junit, machine, terminal
from conformance.runner.report import Against, Plan, Report, compare_with_baseline
from conformance.subjects.provenance import differences, same_platform

SUBJECT = ("--subject", "module:plain_numpy:keras3")
NASTY = "bell \x07 escape \x1b[31m nul \x00 [bold]no markup[/] [/] <tag> & é \ud800 end"


def result(number: int, verdict: Verdict, **changes: Any) -> Result:
    fields: dict[str, Any] = {
        "id": f"constraints.Toy/group/{number}",
        "subject": "toy.keras3",
        "dialect": "keras3",
        "target": "constraints.Toy",
        "against": "golden",
        "aspect": "value",
        "verdict": verdict,
    }
    return Result(**{**fields, **changes})


def every_ending() -> Report:
    """A report in which each verdict occurs, and a case with two aspects that disagree."""
    report = Report(Plan(subjects=("toy",), golden=Path()))
    report.provenance = {"toy.keras3": {"package": "toy"}}
    report.planned = 9
    report.seconds = 1.23456
    report.results = [
        result(1, Verdict.PASS, grade=Grade.BITWISE, error_ulp=0.0, headroom=0.0),
        result(1, Verdict.PASS, grade=Grade.BITWISE, aspect="shape"),
        result(2, Verdict.PASS, grade=Grade.WITHIN, error_ulp=3.0, headroom=0.75),
        result(2, Verdict.PASS, grade=Grade.BITWISE, aspect="shape"),
        result(3, Verdict.FAIL, message="9 ULP where 4 are allowed", error_ulp=9.0, headroom=2.25),
        result(3, Verdict.PASS, grade=Grade.BITWISE, aspect="shape"),
        result(4, Verdict.UNSUPPORTED, aspect="accepted", message="has no Toy"),
        result(5, Verdict.KNOWN_FAILURE, message="known: rounding"),
        result(6, Verdict.UNEXPECTED_PASS, message="expected to fail"),
        result(7, Verdict.MISSING, message="no value in the answer"),
        result(8, Verdict.FAIL, aspect="accepted", message=NASTY),
        result(8, Verdict.BLOCKED, message="the step was not accepted"),
        result(9, Verdict.PASS, grade=Grade.BITWISE, target="constraints.Other"),
    ]
    return report


TALLY = {
    "cases": 8, "ran": 7, "bitwise": 1, "within": 1, "failed": 4, "unsupported": 1, "known": 1
}  # fmt: skip


def test_a_case_ends_as_its_worst_aspect() -> None:
    tallies = every_ending().tallies()
    toy = tallies["toy.keras3", "golden", "constraints.Toy"]
    assert {name: getattr(toy, name) for name in TALLY} == TALLY
    assert tallies["toy.keras3", "golden", "constraints.Other"].bitwise == 1


@pytest.mark.parametrize(
    ("verdict", "strict", "status"),
    [
        (Verdict.PASS, True, 0),
        (Verdict.FAIL, False, 1),
        (Verdict.MISSING, False, 1),
        (Verdict.UNEXPECTED_PASS, False, 1),
        (Verdict.KNOWN_FAILURE, True, 0),
        (Verdict.UNSUPPORTED, False, 0),
        (Verdict.UNSUPPORTED, True, 1),
    ],
)
def test_exit_status(verdict: Verdict, strict: bool, status: int) -> None:
    report = Report(Plan(subjects=("toy",), golden=Path(), strict=strict))
    report.results = [result(1, Verdict.PASS), result(2, verdict)]
    assert report.exit_status() == status


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"onednn": False, "machine": "x86_64", "version": "2"}, ""),
        ({"onednn": True, "machine": "x86_64"}, "onednn True, not False"),
        ({"onednn": False, "machine": "aarch64"}, "machine aarch64, not x86_64"),
        ({"machine": "x86_64"}, "no onednn"),
        (
            {"onednn": False, "machine": "x86_64", "cpu_features": ["A", "C", "D"]},
            "cpu_features with C, D and without B",
        ),
    ],
)
def test_platforms_differ_in_what_moves_bits(facts: dict[str, Any], told: str) -> None:
    recorded = {"onednn": False, "machine": "x86_64", "version": "1"}
    if "cpu_features" in facts:
        recorded["cpu_features"] = ["A", "B"]
    assert "; ".join(differences(facts, recorded)) == told
    assert same_platform(facts, recorded) is not bool(told)


def test_strict_says_where_it_could_not_ask_for_bits() -> None:
    def notes(**plan: Any) -> list[str]:
        report = Report(Plan(subjects=("toy",), golden=Path(), **plan))
        report.recorded = {"a": {"onednn on": 5}, "b": {"onednn on": 5, "no x": 2}, "c": {}}
        return report.notes()

    assert notes() == notes(strict=True, against=Against.OFFICIAL) == []
    assert [note.partition(" platform ")[::2] for note in notes(strict=True)] == [
        ("a, b: 5 cases were recorded on another", WITHIN.format("onednn on")),
        ("b: 2 cases were recorded on another", WITHIN.format("no x")),
    ]


WITHIN = "({}); values were held against these within their tolerance, not bit for bit"


def test_exit_status_of_what_is_no_result() -> None:
    report = Report(Plan(subjects=("toy",), golden=Path()))
    assert report.exit_status() == 1  # nothing ran: nothing was shown
    report.results = [result(1, Verdict.PASS)]
    assert report.exit_status() == 0
    report.stale = ["an entry that matches nothing"]
    assert report.exit_status() == 1
    report.stale, report.shrunk = [], ["a class that ran fewer cases"]
    assert report.exit_status() == 1
    report.interrupted = True
    assert report.exit_status() == 130


def test_json_has_the_keys_of_the_contract(tmp_path: Path) -> None:
    report = every_ending()
    machine.write(report, tmp_path / "new" / "report.json")
    content = (tmp_path / "new" / "report.json").read_bytes()
    read = json.loads(content)
    assert {"schema", "subject", "provenance", "counts", "results"} <= read.keys()
    assert read["schema"] == "keras-conformance/report/1"
    assert (read["subject"], read["provenance"]) == (["toy.keras3"], report.provenance)
    assert read["exit_status"] == 1
    for row in read["results"]:
        assert row.keys() >= {
            *("id", "target", "aspect", "verdict", "grade", "error_ulp", "headroom", "message"),
        }
    third = next(row for row in read["results"] if row["id"].endswith("/3"))
    assert (third["verdict"], third["grade"]) == ("fail", None)
    assert (third["error_ulp"], third["headroom"]) == (9.0, 2.25)
    assert read["counts"]["results"] == dict(Counter(str(r.verdict) for r in report.results))
    assert next(c for c in read["counts"]["classes"] if c["target"].endswith("Toy")) == {
        "subject": "toy.keras3", "against": "golden", "target": "constraints.Toy", **TALLY
    }  # fmt: skip
    assert content.isascii()
    assert next(r for r in read["results"] if r["id"].endswith("/8"))["message"] == NASTY


def test_json_of_a_run_has_one_result_for_each_case_and_aspect(
    tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    path = tmp_path / "report.json"
    ended = conformance("run", *SUBJECT, "--json", path)
    read = json.loads(path.read_text())
    assert read["exit_status"] == ended.status == 1
    rows = Counter((r["subject"], r["against"], r["id"], r["aspect"]) for r in read["results"])
    assert set(rows.values()) == {1}
    assert len({case_id for _, _, case_id, _ in rows}) == sum(
        row["cases"] for row in read["counts"]["classes"]
    )
    assert {r["verdict"] for r in read["results"]} <= {str(v) for v in Verdict}
    provenance = read["provenance"]["module:plain_numpy:keras3"]
    assert (provenance["package"], provenance["version"]) == ("plain_numpy", "1.0")
    assert "tensorflow" not in provenance or isinstance(provenance["tensorflow"], str)
    # Standard JSON: no NaN, no Infinity.
    json.loads(path.read_text(), parse_constant=lambda name: pytest.fail(name))


def test_junit_counts_agree_with_the_tallies() -> None:
    report = every_ending()
    root = ElementTree.fromstring(junit.to_xml(report))
    (suite,) = root
    assert suite.attrib == {
        "name": "toy.keras3 against golden", "tests": "9", "failures": "4", "skipped": "2"
    }  # fmt: skip
    failures = {t.get("name", "")[-1]: t.find("failure") for t in suite}
    assert [n for n, failure in failures.items() if failure is not None] == ["3", "6", "7", "8"]
    third = failures["3"]
    assert third is not None
    assert third.get("message") == "value"
    assert third.text == "value: fail: 9 ULP where 4 are allowed"
    skipped = {t.get("name", "")[-1]: t.find("skipped") for t in suite}
    told = {n: s.get("message") for n, s in skipped.items() if s is not None}
    assert told == {"4": "unsupported", "5": "known"}


def test_junit_of_a_run_agrees_with_its_json(
    tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    xml, path = tmp_path / "report.xml", tmp_path / "report.json"
    conformance("run", *SUBJECT, "--junit", xml, "--json", path)
    (suite,) = ElementTree.fromstring(xml.read_bytes())
    classes = json.loads(path.read_text())["counts"]["classes"]
    assert int(suite.get("tests", "")) == len(suite) == sum(row["cases"] for row in classes)
    assert int(suite.get("failures", "")) == sum(row["failed"] for row in classes)
    by_class = Counter(test.get("classname") for test in suite)
    assert by_class == {row["target"]: row["cases"] for row in classes}


def test_control_characters_survive_in_every_report() -> None:
    report = every_ending()
    report.stale = [f"entry 1: {NASTY}"]
    root = ElementTree.fromstring(junit.to_xml(report))
    failure = root.find("testsuite/testcase[@name='constraints.Toy/group/8']/failure")
    assert failure is not None
    assert failure.text == (
        "accepted: fail: bell ? escape ?[31m nul ? [bold]no markup[/] [/] <tag> & é ? end"
    )
    gate = root.findall("testsuite")[1]
    assert (gate.get("tests"), gate.get("failures")) == ("1", "1")
    text = summary(report)
    assert "[bold]no markup[/] [/] <tag> & é" in text


def summary(report: Report, width: int = 140) -> str:
    said = io.StringIO()
    terminal.summary(report, Console(file=said, width=width))
    return said.getvalue()


def test_the_table_shows_every_class_with_its_counts() -> None:
    text = summary(every_ending())
    (toy,) = [line for line in text.splitlines() if line.startswith("   constraints.Toy ")]
    assert toy.split()[1:] == ["8", "7", "1", "1", "4", "1", "1", "2.25"]
    (other,) = [line for line in text.splitlines() if "constraints.Other" in line]
    assert other.split()[1:] == ["1", "1", "1", "0", "0", "0", "0", "-"]
    (whole,) = [line for line in text.splitlines() if line.startswith(" all ")]
    assert whole.split()[1:] == ["9", "8", "2", "1", "4", "1", "1"]
    header = text.splitlines()[1].split()
    assert header == [
        *("class", "cases", "ran", "bitwise", "within", "failed", "unsupported", "known"),
        "headroom",
    ]
    assert "failed constraints.Toy/group/3 (toy.keras3 against golden)" in text
    assert "value: 9 ULP where 4 are allowed" in text
    assert "failed constraints.Toy/group/1" not in text
    assert "not as expected: 9 comparisons of 9 cases in 1.2 s: 3 passed (2 bit for bit)" in text


def test_the_terminal_counts_what_it_does_not_list() -> None:
    report = Report(Plan(subjects=("toy",), golden=Path()))
    report.results = [result(n, Verdict.FAIL, message=f"wrong {n}") for n in range(25)]
    text = summary(report)
    assert text.count("failed constraints.Toy/group/") == 20
    assert "and 5 more" in text


def test_an_interrupted_run_says_what_it_is_about() -> None:
    report = every_ending()
    report.interrupted = True
    report.planned = 1000
    text = summary(report)
    assert "interrupted: 9 of 1000 cases were finished" in text
    assert "as expected" not in text


def test_running_fewer_cases_than_the_baseline_fails(
    tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    few, many = "constraints.NonNeg/value/wave-?-*", "constraints.NonNeg/value/wave-*"
    reports = {}
    for name, pattern in (("few", few), ("many", many)):
        reports[name] = tmp_path / f"{name}.json"
        ended = conformance("run", *SUBJECT, "--select", pattern, "--json", reports[name])
        assert ended.status == 0, ended.out
    runs = [("many", few, 1), ("many", many, 0), ("few", many, 0), ("few", few, 0)]
    for baseline, pattern, status in runs:
        path = tmp_path / "now.json"
        ended = conformance(
            "run", *SUBJECT, "--select", pattern, "--baseline", reports[baseline], "--json", path
        )
        assert ended.status == status, (baseline, pattern)
        shrunk = json.loads(path.read_text())["shrunk"]
        assert len(shrunk) == status
        if status:
            said = "module:plain_numpy:keras3 against golden: constraints.NonNeg ran 4 cases, 20 in"
            assert shrunk[0].startswith(said)
            assert said in ended.out


def test_a_class_that_is_gone_or_turned_unsupported_ran_fewer_cases() -> None:
    report = Report(Plan(subjects=("toy",), golden=Path()))
    report.results = [result(1, Verdict.PASS), result(2, Verdict.FAIL)]
    baseline = machine.to_json(report)
    assert compare_with_baseline(report, baseline) == []
    report.results = [result(1, Verdict.PASS), result(2, Verdict.UNSUPPORTED)]
    assert compare_with_baseline(report, baseline) == [
        "toy.keras3 against golden: constraints.Toy ran 1 cases, 2 in the baseline"
    ]
    report.results = [result(1, Verdict.PASS, target="constraints.Other")]
    assert compare_with_baseline(report, baseline) == [
        "toy.keras3 against golden: constraints.Toy ran 0 cases, 2 in the baseline"
    ]
