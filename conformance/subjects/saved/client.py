"""Starts the worker of a subject, and asks it about saved models."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from conformance.model.errors import UsageError
from conformance.subjects import exported, modules, protocol, versions
from conformance.subjects.base import ANYWHERE, Mode, Place
from conformance.subjects.child import Child, Limits, Lost, Silent

# A whole model takes its time, a deep one of large images minutes.
LIMITS: Final = Limits(start=180.0, case=600.0, line=256 << 20)
SAVED: Final = "--saved"


class Worker:
    """The worker of a subject; it is started once, and once more after each time that it has ended."""

    def __init__(self, name: str, place: Place = ANYWHERE) -> None:
        """UsageError where there is no such subject, or where it cannot run."""
        self.name = name
        self._launch = launch(name, place)
        self._child: Child | None = None
        self.hello: Mapping[str, Any] = {}
        # What a process that is started again is told first, by request.
        self._first: dict[str, Mapping[str, Any]] = {}
        # Why it could not be started again.
        self._gone = ""
        self._start()

    def _start(self) -> None:
        try:
            self._child = Child(self._launch.command, LIMITS, self._launch.variables)
            self.hello = json.loads(self._child.exchange(b"", LIMITS.start))
        except (OSError, Lost, Silent, ValueError) as error:
            raise UsageError(f"--subject {self.name} cannot run: {error}") from error
        if "error" in self.hello:
            raise UsageError(str(self.hello["error"]))

    def ask(self, do: str, **request: Any) -> dict[str, Any]:
        """The answer: what was asked for, or `raised` or `unsupported` with the reason.

        A worker that ends or hangs has raised; it is started again, and has loaded the model again, for the next.
        If that fails, then all further answers are the reason: what was answered so far stays.
        """
        if self._gone:
            return {"raised": self._gone}
        if self._child is None:
            try:
                self._start()
            except UsageError as error:
                self.close(kill=True)
                self._gone = f"the process does not start again: {error}"
                return {"raised": self._gone}
            for first, told in list(self._first.items()):
                self.ask(first, **told)
                if self._child is None:
                    break
        if self._child is None:  # it ended while it loaded the model again
            return {"raised": "the process does not load the model again"}
        if do in ("trust", "load"):
            self._first[do] = request
        try:
            line = self._child.exchange(protocol.line({"do": do, **request}), LIMITS.case)
            answer: dict[str, Any] = json.loads(line)
        except (Lost, Silent, ValueError) as error:
            self.close(kill=True)
            said = str(error) or f"did not answer within {LIMITS.case:g} s"
            return {"raised": f"the process {said}"}
        return answer

    def close(self, *, kill: bool = False) -> None:
        """Ends the process."""
        if self._child is not None:
            self._child.close(kill=kill)
            self._child = None


def launch(name: str, place: Place) -> versions.Launch:
    """How the worker of a subject is started; UsageError for a subject that has none of this kind."""
    if versions.is_version(name):
        made = versions.launch(name, Mode.EAGER, None, place)
        return versions.Launch((*made.command, SAVED), made.variables)
    if name in exported.FORMATS:
        return versions.Launch((*exported.command(name), SAVED), exported.variables())
    if name.startswith("command:") or name == "tfjs":
        raise UsageError(f"--subject {name} takes no model files")
    return versions.Launch((*modules.worker(name), SAVED), exported.variables())
