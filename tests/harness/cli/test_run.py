"""`conformance run`: in parts, in processes, interrupted; subjects that end it; where reports may go."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harness import NON_NEG, SUBJECT

from conformance.runner import saved


def results(report: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(report.read_text())["results"]
    return found


def test_shards_partition_the_cases(tmp_path: Path, conformance: Callable[..., Any]) -> None:
    """Those of classes that the subject has, and of two that it has not."""
    report = tmp_path / "report.json"
    select = ("constraints.UnitNorm", "regularizers.get", "layers.Dense/config/*")
    asked = ("run", *SUBJECT, *(word for pattern in select for word in ("--select", pattern)))
    conformance(*asked, "--json", str(report))
    whole = [codec_free(r) for r in results(report)]
    parts = []
    for number in (1, 2, 3):
        conformance(*asked, "--shard", f"{number}/3", "--json", str(report))
        part = [codec_free(r) for r in results(report)]
        ids = {r[0] for r in part}
        assert len(ids) > 100
        assert not ids & {r[0] for r in parts}
        parts += part
    assert sorted(parts) == sorted(whole)


def codec_free(result: dict[str, Any]) -> tuple[str, ...]:
    return (result["id"], *(str(value) for value in result.values()))


def test_two_processes_find_what_one_finds(
    tmp_path: Path, golden_of: Callable[..., Path], python: Callable[..., Any]
) -> None:
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    asked = ("run", *SUBJECT, "--golden", golden_of(("constraints.UnitNorm",)))
    for jobs, report in (("1", one), ("2", two)):
        ended = python("-m", "conformance", *asked, "--jobs", jobs, "--json", report)
        assert (ended.status, ended.err) == (1, "")
    assert results(one) == results(two)
    assert len({r["id"] for r in results(one)}) > 300


SLOW = """
import time
from pathlib import Path
from types import SimpleNamespace

import plain_numpy.constraints as plain

conformance_tensors = "numpy"


class MaxNorm(plain.MaxNorm):
    def __call__(self, w):
        time.sleep(0.01)
        with Path({log!r}).open("a") as log:
            log.write(".")
        return super().__call__(w)


