"""TensorFlow.js as a subject, in a process of Node.js: `tfjs` on its CPU backend, `tfjs@wasm` on WebAssembly.

The packages of npm that it needs are installed into the cache when it is first asked for, as the lock file
beside this module says.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path
from typing import Final

from conformance.model.errors import UsageError
from conformance.subjects import environments
from conformance.subjects.base import Mode, Subject
from conformance.subjects.child import Limits, Timeouts
from conformance.subjects.process import ProcessSubject

# By the name of a subject, the backend of TensorFlow.js that computes.
BACKENDS: Final = {"tfjs": "cpu", "tfjs@wasm": "wasm"}
_HERE: Final = Path(__file__).parent
_FILES: Final = ("package.json", "package-lock.json")
_OLDEST_NODE: Final = 20
# No script of a package runs, and the lock file has the digest of each package.
_INSTALL: Final = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


def subject(name: str, mode: Mode, device: str | None, timeouts: Timeouts | None) -> Subject:
    """The subject of that name in `BACKENDS`; UsageError where it cannot be started."""
    if device is not None:
        raise UsageError(
            f"--device must be left out with --subject {name}, which runs on the CPU; "
            f"received {device!r}"
        )
    limits = (timeouts or Timeouts()).over(Limits())
    return ProcessSubject(name, command(name), mode=mode, limits=limits)


def command(name: str = "tfjs") -> list[str]:
    """The program of a subject in `BACKENDS`, installed if need be; UsageError where it cannot be installed."""
    program = [_node(), str(_HERE / "subject.mjs"), str(installed())]
    return program if name == "tfjs" else [*program, BACKENDS[name]]


def installed() -> Path:
    """The folder whose `node_modules` has the packages of the lock file; made if there is none."""
    lock = hashlib.sha256((_HERE / "package-lock.json").read_bytes()).hexdigest()
    folder = environments.cache() / "node" / f"tfjs-{lock[:12]}"
    environments.make(folder, _install, folder.is_dir)
    return folder


def _node() -> str:
    program = shutil.which("node")
    if program is None:
        raise UsageError(
            f"--subject tfjs needs Node.js {_OLDEST_NODE} or later; there is no program node"
        )
    try:
        said = subprocess.run(
            [program, "--version"], capture_output=True, text=True, check=True, timeout=60
        ).stdout.strip()
        version = int(said.removeprefix("v").partition(".")[0])
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise UsageError(
            f"--subject tfjs needs Node.js {_OLDEST_NODE} or later; {program} does not tell its "
            f"version ({error})"
        ) from error
    if version < _OLDEST_NODE:
        raise UsageError(
            f"--subject tfjs needs Node.js {_OLDEST_NODE} or later; {program} is {said}"
        )
    return program


def _install(folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise UsageError(
            "--subject tfjs needs npm, to install TensorFlow.js into the cache; there is no "
            "program npm"
        )
    environments.aloud(f"installing TensorFlow.js into {folder.parent} (once)")
    for name in _FILES:
        shutil.copyfile(_HERE / name, folder / name)
    ended = subprocess.run(
        [npm, *_INSTALL],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        lines = [line for line in ended.stderr.splitlines() if line.startswith("npm error")]
        said = "; ".join(line.removeprefix("npm error ") for line in lines[:2]) or "no reason"
        raise UsageError(
            f"--subject tfjs needs TensorFlow.js from npm; npm ci ended with status "
            f"{ended.returncode}: {said}"
        )
