"""Options of optimizers: clipping, decay, averages, accumulation; alone, with constraints, with one another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from conformance.cases.layers.sequences_common import (
    DENSE,
    RATE,
    TRAINED,
    Subject,
    first,
    model,
    second,
)
from conformance.cases.references import constraint, instance, regularizer, short_record
from conformance.cases.rows import KERAS3, Rows
from conformance.cases.steps import attributes, compiled, evaluated, put, serialize, trained
from conformance.model import DIALECTS, Case, Reference

_MOMENTUM: Final = 0.5
_AVERAGED: Final = {"use_ema": True, "ema_momentum": 0.5}
_OPTIONS: Final[Mapping[str, dict[str, Any]]] = {
    "clipnorm": {"clipnorm": 0.25},
    "clipnorm-not-reached": {"clipnorm": 64.0},
    "clipvalue": {"clipvalue": 0.125},
    "global_clipnorm": {"global_clipnorm": 0.25},
    "weight_decay": {"weight_decay": 0.75},
    "averages": _AVERAGED,
    "averages-every-2": {**_AVERAGED, "ema_overwrite_frequency": 2},
    "accumulation-of-2": {"gradient_accumulation_steps": 2},
    "loss_scale_factor": {"loss_scale_factor": 3.0},
}
# Keras 2 has neither.
_OF_KERAS_3: Final = ("gradient_accumulation_steps", "loss_scale_factor")
_WITH_ADAM: Final = ("clipnorm", "weight_decay", "averages", "accumulation-of-2")
_CONSTRAINTS: Final[Mapping[str, Reference]] = {
    "MaxNorm": constraint("MaxNorm", max_value=0.75),
    "MinMaxNorm": constraint("MinMaxNorm", min_value=0.5, max_value=0.75, rate=0.5),
    "NonNeg": constraint("NonNeg"),
    "UnitNorm": constraint("UnitNorm"),
}
_ATTRIBUTES: Final = tuple(
    f"model.optimizer.{name}"
    for name in (
        *("weight_decay", "clipnorm", "clipvalue", "global_clipnorm"),
        *("use_ema", "ema_momentum", "ema_overwrite_frequency"),
    )
)


def _sgd(**options: Any) -> Reference:
    return instance("optimizers.SGD", **{"learning_rate": RATE, **options})


def _adam(**options: Any) -> Reference:
    return instance("optimizers.Adam", **{"learning_rate": RATE, "epsilon": 0.125, **options})


def rows() -> Iterator[Case]:
    """Every case about options of optimizers."""
    yield from _alone()
    yield from _constrained()
    yield from _together()
    yield from _in_parts()
    yield from _refused()
    yield from _described()


def _dialects(options: Mapping[str, Any]) -> tuple[str, ...]:
    return KERAS3 if any(name in options for name in _OF_KERAS_3) else DIALECTS


def _rows(subject: Subject, options: Mapping[str, Any] | None = None) -> Rows:
    return subject.rows.given(flags="training", dialects=_dialects(options or {}))


def _with(subject: Subject, **arguments: Any) -> Subject:
    return replace(subject, arguments={**subject.arguments, **arguments})


def _alone() -> Iterator[Case]:
    """Each option without a constraint: four calls of an update."""
    for detail, options in _OPTIONS.items():
        row = _rows(DENSE, options)
        for name, optimizer in (
            ("SGD-momentum", _sgd(momentum=_MOMENTUM, **options)),
            ("Adam", _adam(**options)),
        ):
            if name == "Adam" and detail not in _WITH_ADAM:
                continue
            steps = (*DENSE.prepared, compiled(optimizer), trained(2))
            yield row("sequence-option", f"{name}-{detail}", *steps)
    for detail, optimizer in {
        "SGD-clipnorm": _sgd(clipnorm=0.25),
        "SGD-averages-default-momentum": _sgd(use_ema=True),
        "SGD-averages-every-3": _sgd(**_AVERAGED, ema_overwrite_frequency=3),
        "SGD-nesterov-weight_decay": _sgd(momentum=_MOMENTUM, nesterov=True, weight_decay=0.75),
        "Adam-amsgrad": _adam(amsgrad=True, beta_1=0.5, beta_2=0.25),
    }.items():
        steps = (*DENSE.prepared, compiled(optimizer), trained(2))
        yield _rows(DENSE)("sequence-option", detail, *steps)
    for count in (3, 4):
        options = {"gradient_accumulation_steps": count}
        made = (*DENSE.prepared, compiled(_sgd(momentum=_MOMENTUM, **options)), trained(3))
        yield _rows(DENSE, options)(
            "sequence-option", f"SGD-momentum-accumulation-of-{count}", *made
        )


# Averages and accumulation meet each constraint; of the others one is enough that is not linear.
_OF_OPTION: Final[Mapping[str, tuple[str, ...]]] = {
    "clipnorm": ("MaxNorm", "NonNeg"),
    "clipvalue": ("MinMaxNorm",),
    "global_clipnorm": ("UnitNorm",),
    "weight_decay": ("MaxNorm", "UnitNorm"),
    "averages": tuple(_CONSTRAINTS),
    "averages-every-2": ("NonNeg", "UnitNorm"),
    "accumulation-of-2": tuple(_CONSTRAINTS),
    "loss_scale_factor": ("MaxNorm",),
}


def _constrained() -> Iterator[Case]:
    """Each option with constraints of the kernel, which come after everything else."""
    for kind, projection in _CONSTRAINTS.items():
        subject = _with(DENSE, kernel_constraint=projection)
        for detail, options in _OPTIONS.items():
            if kind not in _OF_OPTION.get(detail, ()):
                continue
            optimizer = _sgd(momentum=_MOMENTUM, **options)
            row = _rows(subject, options).given(flags=("training", "constraint"))
            steps = (*subject.prepared, compiled(optimizer), trained(2))
            yield row("sequence-option-constraint", f"{kind}-{detail}", *steps)


_PAIRS: Final[Mapping[str, dict[str, Any]]] = {
    "clipnorm-and-weight_decay": {"clipnorm": 0.25, "weight_decay": 0.75},
    "averages-and-weight_decay": {**_AVERAGED, "weight_decay": 0.75},
    "averages-every-2-and-global_clipnorm": {
        **_AVERAGED,
        "ema_overwrite_frequency": 2,
        "global_clipnorm": 0.25,
    },
    "accumulation-and-clipnorm": {"gradient_accumulation_steps": 2, "clipnorm": 0.25},
    "accumulation-and-weight_decay": {"gradient_accumulation_steps": 2, "weight_decay": 0.75},
    "accumulation-and-averages": {"gradient_accumulation_steps": 2, **_AVERAGED},
    "loss_scale_factor-and-clipnorm": {"loss_scale_factor": 8.0, "clipnorm": 0.25},
}


_HELD: Final = ("clipnorm-and-weight_decay", "accumulation-and-weight_decay")


def _together() -> Iterator[Case]:
    """Two options, of which one changes what the other sees; more than one layer; a penalty."""
    free = _with(DENSE)
    held = _with(DENSE, kernel_constraint=_CONSTRAINTS["MaxNorm"])
    for detail, options in _PAIRS.items():
        compiling = compiled(_sgd(momentum=_MOMENTUM, **options))
        for subject, name in ((free, detail), (held, f"{detail}-MaxNorm")):
            if subject is held and detail not in _HELD:
                continue
            # With one row in a batch, averages are asked after more than one update in a training.
            size = 1 if detail == "accumulation-and-averages" else 2
            steps = (*subject.prepared, compiling, trained(2, size))
            yield _rows(subject, options)("sequence-options", name, *steps)
    two = model(first(kernel_regularizer=regularizer("L2", l2=0.25)), second())
    for detail in ("clipnorm", "global_clipnorm"):
        compiling = compiled(_sgd(**_OPTIONS[detail]))
        steps = (*two.prepared, compiling, TRAINED)
        yield _rows(two)("sequence-options", f"{detail}-L2", *steps)


_PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "averages": ("fit-fit", "fit-compile-fit", "fit-set_weights-fit", "fit-evaluate"),
    "weight_decay": ("fit-rate-fit",),
    "accumulation-of-3": ("fit-fit", "fit-compile-fit", "fit-set_weights-fit"),
    "accumulation-of-3-NonNeg": ("fit-fit",),
}


def _in_parts() -> Iterator[Case]:
    """Trainings one after another; calls that only accumulate; layers that are frozen."""
    held = _with(DENSE, kernel_constraint=_CONSTRAINTS["NonNeg"])
    three = {"gradient_accumulation_steps": 3}
    for detail, options, subject in (
        ("averages", _AVERAGED, DENSE),
        ("weight_decay", _OPTIONS["weight_decay"], DENSE),
        ("accumulation-of-3", three, DENSE),
        ("accumulation-of-3-NonNeg", three, held),
    ):
        row, compiling = _rows(subject, options), compiled(_sgd(momentum=_MOMENTUM, **options))
        rate = put("model.optimizer.learning_rate", 0.125)
        for name, steps in {
            "fit-fit": (TRAINED, TRAINED),
            "fit-rate-fit": (TRAINED, rate, TRAINED),
            "fit-compile-fit": (TRAINED, compiling, TRAINED),
            "fit-set_weights-fit": (TRAINED, subject.held, TRAINED),
            "fit-evaluate": (TRAINED, evaluated()),
        }.items():
            if name not in _PARTS[detail]:
                continue
            made = (*subject.prepared, compiling, *steps)
            yield row("sequence-option-fits", f"{detail}-{name}", *made)
    # One batch, so that nothing is updated yet: also nothing is constrained, or averaged.
    for kind in ("NonNeg", "MinMaxNorm"):
        subject = _with(DENSE, kernel_constraint=_CONSTRAINTS[kind])
        steps = (*subject.prepared, compiled(_sgd(**_OPTIONS["accumulation-of-2"])), trained(1, 4))
        row = _rows(subject, three).given(flags=("training", "constraint"))
        yield row("sequence-option-fits", f"accumulation-only-{kind}", *steps)
    two = model(first(), second())
    off, compiling = put("layers.0.trainable", False), compiled(_sgd(**_AVERAGED))
    for name, made in {
        "freeze-compile-fit": (off, compiling, TRAINED),
        "fit-freeze-fit": (compiling, TRAINED, off, TRAINED),
        "fit-freeze-compile-fit": (compiling, TRAINED, off, compiling, TRAINED),
        "freeze-all-compile-fit": (put("trainable", False), compiling, TRAINED),
    }.items():
        row = _rows(two).given(flags=("training", "trainable"))
        yield row("sequence-option-fits", f"averages-{name}", *two.prepared, *made)


_REFUSED: Final[Mapping[str, dict[str, Any]]] = {
    "clipnorm-and-clipvalue": {"clipnorm": 0.25, "clipvalue": 0.125},
    "clipnorm-and-global_clipnorm": {"clipnorm": 0.25, "global_clipnorm": 0.25},
    "clipvalue-and-global_clipnorm": {"clipvalue": 0.125, "global_clipnorm": 0.25},
    "clipnorm-negative": {"clipnorm": -1.0},
    "clipvalue-negative": {"clipvalue": -1.0},
    "global_clipnorm-negative": {"global_clipnorm": -1.0},
    "clipnorm-zero": {"clipnorm": 0.0},
    "weight_decay-negative": {"weight_decay": -0.75},
    "ema_momentum-over-1": {"use_ema": True, "ema_momentum": 1.5},
    "ema_momentum-negative": {"use_ema": True, "ema_momentum": -0.5},
    "ema_momentum-over-1-without-averages": {"ema_momentum": 1.5},
    "ema_overwrite_frequency-negative": {**_AVERAGED, "ema_overwrite_frequency": -1},
    "ema_overwrite_frequency-fraction": {**_AVERAGED, "ema_overwrite_frequency": 1.5},
    "ema_overwrite_frequency-zero": {**_AVERAGED, "ema_overwrite_frequency": 0},
    "gradient_accumulation_steps-one": {"gradient_accumulation_steps": 1},
    "gradient_accumulation_steps-negative": {"gradient_accumulation_steps": -2},
    "gradient_accumulation_steps-two": {"gradient_accumulation_steps": 2},
    "loss_scale_factor-two": {"loss_scale_factor": 2.0},
    "unknown": {"clip": 1.0},
    "amsgrad-of-SGD": {"amsgrad": True},
}


def _refused() -> Iterator[Case]:
    """What an optimizer does not take; where it takes it, what comes of it."""
    row = DENSE.rows.given(flags="bad-argument")
    for detail, options in _REFUSED.items():
        steps = (*DENSE.prepared, compiled(_sgd(**options)), TRAINED)
        yield row("sequence-option-refused", detail, *steps)


_SAVED: Final[Mapping[str, dict[str, Any]]] = {
    "defaults": {},
    "clipnorm-and-averages": {"clipnorm": 0.25, **_AVERAGED, "ema_overwrite_frequency": 2},
    "clipvalue-and-weight_decay": {"clipvalue": 0.125, "weight_decay": 0.75},
    "accumulation": {"gradient_accumulation_steps": 2, "loss_scale_factor": 8.0},
}


def _described() -> Iterator[Case]:
    """Configurations: as an optimizer gives them, and as `compile` reads them."""
    for detail, options in _SAVED.items():
        dialects = _dialects(options)
        saving = Rows("layers.serialize", dialects, flags="config")
        for name in ("SGD", "Adam"):
            own: dict[str, Any] = {"momentum": _MOMENTUM} if name == "SGD" else {"amsgrad": True}
            given = {"name": "o", "learning_rate": RATE, **own, **options}
            made = instance(f"optimizers.{name}", **given)
            yield saving("optimizer", f"{name}-{detail}", serialize(made))
            if detail == "defaults":
                continue
            # Keras 2 takes no description of an optimizer here.
            row = DENSE.rows.given(flags=("config", "training"), dialects=KERAS3)
            told = (compiled(short_record(name, given)), attributes(*_ATTRIBUTES), trained(2))
            yield row("sequence-option-described", f"{name}-{detail}", *DENSE.prepared, *told)
