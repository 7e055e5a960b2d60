"""`pytest conformance`: the same run as on the command line, one test per case, with the same options.

For an installed suite it is `pytest --pyargs conformance`. It works with `-k`, `-n`, `--lf` and the rest. The
options exist only in sessions that name this package (`conftest.py`, `pytest_entry.py`), so that a `--device`
here does not collide with a `--device` of the project under test.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from conformance.model.errors import ConformanceError
from conformance.runner.judging import Judge
from conformance.runner.report import Against, Follow, Plan, Report
from conformance.runner.run import Runner, introduce
from conformance.subjects.base import Mode
from conformance.subjects.child import Timeouts
from conformance.vectors import store

_RUNNER: Final = pytest.StashKey[Runner]()
_TESTS: Final = Path(__file__).parent.with_name("test_conformance.py")


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """The options of `conformance run` that make sense here."""
    group = parser.getgroup("conformance")
    group.addoption("--subject", action="append", default=[], help="as in `conformance run`")
    group.addoption("--against", choices=[str(a) for a in Against], default="golden")
    group.addoption("--follow", choices=[str(f) for f in Follow], default=None)
    group.addoption("--select", action="append", default=[], metavar="PATTERN")
    group.addoption("--mode", choices=[str(m) for m in Mode], default="eager")
    group.addoption("--device", default=None)
    group.addoption("--golden", type=Path, default=None)
    group.addoption("--expectations", type=Path, action="append", default=[])
    group.addoption("--exceptions", action="store_true")
    group.addoption("--start-timeout", type=float, default=None, metavar="SECONDS")
    group.addoption("--case-timeout", type=float, default=None, metavar="SECONDS")
    group.addoption("--in-process", action="store_true")
    # Another plugin has this option too, and shuffles all tests.
    if not pluginmanager.has_plugin("random_order"):
        group.addoption("--random-order", type=int, default=None, metavar="SEED")


def _runner(config: pytest.Config) -> Runner:
    if _RUNNER not in config.stash:
        option = config.getoption
        try:
            config.stash[_RUNNER] = Runner(
                Plan(
                    subjects=tuple(option("--subject")) or ("impl",),
                    golden=option("--golden") or store.default_directory(),
                    against=Against(option("--against")),
                    follow=Follow(option("--follow")) if option("--follow") else None,
                    select=tuple(option("--select")),
                    mode=Mode(option("--mode")),
                    device=option("--device"),
                    # pytest's own option; here it also asks for the same bits.
                    strict=bool(option("--strict")),
                    expectations=tuple(option("--expectations")),
                    exceptions=option("--exceptions"),
                    timeouts=Timeouts(option("--start-timeout"), option("--case-timeout")),
                    random_order=_seed(config),
                    in_process=option("--in-process"),
                )
            )
        except ConformanceError as error:
            raise pytest.UsageError(str(error)) from error
    return config.stash[_RUNNER]


def _seed(config: pytest.Config) -> int | None:
    seed = config.getoption("--random-order", None)
    # That of the other plugin is a flag.
    return None if isinstance(seed, bool) else seed


@pytest.fixture(scope="session")
def conformance_runner(pytestconfig: pytest.Config) -> Runner:
    """The run that the options describe."""
    return _runner(pytestconfig)


@pytest.fixture(scope="session")
def conformance_judge(conformance_runner: Runner) -> Judge:
    """The expectations of every subject of the run."""
    report = Report(conformance_runner.plan)
    introduce(report, conformance_runner)
    return Judge(report)


def pytest_generate_tests(metafunc: Any) -> None:
    """One test for each case and subject."""
    if metafunc.definition.path == _TESTS and "position" in metafunc.fixturenames:
        runner = _runner(metafunc.config)
        rows = [
            pytest.param(position, subject.name, id=f"{subject.name}-{entry.case.id}")
            for position in runner.order
            for entry in (runner.entries[position][1],)
            for subject in runner.subjects
            if subject.dialect in entry.expected
        ]
        metafunc.parametrize(("position", "subject"), rows)
