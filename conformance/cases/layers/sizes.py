"""Layers of the sizes that networks have, odd ones included: what small tensors cannot show.

Inputs and weights are formulas, of outputs and gradients 64 elements are asked.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from conformance.cases.inputs import large
from conformance.cases.layers.common import POLICIES
from conformance.cases.layers.convolution_common import (
    MIXED,
    MULTIPLIED,
    Problem,
    arguments_text,
)
from conformance.cases.references import regularizer
from conformance.cases.rows import Rows
from conformance.cases.rows import sizes as text_of
from conformance.cases.steps import CALL_SAMPLED, GRADIENT_SAMPLED, LOSSES, build, set_weights
from conformance.model import FLOATS, Case, Given, Input

# By class: arguments, and the shape of the input with the channels last. One of each pair is what a network would
# have, one has odd lengths and a prime number of channels. Each takes official Keras less than 0.1 s.
_SIZES: Final[Mapping[str, Sequence[tuple[Mapping[str, Any], tuple[int, ...]]]]] = {
    "Conv1D": (
        ({"filters": 64, "kernel_size": 3, "padding": "same"}, (1, 128, 32)),
        ({"filters": 67, "kernel_size": 5}, (2, 101, 31)),
    ),
    "Conv2D": (
        ({"filters": 64, "kernel_size": 3, "padding": "same"}, (1, 32, 32, 64)),
        ({"filters": 19, "kernel_size": 7, "strides": 2, "padding": "same"}, (1, 33, 35, 3)),
    ),
    "Conv3D": (
        ({"filters": 16, "kernel_size": 3, "padding": "same"}, (1, 8, 8, 8, 16)),
        ({"filters": 13, "kernel_size": 3, "strides": 3}, (1, 16, 15, 17, 7)),
    ),
    "Conv1DTranspose": (
        ({"filters": 32, "kernel_size": 4, "strides": 2, "padding": "same"}, (1, 64, 64)),
        ({"filters": 31, "kernel_size": 5, "strides": 3}, (2, 53, 37)),
    ),
    "Conv2DTranspose": (
        ({"filters": 32, "kernel_size": 3, "strides": 2, "padding": "same"}, (1, 16, 16, 32)),
        ({"filters": 29, "kernel_size": 5, "strides": 3}, (1, 9, 11, 37)),
    ),
    "Conv3DTranspose": (
        ({"filters": 16, "kernel_size": 2, "strides": 2, "padding": "same"}, (1, 4, 4, 4, 32)),
        ({"filters": 7, "kernel_size": 3, "strides": 2}, (1, 4, 6, 7, 11)),
    ),
    "SeparableConv1D": (
        ({"filters": 64, "kernel_size": 3, "padding": "same"}, (1, 128, 32)),
        ({"filters": 41, "kernel_size": 5, "depth_multiplier": 3}, (2, 101, 23)),
    ),
    "SeparableConv2D": (
        ({"filters": 64, "kernel_size": 3, "strides": 2, "padding": "same"}, (1, 32, 32, 32)),
        ({"filters": 41, "kernel_size": 3, "depth_multiplier": 3}, (1, 17, 19, 23)),
    ),
    "DepthwiseConv1D": (
        ({"kernel_size": 3, "padding": "same"}, (1, 128, 64)),
        ({"kernel_size": 7, "depth_multiplier": 2}, (2, 101, 37)),
    ),
    "DepthwiseConv2D": (
        ({"kernel_size": 3, "padding": "same"}, (1, 32, 32, 32)),
        ({"kernel_size": 5, "depth_multiplier": 2}, (1, 17, 19, 23)),
    ),
}
# Batch, channels, units.
_DENSE: Final = ((3, 512, 256), (5, 513, 257))


def rows() -> Iterator[Case]:
    """Every layer, of two sizes, in every dtype."""
    for batch, channels, units in _DENSE:
        for dtype in (*FLOATS, *MIXED):
            yield _dense(batch, channels, units, dtype)
    yield from _penalties()
    for name, given in _SIZES.items():
        for number, (arguments, shape) in enumerate(given):
            mixed = MIXED if name == "Conv2D" and number == 0 else ()
            for dtype in (*FLOATS, *mixed):
                yield _convolution(name, arguments, shape, dtype)


def _dense(batch: int, channels: int, units: int, dtype: str) -> Case:
    variable = POLICIES[dtype][1]
    held = _weights([(channels, units), (units,)], variable)
    return _rows("Dense", {"units": units, "dtype": dtype}, large((batch, channels), variable))(
        "large",
        f"{batch}x{channels}-to-{units}-{dtype}",
        build(None, channels),
        set_weights(*held),
        CALL_SAMPLED,
        GRADIENT_SAMPLED,
    )


def _convolution(name: str, arguments: Mapping[str, Any], shape: Sequence[int], dtype: str) -> Case:
    problem = Problem(name, {**arguments, "dtype": dtype}, shape)
    return _rows(name, problem.arguments, large(shape, problem.variable))(
        "large",
        f"{text_of(shape)},{arguments_text(arguments)}-{dtype}",
        build(None, *shape[1:]),
        set_weights(*_weights(problem.weights(), problem.variable, name in MULTIPLIED)),
        CALL_SAMPLED,
        GRADIENT_SAMPLED,
    )


def _penalties() -> Iterator[Case]:
    """Sums over a whole kernel, and over outputs."""
    penalized = {
        "kernel_regularizer": regularizer("L2", l2=0.25),
        "bias_regularizer": regularizer("L1", l1=0.5),
        "activity_regularizer": regularizer("L2", l2=0.125),
    }
    batch, channels, units = _DENSE[1]
    for dtype in FLOATS:
        held = _weights([(channels, units), (units,)], dtype)
        arguments = {"units": units, "dtype": dtype, **penalized}
        yield _rows("Dense", arguments, large((batch, channels), dtype))(
            "large-losses",
            f"{batch}x{channels}-to-{units}-{dtype}",
            build(None, channels),
            set_weights(*held),
            CALL_SAMPLED,
            LOSSES,
        )


def _rows(name: str, arguments: Mapping[str, Any], x: Input) -> Rows:
    given = {**arguments, "name": "layer"}
    return Rows(f"layers.{name}", arguments=given, inputs=x, flags="large")


def _weights(shapes: Sequence[Sequence[int]], dtype: str, channelwise: bool = False) -> list[Input]:
    """Kernels are the smaller, the more products are summed, so that outputs are about as large as inputs.

    `channelwise`: whether the first kernel meets each channel alone.
    """
    found = []
    for number, shape in enumerate(shapes, 1):
        terms = math.prod(shape[:-2] if channelwise and number == 1 else shape[:-1])
        over = 1 if len(shape) == 1 else 2 ** min(round(math.log2(terms) / 2), 4)
        found.append(large(shape, dtype, Given.ARRAY, over=over, variant=number))
    return found
