"""`fit`: the losses and weights of every epoch, by the rules of the optimizers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from conformance.model import EPSILON, Case, Literal, Reference, Step
from conformance.oracle.bounded import USEFUL, Bounded, constant, exact
from conformance.oracle.layers import attached, gradients
from conformance.oracle.layers.attached import Untold
from conformance.oracle.layers.dense import Dense, Layer, Pull, Weight
from conformance.oracle.layers.products import cast
from conformance.oracle.truths import Truth, Unknown


def fit(layer: Layer, case: Case, step: Step, tape: list[Pull]) -> Mapping[str, Truth]:
    """Losses and weights after each epoch, by the names of the step's outcome."""
    from conformance.oracle.layers import given

    options: Any = step.options
    assert step.input is not None
    x, y = given(case.inputs[step.input]), case.inputs[options["target"]]
    loss = _loss(options["loss"])
    optimizer = _Optimizer(options["optimizer"], layer.dialect)
    size, found = options["batch_size"], dict[str, Truth]()
    target = y.tensor.values().astype(np.float64)
    for epoch in range(options["epochs"]):
        total = exact(np.zeros(()), "float32")
        for start in range(0, len(target), size):
            tape.clear()
            batch = x[start : start + size]
            p = layer(batch)
            labels = target[start : start + size]
            value, slope = loss(p, labels)
            if loss is _of_probabilities:
                slope = _through_softmax(layer, tape, p, labels) or slope
            penalties = [value, *layer.losses()]
            for weight in layer.weights():
                weight.gradient = None
            gradients.back(tape, slope, penalties=True)
            summed = penalties[0]
            for penalty in penalties[1:]:
                summed = summed + penalty
            total = total + cast(summed, "float32") * float(len(batch.value))
            optimizer.update(layer)
        found[f"losses:{epoch}"] = _useful((total / float(len(target))).reshape(1))
        for number, weight in enumerate(layer.weights()):
            found[f"weights:{epoch}-{number}"] = _useful(weight.known())
    return found


def _useful(x: Bounded) -> Truth:
    scale = float(np.abs(x.value).max(initial=0.0))
    worst = float(x.error.max(initial=0.0))
    if worst > USEFUL * scale:
        return Unknown("the error bound grows beyond 1/100 of the values along the training")
    return x


_LOSSES: Final = {"MeanSquaredError": {}, "SparseCategoricalCrossentropy": {"from_logits": False}}
_LOSS_ALIASES: Final = {
    "mse": "MeanSquaredError",
    "sparse_categorical_crossentropy": "SparseCategoricalCrossentropy",
}
Loss = Callable[[Bounded, Any], tuple[Bounded, Bounded]]


def _loss(literal: Literal) -> Loss:
    thing = attached.identified(literal, _LOSSES, _LOSS_ALIASES)
    if thing.name == "MeanSquaredError":
        return _squares
    return _of_logits if thing.arguments["from_logits"] else _of_probabilities


def _squares(p: Bounded, target: Any) -> tuple[Bounded, Bounded]:
    """The mean of squared differences, and its gradient."""
    off = p - exact(target, p.dtype)
    mean = (off * off).mean(-1).mean()
    return mean, off * 2.0 / float(off.value.size)


def _of_probabilities(p: Bounded, labels: Any) -> tuple[Bounded, Bounded]:
    """The mean of -log of the probability of each label, and its gradient."""
    hot = np.eye(p.shape[-1])[labels.astype(int)]
    # Official Keras divides by the sum, which is 1 up to rounding.
    q = p / p.sum(-1, keepdims=True)
    logs = (q * hot).sum(-1).monotone(np.log, ulp=8)
    return -logs.mean(), exact(-hot, p.dtype) / q / float(len(labels))


def _through_softmax(layer: Layer, tape: list[Pull], p: Bounded, labels: Any) -> Bounded | None:
    """The gradient before the softmax that ends a model whose loss takes probabilities.

    It is (p - hot) / n. An implementation divides by p in the gradient of the loss and multiplies by p in
    that of the softmax. These two cancel, so the error of p counts only once, in p - hot. Four more roundings
    are allowed for, of terms that are at most p and 1.
    """
    while layer.inner:
        layer = layer.inner[-1]
    ends = isinstance(layer, Dense) and layer.arguments.get("activation") == "softmax"
    if not ends or layer.activity_regularizer is not None:
        return None
    tape.pop()
    hot = np.eye(p.shape[-1])[labels.astype(int)]
    off = p - exact(hot, p.dtype)
    own = 4 * EPSILON[p.dtype] * (np.abs(p.value) + hot)
    return Bounded(off.value, off.error + own, p.dtype) / float(len(labels))


def _of_logits(z: Bounded, labels: Any) -> tuple[Bounded, Bounded]:
    """The same of the softmax of `z`."""
    hot = np.eye(z.shape[-1])[labels.astype(int)]
    logs = attached.activated("log_softmax", z, "keras3")
    softmax = attached.activated("softmax", z, "keras3")
    loss = -(logs * hot).sum(-1).mean()
    return loss, (softmax - hot) / float(len(labels))


@dataclass
class _Optimizer:
    """Gradient descent, with momentum or Nesterov's, or Adam."""

    literal: Literal
    dialect: str
    count: int = 0
    first: dict[int, Bounded] = field(default_factory=dict)
    second: dict[int, Bounded] = field(default_factory=dict)

    def update(self, layer: Layer) -> None:
        """Moves every trained weight by its gradient, then applies its constraint."""
        assert isinstance(self.literal, Reference)
        arguments = self.literal.arguments
        name = self.literal.name.rpartition(".")[2]
        self.count += 1
        for weight in layer.trained():
            if weight.regularizer is not None:
                weight.receive(attached.penalty_slope(weight.regularizer, weight.known()))
            if weight.gradient is None:
                continue
            if name == "SGD":
                self._descend(weight, weight.gradient, arguments)
            elif name == "Adam":
                self._adapt(weight, weight.gradient, arguments)
            else:
                raise Untold(f"the oracle has no optimizer {name}")
            weight.value = attached.constrained(weight.constraint, weight.known())

    def _descend(self, weight: Weight, g: Bounded, arguments: Mapping[str, Any]) -> None:
        rate = arguments.get("learning_rate", 0.01)
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
        rate = arguments.get("learning_rate", 0.001)
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
        alpha = (1.0 - powers[1]).sqrt() * rate / (1.0 - powers[0])
        weight.value = w - m * alpha / (v.sqrt() + epsilon)

    def _power(self, beta: float, dtype: str) -> Bounded:
        """`beta` to the number of updates, by a function which errs by 8 ULP."""
        base = constant(beta, dtype)
        return base.monotone(lambda v: np.asarray(v**self.count), ulp=8)
