"""`explore`: planted mistakes are found and named; causes are told once; what is saved can be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.model import EPSILON
from conformance.strength.explore import asking
from conformance.strength.explore.exploring import Exploration, Limits
from conformance.strength.explore.state import Discovery
from conformance.subjects import resolve
from strength.planted import PLANTED, Planted
from wrong import OFFICIAL
from wrong.pairs.making import Keras


def explored(planted: Planted, seed: int = 1) -> list[Discovery]:
    subjects = resolve(OFFICIAL[planted.dialect])
    lanes = asking.lanes(subjects)
    for lane in lanes:
        lane.traced = None
    limits = Limits(300.0, seed, planted.examples, (planted.select or planted.target,))
    exploration = Exploration(lanes, (), (), limits)
    found: list[Discovery] = []
    exploration.run(found.append, lambda done, total: None)
    return found


def plant(planted: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    keras = Keras(planted.dialect, planted.target)
    for path, value in planted.change(keras).items():
        owner, _, name = path.rpartition(".")
        monkeypatch.setattr(keras.member(owner), name, value)


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.name)
def test_a_planted_mistake_is_found(planted: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(planted, monkeypatch)
    found = explored(planted)
    named = [each for each in found if each.failure.aspect in planted.aspects]
    assert named
    assert {each.failure.target for each in named} == {planted.target}
    assert any(not planted.needs or planted.needs in each.cause.needs for each in named)
    assert all(each.fails_again for each in named)
