"""Programs that do not start, or start no more: what is said, and what is kept."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harness import PLAIN, Ended
from subjects.programs import GOOD, IN_LATER, LATER, TEMPLATES, Program

from conformance.model.errors import UsageError
from conformance.runner.matrix import matrix
from conformance.runner.report import Plan
from conformance.runner.run import run as run_plan
from conformance.subjects import resolve
from conformance.subjects.child import Limits
from conformance.vectors import store

STARTS = {
    "ends": ("print('no licence', file=sys.stderr); os._exit(4)", "status 4; it wrote: no licence"),
    "says garbage": ("print('Welcome!', flush=True)", "'Welcome!'"),
    "says nothing": ("time.sleep(60)", "did not say hello within 0.5 s"),
    "another version": ("hello(protocol=3)", "hello with protocol 1 or 2"),
    "no dialect": ("hello(dialect='keras4')", "'keras4'"),
    "no package": ("hello(provenance={})", "the package at least"),
    "classes as a word": ("hello(capabilities={'classes': 'all'})", "capabilities.classes"),
    "draws that are no name": ("hello(capabilities={'draws': 7})", "capabilities.draws"),
}


@pytest.mark.parametrize("name", STARTS)
def test_a_program_that_does_not_say_hello_is_a_usage_error(
    name: str, program: Callable[..., Program]
) -> None:
    action, said = STARTS[name]
    made = program(action)
    with pytest.raises(UsageError, match="--subject must be a program") as raised:
        made.subject(Limits(start=0.5))
    assert said in str(raised.value)
    assert "'command:it'" in str(raised.value)


def test_a_wrong_selection_is_told_before_a_program_is_started(
    program: Callable[..., Program], few: Path, conformance: Callable[..., Any]
) -> None:
    made = program("")
    made.pids.touch()
    ended = conformance("run", "--subject", made.command(), "--select", "no case", "--golden", few)
    assert ended.status == 2
    assert "--select" in ended.sentence()
    assert made.starts() == 0


STARTED_NO_MORE = ("must start again", "3 starts failed", "status 5", "cases were finished")


def test_a_program_that_starts_no_more_ends_the_run_with_what_was_finished(
    program: Callable[..., Program], few: Path, tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    made = program("if STARTS > 1: os._exit(5)\n" + f"{IN_LATER}os._exit(1)")
    file = tmp_path / "report.json"
    select = ("--select", "constraints.NonNeg/value/*float32", "--golden", few, "--json", file)
    ended = conformance("run", "--subject", made.command(), *select)
    assert (ended.status, ended.err) == (1, "")
    for word in STARTED_NO_MORE:
        assert word in " ".join(ended.out.split())
    every = [e.case.id for f in store.load_all(few, (select[1],)) for e in f.cases]
    kept = list(dict.fromkeys(result["id"] for result in json.loads(file.read_text())["results"]))
    assert kept == every[: every.index(LATER)]
    assert kept


def test_processes_keep_what_was_finished_before_a_program_started_no_more(
    program: Callable[..., Program], few: Path
) -> None:
    """The first start is the parent's, the next is that of the process which so few cases need."""
    made = program("if STARTS > 2: os._exit(5)\n" + f"{IN_LATER}os._exit(1)")
    select = ("constraints.NonNeg/value/*float32",)
    report = run_plan(Plan((made.command(),), few, select=select), jobs=2)
    assert report.exit_status() == 1
    for word in STARTED_NO_MORE:
        assert word in report.crashed
    every = [e.case.id for f in store.load_all(few, select) for e in f.cases]
    kept = {result.id for result in report.results}
    assert {*every[: every.index(LATER)]} <= kept
    assert LATER not in kept


def test_an_upgrade_keeps_what_was_asked_before_a_program_started_no_more(
    program: Callable[..., Program], few: Path, conformance: Callable[..., Any]
) -> None:
    made = program("if STARTS > 1: os._exit(5)\n" + f"{IN_LATER}os._exit(1)")
    select = ("--select", "constraints.NonNeg/value/*float32", "--golden", few)
    ended = conformance("diff", PLAIN, made.command(), *select)
    assert (ended.status, ended.err) == (1, "")
    said = " ".join(ended.out.split())
    assert "3 starts failed" in said
    assert re.search(r"[1-9]\d* of 16 cases were asked", said)


def test_the_matrix_keeps_what_was_finished_before_a_program_started_no_more(
    program: Callable[..., Program], few: Path
) -> None:
    made = program("if STARTS > 1: os._exit(5)\n" + f"{IN_LATER}os._exit(1)")
    plan = Plan((made.command(),), few, select=("constraints.NonNeg/value/*float32",))
    (column,) = matrix(plan).columns
    assert "3 starts failed" in column.error
    assert column.total().bitwise > 0


def test_a_program_that_has_not_the_mode_is_refused(conformance: Callable[..., Any]) -> None:
    command = f"command:{sys.executable} {TEMPLATES}/subject.py"
    for option, said in ((("--mode", "xla"), "eager"), (("--device", "GPU:0"), "own options")):
        ended = conformance("run", "--subject", command, "--select", GOOD, *option)
        assert ended.status == 2
        assert option[1] in ended.sentence()
        assert said in ended.sentence()


@pytest.mark.parametrize("spec", ["command:", "command:'x", "command:/no/such/program"])
def test_a_command_must_name_a_program(spec: str) -> None:
    with pytest.raises(UsageError, match="--subject must") as raised:
        resolve(spec)
    assert repr(spec) in str(raised.value)


@pytest.mark.parametrize("option", ["--start-timeout", "--case-timeout"])
def test_limits_are_positive(option: str, conformance: Callable[..., Ended]) -> None:
    ended = conformance("run", "--subject", PLAIN, "--select", LATER, option, "0")
    assert ended.status == 2
    assert option in ended.sentence()


def test_a_subject_may_take_only_so_long_to_start(
    tmp_path: Path, conformance: Callable[..., Ended]
) -> None:
    (tmp_path / "slow.py").write_text("import time\ntime.sleep(60)\n")
    program = f"command:{sys.executable} {tmp_path / 'slow.py'}"
    ended = conformance("run", "--subject", program, "--select", LATER, "--start-timeout", "0.5")
    assert ended.status == 2
    assert "within 0.5 s" in ended.sentence()
