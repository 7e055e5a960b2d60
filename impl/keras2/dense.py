"""`tf.keras.layers.Dense` of Keras 2."""

from typing import Any

import tensorflow as tf

from impl.keras2 import regularizers
from impl.keras2.layer import Layer
from impl.shared import dense as shared


class Dense(shared.Dense, Layer):
    """See `impl.shared.dense.Dense`. `units` may be 0, and whatever `int()` reads."""

    @staticmethod
    def add_bias(x: Any, bias: Any) -> tf.Tensor:
        """`x + bias`, by the op whose gradient sums in the order of official Keras."""
        return tf.raw_ops.BiasAdd(value=x, bias=bias)

    def __init__(
        self,
        units: Any,
        activation: Any = None,
        use_bias: Any = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        try:
            size = int(units)
        except (TypeError, ValueError) as error:
            raise type(error)(f"units must be an integer of 0 or more, got {units!r}") from None
        if size < 0:
            raise ValueError(f"units must be an integer of 0 or more, got {units!r}")
        super().__init__(
            size,
            activation,
            use_bias,
            kernel_initializer,
            bias_initializer,
            kernel_regularizer,
            bias_regularizer,
            activity_regularizer,
            kernel_constraint,
            bias_constraint,
            **kwargs,
        )

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

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name, which make the same layer, without its weights."""
        penalty = regularizers.serialize(self.activity_regularizer)
        return {**super().get_config(), "activity_regularizer": penalty}
