"""Which expectations of the suite may explain what a subject makes of a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from conformance import expectations
from conformance.changes.deployed.results import Node, Status, Told
from conformance.changes.used import Model, is_relevant
from conformance.model import Case
from conformance.vectors import store

# What an error in a value shows as in the suite, and what a refusal does.
_ASPECTS: Final = {
    Status.OVER: ("value", "nonfinite", "shape", "dtype"),
    Status.RAISED: ("accepted",),
}
_MOST: Final = 3


def explained(told: Told, nodes: Sequence[Node], uses: Model) -> dict[str, list[tuple[str, str]]]:
    """By class that deviates, reasons and links of what the suite knows of it on this subject.

    An entry counts where it is about a case that asks about what the model uses.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    wrong = {(nodes[n].target, a.status) for n, a in told.layers.items() if a.status in _ASPECTS}
    if not wrong:
        return found
    entries = expectations.for_subject(told.subject, "eager", (), facts=told.provenance)
    for target, status in sorted(wrong):
        able = [e for e in entries if not e.unsupported and set(e.aspects) & set(_ASPECTS[status])]
        relevant = [case for case in _cases(target) if is_relevant(case, uses)] if able else []
        for each in able:
            listed = found.setdefault(target, [])
            reason = (each.reason, each.link)
            if reason in listed or len(listed) == _MOST:
                continue
            if any(each.covers(case.id) for case in relevant):
                listed.append(reason)
    return {target: listed for target, listed in found.items() if listed}


def _cases(target: str) -> list[Case]:
    """The cases of a class; none of a class that the suite does not have."""
    file = store.default_directory() / store.relative_path(target)
    return [entry.case for entry in store.load(file).cases] if file.is_file() else []
