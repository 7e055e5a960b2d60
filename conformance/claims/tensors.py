"""Tests of tensors: their elements, norms, sums, shapes, dtypes, laws, and the oracle's truth.

Each returns what is wrong, or None. The option `of` is a glob over names: the test is about those tensors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from conformance import oracle
from conformance.claims.answers import Answered, near, none_named, tensors
from conformance.judge import distribution
from conformance.judge.differences import shown
from conformance.model import EPSILON, Array, Returned, Tensor
from conformance.model.errors import UsageError
from conformance.oracle import Bounded
from conformance.oracle.judge import worst


def off_the_truth(answered: Answered, _: Any, options: Mapping[str, Any]) -> str | None:
    """Every tensor that the oracle knows must lie within its error budget."""
    known = 0
    truths = oracle.truths(answered.case, answered.dialect, answered.outcomes)
    for outcome, here in zip(answered.outcomes, truths, strict=True):
        assert isinstance(outcome, Returned)
        for name, truth in here.items():
            value = outcome.values[name]
            if not isinstance(truth, Bounded) or not isinstance(value, Tensor):
                continue
            known += 1
            if value.shape != truth.shape:
                return f"{name} of shape {list(value.shape)} instead of {list(truth.shape)}"
            used = worst(truth, value)
            if used > 1:
                return f"{name} {shown(value)}, {used:.3g} times its error budget from the truth"
    if not any(truths):
        return none_named(answered, {"of": "*"})
    if not known:
        raise UsageError(
            f"{answered.case.id}: an oracle claim must have a case whose tensors the oracle knows; "
            "it knows none of them"
        )
    return None


def not_preserved(answered: Answered, _: Any, options: Mapping[str, Any]) -> str | None:
    """Each call must return a tensor of the shape and dtype of its input."""
    seen = 0
    for step, outcome in zip(answered.case.steps, answered.outcomes, strict=True):
        if step.do != "call" or step.input is None or not isinstance(outcome, Returned):
            continue
        given, value = answered.case.inputs[step.input].tensor, outcome.values.get("value")
        seen += 1
        if not isinstance(value, Tensor):
            return f"no tensor but {shown(value)}"
        if (value.dtype, value.shape) != (given.dtype, given.shape):
            return _form_of(value) + f" for {_form_of(given)}"
    return None if seen else none_named(answered, {})


def _form_of(value: Tensor) -> str:
    return f"{value.dtype}{list(value.shape)}"


def wrong_form(answered: Answered, wanted: Any, options: Mapping[str, Any]) -> str | None:
    """Every tensor must have this shape and dtype."""
    found = tensors(answered, options)
    for name, value in found:
        if list(value.shape) != wanted.get("shape", list(value.shape)):
            return f"{name} {_form_of(value)}"
        if value.dtype != wanted.get("dtype", value.dtype):
            return f"{name} {_form_of(value)}"
    return None if found else none_named(answered, options)


def wrong_values(answered: Answered, wanted: Any, options: Mapping[str, Any]) -> str | None:
    """The last tensor must have these elements, row-major, to the printed digits."""
    found = tensors(answered, options)
    if not found:
        return none_named(answered, options)
    name, value = found[-1]
    form = {key: options[key] for key in ("shape", "dtype") if key in options}
    if (wrong := wrong_form(answered, form, options)) is not None:
        return wrong
    numbers = np.asarray(wanted, dtype=np.float64).reshape(-1)
    flat = value.values().astype(np.float64).reshape(-1)
    if flat.shape == numbers.shape and near(flat, numbers, options).all():
        return None
    return f"{name} {shown(value)}"


def wrong_sum(answered: Answered, wanted: Any, options: Mapping[str, Any]) -> str | None:
    """The elements of all tensors together must have this sum."""
    found = tensors(answered, options)
    total = np.asarray(sum(float(v.values().astype(np.float64).sum()) for _, v in found))
    good = bool(found) and bool(near(total, np.asarray(float(wanted)), options))
    return None if good else f"{float(total):.8g} in {', '.join(n for n, _ in found) or 'nothing'}"


def wrong_elements(answered: Answered, wanted: Any, options: Mapping[str, Any]) -> str | None:
    """Every element of every tensor must lie in [least, most]."""
    found = tensors(answered, options)
    for name, value in found:
        if (wrong := _outside(value.values().astype(np.float64), wanted, 0.0)) is not None:
            return f"{name} has the element {wrong:.9g}"
    return None if found else none_named(answered, options)


def wrong_norms(answered: Answered, wanted: Any, options: Mapping[str, Any]) -> str | None:
    """Every norm along `axis` of every tensor must lie in [least, most], rounding aside."""
    found = tensors(answered, options)
    for name, value in found:
        axis = wanted["axis"]
        over = tuple(axis) if isinstance(axis, list) else axis
        numbers = value.values().astype(np.float64)
        norms = np.sqrt(np.square(numbers).sum(axis=over))
        terms = numbers.size // max(norms.size, 1)
        if (wrong := _outside(norms, wanted, (terms + 8) * EPSILON[value.dtype])) is not None:
            return f"{name} has the norm {wrong:.9g} along axis {axis}"
    return None if found else none_named(answered, options)


def _outside(numbers: Array, wanted: Mapping[str, float], room: float) -> float | None:
    low, high = wanted.get("least", -np.inf), wanted.get("most", np.inf)
    if room:  # not where there is none: the product with an infinity would be NaN
        low, high = low - room * abs(low), high + room * abs(high)
    inside = (numbers >= low) & (numbers <= high)
    return None if inside.all() else float(numbers[~inside].reshape(-1)[0])


def wrong_moments(answered: Answered, wanted: Any, options: Mapping[str, Any]) -> str | None:
    """A sample must have this mean and standard deviation, within six standard errors.

    The standard errors are those of a normal law; laws with lighter tails have smaller ones.
    """
    found = tensors(answered, {"of": "sample"})
    for name, drawn in found:
        numbers = drawn.values().astype(np.float64)
        seen = {"mean": float(numbers.mean()), "stddev": float(numbers.std())}
        spread = wanted.get("stddev", seen["stddev"])
        room = {
            "mean": 6 * spread / np.sqrt(drawn.size),
            "stddev": 6 * spread / np.sqrt(2 * drawn.size),
        }
        for moment, value in wanted.items():
            if not abs(seen[moment] - value) <= room[moment]:
                return f"{name} of {drawn.size} with the {moment} {seen[moment]:.6g}"
    return None if found else none_named(answered, {"of": "sample"})


def breach_of_law(answered: Answered, _: Any, options: Mapping[str, Any]) -> str | None:
    """Every draw must keep what its law promises, and a sample must follow the law as a whole."""
    law = answered.case.tolerance.law
    if law is None:
        raise UsageError(f"{answered.case.id}: a claim about a law must have a case with one")
    found = tensors(answered, {"of": options.get("of", "*")})
    for name, drawn in found:
        if name == "sample":
            broken, _ = distribution.judge(drawn, law)
        else:
            broken = list(filter(None, [distribution.contract(drawn, law)]))
        if broken:
            return f"{name}: {broken[0]}"
    return None if found else none_named(answered, {"of": options.get("of", "*")})
