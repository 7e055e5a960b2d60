"""Arguments and results of layers as JSON, whose tensors are named and kept apart."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from conformance.model import Array
from conformance.subjects.protocol import tidy

# Stands for a tensor in a structure: {"$tensor": NAME}.
TENSOR: Final = "$tensor"


def taken(
    value: Any, tensors: dict[str, Array], read: Callable[[Any], Array | None], name: str
) -> Any:
    """A structure as JSON; its tensors go into `tensors` under names that begin with `name`.

    `read` gives the array of a tensor, and None of what is none. ValueError for what JSON cannot say.
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [taken(each, tensors, read, f"{name}.{n}") for n, each in enumerate(value)]
    if isinstance(value, Mapping):
        return {str(k): taken(each, tensors, read, f"{name}.{k}") for k, each in value.items()}
    array = read(value)
    if array is None:
        raise ValueError(f"an argument of type {type(value).__name__} cannot be written down")
    tensors[name] = array
    return {TENSOR: name}


def put(value: Any, made: Callable[[str], Any]) -> Any:
    """A structure with the tensors that `made` gives for their names."""
    if isinstance(value, list):
        return [put(each, made) for each in value]
    if isinstance(value, dict):
        if value.keys() == {TENSOR}:
            return made(value[TENSOR])
        return {key: put(each, made) for key, each in value.items()}
    return value


# Keras says first which layer it was, and then, in bold, what happened.
_AROUND: Final = re.compile(r"^Exception encountered when calling .*\n+")
_BOLD: Final = re.compile(r"\x1b\[\d*m")
# What could not be made is told from the outside in, each time with its whole configuration.
_INSIDE: Final = re.compile(r".*^Exception encountered: ", re.DOTALL | re.MULTILINE)


def told(error: BaseException) -> str:
    """What an exception says: its type, and the first line of what happened in a layer."""
    said = _INSIDE.sub("", _BOLD.sub("", _AROUND.sub("", str(error))))
    first = next((line.strip() for line in said.splitlines() if line.strip()), "")
    return f"{type(error).__name__}: {tidy(first)[:300]}"


def like(value: Any, leaves: Iterator[Any]) -> Any:
    """A structure of the same form with other leaves, which come in the order of Keras: of a mapping by its keys."""
    if isinstance(value, list | tuple):
        return [like(each, leaves) for each in value]
    if isinstance(value, Mapping):
        return {key: like(value[key], leaves) for key in sorted(value)}
    return next(leaves)


def names(value: Any) -> list[str]:
    """The names of the tensors in a structure, in order."""
    found: list[str] = []
    put(value, found.append)
    return found


def save(path: Path, arrays: Mapping[str, Array]) -> None:
    """Writes arrays to a .npz file; of bfloat16, which that does not know, as float32."""
    known = {k: v.astype("float32") if v.dtype.kind == "V" else v for k, v in arrays.items()}
    with path.open("wb") as file:
        np.savez(file, **known)  # type: ignore[arg-type]


def load(path: Path | str) -> dict[str, Array]:
    """Reads a .npz file; nothing in it is unpickled."""
    with np.load(path, allow_pickle=False) as held:
        return {name: held[name] for name in held.files}
