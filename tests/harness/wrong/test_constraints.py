"""Whatever is wrong with a subject, the run fails it, by the name of the class and of the aspect."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conformance.model import FLOATS, Grade, Returned, Tensor, Verdict
from conformance.runner.report import Follow, Plan
from conformance.runner.run import run
from conformance.vectors.store import load_all
from wrong import OFFICIAL, GoldenOf, failures, in_turn, parameters, tensorflow
from wrong.classes import DELETED, Change, Keras, namespace
from wrong.constraints import MISTAKES
from wrong.constraints.making import CLASSES, FORMULAS, NORMS, Mistake, call
from wrong.constraints.radial import gathered, radial, rings

TENSOR = {"value", "shape", "dtype", "nonfinite", "zero-sign"}
# What a mistake about one of these aspects leaves right: an answer that is not a tensor's.
DESCRIPTION = {"config", "serialized", "resolved", "same", "input"}
Make = Callable[[str, str, Change], str]


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Make:
    """Official Keras with a change at one target, as a subject; undone after the test."""

    def made(dialect: str, target: str, change: Change) -> str:
        keras = Keras(dialect, "constraints", target)
        changed = change(keras)
        in_class = target in CLASSES
        for name, value in changed.items() if in_class else ():
            if value is DELETED:
                monkeypatch.delattr(keras.cls, name)
            else:
                monkeypatch.setattr(keras.cls, name, value, raising=False)
        module = namespace(dialect, "constraints", {} if in_class else changed)
        monkeypatch.setitem(sys.modules, module.__name__, module)
        return f"module:{module.__name__}:{dialect}"

    return made


def _formulas(monkeypatch: pytest.MonkeyPatch, dialect: str) -> None:
    changes: dict[str, Change] = {name: call(FORMULAS[name]) for name in NORMS}
    if dialect == "keras2":
        changes["RadialConstraint"] = radial(gathered(rings))
    for target, change in changes.items():
        keras = Keras(dialect, "constraints", target)
        monkeypatch.setattr(keras.cls, "__call__", change(keras)["__call__"])


@pytest.mark.parametrize("dialect", OFFICIAL)
def test_without_a_mistake_everything_passes(
    dialect: str,
    make: Make,
    golden: Path,
    recorded_of: GoldenOf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control: it is the mistake that fails, not the namespace or the formula it is made in."""
    every = ("constraints*",)
    # What mistakes below the tolerance are asked: to record all cases takes as long as the rest.
    part = ("constraints.*/value/*", "constraints.*/dtype/*", "constraints.RadialConstraint/*")
    here = recorded_of(part)
    _formulas(monkeypatch, dialect)
    subject = make(dialect, "get", lambda keras: {})
    for directory, select in ((golden, every), (here, part)):
        report = run(
            Plan(
                subjects=(subject,),
                golden=directory,
                select=select,
                strict=True,
                in_process=True,
                follow=Follow.OFFICIAL,
            )
        )
        assert failures(report) == {}
        assert report.exit_status() == 0
        files = load_all(directory, select)
        asked = sum(dialect in entry.expected for file in files for entry in file.cases)
        assert sum(tally.cases for tally in report.tallies().values()) == asked
    assert sum(t.bitwise + t.rejected for t in report.tallies().values()) == asked


@pytest.mark.parametrize(("mistake", "dialect"), in_turn(MISTAKES))
def test_a_mistake_is_failed(
    mistake: Mistake,
    dialect: str,
    make: Make,
    golden_of: GoldenOf,
    recorded_of: GoldenOf,
) -> None:
    # First: what is recorded here must be right.
    directory = (recorded_of if mistake.strict else golden_of)(mistake.select)
    subject = make(dialect, mistake.target, mistake.change)
    plan = Plan(
        (subject,),
        directory,
        select=mistake.select,
        strict=mistake.strict,
        in_process=True,
        follow=Follow.OFFICIAL,
    )
    report = run(plan)
    assert report.exit_status() == 1
    found = failures(report)
    target = f"constraints.{mistake.target}"
    assert set(found) == {target}
    assert found[target] >= set(mistake.aspects)
    if set(mistake.aspects) <= TENSOR:
        assert not found[target] & DESCRIPTION
    others = [result for result in report.results if result.target != target]
    assert others
    assert {result.verdict for result in others} == {Verdict.PASS}


@pytest.mark.parametrize(
    ("mistake", "dialect"), [p for p in parameters(MISTAKES) if p.values[0].strict]
)
def test_a_mistake_below_the_tolerance_is_within(
    mistake: Mistake, dialect: str, make: Make, golden_of: GoldenOf
) -> None:
    """What only `--strict` sees is graded `within` otherwise, and its headroom says how far."""
    subject = make(dialect, mistake.target, mistake.change)
    report = run(
        Plan(
            (subject,),
            golden_of(mistake.select),
            select=mistake.select,
            in_process=True,
            follow=Follow.OFFICIAL,
        )
    )
    assert report.exit_status() == 0
    within = [result for result in report.results if result.grade is Grade.WITHIN]
    assert within
    assert all(r.aspect == "value" and 0 < (r.headroom or 0) <= 1 for r in within)


