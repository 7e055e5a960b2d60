"""The templates of adapters, and runs of nothing but a program."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from subjects.programs import GOOD, TEMPLATES

from conformance.model import Case
from conformance.report import repro
from conformance.runner.report import Plan
from conformance.runner.run import run as run_plan


@pytest.mark.parametrize(
    "command", [f"{sys.executable} {TEMPLATES}/subject.py", f"node {TEMPLATES}/subject.mjs"]
)
def test_the_templates_pass_what_they_support(
    command: str, few: Path, conformance: Callable[..., Any]
) -> None:
    file = TEMPLATES / Path(command.split("/")[-1])
    assert len(file.read_text().splitlines()) <= 100
    select = ("constraints.NonNeg", "constraints.UnitNorm")
    report = run_plan(Plan((f"command:{command}",), few, select=select))
    verdicts = [str(r.verdict) for r in report.results if r.aspect == "value"]
    assert verdicts.count("pass") > 100
    assert {str(r.verdict) for r in report.results} <= {"pass", "unsupported", "blocked"}
    assert report.exit_status() == 0


def test_a_run_of_a_program_does_not_import_tensorflow(
    few: Path, python: Callable[..., Any]
) -> None:
    command = f"command:{sys.executable} {TEMPLATES}/subject.py"
    ended = python(
        "-c",
        "import sys\nfrom conformance import cli\n"
        f"sys.argv = ['conformance', 'run', '--subject', {command!r}, '--golden', {str(few)!r}]\n"
        "try: cli.main()\nexcept SystemExit as end: print('status', end.code)\n"
        "print('loaded', *sorted({m.split('.')[0] for m in sys.modules}))",
    )
    assert "status 0" in ended.out
    loaded = set(ended.out.rpartition("loaded")[2].split())
    assert "numpy" in loaded
    assert loaded & {"tensorflow", "keras", "tf_keras", "impl", "jax", "torch"} == set()


def test_the_repro_of_a_program_is_a_line_for_a_shell(cases: dict[str, Case]) -> None:
    script = repro.script(cases[GOOD], f"command:{sys.executable} {TEMPLATES}/subject.py")
    done = subprocess.run(script, shell=True, capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout.splitlines()[1])
    assert "returned" in answer["outcomes"][0]
