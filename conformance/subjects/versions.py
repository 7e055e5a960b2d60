"""Other versions of the official packages, and Keras 3 on other backends: `keras==3.5.0@jax`.

They run in a worker process, so that none of them is imported here. A backend is one that Keras has, or one that a
package keras-NAME brings. Keras 2 before it was called tf_keras needs a TensorFlow and a NumPy of its time, and runs
in an environment of its own. `keras==nightly` is the package keras-nightly.
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
from conformance.subjects import environments, plugins
from conformance.subjects.base import ANYWHERE, Mode, Place, Subject
from conformance.subjects.child import Limits, Lost, Timeouts
from conformance.subjects.process import ProcessSubject
from conformance.subjects.provenance import version_of

NIGHTLY: Final = "nightly"
BACKENDS: Final = ("tensorflow", *environments.ENVIRONMENTS)
# To import TensorFlow takes seconds, on a busy machine many; so does the first trace of a `fit`.
LIMITS: Final = Limits(start=180.0, case=60.0)
_SPEC: Final = re.compile(r"(?P<package>keras|tf_keras)(==(?P<version>[^@]+))?(@(?P<backend>.+))?")
_ENTRANCE: Final = Path(__file__).with_name("entrance.py")
# The module of each backend whose name is not that of its module.
_MODULES: Final = {"numpy": "jax"}
_BACKEND: Final = re.compile(r"[a-z][a-z0-9_]*")
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

    @property
    def distribution(self) -> str:
        """What pip installs for the package."""
        nightly = self.version == NIGHTLY or (self.version and Version(self.version).is_devrelease)
        return "keras-nightly" if nightly else self.package

    @property
    def pinned_version(self) -> str | None:
        """The version that pip is asked for; None for any."""
        return None if self.version == NIGHTLY else self.version

    @property
    def is_keras_2(self) -> bool:
        """Whether this is Keras 2 under its first name."""
        return (
            self.package == "keras"
            and self.pinned_version is not None
            and Version(self.pinned_version).major == 2
        )


@dataclass(frozen=True, slots=True)
class Launch:
    """How a worker is started: its command and its environment variables."""

    command: tuple[str, ...]
    variables: Mapping[str, str]


def is_version(spec: str) -> bool:
    """Whether a specification has this form, valid or not."""
    other = spec.startswith(("module:", "command:", "tfjs"))  # which has backends of its own
    return not other and ("==" in spec or "@" in spec)


def named(spec: str) -> Named:
    """The parts of `keras==3.5.0@jax`; UsageError where a part is not valid."""
    found = _SPEC.fullmatch(spec)
    if found is None or found["version"] is found["backend"] is None:
        raise UsageError(
            "--subject must be keras or tf_keras, then ==VERSION, @BACKEND or both; "
            f"received {spec!r}"
        )
    package, version, backend = found["package"], found["version"], found["backend"]
    made = Named(package, version, backend)
    if version is not None:
        _check_version(spec, made)
    if backend is not None and (not _BACKEND.fullmatch(backend) or package != "keras"):
        raise UsageError(
            f"--subject {spec}: the backend must be one of {', '.join(BACKENDS)} or the NAME of a "
            f"package keras-NAME, of keras alone; received {backend!r}"
        )
    if made.is_keras_2 and backend not in (None, "tensorflow"):
        raise UsageError(
            f"--subject {spec}: Keras 2 has no backend but tensorflow; received {backend!r}"
        )
    return made


def _check_version(spec: str, asked: Named) -> None:
    """UsageError where the package has no such version."""
    if asked.version == NIGHTLY and asked.package == "keras":
        return
    try:
        version = Version(asked.version or "")
    except InvalidVersion as error:
        raise UsageError(
            f"--subject {spec}: what follows == must be a version, as 3.5.0, or {NIGHTLY} of keras; "
            f"received {asked.version!r}"
        ) from error
    known = version.major >= 3 or f"{version.major}.{version.minor}" in environments.KERAS_2
    if asked.package == "tf_keras" and version.major != 2:
        raise UsageError(
            f"--subject {spec}: the versions of tf_keras are 2; received {asked.version!r}"
        )
    if asked.package == "keras" and not known:
        *most, last = environments.KERAS_2
        raise UsageError(
            f"--subject {spec}: the versions of keras must be of {', '.join(most)} or {last}, or "
            f"from 3 on; received {asked.version!r}"
        )


def subject(
    spec: str, mode: Mode, device: str | None, timeouts: Timeouts | None, place: Place = ANYWHERE
) -> Subject:
    """The subject that `spec` names, installed if need be; UsageError where there is none."""
    asked = named(spec)
    start = launch(spec, mode, device, place)
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
    if asked.pinned_version and Version(str(version)) != Version(asked.pinned_version):
        made.close(kill=True)
        raise UsageError(
            f"--subject {spec}: the worker must have {asked.package} {asked.version}; it has "
            f"{version}, from another place of its path"
        )
    return made


def launch(
    spec: str, mode: Mode = Mode.EAGER, device: str | None = None, place: Place = ANYWHERE
) -> Launch:
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
    if (environment := _environment(spec, asked, place)) is not None:
        # Settings for this interpreter are not meant for that one.
        python, site, before = environment.python, [str(environment.site)], []
    if asked.version is not None and not asked.is_keras_2:
        overlay = environments.package(asked.distribution, asked.pinned_version)
        lacking = environments.lacking(overlay, site)
        before = [str(overlay), *map(str, lacking), *before]
    words = ["--subject", asked.package, "--mode", str(mode)]
    words += ["--device", device] if device is not None else []
    words += ["--backend", backend] if asked.package == "keras" else []
    words += ["--backend-module", place.module] if place.module and backend not in BACKENDS else []
    return Launch(
        (str(python), "-P", str(_ENTRANCE), *words),
        {
            **{k: v for k, v in os.environ.items() if k != "PYTHONHOME"},
            "PYTHONPATH": os.pathsep.join(before),
            "KERAS_BACKEND": backend,
            # Not a folder, so that Keras neither reads the user's keras.json nor writes one.
            "KERAS_HOME": os.devnull,
            **(_compiled() if _MODULES.get(backend, backend) == "jax" else {}),
            **plugins.variables(backend),
            **chosen,
        },
    )


def _environment(spec: str, asked: Named, place: Place) -> environments.Environment | None:
    """The environment that the worker needs, made if need be; None for that of this process."""
    backend = asked.backend or "tensorflow"
    if place.here:
        if asked.version is not None:
            raise UsageError(
                f"--here judges the Keras that this Python has, without ==VERSION; received {spec!r}"
            )
        if missing := _missing(backend, place, with_keras=True):
            raise UsageError(
                f"--here: this Python must have what {spec} needs; it lacks {', '.join(missing)}"
            )
        return None
    if asked.is_keras_2:
        return environments.add(f"keras-{asked.version}")
    if not _missing(backend, place, with_keras=asked.version is None):
        return None
    name = environments.ENVIRONMENTS.get(backend, backend)
    if not (environments.has_pins(name) or environments.environment(name).current()):
        # On demand nothing is installed that this release does not know: a name may be mistyped.
        raise UsageError(
            f"--subject {spec}: the backend must be one of {', '.join(BACKENDS)}, or one that is "
            f"installed; received {backend!r} (`conformance env add {backend}` installs the package "
            f"keras-{backend}; --backend-module names a module of this Python)"
        )
    return environments.add(name)


def _on(backend: str, device: str, spec: str) -> dict[str, str]:
    """The variables that make a backend compute on this device."""
    known = _DEVICES.get(backend, {"cpu": {}})
    if device not in known:
        raise UsageError(f"--device must be {' or '.join(known)} for {spec}; received {device!r}")
    more = {
        name: value
        for name, value in _ON_A_GPU.items()
        if device == "gpu" and name not in os.environ
    }
    return {**more, **known[device]}


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
    wanted = [asked.package, *_distributions(backend)]
    if asked.is_keras_2:
        pins = environments.pins(f"keras-{asked.version}")
        wanted = ["keras", *(name for name in pins if name.startswith("tensorflow"))][:2]
    elif not _missing(backend, ANYWHERE, with_keras=asked.version is None):
        found = {name: version_of(name) for name in wanted}
        pins = {name: version for name, version in found.items() if version is not None}
    else:
        pins = environments.pins(environments.ENVIRONMENTS.get(backend, backend))
    if asked.version is not None:
        pins[asked.package] = asked.version
    known = [f"{name}=={pins[name]}" if name in pins else name for name in wanted]
    if asked.distribution != asked.package:
        known[0] = f"{asked.distribution}=={asked.version}".removesuffix(f"=={NIGHTLY}")
    return tuple(each for each in known if "==" in each or each not in _MODULES.values())


def _distributions(backend: str) -> list[str]:
    """The distributions that bring a backend."""
    if backend in BACKENDS:
        return [_MODULES.get(backend, backend)]
    return [f"keras-{backend}"]


def _inherited() -> list[str]:
    return [each for each in os.environ.get("PYTHONPATH", "").split(os.pathsep) if each]


def _missing(backend: str, place: Place, *, with_keras: bool) -> list[str]:
    """The modules that a backend needs and this environment lacks."""
    if backend == "tensorflow" and not place.here:
        return []  # if it is missing, the worker says so
    module = _MODULES.get(backend, backend)
    if backend not in BACKENDS:
        module = place.module or plugins.module(backend)
    needed = [module, *(["keras"] if with_keras else [])]
    return [each for each in needed if not _importable(each)]


def _importable(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):  # of a module in a package that is not there
        return False
