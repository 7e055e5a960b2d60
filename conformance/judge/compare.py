"""Outcome against expected outcome, within a tolerance: a comparison for each aspect.

NaN equals NaN whatever its payload, infinities must agree in sign, and the sign of zero is an
aspect of its own: a subject that loses it has not got the value wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import Any, TypeAlias

import numpy as np

from conformance.judge import distribution, signature
from conformance.model import (
    EPSILON,
    INTEGERS,
    STORAGE,
    Array,
    Budget,
    Comparison,
    Crashed,
    Grade,
    Json,
    Kind,
    Outcome,
    Raised,
    Returned,
    Tensor,
    TimedOut,
    Tolerance,
    Unsupported,
    Value,
    Verdict,
    digest,
)

TENSOR_ASPECTS = ("value", "shape", "dtype", "nonfinite", "zero-sign")
# Of random values which are others than the expected ones, and of many random values.
DRAW_ASPECTS = ("shape", "dtype", "contract")
SAMPLE_ASPECTS = ("shape", "dtype", "distribution")
EXACT = Tolerance()
# By step and name of a value, its budget, where one is known. Asked only of what is not bit for bit
# as expected: computing budgets takes longer than comparing.
Budgets: TypeAlias = Callable[[], Sequence[Mapping[str, Budget]]]


def ulp_distance(actual: Tensor, expected: Tensor) -> Array:
    """Per element, how many representable numbers lie between two tensors of one float dtype.

    float64 counts; NaN against NaN is 0, NaN against a number infinite, and so is an infinity
    against a finite number or the other infinity. Both zeros are one number here.
    """
    width = STORAGE[expected.dtype].itemsize
    signed = np.dtype(f"<i{width}")
    order = []
    for tensor in (actual, expected):
        bits = np.frombuffer(tensor.data, dtype=signed).astype(np.int64)
        # Negative floats count downwards: flip them so that integer order is numeric order.
        order.append(np.where(bits < 0, np.int64(-(2 ** (8 * width - 1))) - bits, bits))
    # Distances of float64 overflow int64 for opposite signs; a double holds them well enough.
    near = np.abs(order[0].astype(np.float64) - order[1].astype(np.float64))
    same_side = (order[0] < 0) == (order[1] < 0)
    with np.errstate(over="ignore"):
        exact = np.abs(order[0] - order[1]).astype(np.float64)
    distance = np.where(same_side, exact, near)
    a, e = actual.values().reshape(-1), expected.values().reshape(-1)
    unlike = (np.isnan(a) != np.isnan(e)) | ((np.isinf(a) | np.isinf(e)) & (a != e))
    distance[unlike] = np.inf
    distance[np.isnan(a) & np.isnan(e)] = 0
    return distance.reshape(expected.shape)


def compare(
    actual: Sequence[Outcome],
    expected: Sequence[Outcome],
    tolerance: Tolerance,
    *,
    other_draws: bool = False,
    budgets: Budgets = tuple,
    exceptions: bool = False,
) -> list[Comparison]:
    """One comparison for each aspect of a case; the worst where steps share an aspect.

    `exceptions`: what is rejected has one more aspect, `exception`: the kind of the error.

    `other_draws`: the subject draws other random numbers than official Keras. Values with a law
    are then judged by it, not by the expected values.

    A value with a budget is judged by it, element by element, instead of by the tolerance of the
    case, unless the expected value itself leaves the budget (a finding about official Keras).
    """
    merged: dict[str, Comparison] = {}
    by_law = other_draws and tolerance.law is not None
    known = cache(budgets)
    for comparison in _steps(actual, expected, tolerance, by_law, known):
        so_far = merged.get(comparison.aspect, comparison)
        worse = comparison if _badness(comparison) > _badness(so_far) else so_far
        if so_far.signature and comparison.signature:
            both = signature.of(so_far.signature + comparison.signature)
            worse = replace(worse, signature=both)
        merged[comparison.aspect] = worse
    found = list(merged.values())
    if exceptions:
        found += _exception(actual, expected)
    return found


_ORDER = (Verdict.PASS, Verdict.UNSUPPORTED, Verdict.BLOCKED, Verdict.MISSING, Verdict.FAIL)


def _badness(comparison: Comparison) -> tuple[int, bool, float]:
    within = comparison.grade is Grade.WITHIN
    return _ORDER.index(comparison.verdict), within, comparison.error_ulp or 0.0


def _steps(
    actual: Sequence[Outcome],
    expected: Sequence[Outcome],
    tolerance: Tolerance,
    by_law: bool,
    budgets: Budgets,
) -> Iterator[Comparison]:
    for number, wanted in enumerate(expected):
        if number >= len(actual):
            yield Comparison(
                "accepted",
                Verdict.MISSING,
                message=f"step {number}: no answer",
                signature=(signature.NO_ANSWER,),
            )
            return
        got = actual[number]

        def budget(name: str, number: int = number) -> Budget | None:
            steps = budgets()
            return steps[number].get(name) if number < len(steps) else None

        for comparison in _outcome(got, wanted, tolerance, by_law, budget):
            if comparison.message and len(expected) > 1:
                comparison = replace(comparison, message=f"step {number}: {comparison.message}")
            yield comparison
        if not isinstance(got, Returned) or not isinstance(wanted, Returned):
            later = {a for o in expected[number + 1 :] for a in aspects(o, by_law)} - {"accepted"}
            for aspect in sorted(later):
                yield Comparison(aspect, Verdict.BLOCKED, message="an earlier step failed")
            return
    if len(actual) > len(expected):
        message = f"{len(actual)} answers to {len(expected)} steps"
        yield _fails("accepted", message, signature.TOO_MANY_ANSWERS)


def _fails(aspect: str, message: str, *phrases: str) -> Comparison:
    return Comparison(aspect, Verdict.FAIL, message=message, signature=signature.of(phrases))


def _exception(actual: Sequence[Outcome], expected: Sequence[Outcome]) -> Iterator[Comparison]:
    """The kind of the error, where the last step must be rejected."""
    if not expected or not isinstance(wanted := expected[-1], Raised):
        return
    got = actual[-1] if len(actual) == len(expected) else None
    if not isinstance(got, Raised):
        yield Comparison("exception", Verdict.BLOCKED, message="the step was not rejected")
    elif phrase := signature.exception(got, wanted):
        message = f"must be {_kind_of_error(wanted)}; got {_kind_of_error(got)}: {got.message}"
        yield _fails("exception", message, phrase)
    else:
        yield Comparison("exception", Verdict.PASS, Grade.BITWISE)


def _kind_of_error(raised: Raised) -> str:
    return signature.kind_of(raised) + (f" ({raised.classes[0]})" if raised.classes else "")


def aspects(outcome: Outcome, by_law: bool = False) -> list[str]:
    """The aspects that comparing with this outcome gives."""
    names = ["accepted"]
    if isinstance(outcome, Returned):
        for name, value in outcome.values.items():
            names += _aspects(name, value, by_law)
    return names


def _aspects(name: str, value: Value, by_law: bool) -> Sequence[str]:
    if name == "sample":
        return SAMPLE_ASPECTS
    if not isinstance(value, Tensor):
        return (stem(name),)
    if by_law:
        return DRAW_ASPECTS
    return [stem(name) if aspect == "value" else aspect for aspect in TENSOR_ASPECTS]


def stem(name: str) -> str:
    """The aspect of an observed value: `gradient` of `gradient:1-kernel`."""
    return name.partition(":")[0]


def _outcome(
    got: Outcome,
    wanted: Outcome,
    tolerance: Tolerance,
    by_law: bool,
    budget: Callable[[str], Budget | None],
) -> Iterator[Comparison]:
    if isinstance(got, Unsupported):
        yield Comparison("accepted", Verdict.UNSUPPORTED, message=got.reason)
        return
    if isinstance(wanted, Raised):
        yield _rejection(got, wanted)
        return
    if not isinstance(wanted, Returned):
        yield Comparison("accepted", Verdict.MISSING, message="the golden holds no answer")
        return
    if not isinstance(got, Returned):
        message = f"must be accepted; {describe(got)}"
        yield _fails("accepted", message, signature.answer(got, wanted))
        for aspect in aspects(wanted, by_law)[1:]:
            yield Comparison(aspect, Verdict.BLOCKED, message="the step was not accepted")
        return
    yield Comparison("accepted", Verdict.PASS, Grade.BITWISE)
    for name, value in wanted.values.items():
        if name not in got.values:
            for aspect in _aspects(name, value, by_law):
                yield Comparison(
                    aspect,
                    Verdict.MISSING,
                    message=f"no {name} in the answer",
                    signature=(f"no {stem(name)}",),
                )
        elif name == "sample":
            yield from _sample(got.values[name], value, tolerance, by_law)
        elif isinstance(value, Tensor) and by_law:
            yield from _draw(got.values[name], value, tolerance)
        elif isinstance(value, Tensor):
            for comparison in _tensor(got.values[name], value, tolerance, partial(budget, name)):
                if comparison.aspect == "value":
                    comparison = replace(comparison, aspect=stem(name), dtype=value.dtype)
                yield comparison
        else:
            yield _plain(stem(name), got.values[name], value)


def describe(outcome: Outcome) -> str:
    """An outcome in a few words."""
    if isinstance(outcome, Raised):
        return f"raised {signature.kind_of(outcome)} in {outcome.phase}: {outcome.message}"
    if isinstance(outcome, Returned):
        return "returned " + ", ".join(
            f"{name} {shown(value)}" for name, value in outcome.values.items()
        )
    if isinstance(outcome, Crashed):
        return f"crashed: {outcome.reason}"
    if isinstance(outcome, TimedOut):
        return f"gave no answer in {outcome.seconds:g} s"
    return str(outcome)


def shown(value: Value) -> str:
    """A value in at most a line."""
    if isinstance(value, Tensor):
        flat = value.values().reshape(-1)
        listed = ", ".join(str(v) for v in flat[:6]) + (", ..." if flat.size > 6 else "")
        return f"{value.dtype}{list(value.shape)} [{listed}]"
    text = repr(value)
    return text if len(text) <= 160 else text[:157] + "..."


def _rejection(got: Outcome, wanted: Raised) -> Comparison:
    if not isinstance(got, Raised):
        message = f"must be rejected with {signature.kind_of(wanted)}; {describe(got)}"
        return _fails("accepted", message, signature.answer(got, wanted))
    if got.phase != wanted.phase:
        message = f"must be rejected in {wanted.phase}; {describe(got)}"
        return _fails("accepted", message, signature.answer(got, wanted))
    return Comparison("accepted", Verdict.PASS, Grade.BITWISE)


def _plain(aspect: str, got: Value, wanted: Json) -> Comparison:
    differences = list(_differences(got, wanted, ()))
    if not differences:
        return Comparison(aspect, Verdict.PASS, Grade.BITWISE)
    (message, _), *_ = differences
    return _fails(aspect, message, *(phrase for _, phrase in differences))


def _differences(
    got: Value, wanted: Json, path: tuple[str | int, ...]
) -> Iterator[tuple[str, str]]:
    """A sentence and a phrase for each place where two JSON values differ; numbers by value."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        for key in sorted(wanted.keys() ^ got.keys()):
            here = (*path, key)
            if key in wanted:
                yield f"{_place(path)} lacks the key {key!r}", signature.lacks(here)
            else:
                message = f"{_place(path)} has the key {key!r}, which it must not have"
                yield message, signature.has(here)
        for key, value in wanted.items():
            if key in got:
                yield from _differences(got[key], value, (*path, key))
        return
    if isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
        for i, (g, w) in enumerate(zip(got, wanted, strict=True)):
            yield from _differences(g, w, (*path, i))
        return
    if _is_number(wanted) and _is_number(got):
        same = got == wanted or (got != got and wanted != wanted)
    else:
        same = type(got) is type(wanted) and got == wanted
    if not same:
        message = f"{_place(path)} must be {shown(wanted)}; got {shown(got)}"
        yield message, signature.other(got, wanted, path)


