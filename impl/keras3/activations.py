"""`keras.activations` of Keras 3. `x` is a float tensor, or what converts to one."""

from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from impl.core import activations as core
from impl.core.convert import as_tensor
from impl.core.sampling import recast_scalar
from impl.keras3.saving import REGISTRY
from impl.shared.activations import Activations

__all__ = [
    "celu",
    "deserialize",
    "elu",
    "exponential",
    "gelu",
    "get",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "relu",
    "relu6",
    "selu",
    "serialize",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "swish",
    "tanh",
    "tanh_shrink",
    "threshold",
]

_op = tf.raw_ops


def linear(x: Any) -> Any:
    """`x`, as it is."""
    return x


def relu(
    x: Any, negative_slope: Any = 0.0, max_value: Any = None, threshold: Any = 0.0
) -> tf.Tensor:
    """See `impl.core.activations.relu`. Integers are allowed."""
    x = as_tensor(x)
    if max_value is None and negative_slope == 0 and threshold == 0:
        return _op.Relu(features=x)
    return core.relu(x, negative_slope, max_value, threshold, core.zero_below, recast_scalar)


def relu6(x: Any) -> tf.Tensor:
    """`x` clipped to [0, 6]. Integers are allowed."""
    return _op.Relu6(features=as_tensor(x))


def leaky_relu(x: Any, negative_slope: Any = 0.2) -> tf.Tensor:
    """See `impl.core.activations.leaky_relu`."""
    return core.leaky_relu(as_tensor(x), negative_slope)


def elu(x: Any, alpha: Any = 1.0) -> tf.Tensor:
    """See `impl.core.activations.elu`."""
    return core.elu(core.floats(x), alpha)


def celu(x: Any, alpha: Any = 1.0) -> tf.Tensor:
    """See `impl.core.activations.celu`."""
    return core.celu(core.floats(x), alpha)


def selu(x: Any) -> tf.Tensor:
    """`elu` scaled so that signals keep mean 0 and variance 1 (Klambauer et al., 2017)."""
    return _op.Selu(features=core.floats(x))


def softplus(x: Any) -> tf.Tensor:
    """`log(exp(x) + 1)`."""
    return _op.Softplus(features=core.floats(x))


def softsign(x: Any) -> tf.Tensor:
    """`x / (abs(x) + 1)`."""
    return _op.Softsign(features=core.floats(x))


def sigmoid(x: Any) -> tf.Tensor:
    """`1 / (1 + exp(-x))`."""
    return _op.Sigmoid(x=core.floats(x))


def log_sigmoid(x: Any) -> tf.Tensor:
    """See `impl.core.activations.log_sigmoid`."""
    return core.log_sigmoid(core.floats(x))


def tanh(x: Any) -> tf.Tensor:
    """The hyperbolic tangent. Integers are allowed."""
    return _op.Tanh(x=core.floats_from_integers(x))


def tanh_shrink(x: Any) -> tf.Tensor:
    """See `impl.core.activations.tanh_shrink`."""
    return core.tanh_shrink(core.floats(x))


def exponential(x: Any) -> tf.Tensor:
    """`exp(x)`. Integers are allowed."""
    return _op.Exp(x=core.floats_from_integers(x))


def silu(x: Any) -> tf.Tensor:
    """See `impl.core.activations.silu`."""
    return core.silu(core.floats(x))


def gelu(x: Any, approximate: bool = False) -> tf.Tensor:
    """See `impl.core.activations.gelu`."""
    return core.gelu(core.floats(x), approximate)


def mish(x: Any) -> tf.Tensor:
    """See `impl.core.activations.mish`."""
    return core.mish(core.floats(x))


def hard_sigmoid(x: Any) -> tf.Tensor:
    """See `impl.core.activations.hard_sigmoid_sixth`."""
    return core.hard_sigmoid_sixth(core.floats(x))


