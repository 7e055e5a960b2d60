"""Values of integer arguments that small tensors leave no room for: kernels to 7, strides, rates, groups to 4.

Inputs and weights are formulas, of outputs over 64 elements 64 are asked, of gradients 32, since these cases are
hundreds. No two axes are alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from conformance.cases.inputs import every_pair, large, thirds
from conformance.cases.layers.convolution_common import (
    CLASSES,
    MULTIPLIED,
    PLAIN,
    TRANSPOSED,
    Problem,
    arguments_text,
    build,
    rank_of,
    set_weights,
)
from conformance.cases.rows import KERAS2, Rows
from conformance.cases.steps import CALL, CALL_SAMPLED, GET_WEIGHTS, WEIGHTS
from conformance.model import SAMPLE, Case, Given, Input, Step

_GRADIENT: Final = Step("gradient", 0, {SAMPLE: 32})
_PADDINGS: Final = ("valid", "same")
_TO_4: Final = (1, 2, 3, 4)
_TO_7: Final = (1, 2, 3, 4, 5, 6, 7)
_TO_9: Final = (*_TO_7, 8, 9)
# Lengths of inputs, by rank: in which every kernel fits, and every dilated one; of transposed layers shorter.
_LENGTHS: Final[Mapping[int, tuple[int, ...]]] = {1: (23,), 2: (11, 13), 3: (8, 9, 7)}
_DILATED: Final[Mapping[int, tuple[int, ...]]] = {1: (29,), 2: (19, 17), 3: (11, 10, 9)}
_SHORT: Final[Mapping[int, tuple[int, ...]]] = {1: (7,), 2: (5, 4), 3: (3, 4, 2)}

# Depthwise layers refuse unequal strides on a CPU.
_UNEVEN: Final = ("Conv2D", "Conv2DTranspose", "Conv3D")


def rows() -> Iterator[Case]:
    """Every layer with every value of each integer argument."""
    yield from _dense()
    for name in CLASSES:
        yield from _kernels(name)
        yield from _dilated(name)
        if name in TRANSPOSED:
            yield from _padded(name)
        yield from _outputs(name)
        yield from _single(name)
        if name in _UNEVEN:
            yield from _unequal(name)


def _dense() -> Iterator[Case]:
    """Inputs wider than 8, odd and even, and as many units as no small case has."""
    for channels, units in ((9, 6), (12, 8), (16, 9), (17, 11), (33, 5), (64, 31), (127, 3)):
        shape = (2, 3, channels)
        yield _asked("Dense", "width", f"{channels}-to-{units}", {"units": units}, shape)
    for batch, channels, units in ((1, 13, 4), (4, 1, 10), (5, 11, 1)):
        detail = f"{batch}x{channels}-to-{units}"
        yield _asked("Dense", "single", detail, {"units": units}, (batch, channels))
    # The documents of Keras 2 have it from `Layer`.
    row = Rows("layers.Dense", KERAS2, arguments={"units": 2, "name": "layer"})
    held = {"weights": [thirds((3, 2), given=Given.ARRAY), thirds((2,), given=Given.ARRAY)]}
    given = row.given(arguments=held, inputs=thirds((2, 3)), flags=("legacy-argument", "argument"))
    yield given("set-weights", "given", CALL, GET_WEIGHTS)
    for channels in (1, 4, 7):
        yield row(
            "input_dim",
            str(channels),
            build(None, channels),
            WEIGHTS,
            arguments={"input_dim": channels},
            flags=("legacy-argument", "argument"),
        )


def _kernels(name: str) -> Iterator[Case]:
    """Kernels to 7, strides and multipliers to 4, each with each; groups to 4."""
    rank = rank_of(name)
    values: dict[str, Sequence[Any]] = {"kernel": _TO_7, "strides": _TO_4, "padding": _PADDINGS}
    if name == "Conv1D":
        values["padding"] = (*_PADDINGS, "causal")
    if name in MULTIPLIED:
        values["depth_multiplier"] = _TO_4
    for number, chosen in enumerate(every_pair(**values)):
        kernel = _kernel(chosen.pop("kernel"), rank)
        if rank == 3 and chosen["padding"] == "same":
            # Else the finding conv3d-same-crops is asked, whose answer depends on oneDNN.
            kernel = tuple(max(size, chosen["strides"] - 1) for size in kernel)
        arguments = {"kernel_size": kernel, **chosen}
        if "Depthwise" not in name:
            arguments["filters"] = 1 + number % 9
        yield _convolution(name, "sizes", arguments, _shape(name, _LENGTHS))
    # Few, because official Keras compiles each anew.
    for groups, kernel in zip(_TO_4, (7, 5, 4, 6), strict=True) if name in PLAIN else ():
        arguments = {"filters": 2 * groups, "kernel_size": _kernel(kernel, rank), "groups": groups}
        yield _convolution(name, "sizes", arguments, _shape(name, _LENGTHS))


def _kernel(first: int, rank: int) -> Any:
    """Another size along each axis, which takes all values as the first does."""
    sizes = (first, 1 + 3 * first % 7, 1 + 2 * first % 5)[:rank]
    return sizes if rank > 1 else first


def _dilated(name: str) -> Iterator[Case]:
    """Dilation to 4 with kernels of several sizes."""
    rank = rank_of(name)
    kernels: tuple[Any, ...] = {1: (2, 3, 5), 2: ((2, 3), (3, 2), 4), 3: ((2, 3, 2), (3, 1, 2))}[
        rank
    ]
    for chosen in every_pair(dilation_rate=_TO_4, kernel_size=kernels, padding=_PADDINGS):
        arguments = dict(chosen) if "Depthwise" in name else {"filters": 3, **chosen}
        # A rate of 1 is none: official Keras refuses the others of transposed layers on a CPU.
        group = "dilation" if chosen["dilation_rate"] > 1 else "dilation-1"
        yield _convolution(name, group, arguments, _shape(name, _DILATED))


def _padded(name: str) -> Iterator[Case]:
    """Output padding to 3, below a stride of 4."""
    rank = rank_of(name)
    kernels: tuple[Any, ...] = {1: (4, 5), 2: ((4, 5), (5, 4)), 3: ((4, 5, 4), (5, 4, 5))}[rank]
    for chosen in every_pair(
        output_padding=(0, *_TO_4[:3]), kernel_size=kernels, padding=_PADDINGS
    ):
        arguments = {"filters": 2, "strides": 4, **chosen}
        yield _convolution(name, "output-padding", arguments, _shape(name, _SHORT))


def _unequal(name: str) -> Iterator[Case]:
    """Another stride along each axis, of few positions and one channel: a kernel of their own in some libraries."""
    rank = rank_of(name)
    for strides in ((1, 2), (1, 3), (2, 1), (3, 1)):
        for size in (4, 5):
            arguments = {"filters": 1, "kernel_size": 3, "strides": (1, *strides)[-rank:]}
            yield _convolution(name, "unequal-strides", arguments, (2, *(size,) * rank, 1))


def _outputs(name: str) -> Iterator[Case]:
    """As many filters, or channels, as small tensors do not have."""
    rank = rank_of(name)
    for number in _TO_9:
        if "Depthwise" in name:
            shape = (2, *_SHORT[rank], number)
            yield _convolution(name, "channels", {"kernel_size": 2}, shape)
        else:
            arguments = {"filters": number, "kernel_size": 2}
            yield _convolution(name, "filters", arguments, _shape(name, _SHORT))


def _single(name: str) -> Iterator[Case]:
    """One axis of length 1, each in its turn: of the batch, of the inputs, of the channels, of the kernel."""
    rank = rank_of(name)
    usual = _shape(name, _SHORT, batch=3)
    outputs = {} if "Depthwise" in name else {"filters": 5}
    for axis in range(rank + 2):
        shape = tuple(1 if place == axis else size for place, size in enumerate(usual))
        arguments = {**outputs, "kernel_size": 3, "padding": "same"}
        yield _convolution(name, "single", arguments, shape)
    for axis in range(rank) if rank > 1 else ():
        kernel = tuple(1 if place == axis else 2 for place in range(rank))
        yield _convolution(name, "single", {**outputs, "kernel_size": kernel}, usual)


def _shape(name: str, lengths: Mapping[int, tuple[int, ...]], batch: int = 2) -> tuple[int, ...]:
    """Channels in as many groups as 4."""
    rank = rank_of(name)
    chosen = _SHORT if name in TRANSPOSED else lengths
    return (batch if rank < 3 or batch > 2 else 1, *chosen[rank], 12 if name in PLAIN else 5)


def _convolution(name: str, group: str, arguments: Mapping[str, Any], shape: Sequence[int]) -> Case:
    detail = f"{'x'.join(map(str, shape))},{arguments_text(arguments)}"
    weights = Problem(name, arguments, shape).weights()
    return _asked(name, group, detail, arguments, shape, weights)


def _asked(
    name: str,
    group: str,
    detail: str,
    arguments: Mapping[str, Any],
    shape: Sequence[int],
    weights: Sequence[Sequence[int]] = (),
) -> Case:
    """The layer built, its weights set, called, and its gradients."""
    units = arguments.get("units")
    shapes = weights or ((shape[-1], units), (units,))
    row = Rows(f"layers.{name}", arguments={**arguments, "name": "layer"}, inputs=large(shape))
    steps = (build(None, *shape[1:]), set_weights(_held(shapes)), CALL_SAMPLED, _GRADIENT)
    return row(group, detail, *steps, flags="argument")


def _held(shapes: Sequence[Sequence[Any]]) -> list[Input]:
    return [large(s, given=Given.ARRAY, variant=n) for n, s in enumerate(shapes, 1)]
