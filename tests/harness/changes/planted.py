"""A small model, and Kerases that are wrong about it, without a process of their own."""

from __future__ import annotations

import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from conformance.subjects import resolve
from conformance.subjects.base import Place
from conformance.subjects.namespace import NamespaceSubject
from conformance.subjects.saved import serving


def saved(path: Path) -> Path:
    """A model of two inputs and two outputs, with a shared layer, a model inside, and an operator."""
    import keras
    from keras import layers

    # The weights are drawn alike each time, and the generators of other tests stay as they were.
    numbers, choices = np.random.get_state(), random.getstate()
    keras.utils.clear_session()  # names that Keras makes are numbered
    keras.utils.set_random_seed(1)
    image, extra = layers.Input((8, 8, 3), name="image"), layers.Input((5,), name="extra")
    x = layers.Conv2D(8, 3, strides=2, padding="same", name="stem")(image)
    x = layers.ReLU(6.0, name="cut")(layers.BatchNormalization(name="norm")(x))
    shared = layers.DepthwiseConv2D(3, padding="same", name="shared")
    x = layers.Add(name="sum")([x, shared(shared(x))]) * 0.5
    inner = [layers.Input((4, 4, 8)), layers.Conv2D(4, 3, activation="tanh", name="inside")]
    x = keras.Sequential([*inner, layers.GlobalAveragePooling2D(name="mean")], name="part")(x)
    x = layers.Concatenate(name="both")([x, layers.Dense(4, name="side")(extra)])
    outputs = [
        layers.Dense(3, activation="softmax", name="odds")(x),
        layers.Dense(2, name="sum2")(x),
    ]
    model = keras.Model([image, extra], outputs, name="small")
    norm = model.get_layer("norm")
    gamma, beta, mean, _ = norm.get_weights()
    # Of a variance of 1 ten times the epsilon changes less than of those that trained models have.
    norm.set_weights([gamma, beta, mean, np.linspace(0.05, 0.5, 8, dtype="float32")])
    model.save(path)
    np.random.set_state(numbers)
    random.setstate(choices)
    return path


def wrong() -> dict[str, Any]:
    """Official layers, each with a fault in one layer of that name."""
    import keras

    class Padded(keras.layers.Conv2D):
        def call(self, x: Any) -> Any:
            if self.name != "stem":
                return super().call(x)
            padded = keras.ops.pad(x, ((0, 0), (1, 0), (1, 0), (0, 0)))
            return keras.ops.conv(padded, self.kernel, 2, "valid") + self.bias

    class Loose(keras.layers.BatchNormalization):
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self.epsilon *= 10

    class Halved(keras.layers.Conv2D):
        def set_weights(self, weights: Any) -> None:
            if self.name == "inside":
                weights = [weights[0].astype("float16").astype("float32"), *weights[1:]]
            super().set_weights(weights)

    class Refuses(keras.layers.Dense):
        def call(self, x: Any) -> Any:
            raise RuntimeError("no matrices today")

    def with_layers(**changed: Any) -> Any:
        return SimpleNamespace(
            layers=SimpleNamespace(**{**vars(keras.layers), **changed}), saving=keras.saving
        )

    return {
        "padding": with_layers(Conv2D=Padded),
        "epsilon": with_layers(BatchNormalization=Loose),
        "half": with_layers(Conv2D=Halved),
        "refuses": with_layers(Dense=Refuses),
    }


class Here:
    """What a worker answers, without a process."""

    faulty: dict[str, Any]

    def __init__(self, name: str, place: Place) -> None:
        (right,) = resolve("keras")
        assert isinstance(right, NamespaceSubject)
        subject = right
        if name in self.faulty:
            subject = NamespaceSubject(name, "keras3", self.faulty[name], right.library)
        self.loaded: dict[str, Any] = {}
        self._serving = serving.Serving(subject)
        self.hello = {"provenance": {"package": name, "version": "1"}}

    def ask(self, do: str, **request: Any) -> dict[str, Any]:
        return serving.answered(self._serving, {"do": do, **request})

    def close(self) -> None:
        pass
