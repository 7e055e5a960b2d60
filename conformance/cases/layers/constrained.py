"""What the documents about constraints and regularizers say of layers, small enough for a hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from conformance.cases.inputs import listed
from conformance.cases.layers.base_common import LAYER
from conformance.cases.layers.training import fit, sgd
from conformance.cases.references import constraint, custom, function, regularizer
from conformance.cases.rows import EXACT, KERAS2, Rows
from conformance.cases.steps import (
    CALL,
    CONFIG,
    LOSSES,
    attributes,
    build,
    set_weights,
    setting,
)
from conformance.model import Case, Given, Input, Step

_EXAMPLE: Final = listed([[2.0] * 5] * 5)
_DENSE: Final = Rows("layers.Dense", flags=("losses", "documented-example"))


def _weight(values: Any) -> Input:
    return listed(values, given=Given.ARRAY)


def _zeros(*shape: int) -> Input:
    return _weight(np.zeros(shape))


def _ones(shape: tuple[int, ...]) -> Input:
    return listed(np.ones(shape))


def _at_rate_0(x: Input, epochs: int = 1) -> Step:
    """Training that changes weights by their projections only: gradients count for nothing."""
    return fit(sgd(learning_rate=0.0), epochs=epochs, batch_size=len(x.tensor.values()))


def rows() -> Iterator[Case]:
    """Constraints and regularizers of layers."""
    yield from projections()
    yield from penalties()


_TWICE: Final = constraint("max_norm", **{"*": (2.0,)})
_RATED: Final = constraint("MinMaxNorm", min_value=1.0, max_value=2.0, rate=0.5)


def projections() -> Iterator[Case]:
    """What is left of the weights when the update itself changes nothing."""
    x, y = listed([[1.0, 1.0]]), listed([[0.0, 0.0]])
    kernel, bias = _weight([[3.0, 0.3], [4.0, 0.4]]), _weight([-3.0, 4.0])
    row = Rows("layers.Dense", flags=("training", "constraint", "by-hand"))
    dense = row.given(arguments={"units": 2, "name": "d"}, inputs=(x, y))
    for detail, argument, given, epochs in (
        ("kernel-max_norm", "kernel_constraint", _TWICE, 1),
        ("kernel-MinMaxNorm-rate", "kernel_constraint", _RATED, 2),
        ("bias-UnitNorm", "bias_constraint", constraint("UnitNorm"), 1),
    ):
        steps = (build(None, 2), set_weights(kernel, bias), _at_rate_0(x, epochs))
        yield dense("projected", detail, *steps, arguments={argument: given})
    x = listed([[1.0]])
    weights = set_weights(_weight([[-1.0, 1.0, -2.0, 0.0]]), _zeros(4))
    dense = row.given(
        arguments={"units": 4, "name": "d", "kernel_constraint": custom("NonNegative")},
        inputs=(x, listed([[0.0] * 4])),
        flags=("training", "constraint", "documented-example"),
        tolerance=EXACT,
    )
    yield dense("projected", "kernel-NonNegative", build(None, 1), weights, _at_rate_0(x))
    arguments = {"units": 64, "name": "d", "kernel_constraint": _TWICE}
    row = row.given(arguments=arguments, flags=("constraint", "documented-example"))
    yield row("documented", "max_norm", CONFIG)
    yield from _filters()


def _filters() -> Iterator[Case]:
    """Kernels of convolutions, projected per filter and per radius."""
    image, target = listed([[[[1.0], [1.0]], [[1.0], [1.0]]]]), listed([[[[0.0, 0.0]]]])
    # Two filters of 2 x 2 x 1, of norms 10 and 1.
    filters = _weight([[[[5.0, 0.5]], [[5.0, 0.5]]], [[[5.0, 0.5]], [[5.0, 0.5]]]])
    norm = constraint("MaxNorm", max_value=2, axis=[0, 1, 2])
    arguments = {"filters": 2, "kernel_size": 2, "name": "layer", "kernel_constraint": norm}
    flags = ("training", "constraint")
    row = Rows("layers.Conv2D", arguments=arguments, flags=(*flags, "by-hand"))
    row = row.given(inputs=(image, target))
    steps = (build(None, 2, 2, 1), set_weights(filters, _zeros(2)), _at_rate_0(image))
    yield row("projected", "kernel-MaxNorm-filters", *steps)
    kernel = _weight([[[[float(3 * i + j)]] for j in range(3)] for i in range(3)])
    image, target = listed([[[[1.0]] * 3] * 3]), listed([[[[0.0]]]])
    five = listed([[[[0.0]] * 5] * 5])
    two, three = (kernel, _zeros(1)), (kernel, _weight([[[[1.0]]]]), _zeros(1))
    for name, argument, weights, goal in (
        ("Conv2D", "kernel_constraint", two, target),
        ("Conv2DTranspose", "kernel_constraint", two, five),
        ("SeparableConv2D", "depthwise_constraint", three, target),
    ):
        arguments = {"filters": 1, "kernel_size": 3, "name": "layer"}
        row = Rows(f"layers.{name}", KERAS2, arguments=arguments, flags=flags)
        row = row.given(arguments={argument: constraint("RadialConstraint")}, inputs=(image, goal))
        steps = (build(None, 3, 3, 1), set_weights(*weights), _at_rate_0(image))
        yield row("projected", "RadialConstraint", *steps)


_HALF: Final = regularizer("L1", l1=0.5)
_KERNEL: Final = {"kernel_regularizer": regularizer("L1", l1=0.01)}
_ACTIVITY: Final = {"activity_regularizer": regularizer("L2", l2=0.01)}
# Small layers, of which each weight counts one half when it is one; and the shapes of their inputs.
_SIZES: Final[dict[str, tuple[dict[str, Any], tuple[int, ...]]]] = {
    "Dense": ({"units": 2}, (2, 3)),
    "Conv1D": ({"filters": 2, "kernel_size": 2}, (2, 2, 3)),
    "Conv2D": ({"filters": 2, "kernel_size": 2}, (2, 2, 2, 3)),
    "Conv3D": ({"filters": 2, "kernel_size": 2}, (2, 2, 2, 2, 3)),
}


def penalties() -> Iterator[Case]:
    """The losses that the document prints, one by one, and those of each layer."""
    dense = _DENSE.given(arguments={"units": 5, "name": "d", "kernel_initializer": "ones"})
    shown: dict[str, dict[str, Any]] = {
        "kernel-alone": _KERNEL,
        "activity-alone": _ACTIVITY,
        "input_dim": {**_KERNEL, **_ACTIVITY, "input_dim": 5},
    }
    yield from dense.table("documented", shown, CALL, LOSSES, inputs=_EXAMPLE)
    batches = {str(number): listed([[2.0] * 5] * number) for number in (2, 4)}
    both = dense.given(arguments={**_KERNEL, **_ACTIVITY}, flags=("losses", "by-hand"))
    yield from both.table("penalised", batches, CALL, LOSSES, prefix="batch-of-")
    orthogonal = regularizer("OrthogonalRegularizer", factor=0.01)
    arguments = {"units": 4, "name": "d", "kernel_initializer": "ones"}
    dense = _DENSE.given(arguments=arguments, inputs=_EXAMPLE)
    dense = dense.given(arguments={"kernel_regularizer": orthogonal})
    yield dense("documented", "OrthogonalRegularizer", CALL, LOSSES)
    later = setting(activity_regularizer=_HALF)
    for name, (arguments, shape) in _SIZES.items():
        row = Rows(f"layers.{name}", arguments=arguments, inputs=_ones(shape))
        row = row.given(arguments={"name": "layer", "kernel_initializer": "ones"})
        row = row.given(flags=("losses", "by-hand"))
        biased = row.given(arguments={"bias_initializer": "ones"})
        for which in ("kernel", "bias", "activity"):
            arguments = {f"{which}_regularizer": _HALF}
            yield biased("penalised", which, CALL, LOSSES, arguments=arguments)
        yield row("penalised", "activity-set-later", later, CALL, LOSSES)
    arguments = {"filters": 2, "kernel_size": 2, "name": "layer", "kernel_initializer": "ones"}
    row = Rows("layers.Conv2D", arguments=arguments, inputs=_ones((1, 2, 2, 3)))
    row = row.given(arguments={"kernel_regularizer": function("my_regularizer")})
    flags = ("losses", "documented-example")
    yield row("penalised", "my_regularizer", CALL, LOSSES, flags=flags)
    looked = attributes("activity_regularizer")
    row = LAYER.given(custom="SimpleDense", flags="losses")
    yield row("activity_regularizer", "none-unless-set", looked)
    yield row("activity_regularizer", "set-later-SimpleDense", later, looked)
    yield from _in_training()


def _in_training() -> Iterator[Case]:
    """Predictions are right, so that the loss of training is the penalty."""
    x, y = listed([[1.0, 1.0], [1.0, 1.0]]), listed([[3.0], [3.0]])
    arguments = {"units": 1, "name": "d", "kernel_initializer": "ones", "bias_initializer": "ones"}
    row = Rows("layers.Dense", arguments=arguments, inputs=(x, y))
    row = row.given(flags=("training", "losses", "by-hand"))
    every = ("kernel", "bias", "activity")
    for detail, penalised in {
        **{which: (which,) for which in every},
        "all": every,
        "none": (),
    }.items():
        arguments = {f"{which}_regularizer": regularizer("L2", l2=0.5) for which in penalised}
        yield row("penalised", f"fit-{detail}", _at_rate_0(x), arguments=arguments)
