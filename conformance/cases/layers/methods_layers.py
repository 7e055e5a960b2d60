"""Layers that get parts, weights and losses late; weights as variables; masks in metrics; training of datasets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from conformance.cases.inputs import listed, thirds, wave
from conformance.cases.layers.base_common import BUILD, LAYER, WAVE
from conformance.cases.layers.models import TARGET
from conformance.cases.references import class_of, custom, function, instance, layer, shared
from conformance.cases.rows import KERAS2, KERAS3, Rows
from conformance.cases.steps import (
    CALL,
    CONFIG,
    GET_WEIGHTS,
    LOSSES,
    WEIGHTS,
    attributes,
    build,
    compiled,
    copied,
    evaluated,
    globally,
    method,
    output_shape,
    put,
    set_weights,
    symbolic,
    trained,
)
from conformance.model import Case, Given, Step

_MODEL: Final = Rows(TARGET, arguments={"name": "s"})
_ONES: Final = {"kernel_initializer": "ones"}
_SGD: Final = instance("optimizers.SGD", learning_rate=0.125)


def rows() -> Iterator[Case]:
    """Every case about them."""
    yield from _layers()
    yield from _variables()
    yield from _policies()
    yield from _losses_alone()
    yield from _datasets()
    yield from _updates()


def _dense(units: int, name: str, **arguments: Any) -> Any:
    return layer("Dense", units=units, name=name, **_ONES, **arguments)


def _layers() -> Iterator[Case]:
    """A layer is given parts, weights and losses late; masks that it does not take; keywords of the first layer."""
    around = {"name": "o", "inner": _dense(2, "a")}
    row = LAYER.given(custom="Around", arguments=around, inputs=WAVE, flags="sequence")
    other = put("inner", _dense(4, "b"))
    yield row("parts", "replaced-before-build", other, CALL, WEIGHTS)
    yield row("parts", "replaced-after-build", CALL, other, CALL, WEIGHTS)
    added = put("more", _dense(4, "b"))
    yield row("parts", "added-before-build", added, CALL, WEIGHTS)
    yield row("parts", "added-after-build", CALL, added, WEIGHTS)
    linear = LAYER.given(custom="Linear", arguments={"units": 2, "name": "l"}, inputs=WAVE)
    weight = method("add_weight", shape=(2,), initializer="ones", name="w")
    yield linear("add_weight", "before-build", weight, BUILD, WEIGHTS, flags="weights")
    yield linear("add_weight", "after-build", BUILD, weight, WEIGHTS, flags="weights")
    losses = {
        "number": 0.5,
        "tensor": listed([0.25], "float32"),
        "none": None,
        "word": "much",
        "list": [],
    }
    for detail, loss in losses.items():
        step = method("add_loss", **{"*": (loss,)})
        yield linear("losses", f"outside-of-a-call-{detail}", step, CALL, flags="losses")
    x, mask = wave((1, 3, 2)), listed([[True, False, True]], "bool")
    for name in ("Conv1D", "Dense"):
        size = {"filters": 2, "kernel_size": 1} if name == "Conv1D" else {"units": 2}
        asked = Rows(f"layers.{name}", arguments={"name": "l", **size}, flags="mask")
        yield asked("mask", "compute_mask", method("compute_mask", **{"*": (x, mask)}))
        yield asked("mask", "compute_mask-none", method("compute_mask", **{"*": (x, None)}))
    nothing = method("__call__")
    yield linear("call", "without-inputs", nothing, flags="bad-input")
    yield linear("call", "inputs-by-name", method("__call__", inputs=WAVE), dialects=KERAS3)
    config = _MODEL.given(flags="config", dialects=KERAS2)
    firsts: dict[str, dict[str, Any]] = {
        "dynamic": {"dynamic": True},
        "input_shape": {"input_shape": (3,)},
        "input_dim": {"input_dim": 3},
        "batch": {"input_shape": (3,), "batch_size": 2},
        "batch_input_shape": {"batch_input_shape": (2, 3)},
    }
    dynamic = LAYER.given(flags="config", dialects=KERAS2)
    yield dynamic("config", "dynamic", CONFIG, arguments={"name": "l", "dynamic": True})
    yield dynamic("attributes", "dynamic", attributes("dynamic"), arguments={"name": "l"})
    for detail, arguments in firsts.items():
        layers = [_dense(2, "a", **arguments)]
        yield config("config", f"first-layer-{detail}", CONFIG, arguments={"layers": layers})
    dense = Rows(
        "layers.Dense", KERAS2, arguments={"units": 2, "name": "d"}, inputs=WAVE, flags="weights"
    )
    values = [wave((3, 2), given=Given.ARRAY), thirds((2,), given=Given.ARRAY)]
    yield dense("weights", "constructed", CALL, GET_WEIGHTS, CALL, arguments={"weights": values})
    for dtype in ("complex64", "int32", "bool"):
        asked_for = {"shape": (2,), "name": "w", "dtype": dtype}
        # Keras 3 draws complex numbers.
        dialects = KERAS2 if dtype == "complex64" else (*KERAS2, *KERAS3)
        made = LAYER.given(custom="Weighted", arguments={"weight": asked_for, "name": "l"})
        made = made.given(dialects=dialects, flags="weights")
        yield made("add_weight", f"no-initializer-{dtype}", WEIGHTS, GET_WEIGHTS)
    described = attributes(
        "path",
        "variables",
        "trainable_variables",
        "non_trainable_variables",
        "non_trainable_weights",
    )
    mixed = LAYER.given(custom="Mixed", arguments={"name": "m"}, dialects=KERAS3)
    yield mixed("weights", "variables", BUILD, described, flags="weights")
    outer = {"name": "o", "inner": _dense(2, "a")}
    nested = LAYER.given(custom="Around", arguments=outer, inputs=WAVE, flags="weights")
    states = attributes("variables", "trainable_variables")
    yield nested("weights", "variables-of-a-part", CALL, states)
    generator = put("generator", instance("random.SeedGenerator", seed=3))
    drawn = LAYER.given(custom="Mixed", arguments={"name": "m"}, dialects=KERAS3, flags="generator")
    seen = attributes("variables", "non_trainable_variables")
    yield drawn("weights", "variables-of-a-generator", generator, BUILD, seen, WEIGHTS)


def _variables() -> Iterator[Case]:
    """A weight of a layer with a mixed policy: read outside of a call, in part, copied."""
    arguments = {"units": 2, "name": "d", "dtype": "mixed_bfloat16"}
    row = Rows("layers.Dense", arguments=arguments, inputs=WAVE, flags="policy")
    prepared = (
        BUILD,
        set_weights(wave((3, 2), given=Given.ARRAY), thirds((2,), given=Given.ARRAY)),
    )
    part, whole = method("kernel.__getitem__", **{"*": (1,)}), method("kernel.__array__")
    wide = method("kernel.__array__", **{"*": ("float64",)})
    yield row("variable", "read-as-float64", *prepared, wide)
    yield row("variable", "read", *prepared, attributes("kernel.dtype"), part, whole)
    for via in ("deepcopy", "pickle"):
        # A deep copy of Keras 2 computes in float32, and it makes no other.
        copy = row.given(flags=("policy", "copy"), dialects=KERAS3)
        yield copy("variable", via, *prepared, copied(via), CALL, GET_WEIGHTS)


def _policies() -> Iterator[Case]:
    """Policies: alike or not, as text; which dtypes none can be of; inputs of integers' layers."""
    kinds: Mapping[str, tuple[str, Any]] = {
        "keras3": ("DTypePolicy", KERAS3),
        "keras2": ("mixed_precision.Policy", KERAS2),
    }
    for dialect, (kind, dialects) in kinds.items():
        row = LAYER.given(flags="policy", dialects=dialects)
        mixed, plain = instance(kind, name="mixed_float16"), instance(kind, name="float32")
        texts = (method("__repr__", mixed), method("__repr__", plain), method("get_config", mixed))
        yield row("policy", f"text-{dialect}", *texts)
        if dialects == KERAS3:
            same, other = (method("__eq__", plain, **{"*": (each,)}) for each in (plain, mixed))
            yield row(
                "policy", "alike", same, other, method("__eq__", plain, **{"*": ("float32",)})
            )
    integers = LAYER.given(flags=("policy", "setting"), dialects=KERAS2)
    for dtype in ("int32", "bool"):
        yield integers(
            "policy", f"global-{dtype}", globally(dtype_policy=dtype), attributes("dtype")
        )
    times = LAYER.given(custom="Times", arguments={"name": "t", "dtype": "int32"}, inputs=WAVE)
    yield times("policy", "int32-of-floats", CALL, flags="policy")
    asked = LAYER.given(flags="symbolic", inputs=WAVE)
    for name in ("Times", "Switch", "Linear"):
        arguments = {"name": "l", **({"units": 4} if name == "Linear" else {})}
        made = asked.given(custom=name, arguments=arguments)
        yield made("symbolic", name, symbolic(None, 3), CALL)
    inner = {"name": "o", "inner": _dense(2, "a")}
    yield asked("symbolic", "Around", symbolic(None, 3), CALL, custom="Around", arguments=inner)
    switch = LAYER.given(custom="Switch", arguments={"name": "w"}, flags="call-options")
    for training in (True, False):
        yield switch(
            "call", f"training-by-place-{training}", method("__call__", **{"*": (WAVE, training)})
        )
    named = LAYER.given(custom="Linear", arguments={"units": 2, "name": "l"}, inputs=WAVE)
    looked = method("get_build_config")
    yield named("build", "shape-by-name", method("build", input_shape=(None, 3)), looked, CALL)
    yield named("build", "shape-by-place", BUILD, looked)
    listed_spec = put("layers.0.input_spec", [instance("layers.InputSpec", ndim=2)])
    row = _MODEL.given(arguments={"layers": [_dense(2, "a")]}, flags="input-spec")
    yield row("output_shape", "list-of-specifications", BUILD, listed_spec, output_shape(2, 3))


