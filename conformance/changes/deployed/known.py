"""Which expectations of the suite may explain what a subject makes of a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from conformance import expectations
from conformance.changes.deployed.results import Node, Status, Told
from conformance.model import patterns

# What an error in a value shows as in the suite, and what a refusal does.
_ASPECTS: Final = {Status.OVER: ("value", "nonfinite", "shape", "dtype"), Status.RAISED: ("accepted",)}
_MOST: Final = 3


def explained(told: Told, nodes: Sequence[Node]) -> dict[str, list[tuple[str, str]]]:
    """By class that deviates, reasons and links of what the suite knows of it on this subject."""
    found: dict[str, list[tuple[str, str]]] = {}
    wrong = {(nodes[n].target, a.status) for n, a in told.layers.items() if a.status in _ASPECTS}
    if not wrong:
        return found
    entries = expectations.for_subject(told.subject, "eager", (), facts=told.provenance)
    for target, status in sorted(wrong):
        for each in entries:
            about = any(patterns.covers(pattern, f"{target}/{_rest(pattern)}") for pattern in each.cases)
            listed = found.setdefault(target, [])
            reason = (each.reason, each.link)
            if (
                about
                and not each.unsupported
                and set(each.aspects) & set(_ASPECTS[status])
                and reason not in listed
                and len(listed) < _MOST
            ):
                listed.append(reason)
    return {target: listed for target, listed in found.items() if listed}


def _rest(pattern: str) -> str:
    return pattern.partition("/")[2]
