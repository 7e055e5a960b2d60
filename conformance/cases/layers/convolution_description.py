"""Convolution layers: weights, initial values, output shapes, gradients, penalties."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.initializers.common import tolerance as drawn
from conformance.cases.inputs import thirds, wave
from conformance.cases.layers.convolution_common import (
    CALL,
    DEPTHWISE,
    GRADIENT,
    LOSSES,
    MIXED,
    PLAIN,
    SEPARABLE,
    TRANSPOSED,
    WEIGHTS,
    Problem,
    Rows,
    arguments_text,
    basic_shape,
    basis,
    build,
    built,
    instance,
    parts,
    rank_of,
    set_weights,
    values,
)
from conformance.model import COMPUTED, FLOATS, Case, Reference, Step, Tolerance

KERAS2: Final = ("keras2",)
GET_WEIGHTS: Final = Step("get_weights")


def weight_rows(name: str) -> Iterator[Case]:
    """Names, shapes, dtypes and order of the weights; initial values; which of them are trained."""
    row = Rows(name)
    variants: list[dict[str, Any]] = [
        {},
        {"use_bias": False},
        {"data_format": "channels_first"},
        {"trainable": False},
        *({"dtype": d} for d in ("float64", "bfloat16", *MIXED)),
    ]
    if name in PLAIN:
        variants.append({"groups": 2, "filters": 4, "kernel_size": 2})
    if name in SEPARABLE or name in DEPTHWISE:
        variants.append({"depth_multiplier": 2})
    for arguments in variants:
        shape = (1, *[3] * rank_of(name), 4) if "groups" in arguments else basic_shape(name)
        first = build(None, *shape[1:])
        yield row(
            "weights",
            arguments_text(arguments),
            first,
            WEIGHTS,
            Step("set", options={"trainable": True}),
            WEIGHTS,
            arguments=basis(name) | arguments,
            flags=("weights",),
        )
    yield row.asked(
        "weights",
        "values",
        GET_WEIGHTS,
        set_weights(_others(name)),
        GET_WEIGHTS,
        CALL,
        flags=("weights",),
    )
    called = Problem(name, basis(name), basic_shape(name))
    yield row(
        "weights",
        "built-by-the-call",
        CALL,
        WEIGHTS,
        GET_WEIGHTS,
        arguments=basis(name) | {f"{part}_initializer": "ones" for part in parts(name)},
        inputs=(thirds(called.shape),),
        tolerance=COMPUTED,
        flags=("weights",),
    )


def _others(name: str) -> Any:
    return values(Problem(name, basis(name), basic_shape(name)), thirds)


def initializer_rows(name: str) -> Iterator[Case]:
    """Each weight's initializer: by name, as an object, as a configuration; whose fans it sees."""
    row = Rows(name)
    problem = Problem(name, basis(name), basic_shape(name))
    for number, part in enumerate(parts(name)):
        for detail, value in {
            "ones": "ones",
            "Constant": instance("initializers.Constant", value=0.5),
            "config": {"class_name": "Constant", "config": {"value": -2.0}},
            "class": Reference("class", "initializers.Ones"),
        }.items():
            rest = {f"{p}_initializer": "zeros" for p in parts(name) if p != part}
            yield row(
                "initializers",
                f"{part}={detail}",
                built(name),
                GET_WEIGHTS,
                arguments=basis(name) | rest | {f"{part}_initializer": value},
                flags=("initializer",),
            )
        if part != "bias":
            seeded = {"seed": 11}
            # One weight only, since a law is that of every value.
            rest = {f"{p}_initializer": "zeros" for p in parts(name) if p != part}
            for kind in ("GlorotUniform", "HeUniform", "LecunUniform"):
                shape = problem.weights()[number]
                found = drawn(kind, seeded, shape)
                if name in SEPARABLE:
                    found = Tolerance()
                yield row(
                    "initializers",
                    f"{part}={kind}",
                    built(name),
                    GET_WEIGHTS,
                    arguments=basis(name)
                    | rest
                    | {f"{part}_initializer": instance(f"initializers.{kind}", **seeded)}
                    | {"use_bias": False},
                    tolerance=found,
                    flags=("initializer", "fans"),
                )


