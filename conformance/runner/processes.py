"""Does work in parts, in several processes. Ctrl-C ends it, and no process is left behind."""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
import threading
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Final, Generic, TypeAlias, TypeVar

_P = TypeVar("_P")
_T = TypeVar("_T")
# Called with the number of parts that are done, and of all parts.
Progress: TypeAlias = Callable[[int, int], None]


class ProcessEnded(Exception):
    """A process ended before its part was done: the work killed it, or left it."""


def no_progress(done: int, total: int) -> None:
    """Shows nothing."""


def in_processes(
    jobs: int,
    work: Callable[[_P], _T],
    parts: Iterable[_P],
    prepare: Callable[..., None],
    arguments: tuple[Any, ...],
    *,
    forked: bool = False,
    renewed: int | None = None,
) -> Generator[_T, None, None]:
    """Calls `work(part)` for each part, in new processes; `prepare(*arguments)` runs first in each.

    The results come as they are finished, in any order; an exception comes with the traceback of its
    process as a note. Ctrl-C reaches the caller alone, which ends the processes.

    `forked`: the processes begin with all that this one has imported and read, `arguments` included; only where
    `subjects.forkable` says so. Otherwise they begin with nothing, and `arguments` are pickled.
    `renewed`: after so many parts a process is replaced by a new one.

    Raises:
        ProcessEnded: a process ended before its part was done.

    """
    # Each process has a pipe of its own. In the queue that the processes of `concurrent.futures` share,
    # the half of a result that an ended process has written is waited for forever.
    waiting = iter(parts)
    workers: dict[Connection, BaseProcess] = {}
    done: Counter[Connection] = Counter()
    folder = _folder() if forked else None
    task = (work, prepare, arguments, folder.name if folder else None)
    try:
        for part in [part for _, part in zip(range(jobs), waiting, strict=False)]:
            _send(_started(workers, task), part)
        while workers:
            for ready in wait(list(workers)):
                assert isinstance(ready, Connection)
                yield _received(ready)
                done[ready] += 1
                following: Any = next(waiting, _NO_PART)
                if following is not _NO_PART and done[ready] != renewed:
                    _send(ready, following)
                    continue
                ready.close()  # the process sees it, and ends
                workers.pop(ready).join()
                if following is not _NO_PART:
                    _send(_started(workers, task), following)
    finally:
        _end(workers)
        if folder:
            folder.cleanup()


def _folder() -> tempfile.TemporaryDirectory[str]:
    # AutoGraph writes files, and takes them away at an end that forked processes do not come to.
    return tempfile.TemporaryDirectory(prefix="conformance-")


_NO_PART: Final = object()


class Spare(Generic[_P, _T]):
    """A process that does one part after another, as one of `in_processes`. One that has ended is replaced."""

    def __init__(
        self, work: Callable[[_P], _T], *, forked: bool = True, renewed: int | None = None
    ) -> None:
        self._work = work
        self._renewed = renewed
        self._workers: dict[Connection, BaseProcess] = {}
        self._folder = _folder()
        self._done = 0

    def do(self, part: _P) -> _T:
        """The result of a part; ProcessEnded, or what the work raised, where it has none."""
        try:
            if self._done == self._renewed:
                self._end()
            task = (self._work, _nothing, (), self._folder.name)
            connection = next(iter(self._workers), None) or _started(self._workers, task)
            _send(connection, part)
            result: _T = _received(connection)
        except BaseException:
            self._end()
            raise
        self._done += 1
        return result

    def close(self) -> None:
        """Ends the process."""
        self._end()
        self._folder.cleanup()

    def _end(self) -> None:
        _end(self._workers)
        self._workers.clear()
        self._done = 0


def _nothing() -> None:
    """What a forked process prepares."""


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


def _send(connection: Connection, part: Any) -> None:
    try:
        connection.send(part)
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
    work: Callable[[Any], _T],
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
            part = connection.recv()
        except (EOFError, OSError):
            return
        try:
            if not prepared:
                prepare(*arguments)
                prepared = True
            sent: tuple[Exception | None, _T | None] = (None, work(part))
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
