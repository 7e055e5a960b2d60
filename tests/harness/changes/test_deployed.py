"""A saved model, layer by layer: planted faults are found where they are, and nothing else is blamed."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from changes.planted import Here, saved, wrong
from harness import Ended
from record.changed import rewrite
from rich.console import Console

from conformance.changes.deployed import asking, feeding, files, judging
from conformance.changes.deployed.results import Examined, Judged, Status, Told
from conformance.model import Case, Fault, Input, Tensor
from conformance.model.errors import UsageError
from conformance.report import deployed as report
from conformance.subjects.tensors import quiet
from conformance.vectors.store import GoldenFile


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with quiet():  # Keras' own warnings are errors in tests
        return saved(tmp_path_factory.mktemp("model") / "small.keras")


@pytest.fixture(scope="module")
def vectors(model: Path) -> Path:
    """Where its golden vectors are once it is examined."""
    return model.parent / "golden"


@pytest.fixture(scope="module")
def examined(model: Path, vectors: Path) -> Iterator[Examined]:
    """The model, on official Keras and on each that is wrong."""
    with pytest.MonkeyPatch.context() as patch:
        Here.faulty = wrong()
        patch.setattr(asking, "Worker", Here)
        request = asking.Request(model, ("keras", *Here.faulty), batch=2, record=vectors)
        yield asking.examine(request, lambda done, total: None)


def of(examined: Examined, name: str) -> Told:
    return next(told for told in examined.subjects if told.subject == name)


def blamed(examined: Examined, name: str) -> list[str]:
    return [examined.nodes[number].key for number in of(examined, name).blamed()]


def test_every_call_of_a_layer_is_examined(examined: Examined) -> None:
    keys = [node.key for node in examined.nodes]
    assert keys[:5] == ["stem", "norm", "cut", "shared", "shared#2"]
    assert set(keys[5:]) == {"sum", "multiply", "inside", "mean", "side", "both", "odds", "sum2"}
    by = {node.key: node.judged for node in examined.nodes}
    assert (by["stem"], by["norm"]) == (Judged.ORACLE, Judged.WIDE)
    assert Judged.STATED not in by.values()


def test_what_is_right_is_not_blamed(examined: Examined) -> None:
    told = of(examined, "keras")
    assert {answer.status for answer in told.layers.values()} == {Status.WITHIN}
    assert told.whole.status is Status.WITHIN
    assert 0 < told.whole.ratio < 1
    assert len(told.grown) == len(examined.nodes)
    assert not examined.official_faults()


@pytest.mark.parametrize(
    ("name", "key", "target"),
    [
        ("padding", "stem", "layers.Conv2D"),
        ("epsilon", "norm", "layers.BatchNormalization"),
        ("half", "inside", "layers.Conv2D"),
    ],
)
def test_a_planted_fault_is_found_where_it_is(
    examined: Examined, name: str, key: str, target: str
) -> None:
    assert blamed(examined, name) == [key]
    (number,) = of(examined, name).blamed()
    assert examined.nodes[number].target == target
    answer = of(examined, name).layers[number]
    assert (answer.status, answer.fault) == (Status.OVER, Fault.SUBJECT)
    assert answer.ratio > 2
    assert examined.exit_status() == 1


def test_what_raises_is_told_layer_by_layer(examined: Examined) -> None:
    assert set(blamed(examined, "refuses")) == {"side", "odds", "sum2"}
    assert {a.status for a in of(examined, "refuses").layers.values()} == {
        Status.RAISED,
        Status.WITHIN,
    }


def test_a_subject_without_models_is_not_asked_the_whole(examined: Examined) -> None:
    whole = of(examined, "half").whole
    assert (whole.status, whole.blamed) == (Status.UNSUPPORTED, False)


def test_the_screen_tells_what_matters(examined: Examined) -> None:
    said = io.StringIO()
    report.summary(examined, Console(file=said, width=80))
    text = said.getvalue()
    assert max(map(len, text.splitlines())) <= 80
    assert "starts at norm (layers.BatchNormalization)" in text
    assert "no matrices today" in text
    assert "shared#2" not in text.partition("padding (")[2]
    said = io.StringIO()
    report.summary(examined, Console(file=said, width=80), every=True)
    assert said.getvalue().count("shared#2") == len(examined.subjects)


def test_the_page_has_every_layer(examined: Examined, tmp_path: Path) -> None:
    report.write_html(examined, tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text()
    assert text.count("<td>shared#2</td>") == len(examined.subjects)


def changed(model: Path, path: Path, change: Callable[[bytes], bytes], *more: str) -> Path:
    """The model file with another configuration, and with more members."""
    with zipfile.ZipFile(model) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name == "config.json" else content)
        for name in more:
            new.writestr(name, "1")
    return path


def refused(path: Path) -> str:
    with pytest.raises(UsageError) as caught:
        files.source(path, code=False)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_files_that_are_no_models_are_refused(model: Path, tmp_path: Path) -> None:
    whole, path = model.read_bytes(), tmp_path / "x.keras"
    assert "cannot be read" in refused(path)
    path.write_bytes(b"hello")
    assert "neither" in refused(path)
    path.write_bytes(whole[: len(whole) // 2])
    assert "damaged" in refused(path)
    path.write_bytes(whole[:300] + bytes(40) + whole[340:])
    assert "damaged" in refused(path)
    path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(90))
    assert "damaged" in refused(path)


def test_code_and_strange_members_are_refused(model: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.keras"
    assert "'../up.py'" in refused(changed(model, path, lambda c: c, "../up.py"))
    own = changed(
        model, path, lambda c: c.replace(b'"class_name": "ReLU"', b'"class_name": "Lambda"')
    )
    assert "--allow-code" in refused(own)
    official, mine = (
        b'"module": "keras.layers", "class_name": "ReLU"',
        b'"module": "my", "class_name": "Cut"',
    )
    assert "not official: Cut (cut)" in refused(
        changed(model, path, lambda c: c.replace(official, mine))
    )
    assert files.source(model, code=False).package == "keras"


INPUTS = [
    {"name": "a", "shape": [None, 3], "dtype": "float32"},
    {"name": "b", "shape": [None], "dtype": "int32"},
]


def test_inputs_are_made_up_or_given(tmp_path: Path) -> None:
    a, b = feeding.made(INPUTS, 0, 2)
    assert (a.shape, a.dtype, b.shape, b.dtype) == ((2, 3), np.float32, (2,), np.int32)
    path = tmp_path / "x.npz"
    np.savez(path, b=np.arange(4), a=np.ones((4, 3)))
    given = feeding.given(path, INPUTS)
    assert [(g.shape, g.dtype) for g in given] == [((4, 3), np.float32), ((4,), np.int32)]


@pytest.mark.parametrize(
    ("arrays", "why"),
    [
        (
            {"a": np.ones((2, 4)), "b": np.ones(2)},
            r"must have the shape \(any, 3\); received \(2, 4\)",
        ),
        ({"a": np.ones((2, 3))}, "must have the 2 inputs"),
        ({"a": np.ones((2, 3)), "c": np.ones(2)}, "must have the input b"),
        ({"a": np.ones((2, 3)), "b": np.ones(3)}, "the same number of examples"),
        ({"a": np.ones((2, 3)), "b": np.array(["x", "y"])}, "must be numbers"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(
    arrays: dict[str, Any], why: str, tmp_path: Path
) -> None:
    np.savez(tmp_path / "x.npz", **arrays)
    with pytest.raises(UsageError, match=why):
        feeding.given(tmp_path / "x.npz", INPUTS)


def test_what_is_not_finite_must_be_the_same() -> None:
    right = judging.Truth(np.array([1.0, np.inf, np.nan]), np.full(3, 0.1))
    assert judging.off(np.array([1.05, np.inf, np.nan]), right)[0] == pytest.approx(0.5)
    for bad in ([1.0, -np.inf, np.nan], [1.0, np.inf, 0.0], [np.nan, np.inf, np.nan]):
        assert judging.off(np.array(bad), right)[0] == np.inf


def test_vectors_gate_on_one_weight(
    examined: Examined, vectors: Path, tmp_path: Path, conformance: Callable[..., Ended]
) -> None:
    assert examined.recorded == 9
    assert examined.unrecorded.keys() == {"sum", "multiply", "both"}
    ended = conformance("run", "--golden", vectors, "--subject", "keras", "--strict")
    assert ended.status == 0, ended.out
    copy = tmp_path / "golden"
    shutil.copytree(vectors, copy)
    rewrite(copy / "layers" / "Conv2D.json", lambda file: with_a_weight_changed(file, "inside"))
    # The truth, which is computed of the changed weight, would find nothing wrong.
    for follow in ("official", "documented"):
        ended = conformance("run", "--golden", copy, "--subject", "keras", "--follow", follow)
        assert ended.status == 1
        assert "layers.Conv2D/of-model/inside/weights" in ended.out


def with_a_weight_changed(file: GoldenFile, key: str) -> GoldenFile:
    """The file where one weight of a layer is another by 1e-4 of itself; the recorded answers stay."""

    def moved(values: Any) -> list[Input]:
        first, *rest = values
        array = first.tensor.values().copy()
        array.flat[array.size // 2] *= 1 + 1e-4
        return [replace(first, tensor=Tensor.of(array)), *rest]

    def changed_case(case: Case) -> Case:
        steps = [
            replace(step, options={"values": moved(step.options["values"])})
            if step.do == "set_weights" and f"/{key}" in case.id
            else step
            for step in case.steps
        ]
        return replace(case, steps=tuple(steps))

    return replace(file, cases=tuple(replace(e, case=changed_case(e.case)) for e in file.cases))
