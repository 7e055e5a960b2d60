"""The JUnit report: its counts agree with the others, and any text survives."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from harness import SUBJECT
from report.made import NASTY, SOME, every_ending, summary

from conformance.report import junit


def test_junit_counts_agree_with_the_tallies() -> None:
    report = every_ending()
    root = ElementTree.fromstring(junit.to_xml(report))
    (suite,) = root
    assert suite.attrib == {
        "name": "toy.keras3 against golden", "tests": "11", "failures": "4", "skipped": "2"
    }  # fmt: skip
    failures = {t.get("name", "").rpartition("/")[2]: t.find("failure") for t in suite}
    assert [n for n, failure in failures.items() if failure is not None] == ["3", "6", "7", "8"]
    third = failures["3"]
    assert third is not None
    assert third.get("message") == "value: differs"
    assert third.text == "value: fail: 9 ULP where 4 are allowed"
    skipped = {t.get("name", "").rpartition("/")[2]: t.find("skipped") for t in suite}
    told = {n: s.get("message") for n, s in skipped.items() if s is not None}
    assert told == {"4": "unsupported", "5": "known"}


def test_junit_of_a_run_agrees_with_its_json(
    tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    xml, path = tmp_path / "report.xml", tmp_path / "report.json"
    conformance("run", *SUBJECT, *SOME, "--junit", xml, "--json", path)
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
