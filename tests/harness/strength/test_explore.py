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


class Enough(KeyboardInterrupt):
    """What was sought is found."""


def explored(planted: Planted, seed: int = 1) -> list[Discovery]:
    """The discoveries of a short exploration, up to the one that names the mistake."""
    lanes = asking.lanes(resolve(OFFICIAL[planted.dialect]))
    for lane in lanes:
        lane.traced = None
    limits = Limits(60.0, seed, planted.examples, (planted.target,))
    exploration = Exploration(lanes, (), (), limits)
    found: list[Discovery] = []

    def tell(each: Discovery) -> None:
        found.append(each)
        if names(planted, each):
            raise Enough

    exploration.run(tell, lambda done, total: None)
    return found


def names(planted: Planted, found: Discovery) -> bool:
    return found.failure.aspect in planted.aspects and (
        not planted.needs or planted.needs in found.cause.needs
    )


def plant(planted: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    keras = Keras(planted.dialect, planted.target)
    for path, value in planted.change(keras).items():
        owner, _, name = path.rpartition(".")
        monkeypatch.setattr(keras.member(owner), name, value)


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.name)
def test_a_planted_mistake_is_found(planted: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(planted, monkeypatch)
    found = explored(planted)
    assert found
    assert names(planted, found[-1])
    assert found[-1].failure.target == planted.target
    assert found[-1].fails_again
