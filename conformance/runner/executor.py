"""Who does the parts of a piece of work: processes of this machine, or the workers of a cluster.

What is done in parts says so as a `Task`. An `Executor` gives the results in the order in which they are finished;
who closes its generator gives up the rest. Without a cluster it is `Processes`; see `executor_dask` for the other.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from conformance.model.errors import ConformanceError
from conformance.runner.processes import in_processes

_P = TypeVar("_P")
_T = TypeVar("_T")


class ClusterGone(ConformanceError):
    """The cluster cannot do the rest. What was finished until then counts."""


@dataclass(frozen=True)
class Task(Generic[_P, _T]):
    """A piece of work that is done in parts, each of which can be done anywhere, and twice.

    Attributes:
        kind: what a worker of a cluster knows it by.
        asked: what such a worker makes it of: plain values, and records that `executor_wire` knows.
        golden: the directory of the golden files.
        work: does a part in a process that is prepared: `prepare(*arguments)` was called there.
        forked: whether such a process begins with all that this one has imported and read.
        renewed: after how many parts a process is replaced by a new one.
        facts: by subject, its provenance here: who has other versions does no part.
        sent, taken: what of a part goes to a worker, when it goes; and what becomes of its answer here.

    """

    kind: str
    asked: Any
    golden: Path
    work: Callable[[_P], _T]
    prepare: Callable[..., None]
    arguments: tuple[Any, ...] = ()
    forked: bool = False
    renewed: int | None = None
    facts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    sent: Callable[[_P], Any] = lambda part: part
    taken: Callable[[Any], _T] = lambda answer: answer


@dataclass(frozen=True)
class Served:
    """A task as a worker has it.

    Attributes:
        answer: does what `Task.sent` gave of a part, for `Task.taken`.
        again: whether a part that has ended its process is to go on in another one.
        close: called when there are no more parts.

    """

    answer: Callable[[Any], Any]
    forked: bool = False
    renewed: int | None = None
    facts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    again: Callable[[Any], bool] = lambda part: False
    close: Callable[[], None] = lambda: None


class Executor(Protocol):
    """Does the parts of tasks."""

    @property
    def width(self) -> int:
        """How many parts it does at once."""
        ...

    @property
    def seconds(self) -> float | None:
        """How long a part should take, where that is known of its cases; None: it does not matter."""
        ...

    def results(self, task: Task[_P, _T], parts: Iterable[_P]) -> Generator[_T, None, None]:
        """The results of the parts as they are finished, in any order. Parts are taken when somebody is free.

        ProcessEnded where a part ended its process, ClusterGone where nobody is left to do the rest.
        """
        ...


@dataclass(frozen=True)
class Processes:
    """New processes of this machine, so many at once."""

    width: int
    seconds: float | None = None

    def results(self, task: Task[_P, _T], parts: Iterable[_P]) -> Generator[_T, None, None]:
        """See `Executor`."""
        return in_processes(
            self.width,
            task.work,
            parts,
            task.prepare,
            task.arguments,
            forked=task.forked,
            renewed=task.renewed,
        )
