"""Weight constraints: callables that project a weight tensor after a gradient update.

Sources: https://keras.io/api/layers/constraints/ and its Keras 2 edition. Every class takes one
weight `w` (tensor, variable, array or list of floats) and returns a tensor of its shape and
dtype. Constructors accept anything; a bad argument is a TypeError or ValueError of the call.

For `axis`: 0 constrains each column of a Dense kernel (input_dim, output_dim), [0, 1, 2] each
filter of a Conv2D kernel (rows, cols, input_depth, output_depth), None the tensor as a whole.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import tensorflow as tf

from impl.core import projections
from impl.core.convert import REFUSALS, as_tensor
from impl.shared.diagnosis import explain
from impl.shared.policies import Settings
from impl.shared.saving import Configured


@dataclass(frozen=True)
class Norms:
    """What the constraints of a dialect do with dtypes and bounds. The defaults are Keras 3's.

    Attributes:
        norm: (w, axis) to (w, its norm). Keras 2 takes floats only, Keras 3 promotes the rest.
        rectify: NonNeg. Keras 2 multiplies by a mask (-0.0, NaN for -inf) and makes float32 of
            float arrays, Keras 3 takes max(w, 0).
        none_is_unbounded: a `min_value` or `max_value` of None is no bound; otherwise an error.
        settings: the dialect's, for `epsilon` and `floatx`.

    """

    settings: Settings
    norm: Callable[[tf.Tensor, Any], tuple[tf.Tensor, tf.Tensor]] = projections.promoting_norm
    rectify: Callable[[Any, str], tf.Tensor] = projections.rectify
    none_is_unbounded: bool = False


class Constraint(Configured):
    """Base class. A subclass overrides `__call__(w)`, and `get_config` if it has arguments."""

    _norms: ClassVar[Norms]

    def __call__(self, w: Any) -> Any:
        """`w` itself, whatever it is."""
        return w


class Projection(Constraint):
    """A built-in constraint: subclasses define `_project`, errors are explained here."""

    def __call__(self, w: Any) -> tf.Tensor:
        """The projected weight."""
        try:
            return self._project(w)
        except REFUSALS as error:
            raise explain(type(self).__name__, w, self.get_config(), error) from None

    @abstractmethod
    def _project(self, w: Any) -> tf.Tensor:
        """The projected weight, or any error."""

    def _bound(self, value: Any, unbounded: float) -> Any:
        return unbounded if value is None and self._norms.none_is_unbounded else value


class MaxNorm(Projection):
    """Norms of at most `max_value`: w * clip(n, 0, max_value) / (epsilon + n).

    `max_value` is a number, or numbers that broadcast to the norms; a negative one acts as 0.
    """

    _saved = ("max_value", "axis")

    def __init__(self, max_value: Any = 2, axis: Any = 0) -> None:
        self.max_value, self.axis = max_value, axis

    def _project(self, w: Any) -> tf.Tensor:
        w, n = self._norms.norm(as_tensor(w), self.axis)
        high = self._bound(self.max_value, float("inf"))
        target = projections.clip_norm(n, 0, high)
        return projections.rescale(w, n, target, self._norms.settings.epsilon())


class MinMaxNorm(Projection):
    """Norms from `min_value` to `max_value`, reached by the fraction `rate` of the way per call.

    The new norm is rate * clip(n, min_value, max_value) + (1 - rate) * n. Where the bounds cross,
    `min_value` wins. Each argument may be numbers that broadcast to the norms.
    """

    _saved = ("min_value", "max_value", "rate", "axis")

    def __init__(
        self, min_value: Any = 0.0, max_value: Any = 1.0, rate: Any = 1.0, axis: Any = 0
    ) -> None:
        self.min_value, self.max_value = min_value, max_value
        self.rate, self.axis = rate, axis

    def _project(self, w: Any) -> tf.Tensor:
        w, n = self._norms.norm(as_tensor(w), self.axis)
        low = self._bound(self.min_value, -float("inf"))
        high = self._bound(self.max_value, float("inf"))
        target = projections.approach(n, projections.clip_norm(n, low, high), self.rate)
        return projections.rescale(w, n, target, self._norms.settings.epsilon())


class UnitNorm(Projection):
    """Norms of one: w / (epsilon + n)."""

    _saved = ("axis",)

    def __init__(self, axis: Any = 0) -> None:
        self.axis = axis

    def _project(self, w: Any) -> tf.Tensor:
        w, n = self._norms.norm(as_tensor(w), self.axis)
        return projections.unit_norm(w, n, self._norms.settings.epsilon())


class NonNeg(Projection):
    """No negative weights. Which zero, and what becomes of -inf, is `Norms.rectify`."""

    def _project(self, w: Any) -> tf.Tensor:
        return self._norms.rectify(w, self._norms.settings.floatx())


class RadialConstraint(Projection):
    """One value per ring around the centre of a square (size, size, in, out) kernel.

    Rings are filled from the diagonal as official Keras 2 does, which is the reverse of the
    picture in its documentation: the outermost ring of a 4x4 kernel becomes v_33, the centre v_11.
    """

    def _project(self, w: Any) -> tf.Tensor:
        return projections.radial(as_tensor(w))
