"""Modules of the user as subjects: in a process of their own, where they cannot harm a run.

A module may crash, hang, write to standard output or change whatever its process holds. `module:NAME` therefore
runs in the Python worker, over the same protocol as a program in another language.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from conformance.model import DIALECTS
from conformance.model.errors import UsageError
from conformance.subjects.base import Mode
from conformance.subjects.child import Limits, Lost, Refused, Timeouts
from conformance.subjects.process import ProcessSubject

# An import may load TensorFlow, which takes seconds, on a busy machine many. So does the first trace of a `fit`.
LIMITS: Final = Limits(start=180.0, case=30.0)
ENTRANCE: Final = Path(__file__).with_name("entrance.py")


def parts(spec: str) -> tuple[str, tuple[str, ...]]:
    """The module that `module:NAME[:DIALECT]` names, and the dialects; UsageError where there is no such dialect."""
    path, _, dialect = spec.removeprefix("module:").partition(":")
    if dialect and dialect not in DIALECTS:
        raise UsageError(
            f"--subject {spec}: the dialect must be {' or '.join(DIALECTS)}; received {dialect!r}"
        )
    return path, (dialect,) if dialect else DIALECTS


def worker(spec: str, mode: Mode = Mode.EAGER, device: str | None = None) -> list[str]:
    """The command of the Python worker for a subject of one dialect; it imports from where this process does."""
    chosen = ["--subject", spec, "--mode", str(mode)]
    chosen += ["--device", device] if device is not None else []
    path = [f"--path={each}" for each in sys.path]
    return [sys.executable, "-P", str(ENTRANCE), *chosen, *path]


def isolated(
    spec: str, mode: Mode, device: str | None, timeouts: Timeouts | None
) -> list[ProcessSubject]:
    """The subjects that `module:NAME[:DIALECT]` names, each in its process; UsageError where one cannot run."""
    path, dialects = parts(spec)
    return [_isolated(f"module:{path}:{each}", mode, device, timeouts) for each in dialects]


def _isolated(
    name: str, mode: Mode, device: str | None, timeouts: Timeouts | None
) -> ProcessSubject:
    limits = (timeouts or Timeouts()).over(LIMITS)
    try:
        made = ProcessSubject(name, worker(name, mode, device), mode=mode, limits=limits)
    except UsageError as error:
        lost = error.__cause__
        if isinstance(lost, Refused):  # the worker says what is wrong, as this process would
            raise UsageError(str(lost)) from lost
        if isinstance(lost, Lost):
            raise UsageError(
                f"--subject {name} cannot be imported: the process that imports it {lost}"
            ) from lost
        raise
    if made.tensors == "tensorflow":  # the worker offers the one that it was started for
        made.modes = tuple(map(str, Mode))
    return made
