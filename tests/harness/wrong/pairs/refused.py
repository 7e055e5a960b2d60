"""Answers where official Keras raises: nobody's numbers but the truth's to be held against."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from conformance.model import Grade
from wrong import KERAS2, KERAS3, tensorflow
from wrong.layers.making import Change, Official, call, pretending
from wrong.pairs.making import Pair, answers, doubled, given, orthogonal, same

# Convolutions with the channels first.


def _last(x: Any) -> Any:
    """The axis of the channels from the second place to the last."""
    tf = tensorflow()
    return tf.transpose(x, [0, *range(2, x.shape.rank), 1])


def _second(x: Any) -> Any:
    """The axis of the channels from the last place to the second."""
    tf = tensorflow()
    return tf.transpose(x, [0, x.shape.rank - 1, *range(1, x.shape.rank - 1)])


def _channels_first(wrong: Callable[[Any], Any]) -> Change:
    """Convolves with the channels last, moves them back, and does something to the outputs."""

    def transposing(self: Any, official: Official, inputs: Any) -> Any:
        if self.data_format != "channels_first":
            return official(inputs)
        last = {"data_format": "channels_last", "_tf_data_format": "NHWC"}
        if self.rank != 2:
            last["_tf_data_format"] = {1: "NWC", 3: "NDHWC"}[self.rank]
        with pretending(self, **last, _channels_first=False):
            return wrong(official(_last(inputs)))

    return call(transposing)


def _last_column(x: Any) -> Any:
    """Only the last place of the last axis; the others are zero."""
    tf = tensorflow()
    return tf.concat([tf.zeros_like(x[..., :-1]), x[..., -1:]], -1)


def _zeros(x: Any) -> Any:
    return tensorflow().zeros_like(x)


def _reversed(x: Any) -> Any:
    return tensorflow().reverse(x, [1])


_RIGHT: Final = _channels_first(_second)
# As many channels as places: the shape of what is not transposed is right, too.
_EQUAL: Final = ("equal-axes-channels-first/same",)

CHANNELS_FIRST: Final = (
    *(
        Pair(
            f"channels-first-{name}",
            target,
            cases,
            ("value",),
            _channels_first(wrong),
            _RIGHT,
            Grade.TRUTH,
        )
        for name, target, cases, wrong in (
            ("zeros", "layers.Conv1D", ("channels-first/*",), lambda y: _zeros(_second(y))),
            ("zeros", "layers.Conv2D", ("channels-first/*s1,*",), lambda y: _zeros(_second(y))),
            ("last-column", "layers.Conv2D", _EQUAL, lambda y: _last_column(_second(y))),
            ("last-column", "layers.Conv1D", _EQUAL, lambda y: _last_column(_second(y))),
            ("filters-reversed", "layers.Conv2D", _EQUAL, lambda y: _reversed(_second(y))),
        )
    ),
    Pair(
        "channels-first-left-last",
        "layers.Conv2D",
        _EQUAL,
        ("value",),
        _channels_first(lambda y: y),
        _RIGHT,
        Grade.TRUTH,
    ),
    # TensorFlow takes some of them.
    Pair(
        "channels-first-groups-zeros",
        "layers.Conv2D",
        ("channels-first-groups/*",),
        ("value",),
        _channels_first(lambda y: _zeros(_second(y))),
        _RIGHT,
    ),
    Pair(
        "channels-first-left-last-elsewhere",
        "layers.Conv2D",
        ("channels-first/k3x2,s1,valid,*",),
        ("shape",),
        _channels_first(lambda y: y),
        _RIGHT,
    ),
)

# Convolutions that the kernels of TensorFlow cannot do.


def _spread(kernel: Any, rate: int) -> Any:
    """A kernel [length, ...] with `rate` - 1 zeros between its elements."""
    tf = tensorflow()
    length = kernel.shape[0]
    wide = tf.stack([kernel, *[tf.zeros_like(kernel)] * (rate - 1)], 1)
    return tf.reshape(wide, [length * rate, *kernel.shape[1:]])[: (length - 1) * rate + 1]


def _transposed(dilated: bool) -> Change:
    """A transposed convolution over one axis, by a kernel with zeros in between."""

    def wrong(self: Any, official: Official, inputs: Any) -> Any:
        tf = tensorflow()
        rate = self.dilation_rate[0]
        if rate == 1:
            return official(inputs)
        kernel = _spread(tf.convert_to_tensor(self.kernel), rate if dilated else 1)
        size, stride, length = kernel.shape[0], self.strides[0], inputs.shape[1]
        longer = max(size - stride, 0) if self.padding == "valid" else 0
        shape = [inputs.shape[0], length * stride + longer, self.filters]
        padding = self.padding.upper()
        outputs = tf.nn.conv1d_transpose(inputs, kernel, shape, stride, padding)
        return self.activation(outputs + tf.convert_to_tensor(self.bias))

    return call(wrong)


def _unequal(strides: Callable[[Any], Any]) -> Change:
    """A depthwise convolution at every place, of which every so many are kept."""

    def wrong(self: Any, official: Official, inputs: Any) -> Any:
        down, right = strides(self.strides)
        with pretending(self, strides=(1, 1)):
            return official(inputs)[:, ::down, ::right, :]

    return call(wrong)


# Penalties and projections of dtypes that official Keras cannot multiply.


def _times(factor: float) -> Callable[[Any, Any], Any]:
    return lambda self, x: orthogonal(same)(self, x) * factor


ORTHOGONAL: Final = tuple(
    Pair(
        f"{name}-{dtype}",
        "regularizers.OrthogonalRegularizer",
        (f"dtype/{dtype}-*-3x4-*", f"dtype/{dtype}-*-2x2-*"),
        ("value",),
        answers(_times(factor)),
        answers(orthogonal(same)),
        Grade.TRUTH,
        KERAS3,
    )
    for name, dtype, factor in (
        ("a-thousandth-more", "float64", 1.001),
        ("a-billionth-more", "float64", 1 + 1e-9),
        ("a-tenth-more", "float16", 1.1),
        ("half", "bfloat16", 0.5),
    )
)


def _relu(self: Any, w: Any) -> Any:
    tf = tensorflow()
    return tf.maximum(w, tf.zeros_like(w))


def _identity(self: Any, w: Any) -> Any:
    return tensorflow().convert_to_tensor(w)


PAIRS: Final[tuple[Pair, ...]] = (
    *CHANNELS_FIRST,
    *(
        Pair(
            f"dilation-ignored-{padding}",
            "layers.Conv1DTranspose",
            (f"dilation/*,padding={padding}",),
            (aspect,),
            _transposed(dilated=False),
            _transposed(dilated=True),
        )
        for padding, aspect in (("same", "value"), ("valid", "shape"))
    ),
    Pair(
        "first-stride-for-both",
        "layers.DepthwiseConv2D",
        ("unequal-strides/2x1-valid", "unequal-strides/1x2-valid"),
        ("shape",),
        _unequal(lambda strides: (strides[0], strides[0])),
        _unequal(lambda strides: strides),
    ),
    *ORTHOGONAL,
    Pair(
        "1x1-zeros",
        "constraints.RadialConstraint",
        ("*/1x1*",),
        ("value",),
        answers(lambda self, w: _zeros(w)),
        answers(_identity),
        Grade.TRUTH,
        KERAS2,
    ),
    Pair(
        "negative-numbers-kept",
        "constraints.NonNeg",
        ("value/wave-3x4-float64", "value/wave-5-*float16", "integer/int8"),
        ("value",),
        answers(_identity),
        answers(_relu),
        Grade.TRUTH,
        KERAS2,
    ),
    Pair(
        "penalty-of-a-list-doubled",
        "regularizers.L1",
        ("given/list-of-one", "given/number"),
        ("value",),
        answers(lambda self, x: doubled(_l1(self, x))),
        answers(lambda self, x: _l1(self, x)),
        Grade.TRUTH,
        KERAS3,
    ),
)


def _l1(self: Any, x: Any) -> Any:
    tf = tensorflow()
    x = tf.convert_to_tensor(x)
    return given(self.l1) * tf.reduce_sum(tf.abs(x))
