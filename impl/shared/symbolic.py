"""Symbolic tensors: what a layer returns where it is called on an `Input`, with a shape and a dtype alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf


class SymbolicTensor:
    """A tensor without a value.

    Attributes:
        shape: a tuple in Keras 3, a `tf.TensorShape` in Keras 2; None is any size.
        dtype: a name in Keras 3, a `tf.DType` in Keras 2.
        name: that of its `InputLayer`, or of the layer that was called.
        source: the `InputLayer`, or None for what a layer returned.
        mask: its mask, symbolic too, or None.

    """

    mask: SymbolicTensor | None = None

    def __init__(self, shape: Any, dtype: Any, name: str, source: Any = None) -> None:
        self.shape, self.dtype, self.name, self.source = shape, dtype, name, source

    def __repr__(self) -> str:
        return f"<{type(self).__name__} shape={self.shape}, dtype={self.dtype}, name={self.name}>"


def is_symbolic(inputs: Any) -> bool:
    """Whether `inputs`, or any of a list, tuple or dict of them, have no value."""
    if isinstance(inputs, (list, tuple, dict)):
        return any(isinstance(x, SymbolicTensor) for x in tf.nest.flatten(inputs))
    return isinstance(inputs, SymbolicTensor)


def masks_of(inputs: Any) -> list[SymbolicTensor | None]:
    """The mask of each tensor in a nest."""
    return [getattr(x, "mask", None) for x in tf.nest.flatten(inputs)]


def as_specs(inputs: Any) -> Any:
    """`inputs` with a `tf.TensorSpec` in place of each symbolic tensor."""

    def spec(x: Any) -> Any:
        return tf.TensorSpec(x.shape, x.dtype) if isinstance(x, SymbolicTensor) else x

    return tf.nest.map_structure(spec, inputs)


def traced(call: Callable[[Any], Any], inputs: Any, wrap: Callable[[Any, Any], Any]) -> Any:
    """What `call` returns for tensors like `inputs`, each by `wrap` of its shape and dtype; with masks."""

    def masked(inputs: Any, masks: list[Any]) -> tuple[Any, list[Any]]:
        _put_masks("_keras_mask", inputs, masks)
        outputs = call(inputs)
        return outputs, [getattr(x, "_keras_mask", None) for x in tf.nest.flatten(outputs)]

    function = tf.function(masked, autograph=False)
    specs = as_specs(inputs), as_specs(masks_of(inputs))
    found = function.get_concrete_function(*specs).structured_outputs

    def wrapped(x: Any) -> Any:
        return wrap(x.shape, x.dtype) if isinstance(x, (tf.Tensor, tf.TensorSpec)) else x

    outputs, masks = tf.nest.map_structure(wrapped, found)
    _put_masks("mask", outputs, masks)
    return outputs


def _put_masks(attribute: str, tensors: Any, masks: list[Any]) -> None:
    for x, mask in zip(tf.nest.flatten(tensors), masks, strict=True):
        if mask is not None:
            setattr(x, attribute, mask)
