"""Weight regularizers: callables that turn a weight tensor into a penalty, a term of the loss.

Source: https://keras.io/api/layers/regularizers/. Every class takes one weight `x` (tensor,
variable, array or list of floats) and returns a scalar tensor of its dtype. Factors are checked by
the constructor: a bad one is a ValueError.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import tensorflow as tf

from impl.core import penalties
from impl.core.convert import REFUSALS, as_tensor
from impl.shared.diagnosis import explain
from impl.shared.saving import Configured

_LARGEST = float(np.finfo(np.float64).max)


@dataclass(frozen=True)
class Factors:
    """What the regularizers of a dialect take and compute. The defaults are Keras 3's.

    Attributes:
        invert: what OrthogonalRegularizer multiplies rows by, of their squared lengths. Keras 3 bounds
            it by `epsilon`.
        absolute: (x, factor) to the L1 penalty. Keras 2 takes complex numbers and rounds the factor
            once, Keras 3 takes booleans and unsigned integers and rounds to float32 first.
        square: (x, factor) to the L2 penalty. Keras 2 sums halves of squares and takes floats only,
            Keras 3 sums squares and takes integers and complex numbers too.
        l1_l2_needs_floats: L1L2 takes float dtypes only.
        without_factors: other dtypes that it takes where both factors are 0.
        may_be_negative: a factor may be below zero; otherwise an error.
        may_be_infinite: a factor beyond float32 is stored as infinity; otherwise an error.
        exact: the classes that store their factors as they are, others as `rounded_to`.
        rounded_to: gives the name of a float dtype.

    """

    invert: Callable[[tf.Tensor], tf.Tensor]
    absolute: Callable[[tf.Tensor, Any], tf.Tensor] = penalties.recast_absolute
    square: Callable[[tf.Tensor, Any], tf.Tensor] = penalties.recast_square
    l1_l2_needs_floats: bool = False
    without_factors: tuple[tf.DType, ...] = (tf.bool,)
    may_be_negative: bool = False
    may_be_infinite: bool = False
    exact: tuple[str, ...] = ("L2", "L1L2")
    rounded_to: Callable[[], str] = lambda: "float32"


class Regularizer(Configured):
    """Base class. A subclass overrides `__call__(x)`, and `get_config` if it is to be saved."""

    _factors: ClassVar[Factors]

    def __call__(self, x: Any) -> Any:
        """No penalty: 0.0, whatever `x` is."""
        return 0.0

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name. NotImplementedError unless a subclass has them."""
        raise NotImplementedError(
            f"a regularizer must define get_config() to be saved, got {type(self).__name__}"
        )


class Penalty(Regularizer):
    """A built-in regularizer: subclasses define `_penalty`, errors are explained here."""

    def __call__(self, x: Any) -> tf.Tensor:
        """The penalty, a scalar of the dtype of `x`."""
        try:
            return self._penalty(as_tensor(x))
        except REFUSALS as error:
            factors = {name: f for name, f in vars(self).items() if name != "mode"}
            raise explain(type(self).__name__, x, factors, error, "x") from None

    @abstractmethod
    def _penalty(self, x: tf.Tensor) -> tf.Tensor:
        """The penalty, or any error."""

    def _factor(self, name: str, value: Any) -> float:
        """A factor as it is stored and saved. A NumPy number other than float64 is none."""
        least = -math.inf if self._factors.may_be_negative else 0
        if isinstance(value, (int, float)) and abs(value) <= _LARGEST and value >= least:
            if any(cls.__name__ in self._factors.exact for cls in type(self).__mro__):
                return float(value)
            with np.errstate(over="ignore"):
                stored = float(np.dtype(self._factors.rounded_to()).type(value))
            if self._factors.may_be_infinite or math.isfinite(stored):
                return stored
        rule = "a finite number" if least else "a finite number of at least 0"
        raise self._refusal(f"{name} must be {rule}", value)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name, factors as floats."""
        config = {name: getattr(self, name) for name in self._saved}
        return {name: x if name == "mode" else float(x) for name, x in config.items()}


class L1(Penalty):
    """The penalty l1 * sum(|x|). `l1` is a number, or None for 0.01."""

    _saved = ("l1",)

    def __init__(self, l1: Any = 0.01) -> None:
        self.l1 = self._factor("l1", 0.01 if l1 is None else l1)

    def _penalty(self, x: tf.Tensor) -> tf.Tensor:
        return self._factors.absolute(x, self.l1)


class L2(Penalty):
    """The penalty l2 * sum(x ** 2). `l2` is a number, or None for 0.01."""

    _saved = ("l2",)

    def __init__(self, l2: Any = 0.01) -> None:
        self.l2 = self._factor("l2", 0.01 if l2 is None else l2)

    def _penalty(self, x: tf.Tensor) -> tf.Tensor:
        return self._factors.square(x, self.l2)


class L1L2(Penalty):
    """The penalty l1 * sum(|x|) + l2 * sum(x ** 2); a factor of 0 or None leaves its term out."""

    _saved = ("l1", "l2")

    def __init__(self, l1: Any = 0.0, l2: Any = 0.0) -> None:
        self.l1 = self._factor("l1", 0.0 if l1 is None else l1)
        self.l2 = self._factor("l2", 0.0 if l2 is None else l2)

    def _penalty(self, x: tf.Tensor) -> tf.Tensor:
        factors, dtype = self._factors, x.dtype
        others = not factors.l1_l2_needs_floats
        if not self.l1 and not self.l2 and dtype in factors.without_factors:
            return tf.zeros([], dtype)
        if not dtype.is_floating and not (others and (dtype.is_integer or dtype.is_complex)):
            raise TypeError(f"x must be a float tensor, got {dtype.name}")
        terms = [factors.absolute(x, self.l1)] if self.l1 else []
        if self.l2:
            terms.append(factors.square(x, self.l2))
        if not terms:
            return tf.zeros([], dtype)
        penalty = terms[0] if len(terms) == 1 else tf.raw_ops.AddV2(x=terms[0], y=terms[1])
        # The terms are added to 0.0, which shows only where they are -0.0.
        negative = any(type(factor) is float and factor < 0 for factor in (self.l1, self.l2))
        return tf.raw_ops.AddV2(x=penalty, y=tf.zeros([], dtype)) if negative else penalty


class OrthogonalRegularizer(Penalty):
    """`factor` times the mean absolute cosine between two rows (or columns) of a matrix.

    `mode` is "rows" or "columns". A matrix with a single one has no pair, and its penalty is NaN.
    """

    _saved = ("factor", "mode")

    def __init__(self, factor: Any = 0.01, mode: Any = "rows") -> None:
        self.factor = self._factor("factor", factor)
        if mode not in ("rows", "columns"):
            raise self._refusal("mode must be 'rows' or 'columns'", mode)
        self.mode = mode

    def _penalty(self, x: tf.Tensor) -> tf.Tensor:
        invert = self._factors.invert
        return penalties.nonorthogonality(x, self.factor, invert, columns=self.mode != "rows")