def test_every_class_has_mistakes() -> None:
    by_class = Counter(mistake.target for mistake in MISTAKES)
    assert all(by_class[name] >= 4 for name in (*CLASSES, "get", "serialize", "deserialize"))
    names = [(mistake.target, mistake.name, d) for mistake in MISTAKES for d in mistake.dialects]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("dialect", "alias"), [("keras2", "radial_constraint"), ("keras3", "non_neg")]
)
def test_a_missing_alias_is_unsupported_and_strictly_a_failure(
    dialect: str, alias: str, make: Make, golden_of: GoldenOf
) -> None:
    subject = make(dialect, "get", lambda keras: {alias: DELETED})
    select = (f"constraints.get/name/{alias}", "constraints.get/name/MaxNorm")
    for strict in (False, True):
        report = run(
            Plan(
                (subject,),
                golden_of(select),
                select=select,
                strict=strict,
                in_process=True,
                follow=Follow.OFFICIAL,
            )
        )
        verdicts = {(r.id.rpartition("/")[2], r.verdict) for r in report.results}
        assert verdicts == {(alias, Verdict.UNSUPPORTED), ("MaxNorm", Verdict.PASS)}
        assert report.exit_status() == int(strict)


def _one_ulp_off(answer: Any) -> Any:
    """The first finite element moved to the next number towards zero; off zero, away from it."""
    tf = tensorflow()
    if not isinstance(answer, tf.Tensor) or not answer.dtype.is_floating:
        return answer
    array = np.array(answer.numpy())
    flat = array.reshape(-1)
    finite = np.flatnonzero(np.isfinite(flat.astype(np.float64)))
    if not finite.size:
        return answer
    # A view as unsigned bits, in which the sign is the highest one.
    bits = flat.view(f"u{flat.itemsize}")
    magnitude = int(bits[finite[0]]) & ((1 << (8 * flat.itemsize - 1)) - 1)
    bits[finite[0]] += 1 if magnitude == 0 else -1 % (1 << 8 * flat.itemsize)
    return tf.constant(array)


def _off_by_one(keras: Keras) -> Mapping[str, Any]:
    official = keras.cls.__call__
    return {"__call__": lambda self, w: _one_ulp_off(official(self, w))}


def _finite_floats(directory: Path, select: tuple[str, ...], dialect: str) -> dict[str, str]:
    """The dtypes of the golden values with a finite float element, by case."""
    found = {}
    for file in load_all(directory, select):
        for entry in file.cases:
            for outcome in entry.expected.get(dialect, ()):
                value = outcome.values.get("value") if isinstance(outcome, Returned) else None
                floats = isinstance(value, Tensor) and value.dtype in FLOATS
                if floats and np.isfinite(value.values()).any():
                    found[entry.case.id] = value.dtype
    return found


@pytest.mark.parametrize(
    ("target", "dialect", "groups", "dtypes"),
    [
        ("NonNeg", "keras3", ("value/*", "given/*"), FLOATS),
        ("NonNeg", "keras2", ("value/*", "given/*"), ("float32",)),
        ("RadialConstraint", "keras2", ("size/2*", "size/3*", "edge/*"), FLOATS),
        *((name, d, ("dtype/*-3x4-*", "edge/*"), FLOATS) for name in NORMS for d in OFFICIAL),
    ],
)
def test_one_ulp_is_failed_where_values_must_be_exact(
    target: str,
    dialect: str,
    groups: tuple[str, ...],
    dtypes: tuple[str, ...],
    make: Make,
    golden_of: GoldenOf,
    recorded_of: GoldenOf,
) -> None:
    select = tuple(f"constraints.{target}/{group}" for group in groups)
    directory = (recorded_of if target in NORMS else golden_of)(select)
    subject = make(dialect, target, _off_by_one)
    report = run(
        Plan(
            (subject,),
            directory,
            select=select,
            strict=target in NORMS,
            in_process=True,
            follow=Follow.OFFICIAL,
        )
    )
    assert report.exit_status() == 1
    expected = _finite_floats(directory, select, dialect)
    assert set(expected.values()) == set(dtypes)
    values = {r.id: r for r in report.results if r.aspect == "value"}
    for case_id in expected:
        assert values[case_id].verdict is Verdict.FAIL, case_id
        assert values[case_id].error_ulp == 1, case_id
    assert failures(report)[f"constraints.{target}"] <= {"value", "zero-sign"}


@pytest.mark.parametrize("dialect", OFFICIAL)
@pytest.mark.parametrize("target", NORMS)
def test_one_ulp_is_within_a_tolerance_that_allows_it(
    target: str, dialect: str, make: Make, golden_of: GoldenOf
) -> None:
    select = (f"constraints.{target}/dtype/*-3x4-*",)
    directory = golden_of(select)
    subject = make(dialect, target, _off_by_one)
    report = run(
        Plan((subject,), directory, select=select, in_process=True, follow=Follow.OFFICIAL)
    )
    assert report.exit_status() == 0
    values = [result for result in report.results if result.aspect == "value"]
    assert values
    for result in values:
        assert result.grade is Grade.WITHIN
        assert result.error_ulp == 1
        # Of a budget of six ULP or more; official Keras uses up to a fifth of it.
        assert result.headroom is not None
        assert 0 < result.headroom < 0.5


def test_none_is_not_an_answer(make: Make, golden_of: GoldenOf) -> None:
    select = ("constraints.NonNeg/value/wave-5-float32",)
    subject = make("keras3", "NonNeg", lambda keras: {"__call__": lambda self, w: None})
    report = run(
        Plan((subject,), golden_of(select), select=select, in_process=True, follow=Follow.OFFICIAL)
    )
    assert report.exit_status() == 1
    assert failures(report) == {"constraints.NonNeg": {"value"}}
    blocked = {r.aspect for r in report.results if r.verdict is Verdict.BLOCKED}
    assert blocked == TENSOR - {"value"}