def _place(path: tuple[str | int, ...]) -> str:
    return "".join(f"[{step!r}]" for step in path) or "the answer"


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _tensor(
    got: Value, wanted: Tensor, tolerance: Tolerance, budget: Callable[[], Budget | None]
) -> Iterator[Comparison]:
    if got == wanted:
        for aspect in TENSOR_ASPECTS:
            headroom = 0.0 if aspect == "value" else None
            yield Comparison(aspect, Verdict.PASS, Grade.BITWISE, headroom, headroom)
        return
    if not isinstance(got, Tensor):
        message = f"must be a tensor {shown(wanted)}; got {shown(got)}"
        yield _fails("value", message, signature.no_tensor(got))
        for aspect in TENSOR_ASPECTS[1:]:
            yield Comparison(aspect, Verdict.BLOCKED, message="the answer is not a tensor")
        return
    yield _shape(got, list(wanted.shape))
    yield _dtype(got, wanted.dtype)
    if got.shape != wanted.shape or (got.dtype != wanted.dtype and not _real(got, wanted)):
        for aspect in ("value", "nonfinite", "zero-sign"):
            yield Comparison(aspect, Verdict.BLOCKED, message="shape or dtype differs")
        return
    # A wrong dtype is reported once, as such; the value is then judged in the right one.
    same_dtype = Tensor.of(got.values(), wanted.dtype)
    yield from _elements(same_dtype, wanted, tolerance, budget)


