"""Other versions and backends: what pip installs here are tiny wheels of ours, from a folder."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from conformance.model import Returned, Unsupported, codec
from conformance.model.errors import UsageError
from conformance.report import repro
from conformance.runner import doctor
from conformance.subjects import environments, resolve, versions
from conformance.subjects.base import Mode
from conformance.vectors import store

ROOT = Path(__file__).resolve().parents[2]
CASE = "constraints.NonNeg/value/wave-3x4-float32"

# As much of Keras, on the NumPy backend, as a worker needs. Where its requirement is not beside it,
# or TensorFlow comes along, it cannot be imported.
KERAS = """
import os
import sys
import types

import numpy as np
import tinytree

__version__ = {says!r}
assert "tensorflow" not in sys.modules
assert not os.path.isdir(os.environ["KERAS_HOME"])
{more}

class Variable:
    pass

class NonNeg:
    def __call__(self, w):
        return np.where(w >= 0, w, np.zeros_like(w))

class Dense:
    def __init__(self, units):
        self.trainable_weights = []

    def __call__(self, x):
        return x

backend = types.SimpleNamespace(backend=lambda: os.environ["KERAS_BACKEND"])
ops = types.SimpleNamespace(
    convert_to_tensor=lambda x, dtype=None: np.asarray(x).astype({{"float64": "float32"}}.get(np.asarray(x).dtype.name, np.asarray(x).dtype)),
    convert_to_numpy=np.asarray,
)
constraints = types.SimpleNamespace(NonNeg=NonNeg)
layers = types.SimpleNamespace(Dense=Dense)
"""


def wheel(folder: Path, name: str, version: str, source: str, requires: tuple[str, ...]) -> None:
    info = f"{name}-{version}.dist-info"
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    files = {
        f"{name}/__init__.py": source,
        f"{info}/METADATA": "\n".join([*lines, *(f"Requires-Dist: {r}" for r in requires), ""]),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four versions of Keras: right, broken, with another version inside, and a requirement."""
    folder = tmp_path_factory.mktemp("wheels")
    needs = ("tinytree>=1", "numpy", "tensorflow", 'absent; extra == "more"')
    for version, says, more in (
        ("3.0.97", "3.1.0", ""),
        ("3.0.98", "3.0.98", "raise ImportError('cannot import name old from numpy\\nand more')"),
        ("3.0.99", "3.0.99", ""),
    ):
        wheel(folder, "keras", version, KERAS.format(says=says, more=more), needs)
    wheel(folder, "tinytree", "1.2", "import tinierleaf", ("tinierleaf",))
    wheel(folder, "tinierleaf", "0.1", "", ())
    return folder


@pytest.fixture(autouse=True)
def cache(wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty cache; pip sees our wheels alone; a `jax` that is there, for the NumPy backend."""
    (tmp_path / "here" / "jax").mkdir(parents=True)
    (tmp_path / "here" / "jax" / "__init__.py").write_text('__version__ = "0"\n')
    (tmp_path / "here" / "jax-0.dist-info").mkdir()
    metadata = "Metadata-Version: 2.1\nName: jax\nVersion: 0\n"
    (tmp_path / "here" / "jax-0.dist-info" / "METADATA").write_text(metadata)
    monkeypatch.syspath_prepend(tmp_path / "here")
    path = [str(tmp_path / "here"), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, path)))
    monkeypatch.setenv("CONFORMANCE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.delenv("JAX_COMPILATION_CACHE_DIR", raising=False)
    return tmp_path / "cache"


@pytest.fixture
def filled(
    cache: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cache that these tests share."""
    shared = tmp_path_factory.getbasetemp() / "filled"
    monkeypatch.setenv("CONFORMANCE_CACHE", str(shared))


def left_over(cache: Path) -> list[Path]:
    return [*cache.rglob("*.partial")]


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
            "--subject keras==three: what follows == must be a version, as 3.5.0; received 'three'",
        ),
        (
            "keras==2.15.0",
            "--subject keras==2.15.0: the versions of keras must be from 3 on, those of tf_keras "
            "are 2; received '2.15.0'",
        ),
        (
            "tf_keras@jax",
            "--subject tf_keras@jax: the backend must be one of tensorflow, jax, numpy, openvino, "
            "torch, of keras alone; received 'jax'",
        ),
        (
            "keras@theano",
            "--subject keras@theano: the backend must be one of tensorflow, jax, numpy, openvino, "
            "torch, of keras alone; received 'theano'",
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


def test_other_backends_have_neither_modes_nor_devices() -> None:
    with pytest.raises(UsageError, match=r"--mode must be eager for keras@torch: .* 'xla'"):
        resolve("keras@torch", mode=Mode.XLA)
    with pytest.raises(UsageError, match=r"--device must be left .* received 'GPU:0'"):
        resolve("keras@torch", device="GPU:0")


def test_two_processes_at_once_install_once(cache: Path) -> None:
    code = "from conformance.subjects import environments as e; print(e.package('keras', '3.0.99'))"
    path = os.pathsep.join([str(ROOT), os.environ["PYTHONPATH"]])
    both = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONPATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    ended = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], ended
    assert len({out for out, _ in ended}) == 1
    assert sum(err.count("installing") for _, err in ended) == 1
    assert (Path(ended[0][0].strip()) / "keras" / "__init__.py").is_file()


