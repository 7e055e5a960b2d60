"""Gradients of layers, and slopes of penalties, are central differences."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import pytest
from oracle.layers.drawn import drawn

from conformance.model import Array, Reference
from conformance.oracle.bounded import exact
from conformance.oracle.layers import attached
from conformance.oracle.layers.custom import layer_of
from conformance.oracle.layers.gradients import back, cotangent
from conformance.oracle.layers.world import World

LAYERS: Final = (
    ("layers.Dense", {"units": 2, "activation": "tanh"}, (2, 3)),
    ("layers.Conv1D", {"filters": 2, "kernel_size": 2, "padding": "causal"}, (1, 4, 2)),
    (
        "layers.Conv2D",
        {"filters": 4, "kernel_size": 2, "groups": 2, "padding": "same"},
        (1, 2, 3, 2),
    ),
    ("layers.DepthwiseConv2D", {"kernel_size": 2, "depth_multiplier": 2}, (1, 3, 2, 2)),
    ("layers.SeparableConv1D", {"filters": 3, "kernel_size": 2, "strides": 2}, (1, 5, 2)),
    (
        "layers.Conv2DTranspose",
        {"filters": 2, "kernel_size": (2, 3), "strides": 2, "activation": "sigmoid"},
        (1, 2, 2, 2),
    ),
    (
        "layers.Conv2D",
        {"filters": 2, "kernel_size": 2, "data_format": "channels_first"},
        (1, 2, 3, 2),
    ),
)


@pytest.mark.parametrize(("target", "arguments", "shape"), LAYERS)
def test_gradients_of_layers_are_central_differences(
    target: str, arguments: dict[str, Any], shape: tuple[int, ...]
) -> None:
    world = World("keras3")
    layer = layer_of(target, {**arguments, "dtype": "float64"}, world)
    layer.build(shape)
    for number, weight in enumerate(layer.weights()):
        weight.value = exact(drawn(weight.shape, number))
    x = drawn(shape, 9)
    y = layer(exact(x))
    g = cotangent(y.shape, "float64")
    given = back(world.tape, g)
    gradients = {id(w): w.gradient for w in layer.weights()}

    def total(a: Array) -> float:
        return float((layer(exact(a)).value * g.value).sum())

    def difference(array: Array, place: int, asked: Callable[[Array], float]) -> float:
        up, down = array.copy(), array.copy()
        up.flat[place] += 1e-5
        down.flat[place] -= 1e-5
        return (asked(up) - asked(down)) / 2e-5

    for place in range(x.size):
        assert math.isclose(
            given.value.flat[place], difference(x, place, total), rel_tol=1e-6, abs_tol=1e-8
        )
    for weight in layer.weights():
        gradient, held = gradients[id(weight)], weight.known().value
        assert gradient is not None

        def moved(w: Array, weight: Any = weight) -> float:
            weight.value = exact(w)
            return total(x)

        for place in range(held.size):
            expected = difference(held, place, moved)
            assert math.isclose(gradient.value.flat[place], expected, rel_tol=1e-6, abs_tol=1e-8)
        weight.value = exact(held)


@pytest.mark.parametrize(
    "regularizer",
    [
        "l1",
        "l2",
        Reference("instance", "regularizers.L1L2", {"l1": 0.5, "l2": 0.25}),
        Reference("instance", "regularizers.OrthogonalRegularizer", {"factor": 0.5}),
        Reference(
            "instance", "regularizers.OrthogonalRegularizer", {"factor": 0.5, "mode": "columns"}
        ),
        Reference("custom", "MyRegularizer", {"strength": 0.5}),
        Reference("function", "l1_reg"),
        Reference("function", "my_regularizer"),
    ],
)
def test_slopes_of_penalties_are_central_differences(regularizer: Any) -> None:
    w = drawn((3, 4), 10)
    slope = attached.penalty_slope(regularizer, exact(w)).value
    for place in range(w.size):
        up, down = w.copy(), w.copy()
        up.flat[place] += 1e-5
        down.flat[place] -= 1e-5
        both = (attached.penalty(regularizer, exact(each)).value for each in (up, down))
        above, below = (float(each) for each in both)
        assert math.isclose(slope.flat[place], (above - below) / 2e-5, rel_tol=1e-6, abs_tol=1e-9)
