"""Work in several processes: results, errors, processes that end, and an end at any moment."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from conformance.runner.processes import ProcessEnded, in_processes

NOTHING_TO_PREPARE = ()


def nothing() -> None:
    """Prepares nothing."""


def refuse() -> None:
    raise ValueError("not today")


def square(start: int) -> int:
    return start * start


def bulky(start: int) -> bytes:
    """More than a pipe holds: the process writes it in many steps."""
    return bytes(3_000_000)


def fail_at_three(start: int) -> int:
    if start == 3:
        raise LookupError("three")
    return start


def leave_at_three(start: int) -> int:
    if start == 3:
        os._exit(0)
    return start


def sleep_and_tell(start: int) -> int:
    time.sleep(0.01)
    return os.getpid()


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_every_part_is_done_once(jobs: int) -> None:
    done = in_processes(jobs, square, range(4), nothing, NOTHING_TO_PREPARE)
    assert sorted(done) == [0, 1, 4, 9]


def test_no_parts_need_no_process() -> None:
    assert list(in_processes(2, square, [], refuse, NOTHING_TO_PREPARE)) == []


def test_an_error_comes_with_its_traceback() -> None:
    with pytest.raises(LookupError, match="three") as caught:
        list(in_processes(2, fail_at_three, range(5), nothing, NOTHING_TO_PREPARE))
    assert "fail_at_three" in "".join(caught.value.__notes__)


def test_an_error_of_the_preparation_is_raised_too() -> None:
    with pytest.raises(ValueError, match="not today"):
        list(in_processes(2, square, range(5), refuse, NOTHING_TO_PREPARE))


def test_a_process_that_ends_is_told() -> None:
    work = in_processes(1, leave_at_three, range(5), nothing, NOTHING_TO_PREPARE)
    assert [next(work), next(work), next(work)] == [0, 1, 2]
    with pytest.raises(ProcessEnded):
        next(work)


def test_an_end_within_a_result_waits_for_nothing() -> None:
    """What a process has half written is not waited for, and no process is left behind."""
    for several in range(3, 9):
        work = in_processes(2, bulky, range(100), nothing, NOTHING_TO_PREPARE)
        for _ in range(several):
            next(work)
        work.close()  # the processes are writing


def test_processes_are_gone_afterwards() -> None:
    work = in_processes(2, sleep_and_tell, range(100), nothing, NOTHING_TO_PREPARE)
    processes = {next(work) for _ in range(10)}
    work.close()
    assert not [each for each in processes if Path(f"/proc/{each}").exists()]
