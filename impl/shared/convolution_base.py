"""What all convolution layers have: their arguments, weights, output shape and configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import tensorflow as tf

from impl.core import convolution as core
from impl.shared.affine import Affine
from impl.shared.input_spec import InputSpec

_FORMATS = ("channels_first", "channels_last")
# What official Keras reads at each call, and so may be set at any time.
_READ_LATE = {"strides", "padding", "data_format", "dilation_rate", "groups", "output_padding"}
# What Keras 2 lets pass in layers that have no `kernel`.
_IDLE = {
    "kernel_initializer": "glorot_uniform",
    "kernel_regularizer": None,
    "kernel_constraint": None,
}


@dataclass(frozen=True)
class Rules:
    """What the convolution layers of one dialect do where those of the other do something else.

    Attributes:
        read_filters: `filters` at construction. Keras 2 takes whatever `int()` reads but text.
        read_groups: `groups` at construction. Keras 2 takes None and 0 for 1.
        idle_arguments: transposed, depthwise and separable layers take `groups`, ignore and save
            it. So separable ones do with the `kernel_...` arguments; depthwise ones save no such.
        smallest_output: the shortest length that a kernel may leave of an unpadded input.
        built_short: kinds of layers that are built for an input that is shorter, and refuse its call.
        batch_axes: plain convolutions may have more than one batch axis; for fewer axes they are built.
        exact_rank: kinds of layers whose built input specification has the rank itself.
        channel_axis: the axis of channels that come first, in input specifications.
        dilated_strides: depthwise and separable layers take strides and dilation together.
        causal: kinds of layers that take a padding of "causal", with one spatial axis.
        depthwise_kernel: the name of a depthwise layer's kernel.

    """

    read_filters: Callable[[Any], Any]
    read_groups: Callable[[Any], Any]
    idle_arguments: bool
    smallest_output: int
    built_short: tuple[str, ...]
    batch_axes: bool
    exact_rank: tuple[str, ...]
    channel_axis: Callable[[int], int]
    dilated_strides: bool
    causal: tuple[str, ...]
    depthwise_kernel: str


class Convolution(Affine):
    """Base class of the layers in `shared.convolutions`, which list their own arguments.

    Inputs have `rank` spatial axes, between the batch and the channels, or after the channels with
    a `data_format` of "channels_first".

    Args:
        filters: how many channels the outputs have.
        kernel_size: the sizes of the kernel: an integer, or `rank` integers.
        strides: the step along each spatial axis, likewise.
        padding: "valid" for none, "same" for as many outputs as inputs (over the stride), or, of
            some layers with one spatial axis, "causal": each output sees no later input.
        data_format: "channels_last", "channels_first", or None for `config.image_data_format()`.
        dilation_rate: the distance between the inputs that the kernel meets, along each axis.
        groups: how many parts the channels are convolved in, each with filters of its own.
        activation: a name or a callable; None for none.
        use_bias: whether there is a `bias`, one number for each filter.
        activity_regularizer: a penalty on the outputs, divided by the batch size.
        kwargs: those of `Layer`.

    For each weight there are an initializer, a regularizer and a constraint. Raises ValueError or
    TypeError for arguments that are none of these.

    """

    rules: ClassVar[Rules]
    rank: ClassVar[int]
    kind: ClassVar[str]
    filters: int
    kernel_size: tuple[int, ...]
    strides: tuple[int, ...]
    padding: str
    data_format: str
    dilation_rate: tuple[int, ...]
    groups: int
    depth_multiplier: int
    output_padding: tuple[int, ...] | None
    activation: Any

    def __init_subclass__(cls, rank: Any = None, rules: Any = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if rank is not None:  # a class of a dialect, not of a user
            cls.rank, cls.rules = rank, rules

    def _take(self, given: Mapping[str, Any]) -> None:
        given, kwargs = dict(given), given["kwargs"]
        if self.rules.idle_arguments and self.kind != "plain":
            given["groups"] = kwargs.pop("groups", 1)
            if self.kind in ("depthwise", "separable"):
                idle = {name: kwargs.pop(name, default) for name, default in _IDLE.items()}
                given |= idle if self.kind == "separable" else {}
        super()._take(given)
        if "groups" not in given:
            self.groups = 1
        dilated_strides = self.rules.dilated_strides and self.kind in ("depthwise", "separable")
        if max(self.strides) > 1 and max(self.dilation_rate) > 1 and not dilated_strides:
            raise ValueError(
                "strides must be 1 where dilation_rate is over 1, got "
                f"strides={self.strides} and dilation_rate={self.dilation_rate}"
            )
        if "filters" in given and self.filters % self.groups:
            raise ValueError(
                f"filters must be a multiple of groups, {self.groups}, got {self.filters}"
            )
        self._batch_axes = self.rules.batch_axes and self.kind == "plain"
        self._take_window()
        self.input_spec = InputSpec(min_ndim=self.rank + 2)

    def __setattr__(self, name: str, value: Any) -> None:
        late = name in _READ_LATE and "_window" in vars(self)
        super().__setattr__(name, self._read(name, value) if late else value)
        if late:
            self._take_window()

    def _take_window(self) -> None:
        self._first = self.data_format == "channels_first"
        self._window = self._make_window()

    def _read(self, name: str, value: Any) -> Any:
        match name:
            case "filters":
                return _positive(name, self.rules.read_filters(value))
            case "groups":
                return _positive(name, self.rules.read_groups(value))
            case "depth_multiplier":
                return _positive(name, value)
            case "kernel_size" | "strides" | "dilation_rate":
                return self._each(name, value, 1)
            case "output_padding":
                return None if value is None else self._each(name, value, 0)
            case "padding":
                causal = ("causal",) if self.rank == 1 and self.kind in self.rules.causal else ()
                return _one_of(name, value, ("valid", "same", *causal))
            case "data_format":
                default = self.kit.settings.image_data_format()
                return _one_of(name, default if value is None else value, _FORMATS)
        return value

    def _each(self, name: str, value: Any, least: int) -> tuple[int, ...]:
        """`value`, an integer or one for each spatial axis, as a tuple."""
        rank = self.rank
        given = (value,) * rank if isinstance(value, int) else value
        try:
            sizes = tuple(int(size.__index__()) for size in given)
        except (AttributeError, TypeError):
            sizes = ()
        if len(sizes) != rank or min(sizes) < least:
            wanted = "an integer" if rank == 1 else f"an integer or {rank} integers"
            raise ValueError(f"{name} must be {wanted} of {least} or more, got {value!r}")
        return sizes

    def _make_window(self) -> core.Window:
        dilation = self.dilation_rate
        return core.Window(self.strides, self.padding, dilation, self.groups, self._first)

    def _channels(self, input_shape: Any) -> int:
        """How many channels inputs of a shape have; the shape is checked."""
        shape = tf.TensorShape(input_shape)
        must_have = f"input_shape of {self._name!r} must have"
        if not self._may_have_rank(shape.rank):
            raise ValueError(f"{must_have} rank {self.rank + 2}, got {shape}")
        channels = shape[-1 - self.rank if self._first else -1]
        if channels is None:
            raise ValueError(f"{must_have} a known number of channels, got {tuple(shape)}")
        if self.kind not in self.rules.built_short:
            self._check_lengths(shape)
        return int(channels)

    def _may_have_rank(self, rank: int | None) -> bool:
        return rank == self.rank + 2 or bool(self._batch_axes and rank)

    def _check_lengths(self, shape: tf.TensorShape) -> None:
        """Raises ValueError where the kernel does not fit into inputs of a shape."""
        if self.padding != "valid" or self.kind == "transposed" or shape.rank is None:
            return
        for axis, length in enumerate(self._lengths(shape)):
            size = core.output_length(length, self.kernel_size[axis], self._window, axis)
            if size is not None and size < self.rules.smallest_output:
                span = core.reach(self.kernel_size[axis], self.dilation_rate[axis])
                raise ValueError(
                    f"the input of layer {self._name!r} must be as long as its kernel reaches, "
                    f"{span} on spatial axis {axis}, got shape {tuple(shape)}"
                )

    def _lengths(self, shape: Any) -> list[int | None]:
        sizes = list(shape)
        return sizes[-self.rank :] if self._first else sizes[-1 - self.rank : -1]

    def _finish_build(self, channels: int, outputs: int) -> None:
        if self.use_bias:
            self.bias = self._add("bias", (outputs,))
        axes = {self.rules.channel_axis(self.rank) if self._first else -1: channels}
        rank: dict[str, Any] = {"min_ndim": self.rank + 2}
        if self.kind in self.rules.exact_rank:
            rank = {"ndim": self.rank + 2}
        self.input_spec = InputSpec(**rank, axes=axes)

    def _checked(self, convolve: Callable[..., tf.Tensor], x: tf.Tensor, *args: Any) -> tf.Tensor:
        """`convolve(x, *args)`; its errors, of TensorFlow too, are ValueErrors that name the layer."""
        if x.dtype is not self._compute:
            raise ValueError(
                f"the input of layer {self._name!r} must be of dtype {self._compute.name}, "
                f"got {x.dtype.name}"
            )
        try:
            if x.shape.rank is None:
                x = tf.ensure_shape(x, [None] * (self.rank + 2))
            y = convolve(x, *args)
        except (tf.errors.InvalidArgumentError, tf.errors.UnimplementedError, ValueError) as error:
            self._check_lengths(x.shape)
            raise ValueError(f"layer {self._name!r}: {str(error).splitlines()[0]}") from None
        # Keras 2 returns whatever the operation does.
        asked = self.rules.smallest_output and self.kind not in ("depthwise", "separable")
        if asked and y.shape.num_elements() == 0 and x.shape.num_elements() != 0:
            self._check_lengths(x.shape)
        return y

    def _outputs(self, channels: int | None) -> int | None:
        """How many channels the outputs have."""
        return self.filters

    def _output_length(self, length: int | None, axis: int) -> int | None:
        return core.output_length(length, self.kernel_size[axis], self._window, axis)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the outputs; None where a size of the inputs is."""
        shape = tf.TensorShape(input_shape)
        self._check_lengths(shape)
        sizes = shape.as_list()
        if not self._may_have_rank(len(sizes)):
            raise ValueError(f"input_shape must have rank {self.rank + 2}, got {tuple(sizes)}")
        batch = sizes[: len(sizes) - self.rank - 1]
        outputs = self._outputs(sizes[-1 - self.rank if self._first else -1])
        lengths = [self._output_length(n, i) for i, n in enumerate(self._lengths(sizes))]
        tail = [outputs, *lengths] if self._first else [*lengths, outputs]
        return self.kit.shape([*batch, *tail])


def _one_of(name: str, value: Any, allowed: tuple[str, ...]) -> str:
    found = value.lower() if isinstance(value, str) else value
    if found not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(allowed)}, got {value!r}")
    return str(found)


def _positive(name: str, value: Any) -> int:
    if not hasattr(value, "__index__") or value < 1:
        raise ValueError(f"{name} must be a positive integer, got {value!r}")
    return int(value)
