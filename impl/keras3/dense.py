"""`keras.layers.Dense` of Keras 3."""

from typing import Any

import tensorflow as tf

from impl.keras3.layer import Layer
from impl.shared import dense as shared


class Dense(shared.Dense, Layer):
    """See `impl.shared.dense.Dense`. `lora_rank` and `quantization_config` must be None."""

    @staticmethod
    def add_bias(x: Any, bias: Any) -> tf.Tensor:
        """`x + bias`, by the op whose gradient sums in the order of official Keras."""
        if bias.shape[0] == 1:
            return tf.raw_ops.AddV2(x=x, y=bias)
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
        lora_rank: None = None,
        lora_alpha: None = None,
        quantization_config: None = None,
        **kwargs: Any,
    ) -> None:
        if type(units) is not int or units < 1:
            raise ValueError(f"units must be a positive integer, got {units!r}")
        unknown = {
            "lora_rank": lora_rank,
            "lora_alpha": lora_alpha,
            "quantization_config": quantization_config,
        }
        for name, value in unknown.items():
            if value is not None:
                raise ValueError(f"{name} must be None: Dense has no adapters here, got {value!r}")
        super().__init__(
            units,
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

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """`input_shape` with `units` as its last size."""
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name, which make the same layer, without its weights."""
        return {**super().get_config(), "quantization_config": None}
