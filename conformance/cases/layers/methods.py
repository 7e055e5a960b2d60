"""Methods of models, losses, optimizers and specifications, which no other step reaches."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from conformance.cases.inputs import listed, thirds, wave
from conformance.cases.layers.models import TARGET
from conformance.cases.references import function, instance, layer
from conformance.cases.rows import KERAS2, KERAS3, Rows
from conformance.cases.steps import (
    GET_WEIGHTS,
    build,
    compiled,
    evaluated,
    method,
    printed,
    trained,
)
from conformance.model import Case, Given, Input, Step

_EMPTY: Final = Rows(TARGET)
_Y: Final = wave((3, 2))
_P: Final = thirds((3, 2))
_ONCE: Final = listed([1.0, 0.25, 3.0])
_LABELS: Final = listed([2, 0, 3], "int32")
_SHARES: Final = listed([[0.1, 0.2, 0.3, 0.4], [0.5, 0.125, 0.25, 0.125], [0.4, 0.3, 0.2, 0.1]])


def rows() -> Iterator[Case]:
    """Every case about them."""
    yield from _losses()
    yield from _metrics()
    yield from _histories()


def _loss(class_name: str, y: Input, p: Input, weights: Any = None, /, **arguments: Any) -> Step:
    """A loss is called."""
    given = {"y_true": y, "y_pred": p}
    if weights is not None:
        given["sample_weight"] = weights
    return method("__call__", instance(f"losses.{class_name}", **arguments), **given)


_REDUCTIONS: Final = ("none", "sum", "sum_over_batch_size")
_KINDS: Final[dict[str, tuple[str, Input, Input, dict[str, Any]]]] = {
    "MeanSquaredError": ("MeanSquaredError", _Y, _P, {}),
    "MeanAbsoluteError": ("MeanAbsoluteError", _Y, _P, {}),
    "Huber": ("Huber", _Y, _P, {}),
    "Huber-delta": ("Huber", _Y, _P, {"delta": 0.375}),
    "crossentropy": ("SparseCategoricalCrossentropy", _LABELS, _SHARES, {}),
    "crossentropy-logits": (
        *("SparseCategoricalCrossentropy", _LABELS, wave((3, 4))),
        {"from_logits": True},
    ),
    "crossentropy-ignored": (
        *("SparseCategoricalCrossentropy", _LABELS, _SHARES),
        {"ignore_class": 0},
    ),
    "crossentropy-logits-ignored": (
        *("SparseCategoricalCrossentropy", _LABELS, wave((3, 4))),
        {"from_logits": True, "ignore_class": 3},
    ),
}


def _losses() -> Iterator[Case]:
    """Each loss by its reduction, with weights of samples and without; shapes, dtypes, what it rejects."""
    row = _EMPTY.given(flags="training")
    for detail, (name, y, p, arguments) in _KINDS.items():
        steps = [_loss(name, y, p, **arguments)]
        steps += [
            _loss(name, y, p, weights, **arguments, reduction=reduction)
            for reduction in _REDUCTIONS
            for weights in (None, _ONCE)
        ]
        yield row("loss", detail, *steps)
        again = Step("method", options={**steps[3].options, "rebuilt": True})
        yield row("loss", f"{detail}-rebuilt", again, flags="config")
        if name == "Huber":
            continue
        config = method("get_config", instance(f"losses.{name}", **arguments))
        changed = {"reduction": "sum", "name": "n", **arguments}
        other = method("get_config", instance(f"losses.{name}", **changed))
        # That of Keras 2 names its function too.
        yield row("loss", f"{detail}-config", config, other, dialects=KERAS3, flags="config")
    squares, sparse = "MeanSquaredError", "SparseCategoricalCrossentropy"
    shapes = {
        "one-output-less": (thirds((3,)), wave((3, 1))),
        "one-output-more": (thirds((3, 1)), wave((3,))),
        "rank-3": (thirds((2, 2, 3)), wave((2, 2, 3))),
        "rank-2-and-3": (thirds((2, 3)), wave((2, 3, 1))),
        "rank-3-and-2": (thirds((2, 3, 1)), wave((2, 3))),
        "vectors": (thirds((4,)), wave((4,))),
        "integers": (listed([[1, 2], [0, 5]], "int32"), thirds((2, 2))),
    }
    for detail, (y, p) in shapes.items():
        for name in (
            (squares, "Huber") if p.tensor.shape[1:] != (1,) else (squares, "MeanAbsoluteError")
        ):
            yield row("loss", f"{name}-{detail}", _loss(name, y, p))
            if detail == "rank-2-and-3":
                continue  # Keras 3 has one loss for each of the first axis, the documents for both
            # Keras 2 takes the mean over all samples for a loss of each, where a last axis is missing.
            each = _loss(name, y, p, reduction="none")
            yield row("loss", f"{name}-{detail}-none", each, dialects=KERAS3)
    for name in (squares, "MeanAbsoluteError", "Huber"):
        for detail in ("one-output-less", "one-output-more"):
            y, p = (replace(given, given=Given.ARRAY) for given in shapes[detail])
            yield row("loss", f"{name}-{detail}-arrays", _loss(name, y, p), flags="input-form")
    labels = {
        "column": (listed([[2], [0], [3]], "int32"), _SHARES),
        "rank-3": (listed([[0, 1], [2, 1]], "int32"), wave((2, 2, 3))),
        "rank-3-column": (listed([[[0], [1]], [[2], [1]]], "int32"), wave((2, 2, 3))),
        "float": (listed([2.0, 0.0, 3.0]), _SHARES),
    }
    for detail, (y, p) in labels.items():
        logits = {"from_logits": p is not _SHARES}
        each = _loss(sparse, y, p, reduction="none", **logits)
        yield row("loss", f"crossentropy-{detail}", _loss(sparse, y, p, **logits), each)
    # Not float64, of which Keras 3 gives float32: one tolerance would have to serve both.
    for dtype in ("float16", "bfloat16"):
        y, p = wave((3, 2), dtype), thirds((3, 2), dtype)
        for name in (squares, "Huber"):
            yield row("loss", f"{name}-{dtype}", _loss(name, y, p), flags="policy")
    yield row("loss", f"{squares}-narrow-targets", _loss(squares, wave((3, 2), "float16"), _P))
    of_64 = _loss(squares, _Y, _P, dtype="float64")
    yield row("loss", f"{squares}-dtype-float64", of_64, dialects=KERAS3, flags="policy")
    weights = {
        "column": listed([[1.0], [0.25], [3.0]]),
        "scalar": listed(0.5),
        "zero": listed([0.0] * 3),
    }
    weights["integers"] = listed([1, 0, 2], "int32")
    for detail, given in weights.items():
        yield row("loss", f"{squares}-weights-{detail}", _loss(squares, _Y, _P, given))
        each = _loss(squares, _Y, _P, given, reduction="none")
        yield row("loss", f"{squares}-weights-{detail}-none", each, dialects=KERAS3)
    for reduction in ("mean", "mean_with_sample_weight", "auto", None):
        plain = _loss(squares, _Y, _P, reduction=reduction)
        weighted = _loss(squares, _Y, _P, _ONCE, reduction=reduction)
        # Keras 3 rejects it in words whose order changes.
        dialects = KERAS2 if reduction == "auto" else (*KERAS2, *KERAS3)
        yield row(
            "loss", f"{squares}-{reduction}", plain, weighted, dialects=dialects, flags="argument"
        )
    wrong = {
        "reduction-word": _loss(squares, _Y, _P, reduction="average"),
        "reduction-number": _loss(squares, _Y, _P, reduction=1),
        "base-class": _loss("Loss", _Y, _P),
        "labels-too-many": _loss(sparse, listed([2, 0], "int32"), _SHARES),
        "other-sizes": _loss(squares, wave((3, 3)), _P),
    }
    for detail, step in wrong.items():
        dialects = KERAS2 if "reduction" in detail else (*KERAS2, *KERAS3)
        yield row("loss", detail, step, dialects=dialects, flags="bad-argument")
    certain = listed([[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.25, 0.25, 0.5, 0.0]])
    nans = listed([[0.5, 1.0], [math.nan, 0.0], [1.0, -1.0]])
    some = {
        "one-sample": _loss(sparse, listed([2], "int32"), listed([[0.1, 0.2, 0.3, 0.4]])),
        "certain": _loss(sparse, listed([0, 0, 2], "int32"), certain, reduction="none"),
        "ignored-one-class": _loss(
            *(sparse, listed([0, -1, 0], "int32"), wave((3, 1))), from_logits=True, ignore_class=-1
        ),
        "ignored-nan": _loss(
            *(sparse, listed([1, -1, 0], "int32"), nans), from_logits=True, ignore_class=-1
        ),
        "ignored-all": _loss(sparse, listed([2, 2, 2], "int32"), _SHARES, ignore_class=2),
        "shares-over-1": _loss(
            *(sparse, listed([2, 0], "int32"), listed([[2.0, 0.5, 3.0], [0.25, 4.0, 0.5]])),
            reduction="none",
        ),
    }
    for detail, step in some.items():
        # Keras 2 rejects targets in the shape of one class.
        dialects = KERAS3 if detail == "ignored-one-class" else (*KERAS2, *KERAS3)
        yield row("loss", f"crossentropy-{detail}", step, dialects=dialects)
    axis = {"axis-0": 0, "axis-1": 1, "axis-last": -1}
    for detail, number in axis.items():
        step = _loss(sparse, _LABELS, _SHARES, axis=number)
        yield row("loss", detail, step, dialects=KERAS3, flags="argument")


_SGD: Final = instance("optimizers.SGD", learning_rate=0.5)


def _identity(units: int) -> Any:
    """A layer that gives what it is given."""
    eye = {"kernel_initializer": "identity", "use_bias": False}
    return layer("Dense", units=units, name="d", **eye)


def _model(units: int, *metrics: Any, loss: Any = "mse", **options: Any) -> tuple[Rows, Step]:
    """A model of this layer, and how it is compiled."""
    row = Rows(TARGET, arguments={"layers": [_identity(units)], "name": "s"})
    return row.given(flags="training"), compiled(_SGD, loss, list(metrics), **options)


def _metrics() -> Iterator[Case]:
    """Metrics by name and as a function, in evaluation and in training; accuracy of each kind of labels."""
    shares = listed(
        [[0.1, 0.7, 0.2], [0.5, 0.2, 0.3], [0.2, 0.3, 0.5], [0.3, 0.4, 0.3], [0.6, 0.3, 0.1]]
    )
    labels = {
        "classes": listed([1, 2, 2, 1, 1], "int32"),
        "column": listed([[1], [2], [2], [0], [0]], "int32"),
        "one-hot": listed([[0, 1, 0], [0, 0, 1], [0, 0, 1], [0, 1, 0], [1, 0, 0]], "float32"),
    }
    for detail, y in labels.items():
        loss = "mse" if detail == "one-hot" else "sparse_categorical_crossentropy"
        row, compiling = _model(3, "accuracy", loss=loss)
        steps = (build(None, 3), compiling, evaluated(2))
        yield row("metric", f"accuracy-{detail}", *steps, inputs=(shares, y))
    deep = {
        "classes-rank-3": (listed([[1, 0, 1], [0, 0, 1]], "int32"), 2),
        "one-hot-rank-3": (listed([[[0.0, 1.0], [1.0, 0.0]], [[0.0, 1.0], [0.0, 1.0]]]), 2),
        "one-hot-one-step": (listed([[[0.0, 1.0]], [[1.0, 0.0]]]), 2),
    }
    for detail, (y, units) in deep.items():
        steps_of = y.tensor.shape[1]
        x = listed(
            [[[0.25 + 0.125 * t + 0.0625 * b, 0.5] for t in range(steps_of)] for b in range(2)]
        )
        loss = "mse" if detail.startswith("one-hot") else "sparse_categorical_crossentropy"
        row, compiling = _model(units, "accuracy", loss=loss)
        steps = (build(None, None, units), compiling, evaluated(1))
        yield row("metric", f"accuracy-{detail}", *steps, inputs=(x, y))
    x, y = listed([[[0.25], [0.75], [0.625]]]), listed([[[0.0], [1.0], [1.0]]])
    row, compiling = _model(1, "accuracy")
    steps = (build(None, None, 1), compiling, evaluated(1))
    yield row("metric", "accuracy-binary-rank-3", *steps, inputs=(x, y))
    row, compiling = _model(1, "acc", "mae", "mse")
    column = listed([[0.25], [0.75], [0.5], [0.875], [0.125]])
    y = listed([[0.0], [1.0], [0.0], [0.0], [0.0]])
    yield row(
        "metric", "accuracy-binary", build(None, 1), compiling, evaluated(2), inputs=(column, y)
    )
    row, compiling = _model(
        2, "mean_squared_error", "mean_absolute_error", function("gap"), loss="mae"
    )
    inputs = (wave((5, 2)), thirds((5, 2)))
    yield row("metric", "by-name", build(None, 2), compiling, evaluated(2), inputs=inputs)
    row, compiling = _model(2, loss=function("gap"))
    trained_too = (build(None, 2), compiling, evaluated(2), trained(1, 2))
    yield row("metric", "loss-function", *trained_too, inputs=inputs)
    row, compiling = _model(2, function("gap"), "acc")
    called = method("evaluate", x=inputs[0], y=inputs[1], verbose=0, return_dict=True)
    yield row("metric", "names", build(None, 2), compiling, called)
    wrong = {"word": "sharpness", "number": 3}
    for detail, given in wrong.items():
        row, compiling = _model(2, given)
        steps = (build(None, 2), compiling, evaluated(2))
        yield row("metric", detail, *steps, inputs=inputs, flags="bad-argument")


def _histories() -> Iterator[Case]:
    """What `fit`, and the methods of one batch, return; progress; which epochs; how many in a batch."""
    x, y, more, wanted = wave((5, 2)), thirds((5, 2)), thirds((3, 2)), wave((3, 2))
    row, compiling = _model(2, "mae")
    start: tuple[Step, ...] = (build(None, 2), compiling)
    steps: tuple[Step, ...]
    given: dict[str, Any] = {"x": x, "y": y, "batch_size": 2, "shuffle": False, "verbose": 0}
    validated = {**given, "validation_data": (more, wanted), "epochs": 2}
    yield row("fit-method", "validation", *start, method("fit", **validated), GET_WEIGHTS)
    resumed = method("fit", **{**given, "epochs": 3, "initial_epoch": 1})
    yield row("fit-method", "initial_epoch", *start, resumed, GET_WEIGHTS)
    nothing = method("fit", **{**given, "epochs": 2, "initial_epoch": 2})
    yield row("fit-method", "no-epoch-left", *start, nothing, GET_WEIGHTS)
    long = {"x": wave((34, 1)), "y": thirds((34, 1)), "shuffle": False, "verbose": 0}
    one, compiling_one = _model(1)
    steps = (build(None, 1), compiling_one, method("fit", **long), GET_WEIGHTS)
    yield one("fit-method", "batch-of-32", *steps)
    # Sums of these numbers are the same in every order, and so are those of two batches.
    whole = listed([[1.0, 2.0], [-1.0, 0.0], [3.0, 1.0], [0.0, -2.0]])
    other = listed([[0.0, 1.0], [1.0, 1.0], [-2.0, 2.0], [4.0, 0.0]])
    drawn = {"x": whole, "y": other, "batch_size": 4, "epochs": 2, "verbose": 0}
    yield row("fit-method", "shuffled", *start, method("fit", **drawn), GET_WEIGHTS)
    for verbose in (0, 1, 2, "auto"):
        told = [
            printed("fit", **{**validated, "verbose": verbose}),
            printed("evaluate", x=x, y=y, batch_size=3, verbose=verbose),
            printed("predict", x=x, batch_size=2, verbose=verbose),
        ]
        # The parameters of a history have this word in one dialect, a number in the other.
        told = told[1:] if verbose == "auto" else told
        yield row("fit-method", f"verbose-{verbose}", *start, *told)
    batch = {"x": x, "y": y}
    learned, seen = printed("train_on_batch", **batch), printed("test_on_batch", **batch)
    steps = (
        learned,
        GET_WEIGHTS,
        seen,
        method("train_on_batch", x=more, y=wanted),
        seen,
        GET_WEIGHTS,
    )
    yield row("fit-method", "on_batch", *start, *steps)
    alone, compiling_alone = _model(2)
    steps = (build(None, 2), compiling_alone, seen, learned, seen)
    yield alone("fit-method", "on_batch-loss-alone", *steps)
    asked = {
        name: method(name, **batch, return_dict=True)
        for name in ("train_on_batch", "test_on_batch")
    }
    asked["evaluate"] = method("evaluate", **batch, batch_size=3, verbose=0, return_dict=True)
    yield row("fit-method", "return_dict", *start, *asked.values())
    eager, compiling_eager = _model(2, "mae", run_eagerly=True)
    steps = (build(None, 2), compiling_eager, method("fit", **validated), GET_WEIGHTS, seen)
    yield eager("fit-method", "run_eagerly", *steps)
    wrong: dict[str, tuple[Step, ...]] = {
        "fewer-targets": (*start, method("fit", **{**given, "y": wanted})),
        "evaluate-fewer-targets": (*start, method("evaluate", x=x, y=wanted, verbose=0)),
    }
    for name in ("fit", "evaluate"):
        wrong[f"{name}-not-compiled"] = (build(None, 2), method(name, **batch, verbose=0))
    for name in ("train_on_batch", "test_on_batch"):
        wrong[f"{name}-not-compiled"] = (build(None, 2), method(name, **batch))
    for detail, steps in wrong.items():
        yield row("fit-method", detail, *steps, flags="bad-argument")
    free = (
        build(None, 2),
        method("predict", x=x, batch_size=2, verbose=0),
        method("predict", x=x, verbose=0),
    )
    yield row("fit-method", "predict-not-compiled", *free)
