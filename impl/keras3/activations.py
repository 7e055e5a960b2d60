"""`keras.activations` of Keras 3. `x` is a float tensor, or what converts to one."""

from typing import Any

import tensorflow as tf

from impl.core import activations as core
from impl.core import convert, sampling
from impl.keras3.saving import REGISTRY
from impl.shared import activations as shared

celu, elu, gelu, glu, mish, selu = core.celu, core.elu, core.gelu, core.glu, core.mish, core.selu
hard_shrink, soft_shrink, tanh_shrink = core.hard_shrink, core.soft_shrink, core.tanh_shrink
hard_silu, hard_tanh, silu = core.hard_silu, core.hard_tanh, core.silu
hard_swish, swish = hard_silu, silu
leaky_relu, relu6, sigmoid = core.leaky_relu, core.relu6, core.sigmoid
log_sigmoid, log_softmax = core.log_sigmoid, core.log_softmax
linear, softplus, softsign, squareplus = core.linear, core.softplus, core.softsign, core.squareplus
sparse_plus, sparse_sigmoid, sparsemax = core.sparse_plus, core.sparse_sigmoid, core.sparsemax


def relu(
    x: Any, negative_slope: Any = 0.0, max_value: Any = None, threshold: Any = 0.0
) -> tf.Tensor:
    """See `impl.core.activations.relu`. Integers are allowed."""
    bound = sampling.recast_scalar
    return core.relu(x, negative_slope, max_value, threshold, core.zero_below, bound)


def tanh(x: Any) -> tf.Tensor:
    """The hyperbolic tangent. Integers are allowed."""
    return tf.raw_ops.Tanh(x=core.floats_from_integers(x))


def exponential(x: Any) -> tf.Tensor:
    """`exp(x)`. Integers are allowed."""
    return tf.raw_ops.Exp(x=core.floats_from_integers(x))


def hard_sigmoid(x: Any) -> tf.Tensor:
    """See `impl.core.activations.hard_sigmoid_sixth`."""
    return core.hard_sigmoid_sixth(x)


def threshold(x: Any, threshold: Any, default_value: Any) -> tf.Tensor:
    """`x` where it is over the threshold, otherwise the default. Integers are allowed."""
    return core.select_over(convert.as_tensor(x), threshold, default_value)


def softmax(x: Any, axis: Any = -1) -> tf.Tensor:
    """`exp(x) / sum(exp(x))` along an axis, a tuple of them, or all (None).

    Raises TypeError or ValueError for a bad axis.
    """
    return core.along(core.softmax_last, core.floats(x), axis)


_FUNCTIONS = shared.public_functions(vars())
_ACTIVATIONS = shared.Activations(
    _FUNCTIONS, REGISTRY, custom_names=False, not_an_identifier=ValueError, unknown_record=TypeError
)
__all__ = [*_FUNCTIONS, "get", "serialize", "deserialize"]
get, deserialize = _ACTIVATIONS.get, _ACTIVATIONS.deserialize


def serialize(activation: Any) -> Any:
    """An activation as data: see `Activations.serialize`."""
    return _ACTIVATIONS.serialize(activation)
