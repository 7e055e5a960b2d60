"""`Layer`: the base class, and the layers that the documents and users derive from it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.inputs import listed, thirds, wave
from conformance.cases.layers.common import (
    CALL,
    CONFIG,
    GET_WEIGHTS,
    GRADIENT,
    KERAS2,
    KERAS3,
    LOSSES,
    POLICIES,
    WEIGHTS,
    Rows,
    array,
    attributes,
    build,
    constraint,
    custom,
    dense_tolerance,
    initializer,
    layer,
    output_shape,
    penalty_bound,
    regularizer,
    roundtrip,
    set_weights,
)
from conformance.model import Case, Given, Reference, Step

_KERNEL: Final = array((3, 4))
_BIAS: Final = array((4,), formula=thirds)
_SET: Final = set_weights(_KERNEL, _BIAS)
_BUILD: Final = build(None, 3)
_X: Final = thirds((2, 3))
_DENSE: Final = dense_tolerance(_X, _KERNEL, _BIAS, gradient=True)
_STATE: Final = attributes(
    "name", "trainable", "dtype", "variable_dtype", "compute_dtype", "dtype_policy", "built"
)


def rows() -> Iterator[Case]:
    """Every case about the base class."""
    yield from _plain()
    yield from _documented()
    yield from _state()
    yield from _nesting()
    yield from _adding()
    yield from _calling()
    yield from _configs()
    yield from _rejected()


def _plain() -> Iterator[Case]:
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
    yield row("build", "base", _BUILD, _STATE, arguments={"name": "l"})
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


def _documented() -> Iterator[Case]:
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
        _BUILD,
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


def _state() -> Iterator[Case]:
    """Weights: order, values, trainable."""
    row = Rows("layers.Layer")
    yield row(
        "weights",
        "trainable-first",
        WEIGHTS,
        _BUILD,
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
            _BUILD,
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
            _BUILD,
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
            _BUILD,
            WEIGHTS,
            custom=name,
            arguments=arguments,
            flags=("trainable",),
        )
    for value in (1, 0, None, "yes"):
        yield row(
            "trainable",
            f"set-{value!r}",
            _BUILD,
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
        _BUILD,
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
            _BUILD,
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
            _BUILD,
            set_weights(listed([[1, 2, 3, 4]] * 3, dtype, Given.ARRAY), array((4,))),
            GET_WEIGHTS,
            custom="Linear",
            arguments={"name": "m", "units": 4},
            flags=("input-form",),
        )
    yield row(
        "set_weights",
        "lists",
        _BUILD,
        set_weights(listed([[1, 2, 3, 4]] * 3, "float64", Given.LIST), array((4,))),
        GET_WEIGHTS,
        custom="Linear",
        arguments={"name": "m", "units": 4},
        flags=("input-form",),
    )


def _nesting() -> Iterator[Case]:
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
            inputs=(_X,),
            # Two products in a row: 3 * 2 terms of x, w and w, times the scale, of at most 2.
            tolerance=dense_tolerance(thirds((2, 6)), array((6, 4), formula=thirds), gradient=True),
            dialects=dialect,
            flags=("order",),
        )
    for detail, penalty, factor in (
        ("l2", "l2", 0.01),
        ("L1L2", regularizer("L1L2", l1=0.5, l2=0.25), 0.75),
        ("custom", custom("MyRegularizer", strength=0.5), 0.5),
        ("function", Reference("function", "l1_reg"), 0.01),
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
            tolerance=penalty_bound(8, 8.0, factor),
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
        tolerance=penalty_bound(12, 1.25, 0.5),
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
        inputs=(_X,),
        tolerance=_DENSE,
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


def _adding() -> Iterator[Case]:
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
    for detail, penalty, factor in (
        ("name", "l1", 0.01),
        ("object", regularizer("L2", l2=0.5), 0.5),
        ("custom", custom("L2Regularizer", l2=0.5), 0.5),
        ("function", Reference("function", "my_regularizer"), 0.001),
        ("not-trained", regularizer("L2", l2=0.5), 0.5),
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
            tolerance=penalty_bound(3, 2.0, factor),
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


def _calling() -> Iterator[Case]:
    """Training and mask, dtypes, forms of inputs."""
    row = Rows("layers.Layer")
    mask = listed([True, False], "bool")
    called: dict[str, dict[str, Any]] = {
        "nothing": {},
        "training": {"training": True},
        "inference": {"training": False},
        "training-none": {"training": None},
        "mask": {"mask": mask},
        "both": {"training": True, "mask": mask},
    }
    for detail, options in called.items():
        yield row(
            "call",
            detail,
            Step("call", 0, options),
            custom="Switch",
            arguments={"name": "s"},
            inputs=(wave((2, 3)),),
            flags=("call-options",),
        )
        if "mask" not in options:
            yield row(
                "call",
                f"{detail}-reaches-an-inner-layer",
                Step("call", 0, options),
                custom="Around",
                arguments={"name": "a", "inner": custom("Switch", name="s")},
                inputs=(wave((2, 3)),),
                flags=("call-options",),
            )
    yield row(
        "call",
        "training-that-call-does-not-take",
        Step("call", 0, {"training": True}),
        custom="Times",
        arguments={"name": "t"},
        inputs=(wave((2, 3)),),
        flags=("call-options",),
    )
    yield row(
        "call",
        "unknown-option",
        Step("call", 0, {"foo": 1}),
        custom="Times",
        arguments={"name": "t"},
        inputs=(wave((2, 3)),),
        flags=("call-options", "bad-argument"),
    )
    yield row(
        "call",
        "training-in-gradient",
        Step("gradient", 0, {"training": True}),
        custom="Switch",
        arguments={"name": "s"},
        inputs=(wave((2, 3)),),
        flags=("call-options",),
    )
    for policy in POLICIES:
        for dtype in ("float16", "bfloat16", "float32", "float64"):
            yield row(
                "policy",
                f"{policy}-of-{dtype}",
                CALL,
                custom="Times",
                arguments={"name": "t", "factor": 3.0, "dtype": policy},
                inputs=(wave((2, 3), dtype),),
                flags=("policy",),
            )
        x, kernel, bias = wave((2, 3)), array((3, 4)), array((4,))
        yield row(
            "policy",
            f"{policy}-weights",
            _BUILD,
            WEIGHTS,
            set_weights(kernel, bias),
            CALL,
            GRADIENT,
            custom="Linear",
            arguments={"name": "l", "units": 4, "dtype": policy},
            inputs=(x,),
            tolerance=dense_tolerance(x, kernel, bias, policy=policy, gradient=True),
            flags=("policy",),
        )
    for dtype in ("int32", "bool"):
        yield row(
            "policy",
            f"float32-keeps-{dtype}",
            CALL,
            custom="Around",
            arguments={"name": "a", "inner": custom("Switch", name="s")},
            inputs=(listed([[1, 0]], dtype),),
            flags=("policy", "integer"),
        )
    yield row(
        "policy",
        "autocast-off",
        CALL,
        custom="Times",
        arguments={"name": "t", "dtype": "float16", "autocast": False},
        inputs=(wave((2, 3), "float64"),),
        flags=("policy",),
    )
    for form in (Given.VARIABLE, Given.ARRAY, Given.LIST, Given.SCALAR):
        x = listed(0.5, "float32", form) if form is Given.SCALAR else wave((2, 3), given=form)
        yield row(
            "given",
            str(form),
            CALL,
            custom="Times",
            arguments={"name": "t"},
            inputs=(x,),
            flags=("input-form",),
        )
    yield row(
        "activity_regularizer",
        "divided-by-batch",
        CALL,
        LOSSES,
        Step("call", 1),
        LOSSES,
        custom="Times",
        arguments={"name": "t", "activity_regularizer": regularizer("L2", l2=0.5)},
        inputs=(wave((2, 3)), wave((4, 3))),
        tolerance=penalty_bound(12, 2.5, 0.5),
        flags=("losses",),
    )
    yield row(
        "activity_regularizer",
        "set-later",
        Step("set", options={"activity_regularizer": regularizer("L1", l1=0.5)}),
        CALL,
        LOSSES,
        custom="Times",
        arguments={"name": "t"},
        inputs=(wave((2, 3)),),
        tolerance=penalty_bound(6, 2.5, 0.5),
        flags=("losses",),
    )
    yield row(
        "activity_regularizer",
        "of-frozen-layer",
        CALL,
        LOSSES,
        custom="Times",
        arguments={"name": "t", "trainable": False, "activity_regularizer": "l2"},
        inputs=(wave((2, 3)),),
        tolerance=penalty_bound(6, 2.5, 0.01),
        flags=("losses",),
    )


def _configs() -> Iterator[Case]:
    """`get_config`, and what is rebuilt from it."""
    row = Rows("layers.Layer")
    layers: dict[str, tuple[str, dict[str, Any]]] = {
        "Linear": ("Linear", {"units": 4, "name": "l"}),
        "Linear-name": ("Linear", {"units": 4, "name": "l", "kernel_regularizer": "l2"}),
        "Linear-frozen": ("Linear", {"units": 4, "name": "l", "trainable": False}),
        "Linear-mixed": ("Linear", {"units": 4, "name": "l", "dtype": "mixed_float16"}),
        "Times": ("Times", {"factor": 3.0, "name": "t"}),
        "Switch": ("Switch", {"name": "s"}),
        "Mixed": ("Mixed", {"name": "m"}),
    }
    for detail, (name, arguments) in layers.items():
        yield row("config", detail, CONFIG, custom=name, arguments=arguments, flags=("config",))
        for via in ("from_config", "serialize"):
            yield row(
                "roundtrip",
                f"{detail}-{via}",
                roundtrip(via),
                CONFIG,
                custom=name,
                arguments=arguments,
                flags=("config",),
            )
    for via in ("from_config", "serialize"):
        yield row(
            "roundtrip",
            f"built-{via}",
            _BUILD,
            roundtrip(via),
            attributes("built"),
            WEIGHTS,
            custom="Linear",
            arguments={"units": 4, "name": "l"},
            flags=("config",),
        )
    yield row(
        "config",
        "nested-argument",
        CONFIG,
        custom="Around",
        arguments={"name": "a", "inner": custom("Times", name="t")},
        flags=("config",),
    )
    configs: dict[str, Any] = {
        "units": {"units": 4, "name": "l"},
        "everything": {"units": 2, "name": "l", "trainable": False, "dtype": "float16"},
        "no-units": {"name": "l"},
        "unknown-key": {"units": 4, "foo": 1},
    }
    for detail, config in configs.items():
        yield row(
            "from_config",
            detail,
            Step("from_config", options={"config": config}),
            custom="Linear",
            arguments={"units": 3, "name": "k"},
            flags=("config",),
        )
    yield row(
        "output_shape",
        "defined",
        output_shape(5, 3),
        custom="Linear",
        arguments={"units": 4, "name": "l"},
    )
    yield row(
        "output_shape",
        "not-defined",
        output_shape(5, 3),
        custom="Times",
        arguments={"name": "t"},
    )


def _rejected() -> Iterator[Case]:
    """Calls and shapes that no layer takes."""
    row = Rows("layers.Layer")
    linear = {"units": 4, "name": "l"}
    yield row(
        "rejected",
        "call-without-matching-kernel",
        _BUILD,
        CALL,
        custom="Linear",
        arguments=linear,
        inputs=(wave((2, 4)),),
        flags=("bad-input",),
    )
    yield row(
        "rejected",
        "build-for-unknown-axis",
        build(2, None),
        custom="Linear",
        arguments=linear,
        flags=("bad-input",),
    )
    yield row(
        "rejected",
        "call-of-text",
        Step("call", 0),
        custom="Linear",
        arguments=linear,
        inputs=(listed([], "float64", Given.LIST),),
        flags=("bad-input",),
    )
    yield row(
        "rejected",
        "missing-argument",
        WEIGHTS,
        custom="Linear",
        arguments={"name": "l"},
        flags=("bad-argument",),
    )
