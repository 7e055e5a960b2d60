"""Finds subjects by the names that users give: `impl`, `keras`, `tf_keras`, `module:...`, `command:...`."""

from __future__ import annotations

import importlib
import importlib.util
import os
import shlex
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from conformance.model import texts
from conformance.model.errors import UsageError
from conformance.subjects import exported, modules, tfjs, versions
from conformance.subjects.base import ANYWHERE, Mode, Place, Subject
from conformance.subjects.child import Limits, Timeouts
from conformance.subjects.namespace import NamespaceSubject, is_namespace
from conformance.subjects.process import ProcessSubject
from conformance.subjects.provenance import version_of
from conformance.subjects.tensors import NumpyTensors, TensorFlowTensors, TensorLibrary

# The official packages, by dialect: their answers are golden.
OFFICIAL: Final = {"keras2": "tf_keras", "keras3": "keras"}
# The forms of names, for help and errors.
SUBJECTS: Final = (
    "impl, impl.keras2, impl.keras3, keras, tf_keras, keras==VERSION, tf_keras==VERSION, "
    "keras==nightly, keras@BACKEND, keras==VERSION@BACKEND, onnx, litert, tfjs, tfjs@wasm, "
    "module:NAME[:DIALECT] or command:PROGRAM"
)

# Those that are one word.
PLAIN: Final = (
    "impl",
    "impl.keras2",
    "impl.keras3",
    *OFFICIAL.values(),
    *exported.FORMATS,
    *tfjs.BACKENDS,
)


def check_name(spec: str) -> None:
    """UsageError where no subject can have this name. Whether the subject exists shows when it is asked."""
    if versions.is_version(spec):
        versions.named(spec)
    elif spec not in PLAIN and not spec.startswith(("module:", "command:")):
        near = texts.nearest(spec, PLAIN)
        raise UsageError(f"--subject must be {SUBJECTS}; received {spec!r}{near}")


def of_dialect(spec: str, dialect: str) -> str:
    """The name of a subject in this dialect, where it has more and `spec` leaves open which."""
    if spec == "impl":
        return f"impl.{dialect}"
    if spec.startswith("module:") and len(modules.parts(spec)[1]) > 1:
        return f"{spec.rstrip(':')}:{dialect}"
    return spec


def resolve_all(
    specs: Iterable[str],
    *,
    mode: Mode = Mode.EAGER,
    device: str | None = None,
    timeouts: Timeouts | None = None,
    in_process: bool = False,
    place: Place = ANYWHERE,
) -> list[Subject]:
    """All subjects that the specifications name, in that order, each once.

    `timeouts`: those that the user chose for subjects in other processes. `in_process`: modules run in this
    process, not each in its own. `place`: where backends are looked for.
    """
    named = [
        subject
        for spec in specs
        for subject in resolve(
            spec, mode=mode, device=device, timeouts=timeouts, in_process=in_process, place=place
        )
    ]
    return list({subject.name: subject for subject in named}.values())


def resolve(
    spec: str,
    *,
    mode: Mode = Mode.EAGER,
    device: str | None = None,
    timeouts: Timeouts | None = None,
    in_process: bool = False,
    place: Place = ANYWHERE,
) -> Sequence[Subject]:
    """The subjects that `spec` names: one for each dialect that it leaves open. UsageError where it names none."""
    check_name(spec)
    options: dict[str, Any] = {"mode": mode, "device": device}
    if spec == "impl":
        return [*resolve("impl.keras2", **options), *resolve("impl.keras3", **options)]
    if spec in ("impl.keras2", "impl.keras3"):
        module = _import(spec, spec, "the extra `tensorflow` of this distribution")
        version = version_of("keras-conformance")
        return [
            NamespaceSubject(
                spec,
                spec.removeprefix("impl."),
                module,
                _tensorflow(spec),
                package="keras-conformance impl",
                without=("save",),  # files would need a library of their own
                version=version,
                **options,
            )
        ]
    for dialect, package in OFFICIAL.items():
        if spec == package:
            return [_official(package, dialect, options)]
    if spec.startswith("module:"):
        if in_process:
            return _modules(spec, options)
        return modules.isolated(spec, mode, device, timeouts)
    if spec.startswith("command:"):
        return [_program(spec, mode, device, timeouts)]
    if spec in exported.FORMATS:
        if in_process:
            return [exported.here(spec, mode, device, official_package("keras3"))]
        return [exported.subject(spec, mode, device, timeouts)]
    if spec in tfjs.BACKENDS:
        return [tfjs.subject(spec, mode, device, timeouts)]
    return [versions.subject(spec, mode, device, timeouts, place)]


def official_package(dialect: str) -> ModuleType:
    """The official package of a dialect, imported; UsageError where it is not installed."""
    return _import(
        OFFICIAL[dialect], OFFICIAL[dialect], "the extra `official` of this distribution"
    )


