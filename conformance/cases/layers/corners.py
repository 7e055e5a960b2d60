"""Corners: descriptions of losses, optimizers and compiled models; names by default; inputs and weights in odd forms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.inputs import listed, thirds, wave
from conformance.cases.layers.base_common import BUILD, LAYER, WAVE
from conformance.cases.layers.models import TARGET, sequential
from conformance.cases.references import class_of, custom, instance, layer, regularizer
from conformance.cases.rows import KERAS2, KERAS3, Rows
from conformance.cases.steps import (
    CALL,
    CONFIG,
    FROZEN,
    LOSSES,
    WEIGHTS,
    attributes,
    build,
    compiled,
    copied,
    deserialize,
    evaluated,
    globally,
    method,
    predicted,
    put,
    registered,
    roundtrip,
    serialize,
    setting,
    trained,
)
from conformance.model import Case, Step

_MODEL: Final = Rows(TARGET, arguments={"name": "s"})
_CLEARED: Final = method("clear_session", class_of("utils"))
_INPUT: Final = instance("Input", shape=(3,), name="i")
_SGD: Final = instance("optimizers.SGD", learning_rate=0.125, name="o")


def rows() -> Iterator[Case]:
    """Every case about them."""
    yield from _losses()
    yield from _optimizers()
    yield from _compiled()
    yield from _models()
    yield from _layers()
    yield from _weights()
    yield from _configs()
    yield from _draws()


def _dense(units: int, name: str, **arguments: Any) -> Any:
    return layer("Dense", units=units, name=name, kernel_initializer="ones", **arguments)


def _model(*layers: Any) -> Rows:
    return _MODEL.given(arguments={"layers": list(layers)})


def _losses() -> Iterator[Case]:
    """Configurations, which in Keras 2 name a function; losses by the names of functions."""
    row, of = _MODEL.given(flags="config"), class_of("losses")
    for name in (
        *("MeanSquaredError", "MeanAbsoluteError", "Huber"),
        "SparseCategoricalCrossentropy",
    ):
        made = instance(f"losses.{name}")
        described = method("serialize", of, **{"*": (made,)})
        steps = (method("get_config", made), described)
        yield row("loss", f"{name}-described", *steps, dialects=KERAS2)
    base = method("get_config", instance("losses.Loss", name="n"))
    yield row("loss", "base-class-config", base)
    model = _model(_dense(2, "a")).given(inputs=(wave((4, 2)), thirds((4, 2))), flags="training")
    for detail, names in {"capitals": ("MSE", "MAE"), "huber_loss": ("huber_loss",)}.items():
        asked = [(compiled(_SGD, name, run_eagerly=True), evaluated()) for name in names]
        looks = (step for pair in asked for step in pair)
        dialects = KERAS2 if detail == "huber_loss" else (*KERAS2, *KERAS3)
        yield model("loss", f"by-name-{detail}", build(None, 2), *looks, dialects=dialects)
    entropy = instance("losses.SparseCategoricalCrossentropy", dtype="float64")
    data = {"y_true": listed([1, 0], "int32"), "y_pred": listed([[0.25, 0.75], [0.5, 0.5]])}
    called = method("__call__", entropy, **data)
    named = method("__getattribute__", instance("losses.Huber"), **{"*": ("name",)})
    yield row("loss", "Huber-name", named, dialects=KERAS3)
    yield _MODEL(
        "loss", "crossentropy-dtype", called, dialects=KERAS3, flags=("training", "policy")
    )


def _optimizers() -> Iterator[Case]:
    """The base class, which can be described; names that nobody gave."""
    row = _MODEL.given(flags="config", dialects=KERAS3)
    base = instance("optimizers.Optimizer", learning_rate=0.5)
    yield row("optimizer", "base-class-config", _CLEARED, method("get_config", base))
    for name in ("SGD", "Adam"):
        made = method("get_config", instance(f"optimizers.{name}"))
        yield row("optimizer", f"{name}-without-a-name", _CLEARED, made)


def _compiled() -> Iterator[Case]:
    """What a model was compiled with, as data and back; copies of what is frozen."""
    told = method("get_compile_config")
    model = _model(_dense(2, "a")).given(inputs=(wave((4, 2)), thirds((4, 2))), flags="config")
    yield model("compiled", "config", compiled(_SGD, "mse", ["mae"], run_eagerly=True), told)
    yield model("compiled", "config-before", told)
    sums = instance("losses.MeanSquaredError", reduction="sum", name="m")
    again = (compiled(_SGD, sums, ["mae"], run_eagerly=True), roundtrip("serialize"), evaluated())
    known = model.given(arguments={"layers": [_INPUT, _dense(2, "a")]}, dialects=KERAS3)
    data = (wave((4, 3)), thirds((4, 2)))
    yield known("compiled", "roundtrip", *again, inputs=data)
    # A clone is compiled as its original in Keras 3, and a name stays a name.
    kept = (compiled(_SGD, "mse", ["mae"]), copied("clone"), told)
    yield known("compiled", "config-of-a-clone", *kept)
    late = (build(None, 2), compiled(_SGD, run_eagerly=True), put("layers.0.trainable", False))
    looked = attributes("layers.0.trainable", "trainable")
    row = model.given(flags="trainable", dialects=KERAS2)
    yield row("compiled", "frozen-then-trained", *late, trained(), looked)
    clone = (FROZEN, copied("clone"), attributes("trainable", "name"))
    yield model("clone", "frozen", *clone, flags=("copy", "trainable"))


def _models() -> Iterator[Case]:
    """Inputs that models have, get or do not take."""
    bad = _MODEL.given(flags="bad-argument")
    later = [_INPUT, _dense(2, "a"), instance("Input", shape=(2,), name="j")]
    yield bad("rejected", "two-inputs-later", WEIGHTS, arguments={"layers": later})
    frozen = {"layers": [_dense(2, "a")], "trainable": False}
    looked = attributes("trainable")
    yield _MODEL("trainable", "constructed", looked, arguments=frozen, flags="trainable")
    config = _MODEL.given(flags="config")
    yield config("config", "an-input-alone", CONFIG, arguments={"layers": [_INPUT]})
    narrow = {"layers": [_dense(2, "a", dtype="float16", input_shape=(3,))]}
    yield config("config", "first-layer-float16", CONFIG, arguments=narrow, dialects=KERAS2)
    built = config.given(arguments={"layers": [_dense(2, "a", dtype="float16")]})
    yield built("config", "built-float16", BUILD, CONFIG, dialects=KERAS2)
    yield built("config", "built-float16-first", _CLEARED, BUILD, CONFIG, dialects=KERAS3)
    wide = _model(_INPUT, _dense(2, "a")).given(inputs=wave((2, 2, 3)), flags="bad-input")
    yield wide("rejected", "call-rank-beyond-input", CALL)
    free = _model(_dense(2, "a")).given(inputs=wave((2, 2, 3)), flags="build")
    yield free("structure", "built-for-another-rank", BUILD, CALL)
    yield free("structure", "masks", attributes("supports_masking"))
    made = instance("layers.InputLayer", input_shape=(3,), name="i")
    mask = listed([[True, False]], "bool")
    asked = method("compute_mask", made, **{"*": (wave((1, 2, 3)), mask)})
    yield _MODEL("mask", "compute_mask-of-input", asked, dialects=KERAS2, flags="mask")


def _layers() -> Iterator[Case]:
    """Names by default, parts that are replaced, losses of parts of parts, inputs by keyword."""
    cleared = method("clear_session", class_of("backend"))
    hidden = (cleared, registered("_HiddenLay", "Times"), attributes("name"))
    yield LAYER("names", "of-class-private-named", *hidden, flags="custom", dialects=KERAS2)
    around = {"name": "o", "inner": _dense(2, "a")}
    row = LAYER.given(custom="Around", arguments=around, inputs=WAVE, flags="sequence")
    replaced = (put("more", _dense(4, "b")), put("inner", _dense(3, "c")))
    built = (method(f"{part}.build", **{"*": ((None, 3),)}) for part in ("inner", "more"))
    yield row("parts", "replaced-comes-last", *replaced, *built, WEIGHTS)
    penal = custom("Times", name="t", activity_regularizer=regularizer("L1", l1=0.5))
    parts = sequential(penal, custom("MyLayer", name="m"), name="innermost")
    deep = _model(sequential(parts), custom("MyLayer", name="n"))
    deep = deep.given(inputs=WAVE, flags=("losses", "nested", "order"))
    yield deep("losses", "nested-twice", CALL, LOSSES)
    both = LAYER.given(custom="TwoShapes", arguments={"name": "t"}, inputs=listed([[1.0, 2.0]]))
    wide = Step("call", 0, {"other": listed([[0.5, 2.0]], "float64")})
    steps = (wide, attributes("built"), wide, WEIGHTS)
    yield both("call", "keyword-of-another-dtype", *steps, dialects=KERAS3, flags="call-options")
    dense = Rows("layers.Dense", arguments={"units": 2, "name": "d"})
    renamed = (put("name", "e"), attributes("name", "path"), BUILD, attributes("kernel.path"))
    again = (put("name", "f"), attributes("name", "path"))
    yield dense("names", "set", *renamed, *again, CONFIG, dialects=KERAS3)
    yield dense("text", "not-built", method("__repr__"), dialects=KERAS3, flags="config")
    ones = {"kernel_initializer": "ones", "bias_initializer": "ones"}
    direct = method("call", **{"*": (wave((2, 3), "float64"),)})
    yield dense(
        "call", "direct-of-float64", BUILD, direct, dialects=KERAS3, arguments=ones, flags="policy"
    )
    integers = {"dtype": "int32", "kernel_initializer": "zeros"}
    yield dense(
        "rejected",
        "dtype-int32-of-zeros",
        BUILD,
        arguments=integers,
        dialects=KERAS2,
        flags="policy",
    )
    for name in ("DepthwiseConv1D", "DepthwiseConv2D", "SeparableConv1D", "SeparableConv2D"):
        small = {"kernel_size": 3, "name": "c", **({"filters": 2} if "Sep" in name else {})}
        rank = int(name[-2])
        yield Rows(f"layers.{name}", arguments=small, flags="build")(
            "build", "shorter-than-kernel", build(None, *[1] * rank, 2)
        )
    # Of no inputs there may be no outputs; Keras 3 refuses those of others.
    small = {"filters": 1, "kernel_size": 3, "name": "c", "kernel_initializer": "ones"}
    row = Rows("layers.Conv2D", arguments=small, flags=("empty", "kernel-too-long"))
    short = build(None, None, None, 2)
    yield row("edge", "empty-batch-too-short", short, CALL, inputs=wave((0, 4, 2, 2)))
    for name in ("Conv1DTranspose", "SeparableConv1D", "Conv1D"):
        small = {"filters": 2, "kernel_size": 1, "name": "c"}
        row = Rows(f"layers.{name}", arguments=small, flags="input-spec")
        yield row(
            "input_spec",
            "built",
            build(None, 2, 2),
            attributes("input_spec.ndim", "input_spec.min_ndim"),
        )
        row = row.given(arguments={"data_format": "channels_first"})
        yield row(
            "input_spec", "built-channels_first", build(None, 2, 3), attributes("input_spec.axes")
        )


def _weights() -> Iterator[Case]:
    """Names and aggregations of weights."""
    row = LAYER.given(custom="Weighted", flags="weights")

    def weighted(**weight: Any) -> dict[str, Any]:
        return {"name": "l", "weight": {"shape": (2,), "initializer": "ones", **weight}}

    yield row("add_weight", "name-slash", WEIGHTS, arguments=weighted(name="a/b"))
    unnamed = method("add_weight", shape=(2,), initializer="ones")
    plain = LAYER.given(arguments={"name": "l"}, flags="weights", dialects=KERAS3)
    yield plain("add_weight", "no-name-after-clear_session", _CLEARED, unnamed, WEIGHTS)
    none = {"name": "l", "weight": {"shape": (2,), "name": "w", "aggregation": None}}
    yield row("add_weight", "aggregation-none", WEIGHTS, arguments=none, dialects=KERAS3)


def _configs() -> Iterator[Case]:
    """Penalties of outputs that are set later; the base class as data; a class by its name."""
    row = LAYER.given(custom="Times", arguments={"name": "t"}, flags="config")
    given = setting(activity_regularizer=regularizer("L1", l1=0.5))
    taken = setting(activity_regularizer=None)
    yield row("config", "activity_regularizer-set-later", given, CONFIG)
    penal = row.given(arguments={"activity_regularizer": "l2"})
    yield penal("config", "activity_regularizer-taken", taken, CONFIG)
    base = layer("Layer", name="l")
    yield LAYER("config", "base-class-as-data", serialize(base), flags="config")
    read = Rows("layers.deserialize", flags="config")
    yield read("config", "name-of-a-class", deserialize("Times", custom_objects=["Times"]))
    yield read("config", "layer", deserialize(_dense(2, "d")))
    old = LAYER.given(flags="config", dialects=KERAS2)
    yield old("config", "implementation", CONFIG, arguments={"name": "l", "implementation": 1})


def _draws() -> Iterator[Case]:
    """Draws without a seed: after `clear_session`, and in a graph; the state of a generator."""
    arguments = {"function": "random.normal", "options": {"shape": (2,)}, "name": "n"}
    row = LAYER.given(custom="Activate", arguments=arguments, dialects=KERAS3, inputs=WAVE)
    row = row.given(flags="generator")
    yield row("draws", "after-clear_session", globally(seed=3), CALL, _CLEARED, CALL)
    graph = row.given(inputs=(wave((2, 2)),))
    again = (predicted(), _CLEARED, predicted(1))
    yield graph("draws", "in-a-graph", globally(seed=3), *again)
    generator = put("generator", instance("random.SeedGenerator", seed=3))
    looks = attributes("generator.state.trainable")
    times = LAYER.given(custom="Times", arguments={"name": "t"}, dialects=KERAS3, flags="generator")
    yield times("draws", "state-of-a-generator", generator, looks)
