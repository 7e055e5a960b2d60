"""`bench --suite`: which phases are measured, and how runs become medians. No test asks for a time."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from harness import PLAIN, Ended
from rich.console import Console

from conformance.report import timings
from conformance.runner import suite_bench
from conformance.runner.report import Plan, Report
from conformance.runner.suite_bench import PHASES, Measured, measure


def asked(
    told: list[tuple[Sequence[str], Mapping[str, str]]],
) -> Callable[[Sequence[str], Mapping[str, str]], dict[str, Any]]:
    def ask(command: Sequence[str], environment: Mapping[str, str]) -> dict[str, Any]:
        told.append((command, environment))
        return {"cases": 5, "phases": {"whole": [float(len(told)) ** 2, 1.0]}}

    return ask


def test_runs_are_asked_with_and_without_a_cache_and_give_medians() -> None:
    told: list[tuple[Sequence[str], Mapping[str, str]]] = []
    steps: list[tuple[int, int]] = []
    found = list(measure(["bench"], (1, 2), 3, lambda *step: steps.append(step), asked(told)))
    assert [(each.cache, each.jobs) for each in found] == [
        *((False, 1), (False, 2)),
        *((True, 1), (True, 2)),
    ]
    assert [each.phases["whole"][0] for each in found] == [4, 25, 64, 121]
    assert [command[-1] for command, _ in told[::3]] == ["1", "2", "1", "2"]
    caches = [environment.get("CONFORMANCE_CACHE") for _, environment in told]
    assert len(set(caches[:6])) == 6
    assert caches[6:] == [None] * 6
    assert steps == [(n, 12) for n in range(12)]


def test_the_phases_of_a_run_are_those_of_the_table(few: Path) -> None:
    reports: list[Report] = []
    plan = Plan((PLAIN,), few, select=("constraints.NonNeg/by-hand",), in_process=True)
    found = suite_bench.measure_here(plan, 1, reports.append)
    (report,) = reports
    assert found["cases"] == report.planned == len({r.id for r in report.results}) == 3
    assert set(found["phases"]) == set(PHASES) - {"execution and judging"}
    parts = [wall for phase, (wall, _) in found["phases"].items() if phase != "whole"]
    assert sum(parts) == pytest.approx(found["phases"]["whole"][0])


def test_the_table_and_the_json_hold_every_run() -> None:
    phases = {"start-up": (2.0, 1.0), "whole": (3.25, 1.5)}
    runs = [Measured(cache, jobs, 5, phases) for cache in (False, True) for jobs in (1, 2)]
    out = io.StringIO()
    timings.show_suite(runs, Console(file=out, width=150))
    assert "without cache, 2 jobs" in out.getvalue()
    assert "with cache, 1 job " in out.getvalue()
    assert out.getvalue().count("1.50 (3.25)") == 4
    assert "judging" not in out.getvalue()
    told = json.loads(json.dumps(timings.suite_json(runs)))
    assert [(run["cache"], run["jobs"]) for run in told["runs"]] == [
        *((False, 1), (False, 2)),
        *((True, 1), (True, 2)),
    ]
    assert told["runs"][0]["phases"]["whole"] == {"wall": 3.25, "computing": 1.5}


def test_what_cannot_run_is_one_sentence(conformance: Callable[..., Ended], few: Path) -> None:
    ended = conformance("bench", "--suite", "--golden", few, "--subject", "kerass")
    assert ended.status == 2
    assert "bench --suite could not measure a run: " in ended.sentence()
    assert "'kerass'" in ended.sentence()
    for option in ("--json", "--repeat"):
        ended = conformance("bench", option, "2")
        assert "must be given with --suite" in ended.sentence()
