"""What changes between two subjects: each kind of change is told as what it is, and no other is."""

from __future__ import annotations

import importlib
import json
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import wrong
import wrong_layers

from conformance.changes import subjects as upgrade
from conformance.changes import used
from conformance.changes.answers import judged
from conformance.changes.differences import Answered, Change, Group
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
)
from conformance.subjects import resolve
from conformance.vectors import store

PLAIN = "module:plain_numpy:keras3"

# A later version of plain_numpy: a change of each kind that constraints can show.
LATER = """
from types import SimpleNamespace

import numpy as np
import plain_numpy.constraints as plain
from plain_numpy import initializers

conformance_tensors = "numpy"
__version__ = "2.0"


class MaxNorm(plain.MaxNorm):
    def __init__(self, max_value=3, axis=0):
        super().__init__(max_value, axis)


class UnitNorm(plain.UnitNorm):
    def get_config(self):
        return {"axes": self.axis, "ord": 2}


class NonNeg(plain.NonNeg):
    def __call__(self, w):
        if np.asarray(w).dtype.kind == "i":
            raise TypeError("integers are not weights")
        return np.nextafter(super().__call__(w), np.asarray(w).dtype.type(9))


constraints = SimpleNamespace(
    **{**vars(plain), "MaxNorm": MaxNorm, "UnitNorm": UnitNorm, "NonNeg": NonNeg}
)
"""


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    (tmp_path / "plain_later.py").write_text(LATER)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "module:plain_later:keras3"
    sys.modules.pop("plain_later", None)


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
    ("layers.Dense", "weights-without-names"): (Group.WEIGHTS, "name of kernel"),
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
        for m in wrong_layers.MISTAKES
        if (m.target, m.name) == (target, name) and "keras3" in m.dialects
    )
    files = store.selected(store.load_all(store.default_directory()), mistake.select)
    cases = [e.case for f in files for e in f.cases if "keras3" in e.expected]
    (subject,) = resolve("keras")
    before = [subject.answer(case) for case in cases]
    for path, value in mistake.change(wrong_layers.Keras("keras3", target)).items():
        owner, _, attribute = path.rpartition(".")
        monkeypatch.setattr(wrong_layers.Keras("keras3", target).member(owner), attribute, value)
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
    upgrade._gather(made, answers)
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
    monkeypatch.setattr(package.constraints.MaxNorm, "__init__", wrong._default_of_one)
    after = [subject.answer(case) for case in cases]
    rows = gathered(
        [judged(*a) for a in zip(cases, ["keras3"] * len(cases), before, after, strict=True)]
    )
    told = {(r.group, r.what): (r.example.old, r.example.new) for r in rows}
    assert told[Group.DEFAULTS, "max_value"] == ("2", "1")
    given = {c.id for c in cases if "max_value" in c.arguments}
    assert given
    assert not given & {i for r in rows for i in r.ids}


