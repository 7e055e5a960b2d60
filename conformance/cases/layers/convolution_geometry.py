"""Convolution layers: where kernels meet the input: padding, dilation, groups, strides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.cases.layers.convolution_common import (
    MULTIPLIED,
    TRANSPOSED,
    Rows,
    arguments_text,
    basis,
    rank_of,
)
from conformance.cases.layers.convolution_values import SHAPES
from conformance.cases.rows import sizes
from conformance.cases.steps import symbolic
from conformance.model import Case


def dilation_rows(name: str) -> Iterator[Case]:
    """Dilation with each padding, on one axis and on all; strides and dilation together."""
    row = Rows(name)
    rank = rank_of(name)
    rates: tuple[Any, ...] = {
        1: (2, 3, (2,)),
        2: (2, 3, (1, 2), (2, 1)),
        3: (2, (1, 2, 1), (2, 1, 1)),
    }[rank]
    paddings = ["valid", "same"] + (["causal"] if name in ("Conv1D", "SeparableConv1D") else [])
    small: dict[str, Any] = {"kernel_size": 2}
    if name in TRANSPOSED:
        small["filters"] = 1
    shape = {
        "Conv1D": (2, 6, 4),
        "SeparableConv1D": (2, 6, 4),
        "DepthwiseConv1D": (2, 7, 3),
        "Conv3D": (1, 5, 3, 4, 1),
        "Conv1DTranspose": (2, 5, 3),
        "Conv2DTranspose": (1, 4, 3, 2),
        "Conv3DTranspose": (1, 3, 2, 2, 1),
    }.get(name, (1, 5, 4, 3))
    if name == "Conv3D":
        small["filters"] = 1
    for rate in rates:
        for padding in paddings:
            arguments = {**small, "dilation_rate": rate, "padding": padding}
            detail = arguments_text({"dilation_rate": rate, "padding": padding})
            yield row.asked("dilation", detail, shape=shape, flags="dilation", **arguments)
    if name in MULTIPLIED:
        for padding in ("valid", "same"):
            both = {**small, "dilation_rate": 2, "strides": 2, "padding": padding}
            detail = f"with-strides-{padding}"
            yield row.asked("dilation", detail, shape=shape, flags=("dilation", "strides"), **both)


def padding_rows(name: str) -> Iterator[Case]:
    """`same` where the zeros do not part evenly: even and odd lengths, kernels and strides."""
    row = Rows(name)
    rank = rank_of(name)
    first = {"filters": 1} if "filters" in basis(name) else {}
    lengths = (5, 6) if rank > 1 or name in TRANSPOSED else (4, 5, 6, 7)
    for length in lengths:
        for kernel in (2, 3):
            for stride in (2, 3) if rank == 1 else (2,):
                if rank == 3:
                    shape: tuple[int, ...] = (1, length, 2, 1, 2)
                    kernels: Any = (kernel, 3, 1)
                elif rank == 2:
                    shape = (1, length, 3, 1) if name in TRANSPOSED else (1, length, 4, 2)
                    kernels = (kernel, 5 - kernel)
                else:
                    shape, kernels = (2, length, 2), kernel
                if name == "Conv3DTranspose":
                    shape = (1, length - 3, 2, 1, 2)
                if name == "Conv2DTranspose":
                    shape = (1, length - 2, 3, 1)
                arguments = {**first, "kernel_size": kernels, "strides": stride, "padding": "same"}
                detail = f"length={shape[1]},kernel={kernel},stride={stride}"
                yield row.asked(
                    "same", detail, shape=shape, flags=("padding", "strides"), **arguments
                )


def group_rows(name: str) -> Iterator[Case]:
    """Groups, up to one channel a group; filters a group in their order."""
    row = Rows(name)
    last = (2, 1, 1) if name == "Conv3D" else (3, 2) if name == "Conv2D" else (5,)
    for groups, channels, filters in ((2, 4, 2), (2, 4, 6), (3, 6, 3), (4, 4, 4), (4, 4, 8)):
        yield row.asked(
            "groups",
            f"groups={groups},channels={channels},filters={filters}",
            shape=(1, *last, channels),
            kernel_size=(2,) + (1,) * (rank_of(name) - 1),
            filters=filters,
            groups=groups,
            flags="groups",
        )
    if name != "Conv1D":
        return
    variants: tuple[dict[str, Any], ...] = (
        {"padding": "causal"},
        {"dilation_rate": 2},
        {"padding": "causal", "dilation_rate": 2},
        {"strides": 2, "padding": "same"},
        {"dtype": "float64"},
        {"dtype": "float16"},
        {"dtype": "bfloat16"},
    )
    for variant in variants:
        arguments = {"kernel_size": 2, "filters": 2, "groups": 2, **variant}
        detail = f"2,{arguments_text(variant)}"
        yield row.asked("groups", detail, shape=(1, 5, 4), flags="groups", **arguments)


def output_padding_rows(name: str) -> Iterator[Case]:
    """Output padding below the stride, with each padding."""
    row = Rows(name)
    rank = rank_of(name)
    shape = {1: (2, 3, 2), 2: (1, 2, 3, 2), 3: (1, 2, 1, 1, 3)}[rank]
    mixed: Any = {1: (1,), 2: (1, 0), 3: (0, 1, 0)}[rank]
    for extra, stride in ((0, 1), (0, 2), (1, 2), (mixed, 2), (None, 2), (0, 3), (2, 3)):
        if rank == 3 and stride == 3:
            continue
        for padding in ("valid", "same"):
            arguments: dict[str, Any] = {
                "output_padding": extra,
                "strides": stride,
                "padding": padding,
            }
            yield row.asked(
                "output-padding",
                arguments_text(arguments).removeprefix("output_padding="),
                shape=shape if stride < 3 or rank == 1 else (1, 2, 1, 2),
                filters=1,
                kernel_size=2 if stride == 3 else {1: 3, 2: (2, 3), 3: (2, 1, 2)}[rank],
                flags="output-padding",
                **arguments,
            )


def equal_axes_rows(name: str) -> Iterator[Case]:
    """Sizes that are equal along all axes, where a wrong axis fits; strides along one axis only."""
    row = Rows(name)
    rank = rank_of(name)
    size = 2 if rank > 1 else 3
    arguments: dict[str, Any] = {"kernel_size": size}
    if "filters" in basis(name):
        arguments["filters"] = size
    batch = 1 if name == "Conv3DTranspose" else size
    groups = {"channels_last": "equal-axes", "channels_first": "equal-axes-channels-first"}
    for data_format, group in groups.items():
        for padding in ("valid", "same"):
            yield row.asked(
                group,
                padding,
                shape=(batch, *(size,) * (rank + 1)),
                data_format=data_format,
                padding=padding,
                flags="equal-axes",
                **arguments,
            )
    if rank == 1:
        return
    shape = (1,) + (3 if rank == 2 and name not in TRANSPOSED else 2,) * rank + (2,)
    for axis in range(rank):
        longer = tuple(2 if other == axis else 1 for other in range(rank))
        for padding in ("same",) if name == "Conv3DTranspose" else ("valid", "same"):
            yield row.asked(
                "unequal-strides",
                f"{sizes(longer)}-{padding}",
                shape=shape,
                strides=longer,
                padding=padding,
                flags=("equal-axes", "strides"),
                **arguments,
            )


def unequal_stride_rows(name: str) -> Iterator[Case]:
    """Unequal strides where lengths and kernel are unequal too."""
    row = Rows(name)
    for strides in ((2, 1), (1, 2), (1, 3), (3, 2)):
        for padding in ("valid", "same"):
            yield row.asked(
                "unequal-strides",
                f"{sizes(strides)}-{padding}-unequal-lengths",
                shape=SHAPES[name],
                strides=strides,
                padding=padding,
                flags="strides",
            )
    if name == "DepthwiseConv2D":
        # A stride beyond the kernel leaves the end of the input out, and a stride of 1 nothing.
        short: dict[str, Any] = {"strides": (1, 3), "kernel_size": 1, "padding": "same"}
        yield row.asked("unequal-strides", "beyond-the-kernel", shape=(1, 2, 6, 1), **short)
        row = row.given(inputs=(), flags="strides")
        arguments = basis(name) | {"strides": (1, 2), "padding": "same"}
        step = symbolic(None, None, None, 2)
        yield row("symbolic", "unequal-strides-unknown-lengths", step, arguments=arguments)
