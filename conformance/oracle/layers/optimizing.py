"""What training does to weights: the rules of the optimizers, and what their options add to them.

Constraints follow each update, and nothing changes at a call that only accumulates. Averages are those of the
weights as each update, constraint included, leaves them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from conformance.model import Array, Literal, Reference
from conformance.oracle.bounded import Bounded, constant, exact
from conformance.oracle.layers import attached
from conformance.oracle.layers.dense import Weight
from conformance.oracle.layers.products import products
from conformance.oracle.layers.world import Untold

_CLIPS: Final = ("clipnorm", "clipvalue", "global_clipnorm")
# Of weights that these allow, an average is allowed as well.
_CONVEX: Final = ("NonNeg", "MaxNorm")
# Roundings of the scale, of the loss times the scale, and of a gradient over it.
_SCALING: Final = 4.0

State = dict[int, Bounded]


@dataclass
class Optimizer:
    """Gradient descent, with momentum or Nesterov's, or Adam."""

    literal: Literal
    dialect: str
    calls: int = 0
    count: int = 0
    sums: State = field(default_factory=dict)
    first: State = field(default_factory=dict)
    second: State = field(default_factory=dict)
    largest: State = field(default_factory=dict)
    averages: State = field(default_factory=dict)

    def update(self, trained: Sequence[Weight], epsilon: float) -> None:
        """Moves every trained weight by its gradient, then applies its constraint."""
        assert isinstance(self.literal, Reference)
        arguments = self.literal.arguments
        name = self.literal.name.rpartition(".")[2]
        if name not in ("SGD", "Adam"):
            raise Untold(f"the oracle has no optimizer {name}")
        for weight in trained:
            if weight.regularizer is not None:
                weight.receive(attached.penalty_slope(weight.regularizer, weight.known()))
        pairs = [(w, _unscaled(w.gradient, arguments)) for w in trained if w.gradient is not None]
        if self.dialect == "keras2" and _averaged(arguments):
            for weight in trained:
                self.averages.setdefault(id(weight), weight.known())
        self.calls += 1
        if not self._due(pairs, arguments):
            return
        pairs = [(weight, self._gradient(weight, g, arguments)) for weight, g in pairs]
        self.count += 1
        for weight, g in _clipped(pairs, arguments):
            self._decay(weight, arguments)
            if name == "SGD":
                self._descend(weight, g, arguments)
            else:
                self._adapt(weight, g, arguments)
            weight.value = attached.constrained(weight.constraint, weight.known(), epsilon)
        if _averaged(arguments):
            self._average(trained, arguments)

    def finish(self, weights: Sequence[Weight]) -> None:
        """What a training ends with: averages become the weights."""
        for weight in weights:
            weight.value = self.averages.get(id(weight), weight.value)

    def _due(self, pairs: Sequence[tuple[Weight, Bounded]], arguments: Mapping[str, Any]) -> bool:
        """Whether this call updates; one that does not keeps the gradients."""
        steps = arguments.get("gradient_accumulation_steps")
        if steps is None:
            return True
        if not isinstance(steps, int) or steps < 2:
            raise Untold("the documents have no accumulation over fewer than 2 steps")
        if self.calls % steps == 0:
            return True
        for weight, g in pairs:
            before = self.sums.get(id(weight))
            self.sums[id(weight)] = g if before is None else before + g
        return False

    def _gradient(self, weight: Weight, g: Bounded, arguments: Mapping[str, Any]) -> Bounded:
        """The mean of those since the last update."""
        before = self.sums.pop(id(weight), None)
        if before is None:
            return g
        return (before + g) / float(arguments["gradient_accumulation_steps"])

    def _decay(self, weight: Weight, arguments: Mapping[str, Any]) -> None:
        decay = arguments.get("weight_decay")
        if decay:
            w = weight.known()
            weight.value = w - w * constant(decay, w.dtype) * self._rate(arguments)

    def _rate(self, arguments: Mapping[str, Any]) -> float:
        assert isinstance(self.literal, Reference)
        default = 0.001 if self.literal.name.endswith("Adam") else 0.01
        return float(arguments.get("learning_rate", default))

    def _descend(self, weight: Weight, g: Bounded, arguments: Mapping[str, Any]) -> None:
        rate = self._rate(arguments)
        momentum = arguments.get("momentum", 0.0)
        w = weight.known()
        if not momentum:
            weight.value = w - g * rate
            return
        before = self.first.get(id(weight), exact(np.zeros(w.shape), w.dtype))
        after = before * momentum - g * rate
        self.first[id(weight)] = after
        moved = after * momentum - g * rate if arguments.get("nesterov") else after
        weight.value = w + moved

    def _adapt(self, weight: Weight, g: Bounded, arguments: Mapping[str, Any]) -> None:
        one, two = arguments.get("beta_1", 0.9), arguments.get("beta_2", 0.999)
        # In the dtype of the weight: 1 minus a power of 0.999 cancels, and keeps 14 bits of 24.
        powers = [self._power(beta, weight.dtype) for beta in (one, two)]
        epsilon = arguments.get("epsilon", 1e-7)
        w = weight.known()
        zeros = exact(np.zeros(w.shape), w.dtype)
        m, v = self.first.get(id(weight), zeros), self.second.get(id(weight), zeros)
        m = m + (g - m) * (1 - one)
        v = v + (g * g - v) * (1 - two)
        self.first[id(weight)], self.second[id(weight)] = m, v
        if arguments.get("amsgrad"):
            v = self.largest[id(weight)] = v.maximum(self.largest.get(id(weight), zeros))
        alpha = (1.0 - powers[1]).sqrt() * self._rate(arguments) / (1.0 - powers[0])
        weight.value = w - m * alpha / (v.sqrt() + epsilon)

    def _power(self, beta: float, dtype: str) -> Bounded:
        """`beta` to the number of updates, by a function which errs by 8 ULP."""
        base = constant(beta, dtype)
        return base.monotone(lambda v: np.asarray(v**self.count), ulp=8)

    def _average(self, trained: Sequence[Weight], arguments: Mapping[str, Any]) -> None:
        """Moves the averages, and makes them the weights if it is time.

        The documents do not say what they begin with. Those of Keras 2 begin with the weights that are there,
        those of Keras 3 with the weights that the first update leaves.
        """
        every = arguments.get("ema_overwrite_frequency")
        for weight in trained:
            w = weight.known()
            momentum = constant(arguments.get("ema_momentum", 0.99), w.dtype)
            old = self.averages.get(id(weight))
            new = w if old is None else momentum * old + (1.0 - momentum) * w
            self.averages[id(weight)] = new
            if every and self.count % int(every) == 0:
                if weight.constraint is not None and not _convex(weight.constraint):
                    raise Untold(
                        "the documents do not say whether a constraint is applied to an average"
                    )
                weight.value = new


