"""What the files about settings, symbolic calls and misuse share: every layer in a small form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from conformance.cases.inputs import wave
from conformance.cases.layers.convolution_common import Problem, Rows, values
from conformance.cases.steps import build, set_weights
from conformance.model import Given, Input, Step

# By class: arguments, and the shape of an input, channels last, of 12 elements at most.
SMALL: Final[Mapping[str, tuple[Mapping[str, Any], tuple[int, ...]]]] = {
    "Dense": ({"units": 2}, (2, 3)),
    "Conv1D": ({"filters": 3, "kernel_size": 2}, (1, 4, 2)),
    "Conv2D": ({"filters": 3, "kernel_size": (2, 1)}, (1, 3, 2, 2)),
    "Conv3D": ({"filters": 3, "kernel_size": (2, 1, 1)}, (1, 3, 2, 1, 2)),
    "Conv1DTranspose": ({"filters": 3, "kernel_size": 2}, (1, 3, 2)),
    "Conv2DTranspose": ({"filters": 1, "kernel_size": (2, 1)}, (1, 3, 2, 2)),
    "Conv3DTranspose": ({"filters": 1, "kernel_size": (2, 1, 1)}, (1, 3, 2, 1, 2)),
    "SeparableConv1D": ({"filters": 3, "kernel_size": 2}, (1, 4, 2)),
    "SeparableConv2D": ({"filters": 3, "kernel_size": (2, 1)}, (1, 3, 2, 2)),
    "DepthwiseConv1D": ({"kernel_size": 2}, (1, 4, 2)),
    "DepthwiseConv2D": ({"kernel_size": (2, 1)}, (1, 3, 2, 2)),
}
CONVOLUTIONS: Final = tuple(name for name in SMALL if name != "Dense")


def shape_of(name: str, *, first: bool = False) -> tuple[int, ...]:
    """The shape of its input; `first`: with the channels before the spatial axes."""
    batch, *lengths, channels = SMALL[name][1]
    return (batch, channels, *lengths) if first else (batch, *lengths, channels)


def row_of(name: str, *, first: bool = False, **common: Any) -> Rows:
    """Rows of the layer, with an input."""
    given = wave(shape_of(name, first=first))
    return Rows(name, arguments=SMALL[name][0], inputs=given).given(**common)


def built(name: str, *, first: bool = False) -> Step:
    """Builds it for its input, the batch unknown."""
    return build(None, *shape_of(name, first=first)[1:])


def weights_of(name: str) -> list[Input]:
    """Values of its weights."""
    arguments, shape = SMALL[name]
    if name == "Dense":
        return [wave((3, 2), given=Given.ARRAY), wave((2,), given=Given.ARRAY)]
    return values(Problem(name, arguments, shape))


def weighted(name: str) -> Step:
    """Gives it these values."""
    return set_weights(*weights_of(name))
