"""What only a second step shows: training in parts, evaluation, copies, files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from wrong import tensorflow
from wrong.layers.making import DENSE, Change, Keras, Official, method
from wrong.pairs.making import Pair

MODEL: Final = "models.Sequential"
SGD: Final = "optimizers.SGD"


def module(path: str, wrong: Callable[..., Any]) -> Change:
    """A function of a module as `wrong(official, *arguments)`."""

    def change(keras: Keras) -> Mapping[str, Any]:
        official = keras.member(path)
        return {path: lambda *given, **named: wrong(official, *given, **named)}

    return change


def setter(
    name: str, wrong: Callable[[Any, Official, Any], None], path: str | None = None
) -> Change:
    """A property that is set as `wrong(self, official, value)`."""

    def change(keras: Keras) -> Mapping[str, Any]:
        owner = path or keras.target
        official = getattr(keras.member(owner), name)

        def replaced(self: Any, value: Any) -> None:
            wrong(self, lambda given: official.fset(self, given), value)

        return {f"{owner}.{name}": property(official.fget, replaced)}

    return change


# Training and evaluation.


def _not_once_built(self: Any, official: Official, value: Any) -> None:
    if not getattr(self, "built", False):
        official(value)


def _nothing(self: Any, official: Official, value: Any) -> None:
    pass


def _whole_but_its_layers(self: Any, official: Official, value: Any) -> None:
    """What is set for a model stays with it: its layers have flags of their own."""
    kept = [(layer, layer.trainable) for layer in self.layers]
    official(value)
    for layer, own in kept:
        layer.trainable = own


def _optimizer_begins_anew(self: Any, official: Official, *given: Any, **named: Any) -> Any:
    for variable in self.optimizer.variables:
        if "learning_rate" not in variable.name:
            variable.assign(tensorflow().zeros(variable.shape, variable.dtype))
    return official(*given, **named)


def _optimizer_goes_on(self: Any, official: Official, **named: Any) -> None:
    kept = getattr(self, "optimizer", None)
    official(**{**named, "optimizer": kept or named["optimizer"]})


def _batches_of_one_weight(self: Any, official: Official, x: Any, y: Any, **named: Any) -> Any:
    size = named["batch_size"]
    starts = range(0, len(x), size)
    losses = [official(x[i : i + size], y[i : i + size], **named) for i in starts]
    return np.float32(np.mean(losses))


def _without_penalties(self: Any, official: Official, x: Any, y: Any, **named: Any) -> Any:
    penalties = sum(float(each) for layer in self.layers for each in _of_weights(layer))
    return official(x, y, **named) - penalties


def _of_weights(layer: Any) -> Sequence[Any]:
    penalty = getattr(layer, "kernel_regularizer", None)
    return [] if penalty is None else [penalty(tensorflow().convert_to_tensor(layer.kernel))]


def _last_batch_first(self: Any, official: Official, x: Any, **named: Any) -> Any:
    y, size = official(x, **named), named["batch_size"]
    rest = len(y) % size or size
    return np.concatenate([y[-rest:], y[:-rest]])


def _whole_batches(self: Any, official: Official, x: Any, **named: Any) -> Any:
    y = official(x, **named)
    return y[: len(y) - len(y) % named["batch_size"]]


# Copies and files.


def _with_weights(official: Official, model: Any, **named: Any) -> Any:
    cloned = official(model, **named)
    if model.built:
        cloned.set_weights(model.get_weights())
    return cloned


def _without_dropping(official: Official, model: Any, **named: Any) -> Any:
    """A clone of a model whose flags are forgotten."""
    cloned = official(model, **named)
    for layer in cloned.layers:
        layer.trainable = True
    return cloned


def _weights_of_the_first_layer(self: Any, official: Official, path: Any, **named: Any) -> None:
    kept = [layer.get_weights() for layer in self.layers]
    official(path, **named)
    for layer, values in list(zip(self.layers, kept, strict=True))[1:]:
        layer.set_weights(values)


def loaded(edit: Callable[[Any], Any]) -> Change:
    """`load_model`, and then something done to what was loaded."""

    def wrong(official: Official, *given: Any, **named: Any) -> Any:
        model = official(*given, **named)
        edit(model)
        return model

    return module("models.load_model", wrong)


def _without_biases(model: Any) -> None:
    model.set_weights([w if w.ndim > 1 else w * 0 for w in model.get_weights()])


def _thawed(model: Any) -> None:
    model.trainable = True
    for layer in model.layers:
        layer.trainable = True


def _optimizer_forgotten(model: Any) -> None:
    for variable in model.optimizer.variables:
        if "learning_rate" not in variable.name:
            variable.assign(tensorflow().zeros(variable.shape, variable.dtype))


def _rate_forgotten(model: Any) -> None:
    model.optimizer.learning_rate = 0.01


_MOMENTUM: Final = "sequence-fits/SGD-momentum"

PAIRS: Final[tuple[Pair, ...]] = (
    Pair(
        "trained-though-frozen-once-built",
        DENSE,
        ("sequence-freeze/trainable-SGD-fit-freeze-compile-fit",),
        ("weights",),
        setter("trainable", _not_once_built),
    ),
    Pair(
        "a-frozen-model-whose-layers-are-not",
        MODEL,
        ("sequence-flags/whole-after-build", "sequence-flags/whole-after-compile"),
        ("attributes",),
        setter("trainable", _whole_but_its_layers),
    ),
    Pair(
        "optimizer-begins-anew-with-each-fit",
        DENSE,
        (f"{_MOMENTUM}-fit-fit",),
        ("weights",),
        method("fit", _optimizer_begins_anew, MODEL),
    ),
    Pair(
        "optimizer-goes-on-after-compile",
        DENSE,
        (f"{_MOMENTUM}-fit-compile-fit",),
        ("weights",),
        method("compile", _optimizer_goes_on, MODEL),
    ),
    Pair(
        "rate-set-between-fits-ignored",
        DENSE,
        ("sequence-fits/SGD-fit-rate-fit",),
        ("weights",),
        setter("learning_rate", _nothing, SGD),
    ),
    Pair(
        "evaluates-batches-as-if-of-one-size",
        DENSE,
        ("sequence-evaluate/before-fit-batches-of-3",),
        ("loss",),
        method("evaluate", _batches_of_one_weight, MODEL),
    ),
    Pair(
        "evaluates-without-penalties",
        DENSE,
        ("sequence-penalty/kernel-evaluate-batches-of-3",),
        ("loss",),
        method("evaluate", _without_penalties, MODEL),
    ),
    Pair(
        "predicts-the-last-batch-first",
        DENSE,
        ("sequence-evaluate/before-fit-batches-of-3",),
        ("value",),
        method("predict", _last_batch_first, MODEL),
    ),
    Pair(
        "predicts-whole-batches-only",
        DENSE,
        ("sequence-evaluate/before-fit-batches-of-2",),
        ("shape",),
        method("predict", _whole_batches, MODEL),
    ),
    Pair(
        "clone-with-the-weights",
        MODEL,
        ("sequence-copy/clone-after-fit-predict",),
        ("value", "weights"),
        module("models.clone_model", _with_weights),
    ),
    Pair(
        "clone-thawed",
        MODEL,
        ("sequence-copy/clone-layers-0-trainable-fit",),
        ("weights",),
        module("models.clone_model", _without_dropping),
    ),
    Pair(
        "file-forgets-biases",
        MODEL,
        ("sequence-file/model-keras", "sequence-file/model-h5"),
        ("value", "weights"),
        loaded(_without_biases),
    ),
    Pair(
        "file-forgets-what-is-frozen",
        MODEL,
        ("sequence-file/layers-0-trainable-keras", "sequence-file/layers-0-trainable-h5"),
        ("weights",),
        loaded(_thawed),
    ),
    Pair(
        "file-forgets-the-optimizer",
        MODEL,
        (
            "sequence-file/model-SGD-momentum-fit-keras-fit",
            "sequence-file/model-Adam-fit-keras-fit",
        ),
        ("weights",),
        loaded(_optimizer_forgotten),
    ),
    Pair(
        "file-forgets-the-rate",
        MODEL,
        ("sequence-file/rate-keras-fit",),
        ("attributes", "weights"),
        loaded(_rate_forgotten),
    ),
    Pair(
        "file-of-weights-read-for-the-first-layer-alone",
        MODEL,
        ("sequence-file/model-weights",),
        ("value", "weights"),
        method("load_weights", _weights_of_the_first_layer, MODEL),
    ),
)
