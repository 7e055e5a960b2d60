"""Convolution layers: weights, initial values, output shapes, gradients, penalties."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.initializers.common import tolerance as drawn
from conformance.cases.inputs import thirds, wave
from conformance.cases.layers.convolution_common import (
    MIXED,
    MULTIPLIED,
    PLAIN,
    SEPARABLE,
    TRANSPOSED,
    Problem,
    Rows,
    arguments_text,
    based,
    basic,
    basic_shape,
    basis,
    build,
    built,
    parts,
    rank_of,
    set_weights,
    values,
)
from conformance.cases.references import class_of, initializer, regularizer, short_record
from conformance.cases.rows import EXACT
from conformance.cases.steps import CALL, GET_WEIGHTS, GRADIENT, LOSSES, THAWED, WEIGHTS
from conformance.model import FLOATS, Case, Step


def weight_rows(name: str) -> Iterator[Case]:
    """Names, shapes, dtypes and order of the weights; initial values; which of them are trained."""
    row = based(name).given(flags="weights")
    variants: list[dict[str, Any]] = [
        {},
        {"use_bias": False},
        {"data_format": "channels_first"},
        {"trainable": False},
        *({"dtype": d} for d in ("float64", "bfloat16", *MIXED)),
    ]
    if name in PLAIN:
        variants.append({"groups": 2, "filters": 4, "kernel_size": 2})
    if name in MULTIPLIED:
        variants.append({"depth_multiplier": 2})
    for arguments in variants:
        shape = (1, *[3] * rank_of(name), 4) if "groups" in arguments else basic_shape(name)
        steps = (build(None, *shape[1:]), WEIGHTS, THAWED, WEIGHTS)
        yield row("weights", arguments_text(arguments), *steps, arguments=arguments)
    steps = (GET_WEIGHTS, set_weights(values(basic(name), thirds)), GET_WEIGHTS, CALL)
    yield Rows(name).asked("weights", "values", *steps, flags="weights")
    ones = {f"{part}_initializer": "ones" for part in parts(name)}
    row = row.given(arguments=ones, inputs=thirds(basic(name).shape))
    yield row("weights", "built-by-the-call", CALL, WEIGHTS, GET_WEIGHTS)


_INITIALIZERS: Final = {
    "ones": "ones",
    "Constant": initializer("Constant", value=0.5),
    "config": short_record("Constant", {"value": -2.0}),
    "class": class_of("initializers.Ones"),
}


def initializer_rows(name: str) -> Iterator[Case]:
    """Each weight's initializer: by name, as an object, as a configuration; whose fans it sees."""
    shapes = basic(name).weights()
    steps = (built(name), GET_WEIGHTS)
    for number, part in enumerate(parts(name)):
        # One weight only, since a law is that of every value.
        rest = {f"{p}_initializer": "zeros" for p in parts(name) if p != part}
        row = based(name).given(arguments=rest)
        argument = f"{part}_initializer"
        initialized = row.given(flags="initializer")
        prefix = f"{part}="
        yield from initialized.table(
            "initializers", _INITIALIZERS, *steps, argument=argument, prefix=prefix
        )
        for kind in ("GlorotUniform", "HeUniform", "LecunUniform") if part != "bias" else ():
            arguments = {argument: initializer(kind, seed=11), "use_bias": False}
            within = EXACT if name in SEPARABLE else drawn(kind, {"seed": 11}, shapes[number])
            asked = row.given(arguments=arguments, tolerance=within, flags=("initializer", "fans"))
            yield asked("initializers", f"{part}={kind}", *steps)
    if name == "Conv2DTranspose":
        # Many inputs and one output: whoever takes one for the other draws far beyond the limit.
        arguments = {"filters": 1, "kernel_size": 1, "use_bias": False}
        arguments["kernel_initializer"] = initializer("HeUniform", seed=11)
        within = drawn("HeUniform", {"seed": 11}, (1, 1, 1, 24))
        asked = Rows(name).given(
            arguments=arguments, tolerance=within, flags=("initializer", "fans")
        )
        steps = (build(None, 2, 2, 24), GET_WEIGHTS)
        yield asked("initializers", "kernel=HeUniform,filters=1,channels=24", *steps)


