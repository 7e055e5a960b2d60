"""`Layer`: layers within layers, weights and losses that are added."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.cases.inputs import thirds, wave
from conformance.cases.layers.base_common import X
from conformance.cases.layers.common import (
    CALL,
    GET_WEIGHTS,
    GRADIENT,
    KERAS2,
    KERAS3,
    LOSSES,
    WEIGHTS,
    Rows,
    array,
    constraint,
    custom,
    initializer,
    layer,
    regularizer,
    set_weights,
)
from conformance.model import COMPUTED, Case, Reference, Step


def nesting() -> Iterator[Case]:
    """Layers in layers."""
    row = Rows("layers.Layer")
    yield row(
        "nested",
        "weights",
        WEIGHTS,
        CALL,
        WEIGHTS,
        GET_WEIGHTS,
        custom="Block",
        arguments={"name": "b", "units": 4},
        inputs=(wave((2, 3)),),
        flags=("order",),
    )
    block = (array((), formula=thirds), array((3, 2)), array((2,)), array((2, 4)), array((4,)))
    # Keras 2 lists all trainable weights before all others, Keras 3 a layer's own first.
    for dialect, values in (
        (KERAS2, (*block, array(()))),
        (KERAS3, (block[0], array(()), *block[1:])),
    ):
        yield row(
            "nested",
            f"gradient-{dialect[0]}",
            CALL,
            set_weights(*values),
            CALL,
            GRADIENT,
            custom="Block",
            arguments={"name": "b", "units": 4},
            inputs=(X,),
            tolerance=COMPUTED,
            dialects=dialect,
            flags=("order",),
        )
    for detail, penalty in (
        ("l2", "l2"),
        ("L1L2", regularizer("L1L2", l1=0.5, l2=0.25)),
        ("custom", custom("MyRegularizer", strength=0.5)),
        ("function", Reference("function", "l1_reg")),
    ):
        yield row(
            "nested-losses",
            detail,
            LOSSES,
            CALL,
            LOSSES,
            Step("set", options={"trainable": False}),
            LOSSES,
            custom="Block",
            arguments={"name": "b", "units": 4, "kernel_regularizer": penalty},
            inputs=(wave((2, 3)),),
            tolerance=COMPUTED,
            flags=("losses",),
        )
    inner = {
        "MyLayer": custom("MyLayer", name="i"),
        "Around-MyLayer": custom("Around", inner=custom("MyLayer", name="j"), name="i"),
    }
    for detail, given in inner.items():
        yield row(
            "nested-losses",
            detail,
            CALL,
            LOSSES,
            CALL,
            LOSSES,
            custom="Around",
            arguments={"name": "a", "inner": given},
            inputs=(wave((2, 3)),),
            flags=("losses",),
        )
    yield row(
        "nested-losses",
        "activity-of-both",
        CALL,
        LOSSES,
        custom="Around",
        arguments={
            "name": "a",
            "activity_regularizer": regularizer("L1", l1=0.5),
            "inner": custom("MyLayer", name="i", activity_regularizer=regularizer("L2", l2=0.5)),
        },
        inputs=(wave((4, 3)),),
        tolerance=COMPUTED,
        flags=("losses", "order"),
    )
    yield row(
        "nested",
        "Dense-inside",
        CALL,
        WEIGHTS,
        set_weights(array((3, 4)), array((4,), formula=thirds)),
        CALL,
        GRADIENT,
        custom="Around",
        arguments={
            "name": "a",
            "inner": layer("Dense", units=4, name="d", kernel_initializer="zeros"),
        },
        inputs=(X,),
        tolerance=COMPUTED,
    )
    for policy in ("float64", "mixed_bfloat16"):
        yield row(
            "nested",
            f"inner-keeps-its-dtype-{policy}",
            CALL,
            WEIGHTS,
            custom="Around",
            arguments={
                "name": "a",
                "dtype": policy,
                "inner": layer("Dense", units=4, name="d", kernel_initializer="ones"),
            },
            inputs=(wave((2, 3)),),
            flags=("policy",),
        )
    yield row(
        "nested",
        "frozen-inside",
        CALL,
        WEIGHTS,
        Step("set", options={"trainable": True}),
        WEIGHTS,
        custom="Around",
        arguments={
            "name": "a",
            "inner": layer("Dense", units=4, name="d", trainable=False, kernel_initializer="zeros"),
        },
        inputs=(wave((2, 3)),),
        flags=("trainable",),
    )


def adding() -> Iterator[Case]:
    """The arguments of `add_weight`."""
    row = Rows("layers.Layer")
    options: dict[str, dict[str, Any]] = {
        "initializer-name": {"shape": (3,), "initializer": "ones"},
        "initializer-object": {"shape": (3,), "initializer": initializer("Constant", value=0.3)},
        "initializer-custom": {
            "shape": (2, 3),
            "initializer": custom("Ramp", start=1.0, step=0.5),
        },
        "initializer-function": {
            "shape": (2, 3),
            "initializer": Reference("function", "count_up"),
        },
        "initializer-seed": {
            "shape": (2, 3),
            "initializer": initializer("RandomUniform", seed=3),
        },
        "scalar": {"shape": (), "initializer": "ones"},
        "shape-missing": {"initializer": "ones"},
        "shape-list": {"shape": [2, 3], "initializer": "ones"},
        "shape-empty": {"shape": (0, 3), "initializer": "ones"},
        "not-trained": {"shape": (3,), "initializer": "ones", "trainable": False},
        **{
            f"dtype={dtype}": {"shape": (3,), "initializer": "ones", "dtype": dtype}
            for dtype in ("float16", "bfloat16", "float64")
        },
        "dtype=int32-not-trained": {
            "shape": (3,),
            "initializer": "zeros",
            "dtype": "int32",
            "trainable": False,
        },
        "dtype=int32-default-initializer": {"shape": (3,), "dtype": "int32", "trainable": False},
        "dtype=bool-default-initializer": {"shape": (3,), "dtype": "bool", "trainable": False},
    }
    for detail, weight in options.items():
        yield row(
            "add_weight",
            detail,
            WEIGHTS,
            GET_WEIGHTS,
            custom="Weighted",
            arguments={"name": "l", "weight": {"name": "w", **weight}},
            flags=("initializer-seed",) if "seed" in detail else (),
        )
    for detail, penalty in (
        ("name", "l1"),
        ("object", regularizer("L2", l2=0.5)),
        ("custom", custom("L2Regularizer", l2=0.5)),
        ("function", Reference("function", "my_regularizer")),
        ("not-trained", regularizer("L2", l2=0.5)),
    ):
        yield row(
            "add_weight",
            f"regularizer-{detail}",
            LOSSES,
            set_weights(array((3,), formula=thirds)),
            LOSSES,
            custom="Weighted",
            arguments={
                "name": "l",
                "weight": {
                    "name": "w",
                    "shape": (3,),
                    "initializer": "ones",
                    "regularizer": penalty,
                    "trainable": detail != "not-trained",
                },
            },
            tolerance=COMPUTED,
            flags=("losses",),
        )
    for detail, projection in (
        ("name", "non_neg"),
        ("object", constraint("MaxNorm", max_value=0.5)),
        ("custom", custom("CenterAround", ref_value=0.5)),
        ("function", Reference("function", "double")),
    ):
        yield row(
            "add_weight",
            f"constraint-is-not-applied-{detail}",
            set_weights(array((3,))),
            CALL,
            GET_WEIGHTS,
            custom="Weighted",
            arguments={
                "name": "l",
                "weight": {
                    "name": "w",
                    "shape": (3,),
                    "initializer": "zeros",
                    "constraint": projection,
                },
            },
            inputs=(wave((2, 3)),),
            flags=("constraint",),
        )
    bad: dict[str, dict[str, Any]] = {
        "shape-negative": {"shape": (-1, 2), "initializer": "ones"},
        "shape-none": {"shape": (None, 2), "initializer": "ones"},
        "shape-text": {"shape": "ab", "initializer": "ones"},
        "shape-float": {"shape": (1.5,), "initializer": "ones"},
        "initializer-unknown": {"shape": (2,), "initializer": "foo"},
        "regularizer-unknown": {"shape": (2,), "regularizer": "foo"},
        "constraint-unknown": {"shape": (2,), "constraint": "foo"},
        "dtype-unknown": {"shape": (2,), "dtype": "float33"},
        "name-number": {"shape": (2,), "name": 3},
        "aggregation-unknown": {"shape": (2,), "aggregation": "foo"},
        "unknown-keyword": {"shape": (2,), "foo": 1},
    }
    for detail, weight in bad.items():
        yield row(
            "add_weight-rejected",
            detail,
            WEIGHTS,
            custom="Weighted",
            arguments={"name": "l", "weight": {"name": "w", **weight}},
            flags=("bad-argument",),
        )
