"""Where outcomes come from: everything that is known to change the bits of a result."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from typing import Any, Final

import numpy as np

from conformance.model import platforms

# The facts that must agree before outcomes can be expected to agree bit for bit.
_BITWISE_KEYS: Final = ("machine", "cpu_features", "onednn", "intra_op_threads", "tensorflow")


@cache
def platform_facts() -> Mapping[str, Any]:
    """The machine and its arithmetic, as far as they are known without TensorFlow."""
    return {
        "system": platform.system(),
        "machine": platform.machine(),
        "cpu_features": sorted(_cpu_features()),
        "python": platform.python_version(),
        "numpy": np.__version__,
    }


def _cpu_features() -> set[str]:
    """What NumPy knows of the processor."""
    try:
        simd = np.show_config(mode="dicts").get("SIMD Extensions", {})
    except TypeError:  # before NumPy 1.25, which Keras 2.12 and 2.13 need, it only prints
        from numpy.core import _multiarray_umath

        return {name for name, has in _multiarray_umath.__cpu_features__.items() if has}
    return {*simd.get("baseline", ()), *simd.get("found", ())}


def tensorflow_facts() -> Mapping[str, Any]:
    """The version and settings of TensorFlow, if this process has loaded it; otherwise nothing."""
    tf = sys.modules.get("tensorflow")
    if tf is None:
        return {}
    # 0 lets TensorFlow choose: as the environment says, or one thread per core.
    chosen = tf.config.threading.get_intra_op_parallelism_threads()
    threads = chosen or int(os.environ.get("TF_NUM_INTRAOP_THREADS") or 0) or os.cpu_count()
    return {
        "tensorflow": tf.__version__,
        "onednn": _onednn(),
        "intra_op_threads": threads,
    }


def _onednn() -> bool:
    """Whether TensorFlow uses oneDNN's kernels.

    If `TF_ENABLE_ONEDNN_OPTS` does not say so, TensorFlow decides by the processor. Only it knows the result,
    and no public name tells it.
    """
    from tensorflow.python.util import _pywrap_util_port

    return bool(_pywrap_util_port.IsMklEnabled())


def facts(package: str, version: str | None) -> dict[str, Any]:
    """The full provenance of the outcomes of `package` in this process.

    The entry `stated` holds the facts that were stated (see `platforms`), not found.
    """
    from conformance import __version__

    return {
        "package": package,
        "version": version,
        "generator": f"keras-conformance {__version__}",
        **here(),
    }


def here() -> dict[str, Any]:
    """The facts of this platform. A fact that was stated replaces the one that was found."""
    stated = platforms.stated()
    found = {**platform_facts(), **tensorflow_facts(), **stated}
    return found | {"stated": sorted(stated)} if stated else found


def version_of(distribution: str) -> str | None:
    """The installed version of a distribution, or None."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def same_platform(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether outcomes of these two provenances can be expected to agree bit for bit."""
    return not differences(one, other)


def differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """A clause for each fact that changes bits and differs between these two provenances."""
    return [
        _clause(key, one[key], other.get(key)) if key in one else f"no {key}"
        for key in _BITWISE_KEYS
        if one.get(key) != other.get(key)
    ]


def _clause(key: str, here: Any, there: Any) -> str:
    if not isinstance(here, list | tuple) or not isinstance(there, list | tuple):
        return f"{key} {here}, not {there}"
    # Of a long list only the few members that differ.
    more, less = [[x for x in a if x not in b] for a, b in ((here, there), (there, here))]
    clauses = [
        f"{word} {', '.join(map(str, x))}" for word, x in (("with", more), ("without", less)) if x
    ]
    return f"{key} {' and '.join(clauses)}"
