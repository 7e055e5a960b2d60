"""Training in several parts: frozen and thawed between them, compiled once more, evaluated before and after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from conformance.cases.inputs import listed
from conformance.cases.layers.sequences_common import (
    ADAM,
    COMPILED,
    DEEP,
    DENSE,
    MOMENTUM,
    NESTED,
    OPTIMIZERS,
    SEPARABLE,
    SGD,
    TRAINED,
    TWO,
    Subject,
    data,
    first,
    inner,
    model,
    second,
)
from conformance.cases.references import custom, instance, layer, regularizer
from conformance.cases.rows import Rows
from conformance.cases.steps import (
    WEIGHTS,
    build,
    compiled,
    evaluated,
    predicted,
    put,
    trained,
)
from conformance.model import Case, Step

_L1: Final = regularizer("L1", l1=0.25)
_L2: Final = regularizer("L2", l2=0.25)


def rows() -> Iterator[Case]:
    """Every case about training in several parts."""
    yield from _issue()
    yield from _freezing()
    yield from _nested()
    yield from _repeated()
    yield from _evaluated()
    yield from _penalised()


def _issue() -> Iterator[Case]:
    """Compiled, frozen, trained: the smallest case, by hand."""
    ones = layer("Dense", units=1, use_bias=False, kernel_initializer="ones", name="d")
    x, y = listed([[1.0]] * 4), listed([[3.0]] * 4)
    row = Rows(TWO.target, arguments={"layers": [ones], "name": "s"}, inputs=(x, y))
    row = row.given(flags=("training", "trainable", "by-hand"))
    start = (build(None, 1), compiled(instance("optimizers.SGD", learning_rate=0.01)))
    frozen = put("layers.0.trainable", False)
    yield row("sequence-freeze", "by-hand-compile-freeze-fit", *start, frozen, trained(1, 4))
    steps = (*start, trained(1, 4), frozen, trained(1, 4))
    yield row("sequence-freeze", "by-hand-fit-freeze-fit", *steps)


def _orders(path: str, compiling: Step) -> Mapping[str, tuple[Step, ...]]:
    """Orders of freezing what is at a path, compiling and training."""
    off, on = put(path, False), put(path, True)
    return {
        "freeze-compile-fit": (off, compiling, TRAINED),
        "compile-freeze-fit": (compiling, off, TRAINED),
        "fit-freeze-fit": (compiling, TRAINED, off, TRAINED),
        "freeze-compile-thaw-fit": (off, compiling, on, TRAINED),
        "freeze-fit-thaw-fit": (off, compiling, TRAINED, on, TRAINED),
        "freeze-fit-thaw-compile-fit": (off, compiling, TRAINED, on, compiling, TRAINED),
        "fit-freeze-compile-fit": (compiling, TRAINED, off, compiling, TRAINED),
        "compile-freeze-thaw-fit": (compiling, off, on, TRAINED),
        "compile-freeze-evaluate": (compiling, off, evaluated(), WEIGHTS),
    }


# Orders in which the state of an optimizer matters.
_OF_STATE: Final = ("fit-freeze-fit", "freeze-fit-thaw-fit", "fit-freeze-compile-fit")


def _freezing() -> Iterator[Case]:
    """Layers, and whole models, frozen and thawed at every place of the sequence."""
    flags = ("training", "trainable")
    for subject, paths, optimizers in (
        (DENSE, ("trainable",), {"SGD": SGD, "SGD-momentum": MOMENTUM, "Adam": ADAM}),
        (TWO, ("trainable", "layers.0.trainable", "layers.1.trainable"), {"SGD": SGD}),
        (TWO, ("layers.0.trainable",), {"SGD-momentum": MOMENTUM, "Adam": ADAM}),
        (SEPARABLE, ("trainable",), {"SGD": SGD}),
    ):
        row = subject.rows.given(flags=flags)
        for path in paths:
            for name, optimizer in optimizers.items():
                where = path.replace(".", "-")
                for detail, steps in _orders(path, compiled(optimizer)).items():
                    if (optimizer is not SGD or subject is SEPARABLE) and detail not in _OF_STATE:
                        continue
                    yield row(
                        "sequence-freeze", f"{where}-{name}-{detail}", *subject.prepared, *steps
                    )


def _nested() -> Iterator[Case]:
    """Models inside models, frozen from the outside and from the inside."""
    flags = ("training", "trainable", "nested")
    for depth, subject, paths in (
        ("inner", NESTED, {"inner": "layers.0", "innermost-layer": "layers.0.layers.0"}),
        (
            "deep",
            DEEP,
            {
                "inner": "layers.0",
                "innermost": "layers.0.layers.0",
                "innermost-layer": "layers.0.layers.0.layers.0",
            },
        ),
    ):
        row = subject.rows.given(flags=flags)
        for where, path in paths.items():
            orders = _orders(f"{path}.trainable", COMPILED)
            for detail in ("freeze-compile-fit", "compile-freeze-fit", "fit-freeze-compile-fit"):
                steps = (*subject.prepared, *orders[detail])
                yield row("sequence-freeze-nested", f"{depth}-{where}-{detail}", *steps)
            # What the whole says last counts for its parts too.
            steps = (put(f"{path}.trainable", False), put("trainable", True), WEIGHTS)
            yield row(
                "sequence-freeze-nested",
                f"{depth}-{where}-then-whole-thawed",
                *subject.prepared,
                *steps,
                COMPILED,
                TRAINED,
            )
        steps = (put("trainable", False), put(f"{path}.trainable", True), WEIGHTS)
        yield row(
            "sequence-freeze-nested",
            f"{depth}-whole-then-innermost-layer-thawed",
            *subject.prepared,
            *steps,
            COMPILED,
            TRAINED,
        )
    ones = {"kernel_initializer": "ones"}
    frozen = model(inner(first(**ones), trainable=False), second(**ones))
    for detail, steps in {
        "fit": (COMPILED, TRAINED),
        "thaw-fit": (put("layers.0.trainable", True), COMPILED, TRAINED),
    }.items():
        row = frozen.rows.given(flags=flags)
        yield row(
            "sequence-freeze-nested",
            f"constructed-frozen-{detail}",
            frozen.built,
            WEIGHTS,
            *steps,
        )


def _repeated() -> Iterator[Case]:
    """Several trainings, in which the optimizer goes on, or begins anew."""
    rate = put("model.optimizer.learning_rate", 0.125)
    for subject in (DENSE, TWO):
        row = subject.rows.given(flags="training")
        for name, optimizer in OPTIMIZERS.items():
            compiling = compiled(optimizer)
            for detail, steps in {
                "fit-fit": (TRAINED, TRAINED),
                "fit-compile-fit": (TRAINED, compiling, TRAINED),
                "fit-rate-fit": (TRAINED, rate, TRAINED),
                "fit-set_weights-fit": (TRAINED, subject.held, TRAINED),
                "fit-of-other-batches-fit": (trained(1, 4), trained(1, 3)),
            }.items():
                if subject is TWO and (name in ("SGD", "SGD-nesterov") or "of-other" in detail):
                    continue
                yield row(
                    "sequence-fits",
                    f"{name}-{detail}",
                    *subject.prepared,
                    compiling,
                    *steps,
                )
        for before, after in (("SGD", "Adam"), ("Adam", "SGD"), ("SGD-momentum", "SGD")):
            first_one, other = compiled(OPTIMIZERS[before]), compiled(OPTIMIZERS[after])
            both = (first_one, TRAINED, other, TRAINED)
            yield row("sequence-fits", f"{before}-then-{after}", *subject.prepared, *both)
        yield row("sequence-fits", "not-compiled", *subject.prepared, TRAINED, flags="bad-argument")


def _evaluated() -> Iterator[Case]:
    """Evaluation and prediction, before and after training, in batches of every size."""
    count = 5
    for subject in (DENSE, TWO):
        row = subject.rows.given(inputs=data(subject, count), flags="training")
        for size in (1, 2, 3, 5, 8) if subject is DENSE else (3, 8):
            looks = (evaluated(size), predicted(size))
            yield row(
                "sequence-evaluate",
                f"before-fit-batches-of-{size}",
                *subject.prepared,
                COMPILED,
                *looks,
            )
            after = (*subject.prepared, COMPILED, trained(1, size))
            yield row("sequence-evaluate", f"after-fit-batches-of-{size}", *after, *looks)
        for detail, steps in {
            "between-fits": (COMPILED, TRAINED, evaluated(), predicted(), TRAINED),
            "before-fits": (COMPILED, evaluated(), predicted(), TRAINED, evaluated()),
            "after-set_weights": (COMPILED, TRAINED, subject.held, evaluated()),
            "after-compile-with-another-loss": (
                COMPILED,
                evaluated(),
                compiled(SGD, instance("losses.MeanSquaredError", reduction="sum")),
                evaluated(),
            ),
        }.items():
            yield row("sequence-evaluate", detail, *subject.prepared, *steps)
        yield row("sequence-evaluate", "predict-without-compile", *subject.prepared, predicted())
        yield row(
            "sequence-evaluate",
            "evaluate-without-compile",
            *subject.prepared,
            evaluated(),
            flags="bad-argument",
        )


_PENALTIES: Final[Mapping[str, dict[str, Any]]] = {
    "kernel": {"kernel_regularizer": _L2},
    "bias": {"bias_regularizer": _L1},
    "activity": {"activity_regularizer": _L1},
    "activity-L2": {"activity_regularizer": _L2},
    "all": {"kernel_regularizer": _L1, "bias_regularizer": _L2, "activity_regularizer": _L1},
}


def _penalised() -> Iterator[Case]:
    """Penalties count in the evaluation too; also those of layers that are not trained, or nested."""
    flags = ("regularizer", "losses")
    for detail, penalty in _PENALTIES.items():
        dense = Subject(
            DENSE.target, {**DENSE.arguments, **penalty}, DENSE.shape, DENSE.output, DENSE.weights
        )
        stacked = model(first(**penalty), second())
        nested = model(inner(first(**penalty)), second())
        for subject, where in (
            (dense, "trainable"),
            (stacked, "layers.0.trainable"),
            (nested, "layers.0.trainable"),
        ):
            label = f"nested-{detail}" if subject is nested else detail
            row = subject.rows.given(flags=flags)
            off = put(where, False)
            if subject is nested and detail in ("bias", "activity-L2"):
                continue
            steps = (*subject.prepared, COMPILED, evaluated(3))
            yield row("sequence-penalty", f"{label}-evaluate-batches-of-3", *steps)
            yield row(
                "sequence-penalty",
                f"{label}-fit-evaluate-fit",
                *subject.prepared,
                COMPILED,
                TRAINED,
                evaluated(),
                TRAINED,
            )
            yield row(
                "sequence-penalty",
                f"{label}-freeze-evaluate-fit",
                *subject.prepared,
                off,
                COMPILED,
                evaluated(),
                TRAINED,
            )
    adding = model(first(), custom("MyLayer", name="m"), second()).rows.given(flags="losses")
    for size in (2, 3):
        looks = (COMPILED, evaluated(size), TRAINED)
        detail = f"add_loss-evaluate-fit-batches-of-{size}"
        yield adding("sequence-penalty", detail, *TWO.prepared, *looks)
