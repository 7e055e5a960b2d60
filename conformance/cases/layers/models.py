"""`Sequential`: layers that follow one another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.inputs import listed, thirds, wave
from conformance.cases.layers.common import (
    CALL,
    CONFIG,
    GET_WEIGHTS,
    GRADIENT,
    KERAS3,
    LOSSES,
    WEIGHTS,
    Rows,
    array,
    attributes,
    build,
    custom,
    layer,
    output_shape,
    regularizer,
    roundtrip,
    set_weights,
)
from conformance.model import COMPUTED, Case, Input, Reference, Step

TARGET: Final = "models.Sequential"


def sequential(*layers: Reference, name: str = "inner") -> Reference:
    """A model inside a model."""
    return Reference("instance", TARGET, {"layers": list(layers), "name": name})


def _two(**second: Any) -> dict[str, Any]:
    """Arguments of a model that maps 3 to 4 to 2."""
    return {
        "name": "s",
        "layers": [
            layer("Dense", units=4, name="a", kernel_initializer="ones"),
            layer("Dense", **{"units": 2, "name": "b", "kernel_initializer": "ones", **second}),
        ],
    }


# Keras 3 numbers the input of a built model, so it is given a name where names are looked at.
_INPUT: Final = Reference("instance", "Input", {"shape": (3,), "name": "i"})
_VALUES: Final = (
    array((3, 4)),
    array((4,), formula=thirds),
    array((4, 2), formula=thirds),
    array((2,)),
)
_SET: Final = set_weights(*_VALUES)
_BUILD: Final = build(None, 3)
_X: Final = thirds((5, 3))


def rows() -> Iterator[Case]:
    """Every case about `Sequential`, but of its training."""
    row = Rows(TARGET)
    yield row(
        "call",
        "two-layers",
        _BUILD,
        WEIGHTS,
        _SET,
        CALL,
        GRADIENT,
        GET_WEIGHTS,
        arguments=_two(),
        inputs=(_X,),
        tolerance=COMPUTED,
    )
    yield row(
        "call",
        "built-by-call",
        attributes("built"),
        CALL,
        attributes("built"),
        WEIGHTS,
        arguments=_two(),
        inputs=(wave((2, 3)),),
    )
    for name in ("relu", "tanh", "softmax"):
        yield row(
            "call",
            f"activation-{name}",
            _BUILD,
            _SET,
            CALL,
            GRADIENT,
            arguments=_two(activation=name),
            inputs=(_X,),
            tolerance=COMPUTED,
            flags=("activation",),
        )
    for shape in ((1, 3), (2, 2, 3), (0, 3), (3, 1, 2, 3)):
        yield row(
            "call",
            "x".join(map(str, shape)),
            build(None, *shape[1:]),
            _SET,
            CALL,
            GRADIENT,
            arguments=_two(),
            inputs=(thirds(shape),),
            tolerance=COMPUTED,
            flags=("empty",) if 0 in shape else (),
        )
    for dtype in ("float64", "float16", "mixed_bfloat16"):
        yield row(
            "call",
            f"second-layer-{dtype}",
            _BUILD,
            CALL,
            WEIGHTS,
            arguments=_two(dtype=dtype),
            inputs=(wave((2, 3)),),
            flags=("policy",),
        )
    for options in ({"training": True}, {"training": False}):
        yield row(
            "call",
            f"training-{options['training']}",
            Step("call", 0, options),
            arguments={"name": "s", "layers": [custom("Switch", name="w")]},
            inputs=(wave((2, 3)),),
            flags=("call-options",),
        )
    yield from _structure(row)
    yield from _losses(row)
    yield from _configs(row)
    yield from _rejected(row)


def _structure(row: Rows) -> Iterator[Case]:
    """Built or not, weights and their order, shapes."""
    yield row("structure", "empty", attributes("built", "name"), WEIGHTS, arguments={"name": "s"})
    yield row(
        "structure",
        "empty-list",
        attributes("built", "name"),
        WEIGHTS,
        arguments={"name": "s", "layers": []},
    )
    yield row("structure", "weights-before-build", WEIGHTS, arguments=_two())
    first: dict[str, Any] = {"units": 4, "name": "a", "kernel_initializer": "ones"}
    inputs: dict[str, dict[str, Any]] = {
        "input_shape": {"input_shape": (3,)},
        "input_dim": {"input_dim": 3},
    }
    for detail, given in inputs.items():
        yield row(
            "structure",
            f"first-layer-{detail}",
            attributes("built", "input_shape", "output_shape"),
            WEIGHTS,
            CALL,
            arguments={"name": "s", "layers": [layer("Dense", **first, **given)]},
            inputs=(wave((2, 3)),),
        )
    yield row(
        "structure",
        "input-object",
        attributes("built", "input_shape", "output_shape"),
        WEIGHTS,
        CALL,
        arguments={
            "name": "s",
            "layers": [
                Reference("instance", "Input", {"shape": (3,), "name": "i"}),
                layer("Dense", **first),
            ],
        },
        inputs=(wave((2, 3)),),
    )
    for shape in ((None, 3), (2, 3), (None, None, 3)):
        yield row(
            "structure",
            f"build-{'x'.join('?' if n is None else str(n) for n in shape)}",
            build(*shape),
            attributes("built", "input_shape", "output_shape"),
            arguments=_two(),
        )
        yield row(
            "output_shape",
            "x".join("?" if n is None else str(n) for n in shape),
            _BUILD,
            output_shape(*shape),
            arguments=_two(),
        )
    yield row("output_shape", "before-build", output_shape(2, 3), arguments=_two())
    nested = {
        "name": "s",
        "layers": [
            sequential(layer("Dense", units=4, name="a", kernel_initializer="ones")),
            layer("Dense", units=2, name="b", kernel_initializer="ones"),
        ],
    }
    yield row(
        "nested",
        "call",
        _BUILD,
        WEIGHTS,
        _SET,
        CALL,
        GRADIENT,
        arguments=nested,
        inputs=(_X,),
        tolerance=COMPUTED,
        flags=("nested",),
    )
    frozen, thawed = (Step("set", options={"trainable": value}) for value in (False, True))
    for detail, arguments in {"flat": _two(), "nested": nested}.items():
        yield row(
            "trainable",
            detail,
            _BUILD,
            frozen,
            WEIGHTS,
            attributes("trainable"),
            thawed,
            WEIGHTS,
            arguments=arguments,
            flags=("trainable",),
        )
    yield row(
        "trainable",
        "one-layer-frozen",
        _BUILD,
        WEIGHTS,
        GET_WEIGHTS,
        _SET,
        GET_WEIGHTS,
        arguments={
            "name": "s",
            "layers": [
                layer("Dense", units=4, name="a", trainable=False, kernel_initializer="ones"),
                layer("Dense", units=2, name="b", kernel_initializer="ones"),
            ],
        },
        flags=("trainable", "order"),
    )
    yield row(
        "structure",
        "untrained-weights-in-the-middle",
        _BUILD,
        WEIGHTS,
        arguments={
            "name": "s",
            "layers": [
                layer("Dense", units=4, name="a", kernel_initializer="ones"),
                custom("Mixed", name="m"),
                layer("Dense", units=2, name="b", kernel_initializer="ones"),
            ],
        },
        flags=("order", "custom"),
    )
    yield row(
        "structure",
        "user-defined-layers",
        CALL,
        WEIGHTS,
        arguments={
            "name": "s",
            "layers": [custom("Linear", units=4, name="a"), custom("Times", name="t")],
        },
        inputs=(wave((2, 3)),),
        flags=("custom",),
    )
    sets: dict[str, tuple[Input, ...]] = {
        "too-few": _VALUES[:3],
        "too-many": (*_VALUES, _VALUES[3]),
        "order": (_VALUES[2], _VALUES[3], _VALUES[0], _VALUES[1]),
        "none": (),
    }
    for detail, values in sets.items():
        yield row(
            "set_weights",
            detail,
            _BUILD,
            set_weights(*values),
            GET_WEIGHTS,
            arguments=_two(),
            flags=("bad-argument",),
        )
    yield row("set_weights", "before-build", _SET, arguments=_two(), flags=("bad-argument",))


def _losses(row: Rows) -> Iterator[Case]:
    """Penalties of all layers."""
    penalty = {
        "kernel_regularizer": regularizer("L2", l2=0.5),
        "bias_regularizer": regularizer("L1", l1=0.25),
    }
    arguments = {
        "name": "s",
        "layers": [
            layer("Dense", units=4, name="a", kernel_initializer="ones", **penalty),
            layer(
                "Dense",
                units=2,
                name="b",
                kernel_initializer="ones",
                activity_regularizer=regularizer("L1", l1=0.5),
                **penalty,
            ),
        ],
    }
    yield row(
        "losses",
        "of-all-layers-called",
        _BUILD,
        _SET,
        CALL,
        LOSSES,
        arguments=arguments,
        inputs=(_X,),
        tolerance=COMPUTED,
        flags=("losses", "order"),
    )
    # Keras 2 lists a tensor without a value, of the trace that built the model.
    yield row(
        "losses",
        "of-all-layers-built",
        _BUILD,
        LOSSES,
        arguments=arguments,
        dialects=KERAS3,
        tolerance=COMPUTED,
        flags=("losses", "order"),
    )
    yield row(
        "losses",
        "before-build",
        LOSSES,
        arguments=arguments,
        flags=("losses",),
    )
    yield row(
        "losses",
        "one-layer-frozen",
        _BUILD,
        LOSSES,
        arguments={
            "name": "s",
            "layers": [
                layer(
                    "Dense",
                    units=4,
                    name="a",
                    trainable=False,
                    kernel_initializer="ones",
                    kernel_regularizer=regularizer("L2", l2=0.5),
                ),
                layer(
                    "Dense",
                    units=2,
                    name="b",
                    kernel_initializer="ones",
                    kernel_regularizer=regularizer("L2", l2=0.25),
                ),
            ],
        },
        tolerance=COMPUTED,
        flags=("losses", "trainable"),
    )
    yield row(
        "losses",
        "add_loss",
        CALL,
        LOSSES,
        CALL,
        LOSSES,
        arguments={
            "name": "s",
            "layers": [custom("MyLayer", name="m"), custom("Times", name="t")],
        },
        inputs=(wave((2, 3)),),
        flags=("losses", "custom"),
    )
    yield row(
        "losses",
        "nested",
        CALL,
        LOSSES,
        arguments={
            "name": "s",
            "layers": [
                sequential(
                    custom("MyLayer", name="m", activity_regularizer=regularizer("L2", l2=0.5))
                ),
                custom("MyLayer", name="n"),
            ],
        },
        inputs=(wave((2, 3)),),
        tolerance=COMPUTED,
        flags=("losses", "nested", "order"),
    )


def _configs(row: Rows) -> Iterator[Case]:
    """Configurations, and models rebuilt from them."""
    yield row("config", "not-built", CONFIG, arguments=_two(), flags=("config",))
    built = {**_two(), "layers": [_INPUT, *_two()["layers"]]}
    yield row("config", "built", CONFIG, arguments=built, flags=("config",))
    yield row("config", "empty", CONFIG, arguments={"name": "s"}, flags=("config",))
    yield row(
        "config",
        "trainable",
        CONFIG,
        arguments=_two(trainable=False, activation="relu", kernel_regularizer="l2"),
        flags=("config",),
    )
    for detail, arguments in {"not-built": _two(), "built": built}.items():
        yield row(
            "roundtrip",
            detail,
            roundtrip("from_config"),
            attributes("built", "name"),
            _BUILD,
            WEIGHTS,
            _SET,
            CALL,
            arguments=arguments,
            inputs=(_X,),
            tolerance=COMPUTED,
            flags=("config",),
        )
    yield row(
        "roundtrip",
        "unknown-custom-layer",
        roundtrip("from_config"),
        arguments={"name": "s", "layers": [custom("Linear", units=4, name="l")]},
        flags=("config", "custom"),
    )


def _rejected(row: Rows) -> Iterator[Case]:
    """Layers and inputs that it does not take."""
    dense = layer("Dense", units=4, name="a")
    bad: dict[str, dict[str, Any]] = {
        "not-a-layer": {"layers": [3]},
        "text": {"layers": ["Dense"]},
        "function": {"layers": [Reference("function", "double")]},
        "class": {"layers": [Reference("class", "layers.Dense")]},
        "none-in-list": {"layers": [None]},
        "same-name": {"layers": [dense, layer("Dense", units=2, name="a")]},
        "unknown-keyword": {"layers": [dense], "foo": 1},
        "name-number": {"layers": [dense], "name": 3},
    }
    for detail, arguments in bad.items():
        yield row(
            "rejected",
            detail,
            attributes("built"),
            arguments=arguments,
            flags=("bad-argument",),
        )
    yield row(
        "rejected",
        "call-empty",
        CALL,
        arguments={"name": "s"},
        inputs=(wave((2, 3)),),
        flags=("bad-input",),
    )
    for detail, x in {"last-axis": wave((2, 4)), "rank": wave((3,)), "scalar": listed(1.0)}.items():
        yield row(
            "rejected",
            f"call-{detail}",
            _BUILD,
            CALL,
            arguments=_two(),
            inputs=(x,),
            flags=("bad-input",),
        )
    yield row(
        "rejected",
        "sizes-that-do-not-fit",
        _BUILD,
        arguments={
            "name": "s",
            "layers": [
                layer("Dense", units=4, name="a"),
                layer("Conv2D", filters=2, kernel_size=2, name="c"),
            ],
        },
        flags=("bad-input",),
    )
