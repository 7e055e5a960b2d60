"""Packages and environments that subjects need, in a folder of this user's cache.

    packages/py3.11/keras-3.5.0     one distribution alone, which goes before an environment's own
    packages/py3.11/onnx-83d3ce842  the pins of `requirements/onnx.txt`, by their digest; goes before as well
    environments/py3.11/torch       a virtual environment with the pins of `requirements/torch.txt`
    environments/py3.11/keras-2.15.0   Keras 2 with the TensorFlow of `requirements/keras-2.15.txt`
    environments/py3.11/NAME        Keras with the backend of a package keras-NAME, for which there are no pins
    node/tfjs-83d3ce842fc7          what npm installs for TensorFlow.js, by the digest of its lock file
    compiled/jax                    what JAX has compiled: its keys name all that it depends on

A folder is made under another name and then renamed, so that a folder with its proper name is complete. A
lock for each name keeps two processes from making one folder twice.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import venv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata, resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from conformance.model.errors import UsageError

# The environment of each backend of Keras 3. The NumPy backend computes some functions with JAX, and
# cannot be imported without it.
ENVIRONMENTS: Final = {"jax": "jax", "numpy": "jax", "openvino": "openvino", "torch": "torch"}
# The releases of Keras 2 that a TensorFlow for Python 3.11 goes with, by the first two numbers.
KERAS_2: Final = ("2.12", "2.13", "2.14", "2.15")
_OF_KERAS_2: Final = re.compile(r"keras-(?P<release>2\.\d+)\.\w+")
# Requirements that are not installed for an old Keras: it runs with what the environment has.
_NEVER_BESIDE: Final = ("tensorflow", "tensorflow-cpu", "jax", "jaxlib", "torch")
# What a backend without pins shares with the others.
_COMMON: Final = ("keras==", "numpy==", "scipy==", "ml_dtypes==", "h5py==")
_PIN: Final = "requirements.txt"
_KNOWN: Final = re.compile(r"from versions: ([^)]*)\)")

Say = Callable[[str], None]


def aloud(message: str) -> None:
    """Tells the user on standard error why this takes longer than usual."""
    print(f"conformance: {message}", file=sys.stderr, flush=True)


def cache() -> Path:
    """The cache folder: `CONFORMANCE_CACHE`, or the one that the user's system provides."""
    if chosen := os.environ.get("CONFORMANCE_CACHE"):
        return Path(chosen).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_cache_dir("keras-conformance"))


