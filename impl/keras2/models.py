"""`tf.keras.models` of Keras 2: `Sequential`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import tensorflow as tf

from impl.keras2 import layers, losses, optimizers
from impl.keras2.inputs import InputLayer
from impl.keras2.layer import Layer
from impl.keras2.saving import REGISTRY
from impl.shared import models as shared
from impl.shared.state import unique

__all__ = ["Sequential"]


class Sequential(shared.Sequential, Layer):
    """See `impl.shared.models.Sequential`."""

    _family = layers
    _own_arguments = ("name",)
    input_layer = InputLayer
    not_a_layer = TypeError
    empty = TypeError
    uncompiled = RuntimeError

    def __init__(self, layers: Iterable[Any] | None = None, name: str | None = None) -> None:
        super().__init__(name=name)
        self.start(layers)

    @property
    def weights(self) -> list[tf.Variable]:
        """All weights, layer by layer. A layer alone lists its trainable ones first."""
        return unique([v for layer in self._chain for v in layer.weights])

    def _shape_of_first(self, layer: Any) -> Any:
        return layer._input_shape_argument

    def compile(
        self,
        optimizer: Any = "sgd",
        loss: Any = None,
        metrics: Any = None,
        run_eagerly: bool | None = None,
        jit_compile: bool | None = None,
    ) -> None:
        """What `fit` minimizes, how, and what it reports. With `jit_compile` under XLA."""
        eagerly = bool(run_eagerly)
        self.prepare(optimizers.get(optimizer), losses.get(loss), metrics, eagerly, jit_compile)

    def _total(self, loss: tf.Tensor, added: list[tf.Tensor]) -> tf.Tensor:
        return loss + tf.reduce_sum(tf.stack(added))


REGISTRY.add_built_in("keras", Sequential)
