"""Optimizers: how a gradient changes a weight. Source: https://keras.io/api/optimizers/."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import tensorflow as tf

from impl.core import clipping
from impl.shared.policies import Settings
from impl.shared.saving import Configured

Pair = tuple[tf.Tensor, Any]  # a gradient and its weight


@dataclass(frozen=True)
class UpdateRules:
    """What the dialects do differently around an update.

    Attributes:
        clips_alone: the arguments for clipping of which at most one may be given.
        averages_start_at_weights: as the optimizer finds them; otherwise as the first call leaves them.
        negates_first: a gradient is negated before it is multiplied by the rate. It changes no bit,
            except where TensorFlow has a clipped one multiplied by the product of both factors.

    """

    clips_alone: tuple[str, ...]
    averages_start_at_weights: bool
    negates_first: bool


class Optimizer(Configured, tf.Module):  # type: ignore[misc]
    """Base class: what happens around the update of a weight, its slots, and the count of updates.

    In this order: the gradients are divided by `loss_scale_factor`, averaged over
    `gradient_accumulation_steps` calls, and clipped; the weights decay, are updated, and enter
    their averages (`use_ema`), which become the weights every `ema_overwrite_frequency` updates
    and when `fit` ends; constraints come last.

    A subclass names its `slots`, tensors like a weight that begin with zeros, and defines `update`.
    The signature of its constructor is the table that everything follows from: `_take` makes an
    attribute of each argument, and `get_config` saves them all.
    """

    settings: ClassVar[Settings]
    rules: ClassVar[UpdateRules]
    slots: tuple[str, ...] = ()
    loss_scale_factor: float | None = None
    gradient_accumulation_steps: int | None = None
    use_ema: bool
    ema_momentum: float
    ema_overwrite_frequency: int | None
    weight_decay: float | None
    clipnorm: float | None
    clipvalue: float | None
    global_clipnorm: float | None
    _places: dict[Any, int]
    _weights: list[tf.Variable]

    def _take(self, given: Mapping[str, Any]) -> None:
        """Begins the optimizer. `given` are the `locals()` of a constructor that has done nothing yet."""
        super().__init__()
        arguments = {k: x for k, x in given.items() if k not in ("self", "__class__")}
        self._name, rate = arguments.pop("name"), arguments.pop("learning_rate")
        self.__dict__["_saved"] = tuple(arguments)
        for key, value in arguments.items():
            setattr(self, key, value)
        self._check()
        with tf.init_scope():
            self._rate = tf.Variable(
                tf.constant(float(rate), self.settings.floatx()), False, name="learning_rate"
            )
            self._calls = tf.Variable(0, False, dtype=tf.int64, name="iterations")
        self._slots: list[list[tf.Variable]] = []
        self._averages: list[tf.Variable] = []
        self._sums: list[tf.Variable] = []
        # No attributes that TensorFlow tracks: the weights are those of a model.
        self.__dict__["_places"], self.__dict__["_weights"] = {}, []

    def _check(self) -> None:
        alone = self.rules.clips_alone
        clips = [key for key in alone if getattr(self, key) is not None]
        if len(clips) > 1:
            raise ValueError(f"one of {', '.join(alone)} must be given, got {' and '.join(clips)}")
        steps = self.gradient_accumulation_steps
        if steps and steps < 2:
            raise ValueError(f"gradient_accumulation_steps must be 2 or more, got {steps!r}")
        if not self.use_ema:
            return
        if not 0 <= self.ema_momentum <= 1:
            raise ValueError(f"ema_momentum must be from 0 to 1, got {self.ema_momentum!r}")
        every = self.ema_overwrite_frequency
        if every and (not isinstance(every, int) or every < 1):
            raise ValueError(f"ema_overwrite_frequency must be a positive integer, got {every!r}")

    @property
    def learning_rate(self) -> tf.Variable:
        """The learning rate. A number that is set becomes the value of the variable."""
        return self._rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self._rate.assign(value)

    @property
    def iterations(self) -> Any:
        """How many updates there were: a variable, or a tensor where gradients accumulate."""
        steps = self.gradient_accumulation_steps
        return self._calls // steps if steps else self._calls

    def build(self, variables: Iterable[tf.Variable]) -> None:
        """Makes the slots of the weights, the only ones that will be updated. The first call counts."""
        if self._places:
            return
        with tf.init_scope():
            for variable in variables:
                self._places[variable.ref()] = len(self._slots)
                self._weights.append(variable)
                zeros = tf.zeros(variable.shape, variable.dtype)
                self._slots.append([tf.Variable(zeros, False, name=x) for x in self.slots])
                if self.gradient_accumulation_steps:
                    self._sums.append(tf.Variable(zeros, False, name="sum"))
                if self.use_ema:
                    first = variable if self.rules.averages_start_at_weights else zeros
                    self._averages.append(tf.Variable(first, False, name="average"))

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, tf.Variable]]) -> None:
        """Updates each weight by its gradient, then applies its constraint if it has one.

        Weights whose gradient is None stay as they are. ValueError where all are None, and for a
        weight that the optimizer was not built for.
        """
        given = list(grads_and_vars)
        pairs = [(tf.convert_to_tensor(g), v) for g, v in given if g is not None]
        if not pairs:
            raise ValueError("grads_and_vars must hold at least one gradient, got none")
        self.build(v for _, v in given)
        for _, variable in pairs:
            if variable.ref() not in self._places:
                raise ValueError(
                    f"an optimizer must be given weights that it was built for, got {variable.name}"
                )
        if self.loss_scale_factor is not None:
            pairs = [(g / self.loss_scale_factor, v) for g, v in pairs]
        if self.gradient_accumulation_steps:
            self._accumulate(pairs, self.gradient_accumulation_steps)
        else:
            self._update_all(pairs)
        if self.use_ema:
            self._average()
        for _, variable in pairs:
            if variable.constraint is not None:
                variable.assign(variable.constraint(variable))
        self._calls.assign_add(1)

    def _accumulate(self, pairs: Sequence[Pair], steps: int) -> None:
        """At every one of so many `steps` an update, by the mean of the gradients since the last."""
        sums = [self._sums[self._place(v)] for _, v in pairs]

        def due() -> None:
            means = [(g + s) / steps for (g, _), s in zip(pairs, sums, strict=True)]
            self._update_all([(g, v) for g, (_, v) in zip(means, pairs, strict=True)])
            for s in sums:
                s.assign(tf.zeros_like(s))

        def not_due() -> None:
            for (g, _), s in zip(pairs, sums, strict=True):
                s.assign_add(g)

        tf.cond((self._calls + 1) % steps == 0, due, not_due)

    def _update_all(self, pairs: Sequence[Pair]) -> None:
        clipped = self._clipped([g for g, _ in pairs])
        for _, variable in pairs:
            if self.weight_decay is not None:
                decay = tf.cast(self.weight_decay, variable.dtype)
                variable.assign_sub(variable * decay * self._rate_for(variable))
        for gradient, (_, variable) in zip(clipped, pairs, strict=True):
            slots = self._slots[self._place(variable)]
            self.update(gradient, variable, self._rate_for(variable), *slots)

    def _clipped(self, gradients: Sequence[tf.Tensor]) -> Sequence[tf.Tensor]:
        """By one of the arguments: the first that is above 0."""
        if self.clipnorm and self.clipnorm > 0:
            return [clipping.by_norm(g, self.clipnorm) for g in gradients]
        if self.global_clipnorm and self.global_clipnorm > 0:
            return clipping.by_global_norm(gradients, self.global_clipnorm)
        if self.clipvalue and self.clipvalue > 0:
            return [clipping.by_value(g, self.clipvalue) for g in gradients]
        return gradients

    def _average(self) -> None:
        """Moves the averages towards the weights; every so many updates they become the weights."""
        for variable, average in zip(self._weights, self._averages, strict=True):
            keep: Any = self.ema_momentum
            if not self.rules.averages_start_at_weights:
                keep = tf.cast(self.iterations != 0, average.dtype) * keep
            average.assign(keep * average + (1 - keep) * variable)
        every = self.ema_overwrite_frequency
        if every:
            due = (self.iterations + 1) % every == 0
            for variable, average in zip(self._weights, self._averages, strict=True):
                variable.assign(tf.where(due, average, variable))

    def finalize_variable_values(self, variables: Any = None) -> None:
        """What `fit` ends with: averages become the weights, whichever `variables` are trained now."""
        for variable, average in zip(self._weights, self._averages, strict=False):
            variable.assign(average)

    def scaled(self, loss: tf.Tensor) -> tf.Tensor:
        """The loss whose gradients `apply_gradients` expects."""
        return loss if self.loss_scale_factor is None else loss * self.loss_scale_factor

    def _place(self, variable: Any) -> int:
        return self._places[variable.ref()]

    def _rate_for(self, variable: Any) -> tf.Tensor:
        return tf.cast(self._rate, variable.dtype)

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

    momentum: float
    nesterov: bool

    def _take(self, given: Mapping[str, Any]) -> None:
        momentum = given["momentum"]
        if not 0 <= momentum <= 1:
            raise ValueError(f"momentum must be from 0 to 1, got {momentum!r}")
        super()._take(given)
        self.slots = ("momentum",) if momentum else ()

    def update(self, gradient: tf.Tensor, variable: Any, rate: tf.Tensor, *slots: Any) -> None:
        """One update of one weight."""
        step = -gradient * rate if self.rules.negates_first else -(gradient * rate)
        if not slots:
            variable.assign_add(step)
            return
        momentum = tf.cast(self.momentum, gradient.dtype)
        velocity = slots[0].assign(slots[0] * momentum + step)
        variable.assign_add(velocity * momentum + step if self.nesterov else velocity)


class Adam(Optimizer):
    """Adaptive moments (Kingma and Ba, 2014), with the bias correction in the learning rate.

    With `amsgrad` the largest of the second moments so far counts (Reddi et al., 2018).
    """

    beta_1: float
    beta_2: float
    epsilon: float
    amsgrad: bool

    def _take(self, given: Mapping[str, Any]) -> None:
        super()._take(given)
        self.slots = ("momentum", "velocity", *(("largest",) if self.amsgrad else ()))

    def update(self, gradient: tf.Tensor, variable: Any, rate: tf.Tensor, *slots: Any) -> None:
        """One update of one weight."""
        m, v, *largest = slots
        dtype = gradient.dtype
        step = tf.cast(self.iterations + 1, dtype)
        beta_1, beta_2 = (tf.pow(tf.cast(x, dtype), step) for x in (self.beta_1, self.beta_2))
        alpha = rate * tf.sqrt(1 - beta_2) / (1 - beta_1)
        m.assign_add((gradient - m) * (1 - self.beta_1))
        v.assign_add((tf.square(gradient) - v) * (1 - self.beta_2))
        if largest:
            v = largest[0].assign(tf.maximum(largest[0], v))
        variable.assign_sub((m * alpha) / (tf.sqrt(v) + self.epsilon))
