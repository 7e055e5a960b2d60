"""Runs of the subject that is known to fail."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from expectations.known import CLIPPED, NONNEG, SUBJECT, NonNeg, Run
from harness import Ended

from conformance.runner.report import Plan, Report
from conformance.runner.run import run
from conformance.subjects.base import Mode


@pytest.fixture
def expecting(tmp_path: Path, golden: Path) -> Run:
    """A run of the subject over `select` with the entries given."""

    def go(*entries: str, select: tuple[str, ...] = (CLIPPED,), mode: Mode = Mode.EAGER) -> Report:
        file = tmp_path / "known.toml"
        file.write_text("\n".join(entries))
        return run(
            Plan(
                (SUBJECT,), golden, select=select, mode=mode, expectations=(file,), in_process=True
            )
        )

    return go


@pytest.fixture(autouse=True)
def subject(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType("known_failures")
    module.constraints = SimpleNamespace(NonNeg=NonNeg)  # type: ignore[attr-defined]
    module.conformance_tensors = "numpy"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module


@pytest.fixture
def command(
    tmp_path: Path,
    conformance: Callable[..., Ended],
    golden_of: Callable[[tuple[str, ...]], Path],
) -> Callable[..., Ended]:
    """A run over the cases of NonNeg that writes `known.toml` in `tmp_path`."""
    directory = golden_of((f"{NONNEG}/*",))

    def call(*more: str | Path) -> Ended:
        file = tmp_path / "known.toml"
        options = ("--golden", directory, "--write-expectations", file, *more)
        return conformance("run", "--subject", SUBJECT, "--in-process", *options)

    return call
