"""Every finding is well-formed, and official Keras still does what it says."""

from __future__ import annotations

import io
import re
import runpy
import subprocess
import sys
import tomllib
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from conformance.claims.claims import SEVERITIES, Finding, Judged, elsewhere, load, load_findings
from conformance.model.platforms import EVERYWHERE
from conformance.report import claims as report
from conformance.subjects import provenance
from conformance.vectors import store

_KEYS = {
    *("id", "claim", "documented", "official", "versions", "severity"),
    *("repro", "impl", "rule", "cases", "claims"),
}
_OPTIONAL = {"beyond", "platform", "answers", "rejections", "fault", "since", "until"}
_DIRECTORY = store.default_directory()
_WRITTEN: list[dict[str, Any]] = tomllib.loads((_DIRECTORY / "findings.toml").read_text())[
    "finding"
]
_FINDINGS = load_findings(_DIRECTORY)
_ELSEWHERE = elsewhere(_FINDINGS, provenance.here())
_HERE = [finding for finding in _FINDINGS if finding.id not in _ELSEWHERE]


@pytest.mark.parametrize("finding", _HERE, ids=lambda finding: finding.id)
def test_the_repro_runs_and_shows_it(
    finding: Finding, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where a repro that saves a model leaves it
    script = tmp_path / "repro.py"
    script.write_text(finding.repro)
    # Its last line asserts; a failure means that the behaviour is gone, and the finding is closed.
    if "os.environ" in finding.repro:  # TensorFlow reads it once
        command = [sys.executable, "-W", "ignore", str(script)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return
    with warnings.catch_warnings(action="ignore"):
        runpy.run_path(str(script))


def test_findings_of_another_platform_are_counted(state: Callable[..., Any]) -> None:
    """Of findings that need AVX-512, or a processor of a kind, none is of a platform without."""
    limited = {finding.id for finding in _FINDINGS if finding.platform != EVERYWHERE}
    named = {finding.id for finding in _FINDINGS if finding.id.startswith("onednn-")}
    assert limited == named
    for facts, absent in (
        ({"cpu_features": ["X86_V3", "X86_V4", "AVX512_SPR"]}, set()),
        ({"cpu_features": ["X86_V3", "X86_V4"]}, {"onednn-relu-float16"}),
        ({"cpu_features": ["X86_V3"]}, {"onednn-bfloat16-sums", "onednn-relu-float16"}),
        ({"machine": "aarch64"}, named),
    ):
        state(**facts)
        assert set(elsewhere(_FINDINGS, provenance.here())) == absent
        judged = Judged(load(_DIRECTORY), (), elsewhere=sorted(absent))
        console = Console(file=io.StringIO(), width=200)
        report.summary(judged, console)
        assert isinstance(console.file, io.StringIO)
        told = [
            line for line in console.file.getvalue().splitlines() if "not of this platform" in line
        ]
        count = "1 of them is" if len(absent) == 1 else f"{len(absent)} of them are"
        assert told == [
            f"{count} not of this platform, where the repro does not run: "
            f"{', '.join(sorted(absent))}"
        ] * bool(absent)


@pytest.mark.parametrize("finding", _WRITTEN, ids=lambda f: f["id"])
def test_it_is_well_formed(finding: dict[str, Any]) -> None:
    assert finding.keys() - _OPTIONAL == _KEYS
    assert finding.get("beyond", ["*"]), "an empty list says nothing: leave it out"
    lines = finding["repro"].strip().splitlines()
    assert len(lines) <= 6
    assert lines[-1].startswith("assert ")
    assert finding["severity"] in SEVERITIES
    assert finding["rule"] in (1, 2)
    for bound in ("since", "until"):
        assert re.match(r"(keras|tf_keras|keras-nightly) \d+\.\d+", finding.get(bound, "keras 3.0"))
    if finding["cases"]:
        assert store.load_all(store.default_directory(), [finding["cases"]])


def test_ids_are_unique() -> None:
    assert len({finding.id for finding in _FINDINGS}) == len(_FINDINGS)