constraints = SimpleNamespace(**{{**vars(plain), "MaxNorm": MaxNorm}})
"""


@pytest.mark.parametrize(
    ("number", "jobs", "group", "enough"),
    [
        (signal.SIGINT, "1", False, 60),
        (signal.SIGINT, "2", False, 180),
        (signal.SIGINT, "2", True, 180),
        (signal.SIGTERM, "1", False, 60),
        (signal.SIGTERM, "2", False, 180),
    ],
)
def test_an_interrupted_run_leaves_a_usable_report(
    number: signal.Signals,
    jobs: str,
    group: bool,
    enough: int,
    tmp_path: Path,
    golden_of: Callable[..., Path],
    environment: Callable[..., dict[str, str]],
    interruptible: tuple[str, ...],
) -> None:
    log, report, junit = tmp_path / "log", tmp_path / "report.json", tmp_path / "report.xml"
    log.touch()
    (tmp_path / "slow.py").write_text(SLOW.format(log=str(log)))
    process = subprocess.Popen(
        [
            *interruptible,
            *(sys.executable, "-m", "conformance", "run", "--subject", "module:slow:keras3"),
            *("--golden", str(golden_of(("constraints.MaxNorm",))), "--jobs", jobs),
            *("--json", str(report), "--junit", str(junit)),
        ],
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    end = time.monotonic() + 60
    while log.stat().st_size < enough:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.005)
    (os.killpg if group else os.kill)(process.pid, number)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "")
    assert "interrupted" in out
    found = saved.read_baseline(report)
    assert (found["interrupted"], found["exit_status"]) == (True, 130)
    finished = {r["id"] for r in found["results"]}
    assert 50 <= len(finished) < 353
    # How far a run gets before it is interrupted differs: the cases that are unsupported may be among them.
    ran = finished - {r["id"] for r in found["results"] if r["verdict"] == "unsupported"}
    assert [(row["target"], row["ran"]) for row in found["counts"]["classes"]] == [
        ("constraints.MaxNorm", len(ran))
    ]
    assert junit.read_text().count("<testcase ") == len(finished)


@pytest.mark.parametrize("way", ["call", "import"])
def test_a_subject_that_exits_does_not_end_the_run_as_a_success(
    way: str, few: Path, tmp_path: Path, python: Callable[..., Any]
) -> None:
    body = {"call": "    def __call__(self, w): sys.exit(0)", "import": "    sys.exit(0)"}[way]
    (tmp_path / "leaver.py").write_text(
        "import sys\nfrom types import SimpleNamespace\nimport plain_numpy.constraints as plain\n"
        f"conformance_tensors = 'numpy'\nclass NonNeg(plain.NonNeg):\n{body}\n"
        "constraints = SimpleNamespace(**{**vars(plain), 'NonNeg': NonNeg})\n"
    )
    asked = ("--subject", "module:leaver:keras3", *NON_NEG, "--golden", few)
    ended = python("-m", "conformance", "run", *asked)
    if way == "import":
        assert (ended.status, "SystemExit" in ended.sentence()) == (2, True)
    else:
        assert ended.status == 1
        assert "accepted: must be accepted; raised" in ended.out
        assert re.search(r"\b\d{2,3} failed", ended.out)


def test_a_worker_that_dies_is_reported_with_what_was_finished(
    few: Path, tmp_path: Path, python: Callable[..., Any]
) -> None:
    (tmp_path / "mortal.py").write_text(
        "import os\n"
        "conformance_tensors = 'numpy'\n"
        "class constraints:\n"
        "    class NonNeg:\n"
        "        def __call__(self, w): os._exit(0)\n"
        "        def get_config(self): return {}\n"
    )
    report = tmp_path / "report.json"
    options = ("--subject", "module:mortal:keras3", "--in-process", "--jobs", "2", *NON_NEG)
    options += ("--json", str(report), "--golden", str(few))
    ended = python("-m", "conformance", "run", *options)
    assert ended.status == 1
    assert "a subject ended its process" in ended.out
    assert json.loads(report.read_text())["crashed"]


def test_a_device_that_is_not_there_is_refused(conformance: Callable[..., Any]) -> None:
    ended = conformance("run", "--subject", "impl.keras3", "--device", "GPU:7")
    assert (ended.status, "received 'GPU:7'" in ended.sentence()) == (2, True)
    ended = conformance("run", *SUBJECT, "--device", "CPU:0")
    assert (ended.status, "it runs on numpy" in ended.sentence()) == (2, True)
    select = ("--select", "constraints.NonNeg/value/wave-5-float32")
    assert conformance("run", *select, "--subject", "impl.keras3", "--device", "CPU:0").status == 0


def test_a_report_may_go_where_there_is_no_file_to_replace(
    tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    target, link = tmp_path / "target.json", tmp_path / "link.json"
    target.write_text("old")
    link.symlink_to(target)
    select = ("--select", "constraints.NonNeg/value/wave-5-float32")
    asked = ("run", *SUBJECT, *select)
    assert conformance(*asked, "--json", link).status == 0
    assert link.is_symlink()
    assert json.loads(target.read_text())["results"]
    assert conformance(*asked, "--json", os.devnull).status == 0
    assert not Path(os.devnull).is_file()


def test_a_subject_that_is_named_twice_runs_once(
    tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    select = ("--select", "constraints.NonNeg/value/wave-5-float32")
    conformance("run", *SUBJECT, *select, "--json", tmp_path / "once.json")
    conformance("run", *SUBJECT, *SUBJECT, *select, "--json", tmp_path / "twice.json")
    assert results(tmp_path / "twice.json") == results(tmp_path / "once.json")
