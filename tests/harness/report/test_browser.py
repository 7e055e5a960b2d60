"""The page of a run in a real browser. Asked for by `pytest -m browser`; it needs Debian's chromium."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from conformance.model import Grade, Result, Verdict
from conformance.report import page
from conformance.report.matrix import look, write_html
from conformance.runner.matrix import Matrix, columns
from conformance.runner.report import Plan, Report
from conformance.vectors import store

pytestmark = pytest.mark.browser

MAX_NORM = "constraints.MaxNorm/by-hand/columns"
NON_NEG = "constraints.NonNeg/value/wave-5-float32"
OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--allow-file-access-from-files", "--dump-dom"),
)


def asked(source: Path, script: str, tmp_path: Path, address: str = "") -> Any:
    """What a script answers (`answer(...)`) in a page of 400 px at an address, before the browser has loaded it."""
    program = shutil.which("chromium")
    if program is None:
        pytest.fail("chromium is not installed: nothing was tested")
    told = "const answer = found => { parent.document.title = JSON.stringify(found); };"
    text = source.read_text().replace("</body>", f"<script>{told}{script}</script></body>")
    (tmp_path / "inner.html").write_text(text)
    outer = tmp_path / "outer.html"
    outer.write_text(
        "<!doctype html><title>silent</title>"
        f"<iframe style='width:400px;height:800px;border:0' src='inner.html{address}'></iframe>"
    )
    ended = subprocess.run(
        [program, *OPTIONS, f"--user-data-dir={tmp_path / 'profile'}", outer.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    title = re.search(r"<title>(.*?)</title>", ended.stdout, re.DOTALL)
    assert title
    return json.loads(html.unescape(title[1]))


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a run with failures of two classes, and values that pass within their budgets."""
    made = Report(Plan(subjects=("keras",), golden=store.default_directory()))
    made.provenance = {"keras": {"package": "keras", "version": "3"}}
    common: dict[str, Any] = {"subject": "keras", "dialect": "keras3", "against": "golden"}
    within = {"verdict": Verdict.PASS, "grade": Grade.WITHIN, "headroom": 0.3, "dtype": "float32"}
    wrong = {"verdict": Verdict.FAIL}
    max_norm = {"target": "constraints.MaxNorm", "aspect": "value", "message": "way off"}
    non_neg = {"target": "constraints.NonNeg", "aspect": "shape", "message": "a scalar"}
    unit_norm = {"target": "constraints.UnitNorm", "aspect": "value"}
    made.results = [
        Result(MAX_NORM, **common, **wrong, **max_norm),
        Result(NON_NEG, **common, **wrong, **non_neg),
        Result("constraints.UnitNorm/by-hand/columns", **common, **within, **unit_norm),
    ]
    path = tmp_path_factory.mktemp("page") / "report.html"
    page.write_html(made, path)
    return path


VISIBLE = "[...document.querySelectorAll('.filtered')].filter(e => !e.hidden).length"


def test_what_is_looked_for_is_shown_and_stands_in_the_address(
    report: Path, tmp_path: Path
) -> None:
    script = f"""
const before = {VISIBLE};
field.value = "maxnorm"; field.dispatchEvent(new Event("input"));
answer([before, {VISIBLE}, location.hash, document.getElementById("shown").textContent]);"""
    assert asked(report, script, tmp_path) == [2, 1, "#q=maxnorm", "1 of 2 shown"]


def test_an_address_filters_the_page(report: Path, tmp_path: Path) -> None:
    script = f"answer([field.value, {VISIBLE}]);"
    assert asked(report, script, tmp_path, "#q=constraints.NonNeg") == ["constraints.NonNeg", 1]


def test_an_address_opens_a_cause_that_has_its_case(report: Path, tmp_path: Path) -> None:
    script = """
const cause = document.getElementById("cause-2");
answer([cause.open, document.getElementById("cause-1").open, cause.innerText]);"""
    opened, other, text = asked(report, script, tmp_path, "#cause-2")
    assert (opened, other) == (True, False)
    assert NON_NEG in text or MAX_NORM in text
    assert "conformance show" in text


def test_a_repro_is_copied_by_its_button(report: Path, tmp_path: Path) -> None:
    script = """
Object.defineProperty(navigator, "clipboard", {value: {writeText: async text => { window.taken = text; }}});
document.getElementById("cause-1").open = true;
copying();
const button = document.querySelector("#cause-1 .copied button");
button.click();
(async () => {
  for (let n = 0; n < 9; n++) await null;
  answer([button.textContent, window.taken]);
})();"""
    word, taken = asked(report, script, tmp_path)
    assert word == "copied"
    assert "import keras as K" in taken
    assert "copy" not in taken.splitlines()[-1]


def test_no_page_is_wider_than_a_phone(report: Path, tmp_path: Path) -> None:
    script = """
for (const each of document.querySelectorAll("details")) each.open = true;
copying();
answer([innerWidth, document.documentElement.scrollWidth,
  getComputedStyle(document.querySelector("table.cards thead")).display]);"""
    width, needed, head = asked(report, script, tmp_path)
    assert width == 400
    assert needed <= width
    assert head == "none"


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a matrix with two subjects, of which one is wrong."""
    made = Matrix(Plan(("a", "b"), store.default_directory()))
    for name in ("a", "b"):
        verdict = Verdict.FAIL if name == "b" else Verdict.PASS
        found = Result(
            *(NON_NEG, name, "keras3", "constraints.NonNeg", "golden", "value", verdict),
            grade=None if name == "b" else Grade.BITWISE,
            message="way off",
        )
        run = Report(Plan((name,), store.default_directory()), unjudged=[found], results=[found])
        run.provenance = {name: {"package": name}}
        (column,) = columns(run)
        column.told = look(run).get(name, {})
        made.columns.append(column)
    path = tmp_path_factory.mktemp("matrix") / "matrix.html"
    write_html(made, path)
    return path


def test_a_cell_of_the_matrix_leads_to_its_causes_and_cases(cells: Path, tmp_path: Path) -> None:
    script = """
const link = document.querySelector("table.matrix a");
location.hash = link.getAttribute("href");
read();
const cell = document.getElementById("2-constraints.NonNeg");
for (const each of cell.querySelectorAll("details")) each.open = true;
copying();
answer([cell.open, cell.innerText, innerWidth, document.documentElement.scrollWidth,
  getComputedStyle(cell.querySelector("pre")).whiteSpace]);"""
    opened, text, width, needed, wrapped = asked(cells, script, tmp_path)
    assert opened
    assert "conformance show constraints.NonNeg/value/wave-5-float32 --subject b" in text
    assert "way off" in text
    assert needed <= width == 400
    assert wrapped == "pre-wrap"
