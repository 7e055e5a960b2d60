"""Weight regularizers: callables that turn a weight tensor into a penalty, a term of the loss.

Source: https://keras.io/api/layers/regularizers/. Every class takes one weight `x` (tensor,
variable, array or list of floats) and returns a scalar tensor of its dtype. Factors are checked by
the constructor: a bad one is a ValueError.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar, Self

import numpy as np
import tensorflow as tf

from impl.core import penalties
from impl.core.convert import as_tensor
from impl.shared.diagnosis import explain
from impl.shared.dialect import Dialect

_BAD_ARGUMENT = (
    TypeError,
    ValueError,
    tf.errors.InvalidArgumentError,
    tf.errors.UnimplementedError,
)
_MODES = ("rows", "columns")
_LARGEST = float(np.finfo(np.float64).max)


class Regularizer:
    """Base class. A subclass overrides `__call__(x)`, and `get_config` if it is to be saved."""

    dialect: ClassVar[Dialect]

    def __call__(self, x: Any) -> Any:
        """No penalty: 0.0, whatever `x` is."""
        return 0.0

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name. NotImplementedError unless a subclass has them."""
        raise NotImplementedError(
            f"a regularizer must define get_config() to be saved, got {type(self).__name__}"
        )

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The regularizer that `get_config` described."""
        return cls(**config)


class Penalty(Regularizer):
    """A built-in regularizer: subclasses define `_penalty`, errors are explained here."""

    def __call__(self, x: Any) -> tf.Tensor:
        """The penalty, a scalar of the dtype of `x`."""
        try:
            return self._penalty(as_tensor(x))
        except _BAD_ARGUMENT as error:
            factors = {name: f for name, f in vars(self).items() if name != "mode"}
            raise explain(type(self).__name__, x, factors, error, "x") from None

    def _penalty(self, x: tf.Tensor) -> tf.Tensor:
        raise NotImplementedError

    def _factor(self, name: str, value: Any) -> float:
        """A factor as it is stored and saved. A NumPy number other than float64 is none."""
        least = -math.inf if self.dialect.factors_may_be_negative else 0
        if isinstance(value, (int, float)) and abs(value) <= _LARGEST and value >= least:
            if any(cls.__name__ in self.dialect.exact_factors for cls in type(self).__mro__):
                return float(value)
            with np.errstate(over="ignore"):
                stored = float(np.float32(value))
            if self.dialect.factors_may_be_infinite or math.isfinite(stored):
                return stored
        rule = "a finite number" if least else "a finite number of at least 0"
        raise ValueError(f"{type(self).__name__}: {name} must be {rule}, got {value!r}")

    def __repr__(self) -> str:
        arguments = ", ".join(f"{k}={v!r}" for k, v in self.get_config().items())
        return f"{type(self).__name__}({arguments})"


class L1(Penalty):
    """The penalty l1 * sum(|x|). `l1` is a number, or None for 0.01."""

    def __init__(self, l1: Any = 0.01) -> None:
        self.l1 = self._factor("l1", 0.01 if l1 is None else l1)

    def _penalty(self, x: tf.Tensor) -> tf.Tensor:
        return self.dialect.absolute_penalty(x, self.l1)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name."""
        return {"l1": float(self.l1)}


class L2(Penalty):
    """The penalty l2 * sum(x ** 2). `l2` is a number, or None for 0.01."""

    def __init__(self, l2: Any = 0.01) -> None:
        self.l2 = self._factor("l2", 0.01 if l2 is None else l2)

    def _penalty(self, x: tf.Tensor) -> tf.Tensor:
        return self.dialect.square_penalty(x, self.l2)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name."""
        return {"l2": float(self.l2)}


class L1L2(Penalty):
    """The penalty l1 * sum(|x|) + l2 * sum(x ** 2); a factor of 0 or None leaves its term out."""

    def __init__(self, l1: Any = 0.0, l2: Any = 0.0) -> None:
        self.l1 = self._factor("l1", 0.0 if l1 is None else l1)
        self.l2 = self._factor("l2", 0.0 if l2 is None else l2)

    def _penalty(self, x: tf.Tensor) -> tf.Tensor:
        dialect = self.dialect
        dtype = x.dtype
        if not dtype.is_floating and (
            dialect.l1_l2_needs_floats or not (dtype.is_integer or dtype.is_complex)
        ):
            raise TypeError(f"x must be a float tensor, got {dtype.name}")
        if not self.l1 and not self.l2:
            return tf.zeros([], dtype)
        if not self.l2:
            penalty = dialect.absolute_penalty(x, self.l1)
        elif not self.l1:
            penalty = dialect.square_penalty(x, self.l2)
        else:
            absolute = dialect.absolute_penalty(x, self.l1)
            penalty = penalties.both(absolute, dialect.square_penalty(x, self.l2))
        # The terms are added to 0.0, which shows only where they are -0.0.
        negative = any(type(factor) is float and factor < 0 for factor in (self.l1, self.l2))
        return penalties.positive_zero(penalty) if negative else penalty

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name."""
        return {"l1": float(self.l1), "l2": float(self.l2)}


class OrthogonalRegularizer(Penalty):
    """`factor` times the mean absolute cosine between two rows (or columns) of a matrix.

    `mode` is "rows" or "columns". A matrix with a single one has no pair, and its penalty is NaN.
    """

    def __init__(self, factor: Any = 0.01, mode: Any = "rows") -> None:
        self.factor = self._factor("factor", factor)
        if mode not in _MODES:
            name = type(self).__name__
            raise ValueError(f"{name}: mode must be 'rows' or 'columns', got {mode!r}")
        self.mode = mode

    def _penalty(self, x: tf.Tensor) -> tf.Tensor:
        return penalties.nonorthogonality(
            x, self.factor, self.dialect.orthogonal_floor, columns=self.mode != "rows"
        )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name."""
        return {"factor": float(self.factor), "mode": self.mode}
