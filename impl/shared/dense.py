"""`Dense`: activation(inputs @ kernel + bias). Source: https://keras.io/api/layers/core_layers/dense/."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from impl.core.convert import shape_operand
from impl.shared.affine import Affine
from impl.shared.input_spec import InputSpec

_op = tf.raw_ops


class Dense(Affine):
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

    units: int
    activation: Any

    def __init__(
        self, units: Any, activation: Any = None, use_bias: Any = True,
        kernel_initializer: Any = "glorot_uniform", bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None, bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None, bias_constraint: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip  # a row for each role of a weight
        self._take(locals())

    def _take(self, given: Mapping[str, Any]) -> None:
        super()._take(given)
        self.input_spec = InputSpec(min_ndim=2)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Makes `kernel` and `bias` for inputs whose last axis is known."""
        size = tf.TensorShape(input_shape)[-1]
        if size is None:
            raise ValueError(
                f"input_shape of {self._name!r} must have a known last axis, got {input_shape}"
            )
        self.kernel = self._add("kernel", (size, self.units))
        if self.use_bias:
            self.bias = self._add("bias", (self.units,))
        self.input_spec = InputSpec(min_ndim=2, axes={-1: size})

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """The outputs, in the dtype of the computation."""
        x = inputs if inputs.dtype is self._compute else tf.cast(inputs, self._compute)
        kernel = self._operand(self.kernel)
        # Where a graph does not know the rank, official Keras takes it for 2.
        plain = x.shape.rank in (2, None)
        product = _op.MatMul(a=x, b=kernel) if plain else self._product(x, kernel)
        bias = self._used_bias()
        if bias is not None:
            product = self.add_bias(product, bias)
        return self.activation(product)

    def _product(self, x: tf.Tensor, kernel: Any) -> tf.Tensor:
        """One product of matrices, as official Keras makes it: a batched one has other bits."""
        sizes = x.shape.as_list()
        if None not in sizes:
            rows, outer = (math.prod(sizes[:-1]), sizes[-1]), (*sizes[:-1], self.units)
            product = _op.MatMul(a=_op.Reshape(tensor=x, shape=shape_operand(rows)), b=kernel)
            return _op.Reshape(tensor=product, shape=shape_operand(outer))
        actual = tf.unstack(tf.shape(x))
        product = _op.MatMul(a=tf.reshape(x, [-1, kernel.shape[0]]), b=kernel)
        return tf.reshape(product, [*actual[:-1], self.units])

    @staticmethod
    def add_bias(x: Any, bias: Any) -> tf.Tensor:
        """`x + bias`, by the op whose gradient sums in the order of official Keras."""
        return _op.BiasAdd(value=x, bias=bias)