def _python() -> str:
    """The version of Python that packages are installed for."""
    return f"py{sys.version_info.major}.{sys.version_info.minor}"


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment for backends of Keras 3."""

    name: str
    folder: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    @property
    def site(self) -> Path:
        """The folder of its packages."""
        base = {"base": str(self.folder), "platbase": str(self.folder)}
        return Path(sysconfig.get_path("purelib", "venv", vars=base))

    def versions(self) -> dict[str, str]:
        """The versions of its distributions."""
        return {d.name: d.version for d in metadata.distributions(path=[str(self.site)])}

    def size(self) -> int:
        """The size of its files in bytes."""
        return size(self.folder)

    def current(self) -> bool:
        """Whether it has the versions that this release pins, and its interpreter still exists."""
        pins = self.folder / _PIN
        return pins.is_file() and pins.read_text() == pinned(self.name) and self.python.exists()


def pinned(name: str) -> str:
    """The requirements of an environment: the pins of this release, or Keras and a package that nobody has pinned."""
    if found := _OF_KERAS_2.fullmatch(name):
        return f"{_pins('keras-' + found['release'])}keras=={name.removeprefix('keras-')}\n"
    if has_pins(name):
        return _pins(name)
    # The Keras, NumPy and SciPy of the other environments, and what the package asks for.
    common = [line for line in _pins("torch").splitlines() if line.startswith(_COMMON)]
    return "\n".join([*common, f"keras-{name}", ""])


def pins(name: str) -> dict[str, str]:
    """The versions that the requirements of an environment pin on this platform."""
    lines = [line for line in pinned(name).splitlines() if line and not line.startswith("#")]
    asked = [each for each in map(Requirement, lines) if not each.marker or each.marker.evaluate()]
    return {
        each.name: str(each.specifier).removeprefix("==") for each in asked if str(each.specifier)
    }


def has_pins(name: str) -> bool:
    """Whether this release pins the environment of this name, so that it may be made on demand."""
    return _listed(name).is_file() or _OF_KERAS_2.fullmatch(name) is not None


def serves(name: str) -> list[str]:
    """The subjects that run in the environment of this name."""
    if _OF_KERAS_2.fullmatch(name):
        return [name.replace("-", "==")]
    return [f"keras@{backend}" for backend, env in ENVIRONMENTS.items() if env == name] or [
        f"keras@{name}"
    ]


def _pins(name: str) -> str:
    return _listed(name).read_text(encoding="utf-8")


def _listed(name: str) -> Traversable:
    return resources.files("conformance.subjects") / "requirements" / f"{name}.txt"


def environment(name: str) -> Environment:
    """The environment of this name; it need not exist yet."""
    return Environment(name, cache() / "environments" / _python() / name)


def installed() -> list[Environment]:
    """The environments that exist, current or not."""
    above = cache() / "environments" / _python()
    folders = sorted(above.glob("[!.]*")) if above.is_dir() else []
    return [Environment(folder.name, folder) for folder in folders if folder.is_dir()]


def add(name: str, say: Say = aloud) -> Environment:
    """Makes an environment, if there is none or one of an earlier release."""
    made = environment(name)
    if made.current():
        return made

    def fill(folder: Path) -> None:
        say(f"making the environment {name} in {made.folder.parent} (once; it takes minutes)")
        venv.EnvBuilder(with_pip=False, symlinks=True).create(folder)
        unfinished = Environment(name, folder)
        pins = folder / _PIN
        pins.write_text(pinned(name))
        _pip(
            f"the environment {name}",
            ["--python", str(unfinished.python)],
            ["--requirement", str(pins)],
        )

    make(made.folder, fill, made.current)
    return made


def compiled() -> Path:
    """The folder where JAX keeps what it has compiled, for the next run."""
    return cache() / "compiled" / "jax"


def packages() -> list[tuple[Path, int]]:
    """The folders of single distributions, with their sizes in bytes."""
    above = cache() / "packages" / _python()
    folders = sorted(f for f in above.glob("[!.]*") if f.is_dir()) if above.is_dir() else []
    return [(folder, size(folder)) for folder in folders]


def size(folder: Path) -> int:
    """The size of the files in a folder in bytes; 0 where there is no folder."""
    return sum(file.lstat().st_size for file in folder.rglob("*") if not file.is_dir())


def remove(folder: Path) -> bool:
    """Deletes an environment or a package; returns whether it existed."""
    with _locked(folder):
        if not folder.is_dir():
            return False
        _discard(folder)
        return True


def package(name: str, version: str | None, say: Say = aloud) -> Path:
    """A folder with this version of a distribution and nothing else; without a version, the latest when first asked."""
    if version is None:
        return _beside(name, name, say)
    return _beside(f"{name}-{version}", f"{name}=={version}", say)


def exporter(name: str, say: Say = aloud) -> Path:
    """A folder with the pins of an export format, which go beside the installed Keras."""
    folder = exporter_folder(name)
    pins = [line for line in pinned(name).splitlines() if "==" in line]

    def fill(unfinished: Path) -> None:
        say(f"installing what {name} needs into {folder.parent} (once)")
        _pip(f"what {name} needs", [], ["--no-deps", "--target", str(unfinished), *pins])

    make(folder, fill, folder.is_dir)
    return folder


def exporter_folder(name: str) -> Path:
    """Where the pins of an export format go: another folder for other pins."""
    digest = hashlib.sha256(pinned(name).encode()).hexdigest()[:12]
    return cache() / "packages" / _python() / f"{name}-{digest}"


def lacking(overlay: Path, site: Sequence[str], say: Say = aloud) -> list[Path]:
    """Folders with the distributions that those in `overlay` require and that `site` lacks."""
    there = {canonicalize_name(d.name) for d in metadata.distributions(path=list(site))}
    there.update(canonicalize_name(name) for name in _NEVER_BESIDE)
    found: list[Path] = []
    pending = [overlay]
    while pending:
        for needed in _required(pending.pop()):
            name = canonicalize_name(needed.name)
            if name in there:
                continue
            there.add(name)
            folder = _beside(f"{overlay.name}+{name}", f"{needed.name}{needed.specifier}", say)
            found.append(folder)
            pending.append(folder)
    return found


def _required(folder: Path) -> Iterator[Requirement]:
    for distribution in metadata.distributions(path=[str(folder)]):
        for line in distribution.requires or ():
            try:
                needed = Requirement(line)
            except InvalidRequirement:  # an old form that is no longer allowed
                continue
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                yield needed


def _beside(label: str, requirement: str, say: Say) -> Path:
    folder = cache() / "packages" / _python() / label

    def fill(unfinished: Path) -> None:
        say(f"installing {requirement} into {folder.parent} (once)")
        _pip(requirement, [], ["--no-deps", "--target", str(unfinished), requirement])

    make(folder, fill, folder.is_dir)
    return folder


def _pip(what: str, before: Sequence[str], arguments: Sequence[str]) -> None:
    """Runs pip silently; UsageError with its reason where it fails."""
    command = [sys.executable, "-m", "pip", *before, "install", "--quiet", "--no-input"]
    command += ["--disable-pip-version-check", "--no-warn-script-location", *arguments]
    surroundings = {k: v for k, v in os.environ.items() if k != "PIP_REQUIRE_VIRTUALENV"}
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=surroundings
    )
    if done.returncode:
        raise UsageError(f"{what} cannot be installed: {_reason(done.stderr)}")


def _reason(said: str) -> str:
    """The reason that pip gives, as a clause."""
    if "No module named pip" in said:
        return f"{sys.executable} must have pip (`python -m ensurepip` installs it)"
    if found := _KNOWN.search(said):
        versions = [each.strip() for each in found[1].split(",") if each.strip()]
        if versions in ([], ["none"]):
            return "pip found no version of it (is there a network, and the right index?)"
        return (
            f"there is no such version for this Python; the latest are {', '.join(versions[-4:])}"
        )
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return (errors or lines or ["pip gave no reason"])[0][:300]


def make(folder: Path, fill: Callable[[Path], None], ready: Callable[[], bool]) -> None:
    """Fills a new folder and then gives it its name; one process at a time."""
    if ready():
        return
    try:
        with _locked(folder):
            if ready():  # another process has made it in the meantime
                return
            for left in folder.parent.glob(f".{folder.name}.*.partial"):
                shutil.rmtree(left, ignore_errors=True)  # left by a process that was killed
            partial = Path(
                tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".partial", dir=folder.parent)
            )
            try:
                fill(partial)
                if folder.exists():
                    _discard(folder)
                partial.chmod(0o755)
                partial.rename(folder)
            finally:
                shutil.rmtree(partial, ignore_errors=True)
    except OSError as error:
        raise UsageError(f"{folder} must be a place that can be written to: {error}") from error


def _discard(folder: Path) -> None:
    """Renames a folder at once, then deletes it."""
    away = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".partial", dir=folder.parent))
    folder.rename(away / folder.name)
    shutil.rmtree(away, ignore_errors=True)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f".{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
