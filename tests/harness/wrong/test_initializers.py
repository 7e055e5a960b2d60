"""A wrong initializer is failed by name, in official Keras and in a subject with other numbers."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from harness import PLAIN

import wrong
from conformance.model import Verdict
from conformance.runner.report import Plan, Report
from conformance.runner.run import run
from conformance.vectors.store import load_all
from wrong import OFFICIAL, GoldenOf, parameters
from wrong.initializers import CONTROLS, MISTAKES
from wrong.initializers.making import (
    FUNCTIONS,
    NUMPY,
    PACKAGES,
    Change,
    Library,
    Mistake,
    namespace,
    selected,
)

Make = Callable[[str, str, Change], str]
GROUPS = ("rank", "dtype", "seed", "generator", "repeats", "config", "roundtrip", "object")
RANDOM_GROUPS = ("rank", "empty", "seed", "generator", "repeats", "fan", "distribution", "sample")


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Make:
    """A library with a change at one target, as a subject; undone after the test."""

    def made(name: str, target: str, change: Change) -> str:
        library = Library(name, target)
        changed = change(library)
        in_class = target not in FUNCTIONS
        for attribute, value in changed.items() if in_class else ():
            monkeypatch.setattr(library.cls, attribute, value, raising=False)
        module = namespace(library, {} if in_class else changed)
        monkeypatch.setitem(sys.modules, module.__name__, module)
        return f"module:{module.__name__}:{library.dialect}"

    return made


@pytest.fixture(scope="session")
def differences(golden: Path) -> set[tuple[str, str]]:
    """The cases and aspects in which the NumPy subject fails without a mistake."""
    report = run(Plan((PLAIN,), golden, select=("initializers*",)))
    return {(r.id, r.aspect) for r in report.results if r.verdict is Verdict.FAIL}


def failures(report: Report, known: set[tuple[str, str]]) -> dict[str, set[str]]:
    """The aspects that failed, by target, without those that fail anyhow."""
    kept = [r for r in report.results if (r.id, r.aspect) not in known]
    return wrong.failures(replace(report, results=kept))


@pytest.mark.parametrize("name", OFFICIAL)
def test_without_a_mistake_everything_passes(name: str, make: Make, golden: Path) -> None:
    """The control: of every group but samples, in which official takes half a minute."""
    subject = make(name, "get", lambda library: {})
    select = tuple(f"initializers.*/{group}/*" for group in GROUPS)
    report = run(Plan((subject,), golden, select=select, strict=True, in_process=True))
    assert failures(report, set()) == {}
    assert report.exit_status() == 0


def test_other_numbers_keep_every_promise(differences: set[tuple[str, str]]) -> None:
    """The NumPy subject differs where TensorFlow is peculiar, not in what is random."""
    assert not {aspect for _, aspect in differences} & {"contract", "distribution", "repeats"}
    assert not {case for case, _ in differences if case.split("/")[1] in RANDOM_GROUPS}


@pytest.mark.parametrize("name", PACKAGES)
@pytest.mark.parametrize(
    ("target", "change"), CONTROLS, ids=[f"{t}-{i}" for i, (t, _) in enumerate(CONTROLS)]
)
def test_the_pieces_of_mistakes_are_right(
    name: str,
    target: str,
    change: Change,
    make: Make,
    golden_of: GoldenOf,
    differences: set[tuple[str, str]],
) -> None:
    select = selected(target, name)
    report = run(
        Plan((make(name, target, change),), golden_of(select), select=select, in_process=True)
    )
    assert failures(report, differences if name == NUMPY else set()) == {}


@pytest.mark.parametrize(("mistake", "name"), parameters(MISTAKES, "libraries"))
def test_a_mistake_is_failed(
    mistake: Mistake,
    name: str,
    make: Make,
    golden_of: GoldenOf,
    differences: set[tuple[str, str]],
) -> None:
    subject = make(name, mistake.target, mistake.change)
    select = mistake.select(name)
    report = run(Plan((subject,), golden_of(select), select=select, in_process=True))
    assert report.exit_status() == 1
    known = differences if name == NUMPY else set()
    found = failures(report, known)
    target = f"initializers.{mistake.target}"
    assert set(found) == {target}
    assert found[target] >= set(mistake.aspects(name))
    # An error in the code of the mistake would be failed too, for no reason of its own.
    if "accepted" not in mistake.aspects(name):
        crashed = [r for r in report.results if "must be accepted" in r.message]
        assert not [r for r in crashed if (r.id, r.aspect) not in known]
    others = [r for r in report.results if r.target != target and (r.id, r.aspect) not in known]
    assert others
    assert {result.verdict for result in others} == {Verdict.PASS}


def test_every_class_has_mistakes(golden: Path) -> None:
    targets = {file.target for file in load_all(golden, ("initializers*",))}
    assert targets == {f"initializers.{mistake.target}" for mistake in MISTAKES}
    by_library = Counter(name for mistake in MISTAKES for name in mistake.libraries)
    assert all(by_library[name] >= 25 for name in PACKAGES)
    ids = [(mistake.target, mistake.name) for mistake in MISTAKES]
    assert len(set(ids)) == len(ids)
