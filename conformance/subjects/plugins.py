"""Backends that a package brings to Keras 3: how a process with one is prepared, and how one becomes known to Keras."""

from __future__ import annotations

import importlib
import importlib.util
import os
import platform
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Final

from packaging.version import Version

from conformance.model.errors import UsageError
from conformance.subjects import environments
from conformance.subjects.provenance import version_of

# The first Keras that looks for a package keras-NAME itself, and the distributions of Keras.
_PLUGGABLE: Final = Version("3.16.0.dev0")
_X86: Final = ("x86_64", "AMD64")
_NAMES: Final = ("keras", "keras-nightly")


def module(backend: str) -> str:
    """The name of the module that a package keras-NAME has."""
    return f"keras_{backend}"


def variables(backend: str) -> Mapping[str, str]:
    """Environment variables that a backend needs here, where the user has not set them."""
    if backend == "tinygrad" and "DEV" not in os.environ and platform.machine() in _X86:
        # Its own choice needs clang, at each operation; this one is forty times as fast as the one in Python.
        return {"DEV": "CPU:X86"}
    return {}


def keras(backend: str, named: str | None) -> ModuleType:
    """Keras, with a backend that it may learn of from a module; UsageError where it does not.

    A Keras with pluggable backends finds the package itself, and some packages then must not be imported first.
    An older one has to meet the package before.
    """
    if named or not (backend in environments.ENVIRONMENTS or _finds_packages()):
        _imported(named or module(backend))
    found = _imported("keras")
    if found.backend.backend() != backend:
        raise UsageError(
            f"KERAS_BACKEND must choose {backend}; Keras runs on {found.backend.backend()}"
        )
    return found


def versions(backend: str) -> Mapping[str, str]:
    """The distributions behind a backend, with their versions: its package, and the library of its name."""
    names = (f"keras-{backend}", backend)
    return {name: found for name in names if (found := version_of(name)) is not None}


def _imported(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        # Keras says of any package that cannot be imported that it is not installed; the cause says why.
        shown = error.__cause__ if isinstance(error.__cause__, Exception) else error
        said = str(shown).strip().splitlines() or [""]
        what = ""
        if name != "keras":
            package = version_of(name.replace("_", "-"))
            beside = version_of("keras-nightly") or version_of("keras")
            what = f"{name}{f' {package}' if package else ''} beside keras {beside}: "
        raise UsageError(f"cannot be imported: {what}{type(shown).__name__}: {said[0]}") from error


def _finds_packages() -> bool:
    """Whether the Keras of this process looks for packages of backends itself."""
    spec = importlib.util.find_spec("keras")
    if spec is None or spec.origin is None:
        return False
    place = str(Path(spec.origin).parents[1])
    found = [d.version for d in metadata.distributions(path=[place]) if d.name in _NAMES]
    return any(Version(version) >= _PLUGGABLE for version in found)
