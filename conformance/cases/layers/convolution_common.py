"""What the files about convolution layers share: sizes that follow from arguments, ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from conformance.cases import rows
from conformance.cases.inputs import thirds, wave
from conformance.cases.layers.common import POLICIES
from conformance.cases.steps import CALL
from conformance.model import Case, Given, Input, Step

PLAIN: Final = ("Conv1D", "Conv2D", "Conv3D")
TRANSPOSED: Final = ("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose")
SEPARABLE: Final = ("SeparableConv1D", "SeparableConv2D")
DEPTHWISE: Final = ("DepthwiseConv1D", "DepthwiseConv2D")
CLASSES: Final = (*PLAIN, *TRANSPOSED, *SEPARABLE, *DEPTHWISE)
# Which have a `depth_multiplier`.
MULTIPLIED: Final = (*SEPARABLE, *DEPTHWISE)
MIXED: Final = ("mixed_float16", "mixed_bfloat16")

# By class: arguments and a channels-last input for which input, weights and output have at most 64
# elements, also where padding is "same". Sizes along different axes differ wherever that leaves
# room.
_BASIS: Final[Mapping[str, tuple[Mapping[str, Any], tuple[int, ...]]]] = {
    "Conv1D": ({"filters": 5, "kernel_size": 3}, (2, 6, 4)),
    "Conv2D": ({"filters": 2, "kernel_size": (3, 2)}, (1, 5, 4, 3)),
    "Conv3D": ({"filters": 2, "kernel_size": (3, 2, 1)}, (1, 5, 3, 2, 2)),
    "Conv1DTranspose": ({"filters": 3, "kernel_size": 3}, (2, 4, 5)),
    "Conv2DTranspose": ({"filters": 2, "kernel_size": (2, 3)}, (1, 2, 3, 4)),
    "Conv3DTranspose": ({"filters": 1, "kernel_size": (2, 1, 2)}, (1, 2, 1, 3, 5)),
    "SeparableConv1D": ({"filters": 5, "kernel_size": 3}, (2, 6, 4)),
    "SeparableConv2D": ({"filters": 2, "kernel_size": (3, 2)}, (1, 5, 4, 3)),
    "DepthwiseConv1D": ({"kernel_size": 3}, (2, 5, 4)),
    "DepthwiseConv2D": ({"kernel_size": (3, 2)}, (1, 5, 4, 3)),
}


def rank_of(name: str) -> int:
    """The number of spatial axes, which is part of the name."""
    return int(next(letter for letter in name if letter.isdigit()))


def basis(name: str) -> dict[str, Any]:
    """Arguments of a class, the required ones, in cases about something else."""
    return dict(_BASIS[name][0])


def basic_shape(name: str) -> tuple[int, ...]:
    """The shape of its inputs, channels last."""
    return _BASIS[name][1]


def _each(value: Any, rank: int, default: int = 1) -> tuple[int, ...]:
    """An integer, or one for each axis, as a tuple; what is neither counts as `default`."""
    if isinstance(value, list | tuple) and len(value) == rank:
        return tuple(value)
    return (value if isinstance(value, int) else default,) * rank


def parts(name: str) -> tuple[str, ...]:
    """The first words of the arguments about each weight."""
    if name in SEPARABLE:
        return ("depthwise", "pointwise", "bias")
    return ("depthwise" if name in DEPTHWISE else "kernel", "bias")


class Problem:
    """A layer and its inputs by their sizes; `shape` is the input's with the channels last."""

    def __init__(self, name: str, arguments: Mapping[str, Any], shape: Sequence[int]) -> None:
        self.name = name
        self.rank = rank_of(name)
        self.arguments = dict(arguments)
        self.batch, *self.lengths = shape[: self.rank + 1]
        self.channels = shape[-1]
        self.kernel = _each(arguments["kernel_size"], self.rank)
        self.groups = int(arguments.get("groups") or 1)
        self.multiplier = int(arguments.get("depth_multiplier", 1))
        self.filters = int(arguments.get("filters", self.channels * self.multiplier))
        self.biased = arguments.get("use_bias", True)
        self.dtype = str(arguments.get("dtype", "float32"))
        first = str(arguments.get("data_format")).lower() == "channels_first"
        last = (self.batch, *self.lengths, self.channels)
        self.shape = (self.batch, self.channels, *self.lengths) if first else last

    @property
    def variable(self) -> str:
        """The dtype of the weights, and of the inputs before they are cast."""
        return POLICIES[self.dtype][1]

    def weights(self) -> list[tuple[int, ...]]:
        """The shapes of the weights in their order."""
        if self.name in PLAIN:
            shapes = [(*self.kernel, self.channels // self.groups, self.filters)]
        elif self.name in TRANSPOSED:
            shapes = [(*self.kernel, self.filters, self.channels)]
        else:
            shapes = [(*self.kernel, self.channels, self.multiplier)]
        if self.name in SEPARABLE:
            shapes.append((*[1] * self.rank, self.channels * self.multiplier, self.filters))
        return [*shapes, (self.filters,)] if self.biased else shapes


Formula = Callable[..., Input]


def built(name: str, arguments: Mapping[str, Any] | None = None) -> Step:
    """Builds a layer for the shape of its basic input, the batch unknown."""
    merged = basis(name) | dict(arguments or {})
    return build(None, *Problem(name, merged, basic_shape(name)).shape[1:])


def build(*shape: int | None) -> Step:
    """Builds for a shape, a list."""
    return Step("build", options={"shape": list(shape)})


def set_weights(weights: Any) -> Step:
    """Gives the weights these values."""
    return Step("set_weights", options={"values": weights})


def values(problem: Problem, formula: Formula = wave) -> list[Input]:
    """The weights by formula, as arrays."""
    return [formula(shape, problem.variable, Given.ARRAY) for shape in problem.weights()]


class Rows(rows.Rows):
    """Rows of a convolution layer.

    Every layer has a name: without one it is given the next of its process, which messages tell.
    """

    family = "layers"

    def __call__(self, group: str, detail: str, *steps: Step, **rest: Any) -> Case:
        rest["arguments"] = {**rest.get("arguments", {}), "name": "layer"}
        return super().__call__(group, detail, *steps, **rest)

    def arguments_text(self, arguments: Mapping[str, Any]) -> str:
        return arguments_text(arguments)

    def asked(
        self,
        group: str,
        detail: str,
        *steps: Step,
        shape: Sequence[int] | None = None,
        formula: Formula = wave,
        x: Formula = thirds,
        given: Input | None = None,
        flags: str | tuple[str, ...] = (),
        **arguments: Any,
    ) -> Case:
        """The layer with `arguments`, built, its weights set by formula, and then asked `steps`.

        `given` takes the place of the input that formula `x` makes for `shape` (channels last).
        Where an argument is rejected, so is the step it is rejected in, and nothing follows.
        """
        merged = basis(self.name) | arguments
        problem = Problem(self.name, merged, shape or basic_shape(self.name))
        row = self.given(arguments=merged, inputs=given or x(problem.shape, problem.variable))
        prepared = (build(None, *problem.shape[1:]), set_weights(values(problem, formula)))
        return row(group, detail, *prepared, *(steps or (CALL,)), flags=flags)


def based(name: str) -> Rows:
    """Rows of a layer with the arguments of cases about something else."""
    return Rows(name, arguments=basis(name))


def basic(name: str) -> Problem:
    """That layer and its inputs."""
    return Problem(name, basis(name), basic_shape(name))


def arguments_text(arguments: Mapping[str, Any]) -> str:
    """Arguments in an id: no spaces, no slashes."""
    return ",".join(f"{name}={_text(value)}" for name, value in arguments.items()) or "defaults"


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        form = "-list" if isinstance(value, list) else "-tuple" if len(value) == 1 else ""
        return "x".join(map(str, value)) + form
    return str(value)
