"""The formats: how a model is exported to a file, how the file is run, and who gives a second opinion."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from conformance.model import Array
from conformance.subjects.exceptions import sentence

# What counts the functions and nodes of a process.
_NUMBERED: Final = re.compile(r"@?__inference\w*|(_\d+)+\b")


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
    elsewhere: bool
    """Whether that is another implementation, so that what it refuses too is the exporter's fault."""
    package: str
    version: str

    def facts(self) -> Mapping[str, Any]:
        """Versions of all that takes part, for the provenance."""
        ...

    def exported(self, model: Any, folder: Path, given: Array) -> Runner:
        """The model in a file and loaded again; ExportError, RuntimeFault or NoKernel where that fails."""
        ...

    def ran(self, model: Any, folder: Path, given: Sequence[Array]) -> Sequence[Array]:
        """The outputs of a model of any number of inputs, which was called before; exceptions as of `exported`."""
        ...

    def constants(self, model: Any, folder: Path) -> Sequence[Array]:
        """The constants in the file of a model that was called before."""
        ...


def made(name: str) -> Format:
    """The format of this name; ImportError where what it needs cannot be imported."""
    if name == "onnx":
        from conformance.subjects.exported.onnx_format import Onnx

        return Onnx()
    from conformance.subjects.exported.litert_format import LiteRT

    return LiteRT()


def of_several(of: Format, error: Exception) -> RuntimeFault:
    """A refusal of layers side by side: which of them it is about shows when each is alone."""
    return RuntimeFault(f"{of.runtime} refuses: {reason(error)}")


def blamed(
    of: Format,
    refused: str,
    checked: Callable[[], object],
    evaluated: Callable[[], object],
    missing: str | None = None,
) -> Exception:
    """What a refusal of the runtime means.

    Args:
        of: the format.
        refused: what the runtime says.
        checked: raises where the file is not what the format allows.
        evaluated: runs the file elsewhere, or raises.
        missing: the operator that the runtime says it has no implementation of.

    """
    try:
        checked()
    except Exception as invalid:  # checkers raise whatever they like
        return ExportError(f"{of.exporter} wrote what the format does not allow: {reason(invalid)}")
    if missing is not None:
        return NoKernel(f"{of.runtime} has no kernel of {missing} for this dtype")
    try:
        evaluated()
    except Exception as neither:
        kind = ExportError if of.elsewhere else RuntimeFault
        return kind(
            f"neither {of.runtime} nor {of.other} can run what {of.exporter} wrote: {refused} "
            f"({reason(neither)})"
        )
    return RuntimeFault(f"{of.runtime} refuses what {of.other} can run: {refused}")


def reason(error: BaseException) -> str:
    """The first line of an error, without names that count the functions and nodes of a process."""
    return _NUMBERED.sub("", sentence(error))
