"""A later version of the NumPy subject, in which something of each kind changes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# A later version of plain_numpy: a change of each kind that constraints can show.
LATER = """
from types import SimpleNamespace

import numpy as np
import plain_numpy.constraints as plain
from plain_numpy import initializers

conformance_tensors = "numpy"
__version__ = "2.0"


class MaxNorm(plain.MaxNorm):
    def __init__(self, max_value=3, axis=0):
        super().__init__(max_value, axis)


class UnitNorm(plain.UnitNorm):
    def get_config(self):
        return {"axes": self.axis, "ord": 2}


class NonNeg(plain.NonNeg):
    def __call__(self, w):
        if np.asarray(w).dtype.kind == "i":
            raise TypeError("integers are not weights")
        return np.nextafter(super().__call__(w), np.asarray(w).dtype.type(9))


constraints = SimpleNamespace(
    **{**vars(plain), "MaxNorm": MaxNorm, "UnitNorm": UnitNorm, "NonNeg": NonNeg}
)
"""


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    (tmp_path / "plain_later.py").write_text(LATER)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "module:plain_later:keras3"
    sys.modules.pop("plain_later", None)
