"""Other versions of the official packages, and Keras 3 on other backends: `keras==3.5.0@jax`.

They run in a worker process, so that none of them is imported here.
"""

from __future__ import annotations

import importlib.util
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from packaging.version import InvalidVersion, Version

from conformance.model.errors import UsageError
from conformance.subjects import environments
from conformance.subjects.base import Mode, Subject
from conformance.subjects.child import Limits, Lost, Timeouts
from conformance.subjects.process import ProcessSubject
from conformance.subjects.provenance import version_of

BACKENDS: Final = ("tensorflow", *environments.ENVIRONMENTS)
# To import TensorFlow takes seconds, on a busy machine many; so does the first trace of a `fit`.
LIMITS: Final = Limits(start=180.0, case=60.0)
_SPEC: Final = re.compile(r"(?P<package>keras|tf_keras)(==(?P<version>[^@]+))?(@(?P<backend>.+))?")
_ENTRANCE: Final = Path(__file__).with_name("entrance.py")
# The module of each backend whose name is not that of its module.
_MODULES: Final = {"numpy": "jax"}
# By backend and device, the variables that choose the device.
_DEVICES: Final[Mapping[str, Mapping[str, Mapping[str, str]]]] = {
    "torch": {"cpu": {"KERAS_TORCH_DEVICE": "cpu"}, "gpu": {"KERAS_TORCH_DEVICE": "cuda"}},
    "jax": {"cpu": {"JAX_PLATFORMS": "cpu"}, "gpu": {"JAX_PLATFORMS": "cuda"}},
    "numpy": {"cpu": {"JAX_PLATFORMS": "cpu"}},
    "openvino": {"cpu": {}},
}
# Unless the user says otherwise: products of float32 on a GPU keep all bits, as the budgets expect, and a process
# takes the memory that it needs.
_ON_A_GPU: Final = {
    "NVIDIA_TF32_OVERRIDE": "0",
    "JAX_DEFAULT_MATMUL_PRECISION": "highest",
    "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
}
_SAID: Final = re.compile(r"^--subject \S+ ")


@dataclass(frozen=True, slots=True)
class Named:
    """The parts of a specification."""

    package: str
    version: str | None
    backend: str | None


@dataclass(frozen=True, slots=True)
class Launch:
    """How a worker is started: its command and its environment variables."""

    command: tuple[str, ...]
    variables: Mapping[str, str]


def is_version(spec: str) -> bool:
    """Whether a specification has this form, valid or not."""
    return not spec.startswith(("module:", "command:")) and ("==" in spec or "@" in spec)


def named(spec: str) -> Named:
    """The parts of `keras==3.5.0@jax`; UsageError where a part is not valid."""
    found = _SPEC.fullmatch(spec)
    if found is None or found["version"] is found["backend"] is None:
        raise UsageError(
            "--subject must be keras or tf_keras, then ==VERSION, @BACKEND or both; "
            f"received {spec!r}"
        )
    package, version, backend = found["package"], found["version"], found["backend"]
    if version is not None:
        try:
            major = Version(version).major
        except InvalidVersion as error:
            raise UsageError(
                f"--subject {spec}: what follows == must be a version, as 3.5.0; "
                f"received {version!r}"
            ) from error
        if (package, major < 3) not in (("keras", False), ("tf_keras", True)):
            raise UsageError(
                f"--subject {spec}: the versions of keras must be from 3 on, those of tf_keras "
                f"are 2; received {version!r}"
            )
    if backend is not None and (backend not in BACKENDS or package != "keras"):
        raise UsageError(
            f"--subject {spec}: the backend must be one of {', '.join(BACKENDS)}, of keras alone; "
            f"received {backend!r}"
        )
    return Named(package, version, backend)


def subject(spec: str, mode: Mode, device: str | None, timeouts: Timeouts | None) -> Subject:
    """The subject that `spec` names, installed if need be; UsageError where there is none."""
    asked = named(spec)
    start = launch(spec, mode, device)
    try:
        made = ProcessSubject(
            spec,
            start.command,
            mode=mode,
            limits=(timeouts or Timeouts()).over(LIMITS),
            environment=start.variables,
        )
    except UsageError as error:
        if not isinstance(error.__cause__, Lost):
            raise
        reason = _SAID.sub("", str(error.__cause__))
        raise UsageError(f"--subject {spec} {reason}") from error
    version = made.provenance().get("version")
    if asked.version is not None and Version(str(version)) != Version(asked.version):
        made.close(kill=True)
        raise UsageError(
            f"--subject {spec}: the worker must have {asked.package} {asked.version}; it has "
            f"{version}, from another place of its path"
        )
    return made