def test_the_command_tells_every_group(
    later: str, tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    files = [tmp_path / name for name in ("d.json", "d.html", "d.md")]
    ended = conformance(
        *("diff", PLAIN, later, "--select", "constraints.*/value/*"),
        *("--select", "constraints.*/config/*", "--select", "constraints.*/roundtrip/*"),
        *("--select", "constraints.*/arguments/*", "--select", "constraints.NonNeg/integer/*"),
        *("--json", files[0], "--html", files[1], "--markdown", files[2]),
    )
    assert ended.status == 1
    made = json.loads(files[0].read_text())
    assert made["schema"] == "keras-conformance/upgrade/1"
    assert made["exit_status"] == 1
    rows = {(r["group"], r["target"], r["what"]): r for r in made["changes"]}
    default = rows["defaults", "constraints.MaxNorm", "max_value"]
    assert (default["example"]["old"], default["example"]["new"]) == ("2", "3")
    assert ("config", "constraints.UnitNorm", "axis renamed axes") in rows
    assert ("config", "constraints.UnitNorm", "ord added") in rows
    rejected = rows["acceptance", "constraints.NonNeg", "now rejected with a type error in call"]
    assert "integers are not weights" in rejected["example"]["new"]
    value = rows["values", "constraints.NonNeg", "value"]
    assert value["largest_ulp"] >= 1
    assert value["cases"] == len(value["ids"]) > 0
    assert {g for g, _, _ in rows} == {"values", "acceptance", "defaults", "config", "other"}
    assert ("other", "constraints.NonNeg", "dtype of value") in rows
    counts = made["counts"]
    assert counts["asked"] == counts["planned"] > counts["changed"] > 0
    assert set(made["provenance"]) == {PLAIN, later}
    for text in (ended.out, files[1].read_text(), files[2].read_text()):
        for title in ("Values", "Accepted and rejected", "Defaults", "Configurations"):
            assert title in text
        assert "axis renamed axes" in text
    assert max(map(len, ended.out.splitlines())) <= 130  # sentences are not wrapped
    assert f"{PLAIN} 1.0 -> {later} 2.0" in ended.out


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


def test_a_subject_does_not_differ_from_itself(conformance: Callable[..., Any]) -> None:
    ended = conformance("diff", PLAIN, PLAIN, "--select", "constraints.*/value/*")
    assert ended.status == 0
    assert " 0 changed, 0 moved by rounding alone" in ended.out


def test_two_processes_find_the_same(
    later: str, tmp_path: Path, conformance: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{Path(__file__).parent}")
    found = []
    for jobs in ("1", "2"):
        file = tmp_path / f"{jobs}.json"
        conformance(
            *("diff", PLAIN, later, "--select", "constraints.MaxNorm/arguments/*"),
            *("--jobs", jobs, "--json", file),
        )
        found.append({k: v for k, v in json.loads(file.read_text()).items() if k != "seconds"})
    assert found[0] == found[1]
    assert found[0]["counts"]["asked"] > 50


def test_interrupted(
    later: str, monkeypatch: pytest.MonkeyPatch, conformance: Callable[..., Any]
) -> None:
    official = upgrade.Asker.answered

    def stopped(self: upgrade.Asker, position: int) -> Answered:
        if position == 5:
            raise KeyboardInterrupt
        return official(self, position)

    monkeypatch.setattr(upgrade.Asker, "answered", stopped)
    ended = conformance("diff", PLAIN, later, "--select", "constraints.MaxNorm")
    assert ended.status == 130
    assert "interrupted: 5 of 3" in ended.out


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        ((PLAIN, "module:plain_numpy:keras2"), ("the same dialect", "keras3", "keras2")),
        ((PLAIN, "module:plain_numpy"), ("one subject each", "'module:plain_numpy'")),
        ((PLAIN, "there"), ("received the path 'there'", repr(PLAIN))),
        (("there", PLAIN), ("received the path 'there'", repr(PLAIN))),
        ((PLAIN, "nowhere.json"), ("must exist, or be subjects", "'nowhere.json'")),
        (("some/where", PLAIN), ("must exist, or be subjects", "'some/where'")),
        ((PLAIN, "foo"), ("must be", "'foo'")),
        (("there", "there", "--model", "m.keras"), ("--model", "two subjects", "'there'")),
        (("there", "there", "--jobs", "2"), ("--jobs", "two subjects")),
        ((PLAIN, PLAIN, "--select", "no case"), ("--select", "'no case'")),
        ((PLAIN, PLAIN, "--model", "nowhere.keras"), ("--model nowhere.keras", "cannot be read")),
    ],
)
def test_wrong_arguments_are_one_sentence(
    arguments: tuple[str, ...],
    parts: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    conformance: Callable[..., Any],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there").mkdir()
    ended = conformance("diff", *arguments)
    assert ended.status == 2
    for part in parts:
        assert part in ended.sentence()


def test_a_command_longer_than_a_file_name(conformance: Callable[..., Any]) -> None:
    ended = conformance("diff", "command:absent-program " + "x" * 5000, PLAIN)
    assert ended.status == 2
    assert "cannot be started" in ended.sentence()


def test_a_directory_named_like_a_subject_is_not_in_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, conformance: Callable[..., Any]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "impl").mkdir()
    ended = conformance("diff", "impl", PLAIN)
    assert "'impl', which is impl.keras2 and impl.keras3" in ended.sentence()


# What a saved model uses.


def layer(class_name: str, module: str | None = "keras.layers", /, **config: Any) -> dict[str, Any]:
    registered = None if module else f"Custom>{class_name}"
    return {
        "module": module,
        "class_name": class_name,
        "config": {"dtype": "float32", **config},
        "registered_name": registered,
    }


def initializer(name: str, **config: Any) -> dict[str, Any]:
    return {"module": "keras.initializers", "class_name": name, "config": config}


MODEL = {
    "module": "keras",
    "class_name": "Sequential",
    "config": {
        "name": "s",
        "layers": [
            layer("InputLayer", batch_shape=[None, 3], name="i"),
            layer(
                "Dense",
                name="first",
                units=64,
                activation="relu",
                use_bias=True,
                kernel_initializer=initializer("HeNormal", seed=1, input_axes=None),
                kernel_constraint={
                    "module": "keras.constraints",
                    "class_name": "MaxNorm",
                    "config": {"max_value": 7.5, "axis": 0},
                },
            ),
            layer("LSTM", name="memory", units=3),
            {
                "module": "keras",
                "class_name": "Functional",
                "config": {"name": "inner", "layers": [layer("Dense", units=2, activation="warp")]},
            },
            layer("Mine", None, name="own"),
        ],
    },
}


