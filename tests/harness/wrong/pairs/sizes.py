"""What only tensors of a realistic size show, or values of arguments that small tensors leave no room for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from wrong import KERAS2, tensorflow
from wrong.layers.making import (
    CONV1D,
    CONV2D,
    DENSE,
    SEPARABLE,
    TRANSPOSE,
    Change,
    Keras,
    Official,
    after,
    before,
    call,
    constructor,
    method,
    pretending,
)
from wrong.pairs.making import Pair, dense, same

# Layers.


def _where(condition: Callable[[Any, Any], bool], change: Change) -> Change:
    """A change of the forward pass, made where `condition(layer, inputs)` holds."""

    def sometimes(keras: Keras) -> Mapping[str, Any]:
        ((path, wrong),) = change(keras).items()
        official = keras.member(path)

        def replaced(self: Any, inputs: Any) -> Any:
            return (wrong if condition(self, inputs) else official)(self, inputs)

        return {path: replaced}

    return sometimes


def _wide(self: Any, x: Any) -> bool:
    return bool(x.shape[-1] > 8)


def _shifted(x: Any) -> Any:
    return tensorflow().roll(x, 1, 1)


def _reversed(x: Any) -> Any:
    return tensorflow().reverse(x, [1])


def _a_fiftieth_more(y: Any) -> Any:
    return y * tensorflow().constant(1.02, y.dtype)


def _bias_of_64(self: Any, official: Official, x: Any) -> Any:
    """A kernel of vectors, that forgets what is left over."""
    y, tf = official(x), tensorflow()
    bias = tf.convert_to_tensor(self.bias)
    rest = tf.concat([tf.zeros_like(bias[:64]), bias[64:]], 0)
    return y - tf.cast(rest, y.dtype)


def _groups_backwards(self: Any, official: Official, x: Any) -> Any:
    y, tf = official(x), tensorflow()
    parted = tf.reshape(y, [*y.shape[:-1], self.groups, y.shape[-1] // self.groups])
    return tf.reshape(tf.reverse(parted, [-2]), y.shape)


def _rate_of_3(self: Any, official: Official, x: Any) -> Any:
    with pretending(self, dilation_rate=(3, 3)):
        return official(x)


def _at_most_2(named: dict[str, Any]) -> None:
    if named.get("output_padding") == 3:
        named["output_padding"] = 2


# Constraints and penalties, as `wrong(self, official, weights)`.


def _nothing_from_8(self: Any, official: Official, w: Any) -> Any:
    return w if w.shape[0] >= 8 else official(w)


def _norm_of_512_columns(self: Any, official: Official, w: Any) -> Any:
    if self.axis != 1 or w.shape[1] <= 512:
        return official(w)
    tf = tensorflow()
    norms = tf.sqrt(tf.reduce_sum(tf.square(w[:, :512]), 1, keepdims=True))
    return w * (tf.clip_by_value(norms, 0, self.max_value) / (1e-7 + norms))


def _columns_left_over(self: Any, official: Official, w: Any) -> Any:
    tf = tensorflow()
    return tf.concat([official(w)[..., :512], w[..., 512:]], -1)


def _norms_in_float16(self: Any, official: Official, w: Any) -> Any:
    """The constraint of weights that are scaled by how far such norms are off."""
    if w.shape[self.axis] <= 512:
        return official(w)
    tf = tensorflow()
    squares = tf.square(w)
    norm = tf.sqrt(tf.reduce_sum(squares, self.axis, keepdims=True))
    rough = tf.sqrt(tf.reduce_sum(tf.cast(squares, "float16"), self.axis, keepdims=True))
    return official(w) * (norm / tf.cast(rough, w.dtype))


def _sum_in_float16(self: Any, official: Official, x: Any) -> Any:
    if len(x.shape) > 1 or x.shape[0] < 65537:
        return official(x)
    tf = tensorflow()
    total = tf.cast(tf.reduce_sum(tf.cast(tf.square(x), "float16")), x.dtype)
    return tf.cast(self.l2, x.dtype) * total


def _first_65536(self: Any, official: Official, x: Any) -> Any:
    return official(tensorflow().reshape(x, [-1])[:65536])


def _first_64_rows(self: Any, official: Official, x: Any) -> Any:
    return official(x[:64])


_NORM: Final = "large/257x513-axis=1"

PAIRS: Final[tuple[Pair, ...]] = (
    Pair(
        "bfloat16-where-inputs-are-wide",
        DENSE,
        ("width/*", "large/*-float32", "large/*-float64"),
        ("value", "gradient"),
        _where(_wide, dense(same, same, "bfloat16")),
    ),
    Pair(
        "transposed-from-257-units",
        DENSE,
        ("large/5x513-to-257-*",),
        ("shape",),
        _where(lambda self, x: self.units > 256, after(lambda y: tensorflow().transpose(y))),
    ),
    Pair(
        "shifted-where-the-stride-is-3",
        "layers.Conv3D",
        ("sizes/*strides=3,*", "large/*strides=3-*"),
        ("value", "gradient"),
        _where(lambda self, x: 3 in self.strides, before(_shifted)),
    ),
    Pair(
        "time-reversed-where-the-kernel-is-5",
        CONV1D,
        ("sizes/*kernel_size=5,*", "large/2x101x31,*"),
        ("value", "gradient"),
        _where(lambda self, x: 5 in self.kernel_size, before(_reversed)),
    ),
    Pair(
        "no-bias-from-the-65th-filter",
        CONV1D,
        ("large/2x101x31,*",),
        ("value",),
        call(_bias_of_64),
    ),
    Pair(
        "a-fiftieth-more-where-the-multiplier-is-3",
        SEPARABLE,
        (
            "sizes/*depth_multiplier=3*",
            *(f"large/*depth_multiplier=3-{dtype}" for dtype in ("float16", "float32", "float64")),
        ),
        ("value", "gradient"),
        _where(lambda self, x: self.depth_multiplier == 3, after(_a_fiftieth_more)),
    ),
    Pair(
        "groups-backwards-where-they-are-4",
        CONV2D,
        ("sizes/*groups=4",),
        ("value", "gradient"),
        _where(lambda self, x: self.groups == 4, call(_groups_backwards)),
    ),
    Pair(
        "a-rate-of-4-taken-for-3",
        CONV2D,
        ("dilation/*dilation_rate=4,*padding=same",),
        ("value", "gradient"),
        _where(lambda self, x: 4 in self.dilation_rate, call(_rate_of_3)),
    ),
    Pair(
        "output-padding-2-at-most",
        TRANSPOSE,
        ("output-padding/*output_padding=3,*",),
        ("shape",),
        constructor(_at_most_2),
    ),
    Pair(
        "nothing-from-8x8",
        "constraints.RadialConstraint",
        ("large/*",),
        ("value",),
        method("__call__", _nothing_from_8),
        dialects=KERAS2,
    ),
    Pair(
        "norms-of-512-columns",
        "constraints.MaxNorm",
        (f"{_NORM}-float32", f"{_NORM}-float64"),
        ("value",),
        method("__call__", _norm_of_512_columns),
    ),
    Pair(
        "columns-left-over-from-513",
        "constraints.UnitNorm",
        (f"{_NORM}-*",),
        ("value",),
        method("__call__", _columns_left_over),
    ),
    Pair(
        "norms-in-float16-from-513",
        "constraints.MinMaxNorm",
        ("large/513x257-*-float32", f"{_NORM}-float32"),
        ("value",),
        method("__call__", _norms_in_float16),
    ),
    Pair(
        "sum-in-float16-from-65537",
        "regularizers.L2",
        ("large/65537-float32", "large/65537-float64"),
        ("value",),
        method("__call__", _sum_in_float16),
    ),
    Pair(
        "the-65537th-left-out",
        "regularizers.L1",
        ("large/65537-float64",),
        ("value",),
        method("__call__", _first_65536),
    ),
    Pair(
        "rows-left-out-from-the-65th",
        "regularizers.OrthogonalRegularizer",
        ("large/127x33-rows-float32",),
        ("value",),
        method("__call__", _first_64_rows),
    ),
)
