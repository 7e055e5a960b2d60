"""Whatever is wrong with a regularizer, the run fails it, by the name of the class and the aspect."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest

from conformance.model import Verdict
from conformance.runner.report import Follow, Plan
from conformance.runner.run import run
from wrong import OFFICIAL, GoldenOf, failures, in_turn
from wrong.classes import Keras, namespace
from wrong.regularizers import CLASSES, MISTAKES, Mistake


@pytest.mark.parametrize("dialect", OFFICIAL)
def test_without_a_mistake_everything_passes(
    dialect: str, golden: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: it is the mistake that fails, not the namespace it is made in."""
    module = namespace(dialect, "regularizers")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    subject = f"module:{module.__name__}:{dialect}"
    report = run(
        Plan(
            (subject,),
            golden,
            select=("regularizers*",),
            strict=True,
            in_process=True,
            follow=Follow.OFFICIAL,
        )
    )
    assert failures(report) == {}
    assert report.exit_status() == 0


@pytest.mark.parametrize(("mistake", "dialect"), in_turn(MISTAKES))
def test_a_mistake_is_failed(
    mistake: Mistake, dialect: str, golden_of: GoldenOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    keras = Keras(dialect, "regularizers", mistake.target)
    changed = mistake.change(keras)
    in_class = mistake.target in CLASSES
    for name, value in changed.items() if in_class else ():
        monkeypatch.setattr(keras.cls, name, value)
    module = namespace(dialect, "regularizers", {} if in_class else changed)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    subject = f"module:{module.__name__}:{dialect}"
    report = run(
        Plan(
            (subject,),
            golden_of(mistake.select),
            select=mistake.select,
            in_process=True,
            follow=Follow.OFFICIAL,
        )
    )
    assert report.exit_status() == 1
    found = failures(report)
    target = f"regularizers.{mistake.target}"
    assert set(found) == {target}
    assert found[target] >= set(mistake.aspects)
    others = [result for result in report.results if result.target != target]
    assert others
    assert {result.verdict for result in others} == {Verdict.PASS}


def test_every_class_has_mistakes() -> None:
    by_class = Counter(mistake.target for mistake in MISTAKES)
    assert all(by_class[name] >= 5 for name in CLASSES if name != "Regularizer")
    assert {"get", "serialize", "deserialize"} <= by_class.keys()
    names = [(mistake.target, mistake.name, d) for mistake in MISTAKES for d in mistake.dialects]
    assert len(set(names)) == len(names)
