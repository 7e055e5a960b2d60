"""Every finding is well-formed, and official Keras still does what it says."""

from __future__ import annotations

import runpy
import subprocess
import sys
import tomllib
import warnings
from pathlib import Path
from typing import Any

import pytest

from conformance import store
from conformance.claims import SEVERITIES

_KEYS = {
    "id",
    "claim",
    "documented",
    "official",
    "versions",
    "severity",
    "repro",
    "impl",
    "rule",
    "cases",
    "claims",
}
_FINDINGS: list[dict[str, Any]] = tomllib.loads(
    (store.default_directory() / "findings.toml").read_text()
)["finding"]


@pytest.mark.parametrize("finding", _FINDINGS, ids=lambda f: f["id"])
def test_the_repro_runs_and_shows_it(finding: dict[str, Any], tmp_path: Path) -> None:
    script = tmp_path / "repro.py"
    script.write_text(finding["repro"])
    # Its last line asserts; a failure means that the behaviour is gone, and the finding is closed.
    if "os.environ" in finding["repro"]:  # TensorFlow reads it once
        command = [sys.executable, "-W", "ignore", str(script)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return
    with warnings.catch_warnings(action="ignore"):
        runpy.run_path(str(script))


@pytest.mark.parametrize("finding", _FINDINGS, ids=lambda f: f["id"])
def test_it_is_well_formed(finding: dict[str, Any]) -> None:
    assert finding.keys() - {"beyond"} == _KEYS
    assert finding.get("beyond", ["*"]), "an empty list says nothing: leave it out"
    lines = finding["repro"].strip().splitlines()
    assert len(lines) <= 6
    assert lines[-1].startswith("assert ")
    assert finding["severity"] in SEVERITIES
    assert finding["rule"] in (1, 2)
    if finding["cases"]:
        assert store.load_all(store.default_directory(), [finding["cases"]])


def test_ids_are_unique() -> None:
    assert len({finding["id"] for finding in _FINDINGS}) == len(_FINDINGS)