def _averaged(arguments: Mapping[str, Any]) -> bool:
    found = arguments.get("use_ema", False)
    if not isinstance(found, bool):
        raise Untold("use_ema is no boolean")
    return found


def _convex(constraint: Literal) -> bool:
    name = constraint.name if isinstance(constraint, Reference) else str(constraint)
    return name.rpartition(".")[2] in _CONVEX


def _unscaled(g: Bounded, arguments: Mapping[str, Any]) -> Bounded:
    """The gradient of a loss that is multiplied by a scale, divided by that."""
    scale = arguments.get("loss_scale_factor")
    if scale is None:
        return g
    if not scale:
        raise Untold("a loss times 0 has no gradient")
    exactly = abs(float(np.frexp(scale)[0])) == 0.5
    return g if exactly else g.monotone(_same, ulp=_SCALING)


def _same(values: Array) -> Array:
    return values


def _clipped(
    pairs: Sequence[tuple[Weight, Bounded]], arguments: Mapping[str, Any]
) -> list[tuple[Weight, Bounded]]:
    """Gradients in the order of their weights, by the one argument for it that is given."""
    given = [name for name in _CLIPS if arguments.get(name) is not None]
    if not given:
        return list(pairs)
    if len(given) > 1:
        raise Untold("the documents do not say which way of clipping comes first")
    limit = arguments[given[0]]
    if not limit > 0:
        raise Untold("the documents do not say what clipping to 0 or less is")
    match given[0]:
        case "clipvalue":
            return [(w, g.minimum(limit).maximum(-limit)) for w, g in pairs]
        case "clipnorm":
            return [(w, _shortened(g, _squares(g), limit)) for w, g in pairs]
        case _:
            total = exact(np.zeros(()), pairs[0][1].dtype)
            for _, g in pairs:
                total = total + _squares(g)
            return [(w, _shortened(g, total, limit)) for w, g in pairs]


def _squares(g: Bounded) -> Bounded:
    return products(lambda a, b: np.asarray((a * b).sum()), g, g, g.dtype)


def _shortened(g: Bounded, squares: Bounded, limit: float) -> Bounded:
    """Brought to a norm of at most `limit`, where that of all is the root of `squares`."""
    norm = squares.sqrt()
    if float(norm.value + norm.error) < limit:
        return g
    most = constant(limit, g.dtype)
    return g * (most / norm.maximum(most))
