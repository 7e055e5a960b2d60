"""`Layer`: its arguments and attributes, and the layers of the document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.inputs import listed, wave
from conformance.cases.layers.base_common import BIAS, BUILD, KERNEL
from conformance.cases.layers.common import (
    CALL,
    CONFIG,
    GET_WEIGHTS,
    KERAS2,
    KERAS3,
    LOSSES,
    POLICIES,
    WEIGHTS,
    Rows,
    array,
    attributes,
    output_shape,
    set_weights,
)
from conformance.model import Case, Given, Reference, Step

_SET: Final = set_weights(KERNEL, BIAS)


_STATE: Final = attributes(
    "name", "trainable", "dtype", "variable_dtype", "compute_dtype", "dtype_policy", "built"
)


def plain() -> Iterator[Case]:
    """The base class itself."""
    row = Rows("layers.Layer")
    accepted: dict[str, dict[str, Any]] = {
        "name": {"name": "l"},
        "frozen": {"name": "l", "trainable": False},
        "activity_regularizer": {"name": "l", "activity_regularizer": "l2"},
        "autocast": {"name": "l", "autocast": False},
        **{f"dtype={policy}": {"name": "l", "dtype": policy} for policy in POLICIES},
        "dtype=int32": {"name": "l", "dtype": "int32"},
        "dtype=bool": {"name": "l", "dtype": "bool"},
    }
    for detail, arguments in accepted.items():
        yield row("arguments", detail, CONFIG, _STATE, arguments=arguments, flags=("config",))
    yield row(
        "arguments",
        "policy",
        CONFIG,
        _STATE,
        arguments={
            "name": "l",
            "dtype": Reference("instance", "DTypePolicy", {"name": "mixed_bfloat16"}),
        },
        dialects=KERAS3,
        flags=("config", "policy"),
    )
    yield row(
        "arguments",
        "policy-keras2",
        CONFIG,
        _STATE,
        arguments={
            "name": "l",
            "dtype": Reference("instance", "mixed_precision.Policy", {"name": "mixed_bfloat16"}),
        },
        dialects=KERAS2,
        flags=("config", "policy"),
    )
    yield row("call", "base", CALL, arguments={"name": "l"}, inputs=(wave((2, 3)),))
    yield row("weights", "none", WEIGHTS, GET_WEIGHTS, LOSSES, arguments={"name": "l"})
    yield row("build", "base", BUILD, _STATE, arguments={"name": "l"})
    yield row("output_shape", "base", output_shape(2, 3), arguments={"name": "l"})
    refused: dict[str, dict[str, Any]] = {
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
    for detail, arguments in refused.items():
        yield row(
            "rejected",
            detail,
            attributes("trainable"),
            arguments=arguments,
            flags=("bad-argument",),
        )


def documented() -> Iterator[Case]:
    """The layers of the document, as it calls them."""
    row = Rows("layers.Layer")
    ones = listed([[1.0, 1.0], [1.0, 1.0]])
    yield row(
        "documented",
        "SimpleDense",
        CALL,
        WEIGHTS,
        set_weights(array((2, 4)), array((4,))),
        Step("call", 1),
        custom="SimpleDense",
        # Nothing enters the random kernel: the first sums are the zeros of the bias.
        arguments={"units": 4},
        inputs=(listed([[0.0, 0.0], [0.0, 0.0]]), ones),
        flags=("documented-example",),
    )
    yield row(
        "build",
        "without-super",
        attributes("built"),
        BUILD,
        attributes("built"),
        CALL,
        WEIGHTS,
        attributes("built"),
        custom="Mixed",
        arguments={"name": "m"},
        inputs=(wave((2, 3)),),
        flags=("build",),
    )
    yield row(
        "documented",
        "ComputeSum",
        WEIGHTS,
        CALL,
        CALL,
        Step("call", 1),
        GET_WEIGHTS,
        custom="ComputeSum",
        arguments={"input_dim": 2},
        inputs=(ones, listed([[0.5, -3.0], [0.25, 4.0]])),
        flags=("documented-example",),
    )
    yield row(
        "documented",
        "MyLayer",
        LOSSES,
        CALL,
        LOSSES,
        Step("call", 1),
        LOSSES,
        custom="MyLayer",
        arguments={"name": "m"},
        inputs=(ones, listed([[0.5, -3.0], [0.25, 4.0]])),
        flags=("documented-example",),
    )


def state() -> Iterator[Case]:
    """Weights: order, values, trainable."""
    row = Rows("layers.Layer")
    yield row(
        "weights",
        "trainable-first",
        WEIGHTS,
        BUILD,
        WEIGHTS,
        custom="Mixed",
        arguments={"name": "m"},
        flags=("order",),
    )
    frozen = Step("set", options={"trainable": False})
    thawed = Step("set", options={"trainable": True})
    for name, arguments in (
        ("Mixed", {"name": "m"}),
        ("Linear", {"name": "m", "units": 4}),
        ("Block", {"name": "m", "units": 4}),
    ):
        yield row(
            "trainable",
            f"{name}-frozen",
            BUILD,
            WEIGHTS,
            frozen,
            WEIGHTS,
            attributes("trainable"),
            thawed,
            WEIGHTS,
            custom=name,
            arguments=arguments,
            flags=("trainable",),
        )
        yield row(
            "trainable",
            f"{name}-frozen-from-the-start",
            BUILD,
            WEIGHTS,
            thawed,
            WEIGHTS,
            custom=name,
            arguments={**arguments, "trainable": False},
            flags=("trainable",),
        )
        yield row(
            "trainable",
            f"{name}-frozen-before-build",
            frozen,
            BUILD,
            WEIGHTS,
            custom=name,
            arguments=arguments,
            flags=("trainable",),
        )
    for value in (1, 0, None, "yes"):
        yield row(
            "trainable",
            f"set-{value!r}",
            BUILD,
            Step("set", options={"trainable": value}),
            attributes("trainable"),
            WEIGHTS,
            custom="Linear",
            arguments={"name": "m", "units": 4},
            flags=("trainable", "unusual-argument"),
        )
    yield row(
        "weights",
        "values",
        BUILD,
        GET_WEIGHTS,
        _SET,
        GET_WEIGHTS,
        custom="Linear",
        arguments={"name": "m", "units": 4},
    )
    values: dict[str, tuple[Any, ...]] = {
        "too-few": (array((3, 4)),),
        "too-many": (array((3, 4)), array((4,)), array((4,))),
        "none": (),
        "shape": (array((4, 3)), array((4,))),
        "order": (array((4,)), array((3, 4))),
        "rank": (array((3, 4)), array((1, 4))),
    }
    for detail, given in values.items():
        yield row(
            "set_weights",
            detail,
            BUILD,
            set_weights(*given),
            GET_WEIGHTS,
            custom="Linear",
            arguments={"name": "m", "units": 4},
            flags=("bad-argument",),
        )
    yield row(
        "set_weights",
        "before-build",
        set_weights(array((3, 4)), array((4,))),
        custom="Linear",
        arguments={"name": "m", "units": 4},
        flags=("bad-argument",),
    )
    for dtype in ("float64", "float16", "int32"):
        yield row(
            "set_weights",
            f"of-{dtype}",
            BUILD,
            set_weights(listed([[1, 2, 3, 4]] * 3, dtype, Given.ARRAY), array((4,))),
            GET_WEIGHTS,
            custom="Linear",
            arguments={"name": "m", "units": 4},
            flags=("input-form",),
        )
    yield row(
        "set_weights",
        "lists",
        BUILD,
        set_weights(listed([[1, 2, 3, 4]] * 3, "float64", Given.LIST), array((4,))),
        GET_WEIGHTS,
        custom="Linear",
        arguments={"name": "m", "units": 4},
        flags=("input-form",),
    )
