"""The inputs of a model: those that the user gives, or such as its shapes and dtypes ask for."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from conformance.model import Array
from conformance.model.errors import UsageError

# For an axis that the model leaves open.
_OPEN: Final = 16
# Integers that any embedding has: most vocabularies are larger, none is smaller.
_TOKENS: Final = 2


def made(
    inputs: Sequence[Mapping[str, Any]], seed: int, batch: int, *, embeds: bool = False
) -> list[Array]:
    """Normal numbers of mean 0 and standard deviation 1; of integers 0 and 1; of truth values both.

    `embeds`: whether the model looks numbers up, which may be floats of the form (examples, places).
    """
    generator = np.random.default_rng(seed)
    found: list[Array] = []
    for each in inputs:
        first, *rest = each["shape"] or [None]
        shape = (batch if first is None else first, *(_OPEN if n is None else n for n in rest))
        dtype = str(each["dtype"])
        if dtype == "bool" or "int" in dtype or (embeds and len(shape) == 2):
            found.append(generator.integers(0, _TOKENS, shape).astype(dtype))
        elif dtype in ("float16", "float32", "float64"):
            found.append(generator.standard_normal(shape).astype(dtype))
        elif dtype == "bfloat16":
            found.append(generator.standard_normal(shape).astype("float32"))
        else:
            raise UsageError(
                f"FILE: the input {each['name']} takes {dtype}, which cannot be made up; give it with --inputs"
            )
    return found


def given(path: Path, inputs: Sequence[Mapping[str, Any]]) -> list[Array]:
    """The inputs in a .npz file, by name, or in their order where no name is that of an input."""
    try:
        # NumPy takes what is no such file for a pickle, and advises how to load that.
        if path.exists() and not zipfile.is_zipfile(path):
            raise UsageError(f"--inputs {path} must be a .npz file; it is none")
        with np.load(path, allow_pickle=False) as held:
            arrays = {name: held[name] for name in held.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UsageError(f"--inputs {path} must be a .npz file of arrays: {reason}") from error
    names = [str(each["name"]) for each in inputs]
    if len(arrays) != len(names):
        raise UsageError(
            f"--inputs {path} must have the {len(names)} inputs of the model ({', '.join(names)}); "
            f"it has {len(arrays)} ({', '.join(arrays)})"
        )
    if not set(names) & set(arrays):
        arrays = dict(zip(names, arrays.values(), strict=True))
    found = []
    for each in inputs:
        name = str(each["name"])
        if name not in arrays:
            raise UsageError(
                f"--inputs {path} must have the input {name}; it has {', '.join(arrays)}"
            )
        found.append(_fitting(arrays[name], each, path))
    batches = {each.shape[0] for each in found}
    if len(batches) > 1:
        raise UsageError(
            f"--inputs {path}: all inputs must have the same number of examples; received {sorted(batches)}"
        )
    return found


def _fitting(array: Array, asked: Mapping[str, Any], path: Path) -> Array:
    shape = asked["shape"]
    fits = array.ndim == len(shape) and all(
        n in (None, m) for n, m in zip(shape, array.shape, strict=True)
    )
    if not fits or 0 in array.shape:
        raise UsageError(
            f"--inputs {path}: {asked['name']} must have the shape "
            f"({', '.join('any' if n is None else str(n) for n in shape)}); received {array.shape}"
        )
    dtype = "float32" if asked["dtype"] == "bfloat16" else str(asked["dtype"])
    if array.dtype.kind not in "fiub":
        raise UsageError(
            f"--inputs {path}: {asked['name']} must be numbers of {dtype}; received {array.dtype}"
        )
    return array.astype(dtype)
