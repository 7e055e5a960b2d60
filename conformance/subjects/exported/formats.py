"""The formats: how a model is exported to a file, how the file is run, and who gives a second opinion."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from conformance.model import Array
from conformance.subjects.exceptions import sentence


class ExportError(ValueError):
    """The exporter refuses the model, or what it wrote is not what its format allows: the exporter's fault."""


class RuntimeFault(RuntimeError):
    """The runtime refuses a file that is in order: the runtime's fault."""


class NoKernel(Exception):
    """The runtime says that it has no implementation of an operator for this dtype."""


class Runner(Protocol):
    """An exported model, loaded."""

    def run(self, given: Array) -> Sequence[Array]:
        """The outputs for an input, by the runtime that is under test."""
        ...

    def second(self, given: Array) -> Sequence[Array]:
        """The outputs of the same file by another evaluator; any exception where it has none."""
        ...


class Format(Protocol):
    """A format that Keras exports to, and the runtime that runs it."""

    exporter: str
    """Who writes the file, in words."""
    runtime: str
    """Who runs it."""
    other: str
    """Who gives the second opinion."""
    package: str
    version: str

    def facts(self) -> Mapping[str, Any]:
        """Versions of all that takes part, for the provenance."""
        ...

    def exported(self, model: Any, folder: Path, given: Array) -> Runner:
        """The model in a file and loaded again; ExportError, RuntimeFault or NoKernel where that fails."""
        ...


def made(name: str) -> Format:
    """The format of this name; ImportError where what it needs cannot be imported."""
    if name == "onnx":
        from conformance.subjects.exported.onnx_format import Onnx

        return Onnx()
    from conformance.subjects.exported.litert_format import LiteRT

    return LiteRT()


_NUMBERED: Final = re.compile(r"@?__inference\w*|(_\d+)+\b")


def reason(error: BaseException) -> str:
    """The first line of an error, without names that count the functions and nodes of a process."""
    return _NUMBERED.sub("", sentence(error))
