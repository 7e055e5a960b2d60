"""Methods of layers and models, and of what is none of both: specifications, optimizers, registered names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.inputs import listed, thirds, wave
from conformance.cases.layers.base_common import BUILD, LAYER, WAVE
from conformance.cases.layers.models import TARGET
from conformance.cases.references import class_of, custom, function, instance, layer, record, shared
from conformance.cases.rows import KERAS2, KERAS3, Rows, sizes
from conformance.cases.steps import (
    CALL,
    CONFIG,
    GET_WEIGHTS,
    NEW,
    WEIGHTS,
    attributes,
    build,
    compiled,
    globally,
    method,
    put,
    registered,
    roundtrip,
    trained,
)
from conformance.model import Case, Given, Input, Step

_MODEL: Final = Rows(TARGET, arguments={"name": "s"})
_ONES: Final = {"kernel_initializer": "ones"}
_INPUT: Final = instance("Input", shape=(3,), name="i")


def rows() -> Iterator[Case]:
    """Every case about them."""
    yield from _popped()
    yield from _counted()
    yield from _specifications()
    yield from _specified()
    yield from _optimizers()
    yield from _registered()
    yield from _serialized()
    yield from _models()


def _dense(units: int, name: str, **arguments: Any) -> Any:
    return layer("Dense", units=units, name=name, **_ONES, **arguments)


def _popped() -> Iterator[Case]:
    """The last layer is taken out, as often as there is one."""
    first, second = _dense(4, "a"), _dense(2, "b")
    steps: tuple[Step, ...]
    looks = (method("pop"), attributes("built", "output_shape"), WEIGHTS, CALL)
    given = {"not-built": [first, second], "built": [_INPUT, first, second]}
    for detail, layers in given.items():
        row = _MODEL.given(arguments={"layers": layers}, inputs=WAVE)
        steps = looks if detail == "built" else (method("pop"), CALL, WEIGHTS)
        yield row("pop", detail, *steps)
        if detail == "built":
            again = (method("pop"), method("pop"), attributes("built", "layers"), method("pop"))
            yield row("pop", "all", *again)
            added = (method("pop"), method("add", None, **{"*": (_dense(3, "c"),)}), WEIGHTS, CALL)
            yield row("pop", "then-add", *added)
    yield _MODEL("pop", "empty", method("pop"), flags="bad-input")
    twice = shared("t", _dense(3, "t"))
    row = _MODEL.given(arguments={"layers": [_INPUT, twice, twice]}, inputs=WAVE, flags="shared")
    yield row("pop", "shared-layer", method("pop"), attributes("built", "layers"), CALL)
    row = _MODEL.given(arguments={"layers": [_dense(2, "a"), _dense(2, "b")]}, flags="training")
    sgd = instance("optimizers.SGD", learning_rate=0.125)
    steps = (build(None, 2), compiled(sgd), trained(), method("pop"), compiled(sgd), trained())
    yield row(
        "pop", "between-trainings", *steps, GET_WEIGHTS, inputs=(wave((4, 2)), thirds((4, 2)))
    )


def _counted() -> Iterator[Case]:
    """The number of elements of the weights, once there are some."""
    count = method("count_params")
    two = _MODEL.given(arguments={"layers": [_dense(4, "a"), _dense(2, "b")]})
    yield two("count_params", "built", BUILD, count)
    yield two("count_params", "before-build", count, flags="bad-input")
    mixed = LAYER.given(custom="Mixed", arguments={"name": "m"}, inputs=WAVE)
    yield mixed("count_params", "untrained-too", CALL, count)
    linear = LAYER.given(custom="Linear", arguments={"units": 4, "name": "l"})
    yield linear("count_params", "before-build", count, flags="bad-input")
    yield linear("count_params", "built", BUILD, count)


_SPECS: Final[dict[str, dict[str, Any]]] = {
    "nothing": {},
    "shape": {"shape": (None, 3)},
    "ndim": {"ndim": 2},
    "ranks": {"min_ndim": 1, "max_ndim": 3},
    "axes": {"axes": {"-1": 3, "1": None}, "dtype": "float32"},
    "name": {"shape": (2,), "name": "x", "allow_last_axis_squeeze": True},
}
_WRONG_SPECS: Final[dict[str, dict[str, Any]]] = {
    "axes-text": {"axes": {"a": 1}},
    "axes-list": {"axes": [1, 2]},
    "axis-beyond-ndim": {"ndim": 2, "axes": {"2": 3}},
    "axis-beyond-max_ndim": {"max_ndim": 1, "axes": {"1": 3}},
    "axis-beyond-shape": {"shape": (2, 3), "axes": {"2": 3}},
}


def _specifications() -> Iterator[Case]:
    """An `InputSpec` by itself: its configuration and its text."""
    row = LAYER.given(flags="input-spec")
    for detail, arguments in _SPECS.items():
        made = instance("layers.InputSpec", **arguments)
        steps: tuple[Step, ...] = (method("get_config", made), method("__repr__", made))
        yield row("InputSpec", detail, *steps)
    config: dict[str, Any] = {
        "dtype": "float32",
        "shape": None,
        "ndim": 2,
        "max_ndim": None,
        "min_ndim": 1,
        "axes": {},
    }
    of_class = method("from_config", class_of("layers.InputSpec"), **{"*": (config,)})
    yield row("InputSpec", "from_config", of_class)
    bad = LAYER.given(flags=("input-spec", "bad-argument"))
    for detail, arguments in _WRONG_SPECS.items():
        yield bad(
            "InputSpec", detail, method("get_config", instance("layers.InputSpec", **arguments))
        )


_INPUTS: Final[dict[str, Input]] = {
    "fits": wave((2, 3)),
    "wide": wave((2, 4)),
    "rank-1": wave((3,)),
    "rank-3": wave((2, 3, 1)),
    "one-more": wave((2, 1)),
}
_TAKEN: Final[dict[str, dict[str, Any]]] = {
    "shape": {"shape": (None, 3)},
    "shape-squeezed": {"shape": (None, 3), "allow_last_axis_squeeze": True},
    "shape-of-one": {"shape": (2, 1), "allow_last_axis_squeeze": True},
    "axis-0": {"axes": {"0": 2, "-1": None}},
    "axis-1": {"axes": {"1": 3}},
    "min_ndim": {"min_ndim": 2},
    "max_ndim": {"max_ndim": 2},
}


def _specified() -> Iterator[Case]:
    """Which inputs a layer takes by its `input_spec`; one, a list, none."""
    row = LAYER.given(custom="Times", arguments={"name": "t"}, flags="input-spec")
    for detail, arguments in _TAKEN.items():
        step = put("input_spec", instance("layers.InputSpec", **arguments))
        for which, x in _INPUTS.items():
            if which in ("fits", "one-more") and "squeezed" not in detail and "one" not in detail:
                continue  # the document's rows ask it
            yield row("input_spec", f"{detail}-{which}", step, CALL, inputs=x)
    deep = put(
        "input_spec", instance("layers.InputSpec", shape=(None, 3, 1), allow_last_axis_squeeze=True)
    )
    for shape in ((2, 3, 5), (2, 4, 5), (2, 3), (2, 3, 1)):
        yield row("input_spec", f"rank-3-squeezed-{sizes(shape)}", deep, CALL, inputs=wave(shape))
    listed_ = {
        "list-of-one": [instance("layers.InputSpec", ndim=2)],
        "list-of-two": [instance("layers.InputSpec", ndim=2)] * 2,
        "none-in-list": [None],
    }
    for detail, specs in listed_.items():
        yield row("input_spec", detail, put("input_spec", specs), CALL, inputs=WAVE)


_OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "SGD": {"learning_rate": 0.5, "momentum": 0.25, "nesterov": True, "clipnorm": 2.0},
    "Adam": {
        "learning_rate": 0.25,
        "beta_1": 0.5,
        "beta_2": 0.75,
        "epsilon": 0.125,
        "amsgrad": True,
    },
}
_BAD_OPTIMIZERS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "momentum-2": ("SGD", {"momentum": 2.0}),
    "momentum-negative": ("SGD", {"momentum": -0.5}),
    "rate-negative": ("SGD", {"learning_rate": -0.5}),
    "rate-text": ("SGD", {"learning_rate": "fast"}),
    "clips": ("SGD", {"clipnorm": 1.0, "global_clipnorm": 1.0}),
    "clips-of-value": ("SGD", {"clipnorm": 1.0, "clipvalue": 1.0}),
    "ema_momentum": ("Adam", {"use_ema": True, "ema_momentum": 1.5}),
    "ema_momentum-unused": ("Adam", {"ema_momentum": 1.5}),
    "ema_overwrite_frequency": ("Adam", {"use_ema": True, "ema_overwrite_frequency": 0.5}),
    "accumulation": ("Adam", {"gradient_accumulation_steps": 1}),
    "unknown": ("Adam", {"decay_rate": 1}),
}


def _optimizers() -> Iterator[Case]:
    """Optimizers as configurations and back, and which cannot be made."""
    row = _MODEL.given(flags="config")
    of = class_of("optimizers")
    for name, arguments in _OPTIONS.items():
        for detail, given in {"defaults": {}, "arguments": arguments}.items():
            made = instance(f"optimizers.{name}", name="o", **given)
            yield row("optimizer", f"{name}-{detail}", method("get_config", made))
            yield row(
                "optimizer", f"{name}-{detail}-serialize", method("serialize", of, **{"*": (made,)})
            )
        config = {"name": "o", **arguments}
        rebuilt = method("from_config", class_of(f"optimizers.{name}"), **{"*": (config,)})
        yield row("optimizer", f"{name}-from_config", rebuilt)
        for dialects, more in ((KERAS3, {}), (KERAS2, {"is_legacy_optimizer": False})):
            described = record(name, {**config, **more}, "keras.optimizers")
            read = method("deserialize", of, **{"*": (described,)})
            yield row("optimizer", f"{name}-deserialize-{dialects[0]}", read, dialects=dialects)
        for word in (name, name.lower()):
            # Keras 3 numbers those without a name.
            found = row.given(dialects=KERAS2, flags="identifier")
            yield found("optimizer", f"get-{word}", method("get", of, **{"*": (word,)}))
    bad = _MODEL.given(flags="bad-argument")
    for detail, (name, arguments) in _BAD_OPTIMIZERS.items():
        yield bad(
            "optimizer",
            detail,
            method("get_config", instance(f"optimizers.{name}", name="o", **arguments)),
        )
    for detail, wrong in {"get-unknown": "steepest", "get-number": 3}.items():
        yield bad("optimizer", detail, method("get", of, **{"*": (wrong,)}))
    losses = class_of("losses")
    found = row.given(flags="identifier")
    # Other names are those of functions, and Keras 2 has the function in a configuration.
    squares = method("get", losses, **{"*": ("MeanSquaredError",)})
    yield found("loss", "get-MeanSquaredError", squares, dialects=KERAS3)
    yield bad("loss", "get-unknown", method("get", losses, **{"*": ("sharpness",)}))
    yield found("loss", "serialize-none", method("serialize", losses, **{"*": (None,)}))
    given = {"none": None, "function": function("gap")}
    for detail, thing in given.items():
        yield found("loss", f"get-{detail}", method("get", losses, **{"*": (thing,)}))
    made = instance("losses.MeanSquaredError", reduction="sum")
    yield row("loss", "serialize", method("serialize", losses, **{"*": (made,)}), dialects=KERAS3)
    base = instance("optimizers.Optimizer", learning_rate=0.5, name="o")
    steps = (build(None, 2), compiled(base), trained())
    abstract = _MODEL.given(arguments={"layers": [_dense(2, "a")]}, flags="bad-argument")
    yield abstract(
        "optimizer", "base-class", *steps, dialects=KERAS3, inputs=(wave((4, 2)), thirds((4, 2)))
    )


def _registered() -> Iterator[Case]:
    """Classes that a decorator makes known, and what is rebuilt from their names."""
    row = LAYER.given(flags="custom")
    given: dict[str, dict[str, Any]] = {
        "package-and-name": {"package": "suite", "name": "straight"},
        "package": {"package": "suite"},
        "nothing": {},
    }
    for number, (detail, names) in enumerate(given.items()):
        arguments = {"units": 2, "name": "l"}
        step = registered(f"Registered{number}", "Linear", arguments=arguments, **names)
        yield row(
            "registered", detail, step, CONFIG, roundtrip("serialize"), BUILD, CALL, inputs=WAVE
        )
    bare = registered("Bare", None, package="suite")
    yield row("registered", "without-get_config", bare, flags="bad-argument")


def _serialized() -> Iterator[Case]:
    """What plain data become in a configuration."""
    row = LAYER.given(flags="config")
    saving = class_of("saving")
    things: dict[str, Any] = {
        "none": None,
        "numbers": [1, 2.5, True, "a"],
        "nested": {"a": (1, [2, None]), "b": {"c": 0.5}},
        "array": wave((2, 2), given=Given.ARRAY),
        "tensor": wave((2,)),
        "scalar": listed(0.5, "float32", Given.SCALAR),
        "policy": instance("layers.Dense", units=2, name="d"),
    }
    for detail, thing in things.items():
        yield row("serialized", detail, method("serialize_keras_object", saving, **{"*": (thing,)}))
    name = method("get_registered_name", saving, **{"*": (class_of("layers.Dense"),)})
    unknown = method("get_registered_object", saving, **{"*": ("Nowhere",)})
    yield row("serialized", "names", name, unknown)
    legacy = row.given(dialects=KERAS2, flags="legacy-format")
    penalties = class_of("regularizers")
    old: dict[str, Any] = {
        "none": None,
        "object": instance("regularizers.L1", l1=0.5),
        "function": function("double"),
        "number": 3,
        "array": wave((2,), given=Given.ARRAY),
    }
    for detail, thing in old.items():
        asked = method("serialize", penalties, **{"*": (thing,), "use_legacy_format": True})
        yield legacy("serialized", f"legacy-{detail}", asked)


def _models() -> Iterator[Case]:
    """Inputs given twice or wrongly, configurations without an input layer, clones, sessions."""
    bad = _MODEL.given(flags="bad-argument")
    two = {"layers": [_INPUT, instance("Input", shape=(3,), name="j"), _dense(2, "a")]}
    yield bad("rejected", "two-inputs", WEIGHTS, arguments=two)
    kinds: dict[str, dict[str, Any]] = {
        "no-shape": {"name": "i"},
        "unknown": {"shape": (3,), "foo": 1},
        "unknown-false": {"shape": (3,), "foo": 0},
    }
    for detail, given in kinds.items():
        yield bad(
            "rejected",
            f"Input-{detail}",
            WEIGHTS,
            arguments={"layers": [instance("Input", **given), _dense(2, "a")]},
        )
    batches: dict[str, dict[str, Any]] = {
        "batch_shape": {"batch_shape": (2, 3)},
        "batch_size": {"shape": (3,), "batch_size": 2},
    }
    for detail, given in batches.items():
        row = _MODEL.given(
            arguments={"layers": [instance("Input", **given, name="i"), _dense(2, "a")]}
        )
        yield row(
            "structure",
            f"Input-{detail}",
            attributes("input_shape", "output_shape"),
            CALL,
            inputs=WAVE,
        )
    dtypes = {"layers": [instance("Input", shape=(3,), dtype="float16", name="i"), _dense(2, "a")]}
    yield _MODEL("structure", "Input-dtype", CALL, arguments=dtypes, inputs=WAVE, flags="policy")
    narrow_input = instance("Input", shape=(2, 2), dtype="float16", name="i")
    mask = Step("call", 0, {"mask": listed([[True, False]], "bool")})
    # Keras 2 loses the mask: what shows it has another shape then.
    for kind, dialects in (("ShowMask", KERAS3), ("Switch", (*KERAS2, *KERAS3))):
        layers = [narrow_input, custom(kind, name="w")]
        row = _MODEL.given(
            arguments={"layers": layers}, dialects=dialects, flags=("policy", "mask")
        )
        detail = "Input-dtype-and-mask" + ("" if kind == "ShowMask" else "-seen")
        yield row("structure", detail, mask, inputs=wave((1, 2, 2)))
    models = class_of("models")
    plain = instance(TARGET, layers=[_dense(2, "a")], name="s")
    things = {"number": 3, "layer": _dense(2, "a"), "model": plain}
    for detail, thing in things.items():
        step = method("clone_model", models, **{"*": (thing,)})
        yield _MODEL("clone", detail, step, flags="copy")
    session = (
        NEW,
        attributes("name"),
        method("clear_session", class_of("utils")),
        NEW,
        attributes("name"),
    )
    unnamed = Rows("layers.Dense", KERAS3, arguments={"units": 2}, flags="setting")
    narrow = (globally(dtype_policy="float16"), NEW, attributes("dtype"))
    cleared = (method("clear_session", class_of("utils")), NEW, attributes("dtype"))
    yield unnamed("names", "policy-after-clear_session", *narrow, *cleared)
    yield unnamed(
        "names", "after-clear_session", method("clear_session", class_of("utils")), *session
    )
    masks = custom("MaskZeros", name="m")
    row = _MODEL.given(arguments={"layers": [masks, _dense(2, "a")]}, dialects=KERAS2, flags="mask")
    asked: tuple[Step, ...] = (method("compute_mask", **{"*": (wave((1, 2, 3)), None)}),)
    yield row("mask", "compute_mask-of-model", *asked)
    passing = _MODEL.given(arguments={"layers": [_dense(2, "a")]}, dialects=KERAS2, flags="mask")
    given_mask = listed([[True, False]], "bool")
    step = method("compute_mask", **{"*": (wave((1, 2, 3)), given_mask)})
    yield passing("mask", "compute_mask-of-model-given", step)
