"""Losses and metrics by their definitions: a number for each sample, and what a loss makes of those."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from conformance.model import Array, Input, Reference
from conformance.oracle.bounded import Bounded, exact
from conformance.oracle.constraints import EPSILON
from conformance.oracle.layers import attached
from conformance.oracle.layers.products import cast
from conformance.oracle.layers.world import Untold
from conformance.oracle.reading import Signatures

_REDUCTION: Final = {"reduction": "sum_over_batch_size"}
SIGNATURES: Final[Signatures] = {
    "MeanSquaredError": _REDUCTION,
    "MeanAbsoluteError": _REDUCTION,
    "Huber": {"delta": 1.0, **_REDUCTION},
    "SparseCategoricalCrossentropy": {"from_logits": False, "ignore_class": None, **_REDUCTION},
}
_METRICS: Final = {
    **dict.fromkeys(("mse", "mean_squared_error"), "mse"),
    **dict.fromkeys(("mae", "mean_absolute_error"), "mae"),
    **dict.fromkeys(("acc", "accuracy"), "accuracy"),
}


def called(literal: Reference, arguments: Mapping[str, Any], dialect: str) -> Bounded:
    """What a loss gives for `y_true`, `y_pred` and `sample_weight`, by name or place."""
    names = ("y_true", "y_pred", "sample_weight")
    given = dict(zip(names, arguments.get("*", ()), strict=False))
    given |= {name: value for name, value in arguments.items() if name != "*"}
    thing = attached.identified(literal, SIGNATURES, {})
    options = dict(thing.arguments)
    p = _numbers(given["y_pred"])
    if dialect == "keras3":
        p = cast(p, str(options.get("dtype") or "float32"))
    target = given["y_true"].tensor.values().astype(np.float64)
    losses, kept = _of_samples(thing.name, p, target, options)
    weights = np.ones(losses.shape) if kept is None else kept.astype(np.float64)
    count = float(weights.sum()) if kept is not None else float(losses.value.size)
    weighted = given.get("sample_weight")
    if weighted is not None:
        values = weighted.tensor.values().astype(np.float64)
        if values.ndim == losses.value.ndim + 1:
            # Keras 3 gives the losses this axis as well, if they are not summed.
            losses, weights = losses.reshape(*values.shape), weights.reshape(values.shape)
        weights = weights * values
    match options["reduction"]:
        case "none" | None:
            return losses * weights
        case "sum":
            return (losses * weights).sum()
        case "sum_over_batch_size" | "auto" | "mean":
            if not count:
                raise Untold("the documents do not say what the mean of no losses is")
            mean = (losses * weights).sum() / count
            # Implementations rescale the mask, and take the mean of all: six more roundings.
            return mean if kept is None else mean.monotone(_same, ulp=6)
        case "mean_with_sample_weight":
            return (losses * weights).sum() / float(weights.sum())
    raise Untold(f"the oracle has no reduction {options['reduction']}")


def _same(values: Array) -> Array:
    return values


def _numbers(given: Input) -> Bounded:
    from conformance.oracle.layers import given as read

    return read(given)


def _of_samples(
    name: str, p: Bounded, target: Array, options: Mapping[str, Any]
) -> tuple[Bounded, Array | None]:
    """The loss of each sample, and which of them count; None for all."""
    if name == "SparseCategoricalCrossentropy":
        return _crossentropy(p, target, options)
    if p.value.ndim == 1 and target.shape == (len(p.value), 1):
        p = p.reshape(*target.shape)
    off = p - exact(aligned(target, p), p.dtype)
    match name:
        case "MeanSquaredError":
            return (off * off).mean(-1), None
        case "MeanAbsoluteError":
            return off.abs().mean(-1), None
    delta = float(options["delta"])
    size = off.abs()
    near = (off * off) * 0.5
    return near.where(size.value <= delta, size * delta - 0.5 * delta * delta).mean(-1), None


def aligned(target: Array, p: Bounded) -> Array:
    """Targets with or without a last axis of size 1, as the predictions have one."""
    if target.ndim == len(p.shape) - 1 and p.shape[-1] == 1:
        return target[..., None]
    if target.ndim == len(p.shape) + 1 and target.shape[-1] == 1:
        return target[..., 0]
    return target


def _crossentropy(
    p: Bounded, target: Array, options: Mapping[str, Any]
) -> tuple[Bounded, Array | None]:
    if not np.isfinite(p.value).all():
        raise Untold("the documents do not say what a NaN among the logits does")
    labels = target[..., 0] if target.ndim == len(p.shape) else target
    ignored = options["ignore_class"]
    kept = None if ignored is None else labels != ignored
    places = labels.astype(int) if kept is None else np.where(kept, labels, 0).astype(int)
    hot = np.eye(p.shape[-1])[places]
    if options["from_logits"]:
        logs = attached.activated("log_softmax", p, "keras3")
        losses = -(logs * hot).sum(-1)
    else:
        if not (p.value > EPSILON).all() or not (p.value < 1 - EPSILON).all():
            raise Untold("the documents do not say where probabilities are cut")
        # Official Keras divides by the sum, which need not be 1.
        q = p / p.sum(-1, keepdims=True)
        losses = -(q * hot).sum(-1).monotone(np.log, ulp=8)
    return (losses, None) if kept is None else (losses * kept.astype(np.float64), kept)


def measured(name: str, p: Bounded, target: Array) -> Bounded:
    """A metric of each sample; Untold where a rounding may decide it."""
    kind = _METRICS.get(name)
    if kind is None:
        raise Untold(f"the oracle knows no metric {name}")
    if kind == "accuracy":
        return _accuracy(p, target)
    off = p - exact(aligned(target, p), p.dtype)
    return (off * off if kind == "mse" else off.abs()).mean(-1)


def _accuracy(p: Bounded, target: Array) -> Bounded:
    if p.shape[-1] == 1:
        unsure = np.abs(p.value - 0.5) <= p.error
        hits = ((p.value > 0.5) == aligned(target, p))[..., 0]
    else:
        ranked = np.sort(p.value, axis=-1)
        unsure = ranked[..., -1] - ranked[..., -2] <= 2 * p.error.max(-1)
        if target.shape == p.shape:
            classes = target.argmax(-1)
        else:
            classes = target.reshape(p.shape[:-1]).astype(int)
        hits = p.value.argmax(-1) == classes
    if unsure.any():
        raise Untold("the largest prediction may be another after rounding")
    return exact(hits.astype(np.float64), "float32")
