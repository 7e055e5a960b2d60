"""What the files about sequences of operations share: small layers, their data, and the moments of a life.

A sequence brings a layer to a moment (before it is built, built, compiled, trained), does something to it, and then
looks: at a call, at further training, at losses, weights or the configuration.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from conformance.cases.inputs import thirds, wave
from conformance.cases.layers.common import array
from conformance.cases.references import custom, instance, layer
from conformance.cases.rows import Rows
from conformance.cases.steps import build, compiled, set_weights, trained
from conformance.model import Input, Reference, Step

# A power of two, so that a step of training loses no bits to the rate.
RATE: Final = 0.0625
SGD: Final = instance("optimizers.SGD", learning_rate=RATE)
MOMENTUM: Final = instance("optimizers.SGD", learning_rate=RATE, momentum=0.5)
NESTEROV: Final = instance("optimizers.SGD", learning_rate=RATE, momentum=0.5, nesterov=True)
ADAM: Final = instance("optimizers.Adam", learning_rate=RATE, epsilon=0.125)
OPTIMIZERS: Final[Mapping[str, Reference]] = {
    "SGD": SGD,
    "SGD-momentum": MOMENTUM,
    "SGD-nesterov": NESTEROV,
    "Adam": ADAM,
}
COMPILED: Final = compiled(SGD)
TRAINED: Final = trained()
MOMENTS: Final = ("before-build", "after-build", "after-compile", "after-fit")


@dataclass(frozen=True, slots=True)
class Subject:
    """A layer or model, the shapes of its input and output, and of its weights in their order."""

    target: str
    arguments: Mapping[str, Any]
    shape: tuple[int, ...]
    output: tuple[int, ...]
    weights: tuple[tuple[int, ...], ...]

    @property
    def rows(self) -> Rows:
        """Its rows, with input and target values."""
        inputs = (wave(self.shape), thirds(self.output))
        return Rows(self.target, arguments=self.arguments, inputs=inputs)

    @property
    def built(self) -> Step:
        """It is built for its input, of any batch size."""
        return build(None, *self.shape[1:])

    @property
    def held(self) -> Step:
        """Its weights are given values by formula."""
        return set_weights(*(array(shape) for shape in self.weights))

    @property
    def prepared(self) -> tuple[Step, Step]:
        """It is built, and its weights are given values."""
        return self.built, self.held

    def at(
        self, moment: str, *steps: Step, fits: bool = False, compiling: Step = COMPILED
    ) -> tuple[Step, ...]:
        """The steps to a `moment`, then `steps`, then to where it can be looked at: where `fits`, trained once more.

        Where it is not built yet, the weights are given their values after `steps`.
        """
        last = (TRAINED,) if fits else ()
        match moment:
            case "before-build":
                return (*steps, *self.prepared, *((compiling, *last) if fits else ()))
            case "after-build":
                return (*self.prepared, *steps, *((compiling, *last) if fits else ()))
            case "after-compile":
                return (*self.prepared, compiling, *steps, *last)
            case "after-fit":
                return (*self.prepared, compiling, TRAINED, *steps, *last)
        raise ValueError(f"a moment must be one of {', '.join(MOMENTS)}; received {moment!r}")


DENSE: Final = Subject("layers.Dense", {"units": 2, "name": "d"}, (4, 3), (4, 2), ((3, 2), (2,)))
CONV: Final = Subject(
    "layers.Conv1D",
    {"filters": 2, "kernel_size": 2, "name": "c"},
    (4, 3, 2),
    (4, 2, 2),
    ((2, 2, 2), (2,)),
)
SEPARABLE: Final = Subject(
    "layers.SeparableConv1D",
    {"filters": 2, "kernel_size": 2, "name": "c"},
    (4, 3, 2),
    (4, 2, 2),
    ((2, 2, 1), (1, 2, 2), (2,)),
)


def first(**arguments: Any) -> Reference:
    """The first layer of a model."""
    return layer("Dense", **{"units": 2, "name": "a", **arguments})


def second(**arguments: Any) -> Reference:
    """The second layer."""
    return layer("Dense", **{"units": 2, "name": "b", **arguments})


def linear(**arguments: Any) -> Reference:
    """A user-defined layer: to 2."""
    return custom("Linear", **{"units": 2, "name": "l", **arguments})


def inner(*layers: Reference, name: str = "inner", **arguments: Any) -> Reference:
    """A model inside a model."""
    return instance("models.Sequential", layers=list(layers), name=name, **arguments)


# Both layers map 2 to 2: where one of them is frozen, Keras 2 orders the weights anew, and values still fit.
_TWO_WEIGHTS: Final = ((2, 2), (2,), (2, 2), (2,))


def model(
    *layers: Reference,
    weights: tuple[tuple[int, ...], ...] = _TWO_WEIGHTS,
    shape: tuple[int, ...] = (4, 2),
    output: tuple[int, ...] = (4, 2),
) -> Subject:
    """A `Sequential` of these layers."""
    arguments = {"layers": list(layers), "name": "s"}
    return Subject("models.Sequential", arguments, shape, output, weights)


# Keras 3 numbers the input of a built model, so it is given a name where configurations are looked at.
INPUT: Final = instance("Input", shape=(2,), name="i")
TWO: Final = model(first(), second())
NAMED: Final = model(INPUT, first(), second())
NESTED: Final = model(inner(first()), second())
DEEP: Final = model(inner(inner(first(), name="innermost")), second())


def data(subject: Subject, rows: int) -> tuple[Input, Input]:
    """Inputs and target values of another number of rows."""
    return wave((rows, *subject.shape[1:])), thirds((rows, *subject.output[1:]))
