"""A recording that is killed or interrupted leaves every golden file whole, old or new."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from harness import NON_NEG
from record.changed import Snapshot, contents, moved_by, rewrite
from record.thinned import kept

from conformance.vectors import store

# Says where the recorder is and, at a moment, waits to be killed. A process of its own records with the
# official packages. `serve` records with plain NumPy in their place, in a fork for each line of its input:
# the files are then rewritten with other values, and no test waits for an import.
WRAPPER = textwrap.dedent(
    """
    import json, os, signal, sys, time
    from conformance import cli
    from conformance.record import record

    counts = {"asking": 0, "renaming": 0, "renamed": 0}
    moment = seconds = None

    def reached(what):
        counts[what] += 1
        if f"{what} {counts[what]}" == moment:
            print("reached", flush=True)
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                time.sleep(0.01)

    def replace(source, target, real=os.replace):
        reached("renaming")
        real(source, target)
        reached("renamed")

    def ask(official, case, real=record._ask):
        reached("asking")
        return real(official, case)

    os.replace, record._ask = replace, ask

    def run(options):
        sys.argv[1:] = ["record", "--write", *options]
        cli.main()

    def fork(err, options):
        child = os.fork()
        if child:
            return child
        try:
            os.dup2(os.open(err, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
            run(options)
        except SystemExit as ended:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(ended.code)
        finally:
            os._exit(70)  # with anything else than a status the command ends by mistake

    def serve():
        global moment, seconds
        import plain_numpy
        from conformance.cases import every_case
        from conformance.oracle import initializers
        from conformance.subjects.namespace import NamespaceSubject
        from conformance.subjects.tensors import NumpyTensors
        from record.thinned import kept

        dialects = {"tf_keras": "keras2", "keras": "keras3"}
        record.resolve = lambda package: [
            NamespaceSubject(package, dialects[package], plain_numpy, NumpyTensors())
        ]
        rows = [case for case in every_case() if kept(case)]
        record.every_case = lambda: rows
        for line in sys.stdin:
            moment, seconds, err, options = json.loads(line)
            child = fork(err, options)
            print("process", child, flush=True)
            _, status = os.waitpid(child, 0)
            print("ended", os.waitstatus_to_exitcode(status), flush=True)

    if sys.argv[1] == "serve":
        serve()
    else:
        moment, seconds = sys.argv[1], float(sys.argv[2])
        run(sys.argv[3:])
    """
)
Interrupted = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    written = tmp_path_factory.mktemp("wrapper") / "wrapper.py"
    written.write_text(WRAPPER)
    return written


@pytest.fixture(scope="module")
def interrupted(
    script: Path, environment: Callable[..., dict[str, str]], interruptible: tuple[str, ...]
) -> Iterator[Interrupted]:
    """Records in a process of its own, sends it a signal at a moment; gives status and stderr."""
    with subprocess.Popen(
        [*interruptible, sys.executable, str(script), "serve"],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        stdin, stdout, err = server.stdin, server.stdout, script.with_name("err")

        def call(moment: str, number: int, *options: Any) -> tuple[int, str]:
            asked = [moment, _seconds(number), str(err), [*map(str, options)]]
            print(json.dumps(asked), file=stdin, flush=True)
            process, came = 0, moment == "never"
            for line in stdout:
                what, _, value = line.strip().partition(" ")
                if what == "process":
                    process = int(value)
                elif what == "reached":
                    os.kill(process, number)
                    came = True
                elif what == "ended":
                    assert came, f"the moment did not come: {err.read_text()}"
                    return int(value), err.read_text()
            raise AssertionError("the server ended")

        yield call
        stdin.close()


def _seconds(number: int) -> float:
    """A held back Ctrl-C must not wait long; what is killed may wait for ever."""
    return 0.3 if number == signal.SIGINT else 60


def assert_whole(directory: Path, old: Snapshot, new: Snapshot) -> int:
    """Every golden file is the old or the new one; how many are new."""
    now = {n: data for n, data in contents(directory).items() if not Path(n).name.startswith(".")}
    assert now.keys() == old.keys()
    for name, data in now.items():
        assert data in (old[name], new[name]), name
    assert len(store.load_all(directory)) == len(store.paths(directory))
    return sum(now[name] == new[name] != old[name] for name in now)


# All of them: a class cannot be recorded in part with other packages than the rest of it.
EVERY_CLASS = ("--select", "constraints.*")


@pytest.fixture
def recordings(constraints_copy: Path, interrupted: Interrupted) -> tuple[Snapshot, Snapshot]:
    """What is in `constraints_copy`, an eighth of the cases, and what a whole recording makes of it."""
    for path in constraints_copy.glob("*/*.json"):
        golden = store.load(path)
        cases = tuple(entry for entry in golden.cases if kept(entry.case))
        path.write_bytes(store.dumps(replace(golden, cases=cases)))
    old = contents(constraints_copy)
    assert interrupted("never", 0, *EVERY_CLASS, "--golden", constraints_copy) == (0, "")
    new = contents(constraints_copy)
    for name, data in old.items():
        (constraints_copy / name).write_bytes(data)
    return old, new


def test_a_recording_that_is_killed_leaves_every_file_whole(
    constraints_copy: Path,
    recordings: tuple[Snapshot, Snapshot],
    interrupted: Interrupted,
) -> None:
    old, new = recordings
    changed = sum(old[name] != new[name] for name in old)
    assert changed >= 8
    for moment, written in {
        "asking 100": 0,
        "renaming 1": 0,
        "renaming 4": 3,
        f"renaming {changed}": changed - 1,
        f"renamed {changed}": changed,
    }.items():
        for name, data in old.items():
            (constraints_copy / name).write_bytes(data)
        status, err = interrupted(
            moment, signal.SIGKILL, *EVERY_CLASS, "--golden", constraints_copy
        )
        assert (status, err) == (-signal.SIGKILL, ""), moment
        assert assert_whole(constraints_copy, old, new) == written, moment
    # What was left half done is finished by the next recording.
    status, err = interrupted("never", 0, *EVERY_CLASS, "--golden", constraints_copy)
    assert (status, err) == (0, "")
    assert assert_whole(constraints_copy, old, new) == changed


def test_ctrl_c_ends_a_recording_between_two_states(
    constraints_copy: Path,
    recordings: tuple[Snapshot, Snapshot],
    interrupted: Interrupted,
) -> None:
    old, new = recordings
    changed = sum(old[name] != new[name] for name in old)
    for moment, written in {"asking 100": 0, "renaming 1": changed, "renamed 4": changed}.items():
        for name, data in old.items():
            (constraints_copy / name).write_bytes(data)
        status, err = interrupted(moment, signal.SIGINT, *EVERY_CLASS, "--golden", constraints_copy)
        assert status == 130, err
        assert err.strip() == "conformance: interrupted; every golden file is whole"
        # Once renaming has begun it is finished first: no set of old and new files.
        assert assert_whole(constraints_copy, old, new) == written, moment


@pytest.mark.parametrize(
    ("moment", "number"), [("asking 20", signal.SIGINT), ("renaming 1", signal.SIGKILL)]
)
def test_an_official_recording_that_is_stopped_leaves_every_file_whole(
    moment: str,
    number: signal.Signals,
    constraints_copy: Path,
    script: Path,
    environment: Callable[..., dict[str, str]],
    interruptible: tuple[str, ...],
) -> None:
    path = constraints_copy / "constraints" / "NonNeg.json"
    original = rewrite(path, moved_by(1))
    old = contents(constraints_copy)
    new = {**old, "constraints/NonNeg.json": original}
    with subprocess.Popen(
        [
            *(*interruptible, sys.executable, str(script), moment, str(_seconds(number))),
            *(*NON_NEG, "--golden", str(constraints_copy)),
        ],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert "reached\n" in iter(process.stdout.readline, ""), "the moment did not come"
        process.send_signal(number)
        status = process.wait(timeout=60)
    assert status == (130 if number == signal.SIGINT else -number)
    assert assert_whole(constraints_copy, old, new) == 0
