"""For all tests: TensorFlow computes as it did when golden vectors were recorded, and quietly."""

from __future__ import annotations

import gc
import os
import sys

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
# Fifteen thousand tests are collected; to look through them again and again for garbage takes longer than many a test.
gc.disable()


def pytest_collection_finish() -> None:
    """What is collected stays, and is never looked through; what comes after it less often than Python would."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 10)
    gc.enable()


@pytest.fixture(autouse=True)
def _forgotten_numbers() -> None:
    """TensorFlow takes -0.0 for 0.0 if an earlier test has made a tensor of 0.0, and the other way round."""
    if "tensorflow" in sys.modules:
        from tensorflow.python import pywrap_tfe

        pywrap_tfe.TFE_ClearScalarCache()
