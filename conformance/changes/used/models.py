"""Reads a saved model as data: nothing in it is imported, evaluated or unpickled."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from conformance.changes.used.described import (
    Described,
    described_in,
    family_of_argument,
    own_function,
    place_of,
    policy_name,
)
from conformance.model.errors import UsageError

# The largest configuration that is read. A model with a thousand layers has one of about 1 MB.
MOST_BYTES: Final = 64 << 20
_HDF5: Final = b"\x89HDF\r\n\x1a\n"
_ZIP: Final = b"PK\x03\x04"
# Class names in configurations of what computes nothing.
_STRUCTURE: Final = ("InputLayer", "__keras_tensor__", "__tuple__", "TensorShape", "__tensor__")
_POLICIES: Final = ("DTypePolicy", "Policy")


@dataclass(slots=True)
class Model:
    """What a model uses.

    Attributes:
        classes: the objects of each official class that the model has, by the key of the class.
        custom: classes and functions that are not official, with the layers that they are in.
        dtypes: what the model computes and stores in.

    """

    source: str
    classes: dict[str, list[Described]] = field(default_factory=dict)
    custom: dict[str, list[str]] = field(default_factory=dict)
    dtypes: set[str] = field(default_factory=set)

    def used(self, target: str) -> list[Described]:
        """The objects of a class (`layers.Dense`), under whatever name the model has it."""
        return self.classes.get(place_of(target), [])


def read(path: Path) -> Model:
    """The model at `path`, a `.keras` file or its configuration as JSON; UsageError otherwise."""
    return of(_configuration(path), f"--model {path}", str(path))


def of(raw: Any, where: str, source: str = "") -> Model:
    """The model of this configuration; UsageError, which begins with `where`, for what is none."""
    made = Model(source)
    try:
        described = described_in(raw, "")
        if described is None or not isinstance(described.config.get("layers"), list):
            raise UsageError(
                f"{where}: must be the configuration of a model, with class_name, config "
                f"and its layers; received {_kind(raw)}"
            )
        _take(made, described, where="")
    except RecursionError as error:
        raise UsageError(f"{where}: must not be nested this deeply") from error
    return made


def _kind(raw: Any) -> str:
    if isinstance(raw, dict):
        name = raw.get("class_name")
        return f"that of {name!r:.60}" if name else f"an object with {', '.join(raw)!s:.60}"
    return f"{type(raw).__name__} {raw!r:.40}"


def _configuration(path: Path) -> Any:
    wanted = (
        f"--model {path}: must be a .keras or .h5 file, or the configuration of a model as JSON"
    )
    try:
        with path.open("rb") as file:
            head = file.read(8)
            file.seek(0)
            if head.startswith(_HDF5):
                content = _from_hdf5(path, wanted)
            else:
                content = _from_zip(path) if head.startswith(_ZIP) else file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{wanted}; it cannot be read ({error.strerror or error})") from error
    if len(content) > MOST_BYTES:
        raise UsageError(
            f"--model {path}: its configuration must have at most {MOST_BYTES >> 20} MiB; "
            "it has more"
        )
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UsageError(f"{wanted}; received no JSON ({reason})") from error


def _from_hdf5(path: Path, wanted: str) -> bytes:
    """The attribute model_config."""
    try:
        import h5py  # type: ignore[import-untyped]
    except ImportError as error:
        raise UsageError(f"{wanted}; HDF5 needs the package h5py") from error
    try:
        with h5py.File(path, "r") as file:
            config = file.attrs.get("model_config")
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        raise UsageError(f"{wanted}; it is damaged: {str(error).splitlines()[0]}") from error
    if config is None:
        raise UsageError(f"{wanted}; received weights alone, without the model")
    return config if isinstance(config, bytes) else str(config).encode()


def _from_zip(path: Path) -> bytes:
    """The member config.json; of a file that is too large only as much as shows that."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open("config.json") as member:
            # The archive's directory states a size too, but it may be wrong.
            return member.read(MOST_BYTES + 1)
    except KeyError as error:
        raise UsageError(
            f"--model {path}: must hold config.json, as every .keras file does; it does not"
        ) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise UsageError(f"--model {path}: must be a whole .keras file: {error}") from error


def _take(made: Model, described: Described, where: str) -> None:
    """Notes an object and the objects inside it."""
    if described.name in _STRUCTURE:
        return
    where = described.label or where
    if described.custom:
        _note(made.custom, described.name, where)
    elif described.family:
        place = place_of(f"{described.family}.{described.name}")
        made.classes.setdefault(place, []).append(described)
    if described.family in ("layers", "models"):
        made.dtypes |= _dtypes(described.config.get("dtype"))
    for key, value in described.config.items():
        if key not in ("build_config", "compile_config", "inbound_nodes"):
            _look(made, key, value, where)


def _look(made: Model, key: str, value: Any, where: str) -> None:
    if isinstance(value, list | tuple):
        for each in value:
            _look(made, key, each, where)
        return
    if (described := described_in(value, key)) is not None:
        if described.name not in _POLICIES:
            _take(made, described, where)
        return
    if isinstance(value, Mapping):
        if function := own_function(value):
            _note(made.custom, function, where)
        else:
            for inner, each in value.items():
                _look(made, inner, each, where)
    elif isinstance(value, str):
        family = family_of_argument(key)
        if family and value:  # by name, as in configurations of Keras 1 or written by hand
            made.classes.setdefault(place_of(f"{family}.{value}"), []).append(
                Described(value, {}, None, False, family)
            )


def _note(noted: dict[str, list[str]], name: str, where: str) -> None:
    places = noted.setdefault(name, [])
    if where and where not in places:
        places.append(where)


def _dtypes(policy: Any) -> set[str]:
    """The dtypes that a layer of a dtype policy computes and stores in."""
    name = policy_name(policy) or "float32"
    if name.startswith("mixed_"):
        return {name.removeprefix("mixed_"), "float32"}
    return {name}
