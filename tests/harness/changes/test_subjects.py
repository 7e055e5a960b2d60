"""What changes between two subjects: each kind of change is told as what it is, and no other is."""

from __future__ import annotations

import importlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from wrong import layers
from wrong.constraints.norm_arguments import default_of_one
from wrong.layers.making import make

from conformance.cases.rows import Rows
from conformance.changes import configurations
from conformance.changes import subjects as upgrade
from conformance.changes.answers import judged
from conformance.changes.differences import Answered, Change, Group
from conformance.changes.severity import Severity, severity
from conformance.model import (
    Case,
    Crashed,
    Kind,
    Law,
    Outcome,
    Raised,
    Returned,
    Step,
    Tensor,
    TimedOut,
    Tolerance,
    Unsupported,
    codec,
)
from conformance.subjects import resolve
from conformance.vectors import store


def changes(answers: list[Answered]) -> set[tuple[Group, str, str]]:
    return {(c.group, c.target, c.what) for each in answers for c in each.changes}


# The layers of official Keras with a mistake, and what it must be told as: anything else is wrong.
LAYERS: dict[tuple[str, str], tuple[Group, str]] = {
    ("layers.Conv2D", "input-gradient-doubled"): (Group.VALUES, "gradient"),
    ("layers.Dense", "bias-without-gradient"): (Group.VALUES, "kind of gradient"),
    ("layers.Dense", "activity-counted-twice"): (Group.VALUES, "losses"),
    ("layers.Dense", "nan-taken-for-zero"): (Group.VALUES, "value: NaN or infinity"),
    ("layers.Dense", "zeros-made-negative"): (Group.VALUES, "value: sign of zero"),
    ("layers.Dense", "key-renamed"): (Group.CONFIG, "units renamed output_dim"),
    ("layers.Dense", "units-truncated"): (Group.ACCEPTANCE, "now accepted, was rejected"),
    ("layers.Dense", "weights-without-names"): (Group.WEIGHTS, "kernel renamed weight"),
    ("layers.Dense", "weights-reversed"): (Group.WEIGHTS, "order of weights"),
    ("layers.Dense", "bias-not-given"): (Group.OTHER, "number of weights"),
    ("layers.Conv2D", "strides-ignored"): (Group.OTHER, "shape of value"),
    ("layers.Conv2D", "use-bias-ignored"): (Group.WEIGHTS, "number of weights"),
    ("layers.Conv1D", "outputs-in-float32"): (Group.OTHER, "dtype of value"),
}


