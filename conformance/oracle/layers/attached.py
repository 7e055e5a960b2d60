"""What is attached to weights and outputs: initializers, penalties, constraints, activations."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from conformance.model import FLOATS, Array, Literal, Reference
from conformance.oracle import activations, constraints, regularizers
from conformance.oracle.bounded import Bounded, exact
from conformance.oracle.layers.products import cast, products
from conformance.oracle.layers.world import Untold
from conformance.oracle.reading import Signatures, Thing, unshared
from conformance.oracle.truths import Truth, Unknown


def identified(literal: Literal, signatures: Signatures, aliases: Mapping[str, str]) -> Thing:
    """The class or function that an identifier stands for, with all its arguments.

    Untold where the identifier names none of `signatures`.
    """
    if isinstance(literal, Reference):
        literal = unshared(literal)
        name, given = literal.name.rpartition(".")[2], literal.arguments
    elif isinstance(literal, Mapping):
        config = literal.get("config") or {}
        assert isinstance(config, Mapping)
        name, given = str(literal["class_name"]), config
    else:
        name, given = str(literal), {}
    name = aliases.get(name, name)
    if name not in signatures:
        raise Untold(f"the oracle of layers has no {name}")
    places = given.get("*", ())
    assert isinstance(places, tuple | list)
    placed = dict(zip(signatures[name], places, strict=False))
    named = {key: value for key, value in given.items() if key != "*"}
    return Thing(name, {**signatures[name], **placed, **named})


def _number(arguments: Mapping[str, Any], name: str) -> float:
    value = arguments[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Untold(f"{name} is no number")
    return float(value)


_INITIALIZERS: Final[Signatures] = {
    "Zeros": {},
    "Ones": {},
    "Constant": {"value": 0.0},
    "Identity": {"gain": 1.0},
    "Ramp": {"start": None, "step": None},
    "count_up": {},
}
_INITIALIZER_ALIASES: Final = {"zeros": "Zeros", "ones": "Ones", "identity": "Identity"}
_DRAWN: Final = ("uniform", "normal", "orthogonal", "variancescaling", "myinit")


def initial(initializer: Literal, shape: Sequence[int], dtype: str) -> Bounded | Untold:
    """The first value of a weight, or why there is none."""
    if initializer is None:
        if dtype not in FLOATS:
            return Bounded(np.zeros(shape), np.zeros(shape), dtype)
        return Untold("a random draw: the default initializer is glorot_uniform")
    try:
        thing = identified(initializer, _INITIALIZERS, _INITIALIZER_ALIASES)
    except Untold as told:
        name = str(told).rpartition(" ")[2]
        drawn = name.replace("_", "").lower().endswith(_DRAWN)
        return Untold(f"a random draw: {name}") if drawn else told
    count = np.arange(math.prod(shape), dtype=np.float64).reshape(shape)
    values: Array
    match thing.name:
        case "Zeros":
            values = 0 * count
        case "Ones":
            values = 0 * count + 1
        case "Constant":
            values = 0 * count + _number(thing.arguments, "value")
        case "Identity":
            values = _number(thing.arguments, "gain") * np.eye(shape[0], shape[1])
        case "Ramp":
            values = count * _number(thing.arguments, "step")
            values = values + _number(thing.arguments, "start")
        case _:
            values = count
    return cast(exact(values), dtype) if dtype in FLOATS else Bounded(values, 0 * values, dtype)


def _factors(regularizer: Literal) -> tuple[float, float] | None:
    """What a regularizer multiplies the sum of magnitudes by, and that of squares."""
    thing = identified(regularizer, regularizers.SIGNATURES, regularizers.ALIASES)
    given = thing.arguments
    match thing.name:
        case "L1":
            return _number(given, "l1"), 0.0
        case "L2" | "L2Regularizer":
            return 0.0, _number(given, "l2")
        case "L1L2" | "l1_l2":
            return _number(given, "l1"), _number(given, "l2")
        case "MyRegularizer":
            return 0.0, _number(given, "strength")
        case "l1_reg":
            return 0.01, 0.0
        case "my_regularizer":
            return 0.0, 1e-3
        case "OrthogonalRegularizer":
            return None
    raise Untold(f"the oracle of layers has no {thing.name}")


def _dot(a: Array, b: Array) -> Array:
    return np.asarray((a * b).sum())


def penalty(regularizer: Literal, x: Bounded) -> Bounded:
    """The penalty of a tensor: a scalar in its dtype."""
    factors = _factors(regularizer)
    if factors is None:
        thing = identified(regularizer, regularizers.SIGNATURES, regularizers.ALIASES)
        return _known(regularizers.apply(thing, x))
    of_magnitudes, of_squares = factors
    made = exact(np.zeros(()), x.dtype)
    if of_magnitudes:
        ones = exact(np.ones(x.shape), x.dtype)
        made = made + products(_dot, x.abs(), ones, x.dtype) * of_magnitudes
    if of_squares:
        made = made + products(_dot, x, x, x.dtype) * of_squares
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


def constrained(constraint: Literal, w: Bounded, epsilon: float = constraints.EPSILON) -> Bounded:
    """The weight as a constraint leaves it."""
    if constraint is None:
        return w
    thing = identified(constraint, constraints.SIGNATURES, constraints.ALIASES)
    match thing.name:
        case "double":
            return w + w
        case "CenterAround":
            return w - w.mean() + _number(thing.arguments, "ref_value")
        case "NonNeg" | "NonNegative":
            return w.maximum(0.0)
        case "MaxNorm" | "MinMaxNorm" | "UnitNorm":
            return _known(constraints.apply(thing, w, epsilon))
    raise Untold(f"the oracle of layers has no {thing.name}")


def _known(truth: Truth) -> Bounded:
    if isinstance(truth, Unknown):
        raise Untold(truth.reason)
    return truth


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
    name = unshared(activation).name if isinstance(activation, Reference) else activation
    known = str(name).rpartition(".")[2]
    if known != "double" and known not in activations.NAMES:
        raise Untold(f"the oracle has no activation {known}")
    return known


def _orthogonal_slope(regularizer: Literal, x: Bounded) -> Bounded:
    """Of the mean magnitude of the cosines between different rows, or columns."""
    thing = identified(regularizer, regularizers.SIGNATURES, regularizers.ALIASES)
    across = thing.arguments["mode"] == "columns"
    matrix = x.transpose() if across else x
    norms = (matrix * matrix).sum(1, keepdims=True).sqrt()
    rows = matrix / norms
    many = len(rows.value)
    cosines = products(lambda a, b: a @ b.T, rows, rows, x.dtype)
    unsure = np.abs(cosines.value) <= cosines.error
    off = 1 - np.eye(many)
    signs = Bounded(np.sign(cosines.value) * off, np.where(unsure, 2.0, 0.0) * off, x.dtype)
    factor = 2 * _number(thing.arguments, "factor") / (many * (many - 1))
    pulled = products(lambda a, b: a @ b, signs, rows, x.dtype) * factor
    found = (pulled - rows * (rows * pulled).sum(1, keepdims=True)) / norms
    return found.transpose() if across else found
