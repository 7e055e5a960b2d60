"""Work in a process of its own, and in another one where a signal ends that: kernels that are asked anything may crash."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, Final, Protocol

from conformance.model.errors import ConformanceError, UsageError

# What a command ends with is told by the process that waits.
_TOLD: Final = (ConformanceError, OSError, KeyboardInterrupt)


def survive(work: Callable[[], int], unfinished: Callable[[], bool]) -> int:
    """What `work` returns, called in a forked process; called again in another where a signal ended that.

    `work` keeps what it did in files, and goes on there. `unfinished`: whether it had begun something; UsageError
    where it had not, as it would end so again. Ctrl-C and SIGTERM reach it as one KeyboardInterrupt, and so does
    the end of this process.
    """
    context = multiprocessing.get_context("fork")
    # AutoGraph writes files, and takes them away at an end that these processes do not come to.
    with tempfile.TemporaryDirectory(prefix="explore-") as folder:
        while True:
            ours, theirs = context.Pipe(duplex=False)
            watched, alive = os.pipe()
            sys.stdout.flush()
            process = context.Process(target=_serve, args=(theirs, work, folder, watched, alive))
            process.start()
            theirs.close()
            os.close(watched)
            try:
                said = received(ours, process.pid)
                process.join()
            finally:
                os.close(alive)
                ours.close()
            if isinstance(said, BaseException):
                raise said
            if said is not None:
                return int(said)
            code = process.exitcode or 0
            if code >= 0:
                return 1  # Python has printed why.
            if not unfinished():
                name = signal.Signals(-code).name
                raise UsageError(f"the process that explores must begin; {name} ended it before")


def captured() -> bool:
    """Whether somebody in this process reads what is printed, so that no other may print it."""
    return sys.stdout is not sys.__stdout__


class Receives(Protocol):
    """The end of a pipe."""

    def recv(self) -> Any:
        """What comes next; EOFError where nothing will."""


def received(ours: Receives, pid: int | None) -> Any:
    """What the process sends; None where it ended without a word. KeyboardInterrupt is handed on to it."""
    while True:
        try:
            return ours.recv()
        except EOFError:
            return None
        except KeyboardInterrupt:
            assert pid is not None
            os.kill(pid, signal.SIGINT)


def _serve(
    theirs: Connection, work: Callable[[], int], folder: str, watched: int, alive: int
) -> None:
    # A shell that starts a command in the background lets it ignore this.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.setpgid(0, 0)  # the terminal's Ctrl-C comes by way of the process that waits, once
    os.close(alive)
    threading.Thread(target=_watch, args=(watched,), daemon=True).start()
    tempfile.tempdir = folder
    said: Any
    try:
        said = work()
    except _TOLD as error:
        said = error
    sys.stdout.flush()
    theirs.send(said)


def _watch(watched: int) -> None:
    """Interrupts this process where the one that waits for it is gone."""
    os.read(watched, 1)
    os.kill(os.getpid(), signal.SIGINT)
