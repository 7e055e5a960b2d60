"""Constraints "after each update": every optimizer, option, constraint and weight, epoch by epoch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from conformance.cases.inputs import thirds, wave
from conformance.cases.layers.common import array
from conformance.cases.layers.sequences_common import (
    CONV,
    DENSE,
    OPTIMIZERS,
    RATE,
    SEPARABLE,
    TRAINED,
    TWO,
    Subject,
    first,
    model,
    second,
)
from conformance.cases.references import constraint, instance, regularizer
from conformance.cases.rows import KERAS2, Rows
from conformance.cases.steps import build, compiled, evaluated, put, set_weights, trained
from conformance.model import Case, Reference, Step


def _sgd(**options: Any) -> Reference:
    return instance("optimizers.SGD", learning_rate=RATE, **options)


_CONSTRAINTS: Final[Mapping[str, Reference]] = {
    "MaxNorm": constraint("MaxNorm", max_value=0.75),
    "MinMaxNorm": constraint("MinMaxNorm", min_value=0.5, max_value=0.75, rate=0.5),
    "NonNeg": constraint("NonNeg"),
    "UnitNorm": constraint("UnitNorm"),
}
_OPTIMIZERS: Final[Mapping[str, Reference]] = {
    **OPTIMIZERS,
    "SGD-rate-1": instance("optimizers.SGD", learning_rate=1.0),
    "Adam-betas": instance(
        "optimizers.Adam", learning_rate=RATE, beta_1=0.5, beta_2=0.75, epsilon=0.125
    ),
}


def rows() -> Iterator[Case]:
    """Every case about constraints in training."""
    yield from _each()
    yield from _sequences()
    yield from _radial()


def _constrained(subject: Subject, **arguments: Any) -> Subject:
    return Subject(
        subject.target,
        {**subject.arguments, **arguments},
        subject.shape,
        subject.output,
        subject.weights,
    )


def _each() -> Iterator[Case]:
    """Each constraint of each weight with each optimizer."""
    flags = ("training", "constraint")
    for kind, projection in _CONSTRAINTS.items():
        for name, optimizer in _OPTIMIZERS.items():
            subject = _constrained(DENSE, kernel_constraint=projection)
            steps = (*subject.prepared, compiled(optimizer), trained(2))
            yield subject.rows("sequence-constraint", f"kernel-{kind}-{name}", *steps, flags=flags)
        for subject, part, name in (
            (DENSE, "bias", "SGD-momentum"),
            (CONV, "kernel", "Adam"),
            (SEPARABLE, "depthwise", "SGD-momentum"),
            (SEPARABLE, "pointwise", "Adam"),
        ):
            found = _constrained(subject, **{f"{part}_constraint": projection})
            steps = (*found.prepared, compiled(OPTIMIZERS[name]), TRAINED)
            yield found.rows("sequence-constraint", f"{part}-{kind}-{name}", *steps, flags=flags)


def _orders(compiling: Step) -> Mapping[str, tuple[Step, ...]]:
    """What happens between two trainings of a constrained layer; `layers.0` is the layer."""
    return {
        "fit-fit": (compiling, TRAINED, TRAINED),
        "fit-compile-fit": (compiling, TRAINED, compiling, TRAINED),
        "freeze-fit": (put("layers.0.trainable", False), compiling, TRAINED),
        "evaluate": (compiling, evaluated()),
        "fit-freeze-compile-fit": (
            compiling,
            TRAINED,
            put("layers.0.trainable", False),
            compiling,
            TRAINED,
        ),
    }


def _sequences() -> Iterator[Case]:
    """A constrained layer inside a model, trained in parts; with a penalty; frozen, when it is not constrained."""
    flags = ("training", "constraint")
    for kind, projection in _CONSTRAINTS.items():
        subject = model(first(kernel_constraint=projection), second())
        row = subject.rows.given(flags=flags)
        for detail, steps in _orders(compiled(OPTIMIZERS["SGD-momentum"])).items():
            yield row("sequence-constraint", f"{kind}-{detail}", *subject.prepared, *steps)
        both = model(
            first(kernel_constraint=projection, kernel_regularizer=regularizer("L2", l2=0.25)),
            second(bias_constraint=projection),
        )
        steps = (*TWO.prepared, compiled(OPTIMIZERS["Adam"]), trained(2))
        yield both.rows("sequence-constraint", f"{kind}-and-L2-Adam", *steps, flags=flags)


def _radial() -> Iterator[Case]:
    """The radial constraint, which only Keras 2 has, of a square kernel."""
    arguments = {
        "filters": 1,
        "kernel_size": 3,
        "name": "c",
        "kernel_constraint": constraint("RadialConstraint"),
    }
    row = Rows("layers.Conv2D", KERAS2, arguments=arguments, flags=("training", "constraint"))
    row = row.given(inputs=(wave((2, 4, 4, 1)), thirds((2, 2, 2, 1))))
    prepared = (build(None, 4, 4, 1), set_weights(array((3, 3, 1, 1)), array((1,))))
    # Official Keras refuses it in a compiled function, whatever the optimizer: see the finding `radial-graph`.
    for name in ("SGD", "Adam"):
        steps = (*prepared, compiled(OPTIMIZERS[name]), trained(1, 1))
        yield row("sequence-constraint", f"RadialConstraint-{name}-fit", *steps)