def _losses_alone() -> Iterator[Case]:
    """Masks in metrics; no loss but what layers add; callables."""
    x = listed([[[1.0], [0.0], [2.0]], [[0.0], [0.0], [3.0]]])
    y = listed([[[5.0], [5.0], [4.0]], [[1.0], [2.0], [2.5]]])
    dense = layer("Dense", units=1, use_bias=False, name="d", **_ONES)
    row = _MODEL.given(arguments={"layers": [custom("MaskZeros", name="m"), dense]})
    row = row.given(inputs=(x, y), flags=("mask", "training"))
    steps = (compiled(_SGD, "mse", ["mae", "mse"]), evaluated(1), trained(1, 2), evaluated(2))
    yield row("mask", "metrics", *steps)
    sums = compiled(_SGD, instance("losses.MeanSquaredError", reduction="sum"))
    yield row("mask", "sum", sums, evaluated(1), trained(1, 2))
    for detail, loss in {"mean_absolute_error": "mae", "function": function("gap")}.items():
        yield row("mask", f"loss-{detail}", compiled(_SGD, loss), evaluated(1), trained(1, 2))
    nothing = row.given(inputs=(listed([[[0.0], [0.0]]]), listed([[[5.0], [2.0]]])))
    yield nothing(
        "mask", "loss-function-nothing-kept", compiled(_SGD, function("gap")), evaluated(1)
    )
    adding = _MODEL.given(arguments={"layers": [_dense(2, "a"), custom("MyLayer", name="m")]})
    adding = adding.given(inputs=(wave((4, 2)), thirds((4, 2))), flags=("losses", "training"))
    alone = (build(None, 2), compiled(_SGD, None), evaluated(2), trained(1, 2))
    yield adding("losses", "none-but-added", *alone)
    linear = LAYER.given(custom="Linear", arguments={"units": 2, "name": "l"}, inputs=WAVE)
    later = method("add_loss", **{"*": (function("nameless"),)})
    yield linear(
        "losses", "callable", BUILD, later, LOSSES, CALL, LOSSES, dialects=KERAS2, flags="losses"
    )


