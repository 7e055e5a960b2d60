"""`compile`, `fit`, `evaluate` and `predict`. Source: https://keras.io/api/models/."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from operator import getitem
from typing import Any, ClassVar

import numpy as np
import tensorflow as tf

from impl.core.convert import as_tensor
from impl.shared.autograph import converted, unconverted
from impl.shared.metrics import Mean, metric

Batch = tuple[Any, Any]


@dataclass
class History:
    """What `fit` returns: `history`, the values of each epoch by name, and which epochs they were."""

    history: dict[str, list[float]] = field(default_factory=dict)
    epoch: list[int] = field(default_factory=list)
    params: dict[str, Any] = field(default_factory=dict)

    def add(self, epoch: int, values: dict[str, float]) -> None:
        """The values of one epoch."""
        self.epoch.append(epoch)
        for name, value in values.items():
            self.history.setdefault(name, []).append(value)


class Data:
    """Batches of `size`, None for 32: slices of `x` and `y` along the first axis, or a dataset's."""

    def __init__(self, x: Any, y: Any, size: int | None, floatx: str, numbers: bool) -> None:
        self.x, self.y = as_data(x, y, floatx, numbers)
        self.size = 32 if size is None else size

    def count(self) -> int | None:
        """How many batches there are, or None where nobody knows."""
        if not isinstance(self.x, tf.data.Dataset):
            return -(-len(self.x) // self.size)
        known = int(self.x.cardinality().numpy())
        return known if known >= 0 else None

    def traced(self, step: Any) -> Any:
        """`step`, and if it is traced, for a batch of any size where not all batches have one."""
        arrays = isinstance(self.x, tf.Tensor) and hasattr(step, "get_concrete_function")
        if not arrays or self.y is None or len(self.x) % self.size == 0:
            return step
        specs = (tf.TensorSpec([None, *t.shape[1:]], t.dtype) for t in (self.x, self.y))
        return step.get_concrete_function(*specs)

    def batches(self, shuffle: bool = False) -> Iterator[Batch]:
        """The batches; with `shuffle` of samples in a new order, from NumPy's generator."""
        x, y = self.x, self.y
        if isinstance(x, tf.data.Dataset):
            yield from ((b if isinstance(b, tuple) else (b, None)) for b in x)
            return
        order = np.random.permutation(len(x)) if shuffle else None
        take = getitem if order is None else tf.gather
        for start in range(0, len(x), self.size):
            part: Any = slice(start, start + self.size)
            part = part if order is None else order[part]
            yield take(x, part), None if y is None else take(y, part)


def as_data(x: Any, y: Any, floatx: str, numbers: bool = False) -> Batch:
    """`x` and `y` as tensors, floats as `floatx`. ValueError unless they are arrays of equal length.

    A list has an array for each input of a model, of which there is one: the first is taken. With `numbers`
    nested lists of numbers are arrays, too, where all data are lists.
    """
    if isinstance(x, tf.data.Dataset):
        return x, None
    listed = numbers and all(isinstance(data, (list, tuple, type(None))) for data in (x, y))
    x = _as_floatx(_array("x", x, listed), floatx)
    y = None if y is None else _as_floatx(_array("y", y, listed), floatx)
    if y is not None and len(x) != len(y):
        raise ValueError(f"x and y must have as many samples, got {len(x)} and {len(y)}")
    return x, y


def _array(name: str, value: Any, listed: bool) -> Any:
    """The array that a list has."""
    if isinstance(value, (list, tuple)) and value:
        if all(_is_array(x) and len(x) == len(value[0]) for x in value):
            return value[0]
        if listed and not _is_array(value[0]):
            return np.asarray(value)
    if not _is_array(value):
        raise ValueError(f"{name} must be an array, a tensor or a dataset, got {value!r}")
    return value


def _is_array(value: Any) -> bool:
    return isinstance(value, (np.ndarray, tf.Tensor, tf.Variable))


def _as_floatx(value: Any, floatx: str) -> tf.Tensor:
    tensor = as_tensor(value)
    arrays = not isinstance(value, tf.Tensor) and tensor.dtype.is_floating
    return tf.cast(tensor, floatx) if arrays else tensor


class Bar:
    """Progress on standard output. `verbose`: 0 nothing, 1 a line that is rewritten, 2 one at the end."""

    def __init__(self, verbose: Any, steps: int | None) -> None:
        self.verbose = 1 if verbose == "auto" else int(verbose)
        self.steps = steps
        self.started = time.perf_counter()

    def show(self, step: int, values: dict[str, float], last: bool) -> None:
        """Writes what there is after `step` steps."""
        if not self.verbose or (self.verbose == 2 and not last):
            return
        seconds = time.perf_counter() - self.started
        facts = [f"{step}/{self.steps or step}", f"{seconds:.0f}s"]
        facts += [f"{name}: {value:.4f}" for name, value in values.items()]
        ahead = "\r" if self.verbose == 1 else ""
        sys.stdout.write(ahead + " - ".join(facts) + ("\n" if last else ""))
        sys.stdout.flush()


@dataclass
class Compiled:
    """The steps that are traced from what `compile` was given, and the means that they add to.

    Those of the dialects that trace a single batch apart from the batches of `fit` end in `_batch`.
    """

    means: Sequence[Mean]
    train: Callable[..., Any]
    test: Callable[..., Any]
    train_batch: Callable[..., Any]
    test_batch: Callable[..., Any]

    def results(self) -> dict[str, float]:
        """The means so far, by label."""
        return {mean.label: mean.result() for mean in self.means}

    def report(self, as_dict: bool) -> Any:
        """The means as a dict, or else as a list, and the loss by itself as a number."""
        values = self.results()
        if as_dict:
            return values
        return list(values.values()) if len(values) > 1 else values["loss"]

    def reset(self) -> None:
        """Begins new means."""
        for mean in self.means:
            mean.reset()


def compiled(
    model: Any, optimizer: Any, loss: Any, metrics: Sequence[Any], graph: bool, jit: bool | None
) -> Compiled:
    """The steps of training and evaluation: a forward pass, the loss with all that layers add.

    With `graph` each is one `tf.function`, under XLA with `jit`.
    """
    labels = [metric(m) for m in metrics]
    dtype = model.means_dtype()
    means = [Mean("loss", dtype), *(Mean(label, dtype) for label, _ in labels)]

    def total_loss(y: Any, y_pred: Any) -> Any:
        value = tf.zeros((), dtype) if loss is None else loss(y, y_pred)
        return model.sum_losses(value, model.losses)

    def measure(x: Any, y: Any, y_pred: Any, value: Any) -> None:
        alone = loss is None and model.added_counts_once
        samples = 1 if alone else tf.shape(tf.nest.flatten(x)[0])[0]
        means[0].add(tf.reduce_mean(value) * tf.cast(samples, value.dtype), samples)
        mask = getattr(y_pred, "_keras_mask", None)
        for mean, (_, function) in zip(means[1:], labels, strict=True):
            values = converted(function)(y, y_pred)
            mean.add_values(values, mask if values.shape.rank else None)

    def train(x: Any, y: Any) -> None:
        with model.as_compiled():
            with tf.GradientTape() as tape:
                y_pred = model(x, training=True)
                value = total_loss(y, y_pred)
                scaled = optimizer.scaled(value)
            variables = model.trainable_weights
            if variables:  # otherwise all weights are frozen, and there is the loss to report
                gradients = tape.gradient(scaled, variables)
                # Weights that were not made to be trained get no gradients, in official Keras either.
                pairs = zip(gradients, variables, strict=True)
                gradients = [g if v._trainable else None for g, v in pairs]
                optimizer.apply_gradients(zip(gradients, variables, strict=True))
        measure(x, y, y_pred, value)

    def test(x: Any, y: Any) -> None:
        y_pred = model(x, training=False)
        measure(x, y, y_pred, total_loss(y, y_pred))

    steps = [train, test]
    alone = steps
    if graph:
        traced = tf.function(reduce_retracing=True, jit_compile=jit)
        steps = [traced(unconverted(step)) for step in (train, test)]
        alone = (
            [traced(unconverted(step)) for step in (train, test)]
            if model.traces_batches_apart
            else steps
        )
    return Compiled(means, *steps, *alone)


class Trainer:
    """What a model does with data. `model(x, training=...)` and `model.losses` are the layer's."""

    _compiled: Compiled | None
    uncompiled: type[Exception]
    traces_batches_apart: ClassVar[bool]
    # Where there is no loss but what layers add, each batch has the same weight in its mean.
    added_counts_once: ClassVar[bool]
    # Whether nested lists of numbers are data, though not a single batch.
    takes_numbers: ClassVar[bool]
    # Whether no data at all are an error.
    needs_data: ClassVar[bool]
    _name: str
    kit: ClassVar[Any]
    # The loss and what layers add, which is at least one.
    _total: Callable[[tf.Tensor, list[tf.Tensor]], tf.Tensor]

    def prepare(
        self, optimizer: Any, loss: Any, metrics: Any, run_eagerly: bool, jit_compile: bool | None
    ) -> None:
        """Keeps what `fit` and `evaluate` need; weights and slots stay as they are."""
        self.__dict__["_compile_arguments"] = (optimizer, loss, metrics, run_eagerly, jit_compile)
        self.optimizer = optimizer
        for made in ("_compiled", "_predict"):
            self.__dict__.pop(made, None)

    def means_dtype(self) -> str:
        """What losses and metrics are averaged in."""
        return "float32"

    def as_compiled(self) -> AbstractContextManager[Any]:
        """The context that a step of training is traced in."""
        return nullcontext()

    def _predictor(self) -> Any:
        if "_predict" not in vars(self):
            self.__dict__["_predict"] = tf.function(
                unconverted(lambda x: self(x, training=False)),  # type: ignore[operator]
                reduce_retracing=True,
            )
        return vars(self)["_predict"]

    def _require_compiled(self) -> Compiled:
        given = vars(self).get("_compile_arguments")
        if given is None:
            raise self.uncompiled(f"model {self._name!r} must be compiled first: call compile()")
        if "_compiled" not in vars(self):  # so that a wrong metric shows here, as in official Keras
            optimizer, loss, metrics, run_eagerly, jit_compile = given
            chosen = metrics if isinstance(metrics, (list, tuple)) else [metrics]
            chosen = [] if metrics is None else chosen
            steps = compiled(self, optimizer, loss, chosen, not run_eagerly, jit_compile)
            self.__dict__["_compiled"] = steps
        return vars(self)["_compiled"]  # type: ignore[no-any-return]

    def sum_losses(self, loss: Any, losses: Sequence[Any]) -> Any:
        """The loss of the targets and what layers add, in the order of the dialect."""
        return self._total(loss, [tf.cast(x, loss.dtype) for x in losses]) if losses else loss

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        validation_data: Any = None,
        shuffle: bool = True,
        initial_epoch: int = 0,
    ) -> History:
        """Trains on `x` and `y`, arrays or tensors, or on a dataset of batches.

        Args:
            x: the inputs.
            y: the targets; None for a dataset, which has them.
            batch_size: None for 32.
            epochs: the number of the last epoch.
            verbose: 0 silent, 1 or "auto" a bar, 2 a line for each epoch.
            validation_data: a pair like `x` and `y`, which `evaluate` sees after each epoch.
            shuffle: a new order of samples in each epoch, from NumPy's generator.
            initial_epoch: the number of the first epoch.

        """
        steps, data = self._require_compiled(), self._data(x, y, batch_size)
        number, step = data.count(), data.traced(steps.train)
        history = History(params={"verbose": verbose, "epochs": epochs, "steps": number})
        for epoch in range(initial_epoch, epochs):
            bar = Bar(verbose, number)
            if bar.verbose and epochs > 1:
                print(f"Epoch {epoch + 1}/{epochs}")
            done = self._pass(step, data.batches(shuffle), bar, validation_data is None)
            values = steps.results() if done else {}
            if validation_data is not None:
                seen = self.evaluate(validation_data[0], validation_data[1], data.size, 0, True)
                values |= {f"val_{name}": value for name, value in seen.items()}
                bar.show(done, values, last=True)
            history.add(epoch, values)
        if history.epoch:
            self.optimizer.finalize_variable_values()
        return history

    def _data(self, x: Any, y: Any, size: int | None) -> Data:
        return Data(x, y, size, self.kit.settings.floatx(), self.takes_numbers)

    def _pass(self, step: Callable[..., Any], data: Iterator[Batch], bar: Bar, ends: bool) -> int:
        """Takes a step for each batch; how many there were. ValueError for none, unless the dialect has that."""
        steps = self._require_compiled()
        steps.reset()
        number = 0
        for number, (x, y) in enumerate(data, 1):
            step(x, y)
            if bar.verbose == 1:
                bar.show(number, steps.results(), last=False)
        if not number and self.needs_data:
            raise ValueError("there must be a batch of data, got none")
        if ends and number:
            bar.show(number, steps.results(), last=True)
        return number

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        return_dict: bool = False,
    ) -> Any:
        """The loss and the metrics: a list in that order, a number if alone, or a dict."""
        steps, data = self._require_compiled(), self._data(x, y, batch_size)
        bar = Bar(verbose, data.count())
        if self._pass(data.traced(steps.test), data.batches(), bar, True):
            return steps.report(return_dict)
        return {} if return_dict else []

    def predict(self, x: Any, batch_size: int | None = None, verbose: Any = "auto") -> np.ndarray:
        """The outputs for all batches of `x`, as one array."""
        function = self._predictor()
        data = self._data(x, None, batch_size)
        bar = Bar(verbose, data.count())
        found = []
        for number, (batch, _) in enumerate(data.batches(), 1):
            found.append(function(batch).numpy())
            bar.show(number, {}, last=False)
        bar.show(len(found), {}, last=True)
        return np.concatenate(found)

    def _single(self, x: Any, y: Any) -> Iterator[Batch]:
        return iter([as_data(x, y, self.kit.settings.floatx())])

    def train_on_batch(self, x: Any, y: Any = None, return_dict: bool = False) -> Any:
        """One step of training; the loss and the metrics of this batch, as `evaluate` gives them."""
        steps = self._require_compiled()
        self._pass(steps.train_batch, self._single(x, y), Bar(0, 1), False)
        return steps.report(return_dict)

    def test_on_batch(self, x: Any, y: Any = None, return_dict: bool = False) -> Any:
        """The loss and the metrics of this batch, as `evaluate` gives them."""
        steps = self._require_compiled()
        self._pass(steps.test_batch, self._single(x, y), Bar(0, 1), False)
        return steps.report(return_dict)
