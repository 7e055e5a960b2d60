"""What a saved model uses: the cases that are about it, and what the suite lacks of it."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harness import PLAIN

from conformance.changes import used
from conformance.vectors import store

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
    assert re.search(r"\b0 of \d{5,} cases are relevant", ended.out)
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
        (lambda p: p.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(64)), "it is damaged"),
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
