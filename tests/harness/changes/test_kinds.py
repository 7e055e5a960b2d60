"""Kinds of models: what they are given, what comes out, whose code they bring; and subjects that have nothing of them."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from changes.planted import Here

from conformance.changes.deployed import asking
from conformance.changes.deployed.results import Answer, Examined, Status, Told
from conformance.model.errors import UsageError
from conformance.report import deployed as report
from conformance.subjects import of_dialect
from conformance.subjects.exported import models
from conformance.subjects.saved import building, structure
from conformance.subjects.tensors import quiet
from conformance.vectors import store


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(Here, "faulty", {}, raising=False)
    monkeypatch.setattr(asking, "Worker", Here)
    with quiet():
        yield


def examined(model: Any, path: Path, **options: Any) -> Examined:
    model.save(path)
    request = asking.Request(path, ("keras",), **options)
    return asking.examine(request, lambda done, total: None)


def test_inputs_and_outputs_may_be_named(tmp_path: Path) -> None:
    import keras
    from keras import layers

    q, b = layers.Input((4,), name="q"), layers.Input((3,), name="b")
    outputs = {"z": layers.Flatten(name="flat")(q), "c": layers.ReLU(name="cut")(b)}
    made = examined(keras.Model({"q": q, "b": b}, outputs), tmp_path / "m.keras")
    (told,) = made.subjects
    assert (told.whole.status, made.exit_status()) == (Status.WITHIN, 0)
    assert {node.key: node.shape for node in made.nodes} == {"flat": (1, 4), "cut": (1, 3)}


def test_a_mask_that_comes_with_a_tensor_is_given_again(tmp_path: Path) -> None:
    import keras
    from keras import layers

    words = layers.Input((6,), dtype="int32")
    x = layers.Embedding(4, 4, mask_zero=True, name="look")(words)
    x = layers.MultiHeadAttention(1, 2, name="heed")(x, x)
    made = examined(keras.Model(words, x), tmp_path / "m.keras")
    by = {node.key: node for node in made.nodes}
    # Without the mask official Keras would seem to be off.
    assert by["heed"].official.status is Status.WITHIN
    assert made.subjects[0].layers[by["heed"].number].status is Status.WITHIN


def test_code_is_imported_where_it_is_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keras

    text = "import keras\nclass Once(keras.layers.Layer):\n    def call(self, x):\n        return x + 1\n"
    (tmp_path / "my_once.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    import my_once  # type: ignore[import-not-found]

    path = tmp_path / "m.keras"
    model = keras.Sequential([keras.layers.Input((3,)), my_once.Once(name="once")])
    with pytest.raises(UsageError, match=r"not official: Once \(once\)"):
        examined(model, path)
    try:
        made = examined(model, path, code=True)
        assert [node.target for node in made.nodes] == ["layers.Once"]
        assert made.subjects[0].layers[0].status is Status.WITHIN
        with pytest.raises(UsageError, match="cannot import my_none"):
            examined(model, path, code=True, imports=("my_none",))
    finally:
        keras.saving.get_custom_objects().clear()
        sys.modules.pop("my_once")


def test_without_room_for_tensors_a_sentence_says_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, arrays: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    import keras

    monkeypatch.setattr(structure, "save", full)
    model = keras.Sequential([keras.layers.Input((3,)), keras.layers.ReLU()])
    with pytest.raises(UsageError, match=r"no space left.*TMPDIR"):
        examined(model, tmp_path / "m.keras")


def test_no_answer_is_no_pass() -> None:
    mute = Told(
        "impl.keras3", layers={0: Answer(Status.UNSUPPORTED, why="it has no layers.Softmax")}
    )
    made = Examined("m.keras", "keras", "", "3.15.1", [], [], [mute])
    assert made.exit_status() == 1
    assert report.verdict(mute).endswith("nothing was answered, so this is no pass")


def test_a_subject_of_several_dialects_has_that_of_the_file() -> None:
    names = ("impl", "module:mine", "module:mine:keras2", "impl.keras2", "onnx", "command:x")
    assert [of_dialect(name, "keras3") for name in names] == [
        "impl.keras3",
        "module:mine:keras3",
        *names[2:],
    ]


def test_of_nested_failures_the_innermost_is_told() -> None:
    error = TypeError("<class X> could not be read.\n\nconfig={}.\n\nException encountered: No Y")
    assert structure.told(error) == "TypeError: No Y"


def test_bfloat16_goes_through_a_file_as_float32(tmp_path: Path) -> None:
    structure.save(tmp_path / "x.npz", {"x": np.ones(2, ml_dtypes.bfloat16)})
    assert structure.load(tmp_path / "x.npz")["x"].dtype == np.float32


def test_an_argument_outside_of_the_signature_has_a_default_too() -> None:
    import keras

    config = keras.layers.LayerNormalization(name="n").get_config()
    assert "rms_scaling" in building.at_default(keras.layers.LayerNormalization, config)


def test_a_weight_is_found_in_a_file_whatever_the_order_of_its_axes() -> None:
    weight = np.arange(6, dtype="float32").reshape(1, 2, 3)
    other = np.zeros(6, "float32")
    found = models.held(weight, [other, weight.transpose(2, 0, 1)])
    assert found is not None
    assert np.array_equal(found, weight)
    assert models.held(weight, [other, weight.astype("float64"), weight * 2]) is None
    bias = np.zeros(4, "float32")
    assert models.held(bias, [other]) is bias
    assert models.held(bias + 1, [other]) is None


def test_the_ids_of_vectors_are_known_to_exports() -> None:
    assert models._OF_MODEL == store.OF_MODEL
