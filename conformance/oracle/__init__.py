"""A truth of its own for every case: the definition in float64, and how far rounding may lead.

Written from the documents, with NumPy and SciPy, sharing no code with any implementation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from conformance.model import Budget, Case, Outcome, Returned, Tensor
from conformance.oracle.bounded import Bounded

__all__ = ["Bounded", "Truth", "Unknown", "budgets", "truths"]


@dataclass(frozen=True, slots=True)
class Unknown:
    """Why the oracle has no value for a tensor, in one clause that a reader can act on."""

    reason: str


Truth: TypeAlias = Bounded | Unknown


class Oracle(Protocol):
    """What a family's module offers."""

    def answer(self, case: Case, dialect: str) -> Sequence[Mapping[str, Truth]] | Unknown:
        """For each step, the tensors that it gives, by the names that outcomes use.

        `Unknown` where nothing can be said of the whole case.
        """
        ...


def truths(case: Case, dialect: str, expected: Sequence[Outcome]) -> list[dict[str, Truth]]:
    """For each expected outcome, the truth of each tensor in it (none for other values)."""
    known = _family(case).answer(case, dialect)
    made: list[dict[str, Truth]] = []
    for step, outcome in enumerate(expected):
        values = outcome.values if isinstance(outcome, Returned) else {}
        here: Mapping[str, Truth] = {}
        if not isinstance(known, Unknown) and step < len(known):
            here = known[step]
        missing = known if isinstance(known, Unknown) else Unknown("the oracle does not answer it")
        made.append({n: here.get(n, missing) for n, v in values.items() if isinstance(v, Tensor)})
    return made


def budgets(case: Case, dialect: str, expected: Sequence[Outcome]) -> list[dict[str, Budget]]:
    """The truths that are known, as what judges a value of the shape that is expected."""
    known: list[dict[str, Budget]] = []
    for outcome, step in zip(expected, truths(case, dialect, expected), strict=True):
        shapes = {
            name: value.shape
            for name, value in (outcome.values if isinstance(outcome, Returned) else {}).items()
            if isinstance(value, Tensor)
        }
        known.append(
            {
                name: truth
                for name, truth in step.items()
                if isinstance(truth, Bounded) and truth.shape == shapes[name]
            }
        )
    return known


def _family(case: Case) -> Oracle:
    from conformance.oracle import constraints, initializers, layers, regularizers

    families: Mapping[str, Oracle] = {
        "constraints": constraints,
        "initializers": initializers,
        "regularizers": regularizers,
        "layers": layers,
        "models": layers,
    }
    return families[case.family]
