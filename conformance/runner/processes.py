"""Does work in parts, in several processes. Ctrl-C ends it, and no process is left behind."""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
import threading
import traceback
import warnings
from collections.abc import Callable, Generator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Final, TypeAlias, TypeVar

_T = TypeVar("_T")
# Called with the number of parts that are done, and of all parts.
Progress: TypeAlias = Callable[[int, int], None]


class ProcessEnded(Exception):
    """A process ended before its part was done: the work killed it, or left it."""


def no_progress(done: int, total: int) -> None:
    """Shows nothing."""


def in_processes(
    jobs: int,
    work: Callable[[int], _T],
    starts: Sequence[int],
    prepare: Callable[..., None],
    arguments: tuple[Any, ...],
    *,
    forked: bool = False,
) -> Generator[_T, None, None]:
    """Calls `work(start)` for each start, in new processes; `prepare(*arguments)` runs first in each.

    The results come as they are finished, in any order; an exception comes with the traceback of its
    process as a note. Ctrl-C reaches the caller alone, which ends the processes.

    `forked`: the processes begin with all that this one has imported and read, `arguments` included; only where
    `subjects.forkable` says so. Otherwise they begin with nothing, and `arguments` are pickled.

    Raises:
        ProcessEnded: a process ended before its part was done.

    """
    # Each process has a pipe of its own. In the queue that the processes of `concurrent.futures` share,
    # the half of a result that an ended process has written is waited for forever.
    waiting = iter(starts)
    workers: dict[Connection, BaseProcess] = {}
    # AutoGraph writes files, and takes them away at an end that forked processes do not come to.
    folder = tempfile.TemporaryDirectory(prefix="conformance-") if forked else None
    place = folder.name if folder else None
    try:
        for start in [start for _, start in zip(range(jobs), waiting, strict=False)]:
            _send(_started(workers, (work, prepare, arguments, place)), start)
        while workers:
            for ready in wait(list(workers)):
                assert isinstance(ready, Connection)
                yield _received(ready)
                following = next(waiting, None)
                if following is None:
                    ready.close()  # the process sees it, and ends
                    workers.pop(ready).join()
                else:
                    _send(ready, following)
    finally:
        _end(workers)
        if folder:
            folder.cleanup()


def _started(workers: dict[Connection, BaseProcess], task: tuple[Any, ...]) -> Connection:
    forked = task[-1] is not None
    # TensorFlow's threads do not survive a fork.
    context = multiprocessing.get_context("fork" if forked else "spawn")
    ours, theirs = context.Pipe()
    # The ends of other pipes come with a fork; one that stays open would keep its process from seeing its end.
    others = [ours, *workers] if forked else []
    process = context.Process(target=_serve, args=(theirs, others, *task))  # type: ignore[attr-defined]
    with warnings.catch_warnings():
        # Python 3.12 warns of threads beside a fork: those that show the progress, which the work does not use.
        warnings.simplefilter("ignore", DeprecationWarning)
        process.start()
    theirs.close()
    workers[ours] = process
    return ours


def _send(connection: Connection, start: int) -> None:
    try:
        connection.send(start)
    except OSError:
        raise ProcessEnded from None


def _received(connection: Connection) -> Any:
    try:
        error, result = connection.recv()
    except (EOFError, OSError):  # between two messages, within one
        raise ProcessEnded from None
    if error is not None:
        raise error
    return result


def _serve(
    connection: Connection,
    others: Sequence[Connection],
    work: Callable[[int], _T],
    prepare: Callable[..., None],
    arguments: tuple[Any, ...],
    place: str | None,
) -> None:
    """`place`: the folder of its temporary files; None for a process that takes them away itself."""
    # Ctrl-C reaches the whole process group; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with_parent, daemon=True).start()
    for other in others:
        other.close()
    if place is not None:
        tempfile.tempdir = place
    prepared = False
    while True:
        try:
            start = connection.recv()
        except (EOFError, OSError):
            return
        try:
            if not prepared:
                prepare(*arguments)
                prepared = True
            sent: tuple[Exception | None, _T | None] = (None, work(start))
        except Exception as error:
            error.add_note(traceback.format_exc())
            sent = (error, None)
        connection.send(sent)


def end_with_parent() -> None:
    """Ends this process when its parent has been killed; nothing else would end it."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


# Seconds that a process has to end in when it is asked to, before it is killed.
_PATIENCE: Final = 2.0


def _end(workers: dict[Connection, BaseProcess]) -> None:
    """Ends the processes at once: their parts are not waited for."""
    for process in workers.values():
        process.terminate()
    for connection, process in workers.items():
        process.join(_PATIENCE)
        if process.is_alive():
            process.kill()
            process.join()
        connection.close()
