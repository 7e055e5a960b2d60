"""The convolution layers, on top of direct sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from conformance.model import Input, Literal
from conformance.oracle.bounded import Bounded
from conformance.oracle.layers.convolution import Convolution, plain, transposed
from conformance.oracle.layers.dense import Layer, Weight, cast_any

_PLAIN: Final = ("filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate")
_TRANSPOSED: Final = ("filters", "kernel_size", "strides", "padding", "output_padding")
_DEPTHWISE: Final = ("kernel_size", "strides", "padding", "depth_multiplier")
# By the end of the name of a class: its first parameters, in their documented order.
POSITIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "Conv": _PLAIN,
    "Transpose": _TRANSPOSED,
    "DepthwiseConv": _DEPTHWISE,
    "SeparableConv": _PLAIN,
}


class Convolutional(Layer):
    """What the four kinds share: the arguments, both data formats, leading axes of a batch."""

    rank: int
    kind: str
    identity = False
    bias: Weight | None = None

    def start(self) -> None:
        """Sizes along each axis."""
        given = self.arguments
        self.kernel_size = _each(given["kernel_size"], self.rank)
        self.strides = _each(given.get("strides", 1), self.rank)
        self.dilation = _each(given.get("dilation_rate", 1), self.rank)
        self.padding = str(given.get("padding", "valid")).lower()
        self.groups = int(str(given.get("groups") or 1))
        self.multiplier = int(str(given.get("depth_multiplier", 1)))
        form = given.get("data_format")
        # The default of Conv1D is channels_last in Keras 2, not what the setting says.
        if form is None and (self.kind, self.rank, self.dialect) != ("Conv", 1, "keras2"):
            form = self.world.settings.get("image_data_format")
        self.first = str(form).lower() == "channels_first"
        extra = given.get("output_padding")
        self.output_padding = None if extra is None else _each(extra, self.rank)

    def make(self, shape: Sequence[int | None]) -> None:
        """Weights: the kernels of the kind, then the bias (filters,)."""
        channels = shape[-self.rank - 1 if self.first else -1]
        assert channels is not None
        multiplied = channels * self.multiplier
        filters = int(str(self.arguments.get("filters", multiplied)))
        sizes = self.kernel_size
        match self.kind:
            case "Conv":
                self._kernel("kernel", (*sizes, channels // self.groups, filters))
            case "Transpose":
                self._kernel("kernel", (*sizes, filters, channels))
            case _:
                self._kernel("depthwise", (*sizes, channels, self.multiplier))
        if self.kind == "SeparableConv":
            self._kernel("pointwise", (*[1] * self.rank, multiplied, filters))
        if self.arguments.get("use_bias", True):
            initializer = self.initializer("bias", "zeros")
            self.bias = self.add_weight("bias", (filters,), initializer, **self.attachments("bias"))

    def _kernel(self, part: str, shape: Sequence[int]) -> None:
        # Keras 3 calls the kernel of a depthwise layer just kernel.
        short = part == "kernel" or (self.kind == "DepthwiseConv" and self.dialect == "keras3")
        name = "kernel" if short else f"{part}_kernel"
        initializer = self.initializer(part, "glorot_uniform")
        self.add_weight(name, shape, initializer, **self.attachments(part))

    def forward(self, x: Bounded, **options: Any) -> Bounded:
        """The convolutions, the bias along the channels, the activation, in the format of `x`."""
        x = cast_any(x, self.compute)
        if len(x.shape) < self.rank + 2:
            raise ValueError(f"inputs must have {self.rank + 2} axes; received {x.shape}")
        leading = x.shape[: -self.rank - 1]
        x = x.reshape(-1 if x.value.size else int(np.prod(leading)), *x.shape[-self.rank - 1 :])
        last = self._moved(x, self.first)
        z = self.biased(self._convolved(last), self.bias)
        self.tape.append(lambda g, _: self._moved(g, self.first))
        y = self.activated(self._moved(z, self.first, back=True))
        shape = (*leading, *y.shape[1:])
        self.tape.append(lambda g, _: g.reshape(*y.shape))
        return y.reshape(*shape)

    def _moved(self, x: Bounded, first: bool, back: bool = False) -> Bounded:
        """From channels first to channels last, or back; as it is where they are last anyway."""
        if not first:
            return x
        lengths = range(1, self.rank + 1) if back else range(2, self.rank + 2)
        return x.transpose(0, *([self.rank + 1, *lengths] if back else [*lengths, 1]))

    def _convolved(self, x: Bounded) -> Bounded:
        """All convolutions of the kind, of inputs with the channels last."""
        lengths = x.shape[1:-1]
        shape = (len(x.value), *lengths, x.shape[-1])

        def restored(g: Bounded, _: bool) -> Bounded:
            return self._moved(g.reshape(*shape), self.first, back=True)

        self.tape.append(restored)
        if self.kind == "Transpose":
            return self._adjoint(x)
        geometry = (lengths, self.kernel_size, self.strides, self.dilation, self.padding)
        if self.kind == "Conv":
            return self._one(x, self.own[0], plain(*geometry, groups=self.groups))
        x = self._one(x, self.own[0], plain(*geometry, groups=x.shape[-1]))
        if self.kind == "SeparableConv":
            ones = (1,) * self.rank
            x = self._one(x, self.own[1], plain(x.shape[1:-1], ones, ones, ones, "valid"))
        return x

    def _one(self, x: Bounded, kernel: Weight, sums: Convolution) -> Bounded:
        """One convolution. A depthwise kernel is that of as many groups as there are channels."""
        sizes = kernel.shape[: self.rank]
        w = self.used(kernel).reshape(*sizes, x.shape[-1] // sums.groups, -1)

        def pull(g: Bounded, _: bool) -> Bounded:
            kernel.receive(sums.backward_kernel(x, g, self.compute).reshape(*kernel.shape))
            return sums.backward_input(g, w, self.compute)

        self.tape.append(pull)
        return sums.forward(x, w, self.compute)

    def _adjoint(self, x: Bounded) -> Bounded:
        """The adjoint, in its input, of a convolution from the outputs to the inputs."""
        kernel = self.own[0]
        sums = transposed(
            x.shape[1:-1],
            *(self.kernel_size, self.strides, self.dilation),
            self.padding,
            self.output_padding,
        )
        w = self.used(kernel)

        def pull(g: Bounded, _: bool) -> Bounded:
            kernel.receive(sums.backward_kernel(g, x, self.compute))
            return sums.forward(g, w, self.compute)

        self.tape.append(pull)
        return sums.backward_input(x, w, self.compute)


def convolutional(name: str) -> type[Convolutional]:
    """The layer of a name as `SeparableConv2D`."""
    rank = int(next(letter for letter in name if letter.isdigit()))
    kind = "Transpose" if name.endswith("Transpose") else name[: name.index(str(rank))]
    return type(name, (Convolutional,), {"rank": rank, "kind": kind})


def _each(value: Literal, rank: int) -> tuple[int, ...]:
    """One integer for each axis."""
    if isinstance(value, Input):
        value = int(value.tensor.values())
    sizes = value if isinstance(value, list | tuple) else (value,) * rank
    if len(sizes) != rank:
        raise ValueError(f"there must be {rank} sizes; received {len(sizes)}")
    return tuple(int(str(size)) for size in sizes)
