"""`diff --model`: what the suite has no cases of is compared by running it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from changes.planted import Here, saved, wrong

from conformance.changes import used
from conformance.changes.deployed import asking, pairs
from conformance.changes.differences import Change, Group
from conformance.changes.severity import Severity, severity
from conformance.model.errors import UsageError
from conformance.subjects.tensors import quiet
from conformance.vectors import store


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with quiet():
        return saved(tmp_path_factory.mktemp("model") / "small.keras")


@pytest.fixture(scope="module", autouse=True)
def here() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        Here.faulty = wrong()
        patch.setattr(asking, "Worker", Here)
        yield


@pytest.fixture(scope="module")
def files() -> list[store.GoldenFile]:
    return store.load_all(store.default_directory(), ("layers.Dense", "layers.Conv2D"))


def ran(path: Path, files: list[store.GoldenFile], new: str) -> tuple[used.Coverage, pairs.Ran]:
    found = used.read(path)
    coverage = used.coverage(found, files, "keras3")
    subjects = [("keras", "keras3"), (new, "keras3")]
    told = pairs.compared(path, found, coverage.labels(), subjects, lambda done, total: None)
    pairs.settle(coverage, told)
    return coverage, told


def changes(told: pairs.Ran) -> list[Change]:
    return [change for each in told.answered for change in each.changes]


def test_what_is_run_is_covered(model: Path, files: list[store.GoldenFile]) -> None:
    coverage, told = ran(model, files, "keras")
    assert changes(told) == []
    assert coverage.ran["layers.BatchNormalization"] == ["norm"]
    assert coverage.ran["ops.Multiply"] == ["multiply"]
    assert coverage.ran["models.Functional"] == ["small"]
    left = {t for t in coverage.absent if not t.startswith(("initializers.", "models.Seq"))}
    assert left == set()
    assert coverage.values == []


def test_a_changed_layer_is_told_where_it_is(model: Path, files: list[store.GoldenFile]) -> None:
    _, told = ran(model, files, "epsilon")
    (change,) = [c for c in changes(told) if c.target == "layers.BatchNormalization"]
    assert (change.group, change.what) == (Group.VALUES, "value")
    assert change.id.endswith("/norm")
    assert severity(change.group, change.what) is Severity.VALUES
    assert change.relative is not None
    assert change.relative > 1e-3


def test_a_value_that_no_case_has_is_run(
    model: Path, files: list[store.GoldenFile], tmp_path: Path
) -> None:
    import keras

    with quiet():
        layers = [keras.layers.Input((4,)), keras.layers.Dense(2, activation="gelu", name="side")]
        keras.Sequential([*layers, keras.layers.Flatten(name="flat")]).save(tmp_path / "m.keras")
    without = [file for file in files if file.target == "layers.Conv2D"]
    coverage, told = ran(tmp_path / "m.keras", without, "refuses")
    what = {(change.target, change.what) for change in changes(told)}
    assert ("layers.Dense", "now rejected with an error in call") in what
    assert set(coverage.ran) >= {"layers.Dense", "layers.Flatten"}


def test_a_configuration_is_run_with_made_weights(
    model: Path, files: list[store.GoldenFile], tmp_path: Path
) -> None:
    import keras

    with quiet():
        text = keras.models.load_model(model).to_json()
    (tmp_path / "m.json").write_text(text)
    coverage, told = ran(tmp_path / "m.json", files, "epsilon")
    assert coverage.ran["layers.BatchNormalization"] == ["norm"]
    assert {c.target for c in changes(told)} >= {"layers.BatchNormalization"}


@pytest.mark.parametrize(
    ("config", "why"),
    [
        (
            {"module": "my", "class_name": "Cut", "config": {"name": "cut"}},
            "not official: Cut (cut)",
        ),
        (
            {"module": "keras.layers", "class_name": "Lambda", "config": {"name": "cut"}},
            "brings code of its own (cut)",
        ),
        (
            {"module": "keras.layers", "class_name": "Warp", "config": {"name": "cut"}},
            "it does not run on",
        ),
    ],
)
def test_what_cannot_be_run_is_told_with_its_reason(
    config: dict[str, Any], why: str, files: list[store.GoldenFile], tmp_path: Path
) -> None:
    flat = {"module": "keras.layers", "class_name": "Flatten", "config": {"name": "flat"}}
    given = {
        "module": "keras.layers",
        "class_name": "InputLayer",
        "config": {"batch_shape": [None, 3], "name": "i"},
    }
    layers = [given, flat, config]
    model = {
        "module": "keras",
        "class_name": "Sequential",
        "config": {"name": "s", "layers": layers},
    }
    (tmp_path / "m.json").write_text(json.dumps(model))
    coverage, told = ran(tmp_path / "m.json", files, "keras")
    assert (told.answered, coverage.ran) == ([], {})
    assert why in coverage.why["layers.Flatten"]


def test_a_model_in_hdf5_is_run(files: list[store.GoldenFile], tmp_path: Path) -> None:
    import keras

    layers = [keras.layers.Input((4,)), keras.layers.BatchNormalization(name="norm")]
    with quiet():
        keras.Sequential(layers).save(tmp_path / "m.h5")
    coverage, told = ran(tmp_path / "m.h5", files, "epsilon")
    assert coverage.ran["layers.BatchNormalization"] == ["norm"]
    assert {c.target for c in changes(told)} >= {"layers.BatchNormalization"}


def test_hdf5_that_is_no_model_is_refused(tmp_path: Path) -> None:
    import h5py  # type: ignore[import-untyped]

    path = tmp_path / "m.h5"
    path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(90))
    with pytest.raises(UsageError, match="it is damaged"):
        used.read(path)
    with h5py.File(path, "w") as file:
        file["kernel"] = [1.0]
    with pytest.raises(UsageError, match="weights alone"):
        used.read(path)
