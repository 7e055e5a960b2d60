"""Cases that end the process: what is like them, and who it is that ends it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from conformance.model import Case, Fault
from conformance.strength.explore import traits
from conformance.strength.explore.names import digest
from conformance.strength.mutation import forks
from conformance.subjects import forkable
from conformance.subjects.namespace import NamespaceSubject

if TYPE_CHECKING:
    from conformance.strength.explore.asking import Lane

# How many seconds a case may take that is asked for this alone.
_PATIENCE: Final = 60.0


def key(case: Case) -> str:
    """What a case has in common with those that end the process as it does: its class and what it needs.

    A case that needs nothing special is like none but itself.
    """
    needs = traits.general(traits.of(case))
    return f"{case.target} {', '.join(sorted(needs)) or digest(case)}"


def of(lane: Lane, case: Case) -> Fault:
    """Whose process ends where a case is asked of it alone; UNKNOWN where nobody's does, or none may be forked."""
    asked: dict[Fault, tuple[Callable[[Case], Any], ...]]
    if lane.official is None:
        asked = {Fault.OFFICIAL: (lane.subject.answer, lane.failures)}
        parties: list[Any] = [lane.subject, lane.traced]
    else:
        asked = {Fault.OFFICIAL: (lane.official.answer,), Fault.SUBJECT: (lane.subject.answer,)}
        parties = [lane.official, lane.subject]
    here = [each for each in parties if isinstance(each, NamespaceSubject)]
    if not forkable(here):
        return Fault.UNKNOWN
    if len(here) < len(parties):
        asked.pop(Fault.SUBJECT, None)  # one with a process of its own says itself that it ended
    ending = [fault for fault, asks in asked.items() if any(_ends(ask, case) for ask in asks)]
    return Fault.BOTH if len(ending) > 1 else ending[0] if ending else Fault.UNKNOWN


def _ends(ask: Callable[[Case], Any], case: Case) -> bool:
    def work(_: int, send: forks.Send) -> None:
        ask(case)

    ended = [said for _, said in forks.in_forks(1, [0], work, lambda *_: _PATIENCE)]
    return not all(isinstance(said, forks.Ended) and said.finished for said in ended)
