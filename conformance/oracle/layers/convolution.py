"""Convolutions by direct sums over taps, their adjoints, and the sizes that follow.

Channels last throughout: inputs are (batch, *lengths, channels), kernels (*sizes, channels of a
group, filters). The output at place o sums, over taps t, the inputs at o * stride + t * dilation -
before, of the places that there are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import product
from typing import Any

import numpy as np

from conformance.model import Array
from conformance.oracle.bounded import Bounded
from conformance.oracle.layers.products import products

Sizes = tuple[int, ...]
Places = tuple[Any, ...]


@dataclass(frozen=True)
class Convolution:
    """Which inputs meet which taps for which outputs, along each axis."""

    lengths: Sizes
    kernel: Sizes
    strides: Sizes
    dilation: Sizes
    before: Sizes
    outputs: Sizes
    groups: int = 1

    @cached_property
    def _meetings(self) -> list[tuple[Sizes, Places, Places]]:
        """For each tap, an index of the outputs and one of the inputs they take."""
        axes = [list(_along(*sizes)) for sizes in zip(*self._sizes(), strict=True)]
        met = []
        for chosen in product(*axes):
            taps, outputs, inputs = zip(*chosen, strict=True)
            if all(len(o) for o in outputs):
                met.append((taps, _at(outputs), _at(inputs)))
        return met

    def _sizes(self) -> tuple[Sizes, ...]:
        return (
            *(self.lengths, self.kernel, self.strides),
            *(self.dilation, self.before, self.outputs),
        )

    def forward(self, x: Bounded, kernel: Bounded, dtype: str) -> Bounded:
        """The outputs. Shape: (batch, *outputs, filters)."""
        return products(self._forward, x, kernel, dtype)

    def backward_input(self, g: Bounded, kernel: Bounded, dtype: str) -> Bounded:
        """The adjoint in the input, which transposed layers compute. Shape: that of the input."""
        return products(self._backward_input, g, kernel, dtype)

    def backward_kernel(self, x: Bounded, g: Bounded, dtype: str) -> Bounded:
        """The adjoint in the kernel. Shape: that of the kernel."""
        return products(self._backward_kernel, x, g, dtype)

    def _forward(self, x: Array, kernel: Array) -> Array:
        grouped = _parted(x, self.groups)
        w = _kernel_parted(kernel, self.groups)
        y = np.zeros((len(x), *self.outputs, self.groups, w.shape[-1]))
        for taps, outputs, inputs in self._meetings:
            y[outputs] += np.einsum("...gc,cgf->...gf", grouped[inputs], w[taps])
        return (
            y.reshape(*y.shape[:-2], -1) if y.size else y.reshape(*y.shape[:-2], kernel.shape[-1])
        )

    def _backward_input(self, g: Array, kernel: Array) -> Array:
        grouped = _parted(g, self.groups)
        w = _kernel_parted(kernel, self.groups)
        channels = w.shape[-3] * self.groups
        x = np.zeros((len(g), *self.lengths, self.groups, w.shape[-3]))
        for taps, outputs, inputs in self._meetings:
            x[inputs] += np.einsum("...gf,cgf->...gc", grouped[outputs], w[taps])
        return x.reshape(len(g), *self.lengths, channels)

    def _backward_kernel(self, x: Array, g: Array) -> Array:
        xs, gs = _parted(x, self.groups), _parted(g, self.groups)
        w = np.zeros((*self.kernel, xs.shape[-1], self.groups, gs.shape[-1]))
        for taps, outputs, inputs in self._meetings:
            met = (_flat(xs[inputs]), _flat(gs[outputs]))
            w[taps] = np.einsum("ngc,ngf->cgf", *met)
        return w.reshape(*self.kernel, xs.shape[-1], g.shape[-1])


def _at(places: tuple[Array, ...]) -> Places:
    """An index of all rows of the batch, of these places, and of whatever axes follow."""
    index = np.ix_(*places)
    return (slice(None), *index)


def _flat(x: Array) -> Array:
    return x.reshape(math.prod(x.shape[:-2]), *x.shape[-2:])


def _parted(x: Array, groups: int) -> Array:
    return x.reshape(*x.shape[:-1], groups, x.shape[-1] // groups)


def _kernel_parted(kernel: Array, groups: int) -> Array:
    return kernel.reshape(*kernel.shape[:-1], groups, kernel.shape[-1] // groups)


def _along(
    length: int, size: int, stride: int, dilation: int, before: int, outputs: int
) -> Iterator[tuple[int, Array, Array]]:
    for tap in range(size):
        o = np.arange(outputs)
        i = o * stride + tap * dilation - before
        inside = (i >= 0) & (i < length)
        yield tap, o[inside], i[inside]


@cache
def plain(
    lengths: Sizes,
    kernel: Sizes,
    strides: Sizes,
    dilation: Sizes,
    padding: str,
    groups: int = 1,
) -> Convolution:
    """The convolution that these arguments of a layer describe.

    `valid` uses inputs that are there; `same` gives ceil(length / stride) outputs, the zeros before
    and after differing by at most one, more of them after; `causal` puts all zeros before, so that
    no output depends on later inputs.
    """
    before, outputs = [], []
    for n, k, s, d in zip(lengths, kernel, strides, dilation, strict=True):
        reach = (k - 1) * d + 1
        if padding == "same":
            many = -(-n // s)
            before.append(max((many - 1) * s + reach - n, 0) // 2)
        else:
            zeros = reach - 1 if padding == "causal" else 0
            many = max(-(-(n + zeros - reach + 1) // s), 0)
            before.append(zeros)
        outputs.append(many)
    return Convolution(lengths, kernel, strides, dilation, tuple(before), tuple(outputs), groups)


@cache
def transposed(
    lengths: Sizes,
    kernel: Sizes,
    strides: Sizes,
    dilation: Sizes,
    padding: str,
    output_padding: Sizes | None,
) -> Convolution:
    """The convolution of which a transposed layer with these arguments is the adjoint.

    Its inputs are the layer's outputs: of n inputs, n * stride with `same`, and with `valid`
    what n kernels so far apart cover; with `output_padding` p they are (n - 1) * stride + reach -
    2 * (reach // 2, with `same`) + p.
    """
    longer = []
    for axis, (n, k, s, d) in enumerate(zip(lengths, kernel, strides, dilation, strict=True)):
        reach = (k - 1) * d + 1
        if output_padding is not None:
            cut = 2 * (reach // 2) if padding == "same" else 0
            longer.append((n - 1) * s + reach - cut + output_padding[axis])
        elif padding == "same":
            longer.append(n * s)
        else:
            longer.append(n * s + max(reach - s, 0))
    found = plain(tuple(longer), kernel, strides, dilation, padding)
    if padding == "valid":
        # What the last, incomplete strides cover receives nothing.
        return Convolution(*(found.lengths, kernel, strides, dilation, found.before, lengths))
    if found.outputs != lengths:
        raise ValueError(f"no convolution of {longer} with these arguments has {lengths} outputs")
    return found
