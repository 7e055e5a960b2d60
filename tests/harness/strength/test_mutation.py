"""Mutants asked in forked processes: killed by a value, an assertion, a crash or a timeout, or alive; and the command.

A process that has computed cannot be forked safely, so these tests start one of their own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from harness import ROOT

from conformance.report import sections
from conformance.strength.mutation import forks
from conformance.strength.mutation.forks import Ended, Send

# Each is a module of `impl` with something at its end.
SCRIPT = """
import json, sys
from collections import Counter
from conformance.strength.mutation import questions, reach, trial
from conformance.strength.mutation.operators import Mutant
from conformance.vectors import store

files = store.load_all(store.default_directory(), ["constraints.NonNeg/*"])
asked = questions.questions(files)
questions.prepare()
trial._PATIENCE = 3.0
source = reach.sources()["impl.core.projections"].read_bytes()

def mutant(name, text):
    return Mutant(name, "impl.core.projections", "", "", 1, frozenset(), False, "", "", len(source), len(source), text)

ENDS = {
    "alive": "UNUSED = 1",
    "value": "rectify = lambda w, floatx: -1.0 * tf.nn.relu(-tf.convert_to_tensor(w))",
    "error": "def rectify(w, floatx): raise ValueError('no')",
    "import": "raise ImportError('no')",
    "dies": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "hangs": "while True: pass",
    "memory": "x = bytearray(1 << 40)",
}
order = [n for n, q in enumerate(asked) if q.dialect == "keras3"]
tasks = [trial.Task(mutant(name, chr(10) + text), lambda: order, 60.0) for name, text in ENDS.items()]
tasks.append(trial.Task(None, lambda: order, 60.0))
plain = reach.unmutated(asked, order, 2)
counts = Counter()
seconds = lambda n: float(plain.seconds[n])
found = [*trial.tried(tasks, asked, plain.wrong, plain.far, seconds, 2, counts)]
# What impl answers is right everywhere; here it is told that the value of each case was wrong.
known = {n: frozenset({"value"}) for n in order}
tasks = [trial.Task(mutant("as official", chr(10) + ENDS["alive"]), lambda: order, 60.0)]
found += trial.tried(tasks, asked, known, plain.far, seconds, 1, counts)
print(json.dumps({
    each.mutant.id if each.mutant else "control": [each.killed, each.asked == len(order), each.close] for each in found
}))
"""
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "TF_ENABLE_ONEDNN_OPTS": "0"}


def _run(*arguments: str) -> str:
    ended = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, env=ENVIRONMENT, cwd=ROOT
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_a_mutant_is_killed_by_what_it_does() -> None:
    found = json.loads(_run("-c", SCRIPT))
    assert found == {
        "alive": [None, True, True],
        "control": [None, True, True],
        "as official": ["other", False, True],
        "value": ["value", False, False],
        "error": ["crash", False, False],
        "import": ["crash", False, False],
        "dies": ["crash", False, False],
        "hangs": ["timeout", False, False],
        "memory": ["crash", False, False],
    }


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    file = tmp_path_factory.mktemp("mutation") / "report.json"
    chosen = ("--select", "impl.core.projections:rectify:*", "--select", "impl.core.fans:*")
    command = ("-m", "conformance", "strength", "mutation", "--again", "0", "--fresh")
    os.environ["CONFORMANCE_CACHE"] = str(file.parent)
    try:
        _run(*command, *chosen, "--cases", "constraints.NonNeg", "--json", str(file))
    finally:
        del os.environ["CONFORMANCE_CACHE"]
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def test_the_command_asks_those_who_run_the_line(report: dict[str, Any]) -> None:
    by_file = {row["file"]: row for row in report["files"]}
    assert by_file["impl/core/projections.py"]["killed"] > 0
    # No constraint asks for fans.
    assert by_file["impl/core/fans.py"]["killed"] == 0
    fans = [row for row in report["survivors"] if row["file"] == "impl/core/fans.py"]
    assert all(row["diff"].startswith("- ") and "\n+ " in row["diff"] for row in fans)
    alive = [row for row in report["survivors"] if row["reason"] is None]
    assert len(alive) == report["counts"]["survivors"] > 0
    assert report["problems"] == []


def test_what_no_case_runs_is_told(report: dict[str, Any]) -> None:
    untaken = {row["module"]: row for row in report["untaken"]}
    assert untaken["impl.core.fans"]["lines"]
    assert "impl.core.clipping" in untaken


def _work(item: str, send: Send) -> None:
    send("began")
    if item == "sleeps":
        time.sleep(60)
    if item == "fails":
        raise ValueError("for the test")
    if item == "dies":
        os._exit(3)
    send(item)


def test_each_item_ends_in_its_own_way() -> None:
    items = ["works", "sleeps", "fails", "dies"]
    said: dict[str, list[Any]] = {item: [] for item in items}
    for item, what in forks.in_forks(2, items, _work, lambda item, last: 1.0 if last else 30.0):
        said[item].append(what)
    assert said["works"] == ["began", "works", Ended()]
    assert said["sleeps"] == ["began", Ended(finished=False, timed_out=True)]
    assert said["dies"] == ["began", Ended(finished=False)]
    began, failed = said["fails"]
    assert began == "began"
    assert not failed.finished
    assert "ValueError: for the test" in failed.why


def test_nothing_is_left_when_it_is_ended_early() -> None:
    running = forks.in_forks(2, ["sleeps", "sleeps"], _work, lambda *_: 60.0)
    next(running)
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    running.close()
    left = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    assert len(children) - len(left) == 2


def test_a_page_takes_what_the_command_wrote(report: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_text(json.dumps(report))
    assert sections.read(file).template == "mutation_section.html"
