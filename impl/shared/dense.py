"""`Dense`: activation(inputs @ kernel + bias). Source: https://keras.io/api/layers/core_layers/dense/."""

from __future__ import annotations

import math
from typing import Any

import tensorflow as tf

from impl.core.convert import shape_operand
from impl.shared.input_spec import InputSpec
from impl.shared.layer import Layer

_op = tf.raw_ops


class Dense(Layer):
    """Maps the last axis of the inputs, (batch, ..., n), to `units`: (batch, ..., units).

    Args:
        units: the size of the last axis of the outputs.
        activation: a name or a callable; None for none.
        use_bias: whether there is a `bias`, of shape (units,).
        kernel_initializer: of the `kernel`, of shape (n, units).
        bias_initializer: of the bias.
        kernel_regularizer: a penalty on the kernel.
        bias_regularizer: a penalty on the bias.
        activity_regularizer: a penalty on the outputs, divided by the batch size.
        kernel_constraint: a projection of the kernel, after each update.
        bias_constraint: a projection of the bias, after each update.
        kwargs: those of `Layer`.

    """

    @staticmethod
    def add_bias(x: Any, bias: Any) -> tf.Tensor:
        """`x + bias`, by the op whose gradient sums in the order of official Keras."""
        raise NotImplementedError

    def __init__(
        self,
        units: Any,
        activation: Any,
        use_bias: Any,
        kernel_initializer: Any,
        bias_initializer: Any,
        kernel_regularizer: Any,
        bias_regularizer: Any,
        activity_regularizer: Any,
        kernel_constraint: Any,
        bias_constraint: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        kit = self.kit
        self.units = units
        self.activation = kit.activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = kit.initializers.get(kernel_initializer)
        self.bias_initializer = kit.initializers.get(bias_initializer)
        self.kernel_regularizer = kit.regularizers.get(kernel_regularizer)
        self.bias_regularizer = kit.regularizers.get(bias_regularizer)
        self.kernel_constraint = kit.constraints.get(kernel_constraint)
        self.bias_constraint = kit.constraints.get(bias_constraint)
        self.input_spec = InputSpec(min_ndim=2)
        self.supports_masking = True
        self.bias = None

    def build(self, input_shape: Any) -> None:
        """Makes `kernel` and `bias` for inputs whose last axis is known."""
        size = tf.TensorShape(input_shape)[-1]
        if size is None:
            raise ValueError(
                f"input_shape of {self._name!r} must have a known last axis, got {input_shape}"
            )
        self.kernel = self.add_weight(
            name="kernel",
            shape=(size, self.units),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
            trainable=True,
        )
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias",
                shape=(self.units,),
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
                trainable=True,
            )
        self.input_spec = InputSpec(min_ndim=2, axes={-1: size})

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """The outputs, in the dtype of the computation."""
        x = inputs if inputs.dtype is self._compute else tf.cast(inputs, self._compute)
        kernel = self._operand(self.kernel)
        if x.shape.rank == 2:
            outputs = _op.MatMul(a=x, b=kernel)
        else:
            outputs = self._map_last_axis(x, kernel)
        if self.use_bias:
            outputs = self.add_bias(outputs, self._operand(self.bias))
        return (
            outputs if self.activation is self.kit.activations.linear else self.activation(outputs)
        )

    def _map_last_axis(self, x: tf.Tensor, kernel: Any) -> tf.Tensor:
        """One product of matrices, as official Keras makes it: a batched one has other bits."""
        sizes = x.shape.as_list()
        if None not in sizes:
            rows, outer = (math.prod(sizes[:-1]), sizes[-1]), (*sizes[:-1], self.units)
            product = _op.MatMul(a=_op.Reshape(tensor=x, shape=shape_operand(rows)), b=kernel)
            return _op.Reshape(tensor=product, shape=shape_operand(outer))
        actual = tf.unstack(tf.shape(x), num=x.shape.rank)
        product = _op.MatMul(a=tf.reshape(x, [-1, sizes[-1] or actual[-1]]), b=kernel)
        outputs = tf.reshape(product, [*actual[:-1], self.units])
        outputs.set_shape([*sizes[:-1], self.units])
        return outputs

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name, which make the same layer, without its weights."""
        kit = self.kit
        return {
            **super().get_config(),
            "units": self.units,
            "activation": kit.activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": kit.initializers.serialize(self.kernel_initializer),
            "bias_initializer": kit.initializers.serialize(self.bias_initializer),
            "kernel_regularizer": kit.regularizers.serialize(self.kernel_regularizer),
            "bias_regularizer": kit.regularizers.serialize(self.bias_regularizer),
            "kernel_constraint": kit.constraints.serialize(self.kernel_constraint),
            "bias_constraint": kit.constraints.serialize(self.bias_constraint),
        }
