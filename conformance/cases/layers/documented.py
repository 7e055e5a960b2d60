"""What the documents of `Layer` and of the initializers say of layers, in numbers to do by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from conformance.cases.initializers import documented
from conformance.cases.initializers.common import FIXED
from conformance.cases.initializers.common import tolerance as drawn
from conformance.cases.inputs import listed, wave
from conformance.cases.layers.base_common import BUILD, LAYER, WAVE
from conformance.cases.layers.common import array
from conformance.cases.layers.training import fit, sgd
from conformance.cases.references import (
    constraint,
    custom,
    function,
    initializer,
    instance,
    regularizer,
)
from conformance.cases.rows import EXACT, KERAS3, Rows
from conformance.cases.steps import (
    CALL,
    CONFIG,
    GET_WEIGHTS,
    LOSSES,
    WEIGHTS,
    attributes,
    build,
    set_weights,
    setting,
)
from conformance.model import Case, Kind, Step, Tolerance

_EXAMPLE: Final = "documented-example"


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
    shared = ("activity_regularizer", "trainable", "dtype", "variable_dtype", "compute_dtype")
    yield LAYER("documented", "defaults", attributes(*shared, "input_spec", "losses"))
    row = LAYER.given(dialects=KERAS3)
    yield row("documented", "autocast", attributes("autocast"))
    signed = row.given(
        arguments={"*": ("l2", False, "float16", False, "l")}, flags="documented-signature"
    )
    yield signed("documented", "positional", attributes("trainable", "dtype", "autocast", "name"))
    row = row.given(arguments={"dtype": instance("DTypePolicy", name="mixed_bfloat16")})
    step = attributes("dtype", "variable_dtype", "compute_dtype")
    yield row("documented", "policy-object", step, flags="policy")


def _example() -> Iterator[Case]:
    """`SimpleDense` and `ComputeSum`, whose weights are given."""
    row = LAYER.given(flags=_EXAMPLE)
    dense = row.given(custom="SimpleDense")
    built = build(None, 2)
    yield dense("documented", "SimpleDense-units", built)
    row = row.given(inputs=listed([[1.0, 1.0], [1.0, 1.0]]))
    # Keras 2 builds it again: the finding build-forgotten.
    dense = row.given(custom="SimpleDense", arguments={"units": 4}, dialects=KERAS3)
    steps = (built, set_weights(array((2, 4)), array((4,))), CALL)
    yield dense("documented", "SimpleDense-built", *steps)
    summed = row.given(custom="ComputeSum", arguments={"input_dim": 2}, tolerance=EXACT)
    yield summed("documented", "ComputeSum-called", CALL, WEIGHTS)


def _building() -> Iterator[Case]:
    """When a layer is built, what it takes and gives, what counts as a weight."""
    row = LAYER.given(inputs=WAVE)
    built = attributes("built")
    linear = row.given(custom="Linear", arguments={"units": 4, "name": "l"})
    steps = (built, CALL, built, set_weights(array((3, 4)), array((4,))), CALL, GET_WEIGHTS)
    yield linear("documented", "built-by-the-first-call-only", *steps)
    mixed = row.given(custom="Mixed", arguments={"name": "m"}, flags="build")
    weights = set_weights(array((2,)), array((3,)), array((1,)), array((4,)))
    yield mixed("documented", "built-by-hand", BUILD, weights, CALL, GET_WEIGHTS)
    both = row.given(custom="Both", arguments={"name": "b"}, inputs=listed([[1.0, 2.0, -3.0]]))
    call = Step("call", 0, {"other": listed([[0.5, 0.5, 2.0]])})
    yield both("documented", "two-inputs-two-outputs", call)
    inner = instance("random.SeedGenerator", seed=3, name="source")
    around = LAYER.given(custom="Around", arguments={"name": "a", "inner": inner}, dialects=KERAS3)
    yield around("documented", "seeds-are-no-weights", WEIGHTS, GET_WEIGHTS)


_SPECIFICATIONS: Final[dict[str, dict[str, Any]]] = {
    "ndim=2": {"ndim": 2},
    "ndim=3": {"ndim": 3},
    "min_ndim=2": {"min_ndim": 2},
    "min_ndim=3": {"min_ndim": 3},
    "max_ndim=2": {"max_ndim": 2},
    "max_ndim=1": {"max_ndim": 1},
    "shape=?x3": {"shape": (None, 3)},
    "shape=?x4": {"shape": (None, 4)},
}


def _specification() -> Iterator[Case]:
    """`input_spec` tells inputs that a layer takes from others."""
    row = LAYER.given(custom="Times", arguments={"name": "t"}, inputs=WAVE, flags="input-spec")
    for detail, arguments in _SPECIFICATIONS.items():
        step = setting(input_spec=instance("layers.InputSpec", **arguments))
        yield row("input_spec", detail, step, CALL)
    wide = row.given(arguments={"dtype": "float64"}, inputs=wave((2, 3), "float64"))
    for dtype in ("float64", "float32"):
        step = setting(input_spec=instance("layers.InputSpec", dtype=dtype))
        yield wide("input_spec", f"dtype={dtype}", step, CALL)


def _adding() -> Iterator[Case]:
    """Defaults, order and meaning of the arguments of `add_weight`."""

    def added(detail: str, *steps: Step, weight: dict[str, Any], **rest: Any) -> Case:
        arguments = {"name": "l", "weight": weight, **rest.pop("arguments", {})}
        rest.setdefault("custom", "Weighted")
        return LAYER("add_weight-documented", detail, *steps, arguments=arguments, **rest)

    yield added("defaults", WEIGHTS, weight={"name": "w"})
    positional = {"*": ((3,), "ones", "float16", False), "name": "w"}
    signed: dict[str, Any] = {"dialects": KERAS3, "flags": "documented-signature"}
    yield added("positional", WEIGHTS, GET_WEIGHTS, weight=positional, **signed)
    # (6 / (60 + 40)) ** 0.5, the limit of Glorot's uniform distribution for this shape.
    reach: dict[str, Any] = {"custom": "Reach", "arguments": {"limit": 0.244949}}
    for dtype in ("float32", "float64"):
        weight: dict[str, Any] = {"name": "w", "shape": (60, 40), "dtype": dtype}
        detail = f"default-initializer-{dtype}"
        yield added(detail, CALL, weight=weight, inputs=listed([1.0, 2.0]), **reach)
    ones: dict[str, Any] = {"name": "w", "shape": (3,), "initializer": "ones"}
    mixed: dict[str, Any] = {"arguments": {"dtype": "mixed_float16"}}
    yield added("dtype-of-the-layer", WEIGHTS, weight=ones, **mixed)
    mixed |= {"custom": "Alone", "inputs": WAVE, "flags": "policy"}
    for autocast in (True, False):
        weight = {**ones, "autocast": autocast}
        yield added(f"autocast={autocast}", CALL, weight=weight, dialects=KERAS3, **mixed)
    yield added("autocast-default", CALL, weight=ones, **mixed)
    weight = {"name": "w", "shape": (3,)}
    alone: dict[str, Any] = {"custom": "Alone", "dialects": KERAS3}
    looked = attributes("aggregation")
    yield added("aggregation-default", looked, weight=weight, **alone)
    for way in ("mean", "sum", "only_first_replica"):
        yield added(f"aggregation={way}", looked, weight={**weight, "aggregation": way}, **alone)


_L2: Final = regularizer("L2", l2=0.25)
# By detail: the learning rate, arguments of the weight, arguments of the layer.
_TRAINED: Final[dict[str, tuple[float, dict[str, Any], dict[str, Any]]]] = {
    "trained": (0.5, {}, {}),
    "not-trained": (0.5, {"trainable": False}, {}),
    "frozen-layer": (0.5, {}, {"trainable": False}),
    "penalty": (0.5, {"regularizer": _L2}, {}),
    "projection": (2.0, {"constraint": constraint("NonNeg")}, {}),
    "projection-by-name": (2.0, {"constraint": "non_neg"}, {}),
    "no-projection": (2.0, {}, {}),
    "activity-penalty": (0.5, {}, {"activity_regularizer": _L2}),
}


def _training() -> Iterator[Case]:
    """One update of `[1, 1] * w`, w of ones, towards [0, 0].

    The loss, a mean of squares, is 1 and its gradient [1, 1]; every number below is exact.
    """
    common: dict[str, Any] = {
        "inputs": (listed([[1.0, 1.0]]), listed([[0.0, 0.0]])),
        "flags": "training",
        "tolerance": EXACT,
    }
    ones = {"name": "w", "shape": (2,), "initializer": "ones"}
    for detail, (rate, options, rest) in _TRAINED.items():
        arguments = {"name": "l", "weight": {**ones, **options}, **rest}
        row = LAYER.given(custom="Weighted", arguments=arguments, **common)
        yield row("fit-documented", detail, fit(sgd(learning_rate=rate), epochs=1, batch_size=1))
    layers = [custom("Weighted", name="l", weight=ones), custom("MyLayer", name="m")]
    model = Rows("models.Sequential", arguments={"name": "s", "layers": layers}, **common)
    step = fit(sgd(learning_rate=0.25), epochs=1, batch_size=1)
    yield model("fit-documented", "add_loss", step)


def _penalties() -> Iterator[Case]:
    """`losses` of layers that were not called, and of layers in layers."""
    linear = {"units": 2, "name": "l", "kernel_regularizer": regularizer("L1", l1=0.25)}
    group = "losses-documented"
    row = LAYER.given(flags="losses")
    active = {**linear, "activity_regularizer": regularizer("L1", l1=0.5)}
    asked = row.given(custom="Linear", arguments=active)
    yield asked(group, "before-the-call", BUILD, LOSSES)
    given = listed([[1.0, 1.0, 2.0]])
    yield asked(group, "after-the-call", CALL, LOSSES, inputs=given)
    around = row.given(custom="Around", inputs=given)
    arguments = {"name": "a", "inner": custom("Linear", **linear)}
    yield around(group, "of-an-inner-layer", CALL, LOSSES, arguments=arguments)


def _initializers() -> Iterator[Case]:
    """`Dense` with each initializer of the document, as objects and by their names."""
    row = Rows("layers.Dense", flags=_EXAMPLE)
    rows, columns = documented.KERNEL
    for name, arguments in documented.EXAMPLES.items():
        found = drawn(name, {} if name in FIXED else arguments, documented.KERNEL)
        within = replace(found, law=None)
        if within.kind is not Kind.EXACT:
            within = Tolerance(Kind.EACH, why=found.why, tensors={"weights:0": within})
        asked = row.given(
            arguments={"*": (columns,), "kernel_initializer": initializer(name, **arguments)},
            tolerance=within,  # of the kernel alone: the bias is no draw
            flags=(_EXAMPLE, "initializer"),
        )
        yield asked("documented", f"kernel-{name}", build(None, rows), GET_WEIGHTS)
    for detail, kernel, bias in (
        ("objects", initializer("RandomNormal", stddev=0.01), initializer("Zeros")),
        ("names", "random_normal", "zeros"),
    ):
        given = {"kernel_initializer": kernel, "bias_initializer": bias}
        asked = row.given(arguments={"units": 64, "name": "d", **given})
        yield asked("documented", f"initializers-{detail}", CONFIG, build(None, 2))
    customs = {
        "function": function("my_init"),
        "class": custom("ExampleRandomNormal", mean=0.0, stddev=1.0),
    }
    asked = row.given(arguments={"*": (64,)})
    argument = "kernel_initializer"
    step = build(None, 2)
    yield from asked.table("documented", customs, step, argument=argument, prefix="custom-")
