"""Copies by `clone_model`, `deepcopy` and `pickle`, made at each moment of the life of a layer or model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from conformance.cases.layers.sequences_common import (
    COMPILED,
    CONV,
    DENSE,
    INPUT,
    MOMENTS,
    MOMENTUM,
    TRAINED,
    Subject,
    first,
    inner,
    model,
    second,
)
from conformance.cases.references import initializer, instance, regularizer
from conformance.cases.steps import (
    CALL,
    CONFIG,
    GET_WEIGHTS,
    LOSSES,
    WEIGHTS,
    attributes,
    compiled,
    copied,
    evaluated,
    predicted,
    put,
)
from conformance.model import Case

_CONSTANT: Final = {"kernel_initializer": initializer("Constant", value=0.5)}
_TWO: Final = model(INPUT, first(**_CONSTANT), second(**_CONSTANT))
_NESTED: Final = model(INPUT, inner(first(**_CONSTANT)), second(**_CONSTANT))
_COMPILED: Final = compiled(MOMENTUM)
_OBJECT: Final = ("deepcopy", "pickle")
_ALL: Final = ("clone", *_OBJECT)


def rows() -> Iterator[Case]:
    """Every case about copies."""
    yield from _layers()
    yield from _models()
    yield from _changed()


def _constant(subject: Subject) -> Subject:
    """Of which an initial value is no draw."""
    return Subject(
        subject.target,
        {**subject.arguments, **_CONSTANT},
        subject.shape,
        subject.output,
        subject.weights,
    )


def _layers() -> Iterator[Case]:
    """A layer: its copy computes the same, has the same weights, and is trained like it."""
    for subject in (_constant(DENSE), _constant(CONV)):
        row = subject.rows.given(flags="copy")
        for via in _OBJECT:
            copy = copied(via)
            for moment in MOMENTS:
                at = (
                    (copy,)
                    if moment == "before-build"
                    else subject.at(moment, copy, compiling=_COMPILED)
                )
                yield row("sequence-copy", f"{via}-{moment}-call", *at, CALL, GET_WEIGHTS)
            for moment in ("before-build", "after-fit"):
                at = (
                    (copy,)
                    if moment == "before-build"
                    else subject.at(moment, copy, compiling=_COMPILED)
                )
                steps = (*at, COMPILED, TRAINED)
                yield row("sequence-copy", f"{via}-{moment}-compile-fit", *steps)
            yield row("sequence-copy", f"{via}-config", *subject.prepared, copy, CONFIG)
        yield row("sequence-copy", "clone-of-a-layer", *subject.prepared, copied("clone"), CALL)


def _models() -> Iterator[Case]:
    """A model: a clone begins with new weights and is not compiled; other copies go on."""
    for label, subject in (("", _TWO), ("nested-", _NESTED)):
        row = subject.rows.given(flags="copy")
        for via in _ALL:
            copy = copied(via)
            for moment in MOMENTS:
                if label and moment in ("before-build", "after-compile"):
                    continue
                at = (
                    (copy,)
                    if moment == "before-build"
                    else subject.at(moment, copy, compiling=_COMPILED)
                )
                looks = (predicted(), GET_WEIGHTS)
                yield row("sequence-copy", f"{label}{via}-{moment}-predict", *at, *looks)
                if moment in ("after-compile", "after-fit"):
                    yield row("sequence-copy", f"{label}{via}-{moment}-fit", *at, TRAINED)
            if not label:  # Keras 3 numbers the input of the inner model
                yield row("sequence-copy", f"{via}-config", *subject.prepared, copy, CONFIG)
            again = (COMPILED, TRAINED, copy, COMPILED, TRAINED)
            detail = f"{label}{via}-after-fit-compile-fit"
            yield row("sequence-copy", detail, *subject.prepared, *again)


def _changed() -> Iterator[Case]:
    """Copies of what was changed: frozen layers, attributes that were set, penalties."""
    penalised = model(
        INPUT,
        first(**_CONSTANT, kernel_regularizer=regularizer("L2", l2=0.25)),
        second(**_CONSTANT, activity_regularizer=regularizer("L1", l1=0.25)),
    )
    for via in _ALL:
        copy = copied(via)
        for path in ("trainable", "layers.0.trainable"):
            row = _TWO.rows.given(flags=("copy", "trainable"))
            steps = (*_TWO.prepared, put(path, False), copy, WEIGHTS, COMPILED, TRAINED)
            yield row("sequence-copy", f"{via}-{path.replace('.', '-')}-fit", *steps)
        flags = (put("trainable", False), copy, attributes("trainable", "layers.0.trainable"))
        yield row("sequence-copy", f"{via}-trainable-flags", *_TWO.prepared, *flags)
        row = penalised.rows.given(flags=("copy", "losses"))
        yield row("sequence-copy", f"{via}-losses", *penalised.prepared, copy, CALL, LOSSES)
    huber = compiled(MOMENTUM, instance("losses.Huber", delta=0.25))
    for via in _OBJECT:
        looks = (huber, evaluated(), copied(via), evaluated())
        row = _TWO.rows.given(flags=("copy", "training"))
        yield row("sequence-copy", f"{via}-Huber-evaluate", *_TWO.prepared, *looks)
        row = DENSE.rows.given(arguments={"dtype": "mixed_float16"}, flags=("copy", "policy"))
        yield row("sequence-copy", f"{via}-mixed_float16-call", *DENSE.prepared, copied(via), CALL)
        row = DENSE.rows.given(flags=("copy", "trainable"))
        frozen = put("trainable", False)
        detail = f"{via}-trainable-weights"
        yield row("sequence-copy", detail, *DENSE.prepared, frozen, copied(via), WEIGHTS)
