"""The cache of packages and environments: what is installed, once, whole, and removed again."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harness import ROOT
from packaging.requirements import Requirement
from subjects.wheels import left_over

from conformance.subjects import environments, versions

pytestmark = pytest.mark.usefixtures("cache")


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
    monkeypatch.setattr(versions, "_missing", lambda *arguments, with_keras: ["torch"])
    start = versions.launch("keras@torch")
    made = environments.environment("torch")
    assert start.command[:2] == (str(made.python), "-P")
    assert start.variables["PYTHONPATH"] == ""
    assert start.variables["KERAS_BACKEND"] == "torch"
    assert not Path(start.variables["KERAS_HOME"]).is_dir()


@pytest.mark.parametrize("release", environments.KERAS_2)
def test_every_keras_2_has_its_tensorflow(release: str) -> None:
    lines = environments.pinned(f"keras-{release}.0").splitlines()
    asked = [Requirement(s) for s in lines if not s.startswith("#")]
    assert all(str(r.specifier).startswith("==") for r in asked)
    ours = [str(r.specifier) for r in asked if r.name in ("tensorflow", "tensorflow-cpu")]
    assert [version.rpartition(".")[0] for version in ours] == [f"=={release}"] * 2
    assert environments.pins(f"keras-{release}.0")["keras"] == f"{release}.0"
    assert len(environments.pins(f"keras-{release}.0")) == len(asked) - 1


@pytest.mark.parametrize(
    "name", [*sorted(set(environments.ENVIRONMENTS.values())), "mlx", "tinygrad"]
)
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