def _datasets() -> Iterator[Case]:
    """Batches of a dataset, whose number may be unknown."""
    x, y = wave((5, 2)), thirds((5, 2))
    row = _MODEL.given(arguments={"layers": [_dense(2, "a")]}, flags="training")
    start = (build(None, 2), compiled(_SGD, "mse", ["mae"]))
    for detail, known in {"counted": {}, "uncounted": {"uncounted": True}}.items():
        data: dict[str, Any] = {"batches": 2, **known}
        asked: dict[str, dict[str, Any]] = {
            "fit": {"x": x, "y": y, "epochs": 2, "verbose": 0, "shuffle": False},
            "evaluate": {"x": x, "y": y, "verbose": 0},
            "predict": {"x": x, "verbose": 0},
        }
        steps = (
            Step("method", options={"name": name, "arguments": arguments, **data})
            for name, arguments in asked.items()
        )
        yield row("dataset", detail, *start, *steps, GET_WEIGHTS)


def _updates() -> Iterator[Case]:
    """Gradients that an optimizer has no use for; weights that it does not know."""
    row = _MODEL.given(flags="bad-argument")
    weight = listed([1.0, 2.0], "float32", Given.VARIABLE)
    of = instance("optimizers.SGD", learning_rate=0.5, name="o")
    for detail, pairs in {"empty": [], "none": [(None, weight)]}.items():
        # Keras 2 takes an empty list.
        dialects = KERAS3 if detail == "empty" else (*KERAS2, *KERAS3)
        step = method("apply_gradients", of, **{"*": (pairs,)})
        yield row("optimizer", f"gradients-{detail}", step, dialects=dialects)
    sgd = instance("optimizers.SGD", learning_rate=0.125, momentum=0.5)
    grown = _MODEL.given(
        arguments={"layers": [_dense(2, "a")]}, inputs=(wave((4, 2)), thirds((4, 2)))
    )
    steps = (
        build(None, 2),
        compiled(sgd),
        trained(),
        method("add", **{"*": (_dense(2, "b"),)}),
        trained(),
    )
    yield grown("optimizer", "layer-added-after-training", *steps, flags="bad-argument")
    kept = compiled(shared("o", sgd))
    half = _MODEL.given(arguments={"layers": [_dense(2, "a", trainable=False), _dense(2, "b")]})
    half = half.given(inputs=(wave((4, 2)), thirds((4, 2))), flags="bad-argument")
    thawed = put("layers.0.trainable", True)
    again = (build(None, 2), kept, trained(), thawed, kept, trained())
    yield half("optimizer", "thawed-after-training-with-the-same", *again)
    models, plain = class_of("models"), instance(TARGET, layers=[_dense(2, "a")], name="s")
    two = {"model": plain, "input_tensors": [wave((2, 3)), wave((2, 3))]}
    yield row("clone", "two-inputs", method("clone_model", models, **two))
