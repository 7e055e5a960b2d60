"""The matrix as a report that can be read, in any width."""

from __future__ import annotations

import html
import io
import json
import re
from pathlib import Path

import pytest
from harness import PLAIN
from rich.console import Console

from conformance.model import Grade, Result, Verdict
from conformance.report import matrix as report
from conformance.runner.matrix import Cell, Column, Matrix, matrix
from conformance.runner.report import Plan, Report
from conformance.vectors import store

NASTY = 'bell \x07 [bold]no[/] | <b>tag</b> ` " \ud800'


def many(count: int) -> Matrix:
    """A matrix of `count` subjects, in which everything occurs."""
    made = Matrix(Plan(tuple(f"keras=={n}" for n in range(count)), Path()))
    aspects = ("value", "config", "accepted", "weights", "zero-sign", "a new one")
    for number in range(count):
        column = Column(
            f"keras==3.{number}.0", "keras3", {"package": "keras", "version": str(number)}
        )
        for target in ("layers.Dense", "regularizers.OrthogonalRegularizer", "models.Sequential"):
            cell = column.cells.setdefault(target, Cell())
            for case in range(120):
                verdict = Verdict.FAIL if case % 20 < number else Verdict.PASS
                aspect = aspects[(case + number) % len(aspects)]
                cell.take(
                    [
                        Result(
                            *(f"{target}/g/{case}", column.subject, "keras3", target, "golden"),
                            *(aspect, verdict, Grade.BITWISE if verdict is Verdict.PASS else None),
                            message=NASTY,
                        )
                    ]
                )
            cell.take(
                [Result("a/b/c", "s", "keras3", "t", "golden", "accepted", Verdict.UNSUPPORTED)]
            )
        made.columns.append(column)
    made.columns[-1].cells.pop("models.Sequential")
    return made


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 12])
@pytest.mark.parametrize("width", [80, 110])
def test_the_terminal_stays_readable(count: int, width: int) -> None:
    console = Console(width=width, record=True, file=io.StringIO())
    report.summary(many(count), console)
    text = console.export_text()
    assert max(map(len, text.splitlines())) <= width
    rows = [line for line in text.splitlines() if line.startswith("   Dense ")]
    found = [cell for row in rows for cell in re.findall(r"\d+/120", row)]
    assert found == [f"{6 * n}/120" for n in range(count)]  # every subject, in order, unbroken
    assert "OrthogonalRegularizer" in text


def test_the_reports_say_the_same(tmp_path: Path) -> None:
    made = many(4)
    for name, write in (
        ("m.json", report.write_json),
        ("m.html", report.write_html),
        ("m.md", report.write_markdown),
    ):
        write(made, tmp_path / name)
    raw = json.loads((tmp_path / "m.json").read_text())
    assert raw["schema"] == "keras-conformance/matrix/1"
    cell = next(
        c for c in raw["cells"] if (c["subject"], c["target"]) == ("keras==3.3.0", "layers.Dense")
    )
    assert (cell["cases"], cell["ran"], cell["differ"], cell["unsupported"]) == (121, 120, 18, 1)
    assert sum(cell["aspects"].values()) == 18
    assert [case["id"] for case in cell["differing"]][:2] == [
        "layers.Dense/g/0",
        "layers.Dense/g/1",
    ]
    page = (tmp_path / "m.html").read_text()
    assert "18/120" in page
    assert 'id="4-layers.Dense"' in page
    assert 'href="#4-layers.Dense"' in page
    assert "<b>tag</b>" not in page
    assert "http" not in page.replace("http-equiv", "")  # it needs no other file and no network
    lines = (tmp_path / "m.md").read_text().splitlines()
    (row,) = [line for line in lines if line.startswith("| layers.Dense |")]
    assert "18/120" in row
    assert row.count("|") == 6


def test_the_page_shows_a_case_of_every_aspect() -> None:
    cell = many(12).columns[-1].cells["layers.Dense"]
    shown = report.examples(cell)
    assert {a for case in shown for a in case.aspects} == set(cell.aspects)
    assert len(shown) < cell.differ


def test_a_cell_opens_the_causes_of_its_class_with_every_case(tmp_path: Path) -> None:
    select = ("constraints.NonNeg/*", "constraints.get/*")
    plan = Plan((PLAIN,), store.default_directory(), select=select, in_process=True)
    made = matrix(plan, look=report.look)
    (column,) = made.columns
    report.write_html(made, tmp_path / "m.html")
    page = html.unescape((tmp_path / "m.html").read_text())
    assert {target for target, cell in column.cells.items() if cell.differ} == set(column.told)
    for target, cell in column.cells.items():
        place = f'id="1-{target}"'
        assert (place in page) == (f'href="#1-{target}"' in page) == bool(cell.differ)
        inside = page.partition(place)[2].partition("<details class=")[2].partition("cell filtered")
        for case in cell.differing:
            assert f"<code>{case.id.partition('/')[2]}</code>" in inside[0]
        causes: list[report.Told] = list(column.told.get(target, ()))
        assert {row[0] for cause in causes for row in cause.rows} == {c.id for c in cell.differing}
        assert all(f" {cause.what} <span" in inside[0] for cause in causes)


def test_known_failures_are_causes_and_tell_what_is_known(tmp_path: Path) -> None:
    """A matrix judges nobody: what a subject is known to get wrong stands with the rest."""
    looks = ("-0.0 instead of 0.0",)
    wrong = Result(
        *("constraints.NonNeg/by-hand/called-thrice", "keras==3.10.0", "keras3"),
        *("constraints.NonNeg", "golden", "zero-sign", Verdict.FAIL),
        signature=looks,
    )
    run = Report(Plan(("keras==3.10.0",), store.default_directory()), unjudged=[wrong])
    (told,) = report.look(run)["keras==3.10.0"]["constraints.NonNeg"]
    (line,) = told.known
    assert line.startswith("known: NonNeg multiplies negative weights by zero")
    assert told.command == (
        "conformance show constraints.NonNeg/by-hand/called-thrice --subject keras==3.10.0"
    )
