"""What all convolution layers have: their arguments, weights, output shape and configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import tensorflow as tf

from impl.core import convolution as core
from impl.shared.input_spec import InputSpec
from impl.shared.layer import Layer

_FORMATS = ("channels_first", "channels_last")


@dataclass(frozen=True)
class Rules:
    """What the convolution layers of one dialect do where those of the other do something else.

    Attributes:
        read_filters: `filters` at construction. Keras 2 takes whatever `int()` reads but text.
        read_groups: `groups` at construction. Keras 2 takes None and 0 for 1.
        any_groups: transposed, depthwise and separable layers take `groups`, and ignore it.
        kernel_arguments: separable and depthwise layers take the `kernel_...` arguments of others,
            ignore them, and separable ones save them.
        smallest_output: the shortest length that a kernel may leave of an unpadded input.
        batch_axes: plain convolutions may have more than one batch axis.
        exact_rank: kinds of layers whose built input specification has the rank itself.
        channel_axis: the axis of channels that come first, in input specifications.
        dilated_strides: depthwise and separable layers take strides and dilation together.
        causal_separable: SeparableConv1D takes "causal".
        depthwise_kernel: the name of a depthwise layer's kernel.
        shape: the type of computed output shapes.

    """

    read_filters: Callable[[Any], Any]
    read_groups: Callable[[Any], Any]
    any_groups: bool
    kernel_arguments: bool
    smallest_output: int
    batch_axes: bool
    exact_rank: tuple[str, ...]
    channel_axis: Callable[[int], int]
    dilated_strides: bool
    causal_separable: bool
    depthwise_kernel: str
    shape: Callable[[Any], Any]


# Initializer, regularizer and constraint of a weight, as arguments.
Part = tuple[Any, Any, Any]
_ROLES = ("initializer", "regularizer", "constraint")


class Convolution(Layer):
    """Base class of the layers in `shared.convolutions`, which list their own arguments.

    Inputs have `rank` spatial axes, between the batch and the channels, or after the channels with
    a `data_format` of "channels_first".

    Args:
        kernel_size: the sizes of the kernel: an integer, or `rank` integers.
        strides: the step along each spatial axis, likewise.
        padding: "valid" for none, "same" for as many outputs as inputs (over the stride), or, of
            some layers with one spatial axis, "causal": each output sees no later input.
        data_format: "channels_last", "channels_first", or None for `config.image_data_format()`.
        dilation_rate: the distance between the inputs that the kernel meets, along each axis.
        groups: how many parts the channels are convolved in, each with filters of its own.
        activation: a name or a callable; None for none.
        use_bias: whether there is a `bias`, one number for each filter.
        parts: of each weight, by name, the initializer, regularizer and constraint.
        activity_regularizer: a penalty on the outputs, divided by the batch size.
        kwargs: those of `Layer`.

    Raises ValueError or TypeError for arguments that are none of these.

    """

    rules: ClassVar[Rules]
    rank: ClassVar[int]
    kind: ClassVar[str]

    def __init__(
        self,
        kernel_size: Any,
        strides: Any,
        padding: Any,
        data_format: Any,
        dilation_rate: Any,
        groups: Any,
        activation: Any,
        use_bias: Any,
        parts: Mapping[str, Part],
        activity_regularizer: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        kit = self.kit
        self.groups = groups
        self.kernel_size = self._each("kernel_size", kernel_size, 1)
        self.strides = self._each("strides", strides, 1)
        self.padding = _one_of("padding", padding, self._paddings())
        chosen = kit.settings.image_data_format() if data_format is None else data_format
        self.data_format = _one_of("data_format", chosen, _FORMATS)
        self.dilation_rate = self._each("dilation_rate", dilation_rate, 1)
        self.activation = kit.activations.get(activation)
        self.use_bias = use_bias
        self._parts = tuple(parts)
        for name, part in parts.items():
            families = (kit.initializers, kit.regularizers, kit.constraints)
            for role, family, value in zip(_ROLES, families, part, strict=True):
                setattr(self, f"{name}_{role}", family.get(value))
        both = max(self.strides) > 1 and max(self.dilation_rate) > 1
        if both and not (self.kind in ("depthwise", "separable") and self.rules.dilated_strides):
            raise ValueError(
                "strides must be 1 where dilation_rate is over 1, got "
                f"strides={self.strides} and dilation_rate={self.dilation_rate}"
            )
        filters = getattr(self, "filters", 0)  # a depthwise layer has none
        if filters % groups:
            raise ValueError(f"filters must be a multiple of groups, {groups}, got {filters}")
        self._first = self.data_format == "channels_first"
        self._window = self._make_window()
        self._linear = kit.activations.linear
        self.input_spec = InputSpec(min_ndim=self.rank + 2)
        self.bias = None

    def _paddings(self) -> tuple[str, ...]:
        causal = self.kind == "plain" or (self.kind == "separable" and self.rules.causal_separable)
        return ("valid", "same", "causal") if causal and self.rank == 1 else ("valid", "same")

    def _make_window(self) -> core.Window:
        return core.Window(self.strides, self.padding, self.dilation_rate, 1, self._first)

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

    def _channels(self, input_shape: Any) -> int:
        """How many channels inputs of a shape have; the shape is checked."""
        shape = tf.TensorShape(input_shape)
        rank = self.rank + 2
        more = self.kind == "plain" and self.rules.batch_axes
        if shape.rank is None or shape.rank < rank or (shape.rank > rank and not more):
            raise ValueError(
                f"input_shape of {self._name!r} must have rank {rank}{' or more' if more else ''}, "
                f"got {tuple(shape) if shape.rank is not None else None}"
            )
        channels = shape[-1 - self.rank if self._first else -1]
        if channels is None:
            raise ValueError(
                f"input_shape of {self._name!r} must have a known number of channels, "
                f"got {tuple(shape)}"
            )
        if not channels and self.kind != "depthwise":
            raise ValueError(
                f"input_shape of {self._name!r} must have at least one channel, got {tuple(shape)}"
            )
        self._check_lengths(shape)
        return int(channels)

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

    def _add_part(self, name: str, shape: tuple[int, ...], called: str | None = None) -> Any:
        return self.add_weight(
            name=called or name,
            shape=shape,
            initializer=getattr(self, f"{name}_initializer"),
            regularizer=getattr(self, f"{name}_regularizer"),
            constraint=getattr(self, f"{name}_constraint"),
            trainable=True,
        )

    def _finish_build(self, channels: int, outputs: int) -> None:
        if self.use_bias:
            self.bias = self._add_part("bias", (outputs,))
        axis = self.rules.channel_axis(self.rank) if self._first else -1
        rank = self.rank + 2
        if self.kind in self.rules.exact_rank:
            self.input_spec = InputSpec(ndim=rank, axes={axis: channels})
        else:
            self.input_spec = InputSpec(min_ndim=rank, axes={axis: channels})

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """The outputs, in the dtype of the inputs."""
        if inputs.dtype is not self._compute:
            raise ValueError(
                f"the input of layer {self._name!r} must be of dtype {self._compute.name}, "
                f"got {inputs.dtype.name}"
            )
        try:
            outputs = self._compute_outputs(inputs)
        except (tf.errors.InvalidArgumentError, tf.errors.UnimplementedError, ValueError) as error:
            self._check_lengths(inputs.shape)
            raise ValueError(f"layer {self._name!r}: {str(error).splitlines()[0]}") from None
        if self.rules.smallest_output and outputs.shape.num_elements() == 0:
            self._check_lengths(inputs.shape)
        return outputs if self.activation is self._linear else self.activation(outputs)

    def _compute_outputs(self, x: tf.Tensor) -> tf.Tensor:
        raise NotImplementedError

    def _outputs(self, channels: int | None) -> int | None:
        """How many channels the outputs have."""
        raise NotImplementedError

    def _output_length(self, length: int | None, axis: int) -> int | None:
        return core.output_length(length, self.kernel_size[axis], self._window, axis)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the outputs; None where a size of the inputs is."""
        shape = tf.TensorShape(input_shape)
        self._check_lengths(shape)
        sizes = shape.as_list()
        more = self.kind == "plain" and self.rules.batch_axes
        if len(sizes) != self.rank + 2 and not (more and len(sizes) > self.rank):
            raise ValueError(f"input_shape must have rank {self.rank + 2}, got {tuple(sizes)}")
        batch = sizes[: len(sizes) - self.rank - 1]
        outputs = self._outputs(sizes[-1 - self.rank if self._first else -1])
        lengths = [self._output_length(n, i) for i, n in enumerate(self._lengths(sizes))]
        tail = [outputs, *lengths] if self._first else [*lengths, outputs]
        return self.rules.shape([*batch, *tail])

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name, which make the same layer, without its weights."""
        kit = self.kit
        config = {
            **super().get_config(),
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "data_format": self.data_format,
            "dilation_rate": self.dilation_rate,
            "activation": kit.activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "activity_regularizer": kit.regularizers.serialize(self.activity_regularizer),
        }
        if self.kind == "plain" or self.rules.any_groups:
            config["groups"] = self.groups
        families = (kit.initializers, kit.regularizers, kit.constraints)
        for name in self._parts:
            for role, family in zip(_ROLES, families, strict=True):
                config[f"{name}_{role}"] = family.serialize(getattr(self, f"{name}_{role}"))
        return config

    def _ignored_groups(self, kwargs: dict[str, Any]) -> int:
        """`groups` of a kind of layer that does not convolve in groups."""
        groups = self._take_ignored(kwargs, "groups")[0] if self.rules.any_groups else None
        return positive("groups", groups or 1)

    def _take_ignored(self, kwargs: dict[str, Any], *names: str) -> tuple[Any, ...]:
        """What a dialect lets pass that means nothing to this kind of layer."""
        defaults = {"kernel_initializer": "glorot_uniform"}
        return tuple(kwargs.pop(name, defaults.get(name)) for name in names)


def _one_of(name: str, value: Any, allowed: tuple[str, ...]) -> str:
    found = value.lower() if isinstance(value, str) else value
    if found not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(allowed)}, got {value!r}")
    return str(found)


def positive(name: str, value: Any) -> int:
    """`value`, if it is a positive integer; ValueError otherwise."""
    if not hasattr(value, "__index__") or value < 1:
        raise ValueError(f"{name} must be a positive integer, got {value!r}")
    return int(value)
