"""How a run is cut into parts for its processes."""

from __future__ import annotations

import random

from conformance.model import Case, Step
from conformance.runner.parts import MOST_CASES, parts


def case(*does: str) -> Case:
    return Case("layers.Dense/x", "layers.Dense", steps=tuple(Step(do) for do in does))


CASES = [
    case("call"),
    case("fit"),
    *[case("build", "call")] * 120,
    case(*["fit"] * 9),
    case("call"),
]


def test_every_position_is_in_one_part() -> None:
    order = list(range(len(CASES)))
    for resorted in (True, False):
        made = parts(CASES, order, resorted=resorted)
        assert sorted(position for part in made for position in part) == order
        assert all(0 < len(part) <= MOST_CASES for part in made)


def test_cases_that_train_come_first_in_small_parts() -> None:
    first, second, third, *_ = parts(CASES, range(len(CASES)), resorted=True)
    assert first == [1]  # the next one trains nine times, and has a part of its own
    assert second == [122]
    assert third == [0, *range(2, 51)]


def test_a_random_order_stays() -> None:
    order = list(range(len(CASES)))
    random.Random(7).shuffle(order)
    made = parts(CASES, order, resorted=False)
    assert [position for part in made for position in part] == order


def test_nothing_makes_no_parts() -> None:
    assert parts([], [], resorted=True) == []
