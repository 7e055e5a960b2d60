"""Tiny wheels for pip to install: as much of Keras as a worker needs."""

from __future__ import annotations

import zipfile
from pathlib import Path

# As much of Keras, on the NumPy backend, as a worker needs. Where its requirement is not beside it,
# or TensorFlow comes along, it cannot be imported.
KERAS = """
import os
import sys
import types

import numpy as np
import tinytree

__version__ = {says!r}
assert "tensorflow" not in sys.modules
assert not os.path.isdir(os.environ["KERAS_HOME"])
{more}

class Variable:
    pass

class NonNeg:
    def __call__(self, w):
        return np.where(w >= 0, w, np.zeros_like(w))

class Dense:
    def __init__(self, units):
        self.trainable_weights = []

    def __call__(self, x):
        return x

backend = types.SimpleNamespace(backend=lambda: os.environ["KERAS_BACKEND"])
ops = types.SimpleNamespace(
    convert_to_tensor=lambda x, dtype=None: np.asarray(x).astype({{"float64": "float32"}}.get(np.asarray(x).dtype.name, np.asarray(x).dtype)),
    convert_to_numpy=np.asarray,
)
constraints = types.SimpleNamespace(NonNeg=NonNeg)
layers = types.SimpleNamespace(Dense=Dense)
"""


def wheel(folder: Path, name: str, version: str, source: str, requires: tuple[str, ...]) -> None:
    info = f"{name}-{version}.dist-info"
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    files = {
        f"{name}/__init__.py": source,
        f"{info}/METADATA": "\n".join([*lines, *(f"Requires-Dist: {r}" for r in requires), ""]),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)


def left_over(cache: Path) -> list[Path]:
    """What an installation that ended did not put in its place."""
    return [*cache.rglob("*.partial")]
