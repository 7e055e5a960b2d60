"""`tf.keras.activations` of Keras 2. `x` is a float tensor, or what converts to one."""

from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from impl.core import activations as core
from impl.core.convert import as_tensor
from impl.core.sampling import scalar
from impl.keras2.saving import REGISTRY
from impl.shared.activations import Activations

__all__ = [
    "deserialize",
    "elu",
    "exponential",
    "gelu",
    "get",
    "hard_sigmoid",
    "linear",
    "mish",
    "relu",
    "selu",
    "serialize",
    "sigmoid",
    "softmax",
    "softplus",
    "softsign",
    "swish",
    "tanh",
]

_op = tf.raw_ops


def linear(x: Any) -> Any:
    """`x`, as it is."""
    return x


def relu(x: Any, alpha: Any = 0.0, max_value: Any = None, threshold: Any = 0.0) -> tf.Tensor:
    """See `impl.core.activations.relu`. Integers are allowed."""
    x = as_tensor(x)
    if max_value is None and alpha == 0 and threshold == 0:
        return _op.Relu(features=x)
    return core.relu(x, alpha, max_value, threshold, core.mask_below, scalar)


def elu(x: Any, alpha: Any = 1.0) -> tf.Tensor:
    """See `impl.core.activations.elu`."""
    return core.elu(core.floats(x), alpha)


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


def tanh(x: Any) -> tf.Tensor:
    """The hyperbolic tangent."""
    return _op.Tanh(x=core.floats(x))


def exponential(x: Any) -> tf.Tensor:
    """`exp(x)`."""
    return _op.Exp(x=core.floats(x))


def swish(x: Any) -> tf.Tensor:
    """See `impl.core.activations.silu`."""
    return core.silu(core.floats(x))


def gelu(x: Any, approximate: bool = False) -> tf.Tensor:
    """See `impl.core.activations.gelu`."""
    return core.gelu(core.floats(x), approximate)


def mish(x: Any) -> tf.Tensor:
    """See `impl.core.activations.mish`."""
    return core.mish(core.floats(x))


def hard_sigmoid(x: Any) -> tf.Tensor:
    """See `impl.core.activations.hard_sigmoid_fifth`."""
    return core.hard_sigmoid_fifth(core.floats(x))


def softmax(x: Any, axis: Any = -1) -> tf.Tensor:
    """`exp(x) / sum(exp(x))` along an axis, several of them, or all (None). The rank is 2 or more.

    Raises ValueError for a lower rank or a bad axis.
    """
    x = core.floats(x)
    rank = x.shape.rank
    if rank is not None and rank < 2:
        raise ValueError(f"x must have rank 2 or more, got shape {x.shape}")
    if axis is None or isinstance(axis, (list, tuple)):
        return core.softmax_over(x, axis)
    return core.along_last(core.softmax_last, x, axis)


def _leaky_relu(x: Any, alpha: Any = 0.2) -> tf.Tensor:
    return core.leaky_relu(as_tensor(x), alpha)


def _log_softmax(x: Any, axis: Any = -1) -> tf.Tensor:
    return core.along_last(core.log_softmax_last, core.floats(x), axis)


def _relu6(x: Any) -> tf.Tensor:
    return _op.Relu6(features=as_tensor(x))


_NAMED = (elu, exponential, gelu, hard_sigmoid, linear, mish, relu, selu, sigmoid, softmax)
_FUNCTIONS = {f.__name__: f for f in (*_NAMED, softplus, softsign, swish, tanh)}
# Found by name only.
_UNNAMED = {"leaky_relu": _leaky_relu, "log_softmax": _log_softmax, "relu6": _relu6}
_ACTIVATIONS = Activations(
    functions=_FUNCTIONS | _UNNAMED | {"silu": swish},
    linear=linear,
    saved_names={f: name for name, f in (_FUNCTIONS | _UNNAMED).items()},
    custom_names=True,
    not_an_identifier=TypeError,
    unknown_record=ValueError,
    registry=REGISTRY,
)


def get(identifier: Any) -> Any:
    """The activation function for a name, dict or callable: see `Activations.get`."""
    return _ACTIVATIONS.get(identifier)


def serialize(activation: Any, use_legacy_format: bool = False) -> Any:
    """An activation as data: see `Activations.serialize` and `serialize_legacy`."""
    if use_legacy_format:
        return _ACTIVATIONS.serialize_legacy(activation)
    return _ACTIVATIONS.serialize(activation)


def deserialize(
    name: Any,
    custom_objects: Mapping[str, Any] | None = None,
    use_legacy_format: bool = False,
) -> Any:
    """An activation from data: see `Activations.deserialize`. Both formats are understood."""
    return _ACTIVATIONS.deserialize(name, custom_objects)