def _draw(got: Value, wanted: Tensor, tolerance: Tolerance) -> Iterator[Comparison]:
    """A random value, by what its law promises of every draw."""
    assert tolerance.law is not None
    if not isinstance(got, Tensor):
        yield from _no_tensor(got, shown(wanted), DRAW_ASPECTS)
        return
    yield _shape(got, list(wanted.shape))
    yield _dtype(got, wanted.dtype)
    if got.shape != wanted.shape or got.dtype != wanted.dtype:
        yield Comparison("contract", Verdict.BLOCKED, message="shape or dtype differs")
    elif not np.isfinite(wanted.values()).all():
        # The law has no finite draws (a deviation of NaN), or its values leave the dtype.
        if np.isfinite(got.values()).all():
            message = "must not be finite everywhere; it is"
            yield _fails("contract", message, signature.FINITE)
        else:
            yield Comparison("contract", Verdict.PASS, Grade.WITHIN)
    elif broken := distribution.contract(got, tolerance.law):
        yield _fails("contract", broken, signature.law(broken))
    else:
        yield Comparison("contract", Verdict.PASS, Grade.WITHIN)


def _sample(got: Value, wanted: Value, tolerance: Tolerance, by_law: bool) -> Iterator[Comparison]:
    """Many random values: the very ones that are expected, or others of the same law.

    A golden file has their digest only; an official package that is asked live, the values.
    """
    assert tolerance.law is not None
    kept: Any = digest(wanted) if isinstance(wanted, Tensor) else wanted
    if not isinstance(got, Tensor):
        yield from _no_tensor(got, f"{kept['dtype']}{kept['shape']}", SAMPLE_ASPECTS)
        return
    yield _shape(got, kept["shape"])
    yield _dtype(got, kept["dtype"])
    if list(got.shape) != kept["shape"] or got.dtype != kept["dtype"]:
        yield Comparison("distribution", Verdict.BLOCKED, message="shape or dtype differs")
        return
    if digest(got) == kept:
        yield Comparison("distribution", Verdict.PASS, Grade.BITWISE, headroom=0.0)
        return
    broken, used = distribution.judge(got, tolerance.law)
    phrases = [signature.law(sentence) for sentence in broken]
    if tolerance.kind is Kind.EXACT and not by_law:
        broken.insert(0, "must be the very draws of official Keras; they are others")
        phrases.append(signature.OTHER_DRAWS)
    if broken:
        yield replace(_fails("distribution", "; ".join(broken), *phrases), headroom=used)
    else:
        yield Comparison("distribution", Verdict.PASS, Grade.WITHIN, headroom=used)


