"""What constraints of norms may compute instead."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, Final

import numpy as np

from wrong import KERAS2, KERAS3, tensorflow
from wrong.classes import after, around, before, no_nan
from wrong.constraints.making import (
    NORMS,
    Formula,
    Mistake,
    Ops,
    as_float32,
    assigned,
    call,
    for_each,
    in_place,
    max_norm,
    min_max_norm,
    unit_norm,
    widened,
)

# What the mistakes do, where it takes more than an expression.


def _only_max(ops: Ops, c: Any, w: Any) -> Any:
    w = ops.convert(w)
    norms = ops.norms(w, c.axis)
    return ops.align(w, norms) * (c.max_value / (ops.epsilon + norms))


def _untouched_under_bound(ops: Ops, c: Any, w: Any) -> Any:
    right = max_norm(ops, c, w)
    w = ops.convert(w)
    return tensorflow().where(ops.norms(w, c.axis) > c.max_value, right, ops.align(w, right))


def _product_first(ops: Ops, c: Any, w: Any) -> Any:
    w = ops.convert(w)
    norms = ops.norms(w, c.axis)
    return (ops.align(w, norms) * ops.clip(norms, 0, c.max_value)) / (ops.epsilon + norms)


def _rated_product_first(ops: Ops, c: Any, w: Any) -> Any:
    w = ops.convert(w)
    norms = ops.norms(w, c.axis)
    desired = c.rate * ops.clip(norms, c.min_value, c.max_value) + (1 - c.rate) * norms
    return (ops.align(w, norms) * desired) / (ops.epsilon + norms)


def _reciprocal(ops: Ops, c: Any, w: Any) -> Any:
    w = ops.convert(w)
    norms = ops.norms(w, c.axis)
    return ops.align(w, norms) * (1 / (ops.epsilon + norms))


def _desired_by_reciprocal(ops: Ops, c: Any, w: Any) -> Any:
    w = ops.convert(w)
    norms = ops.norms(w, c.axis)
    desired = ops.clip(norms, 0, c.max_value)
    return ops.align(w, norms) * (desired * (1 / (ops.epsilon + norms)))


def _epsilon_where_too_small(ops: Ops, c: Any, w: Any) -> Any:
    w = ops.convert(w)
    norms = ops.norms(w, c.axis)
    return ops.align(w, norms) / tensorflow().maximum(norms, ops.epsilon)


def _zero_columns_guarded(ops: Ops, c: Any, w: Any) -> Any:
    right = unit_norm(ops, c, w)
    norms = ops.norms(ops.convert(w), c.axis)
    return tensorflow().where(norms == 0, tensorflow().zeros_like(right), right)


def _plain_rate(ops: Ops, c: Any, w: Any) -> Any:
    return min_max_norm(ops, _like(c, rate=1.0), w)


def _rate_swapped(ops: Ops, c: Any, w: Any) -> Any:
    return min_max_norm(ops, _like(c, rate=1 - c.rate), w)


def _rate_on_weights(ops: Ops, c: Any, w: Any) -> Any:
    return c.rate * min_max_norm(ops, _like(c, rate=1.0), w) + (1 - c.rate) * ops.convert(w)


def _rate_clamped(ops: Ops, c: Any, w: Any) -> Any:
    return min_max_norm(ops, _like(c, rate=min(max(c.rate, 0), 1)), w)


def _bounds_swapped(ops: Ops, c: Any, w: Any) -> Any:
    return min_max_norm(ops, _like(c, min_value=c.max_value, max_value=c.min_value), w)


def _like(c: Any, **other: Any) -> Any:
    return SimpleNamespace(**{**vars(c), **other})


def _upper_wins(ops: Ops) -> Callable[[Any, Any, Any], Any]:
    """Clipping in which the upper bound wins where they cross; officially the lower one does."""
    tf = tensorflow()

    def clip(x: Any, low: Any, high: Any) -> Any:
        return tf.minimum(tf.maximum(x, tf.cast(low, x.dtype)), tf.cast(high, x.dtype))

    return clip


def _scaled_norms(formula: Formula) -> Formula:
    """Norms that cannot overflow, as a careful person would compute them."""

    def wrong(ops: Ops, c: Any, w: Any) -> Any:
        tf = tensorflow()
        x = tf.convert_to_tensor(w)
        if not x.dtype.is_floating or tf.size(x) == 0:
            return formula(ops, c, w)
        largest = tf.reduce_max(tf.abs(x))
        scale = tf.where((largest > 0) & tf.math.is_finite(largest), largest, tf.ones_like(largest))
        robust = SimpleNamespace(
            **{name: getattr(ops, name) for name in ("convert", "clip", "align", "epsilon")},
            norms=lambda v, axis: ops.norms(x / scale, axis) * scale,
        )
        return formula(robust, c, w)  # type: ignore[arg-type]

    return wrong


def _axis(fixed: Callable[[Any], Any]) -> Callable[[Ops], Any]:
    """The sum along an axis that is not quite the one given."""
    return lambda ops: lambda x, axis: ops.total(x, fixed(axis))


def _clamped(axis: Any) -> Any:
    return min(max(axis, -2), 1) if type(axis) is int else axis


def _through(x: Any, official: Callable[[Any], Any], dtype: str) -> Any:
    """Official's answer for float32 weights, in the dtype of the weights again."""
    tf = tensorflow()
    x = tf.convert_to_tensor(x)
    return tf.cast(official(tf.cast(x, tf.float32)), dtype) if x.dtype == dtype else official(x)


