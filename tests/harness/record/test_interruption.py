"""A recording that is killed or interrupted leaves every golden file whole, old or new."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harness import NON_NEG
from record.changed import Snapshot, contents, moved_by, rewrite

from conformance.vectors import store

# Says where the recorder is and, at the moment that its first argument names, waits to be killed.
# Without the second argument `official`, plain NumPy stands in for the official packages: the
# files are then rewritten with other values, and no test waits for TensorFlow.
WRAPPER = textwrap.dedent(
    """
    import os, sys, time
    from conformance import cli
    from conformance.record import record

    moment, official = sys.argv[1], sys.argv[2] == "official"
    seconds = float(sys.argv[3])
    counts = {"asking": 0, "renaming": 0, "renamed": 0}

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
    if not official:
        import plain_numpy
        from conformance.subjects.namespace import NamespaceSubject
        from conformance.subjects.tensors import NumpyTensors

        dialects = {"tf_keras": "keras2", "keras": "keras3"}
        record.resolve = lambda package: [
            NamespaceSubject(package, dialects[package], plain_numpy, NumpyTensors())
        ]
    sys.argv[1:] = ["record", "--write", *sys.argv[4:]]
    cli.main()
    """
)


@pytest.fixture
def interrupted(
    tmp_path: Path,
    environment: Callable[..., dict[str, str]],
    interruptible: tuple[str, ...],
) -> Callable[..., tuple[int, str]]:
    """Records in another process, sends it a signal at a moment; gives status and stderr."""
    script = tmp_path / "wrapper.py"
    script.write_text(WRAPPER)

    def call(moment: str, number: int, *options: Any, official: bool = False) -> tuple[int, str]:
        # A held back Ctrl-C must not wait long; what is killed may wait for ever.
        seconds = 0.3 if number == signal.SIGINT else 60
        process = subprocess.Popen(
            [
                *interruptible,
                *(sys.executable, script, moment, "official" if official else "plain"),
                *(str(seconds), *map(str, options)),
            ],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        for line in process.stdout:
            if line == "reached\n":
                os.kill(process.pid, number)
                break
        else:
            assert moment == "never", "the moment did not come"
        _, err = process.communicate(timeout=60)
        return process.returncode, err

    return call


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
def recordings(
    constraints_copy: Path, interrupted: Callable[..., tuple[int, str]]
) -> tuple[Snapshot, Snapshot]:
    """What is in `constraints_copy`, and what a whole recording makes of it."""
    old = contents(constraints_copy)
    assert interrupted("never", 0, *EVERY_CLASS, "--golden", constraints_copy) == (0, "")
    new = contents(constraints_copy)
    for name, data in old.items():
        (constraints_copy / name).write_bytes(data)
    return old, new


def test_a_recording_that_is_killed_leaves_every_file_whole(
    constraints_copy: Path,
    recordings: tuple[Snapshot, Snapshot],
    interrupted: Callable[..., tuple[int, str]],
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
    interrupted: Callable[..., tuple[int, str]],
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
    interrupted: Callable[..., tuple[int, str]],
) -> None:
    path = constraints_copy / "constraints" / "NonNeg.json"
    original = rewrite(path, moved_by(1))
    old = contents(constraints_copy)
    new = {**old, "constraints/NonNeg.json": original}
    options = (*NON_NEG, "--golden", constraints_copy)
    status, _ = interrupted(moment, number, *options, official=True)
    assert status == (130 if number == signal.SIGINT else -number)
    assert assert_whole(constraints_copy, old, new) == 0
