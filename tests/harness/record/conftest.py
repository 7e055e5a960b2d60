"""Golden files to be damaged and recorded again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from record.changed import of_one_platform


@pytest.fixture
def constraints_copy(golden: Path, tmp_path: Path) -> Path:
    """A copy of the golden files of one family, to be damaged: 40 recordings need not read the rest.

    Each is as if it had been recorded on one platform.
    """
    others = shutil.ignore_patterns("initializers", "regularizers", "layers", "models")
    copied = Path(shutil.copytree(golden, tmp_path / "golden", ignore=others))
    for path in copied.glob("*/*.json"):
        path.write_bytes(of_one_platform(path.read_bytes()))
    return copied
