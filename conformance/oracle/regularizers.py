"""Penalties, from the documents: Layer weight regularizers of Keras 3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from conformance.model import LARGEST, Case, Input
from conformance.oracle.bounded import Bounded, constant, exact
from conformance.oracle.reading import Thing, array, floating, things, undecided, weights
from conformance.oracle.truths import Truth, Unknown

SIGNATURES: Final[Mapping[str, Mapping[str, Any]]] = {
    "Regularizer": {},
    "L1": {"l1": 0.01},
    "L2": {"l2": 0.01},
    "L1L2": {"l1": 0.0, "l2": 0.0},
    # The identifier, whose factors are those of L1 and L2.
    "l1_l2": {"l1": 0.01, "l2": 0.01},
    "OrthogonalRegularizer": {"factor": 0.01, "mode": "rows"},
    "L2Regularizer": {"l2": 0.0},
    "MyRegularizer": {"strength": None},
    "Unsaved": {"strength": 2.0},
    "l1_reg": {},
    "my_regularizer": {},
}
ALIASES: Final = {
    "l1": "L1",
    "l2": "L2",
    "orthogonal_regularizer": "OrthogonalRegularizer",
}


def answer(case: Case, dialect: str) -> Sequence[Mapping[str, Truth]]:
    """For each step, the penalty as `value`. The dialects are documented alike."""
    # In Keras 3 the shortcut of the module is another name of the class.
    aliases = dict(ALIASES)
    if dialect == "keras3" and case.target == "regularizers.l1_l2":
        aliases["l1_l2"] = "L1L2"
    made: list[Mapping[str, Truth]] = []
    for step, thing, settings in things(_without_none(case), SIGNATURES, aliases):
        if step.do != "call" or step.input is None:
            made.append({})
        elif thing is None:
            made.append({"value": Unknown("the documents do not say what the case calls")})
        else:
            given = case.inputs[step.input]
            open_question = undecided(given, settings) or _of_settings(thing, settings)
            made.append({"value": open_question or penalty(thing, given)})
    return made


def _without_none(case: Case) -> Case:
    """The case without factors of None: in both versions that is the same as to leave them out."""
    if case.custom or case.target not in (
        "regularizers.L1",
        "regularizers.L2",
        "regularizers.L1L2",
    ):
        return case
    given = {k: v for k, v in case.arguments.items() if v is not None or k not in ("l1", "l2")}
    return replace(case, arguments=given)


def _of_settings(thing: Thing | None, settings: Mapping[str, Any]) -> Unknown | None:
    """What the documents leave open of a penalty after settings were changed."""
    if "floatx" in settings:
        return Unknown("the documents do not say which dtype a factor has after set_floatx")
    if "epsilon" in settings and thing is not None and thing.name == "OrthogonalRegularizer":
        return Unknown("the documents do not say whether set_epsilon is heard")
    return None


def penalty(thing: Thing, given: Input) -> Truth:
    """What a regularizer makes of `given`: a scalar."""
    dtype = floating(given)
    if dtype is None:
        if thing.name != "L1":
            return Unknown("complex weights: the documents square real ones only")
        narrow = "float32" if given.tensor.dtype == "complex64" else "float64"
        moduli = exact(np.abs(given.tensor.values().astype(np.complex128)), narrow)
        return _sum(thing.arguments, "l1", moduli)
    return apply(thing, weights(given, dtype))


def apply(thing: Thing, x: Bounded) -> Truth:
    """The penalty on `x`, a scalar."""
    given = thing.arguments
    match thing.name:
        case "Regularizer":
            return exact(np.zeros(()), x.dtype)
        case "L1":
            return _sum(given, "l1", x.abs())
        case "L2" | "L2Regularizer":
            return _sum(given, "l2", x * x)
        case "MyRegularizer":
            return _sum(given, "strength", x * x)
        case "Unsaved":
            return _sum(given, "strength", x.abs())
        case "l1_reg":
            return _sum({"l1": 0.01}, "l1", x.abs())
        case "my_regularizer":
            return _sum({"l2": 1e-3}, "l2", x * x)
        case "L1L2" | "l1_l2":
            # The factor 0, the default, means that there is no such term: not even NaN comes of it.
            first = _sum(given, "l1", x.abs())
            second = _sum(given, "l2", x * x)
            if isinstance(first, Unknown) or isinstance(second, Unknown):
                return Unknown("its factors are no numbers")
            if not array(given["l1"]):
                return second if array(given["l2"]) else exact(np.zeros(()), x.dtype)
            return first + second if array(given["l2"]) else first
    return _orthogonal(given, x)


def _sum(arguments: Mapping[str, Any], name: str, terms: Bounded) -> Truth:
    """The factor of that name times the sum of `terms`."""
    factor = array(arguments[name])
    if factor is None or factor.shape:
        return Unknown(f"its {name} is no number")
    return constant(factor, terms.dtype) * terms.sum()


def _orthogonal(arguments: Mapping[str, Any], x: Bounded) -> Truth:
    """The factor times the mean of |cosine| over the pairs of different rows, or columns.

    The document says "mean of the dot products", and that the regularizer makes rows orthogonal,
    which takes their absolute values. A row without length stays zero; of one row nothing is asked.
    """
    factor = array(arguments["factor"])
    if factor is None or arguments["mode"] not in ("rows", "columns"):
        return Unknown("its factor is no number or its mode none of both")
    if x.value.ndim != 2:
        return Unknown("its argument is no matrix")
    rows = x if arguments["mode"] == "rows" else x.transpose()
    count = rows.shape[0]
    if count < 2:
        return exact(np.zeros(()), x.dtype)
    if x.dtype == "float64":
        # A power of two changes no cosine, and here the squares of the shortest rows are not lost.
        largest = np.max(np.abs(rows.value), axis=1, keepdims=True, initial=0.0)
        rows = rows.scaled(np.ldexp(1.0, np.clip(-np.frexp(largest)[1], 0, 1000)))
    lengths = (rows * rows).sum(1, keepdims=True).sqrt()
    unit = rows / lengths.where(lengths.value != 0, 1.0)
    first, second = np.nonzero(~np.eye(count, dtype=bool))
    cosines = (unit[first] * unit[second]).sum(1).abs()
    # Their sum, over all places of the matrix of products, of which the diagonal is zero: two for each pair.
    places, each = count * (count - 1), 1
    if places > LARGEST[x.dtype]:
        places, each = places // 2, 2
    if places > LARGEST[x.dtype]:
        return Unknown(f"{x.dtype} has no number for so many pairs")
    return constant(factor / each, x.dtype) * cosines.sum() / float(places)