def _official(package: str, dialect: str, options: dict[str, Any]) -> Subject:
    module = official_package(dialect)
    if package == "keras" and module.__version__.startswith("2."):
        dialect = "keras2"  # before Keras 2 was called tf_keras
    elif package == "keras" and module.backend.backend() != "tensorflow":
        raise UsageError(
            "--subject keras must run on the TensorFlow backend in this release; received the "
            f"backend {module.backend.backend()!r} (from KERAS_BACKEND or keras.json)"
        )
    return NamespaceSubject(
        package,
        dialect,
        module,
        _tensorflow(package),
        package=package,
        version=module.__version__,
        **options,
    )


def _modules(spec: str, options: dict[str, Any]) -> list[Subject]:
    path, dialects = modules.parts(spec)
    module = _import(path, spec, "the package it names, importable from here")
    for family in ("constraints", "initializers", "regularizers", "layers"):
        # So that `keras.constraints` works even if the package does not import its submodules.
        absent = hasattr(module, "__path__") and not hasattr(module, family)
        if absent and importlib.util.find_spec(f"{path}.{family}"):
            _import(f"{path}.{family}", spec, "its submodules, importable")
    if not is_namespace(module):
        raise UsageError(
            f"--subject {spec}: {path} must have a submodule constraints, initializers, "
            "regularizers or layers; it has none"
        )
    # A module may state its library; otherwise what its import has loaded tells it.
    declared = getattr(module, "conformance_tensors", None)
    if declared not in (None, "numpy", "tensorflow"):
        raise UsageError(
            f"--subject {spec}: conformance_tensors must be 'numpy' or 'tensorflow'; "
            f"received {declared!r}"
        )
    uses_tensorflow = declared == "tensorflow" or (declared is None and "tensorflow" in sys.modules)
    library: TensorLibrary = _tensorflow(spec) if uses_tensorflow else NumpyTensors()
    if not uses_tensorflow and options["mode"] is not Mode.EAGER:
        raise UsageError(
            f"--mode must be eager for {spec}, whose tensors are NumPy's: the others are "
            f"TensorFlow's; received {str(options['mode'])!r}"
        )
    draws = getattr(module, "conformance_draws", None)
    if draws is not None and not (isinstance(draws, str) and draws):
        raise UsageError(
            f"--subject {spec}: conformance_draws must be the name of a generator; "
            f"received {draws!r}"
        )
    return [
        NamespaceSubject(
            f"module:{path}:{each}",
            each,
            module,
            library,
            package=path,
            version=getattr(module, "__version__", None),
            draws=draws,
            **options,
        )
        for each in dialects
    ]


def _program(spec: str, mode: Mode, device: str | None, timeouts: Timeouts | None) -> Subject:
    try:
        words = shlex.split(spec.removeprefix("command:"))
    except ValueError as error:
        raise UsageError(
            f"--subject must be command: and the words of a shell command; received {spec!r} "
            f"({error})"
        ) from error
    if not words:
        raise UsageError(f"--subject must name a program after command:; received {spec!r}")
    if device is not None:
        raise UsageError(
            f"--device must be left to a program, in its own options; received {device!r} "
            f"with {spec!r}"
        )
    return ProcessSubject(spec, words, mode=mode, limits=(timeouts or Timeouts()).over(Limits()))


def _tensorflow(spec: str) -> TensorLibrary:
    try:
        with _quiet_tensorflow():
            return TensorFlowTensors()
    except ImportError as error:
        raise UsageError(f"--subject {spec} needs TensorFlow: {error}") from error


@contextmanager
def _quiet_tensorflow() -> Iterator[None]:
    """Prepares the first import of TensorFlow: sets its options, and keeps its C++ off standard error.

    oneDNN stays off unless the user asks for it. Golden vectors are recorded without it, and verdicts should
    not depend on whether TensorFlow would use it on this processor.
    """
    # TensorFlow reads both once, when it is first imported.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    if "tensorflow" in sys.modules:
        yield
        return
    sys.stderr.flush()
    kept = os.dup(2)
    with Path(os.devnull).open("wb") as nowhere:
        # The log level does not stop what is written before logging starts; this descriptor does.
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _import(path: str, spec: str, needs: str) -> ModuleType:
    if not path or not all(part.isidentifier() for part in path.split(".")):
        raise UsageError(f"--subject {spec}: must name a module; received {path!r}")
    if "" not in sys.path:
        # `python -m` does this, the console script does not: users run it from the folder of their module.
        sys.path.insert(0, "")
    try:
        with _quiet_tensorflow():
            return importlib.import_module(path)
    except (Exception, SystemExit) as error:
        reason = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        raise UsageError(
            f"--subject {spec} cannot be imported (it needs {needs}): {reason}"
        ) from error
