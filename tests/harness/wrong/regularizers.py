"""Wrong regularizers: official Keras with one plausible mistake in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import wrong
from wrong import KERAS2, KERAS3, classes, tensorflow
from wrong.classes import (
    Change,
    Keras,
    after,
    around,
    config,
    custom_objects_ignored,
    function,
    no_nan,
    serialized,
)

CLASSES: Final = ("Regularizer", "L1", "L2", "L1L2", "OrthogonalRegularizer")


@dataclass(frozen=True)
class Mistake(wrong.Mistake):
    """A mistake in a regularizer, or in a function of the namespace."""

    @property
    def path(self) -> str:
        return f"regularizers.{self.target}"

    @property
    def select(self) -> tuple[str, ...]:
        other = "L2" if self.target == "L1" else "L1"
        return (*super().select[:-1], f"regularizers.{other}/dtype/float32-wave-3x4")


def before(wrong: Callable[[Any], Any]) -> Change:
    """Something done to the weights, and then official's penalty."""
    return classes.before(lambda x: wrong(tensorflow().convert_to_tensor(x)))


def by(formula: Callable[[Any, Any], Any]) -> Change:
    """`__call__` by another formula, for float tensors; official's for anything else."""

    def wrong(self: Any, x: Any, official: Callable[[Any], Any]) -> Any:
        tf = tensorflow()
        floats = isinstance(x, tf.Tensor) and x.dtype.is_floating
        return formula(self, x) if floats else official(x)

    return around(wrong)


def constructor(wrong: Callable[..., Mapping[str, Any]]) -> Change:
    """`__init__` with its arguments changed by `wrong`."""

    def change(keras: Keras) -> Mapping[str, Any]:
        official = keras.cls.__init__

        def construct(self: Any, *arguments: Any, **named: Any) -> None:
            official(self, **wrong(*arguments, **named))

        return {"__init__": construct}

    return change


def _f(c: Any, name: str, x: Any) -> Any:
    return tensorflow().cast(getattr(c, name), x.dtype)


def _abs(x: Any) -> Any:
    return tensorflow().reduce_sum(tensorflow().abs(x))


def _squares(x: Any) -> Any:
    return tensorflow().reduce_sum(tensorflow().square(x))


def _sum(x: Any) -> Any:
    return tensorflow().reduce_sum(x)


def _cosines(x: Any, mode: str, *, normalise: bool = True) -> Any:
    tf = tensorflow()
    axis = 1 if mode == "rows" else 0
    if normalise:
        x = tf.math.l2_normalize(x, axis, epsilon=1e-12)
    return tf.matmul(x, x, transpose_a=axis == 0, transpose_b=axis == 1)


def _orthogonal(
    *,
    diagonal: bool = False,
    magnitude: Callable[[Any], Any] | None = None,
    pairs: Callable[[int], float] = lambda n: n * (n - 1),
    normalise: bool = True,
) -> Any:
    """The orthogonal penalty with a piece of it replaced."""

    def formula(c: Any, x: Any) -> Any:
        tf = tensorflow()
        if x.shape.rank != 2 or 0 in x.shape or 1 in x.shape:
            raise ValueError("a matrix of this shape is not about this mistake")
        cosines = _cosines(x, c.mode, normalise=normalise)
        n = cosines.shape[0]
        if not diagonal:
            cosines = tf.linalg.set_diag(cosines, tf.zeros([n], x.dtype))
        total = tf.reduce_sum((magnitude or tf.abs)(cosines))
        return _f(c, "factor", x) * total / pairs(n)

    return by(formula)


def _through(dtype: str) -> Any:
    """Computed in another dtype, and the answer in the dtype of the weights."""

    def wrong(self: Any, x: Any, official: Callable[[Any], Any]) -> Any:
        tf = tensorflow()
        x = tf.convert_to_tensor(x)
        return tf.cast(official(tf.cast(x, dtype)), x.dtype) if x.dtype.is_floating else official(x)

    return around(wrong)


def _float32(x: Any) -> Any:
    tf = tensorflow()
    return tf.cast(x, tf.float32) if x.dtype.is_floating else x


def _other_mode(self: Any, x: Any, official: Callable[[Any], Any]) -> Any:
    kept = self.mode
    self.mode = "columns" if kept == "rows" else "rows"
    try:
        return official(x)
    finally:
        self.mode = kept


