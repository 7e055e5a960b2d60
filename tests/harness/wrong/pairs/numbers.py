"""Where official Keras is off, or flushes: what else is right, and what is not for that reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from conformance.model import Grade
from wrong import KERAS2, KERAS3, tensorflow
from wrong.layers.making import Change, Official, method
from wrong.pairs.making import Pair, afterwards, answers, doubled, given

# The factor of a penalty, which official Keras keeps in float32.


def _l1(self: Any, x: Any) -> Any:
    tf = tensorflow()
    return tf.constant(given(self.l1), x.dtype) * tf.reduce_sum(tf.abs(x))


def _l2(self: Any, x: Any) -> Any:
    tf = tensorflow()
    return tf.constant(given(self.l2), x.dtype) * tf.reduce_sum(tf.square(x))


_EXACT: Final = {"L1": _l1, "L2": _l2}


def _halfway(name: str) -> Change:
    """Between the truth and official Keras."""

    def wrong(self: Any, official: Official, x: Any) -> Any:
        return (_EXACT[name](self, x) + tensorflow().cast(official(x), x.dtype)) / 2

    return method("__call__", wrong, f"regularizers.{name}")


def _further(name: str) -> Change:
    """As far from the truth as official Keras, on the other side."""

    def wrong(self: Any, official: Official, x: Any) -> Any:
        return 2 * _EXACT[name](self, x) - tensorflow().cast(official(x), x.dtype)

    return method("__call__", wrong, f"regularizers.{name}")


# Constants, which official Keras 3 rounds to float32 first.


def _filled(edit: Callable[[Any], Any]) -> Change:
    def wrong(self: Any, official: Official, shape: Any, dtype: Any = None, **more: Any) -> Any:
        tf = tensorflow()
        return tf.fill(list(shape), tf.constant(edit(self.value), dtype))

    return method("__call__", wrong)


# What is below the least normal number, or close above it.


def _below(bound: float, change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """What is nearer to zero than the bound, changed. By NumPy: TensorFlow flushes what is subnormal."""

    def replace(x: Any) -> Any:
        narrow = np.asarray(x)
        wide = narrow.astype(np.float64)
        changed = np.where(np.abs(wide) < bound, change(wide), wide)
        return tensorflow().constant(changed.astype(narrow.dtype))

    return replace


def _positive(x: Any) -> Any:
    return np.where(x > 0, x, 0.0)


def _kept(self: Any, w: Any) -> Any:
    """The positive numbers, subnormal or not."""
    return _below(np.inf, _positive)(w)


def _smallest(change: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    """As `_kept`, but what is subnormal is changed."""
    return lambda self, w: _below(1e-38, lambda x: change(_positive(x)))(w)


def _rings(outside: int, centre: int) -> Callable[[Any, Any], Any]:
    """A kernel of 4 by 4 with these elements of its diagonal in its rings."""

    def fill(self: Any, w: Any) -> Any:
        kernel = np.array(w)
        filled = np.broadcast_to(kernel[outside, outside], kernel.shape).copy()
        filled[1:3, 1:3] = kernel[centre, centre]
        return tensorflow().constant(filled)

    return fill


def _zero(x: Any) -> Any:
    return x * 0


def _max_norm(self: Any, w: Any) -> Any:
    """In float64, where squares do not overflow."""
    tf = tensorflow()
    wide = tf.cast(w, tf.float64)
    norms = tf.sqrt(tf.reduce_sum(tf.square(wide), self.axis, keepdims=True))
    return tf.cast(wide * tf.minimum(norms, self.max_value) / (1e-7 + norms), w.dtype)


def _nowhere(x: Any) -> Any:
    tf = tensorflow()
    return tf.fill(tf.shape(x), tf.constant(float("nan"), x.dtype))


def _unsigned(x: Any) -> Any:
    """Without the signs of zeros."""
    return x + tensorflow().zeros_like(x)


PAIRS: Final[tuple[Pair, ...]] = (
    *(
        Pair(
            f"{name}-of-truth-and-official",
            f"regularizers.{target}",
            cases,
            ("value",),
            wrong(target),
            answers(_EXACT[target]),
            Grade.TRUTH,
        )
        for target, cases in (
            ("L1", ("arguments/defaults-float64", "arguments/l1=0.1-float64")),
            ("L2", ("arguments/l2=0.1-float64", "arguments/l2=0.01-float64")),
        )
        for name, wrong in (("halfway", _halfway), ("beyond", _further))
    ),
    *(
        Pair(
            f"constant-{name}",
            "initializers.Constant",
            ("value/tenth-float64",),
            ("value",),
            _filled(wrong),
            _filled(lambda value: value),
            Grade.TRUTH,
            KERAS3,
        )
        for name, wrong in (
            ("a-billionth-more", lambda value: value * (1 + 1e-9)),
            ("in-float16", lambda value: 0.0999755859375),
        )
    ),
    *(
        Pair(
            f"subnormals-{name}-{dtype}",
            "constraints.NonNeg",
            (f"value/subnormals-{dtype}",),
            ("value",),
            answers(_smallest(change)),
            answers(_kept),
            None,
            KERAS3,
        )
        for dtype in ("float32", "bfloat16")
        for name, change in (
            ("doubled", lambda x: 2 * x),
            ("least-normal-instead", lambda x: _zero(x) + 1.2e-38),
        )
    ),
    # The document has 1 outside and 3 in the centre, official Keras the reverse.
    *(
        Pair(
            f"rings-{outside}-{centre}",
            "constraints.RadialConstraint",
            ("place/4x4", "by-hand/radial-4x4", "edge/negative-zero-even-centre-float*"),
            ("value",),
            answers(_rings(outside, centre)),
            answers(_rings(1, 3)),
            Grade.TRUTH,
            KERAS2,
        )
        for outside, centre in ((1, 1), (3, 3), (0, 3))
    ),
    Pair(
        "nan-instead-of-zero",
        "constraints.MaxNorm",
        ("edge/squares-overflow-float16",),
        ("nonfinite",),
        answers(lambda self, w: _nowhere(w)),
        answers(_max_norm),
    ),
    Pair(
        "longer-than-allowed",
        "constraints.MaxNorm",
        ("edge/squares-overflow-float16", "edge/largest-float16"),
        ("value",),
        answers(lambda self, w: doubled(_max_norm(self, w))),
        answers(_max_norm),
        Grade.TRUTH,
    ),
    *(
        Pair(
            "signs-of-zeros-lost",
            f"constraints.{name}",
            ("edge/negative-zeros-float32", "edge/negative-zeros-float64"),
            ("zero-sign",),
            afterwards(_unsigned),
        )
        for name in ("MaxNorm", "MinMaxNorm", "UnitNorm")
    ),
    # A quotient by epsilon is far above what may be flushed.
    Pair(
        "small-numbers-flushed",
        "constraints.UnitNorm",
        ("edge/least-normal-float32", "edge/least-normal-bfloat16"),
        ("value",),
        afterwards(_below(1e-30, _zero)),
    ),
)