def hard_silu(x: Any) -> tf.Tensor:
    """See `impl.core.activations.hard_silu`."""
    return core.hard_silu(core.floats(x))


def hard_tanh(x: Any) -> tf.Tensor:
    """See `impl.core.activations.hard_tanh`."""
    return core.hard_tanh(core.floats(x))


def hard_shrink(x: Any, threshold: Any = 0.5) -> tf.Tensor:
    """See `impl.core.activations.hard_shrink`."""
    return core.hard_shrink(core.floats(x), threshold)


def soft_shrink(x: Any, threshold: Any = 0.5) -> tf.Tensor:
    """See `impl.core.activations.soft_shrink`."""
    return core.soft_shrink(core.floats(x), threshold)


def threshold(x: Any, threshold: Any, default_value: Any) -> tf.Tensor:
    """`x` where it is over the threshold, otherwise the default."""
    return core.select_over(core.floats(x), threshold, default_value)


def squareplus(x: Any, b: Any = 4) -> tf.Tensor:
    """See `impl.core.activations.squareplus`."""
    return core.squareplus(core.floats(x), b)


def sparse_plus(x: Any) -> tf.Tensor:
    """See `impl.core.activations.sparse_plus`."""
    return core.sparse_plus(core.floats(x))


def sparse_sigmoid(x: Any) -> tf.Tensor:
    """See `impl.core.activations.sparse_sigmoid`."""
    return core.sparse_sigmoid(core.floats(x))


def sparsemax(x: Any, axis: int = -1) -> tf.Tensor:
    """See `impl.core.activations.sparsemax`."""
    return core.sparsemax(core.floats(x), axis)


def glu(x: Any, axis: int = -1) -> tf.Tensor:
    """See `impl.core.activations.glu`."""
    return core.glu(core.floats(x), axis)


def softmax(x: Any, axis: Any = -1) -> tf.Tensor:
    """`exp(x) / sum(exp(x))` along an axis, several of them, or all (None).

    Raises TypeError or ValueError for a bad axis.
    """
    return _along(core.softmax_last, core.floats(x), axis)


def log_softmax(x: Any, axis: Any = -1) -> tf.Tensor:
    """The logarithm of `softmax`."""
    return _along(core.log_softmax_last, core.floats(x), axis)


def _along(function: Any, x: tf.Tensor, axis: Any) -> tf.Tensor:
    if axis is None or isinstance(axis, (list, tuple)):
        return core.along_merged(function, x, axis)
    return core.along_last(function, x, axis)


hard_swish = hard_silu
swish = silu

_FUNCTIONS: dict[str, Any] = {
    f.__name__: f
    for f in (
        celu,
        elu,
        exponential,
        gelu,
        glu,
        hard_shrink,
        hard_sigmoid,
        hard_silu,
        hard_tanh,
        leaky_relu,
        linear,
        log_sigmoid,
        log_softmax,
        mish,
        relu,
        relu6,
        selu,
        sigmoid,
        silu,
        soft_shrink,
        softmax,
        softplus,
        softsign,
        sparse_plus,
        sparse_sigmoid,
        sparsemax,
        squareplus,
        tanh,
        tanh_shrink,
        threshold,
    )
}
_ACTIVATIONS = Activations(
    functions=_FUNCTIONS | {"hard_swish": hard_silu, "swish": silu},
    linear=linear,
    saved_names={f: name for name, f in _FUNCTIONS.items()},
    custom_names=False,
    not_an_identifier=ValueError,
    unknown_record=TypeError,
    registry=REGISTRY,
)


def get(identifier: Any) -> Any:
    """The activation function for a name, dict or callable: see `Activations.get`."""
    return _ACTIVATIONS.get(identifier)


def serialize(activation: Any) -> Any:
    """An activation as data: see `Activations.serialize`."""
    return _ACTIVATIONS.serialize(activation)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """An activation from data: see `Activations.deserialize`."""
    return _ACTIVATIONS.deserialize(config, custom_objects)
