"""What `Activate` calls: activations with other arguments than their defaults, and functions of other modules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from conformance.model import EPSILON, FLOATS, Input
from conformance.oracle import activations
from conformance.oracle.bounded import Bounded, exact, rounded
from conformance.oracle.curves import with_arguments
from conformance.oracle.layers.dense import Layer
from conformance.oracle.layers.world import Untold

_ALONG_AN_AXIS: Final = ("softmax", "log_softmax", "glu")


class Activate(Layer):
    """An activation of its inputs, by its name, with other arguments; or a function of `ops`."""

    identity = False

    def forward(self, x: Bounded, **options: Any) -> Bounded:
        """By the documents, integers are numbers as others are."""
        name: Any = self.arguments["function"]
        given: Any = self.arguments.get("options") or {}
        if not np.isrealobj(x.value):
            raise Untold("the documents define no activation of complex numbers")
        if "." in name:
            self.tape.append(_untold)
            return _computed(name, x, given)
        x = x if x.dtype in FLOATS else exact(x.value, "float32")
        if not given:
            self.tape.append(lambda g, _: activations.pulled_back(name, x, g, dialect=self.dialect))
            return activations.apply(name, x, dialect=self.dialect)
        curve = with_arguments(name, given)
        if curve is not None:
            self.tape.append(lambda g, _: g * activations.slope_of(curve, x))
            return activations.evaluated(curve, x)
        self.tape.append(_untold)
        if name == "relu":
            return _cut(x, given)
        if name in _ALONG_AN_AXIS:
            return _along(name, x, given["axis"])
        raise Untold(f"the oracle knows no {name} with {', '.join(given)}")


def _untold(g: Bounded, penalised: bool) -> Bounded:
    raise Untold("the oracle knows no slope of it with these arguments")


def _cut(x: Bounded, given: Mapping[str, float]) -> Bounded:
    """`relu` with other arguments: the largest value, what is over the threshold, or the slope times the rest."""
    slope = given.get("negative_slope", given.get("alpha", 0.0))
    threshold, largest = given.get("threshold", 0.0), given.get("max_value", np.inf)
    with np.errstate(invalid="ignore"):
        below = slope * (x.value - threshold) if slope else np.zeros_like(x.value)
        value = np.where(x.value < threshold, below, np.minimum(x.value, largest))
        own = np.where(x.value < threshold, 2 * EPSILON[x.dtype] * np.abs(below), 0.0)
    return rounded(value, np.where(np.isfinite(value), x.error + own, 0.0), x.dtype)


def _along(name: str, x: Bounded, axis: Any) -> Bounded:
    """Along an axis; along several, all for None, as if they were one."""
    if isinstance(axis, int):
        return activations.apply(name, x, axis=axis)
    rank = len(x.shape)
    merged = range(rank) if axis is None else [each % rank for each in axis]
    order = [*(each for each in range(rank) if each not in merged), *merged]
    moved = x.transpose(*order)
    kept = moved.shape[: rank - len(merged)]
    y = activations.apply(name, moved.reshape(*kept, int(np.prod(moved.shape[len(kept) :]))))
    return y.reshape(*moved.shape).transpose(*np.argsort(order).tolist())


def _computed(name: str, x: Bounded, given: Mapping[str, Any]) -> Bounded:
    """A function of `ops`, of floats in their own dtype."""
    if name.startswith("random."):
        raise Untold(f"a random draw: {name}")
    if x.dtype not in FLOATS:
        raise Untold("the documents do not say what dtype comes of integers")
    match name:
        case "ops.absolute":
            return x.abs()
        case "ops.square":
            return x * x
        case "ops.mean":
            return x.mean(**given)
        case "ops.sum":
            return x.sum(**given)
        case "ops.ones":
            return exact(np.ones(given["shape"]), given.get("dtype") or "float32")
        case "ops.cast" | "ops.convert_to_tensor" if given.get("dtype", x.dtype) in FLOATS:
            return x.cast(given.get("dtype", x.dtype))
        case "ops.matmul" if isinstance(other := given["x2"], Input):
            columns = exact(other.tensor.values(), x.dtype)
            rows = x.reshape(*x.shape, 1)
            return (rows * columns.reshape(1, *columns.shape)).sum(len(x.shape) - 1)
    raise Untold(f"the oracle knows no {name} with {', '.join(given)}")
