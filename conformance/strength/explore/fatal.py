"""Cases that end the process: what is like them, and who it is that ends it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from conformance.model import Case, Fault
from conformance.strength.explore import traits
from conformance.strength.explore.names import digest
from conformance.strength.mutation import forks
from conformance.subjects import Subject, forkable

Ask: TypeAlias = Callable[[Case], Any]
# How many seconds a case may take that is asked for this alone.
_PATIENCE: Final = 60.0


def key(case: Case) -> str:
    """What a case has in common with those that end the process as it does: its class and what it needs.

    A case that needs nothing special is like none but itself.
    """
    needs = traits.general(traits.of(case))
    return f"{case.target} {', '.join(sorted(needs)) or digest(case)}"


def whose(asks: Mapping[Fault, Sequence[Ask]], subjects: Iterable[Subject], case: Case) -> Fault:
    """Whose process ends where a case is asked alone, by what is asked of whom; UNKNOWN where nobody's does.

    UNKNOWN, too, where no process may be forked that has these subjects. One with a process of its own says itself
    that it ended, and is not asked.
    """
    if not forkable(subjects):
        return Fault.UNKNOWN
    ending = [fault for fault, asked in asks.items() if any(_ends(ask, case) for ask in asked)]
    return Fault.BOTH if len(ending) > 1 else ending[0] if ending else Fault.UNKNOWN


def _ends(ask: Ask, case: Case) -> bool:
    def work(_: int, send: forks.Send) -> None:
        ask(case)

    ended = [said for _, said in forks.in_forks(1, [0], work, lambda *_: _PATIENCE)]
    return not all(isinstance(said, forks.Ended) and said.finished for said in ended)
