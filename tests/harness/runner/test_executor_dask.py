"""`--scheduler`: a real scheduler and two workers on this machine, one of which is killed in the middle."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from harness import Ended

from conformance.cli.parts import KINDS
from conformance.model.errors import UsageError
from conformance.report import machine
from conformance.runner import executor_dask, executor_serving
from conformance.runner.executor_dask import Cluster, cluster
from conformance.runner.report import Plan, Report
from conformance.runner.run import run

# So slow that a part takes a second, and a process can be killed within one.
SLEEPY = """
import time
import plain_numpy.constraints

conformance_tensors = "numpy"

class constraints:
    class NonNeg(plain_numpy.constraints.NonNeg):
        def __call__(self, w):
            time.sleep(0.01)
            return super().__call__(w)
"""


@dataclass(frozen=True)
class Started:
    """A cluster of this machine: its address, and the ids of its processes."""

    address: str
    scheduler: int
    workers: tuple[int, int]


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the subject is, for this process, and for the others."""
    folder = tmp_path_factory.mktemp("sleepy")
    (folder / "sleepy.py").write_text(SLEEPY)
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))


@pytest.fixture(scope="module")
def started(modules: Path, environment: Callable[..., dict[str, str]]) -> Iterator[Started]:
    program = Path(__file__).with_name("small_cluster.py")
    process = subprocess.Popen(
        [sys.executable, str(program)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(modules),
        cwd=modules,
    )
    with process:
        assert process.stdout
        address, *pids = process.stdout.readline().split()
        scheduler, one, other = map(int, pids)
        yield Started(address, scheduler, (one, other))


@pytest.fixture(scope="module")
def workers(started: Started) -> Iterator[Cluster]:
    with cluster(started.address, KINDS) as found:
        yield found


@pytest.fixture
def plan(few: Path) -> Plan:
    return Plan(("module:sleepy:keras3",), few, select=("constraints.NonNeg",), in_process=True)


def told(report: Report) -> str:
    """The report byte for byte, but for times."""
    return json.dumps({**machine.to_json(report), "seconds": 0})


# These are in order: the last ones end what the first ones need.
def test_a_worker_with_other_code_or_goldens_refuses_in_a_sentence(
    workers: Cluster, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = executor_serving.code()
    monkeypatch.setattr(executor_serving, "code", lambda: "123456abcdef")
    with pytest.raises(UsageError) as refused:
        run(plan, executor=workers)
    assert f"digest {own}, not 123456abcdef" in str(refused.value)
    assert refused.value.exit_status == 2


def test_a_worker_that_is_killed_loses_nothing(
    started: Started, workers: Cluster, plan: Plan
) -> None:
    killed = []

    def kill(done: int, total: int) -> None:
        if not killed:
            os.kill(started.workers[0], signal.SIGKILL)
            killed.append(done)
            assert done < total / 2

    there = run(plan, executor=workers, progress=kill)
    assert killed
    assert told(there) == told(run(plan))
    assert there.planned > 100


def test_diff_is_the_same_on_a_cluster(
    conformance: Callable[..., Ended], started: Started, modules: Path, few: Path, tmp_path: Path
) -> None:
    def asked(*more: str) -> dict[str, Any]:
        file = tmp_path / "diff.json"
        both = ("module:sleepy:keras3", "module:plain_numpy:keras3", "--in-process")
        chosen = ("--golden", few, "--select", "constraints.NonNeg", "--json", file)
        ended = conformance("diff", *both, *chosen, *more)
        assert ended.status == 1, ended.err
        return {**json.loads(file.read_text()), "seconds": 0}

    assert asked("--scheduler", started.address) == asked()


def test_ctrl_c_reports_what_was_finished(workers: Cluster, plan: Plan) -> None:
    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    report = run(plan, executor=workers, progress=interrupt)
    assert report.exit_status() == 130
    assert 0 < len({result.id for result in report.results}) < report.planned


def test_a_scheduler_that_goes_leaves_what_was_finished(
    started: Started, workers: Cluster, plan: Plan
) -> None:
    def kill(done: int, total: int) -> None:
        os.kill(started.scheduler, signal.SIGKILL)

    report = run(plan, executor=workers, progress=kill)
    assert report.exit_status() == 2
    done = len({result.id for result in report.results})
    assert 0 < done < report.planned
    assert f"the scheduler {started.address} is gone: {done} of {report.planned}" in report.crashed


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense://here", "tcp://127.0.0.1"])
def test_a_wrong_address_is_one_sentence(
    conformance: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch, few: Path, address: str
) -> None:
    monkeypatch.setattr(executor_dask, "_CONNECT", 0.2)
    ended = conformance("run", "--golden", few, "--scheduler", address)
    assert ended.status == 2
    assert "--scheduler must be the address of a Dask scheduler that answers" in ended.sentence()
    assert repr(address) in ended.err


def test_without_dask_the_extra_is_named(
    conformance: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executor_dask.importlib.util, "find_spec", lambda name: None)
    ended = conformance("run", "--scheduler", "tcp://127.0.0.1:8786")
    assert ended.status == 2
    assert "the extra `cluster`" in ended.sentence()


def test_jobs_are_not_those_of_a_cluster(conformance: Callable[..., Ended]) -> None:
    ended = conformance("run", "--scheduler", "tcp://127.0.0.1:8786", "--jobs", "2")
    assert ended.status == 2
    assert "--jobs" in ended.sentence()
