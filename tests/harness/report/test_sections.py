"""Tables of `conformance strength`: in pages of their own, and in the page of a run."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harness import SUBJECT, Ended
from report.made import result

from conformance.model import Verdict
from conformance.model.errors import UsageError
from conformance.report import digits, page, sections
from conformance.runner.report import Plan, Report
from conformance.strength.ulp import Row

FOUND: dict[str, Any] = {
    "asked": 100,
    "judged": 90,
    "exact": 80,
    "at": -17.25,
    "got": 3e-8,
    "true": 3.5e-8,
}
ROWS = [
    Row("impl.keras3", "tanh", False, "float32", worst=2.5, **FOUND),
    Row("impl.keras3", "tanh", True, "float32", worst=123456.0, **FOUND),
    Row("tfjs", "tanh", False, "float32", worst=0.5, nonfinite=3, lost=88.5, **FOUND),
    Row("tfjs", "tanh", True, "float32", refused="no such thing"),
    Row("tfjs", "nowhere", False, "float32", refused="no such thing"),
]
DIGITS = digits.Digits(
    ROWS, 5000, 7, {"impl.keras3": {"tensorflow": "9.9", "cpu_features": ["A|B", "C"]}, "tfjs": {}}
)
MUTATION: dict[str, Any] = {
    "kind": "mutation",
    "score": 97.5,
    "files": [
        {
            **{"file": "impl/core/fans.py", "class": "Dense", "mutants": 40, "killed": 39},
            **{"by_value": 30, "by_other": 6, "by_crash": 2, "by_timeout": 1, "survivors": 1},
        },
        {
            **{"file": "impl/core/norms.py", "class": "MaxNorm", "mutants": 2, "killed": 2},
            **{"by_value": 2, "by_other": 0, "by_crash": 0, "by_timeout": 0, "survivors": 0},
        },
    ],
    "allclose": {"killed": 30, "only_by_tolerances": 9},
    "survivors": [
        {"id": "m1", "file": "impl/core/fans.py", "line": 3, "diff": "-a < b\n+a <= b",
         "reason": None},
        {"id": "m2", "file": "impl/core/fans.py", "line": 4, "diff": "x", "reason": "the same"},
    ],
}  # fmt: skip


def saved(path: Path, content: Any) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_a_page_of_a_run_has_a_section_for_each_file(tmp_path: Path) -> None:
    files = [
        saved(tmp_path / "ulp.json", digits.as_json(DIGITS)),
        saved(tmp_path / "mutation.json", MUTATION),
    ]
    report = Report(Plan(subjects=("toy",), golden=Path()), results=[result(1, Verdict.PASS)])
    page.write_html(report, tmp_path / "without.html")
    without = (tmp_path / "without.html").read_text()
    page.write_html(report, tmp_path / "page.html", [sections.read(f) for f in files])
    text = (tmp_path / "page.html").read_text()
    for heading in ("Errors of activations", "Mutation score: 97.5%"):
        assert heading in text
        assert heading not in without
    assert '<span class="bad" title="slope at -17.25: 3e-08, and the truth is 3.5e-08">' in text
    assert "-a &lt; b\n+a &lt;= b" in text
    assert '<span class="bad">without a reason</span>' in text
    totals = re.findall(r'<th class="n" data-label="(\w+)[^"]*">(\d+)</th>', text)
    assert totals[:3] == [("mutants", "42"), ("killed", "41"), ("by", "32")]
    assert "<dt>only by tolerances</dt><dd>9</dd>" in text


def test_the_tables_mark_what_is_far_off(tmp_path: Path) -> None:
    digits.write_html(DIGITS, tmp_path / "ulp.html")
    digits.write_markdown(DIGITS, tmp_path / "ulp.md")
    lines = (tmp_path / "ulp.md").read_text().splitlines()
    assert "| tanh | 2.5 / **123456** | **0.5 NaN** / - |" in lines
    assert "| impl.keras3 | tensorflow 9.9, cpu features A\\|B C |" in lines
    first = lines.index("## More than 1000 ULP, or not finite") + 4
    assert lines[first : first + 2] == [
        "| tfjs | tanh | float32 | 0 | -17.25 | 3e-08 | 3.5e-08 | 3 | 88.5 |",
        "| impl.keras3 | tanh, slope | float32 | 123,456 | -17.25 | 3e-08 | 3.5e-08 |  |  |",
    ]
    # Nobody answers it.
    assert not any("nowhere" in line for line in lines)
    text = (tmp_path / "ulp.html").read_text()
    assert text.startswith("<!doctype html>")
    assert '<span class="bad"' in text
    assert text.count("<tr><td>tanh</td>") == 1


def test_what_was_written_is_read_back() -> None:
    text = json.dumps(digits.as_json(DIGITS), allow_nan=False)
    assert digits.from_json(json.loads(text)) == DIGITS
    assert digits.is_large(ROWS[1])
    assert not digits.is_large(ROWS[0])
    assert math.isfinite(ROWS[0].worst)


def spoiled(content: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**content, **changes}


ULP = digits.as_json(DIGITS)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "JSONDecodeError"),
        ("[]", "TypeError"),
        ({"schema": "keras-conformance/report/1"}, "KeyError: 'kind'"),
        ({"kind": "speed"}, "kind must be among ulp, mutation; received 'speed'"),
        ({"kind": "ulp"}, "KeyError: 'rows'"),
        (spoiled(ULP, rows=[{}]), "TypeError"),
        (spoiled(ULP, rows=[{**ULP["rows"][0], "worst": "much"}]), "worst must be float; received"),
        (spoiled(ULP, provenance=[]), "provenance must have facts"),
        (spoiled(MUTATION, score="good"), "score must be int or float; received 'good'"),
        (spoiled(MUTATION, files=[{}]), "KeyError: 'mutants'"),
        (spoiled(MUTATION, files=[{**MUTATION["files"][0], "killed": True}]), "killed must be int"),
        (spoiled(MUTATION, survivors=[{**MUTATION["survivors"][0], "line": "3"}]), "line must be"),
    ],
)
def test_another_file_is_refused_in_one_sentence(content: Any, says: str, tmp_path: Path) -> None:
    file = saved(tmp_path / "other.json", content)
    with pytest.raises(UsageError) as error:
        sections.read(file)
    sentence = str(error.value)
    assert sentence.startswith(f"--strength {file}: must be JSON that `conformance strength ulp`")
    assert says in sentence
    assert "\n" not in sentence


def test_the_command_adds_the_tables(tmp_path: Path, conformance: Callable[..., Ended]) -> None:
    ulp = saved(tmp_path / "ulp.json", ULP)
    out = tmp_path / "page.html"
    asked = ("run", *SUBJECT, "--select", "constraints.NonNeg/by-hand/*")
    ended = conformance(*asked, "--html", out, "--strength", ulp)
    assert ended.status == 0, ended.out
    assert "Errors of activations" in out.read_text()
    for options in (("--strength", ulp), ("--html", out, "--strength", tmp_path / "none.json")):
        ended = conformance(*asked, *options)
        assert ended.status == 2
        assert "--strength" in ended.sentence()
