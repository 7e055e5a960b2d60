"""`tf.keras.activations` of Keras 2. `x` is a float tensor, or what converts to one."""

from typing import Any

import tensorflow as tf

from impl.core import activations as core
from impl.core import sampling
from impl.keras2.saving import REGISTRY
from impl.shared import activations as shared
from impl.shared.saving import Custom

elu, gelu, mish, selu = core.elu, core.gelu, core.mish, core.selu
linear, sigmoid, softplus, softsign = core.linear, core.sigmoid, core.softplus, core.softsign


def relu(x: Any, alpha: Any = 0.0, max_value: Any = None, threshold: Any = 0.0) -> tf.Tensor:
    """See `impl.core.activations.relu`. Integers are allowed."""
    return core.relu(x, alpha, max_value, threshold, core.mask_below, sampling.scalar)


def tanh(x: Any) -> tf.Tensor:
    """The hyperbolic tangent."""
    return tf.raw_ops.Tanh(x=core.floats(x))


def exponential(x: Any) -> tf.Tensor:
    """`exp(x)`."""
    return tf.raw_ops.Exp(x=core.floats(x))


def swish(x: Any) -> tf.Tensor:
    """See `impl.core.activations.silu`."""
    return core.silu(x)


def hard_sigmoid(x: Any) -> tf.Tensor:
    """See `impl.core.activations.hard_sigmoid_fifth`."""
    return core.hard_sigmoid_fifth(x)


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


_FUNCTIONS = shared.public_functions(vars())
# Found by name only.
_MORE = {name: getattr(core, name) for name in ("leaky_relu", "log_softmax", "relu6")}
_MORE["silu"] = swish
_ALL = _FUNCTIONS | _MORE
_ACTIVATIONS = shared.Activations(
    _ALL, REGISTRY, custom_names=True, not_an_identifier=TypeError, unknown_record=ValueError
)
__all__ = [*_FUNCTIONS, "get", "serialize", "deserialize"]
get = _ACTIVATIONS.get


def serialize(activation: Any, use_legacy_format: bool = False) -> Any:
    """An activation as data: see `Activations.serialize` and `serialize_legacy`."""
    if use_legacy_format:
        return _ACTIVATIONS.serialize_legacy(activation)
    return _ACTIVATIONS.serialize(activation)


def deserialize(name: Any, custom_objects: Custom = None, use_legacy_format: bool = False) -> Any:
    """An activation from data: see `Activations.deserialize`. Both formats are understood."""
    return _ACTIVATIONS.deserialize(name, custom_objects)
