"""Attributes that are set before a layer is built, when it is built, compiled and trained: what sees the change."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, Final

from conformance.cases.layers.sequences_common import (
    COMPILED,
    CONV,
    DENSE,
    MOMENTS,
    NAMED,
    SEPARABLE,
    TRAINED,
    TWO,
    Subject,
)
from conformance.cases.references import class_of, constraint, initializer, regularizer
from conformance.cases.rows import KERAS3, Cell, cell
from conformance.cases.steps import (
    CALL,
    CONFIG,
    LOSSES,
    WEIGHTS,
    attributes,
    compiled,
    put,
    roundtrip,
)
from conformance.model import Case, Reference, Step

_L1: Final = regularizer("L1", l1=0.25)
_L2: Final = regularizer("L2", l2=0.25)
_NON_NEGATIVE: Final = constraint("NonNeg")
_SHORT: Final = constraint("MaxNorm", max_value=0.5)
_RELU: Final = class_of("activations.relu")


def rows() -> Iterator[Case]:
    """Every case about attributes that are set."""
    for subject, changes, looked in (
        (DENSE, _DENSE, ("call", "fit", "losses", "config", "weights")),
        (CONV, _CONV, ("call", "fit", "losses")),
        (SEPARABLE, _SEPARABLE, ("fit", "losses")),
        (TWO, _TWO, ("fit", "weights", "losses")),
        (NAMED, _TWO, ("config",)),
    ):
        yield from _matrix(subject, changes, looked)
    yield from _weight_flags()
    yield from _flags_read()
    yield from _rate()
    yield from _loss()
    yield from _names()


# By the detail of the id: the attribute and its value.
_COMMON: Final[Mapping[str, Any]] = {
    "trainable": ("trainable", False),
    "activity_regularizer": ("activity_regularizer", _L1),
    "bias_regularizer": ("bias_regularizer", _L2),
    "bias_constraint": ("bias_constraint", _NON_NEGATIVE),
    "activation": ("activation", _RELU),
}
_KERNEL: Final[Mapping[str, Any]] = {
    "kernel_regularizer": ("kernel_regularizer", _L1),
    "kernel_constraint": ("kernel_constraint", _SHORT),
    "kernel_initializer": ("kernel_initializer", initializer("Constant", value=0.5)),
}
_SIZES: Final[Mapping[str, Any]] = {
    "use_bias": ("use_bias", False),
    "supports_masking": ("supports_masking", False),
    "activation-text": ("activation", "relu"),
    "kernel_constraint-text": ("kernel_constraint", "non_neg"),
}
_DENSE: Final[Mapping[str, Any]] = {
    **_COMMON,
    **_KERNEL,
    **_SIZES,
    "units": ("units", 3),
    "dtype_policy": cell(("dtype_policy", "mixed_bfloat16"), dialects=KERAS3),
}
_CONV: Final[Mapping[str, Any]] = {
    **_COMMON,
    **_KERNEL,
    "padding": ("padding", "same"),
    "dilation_rate": ("dilation_rate", (2,)),
}
_SEPARABLE: Final[Mapping[str, Any]] = {
    f"{part}_{role}": (f"{part}_{role}", value)
    for part in ("depthwise", "pointwise")
    for role, value in (("regularizer", _L1), ("constraint", _NON_NEGATIVE))
} | {"trainable": ("trainable", False)}
_TWO: Final[Mapping[str, Any]] = {
    "trainable": ("trainable", False),
    "first-trainable": ("layers.0.trainable", False),
    "second-trainable": ("layers.1.trainable", False),
    "first-activation": ("layers.0.activation", _RELU),
    "second-kernel_regularizer": ("layers.1.kernel_regularizer", _L1),
    "second-kernel_constraint": ("layers.1.kernel_constraint", _SHORT),
}
_FLAG_OF: Final[Mapping[str, str]] = {
    "trainable": "trainable",
    "regularizer": "regularizer",
    "constraint": "constraint",
    "activation": "activation",
    "text": "argument",
    "initializer": "initializer",
    "policy": "policy",
}


def _looks(word: str, looked: str) -> tuple[Step, ...]:
    """The steps that look, after those to the moment."""
    match looked:
        case "call":
            return (CALL,)
        case "losses":
            return (CALL, LOSSES)
        case "config":
            if word == "trainable":
                return (CONFIG, roundtrip("from_config"), attributes("trainable"))
            return (CONFIG,)
        case "weights":
            return (WEIGHTS,)
    return ()


# What sees which attribute, by the last word of its name; training and the configuration see all.
_SEEN_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "call": ("activation", "text", "initializer", "bias", "units", "policy", "padding", "rate"),
    "losses": ("regularizer",),
    "weights": ("trainable", "initializer", "bias", "policy"),
}


def _sees(look: str, word: str, moment: str, subject: Subject) -> bool:
    """Whether a look at an attribute, at a moment, is a question of its own."""
    if look == "fit":
        # The outputs would have other sizes than the targets; and what is read late is read late by each class.
        other_sizes = word in ("padding", "rate", "units")
        if word == "trainable" and moment != "before-build" and subject is not CONV:
            return False  # the orders of freezing and training have it
        late = moment in ("before-build", "after-fit") or subject in (DENSE, TWO)
        return late and not other_sizes
    if look == "config":
        if subject is NAMED and word != "trainable":
            return False
        return moment in ("before-build", "after-fit")
    seldom = subject in (CONV, SEPARABLE) and moment == "after-build"
    return word in _SEEN_BY[look] and moment != "after-compile" and not seldom


def _matrix(
    subject: Subject, changes: Mapping[str, Any], looked: tuple[str, ...]
) -> Iterator[Case]:
    """Each attribute at each moment, seen by each look."""
    for detail, found in changes.items():
        pair, keywords = (found.value, found.keywords) if isinstance(found, Cell) else (found, {})
        word = re.split("[-_]", detail)[-1]
        row = subject.rows.given(**keywords)
        for moment, look in product(MOMENTS, looked):
            early = moment == "before-build"
            if (early and detail in ("use_bias", "units")) or not _sees(
                look, word, moment, subject
            ):
                continue  # before the build, the weights would have other sizes
            steps = subject.at(moment, put(*pair), fits=look == "fit")
            flags = ("training",) if look == "fit" else ()
            yield row(
                "sequence-set",
                f"{detail}-{moment}-{look}",
                *steps,
                *_looks(word, look),
                flags=(*flags, _FLAG_OF.get(word, "argument")),
            )


_PARTS: Final[Mapping[str, tuple[Subject, tuple[str, ...]]]] = {
    "Dense": (DENSE, ("kernel", "bias")),
    "Conv1D": (CONV, ("kernel", "bias")),
    "SeparableConv1D": (SEPARABLE, ("depthwise_kernel", "pointwise_kernel", "bias")),
    "Sequential": (TWO, ("layers.0.kernel", "layers.1.bias")),
}


def _weight_flags() -> Iterator[Case]:
    """Single weights that are not trained, which Keras 3 documents."""
    for subject, parts in _PARTS.values():
        row = subject.rows.given(dialects=KERAS3, flags=("training", "trainable"))
        for part in parts:
            off, on = put(f"{part}.trainable", False), put(f"{part}.trainable", True)
            where = part.removeprefix("layers.").replace(".", "-")
            for moment in MOMENTS[1:] if subject in (DENSE, TWO) else MOMENTS[-1:]:
                detail = f"{where}-trainable-{moment}"
                yield row(
                    "sequence-set-weight", f"{detail}-fit", *subject.at(moment, off, fits=True)
                )
            whole = (put("trainable", False), put("trainable", True))
            for last, steps in {"weights": (on,), "layer-off-and-on": whole}.items():
                looks = (*subject.prepared, off, WEIGHTS, *steps, WEIGHTS)
                detail = f"{where}-trainable-{last}"
                yield row("sequence-set-weight", detail, *looks, flags="trainable")


def _flags_read() -> Iterator[Case]:
    """What the flags of the parts are, where that of the whole is set, and the reverse."""
    row = TWO.rows.given(flags="trainable")
    seen = attributes("trainable", "layers.0.trainable", "layers.1.trainable")
    for moment in MOMENTS:
        for detail, path in (("whole", "trainable"), ("first", "layers.0.trainable")):
            steps = TWO.at(moment, put(path, False), seen, put(path, True), seen)
            yield row("sequence-flags", f"{detail}-{moment}", *steps)
    for detail, one, other in (
        ("first-then-whole", "layers.0.trainable", "trainable"),
        ("whole-then-first", "trainable", "layers.0.trainable"),
    ):
        steps = (*TWO.prepared, put(one, False), put(other, True), seen, WEIGHTS)
        yield row("sequence-flags", f"{detail}-on", *steps)


def _rate() -> Iterator[Case]:
    """The learning rate, set at each moment."""
    seen = attributes("model.optimizer.learning_rate")
    change = put("model.optimizer.learning_rate", 0.25)
    for subject in (DENSE, TWO):
        row = subject.rows.given(flags="training")
        for moment in MOMENTS[2:]:
            steps = subject.at(moment, seen, change, seen, fits=True)
            yield row("sequence-set", f"learning_rate-{moment}-fit", *steps)
        for detail, value in (("0", 0.0), ("integer", 1)):
            put_so = put("model.optimizer.learning_rate", value)
            steps = subject.at("after-fit", put_so, fits=True)
            yield row("sequence-set", f"learning_rate-{detail}-after-fit-fit", *steps)


_LOSSES: Final[Mapping[str, Any]] = {
    "mse-object": Reference("instance", "losses.MeanSquaredError"),
    "mse-sum": Reference("instance", "losses.MeanSquaredError", {"reduction": "sum"}),
}


def _loss() -> Iterator[Case]:
    """Another loss, by compiling once more."""
    rate = Reference("instance", "optimizers.SGD", {"learning_rate": 1 / 64})
    for subject in (DENSE, TWO):
        row = subject.rows.given(flags="training")
        for detail, loss in _LOSSES.items():
            again = compiled(rate, loss)
            yield row(
                "sequence-set",
                f"loss-{detail}-after-compile-fit",
                *subject.at("after-compile", again, fits=True),
            )
            yield row(
                "sequence-set",
                f"loss-{detail}-after-fit-fit",
                *subject.prepared,
                COMPILED,
                TRAINED,
                again,
                TRAINED,
            )


def _names() -> Iterator[Case]:
    """Another name, which counts from then on: in configurations, and in what gets its path later."""
    for subject, path in ((DENSE, "name"), (CONV, "name"), (TWO, "layers.1.name"), (TWO, "name")):
        row = subject.rows.given(dialects=KERAS3, flags="argument")
        for moment in MOMENTS[:2]:
            steps = subject.at(moment, put(path, "other"), attributes(path))
            detail = f"{path.replace('.', '-')}-{moment}"
            yield row("sequence-set", f"{detail}-weights", *steps, WEIGHTS)
            if subject is not TWO:
                yield row("sequence-set", f"{detail}-config", *steps, CONFIG)
