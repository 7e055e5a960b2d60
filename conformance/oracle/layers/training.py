"""`compile`, `fit`, `evaluate`, `predict`: the losses and weights of every epoch, by the rules of the optimizers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

import numpy as np

from conformance.model import EPSILON, Array, Case, Input, Literal, Reference, Step
from conformance.oracle.bounded import USEFUL, Bounded, concatenate, exact
from conformance.oracle.layers import attached, gradients, losses
from conformance.oracle.layers.dense import Dense, Flags, Layer
from conformance.oracle.layers.optimizing import Optimizer
from conformance.oracle.layers.products import cast
from conformance.oracle.layers.world import Pull, Untold
from conformance.oracle.reading import Signatures
from conformance.oracle.truths import Truth, Unknown


class Training:
    """What a model is compiled with, and what becomes of it."""

    def __init__(self, layer: Layer) -> None:
        self.layer = layer
        self.loss: Loss | None = None
        self.optimizer: Optimizer | None = None
        self.flags: Flags = {}
        self.metrics: Sequence[str] = ()
        self.ran = self.stale = False

    def compile(self, options: Mapping[str, Any]) -> None:
        """From now on these are the optimizer and the loss, and what is trained is what is trainable now."""
        self.loss = _loss(options["loss"])
        self.optimizer = Optimizer(options["optimizer"], self.layer.dialect)
        self.metrics = tuple(options.get("metrics", ()))
        self.flags = self.layer.flags()
        self.ran = self.stale = False

    def moved(self) -> None:
        """Goes on with the model read from a file, or a copy, which is compiled when it is made."""
        self.flags = self.layer.flags()
        self.ran = self.stale = False

    def adjust(self, name: str, value: Any) -> None:
        """Sets an attribute of the optimizer."""
        if self.optimizer is None or not isinstance(self.optimizer.literal, Reference):
            raise ValueError("there is no optimizer")
        if name != "learning_rate":
            raise Untold(f"the documents do not say that {name} of an optimizer can be set")
        literal = self.optimizer.literal
        self.optimizer.literal = replace(literal, arguments={**literal.arguments, name: value})

    def outdated(self) -> None:
        """An attribute was set, which what has run may hold as it was."""
        self.stale = self.ran

    def _started(self) -> None:
        if self.stale:
            raise Untold(
                "the documents do not say what attributes a function already compiled reads"
            )
        self.ran = True

    def fit(self, case: Case, step: Step) -> Mapping[str, Truth]:
        """Losses and weights after each epoch, by the names of the step's outcome."""
        options: Any = step.options
        if "optimizer" in options:
            self.compile(options)
        self._started()
        layer, found = self.layer, dict[str, Truth]()
        for epoch in range(options["epochs"]):
            total, *_ = self._epoch(case, step, learning=True)
            found[f"losses:{epoch}"] = _useful(total.reshape(1))
            # A step trains in as many calls of `fit` as it has epochs.
            if self.optimizer is not None:
                self.optimizer.finish(layer.weights())
            for number, weight in enumerate(layer.weights()):
                found[f"weights:{epoch}-{number}"] = _useful(weight.known())
        return found

    def evaluate(self, case: Case, step: Step) -> Mapping[str, Truth]:
        """The loss, with penalties; then the metrics."""
        self._started()
        found = self._epoch(case, step, learning=False)
        if not self.metrics:
            return {"loss": _useful(found[0])}
        return {"loss": _useful(_row(found))}

    def method(self, case: Case, name: str, given: Mapping[str, Any]) -> Mapping[str, Truth]:
        """What a method of a model gives for tensors among its arguments."""
        x, y = given["x"], given["y"]
        if not (isinstance(x, Input) and isinstance(y, Input)):
            raise Untold("the documents do not say which lists of numbers or arrays are data")
        alone = name.endswith("_on_batch")
        size = x.tensor.shape[0] if alone else given.get("batch_size") or 32
        seen = _asked(case, x, y, size)
        if name == "fit":
            return self._history(case, seen, given)
        if name not in ("train_on_batch", "test_on_batch", "evaluate"):
            raise Untold(f"the oracle does not know what {name} does")
        self._started()
        found = self._epoch(*seen, learning=name == "train_on_batch")
        return self._named(found, as_dict=bool(given.get("return_dict")))

    def _history(
        self, case: Case, seen: tuple[Case, Step], given: Mapping[str, Any]
    ) -> Mapping[str, Truth]:
        """By name, a row of what each epoch gives; of the data for validation after the epoch."""
        rows: dict[str, list[Bounded]] = {}
        validation: Any = given.get("validation_data")
        size: Any = seen[1].options["batch_size"]
        if given.get("shuffle", True) and seen[0].inputs[0].tensor.shape[0] > size:
            raise Untold("the order of the samples is drawn")
        for _ in range(given.get("initial_epoch", 0), given.get("epochs", 1)):
            self._started()
            names = ["loss", *self.metrics]
            for name, value in zip(names, self._epoch(*seen, learning=True), strict=True):
                rows.setdefault(name, []).append(value)
            if validation is not None:
                other = _asked(case, validation[0], validation[1], size)
                for name, value in zip(names, self._epoch(*other, learning=False), strict=True):
                    rows.setdefault(f"val_{name}", []).append(value)
        if self.optimizer is not None:
            self.optimizer.finish(self.layer.weights())
        return {f"value:{name}": _useful(_row(values)) for name, values in rows.items()}

    def _named(self, found: Sequence[Bounded], *, as_dict: bool) -> Mapping[str, Truth]:
        if as_dict:
            names = ["loss", *self.metrics]
            return {f"value:{name}": _useful(x) for name, x in zip(names, found, strict=True)}
        return {"value": _useful(found[0] if len(found) == 1 else _row(found))}

    def predict(self, case: Case, step: Step) -> Mapping[str, Truth]:
        """The outputs, batch by batch."""
        from conformance.oracle.layers import given

        self._started()
        assert step.input is not None
        x, size = given(case.inputs[step.input]), int(str(step.options["batch_size"]))
        found = []
        for start in range(0, len(x.value), size):
            self.layer.tape.clear()
            found.append(self.layer.called(x[start : start + size]))
        return {"value": concatenate(found, 0)}

    def _epoch(self, case: Case, step: Step, *, learning: bool) -> list[Bounded]:
        """The mean loss of the samples, and the metrics; where `learning`, every batch is followed by an update."""
        from conformance.oracle.layers import given

        if self.loss is None or self.optimizer is None:
            raise ValueError("it is not compiled")
        options: Any = step.options
        assert step.input is not None
        x, y = given(case.inputs[step.input]), case.inputs[options["target"]]
        target, size = y.tensor.values().astype(np.float64), options["batch_size"]
        layer, total = self.layer, exact(np.zeros(()), "float32")
        metrics = [Metric(name) for name in self.metrics]
        if "16" in str(layer.world.settings.get("floatx")):
            raise Untold("the documents do not say what of a loss is computed in a narrow floatx")
        for start in range(0, len(target), size):
            layer.tape.clear()
            batch = x[start : start + size]
            p = layer.called(batch, training=learning)
            labels = target[start : start + size]
            if learning and p.dtype == "float64" and "floatx" in layer.world.settings:
                raise Untold("the documents do not say what a training in float64 keeps of it")
            # The documents do not say that a loss is computed in more than float32.
            narrow = cast(p, "float32") if p.dtype == "float64" else p
            value, slope = self._judged(narrow, labels)
            slope = cast(slope, p.dtype)
            summed = value
            for penalty in self._penalties():
                summed = summed + penalty
            total = total + cast(summed, "float32") * float(len(batch.value))
            for metric in metrics:
                metric.add(narrow, labels, layer.world.known_mask())
            if learning:
                for weight in layer.weights():
                    weight.gradient = None
                gradients.back(layer.tape, slope, penalties=True)
                self.optimizer.update(layer.trained(self.flags), layer.world.epsilon)
        return [total / float(len(target)), *(metric.mean() for metric in metrics)]

    def _judged(self, p: Bounded, labels: Any) -> tuple[Bounded, Bounded]:
        """The loss of outputs, and its gradient."""
        assert self.loss is not None
        of_classes = self.loss.function in (_of_logits, _of_probabilities)
        if of_classes and labels.ndim == len(p.shape):
            labels = labels[..., 0]
        mask = self.layer.world.known_mask()
        special = "epsilon" in self.layer.world.settings
        if mask is not None:
            if self.loss.function is not _squares or special:
                raise Untold("the oracle has masks of the mean squared error alone")
            value, slope = _masked(p, labels, mask)
        else:
            value, slope = self.loss.function(p, labels)
        if self.loss.function is _of_probabilities:
            if special:
                raise Untold("the documents do not say where probabilities are cut")
            slope = _through_softmax(self.layer, self.layer.tape, p, labels) or slope
        return self.loss.reduced(value, slope, p, mask)

    def _penalties(self) -> list[Bounded]:
        """Keras 3 leaves out those of weights that are not trained."""
        layer = self.layer
        changed = layer.dialect == "keras3" and layer.trained() != layer.trained(self.flags)
        if changed and any(weight.regularizer is not None for weight in layer.weights()):
            raise Untold("the documents do not say when the penalty of a frozen weight ceases")
        return layer.losses()


