"""What the documents about constraints and regularizers say of layers, small enough for a hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from conformance.cases.inputs import listed
from conformance.cases.layers.common import (
    CALL,
    CONFIG,
    KERAS2,
    LOSSES,
    Rows,
    attributes,
    build,
    constraint,
    custom,
    regularizer,
    set_weights,
)
from conformance.cases.layers.training import sgd
from conformance.model import COMPUTED, Case, Given, Input, Reference, Step

_EXAMPLE: Final = listed([[2.0] * 5] * 5)


def _at_rate_0(x: Input, y: Input, epochs: int = 1) -> Step:
    """Training that changes weights by their projections only: gradients count for nothing."""
    options: dict[str, Any] = {"target": 1, "optimizer": sgd(learning_rate=0.0), "loss": "mse"}
    return Step("fit", 0, {**options, "epochs": epochs, "batch_size": len(x.tensor.values())})


def rows() -> Iterator[Case]:
    """Constraints and regularizers of layers."""
    yield from projections()
    yield from penalties()


def projections() -> Iterator[Case]:
    """What is left of the weights when the update itself changes nothing."""
    x, y = listed([[1.0, 1.0]]), listed([[0.0, 0.0]])
    kernel = listed([[3.0, 0.3], [4.0, 0.4]], given=Given.ARRAY)
    bias = listed([-3.0, 4.0], given=Given.ARRAY)
    row = Rows("layers.Dense")
    rated = {"min_value": 1.0, "max_value": 2.0, "rate": 0.5}
    for detail, arguments, epochs in (
        ("kernel-max_norm", {"kernel_constraint": constraint("max_norm", **{"*": (2.0,)})}, 1),
        ("kernel-MinMaxNorm-rate", {"kernel_constraint": constraint("MinMaxNorm", **rated)}, 2),
        ("bias-UnitNorm", {"bias_constraint": constraint("UnitNorm")}, 1),
    ):
        yield row(
            "projected",
            detail,
            build(None, 2),
            set_weights(kernel, bias),
            _at_rate_0(x, y, epochs),
            arguments={"units": 2, "name": "d", **arguments},
            inputs=(x, y),
            tolerance=COMPUTED,
            flags=("training", "constraint", "by-hand"),
        )
    yield row(
        "projected",
        "kernel-NonNegative",
        build(None, 1),
        set_weights(listed([[-1.0, 1.0, -2.0, 0.0]], given=Given.ARRAY), _zeros(4)),
        _at_rate_0(listed([[1.0]]), _zeros(1, 4)),
        arguments={"units": 4, "name": "d", "kernel_constraint": custom("NonNegative")},
        inputs=(listed([[1.0]]), listed([[0.0] * 4])),
        flags=("training", "constraint", "documented-example"),
    )
    yield row(
        "documented",
        "max_norm",
        CONFIG,
        arguments={
            "units": 64,
            "name": "d",
            "kernel_constraint": constraint("max_norm", **{"*": (2.0,)}),
        },
        flags=("constraint", "documented-example"),
    )
    yield from _filters()


def _zeros(*shape: int) -> Input:
    return listed(np.zeros(shape), given=Given.ARRAY)


def _filters() -> Iterator[Case]:
    """Kernels of convolutions, projected per filter and per radius."""
    image, target = listed([[[[1.0], [1.0]], [[1.0], [1.0]]]]), listed([[[[0.0, 0.0]]]])
    # Two filters of 2 x 2 x 1, of norms 10 and 1.
    filters = listed(
        [[[[5.0, 0.5]], [[5.0, 0.5]]], [[[5.0, 0.5]], [[5.0, 0.5]]]], given=Given.ARRAY
    )
    yield Rows("layers.Conv2D")(
        "projected",
        "kernel-MaxNorm-filters",
        build(None, 2, 2, 1),
        set_weights(filters, _zeros(2)),
        _at_rate_0(image, target),
        arguments={
            "filters": 2,
            "kernel_size": 2,
            "name": "layer",
            "kernel_constraint": constraint("MaxNorm", max_value=2, axis=[0, 1, 2]),
        },
        inputs=(image, target),
        tolerance=COMPUTED,
        flags=("training", "constraint", "by-hand"),
    )
    kernel = listed([[[[float(3 * i + j)]] for j in range(3)] for i in range(3)], given=Given.ARRAY)
    radial = constraint("RadialConstraint")
    image, target = listed([[[[1.0]] * 3] * 3]), listed([[[[0.0]]]])
    for name, arguments, weights, goal in (
        ("Conv2D", {"kernel_constraint": radial}, (kernel, _zeros(1)), target),
        (
            "Conv2DTranspose",
            {"kernel_constraint": radial},
            (kernel, _zeros(1)),
            listed([[[[0.0]] * 5] * 5]),
        ),
        (
            "SeparableConv2D",
            {"depthwise_constraint": radial},
            (kernel, listed([[[[1.0]]]], given=Given.ARRAY), _zeros(1)),
            target,
        ),
    ):
        yield Rows(f"layers.{name}", KERAS2)(
            "projected",
            "RadialConstraint",
            build(None, 3, 3, 1),
            set_weights(*weights),
            _at_rate_0(image, goal),
            arguments={"filters": 1, "kernel_size": 3, "name": "layer", **arguments},
            inputs=(image, goal),
            tolerance=COMPUTED,
            flags=("training", "constraint"),
        )


def penalties() -> Iterator[Case]:
    """The losses that the document prints, one by one, and those of each layer."""
    row = Rows("layers.Dense")
    one: dict[str, Any] = {"units": 5, "name": "d", "kernel_initializer": "ones"}
    kernel = {"kernel_regularizer": regularizer("L1", l1=0.01)}
    activity = {"activity_regularizer": regularizer("L2", l2=0.01)}
    for detail, arguments in (
        ("kernel-alone", kernel),
        ("activity-alone", activity),
        ("input_dim", {**kernel, **activity, "input_dim": 5}),
    ):
        yield row(
            "documented",
            detail,
            CALL,
            LOSSES,
            arguments={**one, **arguments},
            inputs=(_EXAMPLE,),
            tolerance=COMPUTED,
            flags=("losses", "documented-example"),
        )
    for rows in (2, 4):
        yield row(
            "penalised",
            f"batch-of-{rows}",
            CALL,
            LOSSES,
            arguments={**one, **kernel, **activity},
            inputs=(listed([[2.0] * 5] * rows),),
            tolerance=COMPUTED,
            flags=("losses", "by-hand"),
        )
    yield row(
        "documented",
        "OrthogonalRegularizer",
        CALL,
        LOSSES,
        arguments={
            "units": 4,
            "name": "d",
            "kernel_initializer": "ones",
            "kernel_regularizer": regularizer("OrthogonalRegularizer", factor=0.01),
        },
        inputs=(_EXAMPLE,),
        tolerance=COMPUTED,
        flags=("losses", "documented-example"),
    )
    # Factors of one half: 0.5 for each weight of one.
    sizes: dict[str, tuple[dict[str, Any], tuple[int, ...]]] = {
        "Dense": ({"units": 2}, (2, 3)),
        "Conv1D": ({"filters": 2, "kernel_size": 2}, (2, 2, 3)),
        "Conv2D": ({"filters": 2, "kernel_size": 2}, (2, 2, 2, 3)),
        "Conv3D": ({"filters": 2, "kernel_size": 2}, (2, 2, 2, 2, 3)),
    }
    half = regularizer("L1", l1=0.5)
    for name, (arguments, shape) in sizes.items():
        for which in ("kernel", "bias", "activity"):
            given = _ones(shape)
            yield Rows(f"layers.{name}")(
                "penalised",
                which,
                CALL,
                LOSSES,
                arguments={
                    **arguments,
                    "name": "layer",
                    "kernel_initializer": "ones",
                    "bias_initializer": "ones",
                    f"{which}_regularizer": half,
                },
                inputs=(given,),
                tolerance=COMPUTED,
                flags=("losses", "by-hand"),
            )
        yield Rows(f"layers.{name}")(
            "penalised",
            "activity-set-later",
            Step("set", options={"activity_regularizer": half}),
            CALL,
            LOSSES,
            arguments={**arguments, "name": "layer", "kernel_initializer": "ones"},
            inputs=(_ones(shape),),
            tolerance=COMPUTED,
            flags=("losses", "by-hand"),
        )
    yield Rows("layers.Conv2D")(
        "penalised",
        "my_regularizer",
        CALL,
        LOSSES,
        arguments={
            "filters": 2,
            "kernel_size": 2,
            "name": "layer",
            "kernel_initializer": "ones",
            "kernel_regularizer": Reference("function", "my_regularizer"),
        },
        inputs=(_ones((1, 2, 2, 3)),),
        tolerance=COMPUTED,
        flags=("losses", "documented-example"),
    )
    yield Rows("layers.Layer")(
        "activity_regularizer",
        "none-unless-set",
        attributes("activity_regularizer"),
        custom="SimpleDense",
        flags=("losses",),
    )
    yield Rows("layers.Layer")(
        "activity_regularizer",
        "set-later-SimpleDense",
        Step("set", options={"activity_regularizer": half}),
        attributes("activity_regularizer"),
        custom="SimpleDense",
        flags=("losses",),
    )
    yield from _in_training()


def _ones(shape: tuple[int, ...]) -> Input:
    return listed(np.ones(shape))


def _in_training() -> Iterator[Case]:
    """Predictions are right, so that the loss of training is the penalty."""
    x = listed([[1.0, 1.0], [1.0, 1.0]])
    y = listed([[3.0], [3.0]])
    half = regularizer("L2", l2=0.5)
    for detail, penalised in {
        "kernel": ("kernel",),
        "bias": ("bias",),
        "activity": ("activity",),
        "all": ("kernel", "bias", "activity"),
        "none": (),
    }.items():
        yield Rows("layers.Dense")(
            "penalised",
            f"fit-{detail}",
            _at_rate_0(x, y),
            arguments={
                "units": 1,
                "name": "d",
                "kernel_initializer": "ones",
                "bias_initializer": "ones",
                **{f"{which}_regularizer": half for which in penalised},
            },
            inputs=(x, y),
            tolerance=COMPUTED,
            flags=("training", "losses", "by-hand"),
        )