def _no_list(self: Any, w: Any, official: Callable[[Any], Any]) -> Any:
    if isinstance(w, list):
        raise TypeError("weights must be a tensor; received a list")
    return official(w)


def _no_empty(self: Any, w: Any, official: Callable[[Any], Any]) -> Any:
    if tensorflow().size(w) == 0:
        raise ValueError("weights must not be empty")
    return official(w)


def _as_given(self: Any, w: Any, official: Callable[[Any], Any]) -> Any:
    return tensorflow().cast(official(w), tensorflow().convert_to_tensor(w).dtype)


def _integers_taken(self: Any, w: Any, official: Callable[[Any], Any]) -> Any:
    tf = tensorflow()
    tensor = tf.convert_to_tensor(w)
    return official(tf.cast(tensor, tf.float32) if tensor.dtype.is_integer else w)


# Where to look: the groups of cases about a kind of mistake.
_SHAPES: Final = ("dtype/float32-*",)
_DTYPES: Final = ("dtype/*-3x4-*",)

MISTAKES: Final[tuple[Mistake, ...]] = (
    *for_each("no-epsilon", NORMS, ("value", "nonfinite"), call(fuzz=lambda _: lambda: 0.0)),
    *for_each(
        "epsilon-1e-6", ("MaxNorm", "UnitNorm"), ("value",), call(fuzz=lambda _: lambda: 1e-6)
    ),
    *for_each(
        "epsilon-1e-8", ("MinMaxNorm", "UnitNorm"), ("value",), call(fuzz=lambda _: lambda: 1e-8)
    ),
    *for_each(
        "epsilon-inside-the-root",
        ("MaxNorm", "UnitNorm"),
        ("value",),
        call(fuzz=lambda _: lambda: 0.0, root=lambda o: lambda x: o.root(x + 1e-7)),
    ),
    *for_each("epsilon-where-too-small", ("UnitNorm",), ("value",), call(_epsilon_where_too_small)),
    *for_each("axis-ignored", NORMS, ("value",), call(total=_axis(lambda axis: 0)), _SHAPES),
    *for_each(
        "axis-none-as-0",
        NORMS,
        ("value",),
        call(total=_axis(lambda axis: 0 if axis is None else axis)),
        ("dtype/float32-*", "arguments/*axis=None"),
    ),
    *for_each(
        "axis-out-of-range-clamped",
        NORMS,
        ("accepted",),
        call(total=_axis(_clamped)),
        ("rejected/axis-*",),
    ),
    *for_each("squared-norm", NORMS, ("value",), call(root=lambda _: lambda x: x), _SHAPES),
    *for_each(
        "l1-norm",
        ("MaxNorm", "UnitNorm"),
        ("value",),
        call(square=lambda _: lambda w: tensorflow().abs(w), root=lambda _: lambda x: x),
        _SHAPES,
    ),
    *for_each(
        "largest-as-norm",
        ("MaxNorm", "MinMaxNorm"),
        ("value",),
        call(total=lambda _: lambda x, axis: tensorflow().reduce_max(x, axis=axis, keepdims=True)),
        _SHAPES,
    ),
    *for_each(
        "mean-of-squares",
        ("MinMaxNorm", "UnitNorm"),
        ("value",),
        call(total=lambda _: lambda x, axis: tensorflow().reduce_mean(x, axis=axis, keepdims=True)),
        _SHAPES,
    ),
    *for_each(
        "keepdims-forgotten",
        NORMS,
        ("accepted",),
        call(total=lambda _: lambda x, axis: tensorflow().reduce_sum(x, axis=axis)),
        _SHAPES,
    ),
    *for_each("float64-in-float32", NORMS, ("dtype", "value"), before(as_float32), _DTYPES),
    *for_each(
        "float64-through-float32",
        ("MaxNorm", "UnitNorm"),
        ("value",),
        around(lambda self, w, official: _through(w, official, "float64")),
        _DTYPES,
    ),
    *for_each("float16-promoted", NORMS, ("dtype",), after(widened), _DTYPES),
    *for_each("nan-swallowed", NORMS, ("nonfinite",), after(no_nan), ("edge/*nan*",)),
    *for_each(
        "overflow-avoided",
        ("MaxNorm",),
        ("value",),
        call(_scaled_norms(max_norm)),
        ("edge/*overflow*",),
    ),
    *for_each(
        "overflow-avoided",
        ("UnitNorm",),
        ("value",),
        call(_scaled_norms(unit_norm)),
        ("edge/*overflow*",),
    ),
    *for_each(
        "input-overwritten",
        NORMS,
        ("input",),
        around(in_place),
        ("given/*",),
    ),
    *for_each(
        "integers-taken",
        NORMS,
        ("accepted",),
        around(_integers_taken),
        ("integer/*",),
        dialects=KERAS2,
    ),
    *for_each("reciprocal", ("UnitNorm",), ("value",), call(_reciprocal), _DTYPES, strict=True),
    *for_each(
        "reciprocal",
        ("MaxNorm",),
        ("value",),
        call(_desired_by_reciprocal),
        _DTYPES,
        strict=True,
    ),
    *for_each(
        "product-first", ("MaxNorm",), ("value",), call(_product_first), _DTYPES, strict=True
    ),
    *for_each(
        "product-first",
        ("MinMaxNorm",),
        ("value",),
        call(_rated_product_first),
        _DTYPES,
        strict=True,
    ),
    *for_each(
        "float16-through-float32",
        NORMS,
        ("value",),
        around(lambda self, w, official: _through(w, official, "float16")),
        ("edge/*-float16",),
    ),
    *for_each(
        "bfloat16-through-float32",
        ("MaxNorm",),
        ("value",),
        around(lambda self, w, official: _through(w, official, "bfloat16")),
        ("dtype/bfloat16-*",),
        strict=True,
    ),
    *for_each(
        "bfloat16-through-float32",
        ("MinMaxNorm", "UnitNorm"),
        ("value",),
        around(lambda self, w, official: _through(w, official, "bfloat16")),
        ("edge/*-bfloat16",),
    ),
    *for_each(
        "overflow-avoided",
        ("MinMaxNorm",),
        ("value",),
        call(_scaled_norms(min_max_norm)),
        ("edge/*overflow*",),
    ),
    *for_each("variable-assigned", NORMS, ("input",), around(assigned), ("given/*",)),
    *for_each("lists-rejected", NORMS, ("accepted",), around(_no_list), ("given/list-float64",)),
    *for_each("empty-rejected", NORMS, ("accepted",), around(_no_empty), ("edge/empty-*",)),
    *for_each(
        "integers-truncated",
        NORMS,
        ("dtype",),
        around(_as_given),
        ("integer/*",),
        dialects=KERAS3,
    ),
    *for_each(
        "bound-made-positive",
        ("MaxNorm",),
        ("value",),
        call(clip=lambda o: lambda x, low, high: o.clip(x, low, abs(high))),
        ("arguments/max_value=-1.0*",),
    ),
    *for_each(
        "rate-clamped",
        ("MinMaxNorm",),
        ("value",),
        call(_rate_clamped),
        ("arguments/*rate=1.5*", "arguments/*rate=-*"),
    ),
    *for_each("zero-columns-guarded", ("UnitNorm",), ("zero-sign",), call(_zero_columns_guarded)),
    *for_each("normalises-under-the-bound", ("MaxNorm",), ("value",), call(_only_max)),
    *for_each("untouched-under-the-bound", ("MaxNorm",), ("value",), call(_untouched_under_bound)),
    *for_each(
        "lower-bound-forgotten",
        ("MinMaxNorm",),
        ("value",),
        call(clip=lambda o: lambda x, low, high: o.clip(x, 0, high)),
    ),
    *for_each(
        "upper-bound-forgotten",
        ("MinMaxNorm",),
        ("value",),
        call(clip=lambda o: lambda x, low, high: o.clip(x, low, np.inf)),
    ),
    *for_each(
        "clip-order-swapped",
        ("MinMaxNorm",),
        ("value",),
        call(clip=_upper_wins),
        ("arguments/min_value=1.6*", "arguments/min_value=3*"),
    ),
    *for_each("bounds-swapped", ("MinMaxNorm",), ("value",), call(_bounds_swapped), _SHAPES),
    *for_each("rate-ignored", ("MinMaxNorm",), ("value",), call(_plain_rate), _SHAPES),
    *for_each("rate-swapped", ("MinMaxNorm",), ("value",), call(_rate_swapped), ("arguments/*",)),
    *for_each("rate-on-weights", ("MinMaxNorm",), ("value",), call(_rate_on_weights), _DTYPES),
)