@dataclass
class Metric:
    """The running mean of a metric over samples."""

    name: str
    total: Bounded = field(default_factory=lambda: exact(np.zeros(()), "float32"))
    count: float = 0.0

    def add(self, p: Bounded, labels: Array, mask: Array | None) -> None:
        """Takes in a batch, of which the mask leaves some steps."""
        values = losses.measured(self.name, p, labels)
        weights = np.ones(values.shape) if mask is None else mask.astype(np.float64)
        if weights.shape != values.shape:
            raise Untold("the documents do not say what a mask of other steps does")
        self.total = self.total + cast((values * weights).sum(), "float32")
        self.count += float(weights.sum())

    def mean(self) -> Bounded:
        """The mean; four more roundings, since batches may be averaged first."""
        return (self.total / self.count).monotone(_same, ulp=4)


def _row(values: Sequence[Bounded]) -> Bounded:
    return concatenate([value.reshape(1) for value in values], 0)


def _asked(case: Case, x: Any, y: Any, size: Any) -> tuple[Case, Step]:
    """As `_epoch` reads tensors that are arguments, not inputs of the case."""
    return replace(case, inputs=(x, y)), Step("fit", 0, {"target": 1, "batch_size": size})


def _useful(x: Bounded) -> Truth:
    scale = float(np.abs(x.value).max(initial=0.0))
    worst = float(x.error.max(initial=0.0))
    if worst > USEFUL * scale:
        return Unknown("the error bound grows beyond 1/100 of the values along the training")
    return x


