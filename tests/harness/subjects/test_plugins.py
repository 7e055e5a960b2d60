"""Backends that a package brings, Keras 2 and the nightly Keras: tiny stand-ins for them, nothing is installed."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from subjects.wheels import KERAS

from conformance.model.errors import UsageError
from conformance.subjects import environments, plugins, resolve, versions
from conformance.subjects.base import Place

pytestmark = pytest.mark.usefixtures("cache")
# It meets its backend, or the backend of that name is one of its own.
MEETS = """
if os.environ["KERAS_BACKEND"] != "numpy":
    assert "{module}" in sys.modules, "Unable to import backend"
"""


@pytest.fixture
def here(tmp_path: Path, cache: Path) -> Callable[..., Path]:
    """Puts a stand-in for Keras, and the module that brings a backend, in the path of this Python."""

    def put(module: str, source: str = "") -> Path:
        folder = tmp_path / "here"
        keras = KERAS.format(says="3.99", more=MEETS.format(module=module))
        (folder / "keras.py").write_text(keras)
        (folder / "tinytree.py").write_text("")
        (folder / f"{module}.py").write_text(source)
        return folder

    return put


@pytest.mark.parametrize(
    ("module", "options"),
    [("keras_toy", ()), ("mine", ("--backend-module", "mine")), ("keras_toy", ("--here",))],
)
def test_a_backend_of_this_python_needs_no_edit_of_the_suite(
    module: str,
    options: tuple[str, ...],
    here: Callable[..., Path],
    conformance: Callable[..., Any],
    golden_of: Callable[[tuple[str, ...]], Path],
    cache: Path,
) -> None:
    here(module)
    directory = golden_of(("constraints.NonNeg/value/wave-*",))
    ended = conformance("run", "--subject", "keras@toy", "--golden", directory, *options)
    assert (ended.status, ended.err) == (0, ""), ended
    assert "keras@toy against golden" in ended.out
    assert not (cache / "environments").exists()


def test_here_judges_a_backend_of_keras_itself(
    here: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environments, "add", lambda name: pytest.fail(f"made {name}"))
    here("keras_toy")
    (subject,) = resolve("keras@numpy", place=Place(here=True))
    facts = subject.provenance()
    assert (facts["backend"], facts["version"], facts["device"]) == ("numpy", "3.99", "cpu")


def test_here_names_what_this_python_lacks() -> None:
    with pytest.raises(UsageError, match=r"--here: this Python must have .* it lacks absent$"):
        resolve("keras@toy", place=Place(True, "absent"))
    with pytest.raises(UsageError, match=r"it lacks keras_toy$"):
        resolve("keras@toy", place=Place(here=True))
    with pytest.raises(UsageError, match=r"--here judges the Keras that this Python has"):
        resolve("keras==3.0.99@numpy", place=Place(here=True))


def test_what_a_backend_reports_when_it_cannot_be_imported(
    here: Callable[..., Path], conformance: Callable[..., Any]
) -> None:
    here("keras_toy", "raise ImportError('no libtoy.so')")
    ended = conformance("run", "--subject", "keras@toy")
    assert ended.status == 2
    assert ended.sentence().startswith("conformance: --subject keras@toy cannot be imported: ")
    assert ended.sentence().endswith(": ImportError: no libtoy.so")
    here("keras_toy", "import os; os.environ['KERAS_BACKEND'] = 'numpy'")
    ended = conformance("run", "--subject", "keras@toy")
    assert "KERAS_BACKEND must choose toy; Keras runs on numpy" in ended.sentence()


def test_a_keras_that_finds_packages_itself_is_left_to_find_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for name, version in (("keras", "3.15.1"), ("keras_nightly", "3.16.0.dev2026102704")):
        (tmp_path / name / "keras").mkdir(parents=True)
        (tmp_path / name / "keras" / "__init__.py").write_text("")
        info = tmp_path / name / f"{name}-{version}.dist-info"
        info.mkdir()
        text = f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: {version}\n"
        (info / "METADATA").write_text(text)
        with monkeypatch.context() as patch:
            patch.delitem(sys.modules, "keras", raising=False)
            patch.syspath_prepend(tmp_path / name)
            found.append(plugins._finds_packages())
    assert found == [False, True]


def test_an_environment_is_made_for_any_backend_when_the_user_says_so(
    conformance: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def pip(what: str, before: list[str], arguments: list[str]) -> None:
        asked.append(Path(arguments[-1]).read_text())
        site = environments.Environment("toy", Path(before[1]).parents[1]).site
        info = site / "keras_toy-2.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: keras-toy\nVersion: 2.0\n")

    with pytest.raises(
        UsageError, match="`conformance env add toy` installs the package keras-toy"
    ):
        resolve("keras@toy")
    monkeypatch.setattr(environments, "_pip", pip)
    ended = conformance("env", "add", "toy")
    assert (ended.status, ended.out.partition(",")[0]) == (0, "toy: keras-toy 2.0")
    (pins,) = asked
    assert "keras-toy\n" in pins
    assert "keras==3.15.1\n" in pins
    assert "torch" not in pins
    assert "keras@toy" in conformance("env", "list").out
    start = versions.launch("keras@toy")
    assert start.command[0] == str(environments.environment("toy").python)
    assert start.command[-2:] == ("--backend", "toy")
    assert start.variables["KERAS_BACKEND"] == "toy"
    assert versions.requirements("keras@toy") == ("keras==3.15.1", "keras-toy")
    assert conformance("env", "remove", "toy").out == "toy: removed\n"


def test_keras_2_has_an_environment_with_the_tensorflow_of_its_time(
    conformance: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(
        environments, "_pip", lambda what, before, rest: asked.append(Path(rest[-1]).read_text())
    )
    start = versions.launch("keras==2.15.0")
    made = environments.environment("keras-2.15.0")
    assert start.command[0] == str(made.python)
    assert start.variables["PYTHONPATH"] == ""
    (pins,) = asked
    assert pins.endswith("\nkeras==2.15.0\n")
    assert "tensorflow-cpu==2.15." in pins
    assert "keras==2.15.0" in conformance("env", "list").out
    assert conformance("env", "add", "keras==2.15.0").status == 0
    assert len(asked) == 1
    keras, tensorflow = versions.requirements("keras==2.15.0")
    assert keras == "keras==2.15.0"
    assert tensorflow.startswith("tensorflow")
    assert "==2.15." in tensorflow
    assert conformance("env", "remove", "keras-2.15.0").out == "keras-2.15.0: removed\n"


@pytest.mark.parametrize(
    ("spec", "label", "requirement"),
    [
        ("keras==nightly", "keras-nightly", "keras-nightly"),
        *(
            (spec, "keras-nightly-3.16.0.dev2026102704", "keras-nightly==3.16.0.dev2026102704")
            for spec in ("keras==3.16.0.dev2026102704", "keras==3.16.0.dev2026102704@numpy")
        ),
    ],
)
def test_the_nightly_keras_is_a_package_of_another_name(
    spec: str, label: str, requirement: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    installed = []

    def beside(label: str, requirement: str, say: environments.Say) -> Path:
        installed.append((label, requirement))
        return tmp_path / label

    monkeypatch.setattr(environments, "_beside", beside)
    start = versions.launch(spec)
    assert installed == [(label, requirement)]
    assert start.variables["PYTHONPATH"].split(os.pathsep)[0] == str(tmp_path / label)
    assert versions.requirements(spec)[0] == requirement


def test_tinygrad_is_told_of_a_device_that_needs_no_compiler(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("DEV", raising=False)
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    assert plugins.variables("tinygrad") == {"DEV": "CPU:X86"}
    assert plugins.variables("torch") == {}
    monkeypatch.setattr("platform.machine", lambda: "arm64")
    assert plugins.variables("tinygrad") == {}
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setenv("DEV", "CPU")
    assert plugins.variables("tinygrad") == {}