def launch(spec: str, mode: Mode = Mode.EAGER, device: str | None = None) -> Launch:
    """How the worker of a subject is started; installs what the worker needs."""
    asked = named(spec)
    backend = asked.backend or "tensorflow"
    if backend != "tensorflow" and mode is not Mode.EAGER:
        raise UsageError(
            f"--mode must be eager for {spec}: the others are TensorFlow's; received {str(mode)!r}"
        )
    chosen: Mapping[str, str] = {}
    if backend != "tensorflow" and device is not None:
        chosen = _on(backend, device, spec)
    python, site, before = Path(sys.executable), sys.path, _inherited()
    if not _here(backend, with_keras=asked.version is None):
        environment = environments.add(environments.ENVIRONMENTS[backend])
        # Settings for this interpreter are not meant for that one.
        python, site, before = environment.python, [str(environment.site)], []
    if asked.version is not None:
        overlay = environments.package(asked.package, asked.version)
        lacking = environments.lacking(overlay, site)
        before = [str(overlay), *map(str, lacking), *before]
    words = ["--subject", asked.package, "--mode", str(mode)]
    words += ["--device", device] if device is not None else []
    words += ["--backend", backend] if asked.package == "keras" else []
    return Launch(
        (str(python), "-P", str(_ENTRANCE), *words),
        {
            **{k: v for k, v in os.environ.items() if k != "PYTHONHOME"},
            "PYTHONPATH": os.pathsep.join(before),
            "KERAS_BACKEND": backend,
            # Not a folder, so that Keras neither reads the user's keras.json nor writes one.
            "KERAS_HOME": os.devnull,
            **(_compiled() if _MODULES.get(backend, backend) == "jax" else {}),
            **chosen,
        },
    )


def _on(backend: str, device: str, spec: str) -> dict[str, str]:
    """The variables that make a backend compute on this device."""
    if device not in _DEVICES[backend]:
        raise UsageError(
            f"--device must be {' or '.join(_DEVICES[backend])} for {spec}; received {device!r}"
        )
    more = {
        name: value
        for name, value in _ON_A_GPU.items()
        if device == "gpu" and name not in os.environ
    }
    return {**more, **_DEVICES[backend][device]}


def _compiled() -> dict[str, str]:
    """Variables that let JAX keep what it has compiled: it compiles each operation for each shape."""
    if "JAX_COMPILATION_CACHE_DIR" in os.environ:
        return {}
    return {
        "JAX_COMPILATION_CACHE_DIR": str(environments.compiled()),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }


@cache
def requirements(spec: str) -> tuple[str, ...]:
    """The pinned requirements that pip installs for this subject."""
    asked = named(spec)
    backend = asked.backend or "tensorflow"
    wanted = (asked.package, _MODULES.get(backend, backend))
    if _here(backend, with_keras=asked.version is None):
        found = {name: version_of(name) for name in wanted}
        pins = {name: version for name, version in found.items() if version is not None}
    else:
        lines = environments.pinned(environments.ENVIRONMENTS[backend]).splitlines()
        pins = dict(line.split("==") for line in lines if "==" in line)
    if asked.version is not None:
        pins[asked.package] = asked.version
    return tuple(f"{name}=={pins[name]}" for name in wanted if name in pins)


def _inherited() -> list[str]:
    return [each for each in os.environ.get("PYTHONPATH", "").split(os.pathsep) if each]


def _here(backend: str, *, with_keras: bool) -> bool:
    """Whether the current environment has what a backend needs."""
    if backend == "tensorflow":
        return True  # if it is missing, the worker says so
    needed = [_MODULES.get(backend, backend), *(["keras"] if with_keras else [])]
    return all(importlib.util.find_spec(module) is not None for module in needed)
