"""`tf.keras.models` of Keras 2: `Sequential`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import tensorflow as tf

from impl.keras2 import layers, losses, optimizers
from impl.keras2.inputs import InputLayer
from impl.keras2.layer import Layer
from impl.keras2.saving import REGISTRY
from impl.shared import models as shared
from impl.shared.losses import of_function
from impl.shared.state import unique

__all__ = ["Sequential", "clone_model"]


class Sequential(shared.Sequential, Layer):
    """See `impl.shared.models.Sequential`."""

    _family = layers
    _own_arguments = ("name",)
    input_layer = InputLayer
    not_a_layer = TypeError
    empty = TypeError
    uncompiled = RuntimeError
    traces_batches_apart = False
    added_counts_once = True
    takes_numbers = True
    needs_data = True

    supports_masking = True

    def __init__(self, layers: Iterable[Any] | None = None, name: str | None = None) -> None:
        super().__init__(name=name, autocast=False)  # its `InputLayer` casts
        self.start(layers)

    @property
    def layers(self) -> list[Any]:
        """The layers, without the `InputLayer`, each once."""
        return unique(self._called())

    def add(self, layer: Any) -> None:
        """Adds a layer at the end: before the shape of the inputs is known, not a second time."""
        known = self._chain and isinstance(self._chain[0], InputLayer)
        if known or not any(x is layer for x in self._chain):
            super().add(layer)

    def pop(self) -> None:  # type: ignore[override]
        """Takes the last layer out, wherever it is called."""
        layer = super().pop()
        self._chain = [x for x in self._chain if x is not layer]
        self._rebuild()

    def _build_for(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Builds it for the first inputs: it takes those of their dtype from now on."""
        super()._build_for(args, kwargs)
        if self._chain and isinstance(args[0], (tf.Tensor, tf.TensorSpec)):
            self._chain[0]._follow(self.kit.settings.policy(args[0].dtype.name))

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The mask that the outputs of a call have."""
        return getattr(self.call(inputs, mask=mask), "_keras_mask", None)

    def __getstate__(self) -> dict[str, Any]:
        # Once built, a copy is frozen layer by layer: official Keras copies by the configuration.
        return super().__getstate__() | ({"_trainable": True} if self.built else {})

    @property
    def weights(self) -> list[tf.Variable]:
        """All weights, layer by layer. A layer alone lists its trainable ones first."""
        return unique([v for layer in self._chain for v in layer.weights])

    def _shape_of_first(self, layer: Any) -> Any:
        return layer._input_shape_argument

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        metrics: Any = None,
        run_eagerly: bool | None = None,
        jit_compile: bool | None = None,
    ) -> None:
        """What `fit` minimizes, how, and what it reports. With `jit_compile` under XLA.

        Raises ValueError for the default optimizer, which is not one of those here.
        """
        eagerly = bool(run_eagerly)
        self.__dict__["_compile_config"] = {
            "optimizer": optimizer,
            "loss": loss,
            "metrics": metrics,
            "loss_weights": None,
            "weighted_metrics": None,
            "run_eagerly": run_eagerly,
            "steps_per_execution": None,
            "jit_compile": jit_compile,
        }
        self.prepare(
            optimizers.get(optimizer),
            of_function(losses.get(loss), losses.Loss),
            metrics,
            eagerly,
            jit_compile,
        )

    def get_compile_config(self) -> dict[str, Any] | None:
        """What `compile` was given, to be saved; None before."""
        given = vars(self).get("_compile_config")
        record: dict[str, Any] | None = REGISTRY.serialize_keras_object(given)
        return record

    def prepare(
        self, optimizer: Any, loss: Any, metrics: Any, run_eagerly: bool, jit_compile: bool | None
    ) -> None:
        """Keeps what `fit` and `evaluate` need, and which layers `fit` will train."""
        super().prepare(optimizer, loss, metrics, run_eagerly, jit_compile)
        flags = [(layer, layer.trainable) for layer in self._layers_below()]
        self.__dict__["_trained_layers"] = flags

    @contextmanager
    def as_compiled(self) -> Iterator[None]:
        """Inside the `with` block layers are trainable as they were when the model was compiled."""
        flags = vars(self)["_trained_layers"]
        now = [(layer, layer.trainable) for layer, _ in flags]
        try:
            for layer, trainable in flags:
                vars(layer)["_trainable"] = trainable
            yield
        finally:
            for layer, trainable in now:
                vars(layer)["_trainable"] = trainable

    def _total(self, loss: tf.Tensor, added: list[tf.Tensor]) -> tf.Tensor:
        return loss + tf.reduce_sum(tf.stack(added))


REGISTRY.add_built_in("keras", Sequential)
layers.FAMILY.names["Sequential"] = Sequential


def clone_model(model: Any, input_tensors: None = None, clone_function: Any = None) -> Any:
    """See `impl.shared.models.clone_model`. `input_tensors` must be None."""
    if input_tensors is not None:
        raise ValueError(f"input_tensors must be None, got {input_tensors!r}")
    return shared.clone_model(model, clone_function)
