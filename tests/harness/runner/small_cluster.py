"""A Dask scheduler and two workers, each a process, as `dask scheduler` and `dask worker` start them.

One import serves the three: it costs more than all that they do. Prints the address and the ids of the processes, and
ends them when its input ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Coroutine
from typing import Any

import distributed


async def schedule(told: int) -> None:
    async with distributed.Scheduler(host="127.0.0.1", port=0, dashboard=False) as scheduler:
        os.write(told, scheduler.address.encode())
        os.close(told)
        await scheduler.finished()


async def work(address: str) -> None:
    async with distributed.Worker(address, nthreads=1, dashboard=False) as worker:
        await worker.finished()


def forked(role: Coroutine[Any, Any, None]) -> int:
    pid = os.fork()
    if pid:
        role.close()
        return pid
    os.close(0)
    asyncio.run(role)
    os._exit(0)


def main() -> None:
    logging.disable(logging.CRITICAL)
    ours, theirs = os.pipe()
    pids = [forked(schedule(theirs))]
    known = os.read(ours, 200).decode()
    pids += [forked(work(known)) for _ in range(2)]
    print(known, *pids, flush=True)
    sys.stdin.read()
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
