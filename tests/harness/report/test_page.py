"""The HTML and Markdown reports: what failed, how, whose fault, and a repro, in any text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from harness import SUBJECT

from conformance.model import Fault, Result, Verdict
from conformance.report import page
from conformance.runner.report import Plan, Report
from conformance.vectors import store

NON_NEG = "constraints.NonNeg/value/wave-5-float32"
NASTY = "</td><script>alert(1)</script> a|b `c`\nd \x1b \ud800"


def result(verdict: Verdict, **changes: Any) -> Result:
    fields: dict[str, Any] = {
        "id": NON_NEG,
        "subject": "keras",
        "dialect": "keras3",
        "target": "constraints.NonNeg",
        "against": "golden",
        "aspect": "value",
        "verdict": verdict,
    }
    return Result(**{**fields, **changes})


def report(golden: Path, *results: Result) -> Report:
    made = Report(Plan(subjects=("keras",), golden=golden), results=list(results))
    made.provenance = {"keras": {"package": "keras", "version": "3", "cpu_features": ["A", "B"]}}
    return made


class Text(HTMLParser):
    """The tags of a page and its text."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def written(made: Report, directory: Path) -> tuple[str, str]:
    page.write_html(made, directory / "report.html")
    page.write_markdown(made, directory / "report.md")
    return (directory / "report.html").read_text(), (directory / "report.md").read_text()


def test_a_failure_is_shown_with_its_aspect_distance_fault_and_repro(
    golden: Path, tmp_path: Path
) -> None:
    failed = result(Verdict.FAIL, message="12 ULP where 0 are allowed", error_ulp=12.0)
    html, markdown = written(report(golden, failed), tmp_path)
    text = Text(html).text
    assert "keras-conformance: not as expected" in text
    for part in (NON_NEG, "12 ULP where 0 are allowed", "Fault: keras.", "K.constraints.NonNeg()"):
        assert part in text
    assert f"| `{NON_NEG}` | value: 12 ULP where 0 are allowed |" in markdown
    assert "| constraints.NonNeg | 1 | 1 | 0 | 0 | 0 | 0 | 1 | 0 | 0 |" in markdown


def test_what_passes_is_counted_and_not_listed(golden: Path, tmp_path: Path) -> None:
    html, markdown = written(report(golden, result(Verdict.PASS)), tmp_path)
    assert "as expected" in markdown
    assert "not as expected" not in markdown + html
    assert NON_NEG not in markdown + html
    assert "| constraints.NonNeg | 1 | 1 | 1 | 0 | 0 | 0 | 0 |" in markdown


def test_known_failures_are_listed_by_reason(golden: Path, tmp_path: Path) -> None:
    message = "known: rounding of the device (link); 3 ULP"
    html, markdown = written(
        report(golden, result(Verdict.KNOWN_FAILURE, message=message)), tmp_path
    )
    assert "rounding of the device (link)" in Text(html).text
    assert "| keras | 1 | rounding of the device (link) |" in markdown


def test_nothing_that_a_subject_says_becomes_markup(golden: Path, tmp_path: Path) -> None:
    plain, _ = written(report(golden, result(Verdict.FAIL, message="x")), tmp_path)
    html, markdown = written(report(golden, result(Verdict.FAIL, message=NASTY)), tmp_path)
    assert Text(html).tags == Text(plain).tags
    (row,) = [line for line in markdown.splitlines() if "alert" in line]
    assert len(re.findall(r"(?<!\\)\|", row)) == 6


def test_a_page_needs_nothing_from_elsewhere(golden: Path, tmp_path: Path) -> None:
    html, _ = written(report(golden, result(Verdict.FAIL, message="x")), tmp_path)
    assert not re.search(r"(src|href)\s*=(?!\"#)|@import|url\(|https?://", html)


def test_stale_expectations_and_interruptions_are_said(golden: Path, tmp_path: Path) -> None:
    made = report(golden, result(Verdict.PASS))
    made.stale = ["keras: entry 1 matches no case"]
    made.interrupted = True
    html, markdown = written(made, tmp_path)
    for text in (Text(html).text, markdown):
        assert "entry 1 matches no case" in text
        assert "nterrupted" in text


@pytest.mark.parametrize(
    ("failed", "compared", "said"),
    [
        (["golden"], ["golden"], "mine"),
        (["golden", "official"], ["golden", "official"], "mine"),
        (["golden"], ["golden", "official"], "the installed Keras: .* the subject follows it"),
        (["official"], ["golden", "official"], "the installed Keras: .* the subject gives"),
    ],
)
def test_fault(failed: list[str], compared: list[str], said: str) -> None:
    assert re.fullmatch(said, page.fault("mine", failed, compared))


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        ([Fault.OFFICIAL], "official Keras: .*"),
        ([Fault.BOTH, Fault.BOTH], "both: the values of official Keras and of mine .*"),
        ([Fault.OFFICIAL, Fault.SUBJECT], "mine"),
        ([Fault.OFFICIAL, None], "mine"),
        ([Fault.UNKNOWN], "mine"),
    ],
)
def test_the_truth_says_who_is_at_fault(faults: list[Fault | None], said: str) -> None:
    results = [replace(result(Verdict.FAIL), fault=fault) for fault in faults]
    results.append(replace(result(Verdict.PASS), fault=None))
    assert re.fullmatch(said, page.fault("mine", ["golden"], ["golden"], results))


def test_the_command_writes_both(tmp_path: Path, conformance: Callable[..., Any]) -> None:
    html, markdown = tmp_path / "r.html", tmp_path / "r.md"
    ended = conformance(
        *("run", *SUBJECT, "--select", "constraints.NonNeg"),
        *("--html", html, "--markdown", markdown),
    )
    assert ended.status == 1
    # The repro of a subject on NumPy does without TensorFlow.
    assert "import plain_numpy as K" in html.read_text()
    assert "tensorflow as tf" not in html.read_text()
    assert "constraints.NonNeg" in markdown.read_text()


def test_totals_and_causes_are_on_top_and_each_class_leads_to_its_causes(
    golden: Path, tmp_path: Path
) -> None:
    made = report(golden, result(Verdict.FAIL, message="x"))
    file = store.load(golden / store.relative_path(made.results[0].target))
    made.cases = {entry.case.id: entry.case for entry in file.cases}
    html, markdown = written(made, tmp_path)
    assert html.index('class="totals"') < html.index("Failed</h2>") < html.index("Classes</h2>")
    target = re.search(r'<a href="#q=([\w.]+)">', html)
    assert target is not None
    assert f"{target[1]}: " in html.partition("Failed</h2>")[2].partition("Classes</h2>")[0]
    assert "Passed, of what ran: " in html
    assert "passed, of what ran: " in markdown


def test_a_page_of_ten_thousand_failures_has_less_than_eight_megabytes(
    golden: Path, tmp_path: Path
) -> None:
    file = store.load(golden / store.relative_path("constraints.MinMaxNorm"))
    cases = {entry.case.id: entry.case for entry in file.cases}
    message = "step 0: over the error budget (>1e6 times it): at [0, 1] got 0.14999999105930328, "
    made = report(
        golden,
        *(
            replace(result(Verdict.FAIL, message=message * 2), id=case_id, target=file.target)
            for case_id in cases
        ),
    )
    made.cases = cases
    page.write_html(made, tmp_path / "page.html")
    head = len(page._environment("style.html").get_template("style.html").render())
    each = ((tmp_path / "page.html").stat().st_size - head) / len(cases)
    assert len(cases) > 400
    assert head + 10_000 * each < 8_000_000
