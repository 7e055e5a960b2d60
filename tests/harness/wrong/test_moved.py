"""Golden answers, of which one tensor is another: whatever it is, and however it is judged, that is failed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from conformance import oracle
from conformance.judge.compare import compare
from conformance.judge.documented import Permitted
from conformance.model import (
    EPSILON,
    LEAST_NORMAL,
    Alternative,
    Array,
    Case,
    Outcome,
    Raised,
    Returned,
    Tensor,
    Verdict,
)
from conformance.vectors.store import GoldenCase, load_all

# Every so many cases are asked, beside those that permit more than the answer of official Keras.
EVERY: Final = 17
WRONG: Final = frozenset({Verdict.FAIL, Verdict.MISSING})


def largest_halved(x: Array) -> Array:
    """The largest element halved."""
    moved = x.copy()
    moved.reshape(-1)[np.argmax(np.where(np.isfinite(x), np.abs(x), -1.0))] /= 2
    return moved


MOVES: Final[Mapping[str, Callable[[Array], Array]]] = {
    "negated": lambda x: -x,
    "zeros": lambda x: x * 0,
    "doubled": lambda x: x * 2,
    "one element halved": largest_halved,
}


def moved(tensor: Tensor, move: Callable[[Array], Array]) -> Tensor | None:
    """The tensor moved; None where that leaves it as it is, or no larger than what may be flushed."""
    x = tensor.values().astype(np.float64)
    with np.errstate(all="ignore"):
        other = move(x) if x.size else x
        far = np.abs(other - x) >= 2 * LEAST_NORMAL[tensor.dtype]
        far &= np.abs(x) >= LEAST_NORMAL[tensor.dtype]
        return Tensor.of(other, tensor.dtype) if far.any() else None


def with_nan(tensor: Tensor) -> Tensor | None:
    """The first number that is finite, no number."""
    x = tensor.values().astype(np.float64).reshape(-1)
    if not np.isfinite(x).any():
        return None
    x[np.argmax(np.isfinite(x))] = np.nan
    return Tensor.of(x.reshape(tensor.shape), tensor.dtype)


def in_another_dtype(tensor: Tensor) -> Tensor:
    """In one that lacks some of its numbers."""
    others = {"float64": "float32", "float32": "bfloat16", "bfloat16": "float16"}
    return Tensor.of(tensor.values(), others.get(tensor.dtype, "bfloat16"))


def with_another_axis(tensor: Tensor) -> Tensor:
    return Tensor.of(tensor.values()[None], tensor.dtype)


FORMS: Final[Mapping[str, Callable[[Tensor], Tensor | None]]] = {
    **{name: partial(moved, move=move) for name, move in MOVES.items()},
    "with a NaN": with_nan,
    "in another dtype": in_another_dtype,
    "with another axis": with_another_axis,
}


@pytest.fixture(scope="module")
def asked(golden: Path) -> Sequence[GoldenCase]:
    entries = [entry for file in load_all(golden) for entry in file.cases]
    return [e for n, e in enumerate(entries) if e.alternatives or n % EVERY == 0]


def answered(
    case: Case, dialect: str, expected: Sequence[Outcome], alternatives: Sequence[Alternative]
) -> list[Outcome]:
    """The golden answer; where official Keras raises, that of the truth, if a subject may give it."""
    given = {a.step: a.returned for a in alternatives if a.returned is not None}
    if isinstance(expected[-1], Returned):
        return [*expected]
    made = [*expected[:-1]]
    told = oracle.told(case, dialect) if given else []
    for step in range(len(made), len(told)):
        near = given.get(step, {})
        made.append(
            Returned(
                {
                    name: Tensor.of(np.array(near[name].data).reshape(truth.shape), truth.dtype)
                    for name, truth in told[step].items()
                    if name in near
                }
            )
        )
    return made


def tensors(outcomes: Sequence[Outcome]) -> Iterator[tuple[int, str, Tensor]]:
    for step, outcome in enumerate(outcomes):
        values = outcome.values if isinstance(outcome, Returned) else {}
        for name, value in values.items():
            if isinstance(value, Tensor) and value.dtype in EPSILON and name != "sample":
                yield step, name, value


@pytest.mark.parametrize("half", [0, 1])
def test_a_golden_answer_that_is_moved_is_failed(half: int, asked: Sequence[GoldenCase]) -> None:
    """In every form, case by case: the truth of a case is computed once for all of them."""
    passed, counts = [], dict.fromkeys(FORMS, 0)
    for entry in asked[half::2]:
        case = entry.case
        for dialect, expected in entry.expected.items():
            permitted = entry.alternatives.get(dialect, ())
            right = answered(case, dialect, expected, permitted)
            for name in FORMS:
                if FORMS[name] is in_another_dtype and open_dtype(case, expected):
                    continue
                for step, tensor_name, tensor in tensors(right):
                    if is_rounding(tensor):
                        continue
                    other = FORMS[name](tensor)
                    if other is None or true(other, permitted, step, tensor_name):
                        continue
                    if name == "one element halved" and "overflow" in case.flags:
                        continue  # nothing can be said of an element that may have overflowed on the way
                    values = {**right[step].values, tensor_name: other}  # type: ignore[union-attr]
                    wrong = [*right[:step], Returned(values), *right[step + 1 :]]
                    counts[name] += 1
                    if not failed(entry, dialect, wrong):
                        passed.append((name, case.id, dialect, tensor_name))
    assert min(counts.values()) > 300
    assert passed == []


def is_rounding(tensor: Tensor) -> bool:
    """Whether a tensor is what rounding leaves of zeros, as at the ends of a window."""
    return 0 < np.abs(tensor.values()).max(initial=0.0) < 1e-15


def true(tensor: Tensor, permitted: Sequence[Alternative], step: int, name: str) -> bool:
    """Whether a moved tensor is the very truth, which official Keras was far from."""
    near = [a.returned[name] for a in permitted if a.step == step and name in (a.returned or {})]
    return any(np.array_equal(each.data, tensor.values().reshape(-1)) for each in near)


def open_dtype(case: Case, expected: Sequence[Outcome]) -> bool:
    """Whether nobody says which dtype an answer has: official Keras gives none, nor has the input a float one."""
    return isinstance(expected[-1], Raised) and Permitted(flags=case.flags).retyped


def failed(entry: GoldenCase, dialect: str, answer: Sequence[Outcome]) -> bool:
    """Whether an answer is failed, where the documentation is followed."""
    case, expected = entry.case, entry.expected[dialect]
    permitted = Permitted(
        truths=lambda: oracle.known(case, dialect, answer, expected),
        alternatives=entry.alternatives.get(dialect, ()),
        followed=True,
        flags=case.flags,
    )
    found = compare(
        answer,
        expected,
        case.tolerance,
        budgets=lambda: oracle.budgets(case, dialect, expected, case.tolerance),
        permitted=permitted,
    )
    # What no truth judges is left open, and does not count as right.
    return any(c.verdict in {*WRONG, Verdict.UNSUPPORTED} for c in found)
