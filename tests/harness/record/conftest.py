"""Golden files to be damaged and recorded again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def constraints_copy(golden: Path, tmp_path: Path) -> Path:
    """A copy of the golden files of one family, to be damaged: 40 recordings need not read the rest."""
    others = shutil.ignore_patterns("initializers", "regularizers", "layers", "models")
    return Path(shutil.copytree(golden, tmp_path / "golden", ignore=others))
