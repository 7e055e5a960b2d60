"""Optimizers: how a gradient changes a weight. Source: https://keras.io/api/optimizers/."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import tensorflow as tf

from impl.shared.policies import Settings
from impl.shared.saving import Configured


class Optimizer(Configured, tf.Module):  # type: ignore[misc]
    """Base class: the learning rate, the count of updates, and the slots of each weight.

    A subclass names its `slots`, tensors like a weight that begin with zeros, and defines `update`.
    """

    settings: ClassVar[Settings]
    slots: tuple[str, ...] = ()
    _places: dict[Any, int]
    _weights: list[tf.Variable]

    def __init__(self, learning_rate: float, name: str) -> None:
        super().__init__()
        self._name = name
        if not float(learning_rate) >= 0:
            raise ValueError(f"learning_rate must be a number of 0 or more, got {learning_rate!r}")
        with tf.init_scope():
            rate = tf.constant(float(learning_rate), self.settings.floatx())
            self._rate = tf.Variable(rate, False, name="learning_rate")
            self.iterations = tf.Variable(0, False, dtype=tf.int64, name="iterations")
        self._slots: list[list[tf.Variable]] = []
        # No attributes that TensorFlow tracks: the weights are those of a model.
        self.__dict__["_places"], self.__dict__["_weights"] = {}, []

    @property
    def learning_rate(self) -> tf.Variable:
        """The learning rate. A number that is set becomes the value of the variable."""
        return self._rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self._rate.assign(value)

    def build(self, variables: Iterable[tf.Variable]) -> None:
        """Makes the slots of the weights, the only ones that will be updated. The first call counts."""
        if self._places:
            return
        with tf.init_scope():
            for variable in variables:
                self._places[variable.ref()] = len(self._slots)
                self._weights.append(variable)
                zeros = tf.zeros(variable.shape, _own_dtype(variable))
                self._slots.append([tf.Variable(zeros, False, name=x) for x in self.slots])

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, tf.Variable]]) -> None:
        """Updates each weight by its gradient, then applies its constraint if it has one.

        Weights whose gradient is None stay as they are. ValueError where all are None, and for a
        weight that the optimizer was not built for.
        """
        given = list(grads_and_vars)
        pairs = [(g, v) for g, v in given if g is not None]
        if not pairs:
            raise ValueError("grads_and_vars must hold at least one gradient, got none")
        self.build(v for _, v in given)
        for _, variable in pairs:
            if variable.ref() not in self._places:
                raise ValueError(
                    f"an optimizer must be given weights that it was built for, got {variable.name}"
                )
        for gradient, variable in pairs:
            rate = tf.cast(self.learning_rate, _own_dtype(variable))
            slots = self._slots[self._places[variable.ref()]]
            self.update(tf.convert_to_tensor(gradient), variable, rate, *slots)
        for _, variable in pairs:
            if variable.constraint is not None:
                variable.assign(variable.constraint(variable))
        self.iterations.assign_add(1)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_places"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.__dict__["_places"] = {v.ref(): number for number, v in enumerate(self._weights)}

    def update(self, gradient: tf.Tensor, variable: Any, rate: tf.Tensor, *slots: Any) -> None:
        """One update of one weight, all in its dtype."""
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name."""
        rate = float(self.learning_rate.numpy())
        return {"name": self._name, "learning_rate": rate, **super().get_config()}


class SGD(Optimizer):
    """Gradient descent. With `momentum` m: v = m v - rate g, w += v; with `nesterov` w += m v - rate g.

    Raises ValueError for a `momentum` outside [0, 1].
    """

    _saved = ("momentum", "nesterov")

    def __init__(
        self,
        learning_rate: float = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        name: str = "SGD",
    ) -> None:
        if not 0 <= momentum <= 1:
            raise ValueError(f"momentum must be from 0 to 1, got {momentum!r}")
        super().__init__(learning_rate, name)
        self.momentum, self.nesterov = momentum, nesterov
        self.slots = ("momentum",) if momentum else ()

    def update(self, gradient: tf.Tensor, variable: Any, rate: tf.Tensor, *slots: Any) -> None:
        """One update of one weight."""
        step = gradient * rate
        if not slots:
            variable.assign_sub(step)
            return
        momentum = tf.cast(self.momentum, gradient.dtype)
        velocity = slots[0].assign(slots[0] * momentum - step)
        variable.assign_add(velocity * momentum - step if self.nesterov else velocity)


class Adam(Optimizer):
    """Adaptive moments (Kingma and Ba, 2014), with the bias correction in the learning rate."""

    slots = ("momentum", "velocity")
    _saved = ("beta_1", "beta_2", "epsilon")

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        name: str = "Adam",
    ) -> None:
        super().__init__(learning_rate, name)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def update(self, gradient: tf.Tensor, variable: Any, rate: tf.Tensor, *slots: Any) -> None:
        """One update of one weight."""
        m, v = slots
        dtype = gradient.dtype
        step = tf.cast(self.iterations + 1, dtype)
        beta_1, beta_2 = (tf.pow(tf.cast(x, dtype), step) for x in (self.beta_1, self.beta_2))
        alpha = rate * tf.sqrt(1 - beta_2) / (1 - beta_1)
        m.assign_add((gradient - m) * (1 - self.beta_1))
        v.assign_add((tf.square(gradient) - v) * (1 - self.beta_2))
        variable.assign_sub((m * alpha) / (tf.sqrt(v) + self.epsilon))


def _own_dtype(variable: Any) -> tf.DType:
    return getattr(variable, "variable", variable).dtype