def test_what_a_killed_process_left_is_not_taken_for_a_package(cache: Path) -> None:
    folder = environments.package("keras", "3.0.99", lambda message: None)
    assert environments.remove(folder)
    half = folder.parent / ".keras-3.0.99.abc.partial" / "keras"
    half.mkdir(parents=True)
    assert environments.packages() == []
    said: list[str] = []
    assert environments.package("keras", "3.0.99", said.append) == folder
    assert (folder / "keras" / "__init__.py").is_file()
    assert len(said) == 1
    assert not half.exists()


def test_an_interrupted_installation_leaves_nothing(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(environments, "_pip", interrupted)
    with pytest.raises(KeyboardInterrupt):
        environments.package("keras", "3.0.99")
    assert [f for f in cache.rglob("*") if not f.name.endswith(".lock") and f.is_file()] == []
    assert left_over(cache) == []


def test_environments_are_listed_made_anew_when_pins_change_and_removed(
    conformance: Callable[..., Any], cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[list[str]] = []

    def pip(what: str, before: list[str], arguments: list[str]) -> None:
        calls.append([*before, *arguments])
        site = environments.Environment("torch", Path(before[1]).parents[1]).site
        info = site / "torch-2.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: torch\nVersion: 2.0\n")

    monkeypatch.setattr(environments, "_pip", pip)
    assert "no environments" in conformance("env", "list").out
    ended = conformance("env", "add", "torch")
    assert ended.status == 0
    assert ended.out.startswith("torch: torch 2.0, ")
    made = environments.environment("torch")
    assert calls[0][0] == "--python"
    assert calls[0][2] == "--requirement"
    run = [made.python, "-c", "import sys; print(sys.prefix)"]
    assert subprocess.check_output(run, text=True).strip() == str(made.folder)
    assert "keras@torch" in conformance("env", "list").out
    conformance("env", "add", "torch")
    assert len(calls) == 1
    (made.folder / "requirements.txt").write_text("torch==1.0\n")
    assert "of another release" in " ".join(conformance("env", "list").out.split())
    conformance("env", "add", "torch")
    assert len(calls) == 2
    assert left_over(cache) == []
    assert conformance("env", "remove", "torch").out == "torch: removed\n"
    assert conformance("env", "remove", "torch").out == "torch: was not there\n"
    assert environments.installed() == []


@pytest.mark.parametrize("command", ["add", "remove"])
def test_a_wrong_name_of_an_environment_is_said(
    command: str, conformance: Callable[..., Any]
) -> None:
    ended = conformance("env", command, "../..")
    assert ended.status == 2
    assert "must be one of jax, numpy, openvino, torch" in ended.sentence()
    assert "received '../..'" in ended.sentence()


def test_a_cache_that_cannot_be_written_to_is_said(
    conformance: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONFORMANCE_CACHE", os.devnull)
    ended = conformance("run", "--subject", "keras==3.0.99@numpy")
    assert ended.status == 2
    assert "must be a place that can be written to" in ended.sentence()


def test_an_environment_of_its_own_sees_nothing_of_this_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(environments, "_pip", lambda *arguments: None)
    monkeypatch.setattr(versions, "_here", lambda backend, with_keras: False)
    start = versions.launch("keras@torch")
    made = environments.environment("torch")
    assert start.command[:2] == (str(made.python), "-P")
    assert start.variables["PYTHONPATH"] == ""
    assert start.variables["KERAS_BACKEND"] == "torch"
    assert not Path(start.variables["KERAS_HOME"]).is_dir()


def test_what_jax_compiles_is_kept_unless_the_user_says_where(
    monkeypatch: pytest.MonkeyPatch, cache: Path
) -> None:
    monkeypatch.setattr(versions, "_here", lambda backend, with_keras: True)
    kept = versions.launch("keras@jax").variables["JAX_COMPILATION_CACHE_DIR"]
    assert Path(kept).is_relative_to(cache)
    assert "JAX_COMPILATION_CACHE_DIR" not in versions.launch("keras@torch").variables
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", "elsewhere")
    assert versions.launch("keras@jax").variables["JAX_COMPILATION_CACHE_DIR"] == "elsewhere"


@pytest.mark.parametrize("name", sorted(set(environments.ENVIRONMENTS.values())))
def test_every_requirement_is_pinned_and_none_is_tensorflow(name: str) -> None:
    lines = [s for s in environments.pinned(name).splitlines() if not s.startswith("#")]
    pins = {r.name: str(r.specifier) for r in map(Requirement, lines)}
    assert len(pins) == len(lines) > 10
    assert all(spec.startswith("==") and "*" not in spec for spec in pins.values()), pins
    assert {"keras", "numpy", "ml_dtypes", name} <= set(pins)
    assert not any(package.startswith(("tensorflow", "tf")) for package in pins)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    official = {
        r.name: str(r.specifier)
        for r in map(Requirement, project["optional-dependencies"]["official"])
    }
    assert (pins["keras"], pins["numpy"]) == (official["keras"], official["numpy"])


@pytest.mark.usefixtures("filled")
def test_doctor_examines_the_worker_itself(golden: Path) -> None:
    files = [file for file in store.load_all(golden) if file.target == "constraints.NonNeg"]
    checks = {check.name: check for check in doctor.examine("keras==3.0.99@numpy", files)}
    assert checks["hello"].detail == "keras 3.0.99, keras3, draws: numpy"
    assert checks["echo"].state is doctor.State.OK, checks["echo"]
    assert checks["values"].state is doctor.State.OK
    assert doctor.verdict(list(checks.values())) == "your adapter is in order: run the suite"


@pytest.mark.parametrize("backend", ["jax", "numpy", "openvino", "torch"])
def test_a_repro_says_what_it_needs_and_is_python(backend: str, golden: Path) -> None:
    cases = {
        (file.target, *(step.do for step in entry.case.steps)): entry.case
        for file in store.load_all(golden)
        for entry in file.cases
        if "keras3" in entry.expected
    }
    subject = f"keras==3.10.0@{backend}"
    asked = {key: repro.script(case, subject, backend) for key, case in cases.items()}
    first = next(iter(asked.values())).splitlines()
    assert first[0].startswith("# pip install keras==3.10.0 ")
    assert f'os.environ["KERAS_BACKEND"] = "{backend}"' in first
    assert first.index("import keras as K") > first.index("import os")
    for script in asked.values():
        compile(script, "repro", "exec")
        assert "tf." not in script
    gradients = [text for steps, text in asked.items() if "gradient" in steps]
    asks = {"torch": "torch.autograd.grad(", "jax": "jax.grad("}.get(backend, "has no gradients")
    assert gradients
    assert all(asks in text for text in gradients)


def test_a_repro_of_a_version_says_how_to_get_it(golden: Path) -> None:
    cases = {e.case.id: e.case for f in store.load_all(golden) for e in f.cases}
    lines = repro.script(cases[CASE], "tf_keras==2.16.0").splitlines()
    assert lines[0].startswith("# pip install --no-deps tf_keras==2.16.0  # over tensorflow==")
    assert "import tf_keras as K" in lines
    assert "import tensorflow as tf" in lines
