"""Programs as subjects, and the cases that they are asked."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from subjects.programs import Program
from subjects.wheels import KERAS, wheel

from conformance.model import Case
from conformance.vectors import store


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Callable[..., Program]]:
    """Makes a program, and afterwards looks that nothing is left of it."""
    made: list[Program] = []

    def make(hostile: str, after: str = "") -> Program:
        made.append(Program(tmp_path, hostile, after))
        return made[-1]

    yield make
    for each in made:
        assert each.left() == []


@pytest.fixture(scope="module")
def cases(few: Path) -> dict[str, Case]:
    return {entry.case.id: entry.case for file in store.load_all(few) for entry in file.cases}


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


@pytest.fixture
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
