"""Why a call failed, as one sentence; runs only after it has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from impl.core.convert import as_tensor

_UNTYPED = (bool, int, float, list, tuple, np.ndarray, np.generic)


def explain(
    name: str, w: Any, arguments: Mapping[str, Any], error: Exception, label: str = "w"
) -> Exception:
    """A TypeError or ValueError that names the argument which made `name(**arguments)(w)` fail.

    `arguments` are the constructor's: `axis`, and numbers that bound, mix or scale. Where all of
    them look right, the first line of the original `error` is passed on. `label` is what messages
    call `w`.
    """
    try:
        tensor = as_tensor(w)
    except (TypeError, ValueError):
        return type(error)(f"{name}: {label} must convert to one dense tensor, got {_short(w)}")
    if not _is_numeric(tensor):
        return TypeError(f"{name}: {label} must be a float tensor, got {tensor.dtype.name}")
    for key, value in arguments.items():
        problem = (_axis if key == "axis" else _number)(tensor, key, value)
        if problem is not None:
            return type(problem)(f"{name}: {problem}")
    if isinstance(error, (TypeError, ValueError)):
        return type(error)(f"{name}: {str(error).splitlines()[0]}")
    if not tensor.dtype.is_floating:
        return TypeError(f"{name}: {label} must be a float tensor, got {tensor.dtype.name}")
    return ValueError(f"{name}: {error.args[-1] if error.args else error}".splitlines()[0])


def _short(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 80 else text[:77] + "..."


def _is_numeric(tensor: tf.Tensor) -> bool:
    dtype = tensor.dtype
    return bool(dtype.is_floating or dtype.is_integer or dtype.is_complex or dtype is tf.bool)


def _axis(w: tf.Tensor, key: str, axis: Any) -> Exception | None:
    if axis is None:
        return None
    try:
        axes = np.asarray(axis if isinstance(axis, (int, list, tuple)) else as_tensor(axis))
    except (
        NotImplementedError,
        TypeError,
        ValueError,
    ):  # the first of a tensor without a value yet
        axes = np.asarray("no axes")
    if axes.size and axes.dtype.kind not in "iub":
        return TypeError(f"{key} must be an integer, integers or None, got {_short(axis)}")
    rank = len(w.shape)
    flat = [int(a) for a in axes.ravel()]
    if not all(-rank <= a < rank for a in flat):
        return ValueError(f"{key} must name axes of w, whose rank is {rank}, got {_short(axis)}")
    if len({a % rank for a in flat}) < len(flat):
        return ValueError(f"{key} must name no axis twice, got {_short(axis)}")
    return None


def _number(w: tf.Tensor, key: str, value: Any) -> Exception | None:
    try:
        tensor = as_tensor(value)
        tf.broadcast_static_shape(tensor.shape, w.shape)
    except (TypeError, ValueError):
        tensor = None
    if tensor is None or tensor.dtype.is_complex or not _is_numeric(tensor):
        return TypeError(
            f"{key} must be a number, or numbers which broadcast to w of shape {w.shape}, "
            f"got {_short(value)}"
        )
    if not isinstance(value, _UNTYPED) and w.dtype.is_floating and tensor.dtype != w.dtype:
        return TypeError(
            f"{key} as a tensor must have the dtype of w, {w.dtype.name}, got {tensor.dtype.name}"
        )
    return None
