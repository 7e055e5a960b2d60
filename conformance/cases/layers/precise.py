"""What only a precise question tells: defaults of `training`, masks that are there already, no data, lists of arrays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.inputs import listed, thirds, wave
from conformance.cases.layers.base_common import BUILD, LAYER, WAVE
from conformance.cases.layers.masks import SHOWS
from conformance.cases.layers.models import model, sequential
from conformance.cases.references import class_of, custom, function, instance, layer
from conformance.cases.rows import KERAS2, KERAS3, Rows
from conformance.cases.steps import (
    CALL,
    CONFIG,
    FROZEN,
    GET_WEIGHTS,
    LOSSES,
    WEIGHTS,
    attributes,
    build,
    compiled,
    copied,
    evaluated,
    method,
    output_shape,
    predicted,
    printed,
    put,
    registered,
    symbolic,
)
from conformance.model import Case, Given, Reference, Step

_EYE: Final = {"units": 2, "kernel_initializer": "identity", "use_bias": False}
_SGD: Final = instance("optimizers.SGD", learning_rate=0.125)
_BUILD: Final = build(None, 2)
_TIMES: Final = LAYER.given(custom="Times", arguments={"name": "t"}, inputs=WAVE)
_NARROWS: Final = LAYER.given(custom="Narrows", arguments={"name": "n"}, inputs=WAVE)
_CLEARED: Final = method("clear_session", class_of("utils"))
_MAKES: Final = custom("MaskZeros", name="m")


def rows() -> Iterator[Case]:
    """Every case about it."""
    yield from _training()
    yield from _masks()
    yield from _described()
    yield from _weights()
    yield from _data()
    yield from _none()


def _training() -> Iterator[Case]:
    """Whether it is training, where nobody says so; an `if` on a tensor; draws in a graph."""
    told = (Step("call", 0, {"training": None}), Step("call", 0, {"training": False}))
    yield _NARROWS("training", "true-by-default", CALL, *told, flags="call-options")
    yield _NARROWS("training", "shape-by-default", output_shape(None, 3), dialects=KERAS2)
    by_place = method("__call__", **{"*": [instance("Input", shape=(3,), name="i"), False]})
    row = _NARROWS.given(dialects=KERAS2, flags="call-options")
    yield row("training", "symbolic-by-place", by_place, by_place)
    narrows = custom("Narrows", name="n")
    row = model(narrows).given(dialects=KERAS2, flags="call-options")
    yield row("training", "model-by-place", method("__call__", **{"*": [WAVE, False]}))
    row = model(_dense(), narrows).given(inputs=(wave((4, 2)), thirds((4, 2))), flags="training")
    yield row("training", "evaluated", _BUILD, compiled(_SGD), evaluated())
    yield row("training", "shape", _BUILD, attributes("output_shape"), dialects=KERAS3)
    decides = model(custom("Decides", name="d")).given(dialects=KERAS2, flags="call-options")
    yield decides("graph", "if", predicted(1), inputs=listed([[1.0, 2.0], [-3.0, 1.0]]))
    arguments = {"function": "random.normal", "options": {"shape": (2,), "seed": 5}, "name": "n"}
    drawn = LAYER.given(custom="Activate", arguments=arguments, inputs=wave((2, 2)), flags="seed")
    yield drawn("draws", "seed-in-a-graph", predicted(1), dialects=KERAS3)


def _masks() -> Iterator[Case]:
    """Outputs that have a mask already; one mask for two outputs; None in the place of a mask."""
    row = model().given(inputs=listed([[[1.0], [0.0], [2.0]]]), flags="mask")
    supports = put("layers.1.supports_masking", True)
    zeros = layer("Dense", units=1, name="z", use_bias=False, kernel_initializer="zeros")
    inner = sequential(custom("EndsMask", name="e"), zeros, custom("MaskZeros", name="n"))
    around = {"layers": [_MAKES, custom("Around", name="a", inner=inner), SHOWS]}
    yield row("mask", "there-already", supports, CALL, arguments=around, dialects=KERAS2)
    halves = {"layers": [_MAKES, custom("Halves", name="h")]}
    yield row("mask", "of-two-outputs", supports, CALL, arguments=halves, dialects=KERAS3)
    hands = {"layers": [_MAKES, custom("Hands", name="h", inner=custom("Switch", name="w"))]}
    yield row("mask", "none-by-place", CALL, predicted(), arguments=hands, dialects=KERAS2)


def _described() -> Iterator[Case]:
    """Configurations of what a constructor was given; names and paths; registered optimizers and losses."""
    row = LAYER.given(custom="Times", dialects=KERAS2, flags="config")
    yield row("config", "given-none", CONFIG, arguments={"name": None, "dtype": None})
    given = {"name": "t", "trainable": True}
    yield row("config", "given-then-frozen", FROZEN, CONFIG, arguments=given)
    penal = {"name": "t", "activity_regularizer": instance("regularizers.L2", l2=0.5)}
    row = LAYER.given(custom="Times", flags="config")
    yield row("config", "given-a-penalty", CONFIG, arguments=penal)
    penalty = instance("regularizers.L1", l1=0.25)
    row = model(sequential(layer("Dense", units=1, name="d"))).given(flags="config")
    changed = put("layers.0.activity_regularizer", penalty)
    yield row("config", "penalty-of-a-model", changed, CONFIG)
    yield _TIMES("path", "before-the-build", attributes("path"), dialects=KERAS3)
    dense = Rows("layers.Dense", arguments={"name": "d", **_EYE}, inputs=WAVE)
    named = dense.given(dialects=KERAS2)
    yield named("names", "of-a-weight", CALL, attributes("kernel.name"))
    yield named("names", "of-a-weight-symbolic", symbolic(None, 3), attributes("kernel.name"))
    asked = method("get", class_of("losses"), **{"*": ["Custom>Mine"]})
    yield LAYER("registered", "losses", registered("Mine", "L2Regularizer"), asked)
    asked = method("get", class_of("optimizers"), **{"*": ["Mine"]})
    for dialects, module, *before in ((KERAS2, "utils"), (KERAS3, "saving", _CLEARED)):
        objects = instance(f"{module}.get_custom_objects")
        known = (*before, method("update", objects, Mine=class_of("optimizers.SGD")))
        yield LAYER("registered", f"optimizers-{module}", *known, asked, dialects=dialects)


def _weights() -> Iterator[Case]:
    """Weights of mixed policies, and by initializers that choose the dtype; losses before any call; specifications."""
    dense = Rows("layers.Dense", arguments={"name": "d", **_EYE})
    mixed = dense.given(arguments={"dtype": "mixed_bfloat16"}, dialects=KERAS3, flags="policy")
    looked = attributes("kernel.path", "kernel.trainable")
    yield mixed("variable", "facts-mixed", BUILD, FROZEN, looked)
    penal = dense.given(arguments={"kernel_regularizer": "l2"}, dialects=KERAS3, flags="copy")
    looked = attributes("kernel.regularizer")
    yield penal("variable", "penalty-deepcopy", BUILD, copied("deepcopy"), looked)
    own = dense.given(arguments={"kernel_initializer": function("twos")})
    yield own("weights", "initializer-of-another-dtype", BUILD, GET_WEIGHTS)
    weight = {"weight": {"name": "w", "shape": (3,), "initializer": "ones"}}
    narrow = LAYER.given(custom="Weighted", arguments={**weight, "name": "l"}, dialects=KERAS2)
    narrow = narrow.given(arguments={"dtype": "float16", "autocast": False}, flags="policy")
    yield narrow("policy", "float16-uncast-shape", output_shape(None, 3))
    adds = method("add_loss", loss=listed(3.0))
    yield _TIMES("losses", "before-any-call", adds, LOSSES, dialects=KERAS3)
    whole = instance("Input", shape=(2,), name="i", dtype="int32")
    spec = put("layers.0.input_spec", instance("layers.InputSpec", dtype="int32", ndim=2))
    row = model(whole, custom("Times", name="t", factor=2)).given(flags="input-spec")
    yield row("input_spec", "of-integers", spec, attributes("output_shape"))
    two = [instance("Input", shape=(3,), name=name) for name in "ab"]
    linear = LAYER.given(custom="Activate", arguments={"function": "linear", "name": "a"})
    yield linear("symbolic", "list", method("__call__", **{"*": [two]}), flags="symbolic")
    shapes = LAYER.given(custom="TwoShapes", arguments={"name": "t"}, dialects=KERAS3)
    half = method("__call__", **{"*": [two[0], listed([[0.5, 2.0]])]})
    yield shapes("symbolic", "one-of-two", half, WEIGHTS, flags="symbolic")


def _dense() -> Reference:
    return layer("Dense", name="d", **_EYE)


def _data() -> Iterator[Case]:
    """Lists of arrays, of which a model of one input takes the first; lists of numbers; more than one batch."""
    row = model(_dense()).given(flags="input-form")
    one = wave((2, 2), "float32", Given.ARRAY)
    cells: dict[str, Any] = {
        "array": [one],
        "two-arrays": [one, thirds((2, 2), "float32", Given.ARRAY)],
        "array-and-numbers": [one, [1.0, 2.0]],
        "row-of-numbers": [[1.0, 2.0]],
    }
    for detail, x in cells.items():
        yield row("data", f"list-of-{detail}", _BUILD, method("predict", x=x, verbose=0))
    numbers = [[1.0, 2.0], [3.0, -1.0]]
    start = (_BUILD, compiled(_SGD))
    for detail, (x, y) in {"first": (numbers, one), "second": (one, numbers)}.items():
        asked = method("evaluate", x=x, y=y, verbose=0)
        yield row("data", f"numbers-in-the-{detail}", *start, asked)
    asked = method("test_on_batch", x=numbers, y=numbers)
    yield row("data", "numbers-in-a-batch", *start, asked)
    one_column = layer("Dense", **{**_EYE, "units": 1}, name="d")
    narrow = model(one_column).given(flags="input-form")
    told = printed("predict", x=wave((33, 1)))
    yield narrow("data", "more-than-a-batch", build(None, 1), told)
    whole = listed([[1, 2], [-3, 4]], "int32")
    taken = model(instance("Input", shape=(2,), name="i"), _dense()).given(flags="integer")
    yield taken("data", "integers-into-an-input", CALL, inputs=whole)


def _none() -> Iterator[Case]:
    """No data at all."""
    row = model(_dense()).given(flags="empty")
    empty = {"x": wave((0, 2)), "y": wave((0, 2)), "verbose": 2}
    start = (_BUILD, compiled(_SGD))
    yield row("data", "none-evaluated", *start, method("evaluate", **empty))
    options: dict[str, Any] = {"name": "fit", "arguments": empty, "batches": 2, "printed": True}
    yield row("data", "none-in-a-dataset", *start, Step("method", options=options))
