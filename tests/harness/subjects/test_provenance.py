"""What a provenance says is what TensorFlow does, not what its settings would make one think."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from harness import PLAIN

from conformance.subjects.provenance import differences, same_platform

_ASK = """
import json, tensorflow
from conformance.subjects.provenance import tensorflow_facts
print(json.dumps(tensorflow_facts()))
"""

# What two tests have a process with, and the other processes are without.
WITH = {"TF_ENABLE_ONEDNN_OPTS": "1", "TF_NUM_INTRAOP_THREADS": "1"}

_RESOLVE = """
import json
from conformance.subjects import resolve
print(json.dumps(resolve("impl.keras3")[0].provenance()))
"""


@cache
def facts(program: str = _ASK, **settings: str) -> Mapping[str, Any]:
    """Those of a process with these variables, and no others of TensorFlow."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("TF_")}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**kept, **settings},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.skipif(platform.machine() != "x86_64", reason="TensorFlow has oneDNN on x86 only")
def test_onednn_is_what_tensorflow_uses() -> None:
    assert facts(TF_ENABLE_ONEDNN_OPTS="0")["onednn"] is False
    assert facts(**WITH)["onednn"] is True


@pytest.mark.skipif(platform.machine() != "x86_64", reason="TensorFlow has oneDNN on x86 only")
def test_a_run_is_without_onednn_unless_the_user_asks_for_it() -> None:
    """So that verdicts do not depend on whether TensorFlow uses it by itself on this processor."""
    assert facts(_RESOLVE)["onednn"] is False
    assert facts(_RESOLVE, TF_ENABLE_ONEDNN_OPTS="1")["onednn"] is True


@pytest.mark.parametrize("onednn", ["", "1"])
def test_first_commands_end_as_expected_without_make(
    onednn: str,
    golden_of: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    python: Callable[..., Any],
) -> None:
    """Those of the README: of a port on NumPy, of one on TensorFlow, and of impl."""
    monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS", raising=False)
    if onednn:
        monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", onednn)
    port = (PLAIN, ("constraints.NonNeg/value/wave-*",))  # which cannot use oneDNN
    for subject, select in (
        *([] if onednn else [port]),
        ("module:impl.keras3:keras3", ("layers.Dense/dtype/*", "layers.Conv2D/dtype/*")),
        ("impl", ("layers.Dense/edge/*", "layers.Conv2D/channels-first/*", "layers.*/dtype/*")),
    ):
        options = [word for pattern in select for word in ("--select", pattern)]
        options += ["--golden", str(golden_of(select))]
        ended = python("-m", "conformance", "run", "--subject", subject, *options)
        assert (ended.status, ended.err) == (0, ""), ended.out
        assert "as expected: " in ended.out


def test_threads_are_those_of_the_setting() -> None:
    assert facts(**WITH)["intra_op_threads"] == 1


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"onednn": False, "machine": "x86_64", "version": "2"}, ""),
        ({"onednn": True, "machine": "x86_64"}, "onednn True, not False"),
        ({"onednn": False, "machine": "aarch64"}, "machine aarch64, not x86_64"),
        ({"machine": "x86_64"}, "no onednn"),
        (
            {"onednn": False, "machine": "x86_64", "cpu_features": ["A", "C", "D"]},
            "cpu_features with C, D and without B",
        ),
    ],
)
def test_platforms_differ_in_what_moves_bits(facts: dict[str, Any], told: str) -> None:
    recorded = {"onednn": False, "machine": "x86_64", "version": "1"}
    if "cpu_features" in facts:
        recorded["cpu_features"] = ["A", "B"]
    assert "; ".join(differences(facts, recorded)) == told
    assert same_platform(facts, recorded) is not bool(told)