def _layer_answers(
    target: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> tuple[list[Answered], list[Answered]]:
    """What a mistake changes, in the cases that fail it and in those that must not."""
    mistake = next(
        m
        for m in layers.MISTAKES
        if (m.target, m.name) == (target, name) and "keras3" in m.dialects
    )
    files = store.selected(store.load_all(store.default_directory()), mistake.select)
    cases = [e.case for f in files for e in f.cases if "keras3" in e.expected]
    (subject,) = resolve("keras")
    before = [subject.answer(case) for case in cases]
    make(mistake, "keras3", monkeypatch)
    answers = [
        judged(case, "keras3", was, subject.answer(case))
        for case, was in zip(cases, before, strict=True)
    ]
    return (
        [each for each in answers if each.target == target],
        [each for each in answers if each.target != target],
    )


@pytest.mark.parametrize(("target", "name"), LAYERS)
def test_a_changed_layer_is_told_as_what_it_is(
    target: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    group, what = LAYERS[target, name]
    answers, others = _layer_answers(target, name, monkeypatch)
    rows = gathered(answers)
    assert (group, target, what) in {(r.group, r.target, r.what) for r in rows}
    assert others
    assert changes(others) == set()


def gathered(answers: list[Answered]) -> list[upgrade.Row]:
    request = upgrade.Request("a", "b", Path())
    made = upgrade.Upgrade(request, "a", "b", "keras3", {}, {})
    upgrade._gather(made, answers, [])
    return made.rows


def test_the_next_number_is_rounding_and_no_change(monkeypatch: pytest.MonkeyPatch) -> None:
    answers, _ = _layer_answers("layers.Conv1D", "one-ulp-up", monkeypatch)
    moved = [rounding for each in answers for rounding in each.roundings]
    assert changes(answers) == set()
    assert moved
    assert {each.what for each in moved} == {"value"}
    assert all(0 < each.headroom <= 1 and each.ulp >= 1 for each in moved)


def test_another_default_of_a_constraint(monkeypatch: pytest.MonkeyPatch) -> None:
    package = importlib.import_module("keras")
    files = store.selected(
        store.load_all(store.default_directory()), ("constraints.MaxNorm/arguments/*",)
    )
    cases = [e.case for f in files for e in f.cases if "keras3" in e.expected]
    (subject,) = resolve("keras")
    before = [subject.answer(case) for case in cases]
    monkeypatch.setattr(package.constraints.MaxNorm, "__init__", default_of_one)
    after = [subject.answer(case) for case in cases]
    rows = gathered(
        [judged(*a) for a in zip(cases, ["keras3"] * len(cases), before, after, strict=True)]
    )
    told = {(r.group, r.what): (r.example.old, r.example.new) for r in rows}
    assert told[Group.DEFAULTS, "max_value"] == ("2", "1")
    given = {c.id for c in cases if "max_value" in c.arguments}
    assert given
    assert not given & {i for r in rows for i in r.ids}


def test_the_largest_difference_is_the_example() -> None:
    case = Case("a/b/c", "constraints.NonNeg", steps=(Step("call"),))
    old = Returned({"value": Tensor.of(np.array([1.0, -4.0, 2.0], np.float32))})
    new = Returned({"value": Tensor.of(np.array([1.0, -4.5, 2.25], np.float32))})
    (change,) = judged(case, "keras3", [old], [new]).changes
    assert (change.old, change.new) == ("-4.0 at [1]", "-4.5")
    assert change.relative == 0.125
    assert change.ulp == 2**20
    small = replace(change, id="a/b/d", relative=0.01, ulp=float(2**22), old="9")
    rows = gathered([Answered(c.id, c.target, (c,)) for c in (small, change)])
    assert [(r.ids, r.ulp, r.relative, r.example.old) for r in rows] == [
        (["a/b/d", "a/b/c"], 2**22, 0.125, "-4.0 at [1]")
    ]


REJECTED = Raised("call", "value", "no")
GAVE = Returned({"value": Tensor.of(np.zeros(2, np.float32))})


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (GAVE, REJECTED, "now rejected with a value error in call"),
        (REJECTED, GAVE, "now accepted, was rejected"),
        (
            REJECTED,
            replace(REJECTED, category="type"),
            "a value error in call is a type error in call",
        ),
        (
            REJECTED,
            replace(REJECTED, phase="build"),
            "a value error in call is a value error in build",
        ),
        (REJECTED, replace(REJECTED, message="never"), None),
        (GAVE, Unsupported("has none"), "now unsupported"),
        (Unsupported("has none"), GAVE, "now accepted, was unsupported"),
        (GAVE, Crashed("gone"), "now ends its process"),
        (TimedOut(3.0), GAVE, "now accepted, was gives no answer in time"),
        (Crashed("gone"), Crashed("lost"), None),
    ],
)
def test_acceptance(old: Outcome, new: Outcome, what: str | None) -> None:
    case = Case("a/b/c", "constraints.NonNeg", steps=(Step("call"),))
    found = [(c.group, c.what) for c in judged(case, "keras3", [old], [new]).changes]
    assert found == ([] if what is None else [(Group.ACCEPTANCE, what)])


def test_what_neither_has_is_counted_apart() -> None:
    case = Case("a/b/c", "constraints.NonNeg", steps=(Step("call"),))
    assert judged(case, "keras3", [Unsupported("x")], [Unsupported("y")]).lacking


def of_config(old: Any, new: Any, **arguments: Any) -> set[tuple[str, str, str]]:
    case = Case("a/b/c", "layers.Dense", arguments=arguments, steps=(Step("config"),))
    found = judged(case, "keras3", [Returned({"config": old})], [Returned({"config": new})])
    return {(str(c.group), c.target, c.what) for c in found.changes}


def glorot(**config: Any) -> dict[str, Any]:
    return {"module": "keras.initializers", "class_name": "GlorotUniform", "config": config}


def test_configurations_inside_of_configurations() -> None:
    inner = "initializers.GlorotUniform"
    old, new = {"kernel_initializer": glorot(seed=None)}, {"kernel_initializer": glorot(seed=None)}
    assert of_config(old, new) == set()
    new = {"kernel_initializer": glorot(seed=None, input_axes=None)}
    assert of_config(old, new) == {("config", inner, "input_axes added")}
    new = {"kernel_initializer": glorot(seed=3)}
    assert of_config(old, new) == {("defaults", inner, "seed")}
    new = {"kernel_initializer": {**glorot(seed=None), "module": "keras.src"}}
    assert of_config(old, new) == {("config", inner, "module beside its config")}
    new = {"kernel_initializer": {**glorot(seed=None), "class_name": "HeNormal"}}
    assert of_config(old, new) == {("defaults", "layers.Dense", "kernel_initializer")}
    given = {"kernel_initializer": "glorot_uniform"}
    assert of_config(old, new, **given) == {
        ("config", "layers.Dense", "kernel_initializer as given")
    }