def saved(path: Path, model: Any = MODEL, member: str = "config.json") -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", "{}")
        archive.writestr(member, json.dumps(model))
    return path


@pytest.fixture(scope="module")
def files() -> list[store.GoldenFile]:
    return store.load_all(store.default_directory())


@pytest.mark.parametrize("form", ["keras", "json", "keras2"])
def test_a_model_is_read_in_each_form(
    form: str, tmp_path: Path, files: list[store.GoldenFile]
) -> None:
    path = tmp_path / "model"
    if form == "keras":
        saved(path)
    elif form == "json":
        path.write_text(json.dumps(MODEL))
    else:  # without modules, as TensorFlow up to 2.12 wrote them
        path.write_text(
            json.dumps(MODEL, default=str)
            .replace('"module": "keras.layers", ', "")
            .replace('"module": "keras.constraints", ', "")
            .replace('"module": "keras.initializers", ', "")
            .replace('"module": "keras", ', "")
        )
    found = used.coverage(used.read(path), files, "keras3")
    assert found.absent == {"layers.LSTM": ["memory"], "models.Functional": ["inner"]}
    assert found.custom == {"Mine": ["own"]}
    assert found.values == ['layers.Dense activation="warp"']
    assert set(found.covered) == {
        *("layers.Dense", "constraints.MaxNorm", "initializers.HeNormal", "models.Sequential")
    }


def relevant(path: Path, files: list[store.GoldenFile]) -> dict[str, bool]:
    model = used.read(path)
    return {e.case.id: used.is_relevant(e.case, model) for f in files for e in f.cases}


def test_a_case_is_relevant_where_the_model_has_what_it_gives(
    tmp_path: Path, files: list[store.GoldenFile]
) -> None:
    chosen = relevant(saved(tmp_path / "m.keras"), files)
    cases = {e.case.id: e.case for f in files for e in f.cases}
    dense = [cases[i] for i, yes in chosen.items() if yes and cases[i].target == "layers.Dense"]
    assert {c.arguments.get("activation", "relu") for c in dense} == {"relu"}
    assert {c.arguments.get("dtype", "float32") for c in dense} == {"float32"}
    assert {c.arguments.get("use_bias", True) for c in dense} == {True}
    units = {used.normal(c.arguments["units"], "") for c in dense if "units" in c.arguments}
    assert len(units) > 3  # a size need not be that of the model, but a size
    assert all(type(each) is int and each > 0 for each in units)
    norms = [
        cases[i] for i, yes in chosen.items() if yes and cases[i].target == "constraints.MaxNorm"
    ]
    limits = {used.normal(c.arguments.get("max_value", 2), "") for c in norms}
    assert len(limits) > 3  # a magnitude need not be equal, but of the same sign
    assert min(limits) > 0
    assert {used.normal(c.arguments.get("axis", 0), "") for c in norms} == {0}
    assert {g.tensor.dtype for c in norms for g in c.inputs} >= {"float32"}
    assert not {"float16", "float64"} & {g.tensor.dtype for c in norms for g in c.inputs}
    targets = {cases[i].target for i, yes in chosen.items() if yes}
    assert "layers.Conv2D" not in targets
    assert "layers.Layer" in targets  # the model has a layer of its own
    assert "initializers.HeNormal" in targets
    assert not chosen["constraints.get/text/UnitNorm"]
    assert chosen["constraints.get/text/MaxNorm"]


@pytest.mark.parametrize(
    ("key", "asked", "has", "expected"),
    [
        ("units", 4, 512, True),
        ("strides", 2, [2, 2], True),
        ("strides", (2, 1), [2, 2], False),
        ("strides", 1, [2, 2], False),
        ("activation", None, "linear", True),
        ("activation", "relu", {"class_name": "function", "config": "relu"}, True),
        ("activation", "relu", "gelu", False),
        ("groups", 3, 8, True),
        ("groups", 1, 8, False),
        ("use_bias", 1, True, False),
        ("padding", "same", "same", True),
        ("padding", "same", "valid", False),
        ("l2", 0.5, 1e-4, True),
        ("l2", 0.0, 1e-4, False),
        ("l2", float("nan"), 1e-4, False),
        ("kernel_initializer", "he_normal", initializer("HeNormal", seed=None), True),
        ("kernel_initializer", "ones", initializer("HeNormal"), False),
        (
            "dtype",
            "mixed_float16",
            {"class_name": "DTypePolicy", "config": {"name": "mixed_float16"}},
            True,
        ),
    ],
)
def test_what_stands_for_what(key: str, asked: Any, has: Any, expected: bool) -> None:
    assert used.matches(asked, has, key) is expected


