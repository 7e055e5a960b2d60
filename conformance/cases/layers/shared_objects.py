"""Objects in two places, and models inside models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from conformance.cases.inputs import listed, wave
from conformance.cases.layers.models import model, sequential
from conformance.cases.layers.training import sgd
from conformance.cases.references import (
    constraint,
    custom,
    initializer,
    instance,
    layer,
    regularizer,
    shared,
)
from conformance.cases.rows import KERAS2, KERAS3, WAYS, Rows
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
    globally,
    predicted,
    put,
    roundtrip,
    set_weights,
    trained,
)
from conformance.model import DIALECTS, Case, Given, Reference

_X: Final = listed([[1.0, 1.0]])
_INPUT: Final = instance("Input", shape=(2,), name="i")
_PAIR: Final = (wave((4, 2)), wave((4, 2)))
_EYE: Final = listed([[1.0, 2.0], [0.0, 1.0]], given=Given.ARRAY)
_FIT: Final = (compiled(sgd()), trained(2), evaluated())


def _dense(name: str = "d", **arguments: Any) -> Reference:
    """A square `Dense` of ones without a bias."""
    start = {"units": 2, "use_bias": False, "kernel_initializer": "ones", "name": name}
    return layer("Dense", **{**start, **arguments})


def rows() -> Iterator[Case]:
    """Every case about shared and nested objects."""
    yield from _layers()
    yield from _parts()
    yield from _nested()


def _named(layers: Sequence[Reference]) -> tuple[Reference, ...]:
    """The layers of a model that begins with a named input, as do the models inside it.

    Keras 3 numbers the inputs that it makes itself, and has these names in configurations.
    """
    inner = tuple(_with_input(each) for each in layers)
    return inner if inner[0] is _INPUT else (_INPUT, *inner)


def _with_input(reference: Reference) -> Reference:
    arguments: dict[str, Any] = dict(reference.arguments)
    if reference.kind == "shared":
        return replace(reference, arguments={"object": _with_input(arguments["object"])})
    if reference.name != "models.Sequential":
        return reference
    return replace(reference, arguments={**arguments, "layers": [*_named(arguments["layers"])]})


def _numbered(detail: str) -> tuple[str, ...]:
    """The dialects in which a configuration has no number of the process."""
    return KERAS2 if detail == "twice-without-input" else DIALECTS


def _layers() -> Iterator[Case]:
    """One layer twice."""
    dense = shared("d", _dense())
    times = shared("t", custom("Times", factor=2.0, name="t"))
    penal = shared("d", _dense(activity_regularizer=regularizer("L1", l1=1.0)))
    weighed = shared("d", _dense(kernel_regularizer=regularizer("L2", l2=0.5)))
    chains: dict[str, tuple[Reference, ...]] = {
        "twice": (_INPUT, dense, dense),
        "twice-without-input": (dense, dense),
        "three-times": (_INPUT, dense, dense, dense),
        "around-another": (_INPUT, dense, _dense("e"), dense),
        "without-weights": (_INPUT, times, times),
        "activity-penalty": (_INPUT, penal, penal),
        "weight-penalty": (_INPUT, weighed, weighed),
        "outside-and-inside": (_INPUT, dense, sequential(dense)),
        "in-two-models": (_INPUT, sequential(dense, name="m"), sequential(dense, name="n")),
        "model-twice": (
            _INPUT,
            shared("m", sequential(_dense())),
            shared("m", sequential(_dense())),
        ),
    }
    for detail, layers in chains.items():
        row = model(*layers).given(inputs=_X, flags="nested")
        yield row("shared", f"{detail}-call", CALL, WEIGHTS, LOSSES, predicted(1))
        yield row(
            "shared", f"{detail}-weights", build(None, 2), GET_WEIGHTS, set_weights(_EYE), CALL
        )
        named = row if detail == "twice-without-input" else model(*_named(layers)).given(inputs=_X)
        named = named.given(flags="nested", dialects=_numbered(detail))
        yield named("shared", f"{detail}-config", build(None, 2), CONFIG)
        for way in WAYS:
            steps = (build(None, 2), roundtrip(way), CALL, WEIGHTS)
            yield named("shared", f"{detail}-{way}", *steps)
        yield row("shared", f"{detail}-fit", build(None, 2), *_FIT, GET_WEIGHTS, inputs=_PAIR)
        frozen = (build(None, 2), put("layers.0.trainable", False), WEIGHTS, *_FIT)
        yield row("shared", f"{detail}-frozen", *frozen, inputs=_PAIR)
        yield row("shared", f"{detail}-clone", CALL, copied("clone"), CALL, WEIGHTS)


def _parts() -> Iterator[Case]:
    """One initializer, penalty or projection of two weights, layers or models."""
    parts: dict[str, tuple[str, Reference]] = {
        "initializer-fixed": ("initializer", initializer("Constant", value=0.5)),
        "initializer-seeded": ("initializer", initializer("RandomUniform", seed=3)),
        "initializer-custom": ("initializer", custom("Ramp", start=1.0, step=1.0)),
        "regularizer": ("regularizer", regularizer("L1L2", l1=0.1, l2=0.2)),
        "constraint": ("constraint", constraint("MaxNorm", max_value=0.5, axis=0)),
    }
    for detail, (kind, thing) in parts.items():
        same = shared("p", thing)
        both: dict[str, Any] = {f"kernel_{kind}": same, f"bias_{kind}": same, "use_bias": True}
        one: dict[str, Any] = {f"kernel_{kind}": same}
        places: dict[str, tuple[Reference, ...]] = {
            "same-layer": (_dense(**both),),
            "two-layers": (_dense(**one), _dense("e", **one)),
            "two-models": (
                sequential(_dense(**one), name="m"),
                sequential(_dense("e", **one), name="n"),
            ),
        }
        for where, layers in places.items():
            row = model(*layers).given(inputs=_PAIR)
            yield row("shared", f"{detail}-{where}", build(None, 2), GET_WEIGHTS, CALL, LOSSES)
            yield row("shared", f"{detail}-{where}-fit", build(None, 2), *_FIT, LOSSES)
            again = (build(None, 2), roundtrip("serialize"), build(None, 2), GET_WEIGHTS)
            named = model(*_named(layers)).given(inputs=_PAIR)
            yield named("shared", f"{detail}-{where}-serialize", *again)
    source = shared("s", instance("random.SeedGenerator", seed=3, name="source"))
    drawn: dict[str, Any] = {"kernel_initializer": initializer("RandomUniform", seed=source)}
    for where, layers in {
        "same-layer": (
            _dense(**drawn, bias_initializer=drawn["kernel_initializer"], use_bias=True),
        ),
        "two-layers": (_dense(**drawn), _dense("e", **drawn)),
    }.items():
        row = Rows("models.Sequential", KERAS3, arguments={"layers": list(layers), "name": "s"})
        row = row.given(flags="generator")
        yield row("shared", f"seed-generator-{where}", build(None, 2), GET_WEIGHTS)


def _nested() -> Iterator[Case]:
    """A model in a model, and three levels deep."""
    penal = {"activity_regularizer": "l1", "kernel_regularizer": "l2"}
    chains: dict[str, tuple[Reference, ...]] = {
        "last": (_dense(), sequential(_dense("e"))),
        "first": (sequential(_dense()), _dense("e")),
        "three-levels": (_dense(), sequential(_dense("e"), sequential(_dense("f"), name="inmost"))),
        "three-levels-penalties": (
            _dense(**penal),
            sequential(_dense("e", **penal), sequential(_dense("f", **penal), name="inmost")),
        ),
        "with-inputs": (_INPUT, _dense(), sequential(_INPUT, _dense("e"))),
        "custom": (_dense(), sequential(custom("Times", factor=2.0, name="t"))),
        "inner-frozen": (_dense(), sequential(_dense("e", trainable=False))),
    }
    for detail, layers in chains.items():
        row = model(*layers).given(inputs=_X, flags="nested")
        ready = build(None, 2)
        yield row("nested", f"{detail}-call", CALL, WEIGHTS, LOSSES, predicted(1))
        yield row("nested", f"{detail}-clone", CALL, copied("clone"), CALL, WEIGHTS)
        policy = (globally(dtype_policy="mixed_bfloat16"), CALL, WEIGHTS)
        yield row("nested", f"{detail}-policy-later", *policy)
        yield row("nested", f"{detail}-losses-again", CALL, LOSSES, CALL, LOSSES)
        yield row("nested", f"{detail}-fit", ready, *_FIT, GET_WEIGHTS, inputs=_PAIR)
        looked = attributes("trainable")
        for way in WAYS:
            yield row("nested", f"{detail}-frozen-unbuilt-{way}", FROZEN, roundtrip(way), looked)
        if detail == "with-inputs":
            continue  # configurations of all have inputs
        named = model(*_named(layers)).given(inputs=_X, flags="nested")
        yield named("nested", f"{detail}-config", ready, CONFIG)
        for way in WAYS:
            yield named("nested", f"{detail}-{way}", ready, roundtrip(way), CALL, WEIGHTS)
            steps = (ready, FROZEN, looked, roundtrip(way), looked, WEIGHTS)
            yield named("nested", f"{detail}-frozen-{way}", *steps)
        inner = (ready, put("layers.1.trainable", False), WEIGHTS, roundtrip("serialize"), WEIGHTS)
        yield named("nested", f"{detail}-second-frozen", *inner)
