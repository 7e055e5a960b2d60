"""Convolution layers at the edges: what is empty, too small or not finite, and what is rejected."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from conformance.cases.inputs import INF, LIMITS, NAN, listed, thirds, wave
from conformance.cases.layers.convolution_common import (
    MULTIPLIED,
    PLAIN,
    TRANSPOSED,
    Rows,
    arguments_text,
    based,
    basic,
    basic_shape,
    basis,
    build,
    rank_of,
    set_weights,
    values,
)
from conformance.cases.references import layer
from conformance.cases.rows import KERAS2, KERAS3
from conformance.cases.steps import CALL
from conformance.model import DIALECTS, Case, Input, Step


def _with(shape: tuple[int, ...], number: float, place: int, dtype: str = "float32") -> Input:
    """`wave` with one other number, at a place counted row-major."""
    x = wave(shape, "float64").tensor.values().copy().reshape(-1)
    x[place] = number
    return listed(np.reshape(x, shape), dtype)


def edge_rows(name: str) -> Iterator[Case]:
    """What is empty, alone, as large as the kernel, or not finite."""
    row = Rows(name)
    rank = rank_of(name)
    batch, *lengths, channels = basic_shape(name)
    few: dict[str, Any] = {"filters": 1} if name in (*TRANSPOSED, "Conv3D") else {}
    # More than one output: the terms of a single one may cancel, which hides errors.
    several = {"kernel_size": 2, **({"filters": 3} if name == "Conv3D" else {})}
    sizes: dict[str, tuple[tuple[int, ...], dict[str, Any]]] = {
        "empty-batch": ((0, *lengths, channels), {}),
        "batch-of-one": ((1, *lengths, channels), {}),
        "one-channel": ((batch, *lengths, 1), {}),
        "length-one-same": ((batch, *[1] * rank, channels), {"padding": "same"}),
        "as-long-as-the-kernel": ((1, *[2] * rank, channels), several),
    }
    for detail, (shape, arguments) in sizes.items():
        flags = "empty" if 0 in shape else "single"
        yield row.asked("edge", detail, shape=shape, flags=flags, **{**few, **arguments})
    for padding in ("valid", "same"):
        for size in (1, 2):
            yield row.asked(
                "edge",
                f"kernel={size + 1},length={size},{padding}",
                shape=(1, *[size] * rank, 2),
                kernel_size=size + 1,
                padding=padding,
                flags="kernel-too-long",
                **few,
            )
    if name == "Conv3D":
        # Nothing fits, so that not even Keras 2 on a CPU asks for channels that are last.
        yield row.asked(
            "edge",
            "empty-outputs,channels-first",
            shape=(1, 2, 2, 2, 2),
            kernel_size=3,
            data_format="channels_first",
            flags="kernel-too-long",
            **few,
        )
    if name in (*MULTIPLIED, "Conv2D"):
        # Who refuses an input that is shorter by two, the build or the call.
        short = (1, *[1] * rank, 2)
        yield row.asked(
            "edge", "kernel=3,length=1,built", shape=short, kernel_size=3, flags="kernel-too-long"
        )
    if name in PLAIN:
        # Built for any length: with strides the kernel may reach beyond what the call brings, as long as it starts in it.
        beyond = row.given(flags="kernel-too-long")
        beyond = beyond.given(arguments={"filters": 1, "kernel_size": 5, "strides": 2})
        for layout in ("channels_last", "channels_first")[: 1 + (name == "Conv3D")]:
            first = layout == "channels_first"
            any_length = [None] * rank
            built = build(None, 2, *any_length) if first else build(None, *any_length, 2)
            for length in (1, 2):
                given = wave((1, 2, *[length] * rank) if first else (1, *[length] * rank, 2))
                detail = f"kernel=5,strides=2,length={length},{layout}"
                asked = beyond.given(arguments={"data_format": layout}, inputs=given)
                yield asked("short", detail, built, CALL)
    shape = (2, *[3] * rank, 1)
    yield row.asked("edge", "kernel=1", shape=shape, kernel_size=1, flags="single", **few)
    # Strides that leave elements out, or zeros between: padding must not be negative.
    shape = (1, *[2 if name in TRANSPOSED else 3] * rank, 2)
    for padding in ("valid", "same"):
        detail = f"strides-beyond-kernel-{padding}"
        one = {**few, "kernel_size": 1}
        yield row.asked("edge", detail, shape=shape, **one, strides=2, padding=padding)
    shape = (2, 0, *[2] * (rank - 1), 2)
    yield row.asked("edge", "empty-length-same", shape=shape, padding="same", flags="empty", **few)
    yield from _not_finite(row)


def _not_finite(row: Rows) -> Iterator[Case]:
    shape = basic_shape(row.name)
    middle = math.prod(shape) // 2
    for detail, number, flag in (
        ("nan", NAN, "nan"),
        ("infinity", INF, "infinity"),
        ("minus-infinity", -INF, "infinity"),
    ):
        x = _with(shape, number, middle)
        for padding in ("valid", "same"):
            yield row.asked("edge", f"{detail}-{padding}", given=x, padding=padding, flags=flag)
    both = listed(np.where(np.arange(math.prod(shape)) % 2, INF, -INF).reshape(shape))
    yield row.asked("edge", "infinities-of-both-signs", given=both, flags=("infinity", "nan"))
    # A product beyond the largest number; in float16 it is 65504.
    huge = _with(shape, LIMITS["float16"][2], middle, "float16")
    yield row.asked(
        "edge", "overflow-float16", given=huge, dtype="float16", formula=thirds, flags="overflow"
    )
    zeros = listed(np.full(shape, -0.0))
    yield row.asked("edge", "negative-zeros", given=zeros, use_bias=False, flags="negative-zero")


# Asked of one class of each kind; the others are asked the first two values of each.
_THOROUGH: Final = ("Conv2D", "Conv2DTranspose", "SeparableConv2D", "DepthwiseConv2D")


def _bad_arguments(name: str) -> Iterator[tuple[str, Any]]:
    """Arguments that are none; what is accepted shows in the weights that are built."""
    rank = rank_of(name)
    many: dict[str, tuple[Any, ...]] = {}
    if "filters" in basis(name):
        many["filters"] = (0, -1, 1.5, "2", (2,))
    if name in MULTIPLIED:
        many["depth_multiplier"] = (0, -1)
    many["groups"] = (0, -1, 1.5, "2", (2,)) if name in PLAIN else (2,)
    for argument in ("kernel_size", "strides", "dilation_rate"):
        many[argument] = ((1,) * (rank + 1), 0, -1, 1.5, "2", None, (), (0,) * rank)
    if name in TRANSPOSED:
        many["output_padding"] = (1, (0,) * (rank + 1), -1, 2, 1.5, "0", ())
    many["padding"] = ("foo", "causal", "", None, 1, "full")
    many["data_format"] = ("foo", "NHWC", "", 1)
    many["activation"] = ("foo", 5, ["relu"])
    many["bias_initializer"] = many["bias_constraint"] = ("foo", 5)
    many["activity_regularizer"] = many["bias_regularizer"] = ("foo", 5)
    many["dtype"] = ("foo", 5)
    many["trainable"] = ("foo",)
    many["foo"] = (1,)
    for argument, wrong in many.items():
        for value in wrong if name in _THOROUGH else wrong[:2]:
            yield argument, value


def _dialects(name: str, argument: str, value: Any) -> tuple[str, ...]:
    """Where a rejection is due: Keras 2 lets pass, or finds out in `build`, what these are."""
    if argument == "depth_multiplier" or (argument, value) in (("groups", -1), ("dtype", 5)):
        return KERAS3
    if (argument, value) == ("filters", 1.5) and name not in PLAIN:
        return KERAS2
    if (name, argument, value) == ("Conv1DTranspose", "padding", "causal"):
        return KERAS3
    return DIALECTS


def rejection_rows(name: str) -> Iterator[Case]:
    """Arguments that are none, shapes to build for that are none, and inputs that do not fit."""
    rank = rank_of(name)
    row = based(name).given(flags="bad-argument")
    first = build(None, *basic_shape(name)[1:])
    for argument, value in _bad_arguments(name):
        if name == "Conv1D" and (argument, value) == ("padding", "causal"):
            continue
        asked = row.given(arguments={argument: value}, dialects=_dialects(name, argument, value))
        detail = arguments_text({argument: "''" if value == "" else value})
        yield asked("rejected", detail, first)
    bare = Rows(name, flags="bad-argument")
    for argument in basis(name):
        missing = {k: v for k, v in basis(name).items() if k != argument}
        yield bare("rejected", f"no-{argument}", first, arguments=missing)
    many = {"*": (*basis(name).values(), *[1] * 20)}
    yield bare("rejected", "too-many-positional", first, arguments=many)
    both: dict[str, Any] = {"strides": 2, "dilation_rate": 2}
    yield row("rejected", "strides-and-dilation", first, arguments=both)
    if rank > 1:
        apart = {"strides": (2,) + (1,) * (rank - 1), "dilation_rate": (1,) * (rank - 1) + (2,)}
        yield row("rejected", "strides-and-dilation-apart", first, arguments=apart)
    if name in PLAIN:
        grouped = row.given(flags=("bad-argument", "groups"))
        for filters, groups in ((3, 2), (4, 3), (2, 4)):
            both = {"filters": filters, "groups": groups}
            yield grouped("rejected", f"filters={filters},groups={groups}", first, arguments=both)
        odd = row.given(arguments={"filters": 4, "groups": 2}, flags=("bad-input", "groups"))
        yield odd("rejected", "channels=3,groups=2", build(None, *[4] * rank, 3))
    yield from _shape_rejections(name, rank)


def _shape_rejections(name: str, rank: int) -> Iterator[Case]:
    row = based(name).given(flags="bad-input")
    _, *lengths, channels = basic_shape(name)
    shapes: dict[str, Any] = {
        **({"rank-more": [None, 2, *lengths, channels]} if name in PLAIN else {}),
        "empty": [],
        "channels-unknown": [None, *lengths, None],
        "all-unknown": [None] * (rank + 2),
        "lengths-unknown": [None, *[None] * rank, channels],
        "none": None,
        "negative": [None, *lengths, -1],
    }
    for detail, shape in shapes.items():
        yield row("build", detail, Step("build", options={"shape": shape}))
    held = values(basic(name))
    first = build(None, *lengths, channels)
    inputs: dict[str, tuple[int, ...]] = {
        "channels-more": (1, *[min(n, 3) for n in lengths], channels + 1),
        "channels-fewer": (1, *lengths, channels - 1),
        "rank-less": (*lengths, channels),
        "rank-more": (1, 1, *lengths, channels),
        "rank-one": (channels,),
        "scalar": (),
    }
    given = {detail: wave(shape) for detail, shape in inputs.items()}
    yield from row.table("input", given, first, set_weights(held), CALL)
    unbuilt = {detail: given[detail] for detail in ("rank-less", "rank-one", "scalar")}
    if name not in TRANSPOSED:  # of which official Keras returns what was in memory before
        unbuilt["channels-none"] = wave((1, *lengths, 0))
    yield from row.table("input", unbuilt, CALL, prefix="unbuilt-")
    row = row.given(flags="bad-argument")
    wrong: dict[str, list[Input]] = {
        "fewer": held[:-1],
        "more": [*held, wave((1,))],
        "none": [],
        "transposed": [Input(_reversed(v)) for v in held],
    }
    yield from row.table("set-weights", wrong, first, set_weights)
    yield row("set-weights", "before-build", set_weights(held))
    nested = {"activation": layer(name, **basis(name))}
    yield row("rejected", "activation=layer", first, arguments=nested)


def _reversed(given: Input) -> Any:
    tensor = given.tensor
    return wave(tensor.shape[::-1], tensor.dtype).tensor
