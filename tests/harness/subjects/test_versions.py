"""Other versions and backends: what pip installs here are tiny wheels of ours, from a folder."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from subjects.wheels import left_over

from conformance.model import Returned, Unsupported, codec
from conformance.model.errors import UsageError
from conformance.runner import doctor
from conformance.subjects import resolve, versions
from conformance.subjects.base import Mode
from conformance.vectors import store

pytestmark = pytest.mark.usefixtures("cache")
CASE = "constraints.NonNeg/value/wave-3x4-float32"


def test_a_version_on_a_backend_runs_with_one_command(
    conformance: Callable[..., Any], cache: Path, golden_of: Callable[[tuple[str, ...]], Path]
) -> None:
    directory = golden_of(("constraints.NonNeg/value/wave-*",))
    run = ("run", "--subject", "keras==3.0.99@numpy", "--golden", directory)
    ended = conformance(*run)
    assert ended.status == 0, ended
    assert "keras==3.0.99@numpy" in ended.out
    assert "constraints.NonNeg" in ended.out
    installing = ended.err.splitlines()
    assert [line.partition(" into ")[0] for line in installing] == [
        "conformance: installing keras==3.0.99",
        "conformance: installing tinytree>=1",
        "conformance: installing tinierleaf",
    ]
    packages = cache / "packages" / f"py{sys.version_info.major}.{sys.version_info.minor}"
    assert sorted(f.name for f in packages.glob("[!.]*")) == [
        *("keras-3.0.99", "keras-3.0.99+tinierleaf", "keras-3.0.99+tinytree")
    ]
    assert left_over(cache) == []
    # Everything is there: nothing is said, and pip need not run.
    again = conformance(*run, "--jobs", "2")
    assert (again.status, again.err) == (0, "")


@pytest.mark.usefixtures("filled")
def test_the_worker_tells_where_it_runs_and_has_no_tensorflow(golden: Path) -> None:
    (subject,) = resolve("keras==3.0.99@numpy")
    facts = subject.provenance()
    assert (facts["package"], facts["version"]) == ("keras", "3.0.99")
    assert (facts["backend"], facts["jax"], facts["draws"]) == ("numpy", "0", "numpy")
    assert facts["device"] == "cpu"
    assert "tensorflow" not in facts
    assert (subject.name, subject.dialect, subject.tensors) == (
        *("keras==3.0.99@numpy", "keras3"),
        "numpy",
    )
    cases = {e.case.id: e for f in store.load_all(golden) for e in f.cases}
    assert isinstance(subject.answer(cases[CASE].case)[0], Returned)
    # Our Keras rounds float64 to float32, as the JAX backend does: it has no such tensors.
    (answer,) = subject.answer(cases[CASE.replace("32", "64")].case)
    assert answer == Unsupported("the worker does not list the dtype float64")


@pytest.mark.usefixtures("filled")
def test_inference_only_backends_neither_train_nor_differentiate() -> None:
    (subject,) = resolve("keras==3.0.99@numpy")
    image = {"dtype": "float32", "shape": [1, 2], "data": [1.0, 2.0]}
    for step, reason in (
        ({"do": "gradient", "input": 0}, "Keras on numpy has no gradients"),
        (
            *({"do": "fit", "input": 0, "target": 0, "epochs": 1},),
            "Keras does not train on numpy",
        ),
    ):
        case = codec.case_from_json(
            "layers.Dense",
            {
                "id": "layers.Dense/x/y",
                "arguments": {"units": 2},
                "inputs": [image],
                "steps": [step],
                "tolerance": {"kind": "exact"},
            },
        )
        assert subject.answer(case) == [Unsupported(reason)]


@pytest.mark.usefixtures("filled")
def test_settings_that_move_results_are_in_the_provenance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAX_ENABLE_X64", "1")
    (subject,) = resolve("keras==3.0.99@numpy")
    assert "JAX_ENABLE_X64=1" in subject.provenance()["settings"]


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        (
            "keras==3.96.0@numpy",
            "keras==3.96.0 cannot be installed: there is no such version for this Python; the "
            "latest are 3.0.97, 3.0.98, 3.0.99",
        ),
        (
            "tf_keras==2.16.0",
            "tf_keras==2.16.0 cannot be installed: pip found no version of it (is there a "
            "network, and the right index?)",
        ),
        (
            "keras==3.0.98@numpy",
            "--subject keras==3.0.98@numpy cannot be imported: ImportError: cannot import name old "
            "from numpy",
        ),
        (
            "keras==3.0.97@numpy",
            "--subject keras==3.0.97@numpy: the worker must have keras 3.0.97; it has 3.1.0, from "
            "another place of its path",
        ),
        (
            "keras==three",
            "--subject keras==three: what follows == must be a version, as 3.5.0, or nightly of keras; "
            "received 'three'",
        ),
        (
            "keras==2.11.0",
            "--subject keras==2.11.0: the versions of keras must be of 2.12, 2.13, 2.14 or 2.15, or "
            "from 3 on; received '2.11.0'",
        ),
        (
            "tf_keras==3.0.0",
            "--subject tf_keras==3.0.0: the versions of tf_keras are 2; received '3.0.0'",
        ),
        (
            "keras==2.15.0@jax",
            "--subject keras==2.15.0@jax: Keras 2 has no backend but tensorflow; received 'jax'",
        ),
        (
            "tf_keras@jax",
            "--subject tf_keras@jax: the backend must be one of tensorflow, jax, numpy, openvino, "
            "torch or the NAME of a package keras-NAME, of keras alone; received 'jax'",
        ),
        (
            "keras@theano",
            "--subject keras@theano: the backend must be one of tensorflow, jax, numpy, openvino, "
            "torch, or one that is installed; received 'theano' (`conformance env add theano` installs "
            "the package keras-theano; --backend-module names a module of this Python)",
        ),
        (
            "impl@jax",
            "--subject must be keras or tf_keras, then ==VERSION, @BACKEND or both; received "
            "'impl@jax'",
        ),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(
    spec: str, sentence: str, conformance: Callable[..., Any], cache: Path
) -> None:
    ended = conformance("run", "--subject", spec)
    assert ended.status == 2
    assert ended.err.splitlines()[-1] == f"conformance: {sentence}"
    assert all(" installing " in line for line in ended.err.splitlines()[:-1])
    assert left_over(cache) == []


def test_other_backends_have_no_modes_and_two_devices() -> None:
    with pytest.raises(UsageError, match=r"--mode must be eager for keras@torch: .* 'xla'"):
        resolve("keras@torch", mode=Mode.XLA)
    with pytest.raises(
        UsageError, match=r"--device must be cpu or gpu for keras@torch; .* 'GPU:0'"
    ):
        resolve("keras@torch", device="GPU:0")
    with pytest.raises(UsageError, match=r"--device must be cpu for keras@numpy; received 'gpu'"):
        resolve("keras@numpy", device="gpu")


def test_a_device_is_chosen_by_variables_and_float32_is_whole_on_a_gpu(
    monkeypatch: pytest.MonkeyPatch, cache: Path
) -> None:
    monkeypatch.setattr(versions, "_missing", lambda *arguments, with_keras: [])
    for backend, name, values in (
        ("torch", "KERAS_TORCH_DEVICE", ("cpu", "cuda")),
        ("jax", "JAX_PLATFORMS", ("cpu", "cuda")),
    ):
        for device, value in zip(("cpu", "gpu"), values, strict=True):
            started = versions.launch(f"keras@{backend}", device=device)
            assert started.variables[name] == value
            assert started.command[-4:] == ("--device", device, "--backend", backend)
            assert ("NVIDIA_TF32_OVERRIDE" in started.variables) is (device == "gpu")
    monkeypatch.setenv("JAX_DEFAULT_MATMUL_PRECISION", "default")
    chosen = versions.launch("keras@jax", device="gpu").variables
    assert chosen["JAX_DEFAULT_MATMUL_PRECISION"] == "default"
    assert chosen["NVIDIA_TF32_OVERRIDE"] == "0"


@pytest.mark.usefixtures("filled")
def test_a_device_is_that_of_the_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    (subject,) = resolve("keras==3.0.99@numpy", device="cpu")
    assert subject.provenance()["device"] == "cpu"
    monkeypatch.setitem(versions._DEVICES, "numpy", {"gpu": {}})  # type: ignore[index]
    with pytest.raises(
        UsageError, match=r"--device must be a device that numpy has here; .*on cpu"
    ):
        resolve("keras==3.0.99@numpy", device="gpu")


def test_what_jax_compiles_is_kept_unless_the_user_says_where(
    monkeypatch: pytest.MonkeyPatch, cache: Path
) -> None:
    monkeypatch.setattr(versions, "_missing", lambda *arguments, with_keras: [])
    kept = versions.launch("keras@jax").variables["JAX_COMPILATION_CACHE_DIR"]
    assert Path(kept).is_relative_to(cache)
    assert "JAX_COMPILATION_CACHE_DIR" not in versions.launch("keras@torch").variables
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", "elsewhere")
    assert versions.launch("keras@jax").variables["JAX_COMPILATION_CACHE_DIR"] == "elsewhere"


@pytest.mark.usefixtures("filled")
def test_doctor_examines_the_worker_itself(golden: Path) -> None:
    files = [file for file in store.load_all(golden) if file.target == "constraints.NonNeg"]
    checks = {check.name: check for check in doctor.examine("keras==3.0.99@numpy", files)}
    assert checks["hello"].detail == "keras 3.0.99, keras3, draws: numpy"
    assert checks["echo"].state is doctor.State.OK, checks["echo"]
    assert checks["values"].state is doctor.State.OK
    assert doctor.verdict(list(checks.values())) == "your adapter is in order: run the suite"
