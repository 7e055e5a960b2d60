"""`conformance bench`: what is timed, and the tables. No test asks for a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.report import timings
from conformance.runner import bench
from conformance.runner.bench import Row, Timing
from conformance.subjects import resolve
from conformance.subjects.namespace import NamespaceSubject
from conformance.subjects.timed import WORKS


def test_every_class_is_timed_in_every_kind_of_work_that_it_has() -> None:
    works: dict[str, set[str]] = {}
    for row in bench.rows():
        works.setdefault(row.target, set()).add(row.work)
    assert works["layers.Dense"] == works["layers.Conv2D"] == set(WORKS)
    assert works["models.Sequential"] == {*WORKS} - {"losses"}
    assert works["regularizers.L2"] == works["constraints.NonNeg"] == {"call", "gradient", "config"}
    assert works["initializers.Orthogonal"] == {"call", "config"}


@pytest.fixture
def found() -> list[Timing]:
    small, large = Row("layers.Dense", "small", (2, 4)), Row("layers.Dense", "large", (256, 1024))
    config = Row("layers.Dense", "small", (2, 4), work="config")
    other = Row("layers.Conv1D", "small", (2, 6, 4))
    ratios = ((small, 2.0), (large, 1.0), (other, 8.0), (config, 3.0))
    return [Timing(row, "impl.keras3", ratio, 1.0) for row, ratio in ratios]


def test_markdown_has_a_row_for_each_class_and_a_column_for_each_work_and_size(
    found: list[Timing],
) -> None:
    assert timings.markdown(found).split("\n") == [
        "| impl.keras3 | call, small | call, large | config, small |",
        "|---|---:|---:|---:|",
        "| layers.Dense | 2.0 | 1.0 | 3.0 |",
        "| layers.Conv1D | 8.0 |  |  |",
        "| geometric mean | 4.0 | 1.0 | 3.0 |",
        "",
    ]


def test_markdown_goes_between_the_marks_of_a_page_and_else_is_the_file(
    found: list[Timing], tmp_path: Path
) -> None:
    page, fresh = tmp_path / "README.md", tmp_path / "new.md"
    begin, end = "<!-- conformance bench -->\n", "<!-- end of conformance bench -->\n"
    page.write_text(f"before\n{begin}old\n{end}after\n")
    for path in (page, page, fresh):
        timings.write_markdown(found, path)
    made = timings.markdown(found)
    assert page.read_text() == f"before\n{begin}\n{made}\n{end}after\n"
    assert fresh.read_text() == made


def test_every_kind_of_work_can_be_done_again_and_again() -> None:
    (subject,) = resolve("impl.keras3", in_process=True)
    assert isinstance(subject, NamespaceSubject)
    for row in bench.rows():
        if row.target == "layers.Dense" and row.size == "small":
            work = bench.prepared(subject, row)
            given = [work(), work()]
            if row.work == "losses":
                assert [len(losses) for losses in given] == [1, 1]
            if row.work == "training":  # the second step starts from what the first has learnt
                assert given[1] < given[0]
            if row.work == "gradient":  # of inputs, kernel and bias
                assert [len(gradients) for gradients in given] == [3, 3]
