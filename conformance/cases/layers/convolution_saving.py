"""Convolution layers: configurations, what is rebuilt from them, training."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.inputs import every_pair, thirds, wave
from conformance.cases.layers.convolution_common import (
    CONFIG,
    DEPTHWISE,
    PLAIN,
    SEPARABLE,
    TRANSPOSED,
    Problem,
    Rows,
    arguments_text,
    basic_shape,
    basis,
    build,
    built,
    instance,
    parts,
    set_weights,
    values,
)
from conformance.model import COMPUTED, DIALECTS, Case, Reference, Step

KERAS2: Final = ("keras2",)
GET_WEIGHTS: Final = Step("get_weights")


def _instance(name: str, **arguments: Any) -> Reference:
    return Reference("instance", name, arguments)


def config_rows(name: str) -> Iterator[Case]:
    """Configurations and what is rebuilt from them."""
    row = Rows(name)
    roles: dict[str, Any] = {}
    for part in parts(name):
        roles[f"{part}_initializer"] = ("ones", instance("initializers.Constant", value=0.5))
        roles[f"{part}_regularizer"] = (None, instance("regularizers.L1L2", l1=0.5, l2=0.25))
        roles[f"{part}_constraint"] = (None, "NonNeg", instance("constraints.MaxNorm", axis=0))
    roles["activity_regularizer"] = (None, "l2")
    roles["use_bias"] = (True, False)
    roles["activation"] = (None, "relu")
    vias = ("from_config", "serialize")
    for number, arguments in enumerate(every_pair(**roles)):
        yield row(
            "config",
            f"pair-{number}",
            Step("roundtrip", options={"via": vias[number % 2]}),
            built(name),
            CONFIG,
            arguments=basis(name) | arguments,
            flags=("config", "pairwise"),
        )
    variants: list[dict[str, Any]] = [
        {},
        {"strides": 2, "padding": "same"},
        {"dilation_rate": 2, "padding": "SAME"},
        {"data_format": "channels_first", "trainable": False},
        {"dtype": "float64"},
        {"dtype": "mixed_float16"},
    ]
    if name in PLAIN:
        variants.append({"groups": 2, "filters": 4})
    if name in TRANSPOSED:
        variants.append({"strides": 2, "output_padding": 1})
    if name in SEPARABLE or name in DEPTHWISE:
        variants.append({"depth_multiplier": 2})
    for arguments in variants:
        for via in (*vias, "legacy") if arguments in ({}, variants[-1]) else vias:
            yield row(
                "roundtrip",
                f"{via}-{arguments_text(arguments)}",
                Step("roundtrip", options={"via": via}),
                CONFIG,
                arguments=basis(name) | arguments,
                dialects=KERAS2 if via == "legacy" else DIALECTS,
                flags=("config",),
            )
    names: list[Any] = ["name", "kernel_size", "strides", "padding", "data_format", "dilation_rate"]
    names += ["use_bias", "built", "trainable", "dtype", "compute_dtype", "variable_dtype"]
    names += ["filters"] if "filters" in basis(name) else []
    names += ["groups"] if name in PLAIN else ["output_padding"] if name in TRANSPOSED else []
    names += ["depth_multiplier"] if name in (*SEPARABLE, *DEPTHWISE) else []
    for arguments in ({}, {"strides": 2, "padding": "SAME", "dtype": "mixed_bfloat16"}):
        yield row(
            "attributes",
            arguments_text(arguments),
            Step("attributes", options={"names": names}),
            arguments=basis(name) | arguments,
            flags=("config",),
        )


def fit_rows(name: str) -> Iterator[Case]:
    """A step of training with a penalty and a constraint on each weight."""
    row = Rows(name)
    problem = Problem(name, basis(name) | {"padding": "same"}, basic_shape(name))
    target = (*problem.shape[:-1], problem.filters)
    part = parts(name)[0]
    arguments: dict[str, Any] = basis(name) | {
        "padding": "same",
        f"{part}_constraint": "NonNeg",
        f"{part}_regularizer": "l2",
        "bias_constraint": instance("constraints.MaxNorm", max_value=0.5),
    }
    for other in parts(name)[1:-1]:
        arguments[f"{other}_constraint"] = "UnitNorm"
    yield row(
        "fit",
        "step",
        build(None, *problem.shape[1:]),
        set_weights(values(problem)),
        Step(
            "fit",
            0,
            {
                "target": 1,
                "optimizer": instance("optimizers.SGD", learning_rate=1 / 64),
                "loss": "mse",
                "epochs": 1,
                "batch_size": problem.batch,
            },
        ),
        arguments=arguments,
        inputs=(wave(problem.shape), thirds(target)),
        tolerance=COMPUTED,
        flags=("fit",),
    )
