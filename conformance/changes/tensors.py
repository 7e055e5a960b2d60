"""Where two tensors of one name differ, and what kind of change that is."""

from __future__ import annotations

import numpy as np

from conformance.changes.differences import Change, Group
from conformance.changes.words import short
from conformance.model import Array, Case, Comparison, Tensor


def change(case: Case, label: str, found: Comparison, old: Tensor, new: Tensor) -> Change:
    """The change that a failed comparison shows."""
    target = case.target
    match found.aspect:
        case "shape" | "dtype" as aspect:
            was, now = getattr(old, aspect), getattr(new, aspect)
            what = f"{aspect} of {label}"
            return Change(Group.OTHER, target, what, case.id, short(was), short(now))
        case "nonfinite" | "zero-sign" as aspect:
            what = {"nonfinite": "NaN or infinity", "zero-sign": "sign of zero"}[aspect]
            numbers = _numbers(old, new, _odd(old, new, aspect))
            return Change(Group.VALUES, target, f"{label}: {what}", case.id, *numbers)
        case "contract" | "distribution":
            told = f"{short(new)}: {found.message}"
            return Change(Group.VALUES, target, "draws", case.id, short(old), told)
    place, relative = _worst(old, new)
    numbers = _numbers(old, new, place)
    return Change(Group.VALUES, target, label, case.id, *numbers, found.error_ulp, relative)


def _wide(tensor: Tensor) -> Array:
    values = tensor.values()
    return values.astype(np.complex128 if values.dtype.kind == "c" else np.float64)


def _worst(old: Tensor, new: Tensor) -> tuple[tuple[int, ...], float]:
    """The place where two values differ most; and that difference over the largest element of the old value."""
    was, now = _wide(old), _wide(new)
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        distance = np.abs(now - was)
        distance = np.where(np.isfinite(distance), distance, 0.0)
        scale = np.abs(was[np.isfinite(was)]).max(initial=0.0)
        relative = float(distance.max() / scale) if scale else float("inf")
    return tuple(int(i) for i in np.unravel_index(int(distance.argmax()), distance.shape)), relative


def _odd(old: Tensor, new: Tensor, aspect: str) -> tuple[int, ...]:
    was, now = _wide(old), _wide(new)
    if aspect == "nonfinite":
        where = (np.isnan(was) != np.isnan(now)) | ((np.isinf(was) | np.isinf(now)) & (was != now))
    else:
        where = (was == 0) & (now == 0) & (np.signbit(was.real) != np.signbit(now.real))
    found = np.argwhere(where)
    return tuple(int(i) for i in found[0]) if len(found) else (0,) * was.ndim


def _numbers(old: Tensor, new: Tensor, place: tuple[int, ...]) -> tuple[str, str]:
    at = f" at {list(place)}" if place else ""
    return f"{old.values()[place]}{at}", f"{new.values()[place]}"