def _no_tensor(got: Value, wanted: str, names: Sequence[str]) -> Iterator[Comparison]:
    for aspect in names:
        if aspect in ("shape", "dtype"):
            yield Comparison(aspect, Verdict.BLOCKED, message="the answer is not a tensor")
        else:
            message = f"must be a tensor {wanted}; got {shown(got)}"
            yield _fails(aspect, message, signature.no_tensor(got))


def _real(got: Tensor, wanted: Tensor) -> bool:
    return not (got.dtype.startswith("complex") or wanted.dtype.startswith("complex"))


def _shape(got: Tensor, wanted: Sequence[int]) -> Comparison:
    if list(got.shape) == wanted:
        return Comparison("shape", Verdict.PASS, Grade.BITWISE)
    message = f"must be {wanted}; got {list(got.shape)}"
    return _fails("shape", message, signature.shape(got.shape, wanted))


def _dtype(got: Tensor, wanted: str) -> Comparison:
    if got.dtype == wanted:
        return Comparison("dtype", Verdict.PASS, Grade.BITWISE)
    message = f"must be {wanted}; got {got.dtype}"
    return _fails("dtype", message, f"{got.dtype} instead of {wanted}")


def _elements(
    got: Tensor, wanted: Tensor, tolerance: Tolerance, budget: Callable[[], Budget | None]
) -> Iterator[Comparison]:
    if wanted.dtype in INTEGERS or wanted.dtype == "bool":
        if got.data == wanted.data:
            yield Comparison("value", Verdict.PASS, Grade.BITWISE, 0.0, 0.0)
        else:
            size = signature.magnitude(got.values(), wanted.values())
            yield _fails("value", _unequal(got, wanted), size)
        for aspect in ("nonfinite", "zero-sign"):  # integers have neither
            yield Comparison(aspect, Verdict.PASS, Grade.BITWISE)
        return
    in_parts = wanted.dtype.startswith("complex")
    if in_parts:
        part = "float32" if wanted.dtype == "complex64" else "float64"
        shape = (*wanted.shape, 2)
        got, wanted = Tensor(part, shape, got.data), Tensor(part, shape, wanted.data)
    g, w = got.values(), wanted.values()
    bad = (np.isnan(g) != np.isnan(w)) | ((np.isinf(g) | np.isinf(w)) & ~_same(g, w))
    if bad.any():
        yield _fails("nonfinite", _at(bad, g, w), *signature.nonfinite(g[bad], w[bad]))
    else:
        yield Comparison("nonfinite", Verdict.PASS, Grade.BITWISE)
    zeros = (g == 0) & (w == 0) & (np.signbit(g) != np.signbit(w))
    if zeros.any():
        yield _fails("zero-sign", _at(zeros, g, w), *signature.zeros(g[zeros]))
    else:
        yield Comparison("zero-sign", Verdict.PASS, Grade.BITWISE)
    unasked = in_parts or wanted.dtype not in EPSILON or got.data == wanted.data
    truth = None if unasked else budget()
    if truth is not None and truth.headroom(wanted).max(initial=0.0) <= 1:
        yield _within_budget(got, wanted, truth, bad)
        return
    if tolerance.kind is Kind.BOUND:
        yield _within_bound(got, wanted, tolerance, bad)
        return
    distance = ulp_distance(got, wanted)
    finite = distance[np.isfinite(distance)]
    error = float(finite.max()) if finite.size else 0.0
    allowed = float(tolerance.ulp)
    headroom = error / allowed if allowed else (0.0 if error == 0 else None)
    if error > allowed:
        message = f"{error:.0f} ULP where {allowed:.0f} are allowed: " + _at(
            distance == error, g, w
        )
        yield _off(g, w, error, headroom, message)
    elif bad.any():
        # Reported under `nonfinite`; the finite elements are right.
        yield Comparison("value", Verdict.BLOCKED, None, error, headroom, "see nonfinite")
    else:
        grade = Grade.BITWISE if error == 0 else Grade.WITHIN
        yield Comparison("value", Verdict.PASS, grade, error, headroom)