def test_true_is_not_one_and_one_is_one_point_zero() -> None:
    assert of_config({"use_bias": True}, {"use_bias": 1}) == {
        ("defaults", "layers.Dense", "use_bias")
    }
    assert of_config({"rate": 1, "x": float("nan")}, {"rate": 1.0, "x": float("nan")}) == set()


def test_an_entry_of_an_ambiguous_value_is_not_called_renamed() -> None:
    old, new = {"a": None, "b": None}, {"c": None, "d": None}
    case = Case("a/b/c", "layers.Dense", steps=(Step("config"),))
    answers = [judged(case, "keras3", [Returned({"config": old})], [Returned({"config": new})])]
    assert {row.what for row in gathered(answers)} == {
        *("a removed", "b removed", "c added", "d added")
    }


LAW = Law("uniform", {"low": 0.0, "high": 1.0})

SAMPLED = Case(
    "a/b/c",
    "initializers.RandomUniform",
    steps=(Step("sample", options={"shape": (4000,)}),),
    tolerance=Tolerance(Kind.DISTRIBUTION, why="draws", law=LAW),
)


def drawn(seed: int, high: float = 1.0) -> list[Outcome]:
    draws = np.random.default_rng(seed).uniform(0, high, 40000)
    return [Returned({"sample": Tensor.of(draws, "float32")})]


@pytest.mark.parametrize(
    ("new", "other_draws", "changed"),
    [
        (drawn(1), False, False),
        (drawn(2), False, True),
        (drawn(2), True, False),
        (drawn(2, high=0.9), True, True),
    ],
)
def test_draws_of_one_generator_are_the_same_and_of_two_follow_one_law(
    new: list[Outcome], other_draws: bool, changed: bool
) -> None:
    answer = judged(SAMPLED, "keras3", drawn(1), new, other_draws=other_draws)
    assert [(c.group, c.what) for c in answer.changes] == [(Group.VALUES, "draws")] * changed


def test_changes_are_plain_values() -> None:
    """They cross processes."""
    import pickle

    change = Change(Group.VALUES, "a", "b", "c", ulp=1.0)
    assert pickle.loads(pickle.dumps(change)) == change


def test_a_weight_of_another_name_is_told_as_renamed() -> None:
    case = codec.case_from_json(
        "layers.Dense",
        {
            "id": "layers.Dense/weights/x",
            "arguments": {"units": 2},
            "inputs": [],
            "steps": [{"do": "weights"}],
            "tolerance": {"kind": "exact"},
        },
    )
    weight = {"shape": [2, 2], "trainable": True}
    old, new, other = (
        [Returned({"weights": [{"name": name, **weight, **more}]})]
        for name, more in (("d/kernel:0", {}), ("kernel", {}), ("kernel", {"trainable": False}))
    )
    (change,) = judged(case, "keras2", old, new).changes
    assert (change.group, change.what) == (Group.WEIGHTS, "kernel:0 renamed kernel")
    assert (change.old, change.new) == ("d/kernel:0", "kernel")
    found = [change.what for change in judged(case, "keras2", old, other).changes]
    assert found == ["name of d/kernel:0", "trainable of d/kernel:0"]


def test_a_dtype_that_becomes_a_record_is_no_other_value() -> None:
    case = Rows("layers.Dense", arguments={"units": 2})("config", "x", Step("config"))
    record = {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}}
    old, new = {"units": 2, "dtype": "float32"}, {"units": 2, "dtype": record}
    told = [*configurations.changes(case, case.steps[0], "config", case.arguments, old, new)]
    assert [(c.group, c.what) for c in told] == [(Group.CONFIG, "dtype as a record")]
    assert severity(told[0].group, told[0].what) is Severity.LOADING
    other = {"units": 2, "dtype": {**record, "config": {"name": "float16"}}}
    told = [*configurations.changes(case, case.steps[0], "config", case.arguments, old, other)]
    assert [(c.group, c.what) for c in told] == [(Group.DEFAULTS, "dtype")]
