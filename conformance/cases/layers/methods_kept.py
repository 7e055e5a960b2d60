"""What models keep from call to call: traced functions, counts of updates, shapes; and the forms of their data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.inputs import listed, thirds, wave
from conformance.cases.layers.base_common import BUILD
from conformance.cases.layers.models import TARGET
from conformance.cases.references import class_of, custom, function, instance, layer
from conformance.cases.rows import KERAS2, KERAS3, Rows
from conformance.cases.steps import (
    CALL,
    CONFIG,
    attributes,
    build,
    compiled,
    copied,
    evaluated,
    method,
    predicted,
    printed,
    put,
    set_weights,
    trained,
)
from conformance.model import Case, Given, Step

_MODEL: Final = Rows(TARGET, arguments={"name": "s"})
_EYE: Final = {"kernel_initializer": "identity", "use_bias": False}
_BUILD: Final = build(None, 2)
_SGD: Final = instance("optimizers.SGD", learning_rate=0.125)
_DATA: Final = (wave((4, 2)), thirds((4, 2)))
_RELU: Final = class_of("activations.relu")


def rows() -> Iterator[Case]:
    """Every case about them."""
    yield from _traced()
    yield from _updates()
    yield from _training_or_not()
    yield from _forms()
    yield from _inputs()


def _dense(units: int, name: str = "d", **arguments: Any) -> Any:
    """A layer that gives what it is given."""
    return layer("Dense", units=units, name=name, **_EYE, **arguments)


def _model(*layers: Any) -> Rows:
    return _MODEL.given(arguments={"layers": list(layers)}, inputs=_DATA, flags="training")


def _traced() -> Iterator[Case]:
    """Functions that were traced: what changes later they do not see, until they are made anew."""
    row = _model(_dense(2))
    start = (_BUILD, compiled(_SGD))
    change = put("layers.0.activation", _RELU)
    steps: tuple[Step, ...] = (
        *start,
        predicted(),
        change,
        predicted(),
        compiled(_SGD),
        predicted(),
    )
    yield row("kept", "predict-until-compile", *steps)
    batch = {"x": wave((2, 2)), "y": thirds((2, 2))}
    for name, before in {"train_on_batch": trained(), "test_on_batch": evaluated()}.items():
        yield row("kept", name, *start, before, change, method(name, **batch))
    other = set_weights(listed([[2.0, 1.0], [0.0, 3.0]]))
    for via in ("deepcopy", "pickle"):
        steps = (_BUILD, predicted(), copied(via), other, predicted())
        yield row("kept", f"predict-{via}", *steps, flags="copy")


def _updates() -> Iterator[Case]:
    """How many updates there were; bounds of arguments, which are taken."""
    seen = attributes("model.optimizer.iterations")
    row = _model(_dense(2))
    yield row("kept", "iterations", _BUILD, compiled(_SGD), seen, trained(), seen)
    slow = instance("optimizers.SGD", learning_rate=0.125, gradient_accumulation_steps=2)
    steps = (_BUILD, compiled(slow), trained(1, 1), seen)
    yield row("kept", "iterations-accumulated", *steps, dialects=KERAS3)
    often = {"use_ema": True, "ema_momentum": 0.0, "ema_overwrite_frequency": 1}
    never = {"use_ema": True, "ema_momentum": 1.0}
    for detail, made in {
        "Adam-least": instance("optimizers.Adam", name="o", **often),
        "SGD-most": instance("optimizers.SGD", name="o", momentum=1.0, **never),
    }.items():
        yield _MODEL("optimizer", f"{detail}-bounds", method("get_config", made), flags="config")


def _training_or_not() -> Iterator[Case]:
    """A layer that does otherwise in training; softmax, whose logits a graph may know; no targets."""
    row = _model(custom("Switch", name="w"), _dense(2))
    steps = (CALL, compiled(_SGD), evaluated(), trained(), evaluated(), predicted())
    yield row("kept", "training-or-not", *steps)
    x, labels = listed([[40.0, 0.0], [0.0, -2.0]]), listed([1, 0], "int32")
    soft = _model(_dense(2, activation="softmax")).given(inputs=(x, labels))
    for eager in (False, True):
        compiling = compiled(_SGD, "sparse_categorical_crossentropy", run_eagerly=eager)
        detail = f"large-logits-{'eager' if eager else 'graph'}"
        yield soft("kept", detail, _BUILD, compiling, evaluated())
    adding = _model(_dense(2), custom("MyLayer", name="m"))
    alone = method("evaluate", x=wave((4, 2)), batch_size=3, verbose=0)
    yield adding("losses", "none-but-added-without-targets", _BUILD, compiled(_SGD, None), alone)


def _forms() -> Iterator[Case]:
    """Lists and arrays, which become tensors of `floatx`; words that nobody asked to have written."""
    numbers = [[0.1, -0.7], [1.3, 0.9], [2.1, -1.1]]
    wide = _model(_dense(2, dtype="float64")).given(flags="input-form")
    for given in (Given.LIST, Given.ARRAY):
        # Keras 3 takes a list for one of inputs.
        asked = method("predict", x=listed(numbers, "float64", given), verbose=0)
        yield wide("kept", f"predict-{given}", _BUILD, asked)
    integers = _model(custom("Switch", name="w")).given(dialects=KERAS2, flags="input-form")
    for given in (Given.LIST, Given.ARRAY):
        asked = method("predict", x=listed([[1, 2], [3, 4]], "int64", given), verbose=0)
        yield integers("kept", f"predict-{given}-integers", asked)
    row = _model(_dense(2))
    arrays = {
        "x": wave((4, 2), "float64", Given.ARRAY),
        "y": thirds((4, 2), "float64", Given.ARRAY),
    }
    looks = method("evaluate", **arrays, verbose=0)
    yield row("kept", "evaluate-array", _BUILD, compiled(_SGD, function("gap")), looks)
    data: dict[str, Any] = {"x": wave((5, 2)), "y": thirds((5, 2))}
    told = (printed("evaluate", **data, batch_size=3), printed("predict", x=data["x"]))
    yield row("fit-method", "verbose-by-default", _BUILD, compiled(_SGD), *told)
    silent = method("fit", **data, batch_size=5)
    yield row("fit-method", "fit-by-default", _BUILD, compiled(_SGD), silent, dialects=KERAS3)
    told_too = Step(
        "method",
        options={
            **{"name": "evaluate", "arguments": {**data, "verbose": 1}},
            **{"batches": 2, "uncounted": True, "printed": True},
        },
    )
    yield row("dataset", "uncounted-told", _BUILD, compiled(_SGD), told_too)
    one_epoch = {**data, "validation_data": (data["x"], data["y"]), "verbose": 2, "shuffle": False}
    fitted: dict[str, Any] = {"name": "fit", "arguments": one_epoch, "batches": 2}
    told_too = Step("method", options={**fitted, "uncounted": True, "printed": True})
    yield row("dataset", "uncounted-fit-told", _BUILD, compiled(_SGD), told_too)


def _inputs() -> Iterator[Case]:
    """Dtypes that a model passes on; the shape of a layer that is not the first."""
    row = _MODEL.given(arguments={"layers": [custom("Switch", name="w")]}, flags="input-form")
    x = listed([[1, -2, 3], [4, 5, -6]], "float64")
    yield row("structure", "built-and-called-float64", BUILD, CALL, inputs=x)
    first = layer("Dense", units=4, name="a", kernel_initializer="ones")
    second = layer("Dense", units=2, name="b", kernel_initializer="ones", input_shape=(4,))
    later = _MODEL.given(arguments={"layers": [first, second]}, inputs=wave((2, 3)))
    yield later("structure", "second-layer-input_shape", CONFIG, CALL, attributes("input_shape"))
