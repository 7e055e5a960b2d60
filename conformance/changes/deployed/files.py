"""What a model file is, read as data before anything of it runs: which Keras wrote it, and whether it brings code."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from conformance.changes.used import MOST_BYTES, Model, is_official, of
from conformance.model.errors import UsageError

_HDF5: Final = b"\x89HDF\r\n\x1a\n"
_ZIP: Final = b"PK\x03\x04"
# A model of more than that is none for a check layer by layer, and a small archive may claim to hold it.
_MOST_CONTENT: Final = 16 << 30
# What a file of Keras consists of, and where it keeps what layers store beside weights.
_MEMBERS: Final = ("metadata.json", "config.json", "model.weights.h5", "model.weights.json")
_FOLDERS: Final = ("assets", "model.weights")


@dataclass(frozen=True, slots=True)
class Source:
    """A model file.

    `package`: the official package that wrote it and that it is run on, keras or tf_keras. `version`: which one of it, or "".
    `modules`: those of the user's own that it names. `configuration`: whether it is the configuration alone, as JSON.
    """

    path: Path
    package: str
    version: str
    uses: Model
    modules: tuple[str, ...] = ()
    hdf5: bool = False
    configuration: bool = False

    @property
    def dialect(self) -> str:
        """The dialect of the package."""
        return "keras2" if self.package == "tf_keras" else "keras3"


def source(path: Path, *, code: bool) -> Source:
    """What the file is; UsageError where it is no whole model file, or brings code and `code` does not allow it."""
    found, raw = opened(
        path, f"FILE must be a model that Keras saved, .keras or .h5; received {path}"
    )
    if not code and (own := brought(found.uses, raw)):
        raise UsageError(f"FILE {path} {own} without --allow-code")
    if not found.version:
        raise UsageError(f"FILE {path} does not say of which Keras it is")
    return found


def is_archive(path: Path) -> bool:
    """Whether this is no text, but an archive or HDF5."""
    try:
        with path.open("rb") as file:
            return file.read(8).startswith((_ZIP, _HDF5))
    except OSError:
        return False


def opened(path: Path, wanted: str) -> tuple[Source, Any]:
    """What the file is, and its configuration; UsageError, which begins with `wanted`, where it is no whole model file."""
    try:
        with path.open("rb") as file:
            head = file.read(8)
        if head.startswith(_HDF5):
            raw, version, hdf5 = *_from_hdf5(path, wanted), True
        elif head.startswith(_ZIP):
            raw, version, hdf5 = *_from_zip(path, wanted), False
        else:
            raise UsageError(f"{wanted}, which is {'neither' if head else 'empty'}")
    except OSError as error:
        raise UsageError(f"{wanted}, which cannot be read ({error.strerror or error})") from error
    package = "tf_keras" if version.startswith("2.") else "keras"
    return Source(path, package, version, of(raw, wanted), _modules(raw), hdf5), raw


def brought(uses: Model, raw: Any) -> str:
    """What a model brings that is not official, and so does not run; or ""."""
    if own := _code(raw):
        return f"brings code of its own ({', '.join(sorted(own))}), which does not run"
    if uses.custom:
        told = ", ".join(
            f"{name} ({', '.join(at)})" if at else name for name, at in sorted(uses.custom.items())
        )
        return f"has classes or functions that are not official: {told}; they are not imported"
    return ""


def _from_zip(path: Path, wanted: str) -> tuple[Any, str]:
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                _check_member(member.filename, wanted)
            if sum(member.file_size for member in archive.infolist()) > _MOST_CONTENT:
                raise UsageError(f"{wanted}, which holds more than {_MOST_CONTENT >> 30} GiB")
            if (bad := archive.testzip()) is not None:
                raise UsageError(f"{wanted}, whose member {bad} is damaged")
            raw = _json(_member(archive, "config.json"), wanted)
            names = archive.namelist()
            about = (
                _json(_member(archive, "metadata.json"), wanted)
                if "metadata.json" in names
                else None
            )
    except KeyError as error:
        raise UsageError(f"{wanted}, which lacks config.json") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise UsageError(f"{wanted}, which is damaged: {error}") from error
    return raw, version_in(about)


def _check_member(name: str, wanted: str) -> None:
    """UsageError for a member that no file of Keras has, or that would be written elsewhere."""
    parts = PurePosixPath(name).parts
    inside = bool(parts) and ".." not in parts and not name.startswith("/") and "\\" not in name
    if not inside or (name not in _MEMBERS and parts[0] not in _FOLDERS):
        raise UsageError(f"{wanted}, which has a member that Keras does not write: {name!r:.80}")


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as member:
        return member.read(MOST_BYTES + 1)


def _from_hdf5(path: Path, wanted: str) -> tuple[Any, str]:
    try:
        import h5py  # type: ignore[import-untyped]
    except ImportError as error:
        raise UsageError(f"{wanted}, which is HDF5: that needs the package h5py") from error
    try:
        with h5py.File(path, "r") as file:
            config, version = file.attrs.get("model_config"), file.attrs.get("keras_version")
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        raise UsageError(f"{wanted}, which is damaged: {str(error).splitlines()[0]}") from error
    if config is None:
        raise UsageError(f"{wanted}, which holds weights alone, without the model")
    return _json(config, wanted), version_in({"keras_version": version})


def _json(content: bytes | str, wanted: str) -> Any:
    if len(content) > MOST_BYTES:
        raise UsageError(f"{wanted}, whose configuration has more than {MOST_BYTES >> 20} MiB")
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{wanted}, whose configuration is no JSON") from error


def version_in(about: Any) -> str:
    """The version of Keras that a record names, or ""."""
    said = about.get("keras_version") if isinstance(about, Mapping) else None
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return text if isinstance(text, str) and text[:1].isdigit() else ""


def _modules(config: Any) -> tuple[str, ...]:
    """The modules that a configuration names and that are not official, as they come."""
    found: dict[str, None] = {}
    pending = [config]
    while pending:
        each = pending.pop()
        if isinstance(each, Mapping):
            module = each.get("module")
            if isinstance(module, str) and "class_name" in each and not is_official(module):
                found[module] = None
            pending += each.values()
        elif isinstance(each, list):
            pending += each
    return tuple(found)


def _code(config: Any) -> set[str]:
    """The names of layers whose configuration carries code: a Lambda with a function of its own."""
    found: set[str] = set()
    pending = [config]
    while pending:
        each = pending.pop()
        if isinstance(each, Mapping):
            name = each.get("class_name")
            if name == "__lambda__":
                found.add("a function")
            elif name == "Lambda" or (isinstance(name, str) and name.endswith(">Lambda")):
                inner = each.get("config")
                found.add(str(inner.get("name")) if isinstance(inner, Mapping) else "Lambda")
            pending += each.values()
        elif isinstance(each, list):
            pending += each
    return found
