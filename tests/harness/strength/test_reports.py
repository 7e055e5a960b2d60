"""Published reports: how the file is read, and what is found wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.cases import every_case
from conformance.claims import findings
from conformance.claims.findings import Finding
from conformance.model import Case
from conformance.model.errors import UsageError
from conformance.strength import reports
from conformance.strength.reports import How, Published
from conformance.subjects import Mode

CASE = "constraints.MaxNorm/edge/nan-float32"
STATED: Mapping[str, Any] = {
    "id": "some-fuzzer",
    "source": "a fuzzer",
    "link": "https://example.org/1",
    "target": "constraints.MaxNorm",
    "symptom": "NaN becomes 0.",
    "kind": "wrong-value",
}
SHOWN: Mapping[str, Mapping[str, Any]] = {
    "subject": {"subject": "keras==3.10.0@torch", "case": CASE, "aspect": "value"},
    "wrong": {"wrong": "constraints.MaxNorm-x-keras3", "case": CASE, "aspect": "value"},
    "finding": {"finding": "norm", "case": CASE},
    "quiet": {"quiet": True, "kind": "false-positive", "case": CASE, "note": "It was rounding."},
    "outside": {"outside": "Nothing asks that."},
}


def written(tmp_path: Path, *entries: Mapping[str, Any]) -> Path:
    def text(value: Any) -> str:
        return str(value).lower() if isinstance(value, bool | int) else f'"{value}"'

    lines = []
    for entry in entries:
        lines += ["[[report]]", *(f"{key} = {text(value)}" for key, value in entry.items())]
    (tmp_path / reports.FILE).write_text("\n".join(lines))
    return tmp_path


def report(**changed: Any) -> Published:
    return Published(**{**STATED, **SHOWN["wrong"], **changed})


def finding(**changed: Any) -> Finding:
    return replace(Finding("norm", (), 1, ()), **changed)


@pytest.mark.parametrize("how", SHOWN)
def test_a_report_is_read_by_how_it_is_shown(how: str, tmp_path: Path) -> None:
    (found,) = reports.load(written(tmp_path, {**STATED, **SHOWN[how]}))
    assert found.how is How[how.upper()]
    assert (found.id, found.link) == ("some-fuzzer", "https://example.org/1")
    assert found.false_positive is (how == "quiet")
    assert found.mode is Mode.EAGER


def test_a_finding_may_stand_beside_what_shows_a_report(tmp_path: Path) -> None:
    entry = {**STATED, **SHOWN["subject"], "finding": "norm", "mode": "graph"}
    (found,) = reports.load(written(tmp_path, {**entry, "subject": "keras==3.10.0"}))
    assert (found.how, found.finding, found.mode) == (How.SUBJECT, "norm", Mode.GRAPH)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"colour": "red"}, "keys must be among"),
        ({"kind": "ugly"}, "kind must be among"),
        ({"link": "example.org"}, "link must be a URL"),
        ({"symptom": "bad"}, "symptom must be a sentence"),
        ({"source": ""}, "source must be a text"),
        ({"mode": "fast"}, "mode must be among"),
        ({"quiet": True}, "one of subject, wrong, quiet, outside"),
        ({"wrong": None}, "one of subject, wrong, quiet, outside"),
        ({"aspect": None}, "it must have aspect"),
        ({"case": None}, "it must have case"),
        ({"kind": "false-positive"}, "what is quiet must be a false positive"),
        ({"mode": "xla"}, "mode must be left out"),
        ({"id": None}, "report without an id"),
        ({"target": None}, "target is missing"),
        ({"wrong": None, "subject": "keras=3"}, "--subject must be"),
        ({"wrong": None, "subject": "tfjs"}, "subject must be a version of Keras"),
        ({"wrong": None, "quiet": True, "note": "So."}, "what is quiet must be a false positive"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    changed: Mapping[str, Any], said: str, tmp_path: Path
) -> None:
    entry = {**STATED, **SHOWN["wrong"], **changed}
    given = {key: value for key, value in entry.items() if value is not None}
    with pytest.raises(UsageError, match=said) as raised:
        reports.load(written(tmp_path, given))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("text", ["", "[[report", "[report]\n", "[[claim]]\n"])
def test_a_file_that_holds_no_reports_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / reports.FILE).write_text(text)
    with pytest.raises(UsageError, match=r"published\.toml: (cannot be read|must hold)"):
        reports.load(tmp_path)
    with pytest.raises(UsageError, match="cannot be read"):
        reports.load(tmp_path / "nowhere")


@pytest.fixture(scope="module")
def cases() -> dict[str, Case]:
    return {case.id: case for case in every_case() if case.id.startswith("constraints.MaxNorm/")}


def test_lint_finds_nothing_in_what_is_right(cases: dict[str, Case]) -> None:
    told = finding(cases="constraints.MaxNorm/edge/*")
    shown = {key: SHOWN["finding"].get(key, "") for key in ("wrong", "finding", "case", "aspect")}
    right = [report(), report(id="b", link="https://example.org/2", **shown)]
    assert list(reports.problems(right, cases, [told], number=2)) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"id": "some-fuzzer"}, "the id of a report must be unique"),
        ({"link": STATED["link"]}, "the source and link of a report must be unique"),
        ({"case": "constraints.MaxNorm/none"}, "is no case"),
        ({"wrong": "constraints.NonNeg-x-keras3"}, "wrong must begin with the class"),
        ({"wrong": "constraints.MaxNorm-x-keras4"}, "end with one of its dialects"),
        ({"finding": "none"}, "is no finding"),
        ({"wrong": "", "finding": "norm"}, "does not tell of"),
    ],
)
def test_lint_says_what_is_wrong(
    changed: Mapping[str, Any], said: str, cases: dict[str, Case]
) -> None:
    other = report(**{"id": "b", "link": "https://example.org/2", **changed})
    found = list(reports.problems([report(), other], cases, [finding()], number=2))
    assert len(found) == 1
    assert said in found[0]


def test_lint_counts(cases: dict[str, Case]) -> None:
    (found,) = reports.problems([report()], cases, [], number=2)
    assert found == "published.toml: it must have 2 reports; it has 1"


@pytest.mark.parametrize("key", ["beyond", "answers", "rejections"])
def test_a_finding_tells_of_the_cases_that_it_names_anywhere(key: str) -> None:
    assert reports.told(finding(**{key: ("constraints.MaxNorm/*",)}), CASE)
    assert not reports.told(finding(**{key: ("constraints.NonNeg/*",)}), CASE)


def test_reports_are_selected_by_id_and_class() -> None:
    both = [report(), report(id="another", target="layers.Dense")]
    assert reports.selected(both, ()) == tuple(both)
    assert [r.id for r in reports.selected(both, ("fuzz",))] == ["some-fuzzer"]
    assert [r.id for r in reports.selected(both, ("layers.*",))] == ["another"]
    assert [r.id for r in reports.selected(both, ("layers.Dense",))] == ["another"]
    with pytest.raises(UsageError, match="must match at least one report; received 'none'"):
        reports.selected(both, ("none",))


def test_the_committed_reports_are_in_order(golden: Path) -> None:
    found = reports.load(golden)
    every = {case.id: case for case in every_case()}
    assert list(reports.problems(found, every, findings.load_findings(golden))) == []
    assert sum(r.false_positive for r in found) == 7
    assert sum(r.how is How.OUTSIDE for r in found) <= 10