def _within_budget(got: Tensor, wanted: Tensor, truth: Budget, bad: Array) -> Comparison:
    distance = ulp_distance(got, wanted)
    finite = np.isfinite(distance)
    error = float(distance[finite].max()) if finite.any() else 0.0
    used = np.where(finite, truth.headroom(got), 0.0)
    most = float(used.max(initial=0.0))
    headroom = most if np.isfinite(most) else None  # the value is exact, and there is a difference
    if most > 1:
        times = "not" if headroom is None else f"{most:.3g} times"
        message = f"{times} within the error budget: " + _at(
            used == most, got.values(), wanted.values()
        )
        return _off(got.values(), wanted.values(), error, headroom, message)
    if bad.any():
        return Comparison("value", Verdict.BLOCKED, None, error, headroom, "see nonfinite")
    grade = Grade.BITWISE if error == 0 else Grade.WITHIN
    return Comparison("value", Verdict.PASS, grade, error, headroom)


def _within_bound(got: Tensor, wanted: Tensor, tolerance: Tolerance, bad: Array) -> Comparison:
    g, w = got.values(), wanted.values()
    distance = ulp_distance(got, wanted)
    finite = np.isfinite(distance)
    error = float(distance[finite].max()) if finite.any() else 0.0
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        wide_got, wide = g.astype(np.float64), w.astype(np.float64)
        room = tolerance.eps * EPSILON[wanted.dtype] * np.maximum(np.abs(wide), tolerance.scale)
        used = np.where(finite & (wide_got != wide), np.abs(wide_got - wide) / room, 0.0)
    most = float(used.max()) if used.size else 0.0
    headroom = most if np.isfinite(most) else None  # no room at all, and a difference
    if most > 1:
        message = f"{most:.3g} times the allowed {tolerance.eps:g} epsilon: "
        message += _at(used == most, g, w)
        return _off(g, w, error, headroom, message)
    if bad.any():
        return Comparison("value", Verdict.BLOCKED, None, error, headroom, "see nonfinite")
    grade = Grade.BITWISE if error == 0 else Grade.WITHIN
    return Comparison("value", Verdict.PASS, grade, error, headroom)


def _off(
    got: Array, wanted: Array, error: float, headroom: float | None, message: str
) -> Comparison:
    """Of a float value that is off by more than it may."""
    phrases = signature.of([signature.magnitude(got, wanted, error)])
    return Comparison("value", Verdict.FAIL, None, error, headroom, message, signature=phrases)


def _same(got: Array, wanted: Array) -> Array:
    same: Array = got == wanted
    return same


def _at(where: Array, got: Array, wanted: Array) -> str:
    index = tuple(int(i) for i in np.argwhere(where)[0])
    return f"at {list(index)} got {got[index]}, must be {wanted[index]}"


def _unequal(got: Tensor, wanted: Tensor) -> str:
    g, w = got.values(), wanted.values()
    return _at(g != w, g, w)
