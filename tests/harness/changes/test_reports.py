"""Two reports of runs, or two golden directories: what appeared, was fixed, or changed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from harness import PLAIN

from conformance.model import Returned, Tensor
from conformance.vectors import store

Reports = tuple[Path, Path]


@pytest.fixture(scope="module")
def run_once(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A report of a run with values that are not bit for bit."""
    from conformance.report import machine
    from conformance.runner.report import Plan
    from conformance.runner.run import run

    plan = Plan(
        subjects=(PLAIN,), golden=store.default_directory(), select=("constraints.MaxNorm",)
    )
    raw: dict[str, Any] = json.loads(json.dumps(machine.to_json(run(plan))))
    assert any(r["headroom"] for r in raw["results"])
    return raw


@pytest.fixture
def reports(run_once: dict[str, Any], tmp_path: Path) -> Callable[..., Reports]:
    """Two report files: the run, and the run with its results changed."""

    def make(change: Callable[[list[dict[str, Any]]], Any]) -> Reports:
        changed = json.loads(json.dumps(run_once))
        change(changed["results"])
        paths = tmp_path / "old.json", tmp_path / "new.json"
        for path, raw in zip(paths, (run_once, changed), strict=True):
            path.write_text(json.dumps(raw))
        return paths

    return make


def first(results: list[dict[str, Any]], **wanted: Any) -> dict[str, Any]:
    return next(r for r in results if all(r[k] == v for k, v in wanted.items()))


def test_a_run_does_not_differ_from_itself(
    reports: Callable[..., Reports], conformance: Callable[..., Any]
) -> None:
    ended = conformance("diff", *reports(lambda results: None))
    assert ended.status == 0
    assert "0 appeared, 0 fixed, 0 changed" in ended.out
    assert " up" not in ended.out
    assert " down" not in ended.out


def test_what_appeared_was_fixed_or_changed_is_told_apart(
    reports: Callable[..., Reports], conformance: Callable[..., Any]
) -> None:
    def change(results: list[dict[str, Any]]) -> None:
        first(results, aspect="value", verdict="pass").update(
            verdict="fail", grade=None, error_ulp=9.0, message="nine ULP"
        )
        first(results, aspect="shape", verdict="pass").update(grade="within")
        results[:] = [r for r in results if r["id"] != results[-1]["id"]]

    old, new = reports(change)
    ended = conformance("diff", old, new)
    assert ended.status == 1
    assert "1 appeared, 0 fixed, 1 changed" in ended.out
    assert "-> fail 9 ULP" in ended.out
    assert "known:" not in ended.out
    assert "nine ULP" in ended.out
    assert "bitwise -> within" in ended.out
    assert "1 cases only in the old run" in ended.out
    back = conformance("diff", new, old)
    assert back.status == 0
    assert "0 appeared, 1 fixed, 1 changed" in back.out
    assert "1 cases only in the new run" in back.out


def test_what_appears_where_a_finding_is_known_names_it(
    reports: Callable[..., Reports], conformance: Callable[..., Any]
) -> None:
    def change(results: list[dict[str, Any]]) -> None:
        where = first(results, id="constraints.MaxNorm/integer/int8-large")
        where.update(verdict="fail" if where["verdict"] != "fail" else "pass", grade=None)

    assert "known: finding integer-norm-wraps (" in conformance("diff", *reports(change)).out


def test_the_trend_of_the_headroom_by_class_and_dtype(
    reports: Callable[..., Reports], conformance: Callable[..., Any], run_once: dict[str, Any]
) -> None:
    used = [
        r
        for r in run_once["results"]
        if r["headroom"] and r["dtype"] == "float32" and r["verdict"] == "pass"
    ]
    worst = max(r["headroom"] for r in used)

    def change(results: list[dict[str, Any]]) -> None:
        found = [
            r
            for r in results
            if r["headroom"] and r["dtype"] == "float32" and r["verdict"] == "pass"
        ]
        max(found, key=lambda r: r["headroom"])["headroom"] = worst * 1.5

    old, new = reports(change)
    (row,) = [
        line.split()
        for line in conformance("diff", old, new).out.splitlines()
        if "constraints.MaxNorm" in line and " float32 " in line
    ]
    assert row[-3:] == [f"{worst:.3g}", f"{worst * 1.5:.3g}", "up"]
    assert any(
        line.split()[-1:] == ["down"] for line in conformance("diff", new, old).out.splitlines()
    )


def test_two_golden_directories(
    golden_of: Callable[..., Path], tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    golden = golden_of(("constraints*", "layers.Dense/config/*"))
    golden_copy = Path(shutil.copytree(golden, tmp_path / "golden"))
    ended = conformance("diff", golden, golden_copy)
    assert (ended.status, ended.out) == (0, "the golden files hold the same\n")
    path = golden_copy / "constraints" / "NonNeg.json"
    file = store.load(path)
    entry = next(e for e in file.cases if e.case.id.endswith("/value/wave-3x4-float32"))
    (outcome,) = entry.expected["keras3"]
    assert isinstance(outcome, Returned)
    value = outcome.values["value"]
    assert isinstance(value, Tensor)
    bits = value.storage().copy().view(np.int32)
    bits[tuple(np.argwhere(value.values() > 0)[0])] += 3
    wrong = Returned({**outcome.values, "value": Tensor.of(bits.view(np.float32))})
    moved = replace(entry, expected={**entry.expected, "keras3": (wrong,)})
    cases = tuple(moved if e is entry else e for e in file.cases)
    path.write_bytes(store.dumps(replace(file, cases=cases)))
    (golden_copy / "constraints" / "get.json").unlink()
    ended = conformance("diff", golden, golden_copy)
    assert ended.status == 1
    (row,) = [line for line in ended.out.splitlines() if " constraints.NonNeg " in line]
    assert [cell.strip() for cell in row.split("│")[3:8]] == ["0", "0", "0", "1", "3"]
    (gone,) = [line for line in ended.out.splitlines() if " constraints.get " in line]
    assert int(gone.split("│")[4]) == len(store.load(golden / "constraints" / "get.json").cases)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"schema": "x"}', "null", "golden"])
def test_other_files_are_refused_in_a_sentence(
    content: str,
    reports: Callable[..., Reports],
    tmp_path: Path,
    conformance: Callable[..., Any],
) -> None:
    other = tmp_path / "other.json"
    other.write_text(content)
    ended = conformance("diff", reports(lambda results: None)[0], other)
    assert ended.status == 2
    assert f"{other} must be a report written by" in ended.sentence()


def test_a_report_and_a_directory_cannot_be_compared(
    reports: Callable[..., Reports], golden: Path, conformance: Callable[..., Any]
) -> None:
    ended = conformance("diff", reports(lambda results: None)[0], golden)
    assert ended.status == 2
    assert "must be two reports or two golden directories" in ended.sentence()


@pytest.mark.parametrize("now", ["known_failure", "unsupported", "blocked"])
def test_what_does_not_pass_is_not_fixed(
    now: str, reports: Callable[..., Reports], conformance: Callable[..., Any]
) -> None:
    paths = reports(lambda results: first(results, aspect="value").update(verdict=now))
    raw = json.loads(paths[0].read_text())
    first(raw["results"], aspect="value").update(verdict="fail")
    paths[0].write_text(json.dumps(raw))
    ended = conformance("diff", *paths)
    assert "0 appeared, 0 fixed, 1 changed" in ended.out