_REDUCTION: Final = {"reduction": "sum_over_batch_size"}
_LOSSES: Final[Signatures] = {
    "MeanSquaredError": _REDUCTION,
    "Huber": {"delta": 1.0, **_REDUCTION},
    "SparseCategoricalCrossentropy": {"from_logits": False, **_REDUCTION},
}
_LOSS_ALIASES: Final = {
    "mse": "MeanSquaredError",
    "sparse_categorical_crossentropy": "SparseCategoricalCrossentropy",
}


@dataclass(frozen=True)
class Loss:
    """A loss: its mean and the gradient of that; and whether it is the sum."""

    function: Callable[[Bounded, Any], tuple[Bounded, Bounded]]
    reduction: str

    def reduced(
        self, value: Bounded, slope: Bounded, p: Bounded, mask: Array | None
    ) -> tuple[Bounded, Bounded]:
        """The loss and its gradient, of the mean and that of the mean."""
        if self.reduction in ("sum_over_batch_size", "auto"):
            return value, slope
        if self.reduction != "sum":
            raise Untold(f"the oracle has no reduction {self.reduction}")
        count = math.prod(p.shape[:-1]) if mask is None else int(mask.sum())
        return value * float(count), slope * float(count)


def _loss(literal: Literal) -> Loss:
    thing = attached.identified(literal, _LOSSES, _LOSS_ALIASES)
    reduction = str(thing.arguments["reduction"])
    if thing.name == "MeanSquaredError":
        return Loss(_squares, reduction)
    if thing.name == "Huber":
        return Loss(partial(_huber, float(thing.arguments["delta"])), reduction)
    of_logits = thing.arguments["from_logits"]
    return Loss(_of_logits if of_logits else _of_probabilities, reduction)


def _squares(p: Bounded, target: Any) -> tuple[Bounded, Bounded]:
    """The mean of squared differences, and its gradient."""
    off = p - exact(target, p.dtype)
    mean = (off * off).mean(-1).mean()
    return mean, off * 2.0 / float(off.value.size)


def _huber(delta: float, p: Bounded, target: Any) -> tuple[Bounded, Bounded]:
    """The mean of half the squared differences, which goes on straight from `delta`, and its gradient."""
    off = p - exact(target, p.dtype)
    size = off.abs()
    near = size.value <= delta
    mean = (off * off * 0.5).where(near, size * delta - 0.5 * delta * delta).mean(-1).mean()
    straight = exact(np.sign(off.value) * delta, p.dtype)
    return mean, off.where(near, straight) / float(off.value.size)


def _masked(p: Bounded, target: Any, mask: Array) -> tuple[Bounded, Bounded]:
    """The same over the steps that a mask leaves, of which there must be some.

    Implementations scale the mask and take the mean of all: six more roundings.
    """
    count = float(mask.sum())
    if mask.shape != p.shape[:-1] or not count:
        raise Untold("the documents do not say what a mask of no or other steps does")
    off = p - exact(target, p.dtype)
    mean = ((off * off).mean(-1) * mask).sum() / count
    slope = off * 2.0 * mask[..., None] / (count * p.shape[-1])
    return mean.monotone(_same, ulp=6), slope.monotone(_same, ulp=6)


def _same(values: Array) -> Array:
    return values


def _of_probabilities(p: Bounded, labels: Any) -> tuple[Bounded, Bounded]:
    """The mean of -log of the probability of each label, and its gradient."""
    hot = np.eye(p.shape[-1])[labels.astype(int)]
    # Official Keras divides by the sum, which is 1 up to rounding.
    q = p / p.sum(-1, keepdims=True)
    logs = (q * hot).sum(-1).monotone(np.log, ulp=8)
    return -logs.mean(), exact(-hot, p.dtype) / q / float(labels.size)


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
    return Bounded(off.value, off.error + own, p.dtype) / float(labels.size)


def _of_logits(z: Bounded, labels: Any) -> tuple[Bounded, Bounded]:
    """The same of the softmax of `z`."""
    hot = np.eye(z.shape[-1])[labels.astype(int)]
    logs = attached.activated("log_softmax", z, "keras3")
    softmax = attached.activated("softmax", z, "keras3")
    loss = -(logs * hot).sum(-1).mean()
    return loss, (softmax - hot) / float(labels.size)
