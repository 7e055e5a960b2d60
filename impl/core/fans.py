"""How many units a weight connects: `fan_in` inputs and `fan_out` outputs of one unit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any


def fans(shape: Any) -> tuple[int, int]:
    """(fan_in, fan_out) of a weight of `shape`, whose last two axes are input and output.

    A scalar has (1, 1), a vector its length twice; the axes before the last two are the
    receptive field of a convolution and multiply both. TypeError for a size that is not known.
    """
    sizes = [int(size) for size in shape]
    if len(sizes) < 2:
        return (sizes[0], sizes[0]) if sizes else (1, 1)
    field = math.prod(sizes[:-2])
    return sizes[-2] * field, sizes[-1] * field


def fans_of_axes(
    shape: Any, input_axes: Sequence[int], output_axes: Sequence[int]
) -> tuple[int, int]:
    """(fan_in, fan_out), where the axes of inputs and of outputs are named.

    Each is the product of its axes; an axis in neither counts for nothing. IndexError for an axis
    out of range.
    """
    sizes = [int(size) for size in shape]
    fan_in = math.prod(sizes[axis] for axis in input_axes)
    return fan_in, math.prod(sizes[axis] for axis in output_axes)


def fan_of_mode(mode: str, fan_in: int, fan_out: int) -> float:
    """`fan_in`, `fan_out`, or for the mode "fan_avg" their mean. KeyError for another mode."""
    return {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[mode]
