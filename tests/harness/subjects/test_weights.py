"""`trained` of the step `weights`: of layers that make new objects at each access, right ones and wrong ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conformance.model import Verdict
from conformance.runner.report import Plan
from conformance.runner.run import run
from conformance.subjects.tensors import observe_plain
from conformance.subjects.weights import trained

# A layer on NumPy that wraps its arrays anew whenever its weights are asked for.
FOREIGN = """
from types import SimpleNamespace

import numpy as np

conformance_tensors = "numpy"


class Weight(np.ndarray):
    pass


def wrapped(array, name, trainable):
    weight = array.view(Weight)
    weight.name, weight.trainable = name, trainable
    return weight


class Conv2D:
    def __init__(self, filters, kernel_size, use_bias=True, trainable=True, name=None):
        self.filters, self.kernel_size, self.use_bias = filters, kernel_size, use_bias
        self.trainable = trainable

    def build(self, shape):
        sizes = (*self.kernel_size, shape[-1], self.filters)
        self.held = {{"kernel": np.ones(sizes, np.float32)}}
        if self.use_bias:
            self.held["bias"] = np.zeros(self.filters, np.float32)

    @property
    def weights(self):
        return [wrapped(array, name, self.trainable) for name, array in self.held.items()]

    @property
    def trainable_weights(self):
        return {trainable}


layers = SimpleNamespace(Conv2D=Conv2D)
"""
RIGHT = "self.weights if self.trainable else []"
WRONG = {
    "none": "[]",
    "all, frozen or not": "self.weights",
    "not the first": f"({RIGHT})[1:]",
    "another one": f"[*({RIGHT}), *(wrapped(w + 1, w.name, True) for w in ({RIGHT})[:1])]",
}
SELECT = tuple(
    f"layers.Conv2D/weights/{detail}"
    for detail in ("defaults", "use_bias=False", "trainable=False")
)


@pytest.fixture
def aspects(tmp_path: Path, golden: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Runs the layer with these trained weights; gives the verdicts of its weights."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def ask(trainable: str) -> set[Verdict]:
        (tmp_path / "fresh.py").write_text(FOREIGN.format(trainable=trainable))
        report = run(Plan(("module:fresh:keras3",), golden, select=SELECT))
        found = [r for r in report.results if r.aspect in ("accepted", "weights")]
        assert len(found) == 2 * len(SELECT)
        assert {r.verdict for r in found if r.aspect == "accepted"} == {Verdict.PASS}
        return {r.verdict for r in found if r.aspect == "weights"}

    return ask


def test_a_layer_may_make_new_objects_at_each_access(aspects: Callable[..., Any]) -> None:
    assert aspects(RIGHT) == {Verdict.PASS}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_not_trained_is_failed_all_the_same(name: str, aspects: Callable[..., Any]) -> None:
    assert Verdict.FAIL in aspects(WRONG[name])


@dataclass(eq=False)
class Weight:
    """A weight that is nothing but its name and value."""

    name: str
    value: float = 0.0
    trainable: bool = True


def value_of(weight: Any) -> Any:
    return observe_plain(np.float32(weight.value))


def test_identity_decides_first() -> None:
    one, other = Weight("w"), Weight("w")
    assert trained([one, other], [other], value_of) == ([False, True], [])


def test_of_new_objects_name_and_value_decide_then_what_they_say() -> None:
    def fresh() -> list[Weight]:
        return [Weight("w", 1.0), Weight("w", 2.0), Weight("b", 2.0)]

    assert trained(fresh(), fresh()[1:2], value_of) == ([False, True, False], [])
    assert trained(fresh(), fresh()[2:], value_of) == ([False, False, True], [])
    frozen = [Weight("w", trainable=False), Weight("w")]
    assert trained(frozen, [Weight("w")], value_of) == ([False, True], [])
    alien = Weight("x")
    assert trained(fresh(), [alien], value_of) == ([False, False, False], [alien])
