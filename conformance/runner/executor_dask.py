"""The workers of a Dask cluster as those who do the parts (`--scheduler`).

Dask brings each part to a worker, and to another one when that dies. What it is told is text: see `executor_wire`.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import logging
import queue
import time
from collections.abc import Generator, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError
from typing import Any, Final, TypeVar

from conformance.model.errors import SubjectGone, UsageError
from conformance.runner import executor_serving, executor_worker
from conformance.runner.executor import ClusterGone, Task
from conformance.runner.executor_serving import Kind
from conformance.runner.processes import ProcessEnded

_P = TypeVar("_P")
_T = TypeVar("_T")
# Seconds that the scheduler may take to answer, that it may be without any worker, and between two looks at it.
_CONNECT: Final = 10.0
_NOBODY: Final = 60.0
_LOOK: Final = 1.0
# Seconds that a part should take: what a worker that dies loses.
_PART: Final = 10.0
# How many times more a part goes to a worker where its program ended. (Of workers that die Dask allows three.)
_RETRIES: Final = 2
# Of how many parts for each thread of a worker the cluster knows: one is done, one waits.
_AHEAD: Final = 2


class Cluster:
    """An `Executor`: the workers that a Dask scheduler has, whoever comes and goes."""

    seconds: float | None = _PART

    def __init__(self, address: str, client: Any, kinds: Mapping[str, Kind]) -> None:
        self._address = address
        self._client = client
        self._kinds = kinds
        self._looked = self._seen = time.monotonic()
        self.width = self._threads()

    def _threads(self) -> int:
        workers = self._client.scheduler_info(n_workers=-1)["workers"]
        return sum(each["nthreads"] for each in workers.values())

    def results(self, task: Task[_P, _T], parts: Iterable[_P]) -> Generator[_T, None, None]:
        """See `Executor`. UsageError, before anything is done, where a worker has other code or other goldens."""
        wire = self._kinds[task.kind].wire
        job = executor_serving.job(task.kind, wire.dumps(task.asked), task.golden, task.facts)
        self._greet(job)
        waiting = iter(parts)
        pending: dict[str, Any] = {}
        done: queue.SimpleQueue[Any] = queue.SimpleQueue()
        try:
            while True:
                for part in self._some(waiting, len(pending)):
                    told = wire.dumps(task.sent(part))
                    with self._speaking():
                        future = self._client.submit(
                            executor_worker.do, job, told, pure=False, retries=_RETRIES
                        )
                    pending[future.key] = future
                    future.add_done_callback(done.put)
                if not pending:
                    return
                self._look()
                with contextlib.suppress(queue.Empty):
                    future = done.get(timeout=_LOOK)
                    del pending[future.key]
                    yield task.taken(wire.loads(self._answer(future)))
        finally:
            with contextlib.suppress(Exception):  # the scheduler may be gone
                self._client.cancel(list(pending.values()), force=True)

    def _some(self, waiting: Iterator[_P], held: int) -> list[_P]:
        most = max(_AHEAD * self.width, 1)
        return [part for _, part in zip(range(most - held), waiting, strict=False)]

    def _greet(self, job: str) -> None:
        """UsageError where a worker would refuse the parts; it is one that is there now."""
        self._wait_for_workers()
        said = self._client.run(executor_worker.refusal, job, on_error="return")
        for worker, refused in said.items():
            if isinstance(refused, ImportError):
                raise UsageError(
                    f"--scheduler {self._address}: the worker {worker} must have keras-conformance installed; "
                    f"it says: {refused}"
                )
            if isinstance(refused, BaseException):
                continue  # it left, or will say so when it has a part
            if refused:
                raise UsageError(f"--scheduler {self._address}: the worker {worker} {refused}")

    def _wait_for_workers(self) -> None:
        started = time.monotonic()
        while not (threads := self._threads()):
            if time.monotonic() - started > _NOBODY:
                raise UsageError(
                    f"--scheduler {self._address} must have workers (`dask worker {self._address}`); "
                    f"there was none for {_NOBODY:.0f} seconds"
                )
            time.sleep(_LOOK / 10)
        self.width = threads
        self._seen = time.monotonic()

    def _look(self) -> None:
        """Now and then: who is there? ClusterGone where nobody is for long."""
        now = time.monotonic()
        if now - self._looked < _LOOK:
            return
        self._looked = now
        with self._speaking():
            self.width = self._threads()
        if self.width:
            self._seen = now
        elif now - self._seen > _NOBODY:
            raise ClusterGone(
                f"the scheduler {self._address} has had no worker for {_NOBODY:.0f} seconds"
            )

    @contextlib.contextmanager
    def _speaking(self) -> Iterator[None]:
        """What Dask says when nobody answers is that the scheduler is gone."""
        try:
            yield
        except (OSError, RuntimeError, CancelledError) as error:
            raise ClusterGone(f"the scheduler {self._address} is gone") from error

    def _answer(self, future: Any) -> str:
        """The result of a part as its wire wrote it."""
        if future.status == "error":
            with self._speaking():
                error = future.exception()
            if isinstance(error, ImportError):
                raise ClusterGone(
                    f"a worker of {self._address} must have keras-conformance: {error}"
                )
            if type(error).__name__ == "KilledWorker":
                raise ClusterGone("a part ended worker after worker of the cluster")
            raise ProcessEnded(str(error))
        with self._speaking():
            answer = future.result()
        said = json.loads(answer)
        if "refused" in said:
            raise ClusterGone(f"a worker of {self._address} {said['refused']}")
        if "ended" in said:
            raise ProcessEnded
        if "gone" in said:
            raise SubjectGone(said["gone"])
        if "error" in said:
            raise RuntimeError(f"a worker failed:\n{said['error']}")
        return str(said["result"])


@contextlib.contextmanager
def cluster(address: str, kinds: Mapping[str, Kind]) -> Iterator[Cluster]:
    """The cluster of a scheduler; UsageError where there is none at this address."""
    if importlib.util.find_spec("distributed") is None:
        raise UsageError(
            "--scheduler must have the package distributed, which the extra `cluster` of this distribution "
            "installs; it is not installed"
        )
    import distributed

    _silence()
    try:
        client = distributed.Client(
            address, timeout=_CONNECT, set_as_default=False, name="conformance"
        )
    except (OSError, ValueError, TypeError) as error:
        told = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UsageError(
            f"--scheduler must be the address of a Dask scheduler that answers, as tcp://host:8786; "
            f"received {address!r} ({told})"
        ) from error
    try:
        yield Cluster(address, client, kinds)
    finally:
        with contextlib.suppress(Exception):
            client.close(timeout=2)


def _silence() -> None:
    """What Dask logs of connections that end is told in one sentence here."""
    for name in [
        each for each in logging.root.manager.loggerDict if each.startswith("distributed")
    ]:
        logger = logging.getLogger(name)
        logger.handlers[:] = [logging.NullHandler()]
        logger.propagate = False