def shape_rows(name: str) -> Iterator[Case]:
    """What the layer says of the shape of its output, sizes unknown, and layers not built."""
    row = based(name).given(flags="output-shape")
    rank = rank_of(name)
    large = (7, *[11, 8, 6][:rank], 4)
    variants: list[dict[str, Any]] = [
        {},
        {"padding": "same"},
        {"strides": 2},
        {"strides": 3, "padding": "same"},
        {"dilation_rate": 2},
        {"dilation_rate": 3, "padding": "same"},
        {"data_format": "channels_first", "strides": 2},
    ]
    if name in TRANSPOSED:
        variants += [
            {"strides": 3, "output_padding": 1},
            {"strides": 3, "output_padding": 2, "padding": "same"},
            {"strides": 2, "kernel_size": 1},
            {"strides": 2, "kernel_size": 4, "padding": "same"},
            {"dilation_rate": 2, "output_padding": 0},
        ]
    if name in MULTIPLIED:
        variants.append({"depth_multiplier": 3})
    if name == "Conv1D":
        variants.append({"padding": "causal", "dilation_rate": 2})
    for arguments in variants:
        problem = Problem(name, basis(name) | arguments, large)
        steps = (build(*problem.shape), *map(_output_shape, _knowns(problem, rank)))
        yield row("output-shape", arguments_text(arguments), *steps, arguments=arguments)
    shapes: dict[str, tuple[int, ...]] = {
        "not-built": large,
        "kernel-too-long": (2, *[1] * rank, 4),
        **({"rank-less": large[1:], "rank-more": (3, *large)} if name in PLAIN else {}),
        "batch-zero": (0, *large[1:]),
    }
    for detail, shape in shapes.items():
        asked = row.given(arguments={"kernel_size": 4}) if detail == "kernel-too-long" else row
        yield asked("output-shape", detail, _output_shape(list(shape)))


def _output_shape(shape: list[Any]) -> Step:
    return Step("output_shape", options={"shape": shape})


def _knowns(problem: Problem, rank: int) -> list[list[Any]]:
    """The input's shape with all sizes, without the batch, without a length, channels only."""
    shape: list[Any] = list(problem.shape)
    early = problem.arguments.get("data_format") == "channels_first"
    channels, first = (1, 2) if early else (rank + 1, 1)
    one = [None if i == first else n for i, n in enumerate(shape)]
    none = [n if i == channels else None for i, n in enumerate(shape)]
    return [shape, [None, *shape[1:]], one, none]


def gradient_rows(name: str) -> Iterator[Case]:
    """Gradients of input, kernels and bias."""
    small: dict[str, Any] = {}
    variants: list[dict[str, Any]] = [
        *({"dtype": d} for d in (*FLOATS, *MIXED)),
        {"padding": "same"},
        {"strides": 2},
        {"strides": 2, "padding": "same"},
        {"use_bias": False},
        {"activation": "relu"},
        {"trainable": False},
    ]
    if name not in TRANSPOSED:
        variants += [{"dilation_rate": 2, "padding": "same", "kernel_size": 2}]
    if name in MULTIPLIED:
        variants.append({"depth_multiplier": 2, "kernel_size": 2})
    if name == "Conv1D":
        variants.append({"padding": "causal"})
    if name in PLAIN:
        variants.append({"groups": 2, "filters": 2, "kernel_size": 2})
    for arguments in variants:
        chosen = basic_shape(name)
        if "groups" in arguments:
            chosen = (1, *[2] * rank_of(name), 4)
        if name in TRANSPOSED and "strides" in arguments:
            chosen, small = (1, *[2] * rank_of(name), 3), {"filters": 1}
        elif arguments.get("depth_multiplier"):
            chosen = (1, *[3] * rank_of(name), 2)
        yield Rows(name).asked(
            "gradient",
            arguments_text(arguments),
            GRADIENT,
            shape=chosen,
            x=wave if "activation" in arguments else thirds,
            flags="gradient",
            **small | arguments,
        )
    yield Rows(name).asked("gradient", "between-calls", CALL, GRADIENT, CALL, flags="gradient")


_REGULARIZERS: Final = {
    "l2": "l2",
    "L1": regularizer("L1", l1=0.25),
    "L1L2": short_record("L1L2", {"l1": 0.5, "l2": 0.125}),
}


def loss_rows(name: str) -> Iterator[Case]:
    """Penalties of each weight and of the outputs."""
    row = based(name).given(arguments={"kernel_size": 2}, flags="losses")
    problem = Problem(name, row.common["arguments"], basic_shape(name))
    steps = (built(name), set_weights(values(problem)), LOSSES)
    for part in parts(name):
        argument = f"{part}_regularizer"
        prefix = f"{part}="
        yield from row.table("losses", _REGULARIZERS, *steps, argument=argument, prefix=prefix)
    everything: dict[str, Any] = {f"{part}_regularizer": "l2" for part in parts(name)}
    yield row("losses", "all-weights", *steps, arguments=everything)
    active: dict[str, Any] = {"x": wave, "flags": "losses", "kernel_size": 2}
    active["activity_regularizer"] = regularizer("L2", l2=0.25)
    yield row.asked("losses", "activity", CALL, LOSSES, **active)
    yield row.asked("losses", "activity-and-weights", CALL, LOSSES, **active, **everything)
