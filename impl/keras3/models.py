"""`keras.models` of Keras 3: `Sequential`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import tensorflow as tf

from impl.keras3 import layers, losses, optimizers, regularizers
from impl.keras3.inputs import InputLayer
from impl.keras3.layer import Layer
from impl.keras3.saving import REGISTRY
from impl.shared import models as shared
from impl.shared.losses import of_function

__all__ = ["Sequential", "clone_model"]


class Sequential(shared.Sequential, Layer):
    """See `impl.shared.models.Sequential`."""

    _family = layers
    _own_arguments = ("name", "trainable")
    input_layer = InputLayer
    not_a_layer = ValueError
    empty = IndexError
    uncompiled = ValueError
    traces_batches_apart = True
    added_counts_once = False
    takes_numbers = False
    needs_data = False

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
        optimizer: Any = "rmsprop",
        loss: Any = None,
        metrics: Any = None,
        run_eagerly: bool = False,
        jit_compile: Any = "auto",
    ) -> None:
        """What `fit` minimizes, how, and what it reports. "auto" is no XLA.

        Raises ValueError for the default optimizer, which is not one of those here.
        """
        jit = None if jit_compile == "auto" else bool(jit_compile)
        self.__dict__["_compile_config"] = {
            "loss": loss,
            "loss_weights": None,
            "metrics": metrics,
            "weighted_metrics": None,
            "run_eagerly": run_eagerly,
            "steps_per_execution": 1,
            "jit_compile": bool(jit),
        }
        self.prepare(
            optimizers.get(optimizer),
            of_function(losses.get(loss), losses.Loss),
            metrics,
            run_eagerly,
            jit,
        )

    def means_dtype(self) -> str:
        """What losses and metrics are averaged in."""
        return str(self.kit.settings.floatx())

    def add(self, layer: Any) -> None:
        """Adds a layer at the end. Raises ValueError for a second `Input`, or a name twice."""
        inputs = getattr(layer, "source", layer)
        if (
            self._chain
            and isinstance(inputs, InputLayer)
            and isinstance(self._chain[0], InputLayer)
        ):
            raise ValueError(f"a model must have one Input, got another: {layer!r}")
        super().add(layer)

    def __getstate__(self) -> dict[str, Any]:
        # A copy is frozen layer by layer: official Keras copies by the configuration.
        return super().__getstate__() | {"_trainable": True}

    def get_compile_config(self) -> dict[str, Any]:
        """What `compile` was given, to be saved; nothing before."""
        given = vars(self).get("_compile_config")
        if given is None:
            return {}
        record: dict[str, Any] = REGISTRY.serialize_keras_object(
            {"optimizer": self.optimizer, **given}
        )
        return record

    def compile_from_config(self, config: Mapping[str, Any]) -> None:
        """Compiles as `get_compile_config` tells."""
        self.compile(
            optimizers.deserialize(config["optimizer"]),
            _measure(config["loss"]),
            _measure(config["metrics"]),
            config["run_eagerly"],
            config["jit_compile"],
        )

    def _total(self, loss: tf.Tensor, added: list[tf.Tensor]) -> tf.Tensor:
        return tf.reduce_sum(tf.stack([loss, *added]))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name, and the shape that the model is built for."""
        config = super().get_config()
        config["dtype"] = REGISTRY.serialize_keras_object(self.dtype_policy)
        if self.activity_regularizer is not None:
            config["activity_regularizer"] = regularizers.serialize(self.activity_regularizer)
        if self.built and self.input_shape is not None:
            config["build_input_shape"] = self.input_shape
        return config


def _measure(data: Any) -> Any:
    """Losses and metrics from data; names stay names."""
    if isinstance(data, list):
        return [_measure(each) for each in data]
    return data if isinstance(data, str) else losses.deserialize(data)


REGISTRY.add_built_in("keras", Sequential)
layers.FAMILY.names["Sequential"] = Sequential


def clone_model(model: Any, input_tensors: None = None, clone_function: Any = None) -> Any:
    """See `impl.shared.models.clone_model`; compiled as `model`. `input_tensors` must be None."""
    if input_tensors is not None:
        raise ValueError(f"input_tensors must be None, got {input_tensors!r}")
    copy = shared.clone_model(model, clone_function)
    if isinstance(model, Sequential):
        vars(copy)["_trainable"] = model.trainable
        config = model.get_compile_config()
        if config:
            copy.compile_from_config(config)
    return copy
