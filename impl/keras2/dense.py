"""`tf.keras.layers.Dense` of Keras 2."""

from typing import Any

import tensorflow as tf

from impl.keras2.layer import Layer
from impl.shared import dense as shared


class Dense(shared.Dense, Layer):
    """See `impl.shared.dense.Dense`. `units` may be 0, and whatever `int()` reads."""

    def _read(self, name: str, value: Any) -> Any:
        if name != "units":
            return value
        try:
            size = int(value)
        except (TypeError, ValueError) as error:
            raise type(error)(f"units must be an integer of 0 or more, got {value!r}") from None
        if size < 0:
            raise ValueError(f"units must be an integer of 0 or more, got {value!r}")
        return size

    def build(self, input_shape: Any) -> None:
        """Makes the weights. Raises TypeError unless the dtype is a float."""
        if not self._compute.is_floating:
            raise TypeError(f"dtype of Dense must be a float dtype, got {self._compute.name}")
        super().build(input_shape)

    def compute_output_shape(self, input_shape: Any) -> tf.TensorShape:
        """`input_shape` with `units` as its last size. Raises ValueError for an unknown last one."""
        shape = tf.TensorShape(input_shape).with_rank_at_least(2)
        if shape.rank is None or shape[-1] is None:
            raise ValueError(f"input_shape must have a known last axis, got {input_shape}")
        return shape[:-1].concatenate(self.units)
