"""How many cases each class has: a loss is told, and recording raises numbers only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.model.errors import UsageError
from conformance.record import counts
from conformance.vectors import store
from conformance.vectors.store import GoldenFile

TARGET = "constraints.NonNeg"


@pytest.fixture
def file(golden: Path) -> GoldenFile:
    return store.load(golden / store.relative_path(TARGET))


def without(file: GoldenFile, number: int) -> GoldenFile:
    return replace(file, cases=file.cases[number:])


def test_the_numbers_are_those_of_the_golden_files(golden: Path) -> None:
    assert counts.problems(store.load_all(golden)) == []


def test_a_case_that_is_gone_is_told(file: GoldenFile, tmp_path: Path) -> None:
    path = tmp_path / "counts.toml"
    assert counts.update([file], path)
    assert counts.problems([file], path) == []
    both = len(file.cases[0].expected)
    found = counts.problems([without(file, 1)], path)
    assert len(found) == both > 0
    had = counts.load(path)[TARGET]["keras2"]
    assert found[0] == (
        f"{TARGET}: has {had - 1} golden cases of keras2, {had} in counts.toml; "
        "where cases were taken out on purpose, lower the number by hand"
    )
    (gone, _) = counts.problems([], path)
    assert gone.startswith(f"{TARGET}: has 0 golden cases of keras2, {had} in")


def test_recording_raises_numbers_and_lowers_none(file: GoldenFile, tmp_path: Path) -> None:
    path = tmp_path / "counts.toml"
    fewer = without(file, 2)
    assert counts.update([fewer], path)
    raises = counts.problems([file], path)
    assert raises
    assert all("--select constraints.NonNeg --write` raises it" in r for r in raises)
    assert counts.update([file], path)
    assert not counts.update([file], path)
    assert not counts.update([fewer], path)
    assert counts.problems([fewer], path)
    assert not counts.update([], path)
    assert counts.load(path) == counts.of([file])


@pytest.mark.parametrize(
    "text", ["a =", "a = 3", "a = {keras4 = 1}", "a = {keras2 = -1}", "a = {keras2 = true}", None]
)
def test_a_damaged_file_ends_in_one_sentence(text: str | None, tmp_path: Path) -> None:
    path = tmp_path / "counts.toml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(UsageError, match=f"counts {path}: ") as error:
        counts.load(path)
    assert "\n" not in str(error.value).strip()


def test_lint_tells_of_a_class_that_lost_cases(
    golden_of: Callable[..., Path], conformance: Callable[..., object]
) -> None:
    ended = conformance("lint", "--golden", golden_of((f"{TARGET}/by-hand/*",)))
    assert f"{TARGET}: has " in str(ended.out)  # type: ignore[attr-defined]
