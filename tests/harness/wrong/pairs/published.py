"""Convolutions that behave as published reports tell (`golden/published.toml`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from conformance.subjects.base import Mode
from wrong import KERAS2, KERAS3, tensorflow
from wrong.layers.making import (
    CONV2D,
    DEPTHWISE,
    SEPARABLE,
    TRANSPOSE,
    Change,
    Official,
    as_if,
    call,
    constructor,
    method,
    pretending,
)
from wrong.pairs.making import Pair, backwards

# Padding.


def _padded(padding: Callable[[Any], list[int]]) -> Change:
    """Padding same as so many zeros at either end, whatever the input is long."""

    def wrong(self: Any, official: Official, x: Any) -> Any:
        tf = tensorflow()
        ends = [[zeros, zeros] for zeros in padding(self)]
        with pretending(self, padding="valid"):
            return official(tf.pad(tf.convert_to_tensor(x), [[0, 0], *ends, [0, 0]]))

    return call(wrong)


def _around_the_kernel(self: Any) -> list[int]:
    return [(size - 1) // 2 for size in self.kernel_size]


# Arguments that must be refused.


def _taken(name: str, refused: Any) -> Change:
    """An argument that must be refused is taken for 1."""

    def edit(named: dict[str, Any]) -> None:
        if named.get(name) == refused:
            named[name] = 1

    return constructor(edit)


def _strides_alone(named: dict[str, Any]) -> None:
    named["dilation_rate"] = 1


def _none_for_0(named: dict[str, Any]) -> None:
    if named.get("output_padding") == 0:
        del named["output_padding"]


# Calls that must be answered.


def _refused(condition: Callable[[Any, Any], bool]) -> Change:
    """A call that raises where `condition(layer, inputs)` holds."""

    def wrong(self: Any, official: Official, x: Any) -> Any:
        if condition(self, x):
            raise ValueError("there is no kernel for this convolution")
        return official(x)

    return call(wrong)


def _compiled(dtype: str) -> Callable[[Any, Any], bool]:
    return lambda self, x: not tensorflow().executing_eagerly() and x.dtype == dtype


def _empty(self: Any, x: Any) -> bool:
    return 0 in x.shape


def _in_groups(self: Any, x: Any) -> bool:
    return bool(self.groups > 1)


def _no_way_back(self: Any, official: Official, x: Any) -> Any:
    """Groups have outputs, and no gradients."""

    def refuse(dy: Any) -> Any:
        raise ValueError("there is no kernel for the gradient of groups")

    y = official(x)
    return backwards(refuse)(y) if self.groups > 1 else y


def _any_channels(self: Any, official: Official, x: Any) -> Any:
    """A symbolic call does not compare the channels of its input with those of the kernel."""
    if isinstance(x, tensorflow().Tensor):
        return official(x)
    with pretending(self, _input_spec=None, input_spec=None):
        return official(x)


# Shapes.


def _lengths_unknown(attribute: str) -> Change:
    """The shape of an output has no lengths, where an attribute of the layer is used."""

    def wrong(self: Any, official: Official, shape: Any) -> Any:
        found = [*official(shape)]
        if getattr(self, attribute) is not None:
            found[1:-1] = [None] * len(found[1:-1])
        return tuple(found)

    return method("compute_output_shape", wrong)


def _dropped(self: Any, official: Official, x: Any) -> Any:
    with pretending(self, activation=lambda y: y):
        return official(x)


def _a_column_short(self: Any, official: Official, x: Any) -> Any:
    """Where the padding is same and the stride above 1, the last column is missing."""
    y = official(x)
    short = self.padding == "same" and max(self.strides) > 1
    return y[:, :, :-1] if short else y


def _channels_last(self: Any, official: Official, x: Any) -> Any:
    """Channels come first, and leave last."""
    y = official(x)
    return y if self.data_format == "channels_last" else tensorflow().transpose(y, [0, 2, 3, 1])


PAIRS: Final[tuple[Pair, ...]] = (
    *(
        Pair(
            "padded-alike-at-both-ends",
            target,
            ("same/length=6,kernel=3,stride=2",),
            ("value",),
            _padded(_around_the_kernel),
        )
        for target in (DEPTHWISE, SEPARABLE)
    ),
    Pair(
        "padded-as-if-not-dilated",
        CONV2D,
        ("dilation/dilation_rate=2,padding=same",),
        ("shape",),
        _padded(_around_the_kernel),
    ),
    Pair(
        "kernel-of-0-taken",
        CONV2D,
        ("rejected/kernel_size=0",),
        ("accepted",),
        _taken("kernel_size", 0),
    ),
    Pair("no-filters-taken", CONV2D, ("rejected/filters=0",), ("accepted",), _taken("filters", 0)),
    Pair(
        "strides-and-dilation-taken",
        CONV2D,
        ("rejected/strides-and-dilation",),
        ("accepted",),
        constructor(_strides_alone),
    ),
    Pair(
        "output-padding-of-0-taken-for-none",
        TRANSPOSE,
        ("output-padding/0,strides=3,padding=valid",),
        ("shape",),
        constructor(_none_for_0),
    ),
    *(
        Pair(
            f"{dtype}-not-compiled",
            CONV2D,
            (f"dtype/{dtype}-valid",),
            ("accepted",),
            _refused(_compiled(dtype)),
            mode=Mode.XLA,
        )
        for dtype in ("float32", "float64")
    ),
    Pair(
        "empty-batch-refused",
        TRANSPOSE,
        ("edge/empty-batch",),
        ("accepted",),
        _refused(_empty),
    ),
    Pair(
        "groups-refused",
        CONV2D,
        ("groups/groups=2,channels=4,filters=2",),
        ("accepted",),
        _refused(_in_groups),
    ),
    Pair(
        "groups-without-gradients",
        CONV2D,
        ("gradient/groups=2,*",),
        ("accepted",),
        call(_no_way_back),
    ),
    *(
        Pair(
            "strides-ignored-where-dilated",
            target,
            ("symbolic/strides-and-dilation-same-eager",),
            ("shape",),
            as_if(strides=(1, 1)),
            dialects=KERAS3,
        )
        for target in (DEPTHWISE, SEPARABLE)
    ),
    Pair(
        "shape-without-dilation",
        CONV2D,
        ("symbolic/dilation-2-valid-output_shape",),
        ("shape",),
        as_if("compute_output_shape", dilation_rate=(1, 1)),
    ),
    Pair(
        "lengths-unknown-where-dilated",
        CONV2D,
        ("symbolic/dilation-2-valid-output_shape",),
        ("shape",),
        _lengths_unknown("dilation_rate"),
    ),
    Pair(
        "lengths-unknown-with-output-padding",
        TRANSPOSE,
        ("symbolic/output_padding-1-of-strides-2-output_shape",),
        ("shape",),
        _lengths_unknown("output_padding"),
    ),
    *(
        Pair(
            f"dilation-ignored-{padding}",
            TRANSPOSE,
            (f"dilation/dilation_rate=2,padding={padding}",),
            (aspect,),
            as_if(dilation_rate=(1, 1)),
            dialects=KERAS2,
        )
        for padding, aspect in (("same", "value"), ("valid", "shape"))
    ),
    Pair(
        "any-channels-of-a-symbol",
        CONV2D,
        ("symbolic/other-channels-later",),
        ("accepted",),
        method("__call__", _any_channels),
        dialects=KERAS3,
    ),
    Pair(
        "a-column-short",
        CONV2D,
        ("symbolic/strides-2-same-eager",),
        ("shape",),
        call(_a_column_short),
    ),
    Pair(
        "channels-first-left-last",
        TRANSPOSE,
        ("channels-first/k3x2,s1,valid,biasTrue,None,f1",),
        ("shape",),
        call(_channels_last),
        dialects=KERAS2,
    ),
    Pair(
        "activation-dropped",
        SEPARABLE,
        ("gradient/activation=relu",),
        ("gradient",),
        call(_dropped),
    ),
)
