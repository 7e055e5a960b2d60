"""`Layer`: layers within layers, weights and losses that are added."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.inputs import thirds, wave
from conformance.cases.layers.base_common import BIAS, KERNEL, LAYER, WAVE, X
from conformance.cases.layers.common import array
from conformance.cases.references import (
    constraint,
    custom,
    function,
    initializer,
    layer,
    regularizer,
)
from conformance.cases.rows import EXACT, KERAS2, KERAS3
from conformance.cases.steps import (
    CALL,
    FROZEN,
    GET_WEIGHTS,
    GRADIENT,
    LOSSES,
    THAWED,
    WEIGHTS,
    attributes,
    set_weights,
)
from conformance.model import Case

_BLOCK: Final = LAYER.given(custom="Block", arguments={"name": "b", "units": 4}, inputs=WAVE)
_AROUND: Final = LAYER.given(custom="Around", arguments={"name": "a"}, inputs=WAVE)
_PENALTIES: Final[dict[str, Any]] = {
    "l2": "l2",
    "L1L2": regularizer("L1L2", l1=0.5, l2=0.25),
    "custom": custom("MyRegularizer", strength=0.5),
    "function": function("l1_reg"),
}
_INNER: Final = {
    "MyLayer": custom("MyLayer", name="i"),
    "Around-MyLayer": custom("Around", inner=custom("MyLayer", name="j"), name="i"),
}


def nesting() -> Iterator[Case]:
    """Layers in layers."""
    order = _BLOCK.given(flags="order")
    yield order("nested", "weights", WEIGHTS, CALL, WEIGHTS, GET_WEIGHTS)
    block = (array((), formula=thirds), array((3, 2)), array((2,)), array((2, 4)), array((4,)))
    # Keras 2 lists all trainable weights before all others, Keras 3 a layer's own first.
    for dialect, values in (
        (KERAS2, (*block, array(()))),
        (KERAS3, (block[0], array(()), *block[1:])),
    ):
        asked = order.given(inputs=X, dialects=dialect)
        held = set_weights(*values)
        yield asked("nested", f"gradient-{dialect[0]}", CALL, held, CALL, GRADIENT)
    group = "nested-losses"
    losses = _BLOCK.given(flags="losses")
    steps = (LOSSES, CALL, LOSSES, FROZEN, LOSSES)
    yield from losses.table(group, _PENALTIES, *steps, argument="kernel_regularizer")
    adding = _AROUND.given(flags="losses", tolerance=EXACT)
    yield from adding.table(group, _INNER, CALL, LOSSES, CALL, LOSSES, argument="inner")
    both = {
        "activity_regularizer": regularizer("L1", l1=0.5),
        "inner": custom("MyLayer", name="i", activity_regularizer=regularizer("L2", l2=0.5)),
    }
    around = _AROUND.given(inputs=wave((4, 3)), flags=("losses", "order"))
    yield around(group, "activity-of-both", CALL, LOSSES, arguments=both)
    dense = layer("Dense", units=4, name="d", kernel_initializer="zeros")
    around = _AROUND.given(arguments={"inner": dense}, inputs=X)
    held = set_weights(KERNEL, BIAS)
    yield around("nested", "Dense-inside", CALL, WEIGHTS, held, CALL, GRADIENT)
    dense = layer("Dense", units=4, name="d", kernel_initializer="ones")
    for policy in ("float64", "mixed_bfloat16"):
        around = _AROUND.given(arguments={"dtype": policy, "inner": dense}, flags="policy")
        yield around("nested", f"inner-keeps-its-dtype-{policy}", CALL, WEIGHTS)
    dense = layer("Dense", units=4, name="d", trainable=False, kernel_initializer="zeros")
    around = _AROUND.given(arguments={"inner": dense}, flags="trainable")
    yield around("nested", "frozen-inside", CALL, WEIGHTS, THAWED, WEIGHTS)


_OPTIONS: Final[dict[str, Any]] = {
    "initializer-name": {"shape": (3,), "initializer": "ones"},
    "initializer-object": {"shape": (3,), "initializer": initializer("Constant", value=0.3)},
    "initializer-custom": {"shape": (2, 3), "initializer": custom("Ramp", start=1.0, step=0.5)},
    "initializer-function": {"shape": (2, 3), "initializer": function("count_up")},
    "initializer-seed": {"shape": (2, 3), "initializer": initializer("RandomUniform", seed=3)},
    "scalar": {"shape": (), "initializer": "ones"},
    "shape-missing": {"initializer": "ones"},
    "shape-list": {"shape": [2, 3], "initializer": "ones"},
    "shape-empty": {"shape": (0, 3), "initializer": "ones"},
    "not-trained": {"shape": (3,), "initializer": "ones", "trainable": False},
    "dtype=float16": {"shape": (3,), "initializer": "ones", "dtype": "float16"},
    "dtype=bfloat16": {"shape": (3,), "initializer": "ones", "dtype": "bfloat16"},
    "dtype=float64": {"shape": (3,), "initializer": "ones", "dtype": "float64"},
    "dtype=int32-not-trained": {
        "shape": (3,),
        "initializer": "zeros",
        "dtype": "int32",
        "trainable": False,
    },
    "dtype=int32-default-initializer": {"shape": (3,), "dtype": "int32", "trainable": False},
    "dtype=bool-default-initializer": {"shape": (3,), "dtype": "bool", "trainable": False},
}
_REGULARIZERS: Final[dict[str, Any]] = {
    "name": "l1",
    "object": regularizer("L2", l2=0.5),
    "custom": custom("L2Regularizer", l2=0.5),
    "function": function("my_regularizer"),
    "not-trained": regularizer("L2", l2=0.5),
}
_CONSTRAINTS: Final[dict[str, Any]] = {
    "name": "non_neg",
    "object": constraint("MaxNorm", max_value=0.5),
    "custom": custom("CenterAround", ref_value=0.5),
    "function": function("double"),
}
_BAD: Final[dict[str, dict[str, Any]]] = {
    "shape-negative": {"shape": (-1, 2), "initializer": "ones"},
    "shape-none": {"shape": (None, 2), "initializer": "ones"},
    "shape-text": {"shape": "ab", "initializer": "ones"},
    "shape-float": {"shape": (1.5,), "initializer": "ones"},
    "initializer-unknown": {"shape": (2,), "initializer": "foo"},
    "regularizer-unknown": {"shape": (2,), "regularizer": "foo"},
    "constraint-unknown": {"shape": (2,), "constraint": "foo"},
    "dtype-unknown": {"shape": (2,), "dtype": "float33"},
    "name-number": {"shape": (2,), "name": 3},
    "name-slash": {"shape": (2,), "name": "a/b"},
    "aggregation-none": {"shape": (2,), "aggregation": None},
    "aggregation-unknown": {"shape": (2,), "aggregation": "foo"},
    "unknown-keyword": {"shape": (2,), "foo": 1},
}


def adding() -> Iterator[Case]:
    """The arguments of `add_weight`."""
    group = "add_weight"
    row = LAYER.given(custom="Weighted", arguments={"name": "l"})
    seeded = row.given(flags="initializer", tolerance=EXACT)
    for detail, options in _OPTIONS.items():
        asked = seeded if detail == "initializer-seed" else row
        weight = {"name": "w", **options}
        yield asked(group, detail, WEIGHTS, GET_WEIGHTS, arguments={"weight": weight})
    for detail, penalty in _REGULARIZERS.items():
        weight = {"name": "w", "shape": (3,), "initializer": "ones", "regularizer": penalty}
        weight["trainable"] = detail != "not-trained"
        asked = row.given(arguments={"weight": weight}, flags="losses")
        steps = (LOSSES, set_weights(array((3,), formula=thirds)), LOSSES)
        yield asked(group, f"regularizer-{detail}", *steps)
    for detail, projection in _CONSTRAINTS.items():
        weight = {"name": "w", "shape": (3,), "initializer": "zeros", "constraint": projection}
        asked = row.given(arguments={"weight": weight}, inputs=WAVE, flags="constraint")
        steps = (set_weights(array((3,))), CALL, GET_WEIGHTS)
        yield asked(group, f"constraint-is-not-applied-{detail}", *steps)
    asked = LAYER.given(dialects=KERAS3, flags="weights")
    seen = attributes("w.path", "w.regularizer.l2", "w.overwrite_with_gradient")
    options = {"shape": (3,), "initializer": "ones", "regularizer": regularizer("L2", l2=0.5)}
    for detail, more in {"defaults": {}, "overwritten": {"overwrite_with_gradient": True}}.items():
        weight = {"name": "w", **options, **more}
        made = asked.given(custom="Weighted", arguments={"name": "l", "weight": weight})
        yield made(group, f"attributes-{detail}", seen)
    inner = {"name": "o", "inner": custom("Linear", units=2, name="i")}
    path = attributes("inner.kernel.path", "inner.path")
    yield asked(group, "path-in-a-layer", CALL, path, custom="Around", arguments=inner, inputs=WAVE)
    bad = {detail: {"name": "w", **options} for detail, options in _BAD.items()}
    row = row.given(flags="bad-argument")
    yield from row.table("add_weight-rejected", bad, WEIGHTS, argument="weight")