def test_the_command_is_about_the_model(
    later: str, tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    file = tmp_path / "d.json"
    model = saved(tmp_path / "m.keras")
    ended = conformance(
        *("diff", PLAIN, later, "--select", "constraints.*", "--model", model, "--json", file)
    )
    assert ended.status == 1
    made = json.loads(file.read_text())
    # The model has no default MaxNorm, UnitNorm or NonNeg: of the changes, one default is left.
    assert {row["target"] for row in made["changes"]} == {"constraints.MaxNorm"}
    assert made["model"]["not_covered"]["classes"]["layers.LSTM"] == ["memory"]
    assert made["counts"]["planned"] < len(made["model"]["relevant"]) < made["model"]["of"]
    assert (
        f"{len(made['model']['relevant'])} of {made['model']['of']} cases are relevant" in ended.out
    )
    for line in (
        "not covered layers.LSTM: the suite has no such class (memory)",
        'not covered layers.Dense activation="warp": no case has this value',
        "not covered Mine: not official Keras (own)",
    ):
        assert line in ended.out


def test_a_model_of_which_the_suite_has_nothing(
    tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    only = {"class_name": "Functional", "config": {"layers": [layer("LSTM", name="a")]}}
    ended = conformance("diff", PLAIN, PLAIN, "--model", saved(tmp_path / "m.keras", only))
    assert ended.status == 1  # not 0: nothing can be said of it
    assert "0 of 9" in ended.out
    assert "not covered layers.LSTM" in ended.out


def damaged(path: Path) -> None:
    content = saved(path).read_bytes()
    path.write_bytes(content[: len(content) // 2])


def huge(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", b" " * (used.MOST_BYTES + 1))


def flipped(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", json.dumps(MODEL))
    content = bytearray(path.read_bytes())
    content[60] ^= 0xFF
    path.write_bytes(bytes(content))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (damaged, "must be a whole .keras file"),
        (flipped, "must be a whole .keras file"),
        (huge, "at most 64 MiB"),
        (lambda p: saved(p, member="other.json"), "must hold config.json"),
        (lambda p: p.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(64)), "save it as .keras"),
        (lambda p: p.write_text("model"), "received no JSON"),
        (lambda p: p.write_bytes(b"\xff\xfe\x00"), "received no JSON"),
        (lambda p: p.write_text("[" * 100_000), "received no JSON"),
        (lambda p: p.write_text("[1, 2]"), "must be the configuration of a model"),
        (lambda p: p.write_text("{}"), "must be the configuration of a model"),
        (lambda p: p.write_text(json.dumps(layer("Dense"))), "received that of 'Dense'"),
        (lambda p: p.mkdir(), "cannot be read"),
    ],
)
def test_what_is_no_model_is_refused_in_a_sentence(
    make: Callable[[Path], Any], said: str, tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    path = tmp_path / "model.keras"
    make(path)
    if path.is_dir():
        ended_status, sentence = _read_refused(path)
    else:
        ended = conformance("diff", PLAIN, PLAIN, "--model", path)
        ended_status, sentence = ended.status, ended.sentence()
    assert ended_status == 2
    assert said in sentence
    assert str(path) in sentence


def _read_refused(path: Path) -> tuple[int, str]:
    with pytest.raises(Exception, match="--model") as refused:
        used.read(path)
    return 2, str(refused.value)


def function(name: str, module: str = "builtins") -> dict[str, Any]:
    return {
        "module": module,
        "class_name": "function",
        "config": name,
        "registered_name": "function",
    }


def test_nothing_of_a_model_is_run(tmp_path: Path, files: list[store.GoldenFile]) -> None:
    """Names of modules and functions are words."""
    model = {
        "class_name": "Sequential",
        "config": {
            "layers": [
                layer(
                    "Lambda",
                    name="l",
                    function={"class_name": "__lambda__", "config": {"code": "4wEA"}},
                ),
                {"module": "os", "class_name": "system", "config": {"command": "true"}},
                layer("Dense", name="d", activation=function("warp")),
                layer("Dense", name="e", activation=function("relu", module="keras.activations")),
            ]
        },
    }
    found = used.coverage(used.read(saved(tmp_path / "m.keras", model)), files, "keras3")
    assert found.custom == {"system": [], "warp": ["d"]}
    assert found.absent == {"layers.Lambda": ["l"]}
    assert found.values == []


def test_changes_are_plain_values() -> None:
    """They cross processes."""
    import pickle

    change = Change(Group.VALUES, "a", "b", "c", ulp=1.0)
    assert pickle.loads(pickle.dumps(change)) == change
