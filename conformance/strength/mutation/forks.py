"""Work in forked processes, one for each item: what one does to itself, or leaves behind, no other sees.

The parent must have imported what the work needs, and computed nothing: TensorFlow's threads do not survive a fork.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Final, Generic, TypeAlias, TypeVar

from conformance.runner.processes import end_with_parent

_Item = TypeVar("_Item")
Send: TypeAlias = Callable[[Any], None]
# What a process may have of memory, in bytes: a mistake can make a loop that fills it.
_MEMORY: Final = 12 << 30


@dataclass(frozen=True, slots=True)
class Ended:
    """How the process of an item ended: it `finished`, or was killed for its silence, or died.

    `why`: the traceback of the exception that ended it.
    """

    finished: bool = True
    timed_out: bool = False
    why: str = ""


@dataclass(slots=True)
class _Running(Generic[_Item]):
    item: _Item
    process: BaseProcess
    deadline: float
    last: Any = None


def in_forks(
    jobs: int,
    items: Iterable[_Item],
    work: Callable[[_Item, Send], None],
    patience: Callable[[_Item, Any], float],
) -> Generator[tuple[_Item, Any], None, None]:
    """Calls `work(item, send)` for each item; gives what is sent as it comes, and how each item ended.

    `patience`: how many seconds an item, after what it has sent last (None before that), may be silent.
    """
    context = multiprocessing.get_context("fork")
    waiting = iter(items)
    running: dict[Connection, _Running[_Item]] = {}
    # AutoGraph writes files, and takes them away at an end that these processes do not come to.
    folder = tempfile.TemporaryDirectory(prefix="forks-")
    try:
        while True:
            for item in _some(waiting, jobs - len(running)):
                ours, theirs = context.Pipe(duplex=False)
                process = context.Process(
                    target=_serve, args=(theirs, work, item, folder.name), daemon=True
                )
                process.start()
                theirs.close()
                deadline = time.monotonic() + patience(item, None)
                running[ours] = _Running(item, process, deadline)
            if not running:
                return
            for ready in wait(list(running), _left(running)):
                assert isinstance(ready, Connection)
                each = running[ready]
                try:
                    each.last = ready.recv()
                except EOFError:
                    del running[ready]
                    ready.close()
                    each.process.join()
                    if not isinstance(each.last, Ended):
                        each.last = Ended(finished=each.process.exitcode == 0)
                    yield each.item, each.last
                    continue
                if isinstance(each.last, Ended):
                    continue  # until its pipe is closed
                each.deadline = time.monotonic() + patience(each.item, each.last)
                yield each.item, each.last
            for late in [c for c, r in running.items() if r.deadline < time.monotonic()]:
                each = running.pop(late)
                _kill(late, each.process)
                yield each.item, Ended(finished=False, timed_out=True)
    finally:
        for connection, each in running.items():
            _kill(connection, each.process)
        folder.cleanup()


def _some(waiting: Iterable[_Item], count: int) -> list[_Item]:
    return [item for _, item in zip(range(count), waiting, strict=False)]


def _left(running: dict[Connection, _Running[_Item]]) -> float:
    return max(min(each.deadline for each in running.values()) - time.monotonic(), 0.0) + 0.01


def _kill(connection: Connection, process: BaseProcess) -> None:
    process.kill()
    process.join()
    connection.close()


def _serve(
    theirs: Connection, work: Callable[[_Item, Send], None], item: _Item, folder: str
) -> None:
    tempfile.tempdir = folder
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what Ctrl-C means
    threading.Thread(target=end_with_parent, daemon=True).start()
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    try:
        work(item, theirs.send)
    except BaseException:
        theirs.send(Ended(finished=False, why=traceback.format_exc()))
    theirs.close()
    os._exit(0)  # without what TensorFlow does at the end, which takes longer than a mutant
