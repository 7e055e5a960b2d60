"""What runs in a Dask worker: it hands each part to a program of its own, which stays for the next one.

The worker itself imports no implementation and computes nothing. The programs end with it, however it ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
from collections.abc import Iterator
from typing import Any, Final

from conformance.runner.executor_serving import VARIABLES, unlike
from conformance.subjects.child import Child, Limits, Lost, Silent

# The program; a room below does not import the command.
_PROGRAM: Final = ("-m", "conformance.cli.parts")
# In seconds: what a program may take to read a task, environments included, and a part. In bytes: its longest line.
_LIMITS: Final = Limits(start=3600.0, case=3600.0, line=1 << 28)
# Seconds after which a program that nobody asks is ended.
_IDLE: Final = 120.0
_lock: Final = threading.Lock()
# By task, the programs that wait for a part.
_idle: Final[dict[str, list[tuple[Child, threading.Timer]]]] = {}


def refusal(job: str) -> str:
    """Why this worker may not do parts of a task, or nothing."""
    return unlike(json.loads(job))


def do(job: str, part: str) -> str:
    """The answer to a part: the line of a program of `executor_serving`. RuntimeError where that has ended."""
    try:
        with _program(job) as program:
            if isinstance(program, str):
                return program
            return program.exchange(part.encode() + b"\n", _LIMITS.case).decode()
    except Silent:
        raise RuntimeError(f"a part took more than {_LIMITS.case:.0f} seconds") from None
    except Lost as lost:
        raise RuntimeError(f"the program of a worker {lost}") from None


@contextlib.contextmanager
def _program(job: str) -> Iterator[Child | str]:
    """A program that has read the task, or what it said instead; it is kept if it did not fail."""
    child = _kept(job)
    if child is None:
        child = _started(job)
        said = child.exchange(job.encode() + b"\n", _LIMITS.start).decode()
        if "ready" not in json.loads(said):
            child.close()
            yield said
            return
    try:
        yield child
    except BaseException:
        child.close(kill=True)
        raise
    _keep(job, child)


def _started(job: str) -> Child:
    told: dict[str, Any] = json.loads(job)
    plain = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    return Child([sys.executable, *_PROGRAM], _LIMITS, plain | told["environment"])


def _kept(job: str) -> Child | None:
    with _lock:
        while job in _idle:
            child = _take(job, -1)
            if child.quiet():
                return child
            child.close()
    return None


def _keep(job: str, child: Child) -> None:
    timer = threading.Timer(_IDLE, _drop, (job, child))
    timer.daemon = True
    with _lock:
        _idle.setdefault(job, []).append((child, timer))
        timer.start()
        # Programs of other tasks hold memory that this one needs.
        while sum(map(len, _idle.values())) > (os.cpu_count() or 1):
            oldest = next(iter(_idle))
            _take(oldest, 0).close()


def _drop(job: str, child: Child) -> None:
    """Ends a program, unless it was given a part meanwhile."""
    with _lock:
        places = [n for n, each in enumerate(_idle.get(job, ())) if each[0] is child]
        for place in places:
            _take(job, place).close()


def _take(job: str, place: int) -> Child:
    child, timer = _idle[job].pop(place)
    timer.cancel()
    if not _idle[job]:
        del _idle[job]
    return child
