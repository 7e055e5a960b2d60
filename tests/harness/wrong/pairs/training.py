"""Gradients: what is stopped, what has another sign, and what is wrong in training only."""

from __future__ import annotations

from typing import Any, Final

from wrong import tensorflow
from wrong.layers.making import CONV2D, DENSE, Official, after, before, call, constructor
from wrong.pairs.making import (
    Pair,
    afterwards,
    answers,
    at_first,
    backwards,
    dense,
    doubled,
    orthogonal,
    same,
)

REGULARIZERS: Final = ("L1", "L2", "L1L2", "OrthogonalRegularizer")


def _stopped(x: Any) -> Any:
    return tensorflow().stop_gradient(x)


def _none(dy: Any) -> Any:
    return tensorflow().zeros_like(dy)


def _transposed(dy: Any) -> Any:
    return tensorflow().transpose(dy)


def _other_sign(dy: Any) -> Any:
    return at_first(dy, lambda each: -each)


def _in_training(self: Any, official: Official, inputs: Any) -> Any:
    """Right when it is called, and with another gradient where a model is trained."""
    outputs = official(inputs)
    traced = not tensorflow().executing_eagerly()
    return backwards(doubled)(outputs) if traced else outputs


def _faster(named: dict[str, Any]) -> None:
    named["learning_rate"] *= 1.001


PAIRS: Final[tuple[Pair, ...]] = (
    *(
        Pair(
            f"{name}-not-trained",
            DENSE,
            (f"fit-penalties/kernel-{name}",),
            ("weights",),
            afterwards(_stopped, f"regularizers.{name}"),
        )
        for name in REGULARIZERS
    ),
    *(
        Pair(
            f"{name}-of-outputs-not-trained",
            DENSE,
            (f"fit-penalties/activity-{name}",),
            ("weights",),
            afterwards(_stopped, f"regularizers.{name}"),
        )
        for name in ("L1", "L2")
    ),
    Pair(
        "no-gradient-through-lengths",
        DENSE,
        ("fit-penalties/kernel-OrthogonalRegularizer",),
        ("weights",),
        answers(orthogonal(_stopped), "regularizers.OrthogonalRegularizer"),
        answers(orthogonal(same), "regularizers.OrthogonalRegularizer"),
    ),
    *(
        Pair(name, DENSE, ("gradient/4x4-to-4-*",), ("gradient",), wrong)
        for name, wrong in (
            ("no-gradient-of-the-bias", dense(same, backwards(_none))),
            ("no-gradient-of-the-kernel", dense(backwards(_none), same)),
            ("no-gradient-of-the-inputs", before(backwards(_none))),
            ("sign-of-one-gradient-of-the-kernel", dense(backwards(_other_sign), same)),
            ("sign-of-one-gradient-of-the-bias", dense(same, backwards(_other_sign))),
        )
    ),
    Pair(
        "sign-of-one-gradient-of-the-outputs",
        CONV2D,
        ("gradient/dtype=*",),
        ("gradient",),
        after(backwards(_other_sign)),
    ),
    # Of the other cases with four inputs and outputs that gradient is symmetric.
    Pair(
        "gradient-of-the-kernel-transposed",
        DENSE,
        ("gradient/4x4-to-4-thirds-*",),
        ("gradient",),
        dense(backwards(_transposed), same),
    ),
    Pair(
        "gradient-doubled-in-training",
        DENSE,
        ("fit/SGD-mse-object", "fit/SGD-relu", "fit-batches/one-row"),
        ("weights",),
        call(_in_training),
    ),
    Pair("gradient-doubled-in-training", CONV2D, ("fit/*",), ("weights",), call(_in_training)),
    Pair(
        "a-thousandth-faster",
        DENSE,
        ("fit/SGD-momentum-mse", "fit/SGD-momentum-float64", "fit-batches/one-epoch"),
        ("weights",),
        constructor(_faster, "optimizers.SGD"),
    ),
)
