"""`Sequential`: layers that follow one another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.inputs import listed, thirds, wave
from conformance.cases.layers.base_common import BIAS, BUILD, KERNEL, WAVE
from conformance.cases.layers.common import array
from conformance.cases.references import (
    class_of,
    custom,
    function,
    instance,
    layer,
    regularizer,
)
from conformance.cases.rows import EXACT, KERAS3, Rows, sizes
from conformance.cases.steps import (
    CALL,
    CONFIG,
    FROZEN,
    GET_WEIGHTS,
    GRADIENT,
    LOSSES,
    THAWED,
    WEIGHTS,
    attributes,
    build,
    output_shape,
    roundtrip,
    set_weights,
)
from conformance.model import Case, Reference, Step

TARGET: Final = "models.Sequential"
VALUES: Final = (KERNEL, BIAS, array((4, 2), formula=thirds), array((2,)))
_MODEL: Final = Rows(TARGET, arguments={"name": "s"})
_SET: Final = set_weights(*VALUES)
_X: Final = thirds((5, 3))
# Keras 3 numbers the input of a built model, so it is given a name where names are looked at.
_INPUT: Final = instance("Input", shape=(3,), name="i")


def sequential(*layers: Reference, name: str = "inner") -> Reference:
    """A model inside a model."""
    return instance(TARGET, layers=list(layers), name=name)


def model(*layers: Any) -> Rows:
    """Rows of a model of these layers."""
    return _MODEL.given(arguments={"layers": list(layers)})


def _first(**arguments: Any) -> Reference:
    """A layer of 4 units."""
    return layer("Dense", units=4, name="a", **arguments)


def _second(**arguments: Any) -> Reference:
    """A layer of 2 units."""
    return layer("Dense", **{"units": 2, "name": "b", **arguments})


_ONES: Final[dict[str, Any]] = {"kernel_initializer": "ones"}


def _two(**second: Any) -> Rows:
    """Rows of a model that maps 3 to 4 to 2."""
    return model(_first(**_ONES), _second(**_ONES, **second))


_NESTED: Final = model(sequential(_first(**_ONES)), _second(**_ONES))


def rows() -> Iterator[Case]:
    """Every case about `Sequential`, but of its training."""
    yield from _calls()
    yield from _structure()
    yield from _nesting()
    yield from _losses()
    yield from _configs()
    yield from _rejected()


def _calls() -> Iterator[Case]:
    """What it computes: activations, ranks, dtypes, options of the call."""
    two = _two().given(inputs=_X)
    yield two("call", "two-layers", BUILD, WEIGHTS, _SET, CALL, GRADIENT, GET_WEIGHTS)
    built = attributes("built")
    yield two("call", "built-by-call", built, CALL, built, WEIGHTS, inputs=WAVE)
    for name in ("relu", "tanh", "softmax"):
        active = _two(activation=name).given(inputs=_X, flags="activation")
        yield active("call", f"activation-{name}", BUILD, _SET, CALL, GRADIENT)
    for shape in ((1, 3), (2, 2, 3), (0, 3), (3, 1, 2, 3)):
        asked = two.given(inputs=thirds(shape), flags="empty" if 0 in shape else ())
        yield asked("call", sizes(shape), build(None, *shape[1:]), _SET, CALL, GRADIENT)
    for dtype in ("float64", "float16", "mixed_bfloat16"):
        asked = _two(dtype=dtype).given(inputs=WAVE, flags="policy")
        yield asked("call", f"second-layer-{dtype}", BUILD, CALL, WEIGHTS)
    switch = model(custom("Switch", name="w")).given(inputs=WAVE, flags="call-options")
    for training in (True, False):
        yield switch("call", f"training-{training}", Step("call", 0, {"training": training}))


def _structure() -> Iterator[Case]:
    """Built or not, weights and their order, shapes."""
    looked = attributes("built", "name")
    yield _MODEL("structure", "empty", looked, WEIGHTS)
    yield model()("structure", "empty-list", looked, WEIGHTS)
    two = _two()
    yield two("structure", "weights-before-build", WEIGHTS)
    looked = attributes("built", "input_shape", "output_shape")
    inputs = {
        "first-layer-input_shape": [_first(**_ONES, input_shape=(3,))],
        "first-layer-input_dim": [_first(**_ONES, input_dim=3)],
        "input-object": [_INPUT, _first(**_ONES)],
    }
    steps = (looked, WEIGHTS, CALL)
    yield from _MODEL.table("structure", inputs, *steps, argument="layers", inputs=WAVE)
    for shape in ((None, 3), (2, 3), (None, None, 3)):
        yield two("structure", f"build-{sizes(shape)}", build(*shape), looked)
        yield two("output_shape", sizes(shape), BUILD, output_shape(*shape))
    yield two("output_shape", "before-build", output_shape(2, 3))


def _nesting() -> Iterator[Case]:
    """Models in models, layers that are not trained, layers of the user; values of weights."""
    nested = _NESTED.given(inputs=_X, flags="nested")
    yield nested("nested", "call", BUILD, WEIGHTS, _SET, CALL, GRADIENT)
    steps = (BUILD, FROZEN, WEIGHTS, attributes("trainable"), THAWED, WEIGHTS)
    two = _two()
    for detail, asked in {"flat": two, "nested": _NESTED}.items():
        yield asked("trainable", detail, *steps, flags="trainable")
    frozen = model(_first(trainable=False, **_ONES), _second(**_ONES))
    frozen = frozen.given(flags=("trainable", "order"))
    yield frozen("trainable", "one-layer-frozen", BUILD, WEIGHTS, GET_WEIGHTS, _SET, GET_WEIGHTS)
    mixed = model(_first(**_ONES), custom("Mixed", name="m"), _second(**_ONES))
    mixed = mixed.given(flags=("order", "custom"))
    yield mixed("structure", "untrained-weights-in-the-middle", BUILD, WEIGHTS)
    users = model(custom("Linear", units=4, name="a"), custom("Times", name="t"))
    yield users("structure", "user-defined-layers", CALL, WEIGHTS, inputs=WAVE, flags="custom")
    wrong = {
        "too-few": VALUES[:3],
        "too-many": (*VALUES, VALUES[3]),
        "order": (VALUES[2], VALUES[3], VALUES[0], VALUES[1]),
        "none": (),
    }
    bad = two.given(flags="bad-argument")
    for detail, values in wrong.items():
        yield bad("set_weights", detail, BUILD, set_weights(*values), GET_WEIGHTS)
    yield bad("set_weights", "before-build", _SET)


def _losses() -> Iterator[Case]:
    """Penalties of all layers."""
    l1, l2 = regularizer("L1", l1=0.5), regularizer("L2", l2=0.5)
    penalty = {"kernel_regularizer": l2, "bias_regularizer": regularizer("L1", l1=0.25)}
    last = _second(**_ONES, activity_regularizer=l1, **penalty)
    both = model(_first(**_ONES, **penalty), last).given(flags=("losses", "order"))
    yield both("losses", "of-all-layers-called", BUILD, _SET, CALL, LOSSES, inputs=_X)
    # Keras 2 lists a tensor without a value, of the trace that built the model.
    yield both("losses", "of-all-layers-built", BUILD, LOSSES, dialects=KERAS3)
    yield both("losses", "before-build", LOSSES, flags="losses")
    quarter = regularizer("L2", l2=0.25)
    frozen = model(
        _first(trainable=False, **_ONES, kernel_regularizer=l2),
        _second(**_ONES, kernel_regularizer=quarter),
    ).given(flags=("losses", "trainable"))
    yield frozen("losses", "one-layer-frozen", BUILD, LOSSES)
    adding = model(custom("MyLayer", name="m"), custom("Times", name="t"))
    adding = adding.given(inputs=WAVE, flags=("losses", "custom"), tolerance=EXACT)
    yield adding("losses", "add_loss", CALL, LOSSES, CALL, LOSSES)
    inner = sequential(custom("MyLayer", name="m", activity_regularizer=l2))
    nested = model(inner, custom("MyLayer", name="n"))
    nested = nested.given(inputs=WAVE, flags=("losses", "nested", "order"))
    yield nested("losses", "nested", CALL, LOSSES)


def _configs() -> Iterator[Case]:
    """Configurations, and models rebuilt from them."""
    two = _two()
    built = model(_INPUT, *_two().common["arguments"]["layers"])
    trained = _two(trainable=False, activation="relu", kernel_regularizer="l2")
    described = {"not-built": two, "built": built, "empty": _MODEL, "trainable": trained}
    for detail, asked in described.items():
        yield asked("config", detail, CONFIG, flags="config")
    steps = (roundtrip("from_config"), attributes("built", "name"), BUILD, WEIGHTS, _SET, CALL)
    for detail, asked in {"not-built": two, "built": built}.items():
        yield asked("roundtrip", detail, *steps, inputs=_X, flags="config")
    users = model(custom("Linear", units=4, name="l")).given(flags=("config", "custom"))
    yield users("roundtrip", "unknown-custom-layer", roundtrip("from_config"))


_BAD: Final[dict[str, dict[str, Any]]] = {
    "not-a-layer": {"layers": [3]},
    "text": {"layers": ["Dense"]},
    "function": {"layers": [function("double")]},
    "class": {"layers": [class_of("layers.Dense")]},
    "none-in-list": {"layers": [None]},
    "loss": {"layers": [_first(), instance("losses.MeanSquaredError")]},
    "same-name": {"layers": [_first(), layer("Dense", units=2, name="a")]},
    "unknown-keyword": {"layers": [_first()], "foo": 1},
    "name-number": {"layers": [_first()], "name": 3},
}


def _rejected() -> Iterator[Case]:
    """Layers and inputs that it does not take."""
    row = Rows(TARGET, flags="bad-argument")
    yield from row.table("rejected", _BAD, attributes("built"))
    yield _MODEL("rejected", "call-empty", CALL, inputs=WAVE, flags="bad-input")
    given = {"last-axis": wave((2, 4)), "rank": wave((3,)), "scalar": listed(1.0)}
    two = _two().given(flags="bad-input")
    yield from two.table("rejected", given, BUILD, CALL, prefix="call-")
    convolution = layer("Conv2D", filters=2, kernel_size=2, name="c")
    unfit = model(_first(), convolution).given(flags="bad-input")
    yield unfit("rejected", "sizes-that-do-not-fit", BUILD)
