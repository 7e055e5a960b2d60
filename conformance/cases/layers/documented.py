"""What the documents of `Layer` and of the initializers say of layers, in numbers to do by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from conformance.cases.initializers import documented
from conformance.cases.initializers.common import FIXED
from conformance.cases.initializers.common import tolerance as drawn
from conformance.cases.inputs import listed, wave
from conformance.cases.layers.common import (
    CALL,
    CONFIG,
    GET_WEIGHTS,
    KERAS3,
    LOSSES,
    WEIGHTS,
    Rows,
    array,
    attributes,
    build,
    constraint,
    custom,
    initializer,
    regularizer,
    set_weights,
)
from conformance.cases.layers.training import fit, sgd
from conformance.model import COMPUTED, Case, Reference, Step

_EXAMPLE = ("documented-example",)


def rows() -> Iterator[Case]:
    """Every case of these documents that the others do not have."""
    yield from _constructor()
    yield from _example()
    yield from _building()
    yield from _specification()
    yield from _adding()
    yield from _training()
    yield from _penalties()
    yield from _initializers()


def _constructor() -> Iterator[Case]:
    """Defaults and order of the arguments of `Layer`; a policy object."""
    row = Rows("layers.Layer")
    shared = ("activity_regularizer", "trainable", "dtype", "variable_dtype", "compute_dtype")
    yield row("documented", "defaults", attributes(*shared, "input_spec", "losses"))
    yield row("documented", "autocast", attributes("autocast"), dialects=KERAS3)
    yield row(
        "documented",
        "positional",
        attributes("trainable", "dtype", "autocast", "name"),
        arguments={"*": ("l2", False, "float16", False, "l")},
        dialects=KERAS3,
        flags=("documented-signature",),
    )
    policy = Reference("instance", "DTypePolicy", {"name": "mixed_bfloat16"})
    yield row(
        "documented",
        "policy-object",
        attributes("dtype", "variable_dtype", "compute_dtype"),
        arguments={"dtype": policy},
        dialects=KERAS3,
        flags=("policy",),
    )


def _example() -> Iterator[Case]:
    """`SimpleDense` and `ComputeSum`, whose weights are given."""
    row = Rows("layers.Layer")
    ones = listed([[1.0, 1.0], [1.0, 1.0]])
    yield row(
        "documented",
        "SimpleDense-units",
        build(None, 2),
        custom="SimpleDense",
        flags=_EXAMPLE,
    )
    kernel, bias = array((2, 4)), array((4,))
    yield row(
        "documented",
        "SimpleDense-built",
        build(None, 2),
        set_weights(kernel, bias),
        CALL,
        custom="SimpleDense",
        arguments={"units": 4},
        inputs=(ones,),
        tolerance=COMPUTED,
        dialects=KERAS3,  # Keras 2 builds it again: the finding build-forgotten
        flags=_EXAMPLE,
    )
    yield row(
        "documented",
        "ComputeSum-called",
        CALL,
        WEIGHTS,
        custom="ComputeSum",
        arguments={"input_dim": 2},
        inputs=(ones,),
        flags=_EXAMPLE,
    )


def _building() -> Iterator[Case]:
    """When a layer is built, what it takes and gives, what counts as a weight."""
    row = Rows("layers.Layer")
    x = wave((2, 3))
    yield row(
        "documented",
        "built-by-the-first-call-only",
        attributes("built"),
        CALL,
        attributes("built"),
        set_weights(array((3, 4)), array((4,))),
        CALL,
        GET_WEIGHTS,
        custom="Linear",
        arguments={"units": 4, "name": "l"},
        inputs=(x,),
        tolerance=COMPUTED,
    )
    yield row(
        "documented",
        "built-by-hand",
        build(None, 3),
        set_weights(array((2,)), array((3,)), array((1,)), array((4,))),
        CALL,
        GET_WEIGHTS,
        custom="Mixed",
        arguments={"name": "m"},
        inputs=(x,),
        flags=("build",),
    )
    yield row(
        "documented",
        "two-inputs-two-outputs",
        Step("call", 0, {"other": listed([[0.5, 0.5, 2.0]])}),
        custom="Both",
        arguments={"name": "b"},
        inputs=(listed([[1.0, 2.0, -3.0]]),),
    )
    yield row(
        "documented",
        "seeds-are-no-weights",
        WEIGHTS,
        GET_WEIGHTS,
        custom="Around",
        arguments={
            "name": "a",
            "inner": Reference("instance", "random.SeedGenerator", {"seed": 3, "name": "source"}),
        },
        dialects=KERAS3,
    )


def _specification() -> Iterator[Case]:
    """`input_spec` tells inputs that a layer takes from others."""
    row = Rows("layers.Layer")
    x = wave((2, 3))
    specifications: dict[str, dict[str, Any]] = {
        "ndim=2": {"ndim": 2},
        "ndim=3": {"ndim": 3},
        "min_ndim=2": {"min_ndim": 2},
        "min_ndim=3": {"min_ndim": 3},
        "max_ndim=2": {"max_ndim": 2},
        "max_ndim=1": {"max_ndim": 1},
        "shape=?x3": {"shape": (None, 3)},
        "shape=?x4": {"shape": (None, 4)},
    }
    for detail, arguments in specifications.items():
        given = Reference("instance", "layers.InputSpec", arguments)
        yield row(
            "input_spec",
            detail,
            Step("set", options={"input_spec": given}),
            CALL,
            custom="Times",
            arguments={"name": "t"},
            inputs=(x,),
            flags=("input-spec",),
        )


def _adding() -> Iterator[Case]:
    """Defaults, order and meaning of the arguments of `add_weight`."""
    row = Rows("layers.Layer")

    def added(detail: str, *steps: Step, weight: dict[str, Any], **rest: Any) -> Case:
        arguments = {"name": "l", "weight": weight, **rest.pop("arguments", {})}
        rest.setdefault("custom", "Weighted")
        return row("add_weight-documented", detail, *steps, arguments=arguments, **rest)

    yield added("defaults", WEIGHTS, weight={"name": "w"})
    yield added(
        "positional",
        WEIGHTS,
        GET_WEIGHTS,
        weight={"*": ((3,), "ones", "float16", False), "name": "w"},
        dialects=KERAS3,
        flags=("documented-signature",),
    )
    # (6 / (60 + 40)) ** 0.5, the limit of Glorot's uniform distribution for this shape.
    for dtype in ("float32", "float64"):
        yield added(
            f"default-initializer-{dtype}",
            CALL,
            weight={"name": "w", "shape": (60, 40), "dtype": dtype},
            custom="Reach",
            arguments={"limit": 0.244949},
            inputs=(listed([1.0, 2.0]),),
        )
    yield added(
        "dtype-of-the-layer",
        WEIGHTS,
        weight={"name": "w", "shape": (3,), "initializer": "ones"},
        arguments={"dtype": "mixed_float16"},
    )
    for autocast in (True, False):
        yield added(
            f"autocast={autocast}",
            CALL,
            weight={"name": "w", "shape": (3,), "initializer": "ones", "autocast": autocast},
            custom="Alone",
            arguments={"dtype": "mixed_float16"},
            inputs=(wave((2, 3)),),
            dialects=KERAS3,
            flags=("policy",),
        )
    yield added(
        "autocast-default",
        CALL,
        weight={"name": "w", "shape": (3,), "initializer": "ones"},
        custom="Alone",
        arguments={"dtype": "mixed_float16"},
        inputs=(wave((2, 3)),),
        flags=("policy",),
    )
    yield added(
        "aggregation-default",
        attributes("aggregation"),
        weight={"name": "w", "shape": (3,)},
        custom="Alone",
        dialects=KERAS3,
    )
    for way in ("mean", "sum", "only_first_replica"):
        yield added(
            f"aggregation={way}",
            attributes("aggregation"),
            weight={"name": "w", "shape": (3,), "aggregation": way},
            custom="Alone",
            dialects=KERAS3,
        )


def _training() -> Iterator[Case]:
    """One update of `[1, 1] * w`, w of ones, towards [0, 0].

    The loss, a mean of squares, is 1 and its gradient [1, 1]; every number below is exact.
    """
    row = Rows("layers.Layer")
    pair = (listed([[1.0, 1.0]]), listed([[0.0, 0.0]]))
    l2 = regularizer("L2", l2=0.25)
    weights: dict[str, tuple[float, dict[str, Any], dict[str, Any]]] = {
        "trained": (0.5, {}, {}),
        "not-trained": (0.5, {"trainable": False}, {}),
        "frozen-layer": (0.5, {}, {"trainable": False}),
        "penalty": (0.5, {"regularizer": l2}, {}),
        "projection": (2.0, {"constraint": constraint("NonNeg")}, {}),
        "projection-by-name": (2.0, {"constraint": "non_neg"}, {}),
        "no-projection": (2.0, {}, {}),
        "activity-penalty": (0.5, {}, {"activity_regularizer": l2}),
    }
    for detail, (rate, options, rest) in weights.items():
        weight = {"name": "w", "shape": (2,), "initializer": "ones", **options}
        yield row(
            "fit-documented",
            detail,
            fit(sgd(learning_rate=rate), epochs=1, batch_size=1),
            custom="Weighted",
            arguments={"name": "l", "weight": weight, **rest},
            inputs=pair,
            flags=("training",),
        )
    ones = {"name": "w", "shape": (2,), "initializer": "ones"}
    yield Rows("models.Sequential")(
        "fit-documented",
        "add_loss",
        fit(sgd(learning_rate=0.25), epochs=1, batch_size=1),
        arguments={
            "name": "s",
            "layers": [custom("Weighted", name="l", weight=ones), custom("MyLayer", name="m")],
        },
        inputs=pair,
        flags=("training",),
    )


def _penalties() -> Iterator[Case]:
    """`losses` of layers that were not called, and of layers in layers."""
    row = Rows("layers.Layer")
    l1 = regularizer("L1", l1=0.25)
    linear = {"units": 2, "name": "l", "kernel_regularizer": l1}
    yield row(
        "losses-documented",
        "before-the-call",
        build(None, 3),
        LOSSES,
        custom="Linear",
        arguments={**linear, "activity_regularizer": regularizer("L1", l1=0.5)},
        flags=("losses",),
    )
    yield row(
        "losses-documented",
        "after-the-call",
        CALL,
        LOSSES,
        custom="Linear",
        arguments={**linear, "activity_regularizer": regularizer("L1", l1=0.5)},
        inputs=(listed([[1.0, 1.0, 2.0]]),),
        flags=("losses",),
    )
    yield row(
        "losses-documented",
        "of-an-inner-layer",
        CALL,
        LOSSES,
        custom="Around",
        arguments={"name": "a", "inner": custom("Linear", **linear)},
        inputs=(listed([[1.0, 1.0, 2.0]]),),
        flags=("losses",),
    )


def _initializers() -> Iterator[Case]:
    """`Dense` with each initializer of the document, as objects and by their names."""
    row = Rows("layers.Dense")
    for name, arguments in documented.EXAMPLES.items():
        found = drawn(name, {} if name in FIXED else arguments, documented.KERNEL)
        yield row(
            "documented",
            f"kernel-{name}",
            build(None, documented.KERNEL[0]),
            GET_WEIGHTS,
            arguments={
                "*": (documented.KERNEL[1],),
                "kernel_initializer": initializer(name, **arguments),
            },
            tolerance=replace(found, law=None),  # the bias is no draw
            flags=(*_EXAMPLE, "initializer-seed"),
        )
    for detail, kernel, bias in (
        ("objects", initializer("RandomNormal", stddev=0.01), initializer("Zeros")),
        ("names", "random_normal", "zeros"),
    ):
        yield row(
            "documented",
            f"initializers-{detail}",
            CONFIG,
            build(None, 2),
            arguments={
                "units": 64,
                "name": "d",
                "kernel_initializer": kernel,
                "bias_initializer": bias,
            },
            flags=_EXAMPLE,
        )
    for detail, given in (
        ("function", Reference("function", "my_init")),
        ("class", custom("ExampleRandomNormal", mean=0.0, stddev=1.0)),
    ):
        yield row(
            "documented",
            f"custom-{detail}",
            build(None, 2),
            arguments={"*": (64,), "kernel_initializer": given},
            flags=_EXAMPLE,
        )
