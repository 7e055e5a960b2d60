"""How a run is cut into parts for its processes."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from conformance.model import Case, Step
from conformance.runner import parts as parting
from conformance.runner.parts import MOST_CASES, costly, known_costs, parts, remember_costs


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


def test_known_costs_make_parts_of_so_many_seconds_the_longest_first() -> None:
    cases = [case("call")] * 100 + [case("fit")] * 5
    made = costly(cases, {"layers.Dense": 0.5, "layers.Dense traced": 9.0}, 10.0, 2)
    assert sorted(position for part in made for position in part) == list(range(105))
    took = [sum(9.0 if position >= 100 else 0.5 for position in part) for part in made]
    assert took == sorted(took, reverse=True)
    assert max(took) < 20.0
    assert sum(each < 10.0 for each in took) <= 1


def test_parts_are_shorter_where_many_do_them() -> None:
    cases = [case("call")] * 100
    assert len(costly(cases, {"layers.Dense": 1.0}, 10.0, 1)) == 10
    assert len(costly(cases, {"layers.Dense": 1.0}, 10.0, 5)) == 20
    assert len(costly(cases, {"layers.Other": 1.0}, 1000.0, 1)) == 4  # all take as long


def test_costs_are_kept_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONFORMANCE_CACHE", str(tmp_path))
    assert known_costs("impl eager") == {}
    cases = [*[case("call")] * 200, case("fit")]
    remember_costs("impl eager", cases, dict.fromkeys(range(100), 0.1))  # too few
    assert known_costs("impl eager") == {}
    remember_costs("impl eager", cases, dict.fromkeys(range(200), 0.25) | {200: 3.0})
    remember_costs("impl graph", cases[:200], dict.fromkeys(range(200), 1.0))
    assert known_costs("impl eager") == {"layers.Dense": 0.25, "layers.Dense traced": 3.0}
    assert known_costs("impl graph") == {"layers.Dense": 1.0}
    monkeypatch.setattr(parting, "_KEPT", 1)
    remember_costs("impl eager", cases[:200], dict.fromkeys(range(200), 0.5))
    assert known_costs("impl eager") == {"layers.Dense": 0.5, "layers.Dense traced": 3.0}
    assert known_costs("impl graph") == {}


@pytest.mark.parametrize(
    "damaged", ["", "[]", json.dumps({"x": [1]}), json.dumps({"x": {"a": []}})]
)
def test_damaged_costs_are_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damaged: str
) -> None:
    monkeypatch.setenv("CONFORMANCE_CACHE", str(tmp_path))
    (tmp_path / "costs.json").write_text(damaged)
    assert known_costs("x") == {}
    remember_costs("x", [case("call")] * 200, dict.fromkeys(range(200), 1.0))
    assert known_costs("x")["layers.Dense"] == 1.0
