"""Where outcomes come from: everything that is known to move the bits of a result."""

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

# What must agree before two sets of outcomes can be expected to agree bit for bit.
_BITWISE_KEYS: Final = ("machine", "cpu_features", "onednn", "intra_op_threads", "tensorflow")


@cache
def platform_facts() -> Mapping[str, Any]:
    """The machine and its arithmetic, as far as it can be asked without TensorFlow."""
    simd = np.show_config(mode="dicts").get("SIMD Extensions", {})
    return {
        "system": platform.system(),
        "machine": platform.machine(),
        "cpu_features": sorted({*simd.get("baseline", ()), *simd.get("found", ())}),
        "python": platform.python_version(),
        "numpy": np.__version__,
    }


def tensorflow_facts() -> Mapping[str, Any]:
    """TensorFlow's version and settings, where this process has loaded it; else nothing."""
    tf = sys.modules.get("tensorflow")
    if tf is None:
        return {}
    # 0 lets TensorFlow choose: what the environment says, else one thread a core.
    chosen = tf.config.threading.get_intra_op_parallelism_threads()
    threads = chosen or int(os.environ.get("TF_NUM_INTRAOP_THREADS") or 0) or os.cpu_count()
    return {
        "tensorflow": tf.__version__,
        "onednn": _onednn(),
        "intra_op_threads": threads,
    }


def _onednn() -> bool:
    """Whether TensorFlow uses oneDNN's kernels.

    Where `TF_ENABLE_ONEDNN_OPTS` does not say so the processor decides, and only TensorFlow knows: it
    tells by no public name.
    """
    from tensorflow.python.util import _pywrap_util_port

    return bool(_pywrap_util_port.IsMklEnabled())


def facts(package: str, version: str | None) -> dict[str, Any]:
    """The full provenance of what `package` answers in this process.

    `stated`: the facts that were stated (see `platforms`), not found.
    """
    from conformance import __version__

    return {
        "package": package,
        "version": version,
        "generator": f"keras-conformance {__version__}",
        **here(),
    }


def here() -> dict[str, Any]:
    """What is found of this process's platform, and in its place what was stated."""
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
    """Whether bitwise agreement can be asked for between outcomes of these two provenances."""
    return not differences(one, other)


def differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """The facts that move bits, and differ between these two provenances: a clause for each."""
    return [
        _clause(key, one[key], other.get(key)) if key in one else f"no {key}"
        for key in _BITWISE_KEYS
        if one.get(key) != other.get(key)
    ]


def _clause(key: str, here: Any, there: Any) -> str:
    if not isinstance(here, list | tuple) or not isinstance(there, list | tuple):
        return f"{key} {here}, not {there}"
    # Of long lists the few that differ.
    more, less = [[x for x in a if x not in b] for a, b in ((here, there), (there, here))]
    clauses = [
        f"{word} {', '.join(map(str, x))}" for word, x in (("with", more), ("without", less)) if x
    ]
    return f"{key} {' and '.join(clauses)}"
