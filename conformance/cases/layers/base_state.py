"""`Layer`: its arguments and attributes, and the layers of the document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.inputs import listed
from conformance.cases.layers.base_common import BIAS, BUILD, KERNEL, LAYER, WAVE
from conformance.cases.layers.common import POLICIES, array
from conformance.cases.references import instance
from conformance.cases.rows import EXACT, KERAS2, KERAS3
from conformance.cases.steps import (
    CALL,
    CONFIG,
    FROZEN,
    GET_WEIGHTS,
    LOSSES,
    THAWED,
    WEIGHTS,
    attributes,
    method,
    output_shape,
    set_weights,
    setting,
)
from conformance.model import Case, Given, Input, Step

_STATE: Final = attributes(
    "name", "trainable", "dtype", "variable_dtype", "compute_dtype", "dtype_policy", "built"
)
_ACCEPTED: Final[dict[str, dict[str, Any]]] = {
    "name": {},
    "frozen": {"trainable": False},
    "activity_regularizer": {"activity_regularizer": "l2"},
    "autocast": {"autocast": False},
    **{f"dtype={dtype}": {"dtype": dtype} for dtype in (*POLICIES, "int32", "bool")},
}
_REFUSED: Final[dict[str, dict[str, Any]]] = {
    "unknown-keyword": {"foo": 1},
    "dtype-unknown": {"dtype": "float33"},
    "dtype-number": {"dtype": 3},
    "trainable-text": {"trainable": "yes"},
    "trainable-integer": {"trainable": 1},
    "trainable-none": {"trainable": None},
    "name-number": {"name": 3},
    "name-slash": {"name": "a/b"},
    "name-space": {"name": "a b"},
    "name-empty": {"name": ""},
    "regularizer-unknown": {"activity_regularizer": "foo"},
    "positional": {"*": (1, 2, 3)},
}


def plain() -> Iterator[Case]:
    """The base class itself."""
    row = LAYER.given(arguments={"name": "l"})
    yield from row.table("arguments", _ACCEPTED, CONFIG, _STATE, flags="config")
    # The documents of Keras 2 have these.
    older = row.given(arguments={"dtype": "half"}, dialects=KERAS2, flags="legacy-argument")
    yield older("arguments", "dtype=half", CONFIG)
    bare = row.given(dialects=KERAS2, flags="build")
    yield bare(
        "add_weight", "no-name", method("add_weight", shape=(2,), initializer="ones"), WEIGHTS
    )
    asked = row.given(flags=("config", "policy"))
    for detail, policy, dialects in (
        ("policy", "DTypePolicy", KERAS3),
        ("policy-keras2", "mixed_precision.Policy", KERAS2),
    ):
        arguments = {"dtype": instance(policy, name="mixed_bfloat16")}
        made = asked.given(arguments=arguments, dialects=dialects)
        yield made("arguments", detail, CONFIG, _STATE)
    yield row("call", "base", CALL, inputs=WAVE)
    yield row("weights", "none", WEIGHTS, GET_WEIGHTS, LOSSES)
    yield row("build", "base", BUILD, _STATE)
    yield row("output_shape", "base", output_shape(2, 3))
    yield from LAYER.table("rejected", _REFUSED, attributes("trainable"), flags="bad-argument")


_ONES: Final = listed([[1.0, 1.0], [1.0, 1.0]])
_OTHERS: Final = listed([[0.5, -3.0], [0.25, 4.0]])
_SECOND: Final = Step("call", 1)


def documented() -> Iterator[Case]:
    """The layers of the document, as it calls them."""
    row = LAYER.given(flags="documented-example", tolerance=EXACT)
    # Nothing enters the random kernel: the first sums are the zeros of the bias.
    inputs = (listed([[0.0, 0.0], [0.0, 0.0]]), _ONES)
    dense = row.given(custom="SimpleDense", arguments={"units": 4}, inputs=inputs)
    held = set_weights(array((2, 4)), array((4,)))
    yield dense("documented", "SimpleDense", CALL, WEIGHTS, held, _SECOND)
    built = attributes("built")
    mixed = LAYER.given(custom="Mixed", arguments={"name": "m"}, inputs=WAVE, flags="build")
    yield mixed("build", "without-super", built, BUILD, built, CALL, WEIGHTS, built)
    row = row.given(inputs=(_ONES, _OTHERS))
    summed = row.given(custom="ComputeSum", arguments={"input_dim": 2})
    steps = (WEIGHTS, CALL, CALL, _SECOND, GET_WEIGHTS)
    yield summed("documented", "ComputeSum", *steps)
    adding = row.given(custom="MyLayer", arguments={"name": "m"})
    yield adding("documented", "MyLayer", LOSSES, CALL, LOSSES, _SECOND, LOSSES)


_WRONG: Final[dict[str, tuple[Input, ...]]] = {
    "too-few": (array((3, 4)),),
    "too-many": (array((3, 4)), array((4,)), array((4,))),
    "none": (),
    "shape": (array((4, 3)), array((4,))),
    "order": (array((4,)), array((3, 4))),
    "rank": (array((3, 4)), array((1, 4))),
}


def state() -> Iterator[Case]:
    """Weights: order, values, trainable."""
    row = LAYER.given(arguments={"name": "m"})
    mixed = row.given(custom="Mixed", flags="order")
    yield mixed("weights", "trainable-first", WEIGHTS, BUILD, WEIGHTS)
    linear = row.given(custom="Linear", arguments={"units": 4})
    for asked in (row.given(custom="Mixed"), linear, linear.given(custom="Block")):
        asked = asked.given(flags="trainable")
        name = asked.common["custom"]
        looked = attributes("trainable")
        steps: tuple[Step, ...] = (BUILD, WEIGHTS, FROZEN, WEIGHTS, looked, THAWED, WEIGHTS)
        yield asked("trainable", f"{name}-frozen", *steps)
        frozen = asked.given(arguments={"trainable": False})
        steps = (BUILD, WEIGHTS, THAWED, WEIGHTS)
        yield frozen("trainable", f"{name}-frozen-from-the-start", *steps)
        yield asked("trainable", f"{name}-frozen-before-build", FROZEN, BUILD, WEIGHTS)
    unusual = linear.given(flags=("trainable", "unusual-argument"))
    for value in (1, 0, None, "yes"):
        steps = (BUILD, setting(trainable=value), attributes("trainable"), WEIGHTS)
        yield unusual("trainable", f"set-{value!r}", *steps)
    steps = (BUILD, GET_WEIGHTS, set_weights(KERNEL, BIAS), GET_WEIGHTS)
    yield linear("weights", "values", *steps)
    group = "set_weights"
    bad = linear.given(flags="bad-argument")
    for detail, values in _WRONG.items():
        yield bad(group, detail, BUILD, set_weights(*values), GET_WEIGHTS)
    yield bad(group, "before-build", set_weights(array((3, 4)), array((4,))))
    forms = {
        "of-float64": ("float64", Given.ARRAY),
        "of-float16": ("float16", Given.ARRAY),
        "of-int32": ("int32", Given.ARRAY),
        "lists": ("float64", Given.LIST),
    }
    asked = linear.given(flags="input-form")
    for detail, (dtype, form) in forms.items():
        given = listed([[1, 2, 3, 4]] * 3, dtype, form)
        yield asked(group, detail, BUILD, set_weights(given, array((4,))), GET_WEIGHTS)
