"""`tf.keras.models` of Keras 2: `Sequential`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import tensorflow as tf

from impl.keras2 import losses, optimizers
from impl.keras2.inputs import InputLayer
from impl.keras2.layer import Layer
from impl.keras2.layers import deserialize, serialize
from impl.keras2.saving import REGISTRY
from impl.shared import models as shared
from impl.shared.state import unique

__all__ = ["Sequential"]


class Sequential(shared.Sequential, Layer):
    """See `impl.shared.models.Sequential`."""

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

    def sum_losses(self, loss: Any, losses: Sequence[Any]) -> Any:
        """The loss of the targets, then what layers add."""
        if not losses:
            return loss
        return loss + tf.reduce_sum(tf.stack([tf.cast(x, loss.dtype) for x in losses]))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name."""
        return {"name": self.name, "layers": [serialize(layer) for layer in self._chain]}

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Any:
        """The model that `get_config` described; its weights are new."""
        model = cls(name=config.get("name"))
        for layer in config["layers"]:
            model.add(deserialize(layer, custom_objects))
        return model


REGISTRY.add_built_in("keras", Sequential)
