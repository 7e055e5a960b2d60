"""What a provenance says is what TensorFlow does, not what its settings would make one think."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest

_ASK = """
import json, tensorflow
from conformance.subjects.provenance import tensorflow_facts
print(json.dumps(tensorflow_facts()))
"""


def facts(**settings: str) -> Mapping[str, Any]:
    """Those of a process with these variables, and no others of TensorFlow."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("TF_")}
    done = subprocess.run(
        [sys.executable, "-c", _ASK],
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
    assert facts(TF_ENABLE_ONEDNN_OPTS="1")["onednn"] is True


def test_threads_are_those_of_the_setting() -> None:
    assert facts(TF_NUM_INTRAOP_THREADS="1")["intra_op_threads"] == 1