def shape_rows(name: str) -> Iterator[Case]:
    """What the layer says of the shape of its output, sizes unknown, and layers not built."""
    row = Rows(name)
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
    if name in SEPARABLE or name in DEPTHWISE:
        variants.append({"depth_multiplier": 3})
    if name == "Conv1D":
        variants.append({"padding": "causal", "dilation_rate": 2})
    for arguments in variants:
        problem = Problem(name, basis(name) | arguments, large)
        steps = [Step("output_shape", options={"shape": known}) for known in _knowns(problem, rank)]
        yield row(
            "output-shape",
            arguments_text(arguments),
            Step("build", options={"shape": list(problem.shape)}),
            *steps,
            arguments=basis(name) | arguments,
            flags=("output-shape",),
        )
    for detail, shape in {
        "not-built": large,
        "kernel-too-long": (2, *[1] * rank, 4),
        **({"rank-less": large[1:], "rank-more": (3, *large)} if name in PLAIN else {}),
        "batch-zero": (0, *large[1:]),
    }.items():
        arguments = {"kernel_size": 4} if detail == "kernel-too-long" else {}
        yield row(
            "output-shape",
            detail,
            Step("output_shape", options={"shape": list(shape)}),
            arguments=basis(name) | arguments,
            flags=("output-shape",),
        )


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
    row = Rows(name)
    small: dict[str, Any] = {}
    shape = basic_shape(name)
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
    if name in SEPARABLE or name in DEPTHWISE:
        variants.append({"depth_multiplier": 2, "kernel_size": 2})
    if name == "Conv1D":
        variants.append({"padding": "causal"})
    if name in PLAIN:
        variants.append({"groups": 2, "filters": 2, "kernel_size": 2})
    for arguments in variants:
        chosen = shape
        if "groups" in arguments:
            chosen = (1, *[2] * rank_of(name), 4)
        if name in TRANSPOSED and "strides" in arguments:
            chosen, small = (1, *[2] * rank_of(name), 3), {"filters": 1}
        elif arguments.get("depth_multiplier"):
            chosen = (1, *[3] * rank_of(name), 2)
        yield row.asked(
            "gradient",
            arguments_text(arguments),
            GRADIENT,
            shape=chosen,
            x=wave if "activation" in arguments else thirds,
            flags=("gradient",),
            **small | arguments,
        )


def loss_rows(name: str) -> Iterator[Case]:
    """Penalties of each weight and of the outputs."""
    row = Rows(name)
    small = basis(name) | {"kernel_size": 2}
    problem = Problem(name, small, basic_shape(name))
    regularizers: dict[str, Any] = {
        "l2": "l2",
        "L1": instance("regularizers.L1", l1=0.25),
        "L1L2": {"class_name": "L1L2", "config": {"l1": 0.5, "l2": 0.125}},
    }
    for part in parts(name):
        for detail, value in regularizers.items():
            yield row(
                "losses",
                f"{part}={detail}",
                built(name),
                set_weights(values(problem)),
                LOSSES,
                arguments=small | {f"{part}_regularizer": value},
                tolerance=COMPUTED,
                flags=("losses",),
            )
    everything: dict[str, Any] = {f"{part}_regularizer": "l2" for part in parts(name)}
    yield row(
        "losses",
        "all-weights",
        built(name),
        set_weights(values(problem)),
        LOSSES,
        arguments=small | everything,
        tolerance=COMPUTED,
        flags=("losses",),
    )
    for weights in (False, True):
        yield row.asked(
            "losses",
            "activity-and-weights" if weights else "activity",
            CALL,
            LOSSES,
            x=wave,
            flags=("losses",),
            kernel_size=2,
            activity_regularizer=instance("regularizers.L2", l2=0.25),
            **(everything if weights else {}),
        )
