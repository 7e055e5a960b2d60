"""What the tests of the harness share: the command line, in this process or another, and copies."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance import cli
from conformance.model import patterns, platforms
from conformance.record import record
from conformance.runner import memory
from conformance.vectors import store

HERE = Path(__file__).resolve().parent
# For `module:plain_numpy:keras3`, `harness` and the helpers of the rooms (`from record.changed import
# ...`), here; for the first in the processes that are started from here.
sys.path.insert(0, str(HERE))

from harness import ROOT, Ended  # noqa: E402  (from the path that is set above)


@pytest.fixture(scope="session")
def golden() -> Path:
    """The committed golden files."""
    return store.default_directory()


# Facts of a provenance that `CONFORMANCE_PLATFORM` can state.
PLATFORM = ("system", "machine", "cpu_features", "python", "numpy", "onednn", "intra_op_threads")


@pytest.fixture
def state(golden: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """States that this process, and those it starts, are where the golden files were recorded.

    But for the facts that are given. So a test is on either kind of platform, on every machine.
    """
    known = store.load(golden / "constraints" / "NonNeg.json").provenance["keras3"]

    def call(**facts: Any) -> dict[str, Any]:
        stated = {key: known[key] for key in PLATFORM} | facts
        monkeypatch.setenv(platforms.VARIABLE, json.dumps(stated))
        return stated

    return call


@pytest.fixture(params=["like", "unlike"])
def platform(
    request: pytest.FixtureRequest, state: Callable[..., dict[str, Any]]
) -> dict[str, Any]:
    """The test is once on a platform like that of the golden files and once on another one."""
    return state(**({} if request.param == "like" else UNLIKE))


# Facts of no platform that golden files were recorded on.
UNLIKE = {"machine": "vax", "cpu_features": ["VAX"]}

# What a command begins with so that Ctrl-C ends it as in a terminal. It would inherit that SIGINT is
# ignored from tests which run under nohup or in the background.
INTERRUPTIBLE = (
    sys.executable,
    "-c",
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])",
)


@pytest.fixture(scope="session")
def interruptible() -> tuple[str, ...]:
    """See `INTERRUPTIBLE`."""
    return INTERRUPTIBLE


def may_take(pattern: str, target: str) -> bool:
    """Whether a pattern of `--select` may take a case of the target: 600 selections look at few files."""
    start = patterns.fixed_start(pattern) if patterns.is_glob(pattern) else ""
    return target.startswith(start) or start.startswith(target)


@pytest.fixture(scope="session")
def golden_of(
    golden: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[tuple[str, ...]], Path]:
    """The committed golden files with the cases of a selection: 300 runs need not read the rest.

    The schema, the claims and the findings are beside them.
    """
    every = store.load_all(golden)
    made: dict[tuple[str, ...], Path] = {}

    def excerpt(select: tuple[str, ...]) -> Path:
        if select not in made:
            directory = made[select] = tmp_path_factory.mktemp("golden")
            for beside in ("schema.json", "claims.toml", "findings.toml", "published.toml"):
                shutil.copy(golden / beside, directory)
            for file in every:
                near = [p for p in select if may_take(p, file.target)]
                cases = tuple(e for e in file.cases if any(store.matches(p, e.case) for p in near))
                if cases:
                    store.write(
                        directory / file.relative_path, store.dumps(replace(file, cases=cases))
                    )
        return made[select]

    return excerpt


@pytest.fixture(scope="session")
def recorded_of(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[tuple[str, ...]], Path]:
    """Golden files of a selection that are recorded here: what is asked bit for bit on every machine."""
    made: dict[tuple[str, ...], Path] = {}

    def recorded(select: tuple[str, ...]) -> Path:
        if select not in made:
            directory = made[select] = tmp_path_factory.mktemp("recorded")
            record.regenerate(directory, select).write()
        return made[select]

    return recorded


@pytest.fixture
def golden_copy(golden: Path, tmp_path: Path) -> Path:
    """A copy of all golden files, to be damaged."""
    return Path(shutil.copytree(golden, tmp_path / "golden"))


@pytest.fixture(scope="session")
def few(golden: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The golden files of two classes: who asks programs need not read the rest."""
    directory = tmp_path_factory.mktemp("golden")
    (directory / "constraints").mkdir()
    for name in ("NonNeg", "UnitNorm"):
        shutil.copy(golden / "constraints" / f"{name}.json", directory / "constraints")
    return directory


@pytest.fixture
def conformance(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., Ended]:
    """The command line in this process: arguments to how it ended. What failed is remembered for this test."""
    remembered = tmp_path_factory.mktemp("memory") / "last-failed.json"
    monkeypatch.setattr(memory, "_path", lambda: remembered)

    def call(*arguments: str | Path) -> Ended:
        monkeypatch.setattr(sys, "argv", ["conformance", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Ended(ended.value.code, out, err)

    return call


@pytest.fixture(scope="session")
def environment() -> Callable[..., dict[str, str]]:
    """The environment for another Python: this checkout, these tests, and more directories."""

    def make(*more: Path) -> dict[str, str]:
        path = os.pathsep.join(map(str, (*more, HERE, ROOT)))
        return {**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}

    return make


@pytest.fixture
def python(tmp_path: Path, environment: Callable[..., dict[str, str]]) -> Callable[..., Ended]:
    """Another Python process, in an empty directory, with `tmp_path` importable."""

    def call(*arguments: str | Path, timeout: float = 120) -> Ended:
        done = subprocess.run(
            [sys.executable, *map(str, arguments)],
            env=environment(tmp_path),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    return call
