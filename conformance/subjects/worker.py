"""Serves a subject over the worker protocol: `python -m conformance.subjects.worker --subject S`.

Standard output belongs to the protocol. What the subject prints, in Python or in C++, goes to standard error.
The subject cannot read the requests either.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

from conformance.model import Tensor, codec
from conformance.model.errors import ConformanceError, UsageError
from conformance.subjects import protocol, resolve
from conformance.subjects.base import Mode, Subject
from conformance.subjects.exceptions import sentence
from conformance.subjects.namespace import NamespaceSubject


def serve(subject: Subject, mode: Mode, requests: BinaryIO, answers: BinaryIO) -> None:
    """Says hello, then answers requests until there are no more; ConformanceError where it cannot say hello."""
    answers.write(_hello(subject, mode))
    answers.flush()
    for received in requests:
        answer = _answer(subject, mode, received)
        # Before the answer, so that the harness has read what the subject printed when it has the answer.
        with contextlib.suppress(Exception):  # the subject may have closed it
            sys.stderr.flush()
        answers.write(answer)
        answers.flush()


def _hello(subject: Subject, mode: Mode) -> bytes:
    capabilities: dict[str, Any] = {
        "tensors": subject.tensors,
        "draws": subject.draws,
        "modes": [str(mode)],
    }
    dtypes = getattr(subject, "dtypes", None)
    if dtypes is not None:
        capabilities["dtypes"] = list(dtypes)
    return protocol.line(
        {
            "protocol": protocol.VERSION,
            "dialect": subject.dialect,
            "provenance": dict(subject.provenance()),
            "capabilities": capabilities,
        }
    )


def _answer(subject: Subject, mode: Mode, received: bytes) -> bytes:
    number = None
    try:
        request = protocol.parse(received)
        number = request.get("id")
        if "echo" in request:
            return protocol.line({"id": number, "echo": _echo(subject, request["echo"])})
        if request.get("mode", "eager") != str(mode):
            raise ValueError(f"this worker runs in mode {mode} alone")
        asked = request["case"]
        outcomes = subject.answer(codec.case_from_json(asked["target"], asked))
        return protocol.answer(number, outcomes, packed=request.get("packed") is True)
    except Exception as error:
        # The request cannot be read, or the answer cannot be written.
        said = f"{type(error).__name__}: {sentence(error)}"
        return protocol.line({"id": number, "error": said})


def _echo(subject: Subject, tensors: Mapping[str, Any]) -> dict[str, Any]:
    """The tensors as the subject's library returns them; unchanged where the subject has no echo."""
    held = {name: codec.tensor_from_json(given) for name, given in tensors.items()}
    through = getattr(subject, "echo", None)
    if through is None:
        return {name: codec.tensor_to_json(tensor) for name, tensor in held.items()}
    given = {name: through(tensor) for name, tensor in held.items()}
    return {
        name: codec.tensor_to_json(value) if isinstance(value, Tensor) else None
        for name, value in given.items()
    }


def _reserve() -> tuple[BinaryIO, BinaryIO]:
    """New descriptors for the protocol, so that the subject can neither write to it nor read from it."""
    requests, answers = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    os.close(nowhere)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return os.fdopen(requests, "rb"), os.fdopen(answers, "wb")


def _subjects(
    spec: str, backend: str | None, mode: Mode, device: str | None, module: str | None
) -> Sequence[Subject]:
    if backend is None:
        return resolve(spec, mode=mode, device=device, in_process=True)
    from conformance.subjects import backends

    if backend != "tensorflow":
        return [backends.subject(backend, mode, device, module)]
    subjects = resolve(spec, mode=mode, device=device, in_process=True)
    for subject in subjects:
        if isinstance(subject, NamespaceSubject):
            subject.facts |= {"backend": backend, **backends.settings()}
    return subjects


def main() -> int:
    """Runs the worker. Exit status: 0 when the requests end, 2 where there is no such subject."""
    parser = argparse.ArgumentParser(prog="python -m conformance.subjects.worker")
    parser.add_argument("--subject", required=True, help="as in `conformance run`, in one dialect")
    parser.add_argument("--mode", choices=[str(m) for m in Mode], default="eager")
    parser.add_argument("--device", default=None)
    parser.add_argument("--backend", help="of Keras 3; KERAS_BACKEND must say the same")
    parser.add_argument("--backend-module", help="what makes the backend known to Keras")
    parser.add_argument("--path", action="append", help="where to import from; may be repeated")
    parser.add_argument("--saved", action="store_true", help="answer about saved models instead")
    options = parser.parse_args()
    if options.path is not None:
        sys.path[:] = options.path
    requests, answers = _reserve()
    mode = Mode(options.mode)
    try:
        subjects = _subjects(
            *(options.subject, options.backend, mode, options.device, options.backend_module)
        )
        if len(subjects) != 1:
            names = ", ".join(subject.name for subject in subjects)
            raise UsageError(f"--subject must name one dialect; received {names}")
        if options.saved:
            from conformance.subjects.saved import serving

            serving.serve(serving.able(subjects[0]), requests, answers)
        else:
            serve(subjects[0], mode, requests, answers)
    except ConformanceError as error:
        answers.write(protocol.line({"error": str(error)}))
        answers.flush()
        return error.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main())
