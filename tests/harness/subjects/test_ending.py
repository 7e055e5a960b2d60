"""Nothing is left of a program once it is not needed, or once the harness is killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from subjects.programs import BAD, Program


def test_a_child_of_the_program_ends_with_it(program: Callable[..., Program]) -> None:
    made = program(
        "if os.fork() == 0:\n    open(PIDS, 'a').write(f'{os.getpid()}\\n')\n    time.sleep(60)"
    )
    subject = made.subject()
    subject.close()
    assert made.left() == []


def test_a_program_that_ignores_the_end_of_its_input_is_ended(
    program: Callable[..., Program],
) -> None:
    made = program("signal.signal(signal.SIGTERM, signal.SIG_IGN)", after="time.sleep(60)")
    subject = made.subject()
    started = time.monotonic()
    subject.close()
    assert time.monotonic() - started < 3
    assert made.left(0) == []


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_nothing_is_left_when_the_harness_is_killed(
    ending: signal.Signals,
    jobs: str,
    program: Callable[..., Program],
    few: Path,
    environment: Callable[..., dict[str, str]],
) -> None:
    made = program(
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nSTAY = 1", after="time.sleep(60)"
    )
    made.file.write_text(made.file.read_text().replace("say(right(request))", "time.sleep(60)"))
    harness = subprocess.Popen(
        [
            *(sys.executable, "-m", "conformance", "run", "--subject", made.command()),
            *("--select", BAD, "--jobs", jobs, "--start-timeout", "60", "--case-timeout", "60"),
            *("--golden", str(few)),
        ],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    # With two, the process that was started ends its own program before another process starts one.
    while time.monotonic() < deadline:
        if made.pids.exists() and made.starts() == int(jobs) and len(made.left(0)) == 1:
            break
        time.sleep(0.05)
    time.sleep(0.2)
    assert len(made.left(0)) == 1
    harness.send_signal(ending)
    # The output ends when the last process that holds it has: those of the harness too.
    out = harness.communicate(timeout=30)[0]
    assert (b"interrupted" in out) is (ending == signal.SIGTERM)
    assert made.left() == []
