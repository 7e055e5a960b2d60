"""Exported models as subjects: Keras 3 exports a model, and another runtime runs it.

`onnx` is `model.export(format="onnx")`, by tf2onnx, run by ONNX Runtime; `litert` is `model.export(format="litert")`,
by the converter of TensorFlow, run by LiteRT. The worker process has the installed Keras on TensorFlow. Exporter and
runtime go into the cache, beside what is installed, when they are first asked for.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Final

from conformance.model.errors import UsageError
from conformance.subjects import environments, modules
from conformance.subjects.base import Mode, Subject
from conformance.subjects.child import Limits, Lost, Refused, Timeouts
from conformance.subjects.process import ProcessSubject

FORMATS: Final = ("onnx", "litert")
# To import TensorFlow takes seconds, on a busy machine many; an export takes a second, and some cases need several.
LIMITS: Final = Limits(start=180.0, case=120.0)


def subject(name: str, mode: Mode, device: str | None, timeouts: Timeouts | None) -> ProcessSubject:
    """The subject of this format in its own process; UsageError where it cannot run."""
    _check(name, mode, device)
    try:
        return ProcessSubject(
            name,
            command(name),
            mode=mode,
            limits=(timeouts or Timeouts()).over(LIMITS),
            environment=variables(),
        )
    except UsageError as error:
        lost = error.__cause__
        if isinstance(lost, Refused):
            raise UsageError(str(lost)) from lost
        if isinstance(lost, Lost):
            raise UsageError(f"--subject {name} cannot run: its process {lost}") from lost
        raise


def here(name: str, mode: Mode, device: str | None, keras: ModuleType) -> Subject:
    """The subject of this format in this process; UsageError where it cannot run."""
    _check(name, mode, device)
    if keras.backend.backend() != "tensorflow":
        raise UsageError(
            f"--subject {name} exports from Keras on TensorFlow; KERAS_BACKEND chose "
            f"{keras.backend.backend()}"
        )
    folder = str(environments.exporter(name))
    if folder not in sys.path:
        # Before the rest: the pinned versions, whatever else is installed.
        sys.path.insert(0, folder)
    from conformance.subjects.exported import formats, models

    try:
        made = formats.made(name)
    except (Exception, SystemExit) as error:
        said = str(error).strip().splitlines() or [""]
        raise UsageError(
            f"--subject {name} cannot be imported: {type(error).__name__}: {said[0]}"
        ) from error
    # Each export collects garbage several times, which takes longer than all the rest with TensorFlow to look through.
    gc.collect()
    gc.freeze()
    return models.ExportedSubject(name, made, keras)


def command(name: str) -> list[str]:
    """The worker of this format, with what it needs installed; UsageError where that cannot be installed."""
    environments.exporter(name)
    return modules.worker(name)


def variables() -> Mapping[str, str]:
    """The environment variables of the worker."""
    # The folder is none, so that Keras neither reads the user's keras.json nor writes one.
    return {**os.environ, "KERAS_BACKEND": "tensorflow", "KERAS_HOME": os.devnull}


def _check(name: str, mode: Mode, device: str | None) -> None:
    if mode is not Mode.EAGER:
        raise UsageError(
            f"--mode must be eager for {name}: the others are TensorFlow's; received {str(mode)!r}"
        )
    if device not in (None, "cpu"):
        raise UsageError(f"--device must be cpu for {name}, or left out; received {device!r}")
