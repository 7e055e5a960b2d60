"""Files: a layer or model is saved and loaded, then the same questions are asked again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from conformance.cases.inputs import wave
from conformance.cases.layers.common import array
from conformance.cases.layers.convolution_common import (
    CLASSES,
    Problem,
    basic_shape,
    basis,
    values,
)
from conformance.cases.layers.sequences_common import (
    ADAM,
    COMPILED,
    DEEP,
    DENSE,
    INPUT,
    MOMENTUM,
    NESTED,
    TRAINED,
    TWO,
    Subject,
    first,
    linear,
    model,
    second,
)
from conformance.cases.references import (
    constraint,
    custom,
    initializer,
    instance,
    layer,
    regularizer,
    shared,
)
from conformance.cases.rows import KERAS2, KERAS3, Rows
from conformance.cases.steps import (
    CALL,
    CONFIG,
    GET_WEIGHTS,
    LOSSES,
    WEIGHTS,
    attributes,
    build,
    compiled,
    evaluated,
    predicted,
    put,
    saved,
    set_weights,
)
from conformance.model import Case, Step

# Whole models; the third format, of weights alone, needs the shape of the input.
_WHOLE: Final = ("keras", "h5")


def rows() -> Iterator[Case]:
    """Every case about files."""
    yield from _subjects()
    yield from _convolutions()
    yield from _training()
    yield from _attached()
    yield from _metrics()
    yield from _frozen()
    yield from _policies()
    yield from _shared()


def _files(subject: Subject) -> Mapping[str, Step]:
    """A step for each format."""
    whole = {form: saved(form) for form in _WHOLE}
    return {**whole, "weights": saved("weights", None, *subject.shape[1:])}


_LINEAR: Final = model(linear(), second())


def _one(**arguments: Any) -> Subject:
    """A model of one layer."""
    return model(INPUT, first(**arguments), weights=((2, 2), (2,)))


_ONE: Final = _one()
_SUBJECTS: Final[Mapping[str, Subject]] = {
    "layer-in-a-model-that-is-not-built": DENSE,
    "one": _ONE,
    "model": TWO,
    "nested": NESTED,
    "deep": DEEP,
    "user-defined-layer": _LINEAR,
    "without-bias": model(first(use_bias=False), second(), weights=((2, 2), (2, 2), (2,))),
}


def _subjects() -> Iterator[Case]:
    """Outputs and weights after each format; before the build, and twice."""
    for label, subject in _SUBJECTS.items():
        row = subject.rows.given(flags="file")
        for form, step in _files(subject).items():
            if subject is DENSE and form == "h5":
                continue  # Keras 2 numbers the model in its message
            steps = (*subject.prepared, step, predicted(), GET_WEIGHTS)
            yield row("sequence-file", f"{label}-{form}", *steps)
    row = _ONE.rows.given(flags="file")
    for form, step in _files(_ONE).items():
        yield row("sequence-file", f"one-{form}-twice", *_ONE.prepared, step, step, predicted())
    early = model(first(kernel_initializer=initializer("Constant", value=0.5))).rows
    for form in _WHOLE:
        yield row("sequence-file", f"one-{form}-config", *_ONE.prepared, saved(form), CONFIG)
        yield early("sequence-file", f"one-{form}-before-build", saved(form), CALL, flags="file")


def _convolutions() -> Iterator[Case]:
    """Each convolution in a model: what the loaded one computes."""
    for name in CLASSES:
        problem = Problem(name, basis(name), basic_shape(name))
        arguments = {"layers": [layer(name, **basis(name), name="c")], "name": "s"}
        row = Rows(TWO.target, arguments=arguments, inputs=wave(problem.shape), flags="file")
        shape = (None, *problem.shape[1:])
        prepared = (build(*shape), set_weights(*values(problem)))
        for form in (*_WHOLE, "weights"):
            step = saved(form, *(shape if form == "weights" else ()))
            yield row("sequence-file", f"{name}-{form}", *prepared, step, predicted())


def _metrics() -> Iterator[Case]:
    """A metric that the model is compiled with is there after the file is read; so are arguments of its loss."""
    row = TWO.rows.given(flags=("file", "training"))
    for form in _WHOLE:
        huber = compiled(MOMENTUM, instance("losses.Huber", delta=0.25))
        looks = (huber, evaluated(), saved(form), evaluated())
        yield row("sequence-file", f"Huber-{form}", *TWO.prepared, *looks)
        compiling = compiled(MOMENTUM, "mean_squared_error", ["mae"])
        steps = (*TWO.prepared, compiling, TRAINED, evaluated(), saved(form), evaluated())
        yield row("sequence-file", f"metrics-{form}", *steps)


def _training() -> Iterator[Case]:
    """Training goes on with the state of the optimizer where the file has it."""
    for label in ("one", "model", "nested", "user-defined-layer"):
        subject = _SUBJECTS[label]
        row = subject.rows.given(flags=("file", "training"))
        for name, optimizer in {"SGD-momentum": MOMENTUM, "Adam": ADAM}.items():
            compiling = compiled(optimizer)
            for form in _WHOLE:
                goes_on = (compiling, TRAINED, saved(form), TRAINED)
                detail = f"{label}-{name}-fit-{form}-fit"
                yield row("sequence-file", detail, *subject.prepared, *goes_on)
        weights = _files(subject)["weights"]
        # Keras 3 does not read the loss of an .h5 file where it is a word.
        compiling = compiled(MOMENTUM, instance("losses.MeanSquaredError"))
        goes_on = (compiling, TRAINED, saved("h5"), TRAINED)
        detail = f"{label}-loss-object-fit-h5-fit"
        yield row("sequence-file", detail, *subject.prepared, *goes_on)
        steps = (*subject.prepared, COMPILED, TRAINED, weights, COMPILED, TRAINED)
        yield row("sequence-file", f"{label}-fit-weights-compile-fit", *steps)
    row = _ONE.rows.given(flags=("file", "training"))
    rate = put("optimizer.learning_rate", 0.125)
    for form in _WHOLE:
        start = (*_ONE.prepared, COMPILED)
        yield row("sequence-file", f"compile-{form}-fit", *start, saved(form), TRAINED)
        seen = attributes("optimizer.learning_rate")
        yield row("sequence-file", f"rate-{form}-fit", *start, rate, saved(form), seen, TRAINED)
        yield row("sequence-file", f"not-compiled-{form}-fit", *_ONE.prepared, saved(form), TRAINED)


_INITIALIZERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "Zeros": {},
    "Ones": {},
    "Constant": {"value": 0.5},
    "Identity": {"gain": 2.0},
    "RandomNormal": {"mean": 0.5, "stddev": 0.25, "seed": 3},
    "RandomUniform": {"minval": -0.5, "maxval": 0.5, "seed": 3},
    "TruncatedNormal": {"stddev": 0.25, "seed": 3},
    "VarianceScaling": {"scale": 2.0, "mode": "fan_out", "seed": 3},
    "Orthogonal": {"gain": 2.0, "seed": 3},
    "GlorotUniform": {"seed": 3},
    "HeNormal": {"seed": 3},
    "LecunNormal": {"seed": 3},
}
_ATTACHED: Final[Mapping[str, Mapping[str, Any]]] = {
    "kernel_regularizer": {
        "L1": regularizer("L1", l1=0.25),
        "L2": regularizer("L2", l2=0.25),
        "L1L2": regularizer("L1L2", l1=0.25, l2=0.5),
        "OrthogonalRegularizer": regularizer("OrthogonalRegularizer", factor=0.25),
        "custom": custom("MyRegularizer", strength=0.25),
    },
    "activity_regularizer": {"L2": regularizer("L2", l2=0.25)},
    "kernel_constraint": {
        "MaxNorm": constraint("MaxNorm", max_value=0.75),
        "MinMaxNorm": constraint("MinMaxNorm", min_value=0.5, max_value=0.75, rate=0.5),
        "NonNeg": constraint("NonNeg"),
        "UnitNorm": constraint("UnitNorm", axis=1),
        "custom": custom("CenterAround", ref_value=0.5),
    },
    "kernel_initializer": {
        name: initializer(name, **arguments) for name, arguments in _INITIALIZERS.items()
    },
}


def _attached() -> Iterator[Case]:
    """What is attached to a layer is in the file: penalties count, constraints hold, initializers are described."""
    for argument, things in _ATTACHED.items():
        for kind, thing in things.items():
            subject = _one(**{argument: thing})
            for form in _WHOLE:
                if argument == "kernel_initializer":
                    if form == "h5" and kind not in ("Constant", "RandomNormal"):
                        continue  # it has the same description as the other
                    looks: tuple[Step, ...] = (CONFIG,)
                elif argument == "kernel_constraint":
                    looks = (COMPILED, TRAINED)
                else:
                    looks = (CALL, LOSSES)
                steps = (*subject.prepared, saved(form), *looks)
                detail = f"{argument}-{kind}-{form}"
                yield subject.rows("sequence-file", detail, *steps, flags="file")
    radial = {"filters": 1, "kernel_size": 3, "name": "c"}
    conv = layer("Conv2D", **radial, kernel_constraint=constraint("RadialConstraint"))
    arguments = {"layers": [conv], "name": "s"}
    row = Rows(TWO.target, KERAS2, arguments=arguments, flags=("file", "constraint"))
    row = row.given(inputs=wave((2, 4, 4, 1)))
    held = set_weights(array((3, 3, 1, 1)), array((1,)))
    for form in _WHOLE:
        steps = (build(None, 4, 4, 1), held, saved(form), predicted(), CONFIG)
        yield row("sequence-file", f"kernel_constraint-RadialConstraint-{form}", *steps)


def _frozen() -> Iterator[Case]:
    """What is not trained, is not trained after the file either."""
    for path in ("trainable", "layers.0.trainable", "layers.1.kernel.trainable"):
        dialects = KERAS3 if "kernel" in path else (*KERAS2, *KERAS3)
        row = TWO.rows.given(flags=("file", "trainable"), dialects=dialects)
        for form, step in _files(TWO).items():
            steps = (*TWO.prepared, put(path, False), step, WEIGHTS, COMPILED, TRAINED)
            yield row("sequence-file", f"{path.replace('.', '-')}-{form}", *steps)
    frozen = _one(trainable=False)
    row = frozen.rows.given(flags=("file", "trainable"))
    for form, step in _files(frozen).items():
        yield row("sequence-file", f"constructed-frozen-{form}", *frozen.prepared, step, WEIGHTS)


def _policies() -> Iterator[Case]:
    """The dtypes of computation and weights are in the file."""
    for policy in ("mixed_bfloat16", "float16", "float64"):
        subject = _one(dtype=policy)
        row = subject.rows.given(flags=("file", "policy"))
        seen = attributes("layers.0.compute_dtype", "layers.0.variable_dtype")
        for form, step in _files(subject).items():
            steps = (*subject.prepared, step, seen, CALL, WEIGHTS)
            yield row("sequence-file", f"dtype-{policy}-{form}", *steps)


def _shared() -> Iterator[Case]:
    """One layer in two places of a model."""
    twice = shared("d", first())
    subject = model(INPUT, twice, twice, weights=((2, 2), (2,)))
    row = subject.rows.given(flags="file")
    for form, step in _files(subject).items():
        steps = (subject.held, step, predicted(), GET_WEIGHTS)
        yield row("sequence-file", f"shared-layer-{form}", *steps)
