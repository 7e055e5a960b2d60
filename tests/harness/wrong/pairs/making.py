"""How a wrong subject and its right twin are made, and where they must differ.

Both are official Keras with something replaced, as in `wrong.layers.making`: a change gives what to
replace by its path in the package, as `layers.Dense.call`. The twin differs from the wrong subject
in its mistake only: where official Keras raises, it answers, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pytest

from conformance.model import DIALECTS, Grade, patterns
from conformance.runner.report import Follow
from conformance.subjects.base import Mode
from wrong import tensorflow
from wrong.layers.making import Change, Keras, Official, call, method


def unchanged(keras: Keras) -> Mapping[str, Any]:
    """Official Keras as it is."""
    return {}


@dataclass(frozen=True)
class Pair:
    """A mistake, the aspects that it must be failed for in each of some cases, and the twin without it.

    `cases`: globs over ids. `grade`: that of the aspects where the twin passes; None: it may be any.
    `follow`: what decides where official Keras and its documentation disagree. `mode`: how calls are executed.
    """

    name: str
    target: str
    cases: tuple[str, ...]
    aspects: tuple[str, ...]
    wrong: Change
    right: Change = unchanged
    grade: Grade | None = None
    dialects: tuple[str, ...] = DIALECTS
    follow: Follow = Follow.DOCUMENTED
    mode: Mode = Mode.EAGER

    @property
    def select(self) -> tuple[str, ...]:
        return tuple(f"{self.target}/{case}" for case in self.cases)

    def asks(self, case_id: str) -> bool:
        """Whether the case is one of them, not only selected with them."""
        return any(patterns.covers(glob, case_id) for glob in self.select)


def make(pair: Pair, change: Change, dialect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The change, in the official package, until the test ends."""
    keras = Keras(dialect, pair.target)
    for path, value in change(keras).items():
        owner, _, name = path.rpartition(".")
        monkeypatch.setattr(keras.member(owner), name, value)


# The changes, by what they replace.


def together(*changes: Change) -> Change:
    """Several changes, each of another thing."""

    def change(keras: Keras) -> Mapping[str, Any]:
        return {path: value for each in changes for path, value in each(keras).items()}

    return change


def answers(wrong: Callable[[Any, Any], Any], path: str | None = None) -> Change:
    """`__call__` of the target, or of another class, as `wrong(self, argument)`."""
    return method("__call__", lambda self, official, x: wrong(self, x), path)


def afterwards(wrong: Callable[[Any], Any], path: str | None = None) -> Change:
    """`__call__` as official's answer, and then something done to it."""
    return method("__call__", lambda self, official, x: wrong(official(x)), path)


def beforehand(wrong: Callable[[Any], Any], path: str | None = None) -> Change:
    """`__call__` with something done to its argument first."""
    return method("__call__", lambda self, official, x: official(wrong(x)), path)


def dense(kernel: Callable[[Any], Any], bias: Callable[[Any], Any], dtype: str = "") -> Change:
    """The forward pass of `Dense` with something done to its weights first, and in another dtype."""

    def wrong(self: Any, official: Official, inputs: Any) -> Any:
        tf = tensorflow()
        x, w, b = map(tf.convert_to_tensor, (inputs, self.kernel, self.bias))
        y = tf.matmul(*(tf.cast(each, dtype or x.dtype) for each in (x, kernel(w))))
        y = tf.cast(y + tf.cast(bias(b), y.dtype), x.dtype)
        return y if self.activation is None else self.activation(y)

    return call(wrong)


def same(x: Any) -> Any:
    return x


def counted(wrong: Callable[[Any, int], Any], name: str = "call") -> Change:
    """Official's answer as `wrong(answer, calls)`, where `calls` of this object came before."""

    def replaced(self: Any, official: Official, x: Any) -> Any:
        calls = vars(self).get(_CALLS, 0)
        # Beside what Keras watches.
        vars(self)[_CALLS] = calls + 1
        return wrong(official(x), calls)

    return call(replaced) if name == "call" else method(name, replaced)


_CALLS: Final = "number_of_calls"


# What they do.


def given(factor: Any) -> float:
    """The decimal that a factor was given as; official Keras keeps the next float32."""
    return float(f"{float(factor):.6g}")


def doubled(x: Any) -> Any:
    return x + x


def backwards(edit: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The identity, whose gradient is another: `edit` of the right one."""

    def identity(x: Any) -> Any:
        tf = tensorflow()

        @tf.custom_gradient  # type: ignore[untyped-decorator]
        def copied(x: Any) -> Any:
            return tf.identity(x), edit

        return copied(tf.convert_to_tensor(x))

    return identity


def at_first(x: Any, change: Callable[[Any], Any]) -> Any:
    """The tensor with its first element changed."""
    tf = tensorflow()
    first = tf.reshape(tf.range(tf.size(x)) == 0, tf.shape(x))
    return tf.where(first, change(x), x)


def calls(layer: Any) -> int:
    """How often `counted` was asked."""
    return int(vars(layer).get(_CALLS, 0))


def orthogonal(length: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    """OrthogonalRegularizer in float64, with something done to the reciprocal lengths.

    It is the mean absolute inner product of two rows, or columns, times the factor.
    """

    def penalty(self: Any, x: Any) -> Any:
        tf = tensorflow()
        wide = tf.cast(x, tf.float64)
        rows = wide if self.mode == "rows" else tf.transpose(wide)
        squares = tf.maximum(tf.reduce_sum(rows * rows, 1, keepdims=True), 1e-12)
        unit = rows * length(tf.math.rsqrt(squares))
        products = tf.abs(unit @ tf.transpose(unit))
        products = tf.linalg.set_diag(products, tf.zeros(products.shape[0], tf.float64))
        number = rows.shape[0]
        mean = tf.reduce_sum(products) / max(number * (number - 1), 1)
        return tf.cast(given(self.factor) * mean, x.dtype)

    return penalty
