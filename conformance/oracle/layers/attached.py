"""What is attached to weights and outputs: initializers, penalties, constraints, activations."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from conformance.model import Array, Literal, Reference
from conformance.oracle import activations
from conformance.oracle.bounded import Bounded, exact
from conformance.oracle.layers.products import cast, products


class Untold(Exception):
    """Why the oracle has no value, in one clause."""


# The documented order of the parameters of what is given by position.
_PARAMETERS: Final[Mapping[str, tuple[str, ...]]] = {
    "constant": ("value",),
    "l1": ("l1",),
    "l2": ("l2",),
    "l1l2": ("l1", "l2"),
    "maxnorm": ("max_value", "axis"),
}


def identified(literal: Literal) -> tuple[str, dict[str, Literal]]:
    """The name that an identifier stands for, without case and underscores, and its arguments."""
    if isinstance(literal, str):
        return _plain(literal), {}
    if isinstance(literal, Reference):
        name, arguments = _plain(literal.name.rpartition(".")[2]), dict(literal.arguments)
        places = arguments.pop("*", ())
        assert isinstance(places, tuple | list)
        return name, {**dict(zip(_PARAMETERS.get(name, ()), places, strict=False)), **arguments}
    if isinstance(literal, Mapping):
        config = literal.get("config") or {}
        assert isinstance(config, Mapping)
        return _plain(str(literal["class_name"])), dict(config)
    raise Untold(f"an identifier of type {type(literal).__name__} names nothing")


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


_DRAWN: Final = ("uniform", "normal", "orthogonal", "variancescaling", "myinit")


def initial(initializer: Literal, shape: Sequence[int], dtype: str) -> Bounded | Untold:
    """The first value of a weight, or why there is none."""
    if initializer is None:
        if dtype not in ("float16", "bfloat16", "float32", "float64"):
            return Bounded(np.zeros(shape), np.zeros(shape), dtype)
        return Untold("a random draw: the default initializer is glorot_uniform")
    name, arguments = identified(initializer)
    if name.endswith(_DRAWN):
        return Untold(f"a random draw: {name}")
    count = np.arange(math.prod(shape), dtype=np.float64).reshape(shape)
    values: Array
    match name:
        case "zeros" | "zero":
            values = 0 * count
        case "ones" | "one":
            values = 0 * count + 1
        case "constant":
            values = 0 * count + _number(arguments, "value", 0.0)
        case "identity":
            values = _number(arguments, "gain", 1.0) * np.eye(*shape)
        case "ramp":
            values = _number(arguments, "start") + _number(arguments, "step") * count
        case "countup":
            values = count
        case _:
            return Untold(f"the oracle of layers has no initializer {name}")
    return exact(values, dtype) if dtype == "float64" else cast(exact(values), dtype)


def _number(arguments: Mapping[str, Literal], name: str, default: float | None = None) -> float:
    value = arguments.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Untold(f"{name} is no number")
    return float(value)


_FUNCTIONS: Final = {"l1reg": (0.01, 0.0), "myregularizer": (0.0, 1e-3)}


def _factors(regularizer: Literal) -> tuple[float, float] | None:
    """What a regularizer multiplies the sum of magnitudes by, and that of squares."""
    name, arguments = identified(regularizer)
    if isinstance(regularizer, Reference) and regularizer.kind == "function":
        return _FUNCTIONS[name]
    match name:
        case "l1":
            return _number(arguments, "l1", 0.01), 0.0
        case "l2":
            return 0.0, _number(arguments, "l2", 0.01)
        case "l1l2":
            # As an identifier it has the documented defaults of L1 and L2, as a class none.
            default = 0.01 if isinstance(regularizer, str) else 0.0
            return _number(arguments, "l1", default), _number(arguments, "l2", default)
        case "l2regularizer":
            return 0.0, _number(arguments, "l2", 0.0)
        case "myregularizer":
            return 0.0, _number(arguments, "strength")
        case "orthogonalregularizer":
            return None
    raise Untold(f"the oracle of layers has no regularizer {name}")


def penalty(regularizer: Literal, x: Bounded) -> Bounded:
    """The penalty of a tensor: a scalar in its dtype."""
    factors = _factors(regularizer)
    if factors is None:
        return _orthogonal(regularizer, x)
    of_magnitudes, of_squares = factors
    made = exact(np.zeros(()), x.dtype)
    if of_magnitudes:
        made = made + x.abs().sum() * of_magnitudes
    if of_squares:
        made = made + (x * x).sum() * of_squares
    return made


def penalty_slope(regularizer: Literal, x: Bounded) -> Bounded:
    """The gradient of the penalty. Shape: that of `x`."""
    factors = _factors(regularizer)
    if factors is None:
        return _orthogonal_slope(regularizer, x)
    of_magnitudes, of_squares = factors
    made = exact(np.zeros(x.shape), x.dtype)
    if of_magnitudes:
        unsure = (np.abs(x.value) <= x.error) & (x.error > 0)
        sign = Bounded(np.sign(x.value), np.where(unsure, 2.0, 0.0), x.dtype)
        made = made + sign * of_magnitudes
    if of_squares:
        made = made + x * (2 * of_squares)
    return made


def constrained(constraint: Literal, w: Bounded) -> Bounded:
    """The weight as a constraint leaves it."""
    if constraint is None:
        return w
    name, arguments = identified(constraint)
    match name:
        case "double":
            return w + w
        case "centeraround":
            return w - w.mean() + _number(arguments, "ref_value")
    raise Untold(f"the oracle of layers has no constraint {name}")


def activated(activation: Literal, z: Bounded, dialect: str) -> Bounded:
    """The activation of a layer."""
    if activation is None:
        return z
    name = _activation(activation)
    return z + z if name == "double" else activations.apply(name, z, dialect=dialect)


def activation_pull(activation: Literal, z: Bounded, g: Bounded, dialect: str) -> Bounded:
    """The gradient of the activation's input, of that of its output."""
    if activation is None:
        return g
    name = _activation(activation)
    return g + g if name == "double" else activations.pulled_back(name, z, g, dialect=dialect)


