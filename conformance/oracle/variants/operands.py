"""Variants of inputs and weights: rounded, flipped, exchanged, with zeros on the other side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

import numpy as np

from conformance.model import EPSILON, Array, Case, Given, Input, Step, Tensor
from conformance.oracle.variants.variant import Variant

_NARROW: Final = ("float32", "float16", "bfloat16")
_LAYERS: Final = ("layers",)


def variants(case: Case) -> Iterator[Variant]:
    """Every variant of this kind."""
    yield from _rounded(case)
    if case.family in _LAYERS:
        yield from _weights(case)
        yield from _padded(case)


def _mapped(given: Input, change: Callable[[Array], Array]) -> Input:
    """An input with other numbers of the same dtype."""
    tensor = given.tensor
    made = change(tensor.values())
    return replace(given, tensor=Tensor.of(np.asarray(made, np.float64), tensor.dtype))


def _rounded(case: Case) -> Iterator[Variant]:
    """All numbers rounded to a narrower dtype first."""
    for dtype in _NARROW:
        wide = [g for g in case.inputs if EPSILON.get(g.tensor.dtype, 1.0) < EPSILON[dtype]]
        if not wide:
            continue

        def held(values: Array, dtype: str = dtype) -> Array:
            return Tensor.of(values, dtype).values()

        inputs = tuple(_mapped(g, held) if g in wide else g for g in case.inputs)
        changed = replace(case, inputs=inputs)
        if inputs != case.inputs:
            yield Variant(f"the inputs are rounded to {dtype} first", changed)
        both = with_weights(changed, held)
        if both is not None and both != changed:
            yield Variant(f"inputs and weights are rounded to {dtype} first", both)


def with_weights(
    case: Case, change: Callable[[Array], Array], ranks: Callable[[int], bool] = lambda rank: True
) -> Case | None:
    """The case with other numbers in the weights that it sets; None where it sets none, or the same."""
    steps: list[Step] = []
    for step in case.steps:
        values: Any = step.options.get("values")
        if step.do == "set_weights" and isinstance(values, list | tuple):
            made = [
                _mapped(v, change)
                if isinstance(v, Input)
                and v.given is not Given.LIST
                and v.tensor.dtype in EPSILON
                and ranks(len(v.tensor.shape))
                else v
                for v in values
            ]
            step = replace(step, options={**step.options, "values": made})
        steps.append(step)
    return replace(case, steps=tuple(steps)) if tuple(steps) != case.steps else None


def _weights(case: Case) -> Iterator[Variant]:
    """The kernels flipped or exchanged, the bias left out."""
    changes: tuple[tuple[str, Callable[[Array], Array], Callable[[int], bool]], ...] = (
        ("before the bias", np.zeros_like, lambda rank: rank == 1),
        ("the bias is subtracted", np.negative, lambda rank: rank == 1),
        (
            "the kernel is flipped (a convolution where a correlation is meant)",
            lambda k: np.flip(k, tuple(range(k.ndim - 2))),
            lambda rank: rank > 2,
        ),
        ("the kernel is transposed", _transposed, lambda rank: rank >= 2),
        ("rows and columns of the kernel are exchanged", _turned, lambda rank: rank == 4),
        (
            "the kernel is read column by column",
            _by_columns,
            lambda rank: rank >= 2,
        ),
    )
    for text, change, ranks in changes:
        made = with_weights(case, change, ranks)
        if made is not None:
            yield Variant(text, made)


def _transposed(kernel: Array) -> Array:
    return np.swapaxes(kernel, -1, -2) if kernel.shape[-1] == kernel.shape[-2] else kernel


def _by_columns(kernel: Array) -> Array:
    square = kernel.ndim == 2 and kernel.shape[0] == kernel.shape[1]
    return kernel if square else kernel.ravel(order="F").reshape(kernel.shape)


def _turned(kernel: Array) -> Array:
    return np.swapaxes(kernel, 0, 1) if kernel.shape[0] == kernel.shape[1] else kernel


def _padded(case: Case) -> Iterator[Variant]:
    """Zeros on the other side of the input: more before than after with `same`, after with `causal`."""
    name, padding = case.target.rpartition(".")[2], case.arguments.get("padding")
    if "Conv" not in name or name.endswith("Transpose") or padding not in ("same", "causal"):
        return
    rank = next((n for n in (1, 2, 3) if f"{n}D" in name), 0)
    if case.arguments.get("data_format") == "channels_first" or not rank:
        return
    sizes = {
        key: _each(case.arguments.get(key, 1), rank)
        for key in ("kernel_size", "strides", "dilation_rate")
    }
    if any(len(each) != rank for each in sizes.values()) or not case.inputs:
        return
    shape = case.inputs[0].tensor.shape
    if len(shape) != rank + 2:
        return
    pads = []
    for axis in range(rank):
        reach = (sizes["kernel_size"][axis] - 1) * sizes["dilation_rate"][axis] + 1
        stride = sizes["strides"][axis]
        if padding == "causal":
            pads.append((0, reach - 1))
            continue
        total = max((-(-shape[axis + 1] // stride) - 1) * stride + reach - shape[axis + 1], 0)
        pads.append((total - total // 2, total // 2))

    def longer(values: Array) -> Array:
        return np.pad(values, [(0, 0), *pads, (0, 0)])

    inputs = (_mapped(case.inputs[0], longer), *case.inputs[1:])
    arguments = {**case.arguments, "padding": "valid"}
    steps = tuple(_built(step, inputs[0].tensor.shape) for step in case.steps)
    text = (
        "the zeros come after the input (padding is not causal)"
        if padding == "causal"
        else "of an odd number of zeros there is one more before, not after"
    )
    yield Variant(text, replace(case, arguments=arguments, inputs=inputs, steps=steps))


def _built(step: Step, shape: tuple[int, ...]) -> Step:
    return replace(step, options={"shape": [None, *shape[1:]]}) if step.do == "build" else step


def _each(value: Any, rank: int) -> tuple[int, ...]:
    if isinstance(value, int):
        return (value,) * rank
    if isinstance(value, tuple | list) and all(type(each) is int for each in value):
        return tuple(value)
    return ()
