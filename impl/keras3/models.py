"""`keras.models` of Keras 3: `Sequential`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import tensorflow as tf

from impl.keras3 import layers, losses, optimizers
from impl.keras3.inputs import InputLayer
from impl.keras3.layer import Layer
from impl.keras3.saving import REGISTRY
from impl.shared import models as shared

__all__ = ["Sequential"]


class Sequential(shared.Sequential, Layer):
    """See `impl.shared.models.Sequential`."""

    _family = layers
    _own_arguments = ("name", "trainable")
    input_layer = InputLayer
    not_a_layer = ValueError
    empty = IndexError
    uncompiled = ValueError

    def __init__(
        self, layers: Iterable[Any] | None = None, trainable: bool = True, name: str | None = None
    ) -> None:
        super().__init__(trainable=trainable, name=name)
        self.start(layers)

    def _shape_of_first(self, layer: Any) -> Any:
        shape = layer._input_shape_argument
        return None if shape is None else (None, *shape)

    def compile(
        self,
        optimizer: Any = "sgd",
        loss: Any = None,
        metrics: Any = None,
        run_eagerly: bool = False,
        jit_compile: Any = "auto",
    ) -> None:
        """What `fit` minimizes, how, and what it reports. "auto" is no XLA."""
        jit = None if jit_compile == "auto" else bool(jit_compile)
        self.prepare(optimizers.get(optimizer), losses.get(loss), metrics, run_eagerly, jit)

    def _total(self, loss: tf.Tensor, added: list[tf.Tensor]) -> tf.Tensor:
        return tf.reduce_sum(tf.stack([loss, *added]))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name, and the shape that the model is built for."""
        config = super().get_config()
        config["dtype"] = REGISTRY.serialize_keras_object(self.dtype_policy)
        if self.built and self.input_shape is not None:
            config["build_input_shape"] = self.input_shape
        return config

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Any:
        """The model that `get_config` described; its weights are new."""
        model = super().from_config(config, custom_objects)
        shape = config.get("build_input_shape")
        if shape is not None and not model.built:
            model.build(tuple(shape))
        return model


REGISTRY.add_built_in("keras", Sequential)