def _activation(activation: Literal) -> str:
    name = activation.name if isinstance(activation, Reference) else activation
    known = str(name).rpartition(".")[2]
    if known != "double" and known not in activations.NAMES:
        raise Untold(f"the oracle has no activation {known}")
    return known


def _rows(x: Bounded, mode: str) -> tuple[Bounded, Bounded]:
    """The rows (or columns) of a matrix divided by their norms, and the norms as a column."""
    matrix = x.transpose() if mode == "columns" else x
    norms = (matrix * matrix).sum(1, keepdims=True).sqrt()
    return matrix / norms, norms


def _orthogonal(regularizer: Literal, x: Bounded) -> Bounded:
    """`factor` times the mean magnitude of the products of different rows, each of norm 1."""
    _, arguments = identified(regularizer)
    rows, _ = _rows(x, str(arguments.get("mode", "rows")))
    many = len(rows.value)
    apart = products(lambda a, b: a @ b.T, rows, rows, x.dtype).abs() * (1 - np.eye(many))
    return apart.sum() * _number(arguments, "factor", 0.01) / float(many * (many - 1))


def _orthogonal_slope(regularizer: Literal, x: Bounded) -> Bounded:
    _, arguments = identified(regularizer)
    mode = str(arguments.get("mode", "rows"))
    rows, norms = _rows(x, mode)
    many = len(rows.value)
    apart = products(lambda a, b: a @ b.T, rows, rows, x.dtype)
    unsure = np.abs(apart.value) <= apart.error
    off = 1 - np.eye(many)
    signs = Bounded(np.sign(apart.value) * off, np.where(unsure, 2.0, 0.0) * off, x.dtype)
    factor = 2 * _number(arguments, "factor", 0.01) / (many * (many - 1))
    pulled = products(lambda a, b: a @ b, signs, rows, x.dtype) * factor
    found = (pulled - rows * (rows * pulled).sum(1, keepdims=True)) / norms
    return found.transpose() if mode == "columns" else found
