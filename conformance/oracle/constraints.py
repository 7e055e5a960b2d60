"""Constraints, from the documents: Layer weight constraints of Keras 3 and of Keras 2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from conformance.model import Case, Given, Input
from conformance.oracle.bounded import Bounded, constant, exact
from conformance.oracle.reading import Thing, array, floating, things, undecided, weights
from conformance.oracle.truths import Truth, Unknown

# The fuzz factor that Keras documents (keras.config.epsilon) "to prevent dividing by zero".
EPSILON: Final = 1e-7

SIGNATURES: Final[Mapping[str, Mapping[str, Any]]] = {
    "Constraint": {},
    "MaxNorm": {"max_value": 2, "axis": 0},
    "MinMaxNorm": {"min_value": 0.0, "max_value": 1.0, "rate": 1.0, "axis": 0},
    "NonNeg": {},
    "UnitNorm": {"axis": 0},
    "RadialConstraint": {},
    "CenterAround": {"ref_value": None},
    "NonNegative": {},
    "Forgetful": {"factor": 2.0},
    "double": {},
}
ALIASES: Final = {
    "max_norm": "MaxNorm",
    "min_max_norm": "MinMaxNorm",
    "non_neg": "NonNeg",
    "unit_norm": "UnitNorm",
    "radial_constraint": "RadialConstraint",
}


def answer(case: Case, dialect: str) -> Sequence[Mapping[str, Truth]]:
    """For each step, the projected weights as `value`. The dialects are documented alike."""
    made: list[Mapping[str, Truth]] = []
    for step, thing, settings in things(case, SIGNATURES, ALIASES):
        if step.do != "call" or step.input is None:
            made.append({})
        elif thing is None:
            made.append({"value": Unknown("the documents do not say what the case calls")})
        else:
            given, epsilon = case.inputs[step.input], settings.get("epsilon", EPSILON)
            unknown = undecided(given, settings)
            made.append({"value": unknown or projected(thing, given, epsilon)})
    return made


def projected(thing: Thing, given: Input, epsilon: float = EPSILON) -> Truth:
    """The weights that a constraint makes of `given`, of the same shape."""
    if given.tensor.dtype.startswith("complex"):
        return Unknown("complex weights: the documents project real ones only")
    match thing.name:
        case "Constraint":
            return exact(given.tensor, "float32" if given.given is Given.LIST else None)
        case "NonNeg" | "NonNegative":
            return _non_negative(given)
        case "RadialConstraint":
            return _radial(given)
    dtype = floating(given)
    assert dtype is not None
    w = weights(given, dtype)
    match thing.name:
        case "CenterAround":
            return w - w.mean() + constant(thing.arguments["ref_value"], dtype)
        case "Forgetful":
            return w * constant(thing.arguments["factor"], dtype)
        case "double":
            return w + w
    return apply(thing, w, epsilon)


def apply(thing: Thing, w: Bounded, epsilon: float = EPSILON) -> Truth:
    """A norm constraint of `w`: rescaled along its axes from its norm n to the norm it may have.

    As n is increased by the fuzz factor before it divides, and rounding can make it overflow only
    where the documents promise a norm, squares are taken of weights that a power of two made small.
    """
    axes = _axes(thing.arguments["axis"], len(w.shape))
    if axes is None:
        return Unknown("its axis is none of the weights")
    bounds: dict[str, Bounded] = {}
    for name in ("min_value", "max_value", "rate"):
        if name in thing.arguments:
            numbers = array(thing.arguments[name])
            if numbers is None or np.isnan(numbers).any():
                return Unknown(f"its {name} is no number")
            bounds[name] = constant(numbers, w.dtype)
    if thing.name == "MaxNorm" and (bounds["max_value"].value < 0).any():
        return Unknown("its max_value is negative, which no norm is")
    if thing.name == "MinMaxNorm":
        try:
            crossed = bounds["min_value"].value > bounds["max_value"].value
        except ValueError:
            return Unknown("its bounds do not broadcast to one another")
        if crossed.any():
            return Unknown("its min_value is above its max_value, which no norm is between")
    with np.errstate(all="ignore"):
        largest = np.max(np.abs(w.value), axis=axes, keepdims=True, initial=0.0)
        power = np.ldexp(1.0, 1 - np.frexp(np.maximum(largest, 1.0))[1])
        power = np.where(np.isfinite(largest), power, 1.0)
    small = w.scaled(power)
    norm = (small * small).sum(axes, keepdims=True).sqrt()
    try:
        wanted = _wanted(thing.name, norm, bounds, power)
    except ValueError:
        return Unknown("its bounds do not broadcast to the norms")
    length = norm + constant(epsilon, w.dtype).scaled(power)
    if wanted is None:
        return small / length
    try:
        made = small * (wanted / length)
    except ValueError:
        return Unknown("its bounds do not broadcast to the weights")
    # The quotient may overflow, but what has no length stays as it is.
    return made.where(~((norm.value == 0) & (w.value == 0)), 0.0)


def _wanted(
    name: str, norm: Bounded, bounds: Mapping[str, Bounded], power: np.typing.NDArray[Any]
) -> Bounded | None:
    """The norm that there should be, where `norm` is that of the weights times `power`.

    The projected weights are then the scaled weights times this, over the scaled norm.
    """
    if name == "UnitNorm":
        return None
    whole = norm.scaled(1 / power)
    if name == "MaxNorm":
        return whole.minimum(bounds["max_value"])
    rate = bounds["rate"]
    clipped = whole.maximum(bounds["min_value"]).minimum(bounds["max_value"])
    return (1.0 - rate) * whole + rate * clipped


def _axes(given: Any, rank: int) -> tuple[int, ...] | None:
    """The axes as they count from the first; None where they are none."""
    if given is None:
        return tuple(range(rank))
    numbers = array(given)
    if numbers is None or (numbers != np.round(numbers)).any() or (np.abs(numbers) > rank).any():
        return None
    axes = tuple(int(each) for each in numbers.ravel())
    if any(not -rank <= axis < rank for axis in axes):
        return None
    counted = tuple(axis % rank for axis in axes)
    return counted if len(set(counted)) == len(counted) else None


def _non_negative(given: Input) -> Bounded:
    """Negative weights are zero; the others stay, or are zero if they are subnormal."""
    whole = "float" not in given.tensor.dtype
    dtype = "float64" if whole else given.tensor.dtype
    if given.given is Given.LIST:
        dtype = "float32"
    w = constant(given.tensor.values().astype(np.float64), dtype)
    with np.errstate(all="ignore"):
        kept = (w.value > 0) | np.isnan(w.value)
    return w.where(kept, 0.0)


def _radial(given: Input) -> Truth:
    """One value for each ring of the kernel.

    The document pictures which for 4 by 4: `v_11` outside, `v_33` in the centre. A single ring
    has its value already.
    """
    kernel = exact(given.tensor, None if "float" in given.tensor.dtype else "float64")
    if kernel.value.ndim != 4 or kernel.shape[0] != kernel.shape[1]:
        return Unknown("it is no square kernel of rank 4")
    size = kernel.shape[0]
    if size <= 1 or not kernel.value.size:
        return kernel
    if size != 4:
        return Unknown("the document pictures the rings of 4 by 4 kernels only")
    filled = np.broadcast_to(kernel.value[1, 1], kernel.shape).copy()
    filled[1:3, 1:3] = kernel.value[3, 3]
    return exact(filled, kernel.dtype)
