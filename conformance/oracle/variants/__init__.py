"""The definition of a case with one thing changed: what a subject computes that has this mistake.

Each variant is another case, whose truth is asked of the oracle as usual, with a clause that says what is different.
Modules: `arguments` (of every family), `constants` (epsilons, sums and means), `operands` (inputs and weights). An
answer that keeps to the truth of a variant, where the expected one does not, tells the mistake (`fits`). `computed` tells
what no variant does: of which dtype the errors are, and that the bias comes after the activation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from conformance.model import Array, Case, Outcome, Returned, Tensor
from conformance.oracle.bounded import Bounded
from conformance.oracle.truths import told
from conformance.oracle.variants import arguments, computed, constants, operands
from conformance.oracle.variants.variant import IMPOSSIBLE, Variant

__all__ = ["Variant", "computed", "fits", "variants"]


def variants(case: Case, dialect: str) -> Iterator[Variant]:
    """Every variant of a case; few have a meaning for most cases."""
    yield from constants.variants(case)
    yield from arguments.variants(case, dialect)
    yield from operands.variants(case)


def fits(
    variant: Variant, dialect: str, actual: Sequence[Outcome], expected: Sequence[Outcome]
) -> list[str]:
    """The names of the tensors that keep to the truth of a variant, and the expected ones do not.

    Empty where any tensor of the answer leaves it, or where the variant says nothing.
    """
    try:
        known = told(variant.case, dialect)[variant.before :]
    except IMPOSSIBLE:
        return []
    found: list[str] = []
    for got, wanted, truths in zip(actual, expected, known, strict=False):
        if not (isinstance(got, Returned) and isinstance(wanted, Returned)):
            continue
        for name, mine, value in _tensors(got, wanted):
            truth = truths.get(name)
            if truth is None:
                continue
            if not _keeps(mine, truth):
                return []
            if not _keeps(value, truth):
                found.append(name)
    return found


def _tensors(got: Returned, wanted: Returned) -> Iterator[tuple[str, Tensor, Tensor]]:
    for name, value in wanted.values.items():
        mine = got.values.get(name)
        if isinstance(mine, Tensor) and isinstance(value, Tensor):
            yield name, mine, value


def _keeps(given: Tensor, truth: Bounded) -> bool:
    """Whether all elements are within the error budget of a truth that says something of one of them."""
    values: Array = given.values()
    if tuple(given.shape) != truth.shape or values.dtype.kind not in "fiub":
        return False
    if not truth.value.size or np.isinf(truth.error).all():
        return False
    return bool((truth.headroom(given) <= 1).all())
