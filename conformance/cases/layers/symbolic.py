"""Symbolic calls: the shape and dtype a layer says, beside those that it then computes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from conformance.cases.inputs import wave
from conformance.cases.layers.convolution_common import (
    DEPTHWISE,
    MULTIPLIED,
    SEPARABLE,
    TRANSPOSED,
    rank_of,
)
from conformance.cases.layers.settings_common import (
    CONVOLUTIONS,
    SMALL,
    row_of,
    shape_of,
)
from conformance.cases.steps import CALL, output_shape, symbolic
from conformance.model import Case

_SHAPES: Final[Mapping[str, tuple[int | None, ...]]] = {
    "no-axis": (None,),
    "too-many-axes": (None, 3, 3, 3, 3, 3, 2),
    "all-unknown": (None, None, None, None, None, None),
}
_DTYPES: Final = ("float64", "float16", "bfloat16", "int32")


def rows() -> Iterator[Case]:
    """Every case about symbolic calls. Where one way is rejected, the others are asked apart."""
    for name in SMALL:
        row, shape = row_of(name, arguments=_ones(name)), shape_of(name)
        for dtype in _DTYPES:
            asked = row.given(inputs=wave(shape, dtype)) if dtype != "int32" else row
            steps = (symbolic(None, *shape[1:], dtype=dtype),)
            yield asked("symbolic", f"of-{dtype}", *steps, *(() if dtype == "int32" else (CALL,)))
        for policy in ("float64", "mixed_float16", "mixed_bfloat16"):
            asked = row.given(arguments={"dtype": policy}, flags="policy")
            yield asked("symbolic", f"policy-{policy}", symbolic(*shape), CALL)
        rejected = row.given(flags="bad-input")
        for detail, wrong in _SHAPES.items():
            yield rejected("symbolic", detail, symbolic(*wrong))
        unknown = (None,) * (len(shape) - 1)
        yield row("symbolic", "unknown-lengths", symbolic(*unknown, shape[-1]), CALL)
        yield rejected("symbolic", "unknown-channels", symbolic(*shape[:-1], None))
        other = (*shape[:-1], shape[-1] + 1)
        yield rejected("symbolic", "other-channels-later", symbolic(*shape), symbolic(*other))
        yield rejected("symbolic", "batch-of-other-size", symbolic(*shape), symbolic(5, *shape[1:]))
    for name in CONVOLUTIONS:
        yield from _geometries(name)


def _arguments(name: str) -> Iterator[tuple[str, dict[str, Any], tuple[int, ...]]]:
    """Arguments that the shape of the output follows from, and a shape of the input."""
    shape, rank = shape_of(name), rank_of(name)
    for padding in ("valid", "same", "causal"):
        yield f"padding-{padding}", {"padding": padding}, shape
    longer = (1, *[2] * rank, 2)
    for padding in ("valid", "same"):
        yield f"kernel-longer-{padding}", {"padding": padding, "kernel_size": 3}, longer
        yield f"strides-2-{padding}", {"padding": padding, "strides": 2}, (1, *[4] * rank, 1)
        dilated = {"padding": padding, "dilation_rate": 2, "kernel_size": 2}
        yield f"dilation-2-{padding}", dilated, (1, *[3] * rank, 1)
        yield f"dilated-kernel-longer-{padding}", dilated, (1, *[2] * rank, 1)
        both = {"padding": padding, "dilation_rate": 2, "strides": 2, "kernel_size": 2}
        yield f"strides-and-dilation-{padding}", both, (1, *[3] * rank, 1)
    yield "channels_first", {"data_format": "channels_first"}, shape_of(name, first=True)
    if name in TRANSPOSED:
        for more in (0, 1, 2, 3):
            given = {"strides": 2, "output_padding": more}
            yield f"output_padding-{more}-of-strides-2", given, (1, *[2] * rank, 1)
        yield "output_padding-1-of-strides-1", {"output_padding": 1}, shape
    if name in MULTIPLIED:
        yield "depth_multiplier", {"depth_multiplier": 2}, shape
    if name in SEPARABLE and rank == 2:
        for pair in ((1, 2), (2, 1)):
            yield f"strides-{pair[0]}x{pair[1]}", {"strides": pair}, (1, 4, 4, 1)
            yield f"dilation-{pair[0]}x{pair[1]}", {"dilation_rate": pair}, (1, 4, 4, 1)


def _geometries(name: str) -> Iterator[Case]:
    """Each asked all three ways, apart."""
    for detail, arguments, shape in _arguments(name):
        row = row_of(name, arguments={**_ones(name), **arguments}, inputs=wave(shape))
        yield row("symbolic", f"{detail}-symbolic", symbolic(*shape))
        yield row("symbolic", f"{detail}-eager", CALL)
        yield row("symbolic", f"{detail}-output_shape", output_shape(*shape))


def _ones(name: str) -> dict[str, Any]:
    """Weights that are not drawn."""
    parts = ("depthwise", "pointwise") if name in SEPARABLE else ("kernel",)
    if name in DEPTHWISE:
        parts = ("depthwise",)
    return {f"{part}_initializer": "ones" for part in parts}
