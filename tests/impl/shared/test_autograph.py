"""In a trace, Python control flow on tensors works in users' code, and only that is converted."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

import impl.keras2
import impl.keras3
from impl.shared.autograph import converted

DIALECTS = pytest.mark.parametrize("keras", [impl.keras2, impl.keras3], ids=["keras2", "keras3"])


def by_sign(y_true: Any, y_pred: Any) -> Any:
    """0.5 for predictions whose sum is positive, else 2."""
    if tf.reduce_sum(y_pred) > 0:
        return 0.5 * tf.ones_like(y_pred[:, 0])
    return 2.0 * tf.ones_like(y_pred[:, 0])


def made(keras: Any, loss: Any, metrics: Any = None) -> Any:
    """A model of one layer whose `call` asks the values of a tensor."""

    class Doubled(keras.layers.Layer):  # type: ignore[misc]
        def call(self, inputs: Any) -> Any:
            if tf.reduce_sum(inputs) > 0:
                return inputs * 2.0
            return inputs - 1.0

    model = keras.Sequential([keras.layers.Dense(1, kernel_initializer="ones"), Doubled()])
    model.compile(optimizer="sgd", loss=loss, metrics=metrics)
    return model


@DIALECTS
def test_the_call_of_a_layer_of_the_user_is_converted(keras: Any) -> None:
    model = made(keras, "mse")
    y = np.zeros((2, 1), np.float32)
    for x, output in ((np.ones((2, 3), np.float32), 6.0), (-np.ones((2, 3), np.float32), -4.0)):
        assert model.predict(x, verbose=0).tolist() == [[output], [output]]
        assert model.evaluate(x, y, verbose=0) == output**2
    model.fit(-np.ones((2, 3), np.float32), y, epochs=1, verbose=0)
    # The gradient of the mean of (-3 - 1)^2 by each weight is 8, and the rate 0.01.
    np.testing.assert_allclose(model.get_weights()[0].ravel(), 1 - 0.08, rtol=1e-6)


@DIALECTS
def test_losses_and_metrics_of_the_user_are_converted(keras: Any) -> None:
    model = made(keras, by_sign, [by_sign])
    x, y = np.ones((2, 3), np.float32), np.zeros((2, 1), np.float32)
    assert model.evaluate(x, y, verbose=0) == [0.5, 0.5]
    assert model.evaluate(-x, y, verbose=0) == [2.0, 2.0]


@DIALECTS
def test_a_loss_class_of_the_user_is_converted(keras: Any) -> None:
    class BySign(keras.losses.Loss):  # type: ignore[misc]
        def call(self, y_true: Any, y_pred: Any) -> Any:
            return by_sign(y_true, y_pred)

    x, y = np.ones((2, 3), np.float32), np.zeros((2, 1), np.float32)
    model = made(keras, BySign())
    assert model.evaluate(x, y, verbose=0) == 0.5
    assert model.evaluate(-x, y, verbose=0) == 2.0


@DIALECTS
def test_a_layer_in_a_function_of_the_user(keras: Any) -> None:
    model = made(keras, "mse")
    traced = tf.function(lambda x: model(x))
    assert traced(tf.ones((1, 3))).numpy().tolist() == [[6.0]]
    assert traced(-tf.ones((1, 3))).numpy().tolist() == [[-4.0]]


@DIALECTS
def test_the_code_of_the_package_is_traced_as_it_is(keras: Any) -> None:
    seen: set[str] = set()

    def activation(x: Any) -> Any:
        seen.update(Path(frame.filename).name for frame in inspect.stack())
        return x

    model = keras.Sequential([keras.layers.Dense(1, activation=activation)])
    model.compile(optimizer="sgd", loss="mse")
    x, y = np.ones((2, 3), np.float32), np.zeros((2, 1), np.float32)
    for trace in (
        lambda: model.fit(x, y, verbose=0),
        lambda: model.evaluate(x, y, verbose=0),
        lambda: model.predict(x, verbose=0),
    ):
        seen.clear()
        trace()
        assert {"training.py", "layer.py", "dense.py"} <= seen
        assert not [name for name in seen if "autograph_generated" in name]


def test_nothing_is_converted_outside_of_a_trace() -> None:
    assert converted(by_sign) is by_sign
