"""`keras.layers.Dense` of Keras 3."""

from typing import Any

import tensorflow as tf

from impl.keras3.layer import Layer
from impl.shared import dense as shared

_ADAPTERS = ("lora_rank", "lora_alpha", "quantization_config")


def _wider(one: tf.DType, other: tf.DType) -> tf.DType:
    """The dtype that has the numbers of both."""
    if one.size == other.size:
        return one if one is other else tf.float32
    return max(one, other, key=lambda dtype: dtype.size)


class Dense(shared.Dense, Layer):
    """See `impl.shared.dense.Dense`. `lora_rank` and `quantization_config` must be None."""

    def __init__(
        self, units: Any, activation: Any = None, use_bias: Any = True,
        kernel_initializer: Any = "glorot_uniform", bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None, bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None, bias_constraint: Any = None,
        lora_rank: None = None, lora_alpha: None = None, quantization_config: None = None,
        **kwargs: Any,
    ) -> None:  # fmt: skip  # a row for each role of a weight
        given = dict(locals())
        for name in _ADAPTERS:
            if (value := given.pop(name)) is not None:
                raise ValueError(f"{name} must be None: Dense has no adapters here, got {value!r}")
        self._take(given)

    def _read(self, name: str, value: Any) -> Any:
        if name == "units" and (type(value) is not int or value < 1):
            raise ValueError(f"units must be a positive integer, got {value!r}")
        return value

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """The outputs, in the dtype of the computation; of floats that were not cast to it in the wider dtype."""
        if inputs.dtype is self._compute or not inputs.dtype.is_floating:
            return super().call(inputs)
        wide = _wider(inputs.dtype, self._compute)
        product = tf.tensordot(tf.cast(inputs, wide), tf.cast(self.kernel, wide), 1)
        if self.bias is not None:
            product = self.add_bias(product, tf.cast(self.bias, wide))
        return self.activation(product)

    def _used_bias(self) -> Any:
        """The bias as an operand, or None; `use_bias` counts when the layer is built."""
        return None if self.bias is None else self._operand(self.bias)

    @staticmethod
    def add_bias(x: Any, bias: Any) -> tf.Tensor:
        """`x + bias`, by the op whose gradient sums in the order of official Keras."""
        if bias.shape[0] == 1:
            return tf.raw_ops.AddV2(x=x, y=bias)
        return tf.raw_ops.BiasAdd(value=x, bias=bias)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """`input_shape` with `units` as its last size."""
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name, which make the same layer, without its weights."""
        config = {**super().get_config(), "quantization_config": None}
        if self.activity_regularizer is None:
            del config["activity_regularizer"]
        return config
