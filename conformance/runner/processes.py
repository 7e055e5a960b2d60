"""Does work in parts, in several processes. Ctrl-C ends it, and no process is left behind."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import Any, TypeAlias, TypeVar

_T = TypeVar("_T")
# Called with the number of parts that are done, and of all parts.
Progress: TypeAlias = Callable[[int, int], None]


def no_progress(done: int, total: int) -> None:
    """Shows nothing."""


def in_processes(
    jobs: int,
    work: Callable[[int], _T],
    starts: Sequence[int],
    prepare: Callable[..., None],
    arguments: tuple[Any, ...],
) -> Iterator[_T]:
    """Calls `work(start)` for each start, in new processes; `prepare(*arguments)` runs first in each.

    The results come as they are finished, in any order. Ctrl-C reaches the caller alone, which ends the
    processes.
    """
    pool = ProcessPoolExecutor(
        min(jobs, max(1, len(starts))),
        # Spawned, not forked: TensorFlow's threads do not survive a fork.
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_undisturbed,
        initargs=(prepare, arguments),
    )
    try:
        for future in as_completed([pool.submit(work, start) for start in starts]):
            yield future.result()
    finally:
        _stop(pool)


def _undisturbed(prepare: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    # Ctrl-C reaches the whole process group; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    prepare(*arguments)


def _end_with_parent() -> None:
    """Ends this process when its parent has been killed; nothing else would end it."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _stop(pool: ProcessPoolExecutor) -> None:
    """Ends the workers at once; a plain shutdown would wait for the parts that they work on."""
    workers = list((pool._processes or {}).values())
    for worker in workers:
        worker.terminate()
    pool.shutdown(wait=True, cancel_futures=True)
