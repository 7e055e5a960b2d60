"""What a worker of a cluster starts for the parts of a task: a program that reads lines, and answers each with one.

The first line is the task, of which it makes what a process of a run on one machine has; the others are parts. As
there, parts are done in a forked process, where that can be. Whoever has other code, other golden files or another
version of a subject refuses, in a sentence.
"""

from __future__ import annotations

import hashlib
import json
import os
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeAlias

import conformance
from conformance.model import platforms
from conformance.model.errors import ConformanceError, UsageError
from conformance.runner.executor import Served
from conformance.runner.executor_wire import Wire
from conformance.runner.processes import ProcessEnded, Spare
from conformance.vectors import digests, store

# Makes what is asked, and the directory of the golden files, to what answers parts.
Serves: TypeAlias = Callable[[Any, Path], Served]
# What decides, beside the code, what is computed. A worker's program has these as the one who asks.
VARIABLES: Final = (
    *("TF_ENABLE_ONEDNN_OPTS", "TF_CPP_MIN_LOG_LEVEL", "TF_XLA_FLAGS", "XLA_FLAGS"),
    *("KERAS_BACKEND", "CUDA_VISIBLE_DEVICES", platforms.VARIABLE),
)
_CODE: Final = frozenset({".py", ".toml", ".json", ".mjs", ".txt"})
# What of a provenance must be the same, so that the answers of a part do not depend on who gives them.
_VERSIONS: Final = ("package", "version", "tensorflow", "numpy", "onednn", "backend")
_LOADED: Final = ("tensorflow", "onednn")


@dataclass(frozen=True)
class Kind:
    """A kind of tasks. `wire`: writes what is asked, its parts and its results."""

    serves: Serves
    wire: Wire


@cache
def code() -> str:
    """A digest of this package and of `impl`."""
    package = Path(conformance.__file__).parent
    found = hashlib.sha256()
    for root in (package, package.parent / "impl"):
        for path in sorted(root.rglob("*")):
            place = path.relative_to(root)
            known = path.suffix in _CODE and "__pycache__" not in place.parts
            # A wheel keeps the golden files inside of the package: they have a digest of their own.
            if known and place.parts[0] != "_golden" and "node_modules" not in place.parts:
                found.update(f"{root.name}/{place.as_posix()}\0".encode() + path.read_bytes())
    return found.hexdigest()[:12]


def job(kind: str, asked: str, golden: Path, facts: Mapping[str, Any]) -> str:
    """The line of a task, for `serve`. `asked`: as its wire writes it."""
    told = {
        "kind": kind,
        "asked": asked,
        "code": code(),
        "golden": [str(golden.absolute()), digests.digest(golden)[:12]],
        "facts": {name: _versions(of) for name, of in facts.items()},
        "environment": {name: os.environ[name] for name in VARIABLES if name in os.environ},
    }
    return json.dumps(told)


def unlike(told: Mapping[str, Any]) -> str:
    """Why nobody here may do parts of this task, or nothing."""
    if told["code"] != code():
        return (
            f"has other code than the one who asks (digest {code()}, not {told['code']}): "
            "install the same version of keras-conformance there"
        )
    try:
        _golden(told)
    except ConformanceError as error:
        return str(error)
    return ""


def _golden(told: Mapping[str, Any]) -> Path:
    """The golden files of a task here: in the same place, or those of this installation."""
    place, wanted = told["golden"]
    found = []
    for directory in (Path(place), store.default_directory()):
        if directory.is_dir():
            found.append(digests.digest(directory)[:12])
            if found[-1] == wanted:
                return directory
    raise UsageError(
        f"has other golden files than the one who asks (digest {' and '.join(dict.fromkeys(found))}, not {wanted})"
    )


def _versions(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: facts[name] for name in _VERSIONS if facts.get(name) is not None}


def _check_versions(told: Mapping[str, Any], served: Served) -> None:
    for name, wanted in told["facts"].items():
        mine = _versions(served.facts.get(name, {}))
        for key in sorted(mine.keys() | wanted.keys()):
            both = mine.get(key), wanted.get(key)
            if key in _LOADED and None in both:
                continue  # a process that has not loaded TensorFlow does not know
            if both[0] != both[1]:
                raise UsageError(
                    f"has {name} with {key} {both[0]}, not {both[1]} as the one who asks"
                )


def serve(kinds: Mapping[str, Kind], requests: BinaryIO, answers: BinaryIO) -> None:
    """Answers the lines of one task until there are no more."""

    def say(message: Mapping[str, Any]) -> None:
        answers.write(json.dumps(message).encode() + b"\n")
        answers.flush()

    told = json.loads(requests.readline())
    try:
        refused = unlike(told)
        if refused:
            raise UsageError(refused)
        kind = kinds[told["kind"]]
        served = kind.serves(kind.wire.loads(told["asked"]), _golden(told))
        _check_versions(told, served)
    except ConformanceError as error:
        say({"refused": str(error)})
        return
    except Exception:
        say({"error": traceback.format_exc()})
        return
    say({"ready": True})
    for answer in _answers(kind.wire, served, requests):
        say(answer)
        if "last" in answer:
            return


def _answers(wire: Wire, served: Served, requests: BinaryIO) -> Iterator[dict[str, Any]]:
    spare = Spare(served.answer, renewed=served.renewed) if served.forked else None
    do: Callable[[Any], Any] = spare.do if spare else served.answer
    try:
        for number, line in enumerate(requests, 1):
            # Where nothing can be forked, the whole program is what is renewed.
            last = {"last": True} if not spare and number == served.renewed else {}
            try:
                part = wire.loads(line.decode())
                yield {"result": wire.dumps(_done(do, part, served.again)), **last}
            except ProcessEnded:
                yield {"ended": True}
            except ConformanceError as error:
                yield {"gone": str(error), **last}
            except Exception as error:
                told = "".join(getattr(error, "__notes__", ())) or traceback.format_exc()
                yield {"error": told, **last}
    finally:
        if spare:
            spare.close()
        served.close()


def _done(do: Callable[[Any], Any], part: Any, again: Callable[[Any], bool]) -> Any:
    while True:
        try:
            return do(part)
        except ProcessEnded:
            if not again(part):
                raise