def _none_for_unknown(official: Any, identifier: Any) -> Any:
    try:
        found = official(identifier)
    except (ValueError, TypeError):
        return None
    return None if isinstance(found, str) else found


def _l2_for_unknown(official: Any, identifier: Any) -> Any:
    try:
        return official(identifier)
    except (ValueError, TypeError):
        return official("l2")


def _class_for_text(official: Any, identifier: Any) -> Any:
    found = official(identifier)
    known = isinstance(identifier, str) and hasattr(found, "get_config")
    return type(found) if known else found


def _dict_ignored(official: Any, identifier: Any) -> Any:
    dropped = isinstance(identifier, dict) and isinstance(identifier.get("config"), dict)
    return official({**identifier, "config": {}} if dropped else identifier)


def _renamed(old: str, new: str) -> Any:
    return config(lambda c: {new if k == old else k: v for k, v in c.items()})


_F32: Final = ("dtype/float32-*",)
_SQUARE: Final = ("dtype/float32-*-3x3-*", "dtype/float32-*-3x4-*", "dtype/float32-*-4x3-*")
_CONFIGS: Final = ("config/*", "roundtrip/*")
_ORTHOGONAL: Final = "OrthogonalRegularizer"
_VALUE: Final = ("value",)

MISTAKES: Final[tuple[Mistake, ...]] = (
    Mistake("factor-squared", "L1", _VALUE, by(lambda c, x: _f(c, "l1", x) ** 2 * _abs(x)), _F32),
    Mistake(
        "factor-squared", "L2", _VALUE, by(lambda c, x: _f(c, "l2", x) ** 2 * _squares(x)), _F32
    ),
    Mistake("factor-missing", "L1", _VALUE, by(lambda c, x: _abs(x)), _F32),
    Mistake("halved", "L2", _VALUE, after(lambda p: p / 2), _F32),
    Mistake("doubled", "L2", _VALUE, after(lambda p: p * 2), _F32),
    Mistake("square-missing", "L2", _VALUE, by(lambda c, x: _f(c, "l2", x) * _abs(x)), _F32),
    Mistake("abs-missing", "L1", _VALUE, by(lambda c, x: _f(c, "l1", x) * _sum(x)), _F32),
    Mistake("root", "L2", _VALUE, by(lambda c, x: _f(c, "l2", x) * _squares(x) ** 0.5), _F32),
    Mistake(
        "mean-for-sum",
        "L1",
        _VALUE,
        by(lambda c, x: _f(c, "l1", x) * tensorflow().reduce_mean(tensorflow().abs(x))),
        _F32,
    ),
    Mistake(
        "mean-for-sum",
        "L2",
        _VALUE,
        by(lambda c, x: _f(c, "l2", x) * tensorflow().reduce_mean(tensorflow().square(x))),
        _F32,
    ),
    Mistake(
        "first-axis-only",
        "L1",
        ("shape",),
        by(lambda c, x: _f(c, "l1", x) * tensorflow().reduce_sum(tensorflow().abs(x), 0)),
        ("dtype/float32-*-*x*",),
    ),
    Mistake(
        "factors-swapped",
        "L1L2",
        _VALUE,
        by(lambda c, x: _f(c, "l2", x) * _abs(x) + _f(c, "l1", x) * _squares(x)),
        _F32,
    ),
    Mistake("l2-left-out", "L1L2", _VALUE, by(lambda c, x: _f(c, "l1", x) * _abs(x)), _F32),
    Mistake("l1-left-out", "L1L2", _VALUE, by(lambda c, x: _f(c, "l2", x) * _squares(x)), _F32),
    Mistake(
        "zero-factors-counted",
        "L1L2",
        ("nonfinite",),
        by(lambda c, x: _f(c, "l1", x) * _abs(x) + _f(c, "l2", x) * _squares(x)),
        ("edge/zero-factor-*",),
    ),
    *(
        Mistake("cast-to-float32", name, ("dtype",), before(_float32), ("dtype/*",))
        for name in ("L1", "L2", "L1L2")
    ),
    *(
        Mistake(f"through-{dtype}", name, _VALUE, _through(dtype), ("dtype/float64-*",))
        for name in ("L1", "L2")
        for dtype in ("float16", "float32")
    ),
    *(
        Mistake("nan-taken-for-zero", name, ("nonfinite",), before(no_nan), ("edge/nan-*",))
        for name in ("L1", "L2", "L1L2")
    ),
    Mistake(
        "default-of-0.1",
        "L1",
        ("value", "config"),
        constructor(lambda l1=0.1: {"l1": l1}),
        ("arguments/defaults-*", "config/*"),
    ),
    Mistake(
        "default-of-0.01",
        "L1L2",
        ("value", "config"),
        constructor(lambda l1=0.01, l2=0.01: {"l1": l1, "l2": l2}),
        ("arguments/defaults-*", "config/*"),
    ),
    Mistake(
        "positions-swapped",
        "L1L2",
        ("value", "config"),
        constructor(lambda l2=0.0, l1=0.0: {"l1": l1, "l2": l2}),
        ("arguments/positional=*",),
    ),
    Mistake(
        "negative-taken-for-positive",
        "L1",
        ("accepted",),
        constructor(
            lambda l1=0.01: {"l1": abs(l1) if type(l1) in (int, float) else l1},
        ),
        ("arguments/l1=-*",),
        KERAS3,
    ),
    Mistake(
        "negative-rejected",
        "L2",
        ("accepted",),
        constructor(
            lambda l2=0.01: {"l2": "negative" if type(l2) in (int, float) and l2 < 0 else l2}
        ),
        ("arguments/l2=-*",),
        KERAS2,
    ),
    Mistake(
        "nan-accepted",
        "L1",
        ("accepted",),
        constructor(lambda l1=0.01: {"l1": 0.0 if l1 != l1 else l1}),
        ("rejected/l1-*nan", "rejected/l1-text"),
    ),
    Mistake("config-key-renamed", "L1", ("config",), _renamed("l1", "l"), _CONFIGS),
    Mistake(
        "config-key-renamed",
        _ORTHOGONAL,
        ("config",),
        _renamed("factor", "rate"),
        ("config/*",),
    ),
    Mistake(
        "mode-not-saved",
        _ORTHOGONAL,
        ("value", "config"),
        config(lambda c: {"factor": c["factor"], "mode": "rows"}),
        _CONFIGS,
    ),
    Mistake("modes-swapped", _ORTHOGONAL, _VALUE, around(_other_mode), _SQUARE),
    Mistake("diagonal-included", _ORTHOGONAL, _VALUE, _orthogonal(diagonal=True), _SQUARE),
    Mistake(
        "pairs-counted-twice",
        _ORTHOGONAL,
        _VALUE,
        _orthogonal(pairs=lambda n: n * (n - 1) / 2),
        _SQUARE,
    ),
    Mistake("mean-of-all", _ORTHOGONAL, _VALUE, _orthogonal(pairs=lambda n: n * n), _SQUARE),
    Mistake("abs-missing", _ORTHOGONAL, _VALUE, _orthogonal(magnitude=lambda p: p), _SQUARE),
    Mistake("squared", _ORTHOGONAL, _VALUE, _orthogonal(magnitude=lambda p: p * p), _SQUARE),
    Mistake("not-normalised", _ORTHOGONAL, _VALUE, _orthogonal(normalise=False), _SQUARE),
    Mistake(
        "no-pairs-is-zero",
        _ORTHOGONAL,
        ("nonfinite",),
        after(no_nan),
        ("edge/one-row-*-rows", "edge/one-column-*-columns"),
    ),
    Mistake(
        "unknown-is-none", "get", ("accepted",), function(_none_for_unknown), ("text/*",), KERAS3
    ),
    Mistake(
        "unknown-is-none", "get", ("resolved",), function(_none_for_unknown), ("text/*",), KERAS2
    ),
    Mistake("unknown-is-l2", "get", ("accepted",), function(_l2_for_unknown), ("object/*",)),
    Mistake("class-for-a-name", "get", ("resolved",), function(_class_for_text), ("text/*",)),
    Mistake("config-ignored", "get", ("resolved",), function(_dict_ignored), ("dict/*",)),
    Mistake(
        "module-dropped",
        "serialize",
        ("serialized",),
        serialized(lambda r: {k: v for k, v in r.items() if k != "module"}),
        ("object/*",),
    ),
    Mistake(
        "snake-case",
        "serialize",
        ("serialized",),
        serialized(lambda r: {**r, "class_name": r["class_name"].lower()}),
        ("object/*",),
    ),
    Mistake(
        "custom-objects-ignored",
        "deserialize",
        ("accepted",),
        function(custom_objects_ignored),
        ("config/custom-given",),
    ),
)
